"""A municipality enters costs, reads by which rule who pays, disagrees, and asks the ministry (S-KST, S-VAN-04)."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.given import decided
from tests.pages.test_advice import advised
from tests.pages.visiting import Visitor, Way, look
from tests.stack import Stack, eventually


def costs_of(running: Stack, handler: Visitor) -> None:
    """Opens the costs of a case in which glass and an alarm were just advised."""
    before = set(links(handler))
    advised(running)
    fresh: list[str] = []

    def there() -> bool:
        fresh[:] = sorted(set(links(handler)) - before)
        return bool(fresh)

    eventually(there, 30)

    def known() -> bool:
        handler.open(fresh[0])
        return "Wat zeggen de regels?" in handler.text()

    eventually(known, 30)


def links(handler: Visitor) -> list[str]:
    """The addresses of costs on the list of advice."""
    handler.open("/assessment/adviezen")
    found: list[str] = handler.page.locator("a[href^='/funding/kosten/']").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    return found


def test_costs_are_entered_with_the_rule_disputed_and_judged_by_another(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    handler = visit("secretaris-1", way=Way.NO_SCRIPT)
    costs_of(running, handler)
    assert "Een maatregel wacht nooit op geld." in handler.text()
    handler.press("Bewaar de kosten")
    assert handler.page.title().startswith("Fout: ")
    handler.page.get_by_label("Waarvoor?").select_option(label="Alarm, thuis")
    handler.press("Bewaar de kosten")
    assert "Vul ten minste één bedrag in" in handler.text()
    handler.fill("Euro voor extra beveiliging (niet verplicht)", "veel")
    handler.press("Bewaar de kosten")
    assert handler.page.get_by_label("Euro voor extra beveiliging (niet verplicht)").input_value() == "veel"
    handler.fill("Euro voor extra beveiliging (niet verplicht)", "1.250,50")
    handler.press("Bewaar de kosten")
    row = " ".join(handler.page.locator("tbody tr").first.inner_text().split())
    assert "€ 1.250,50" in row.replace("\xa0", " ") and "de gemeente" in row and "(regel K" in row
    handler.follow("Bent u het niet eens met wie betaalt?")
    handler.press("Vraag een ander om te kijken")
    assert handler.page.title().startswith("Fout: ")
    handler.page.get_by_label("Om welke kosten gaat het?").select_option(index=1)
    handler.fill("Waarom bent u het niet eens?", "Dit is geen gewoon huis.")
    handler.press("Vraag een ander om te kijken")
    assert "iemand is het er niet mee eens" in handler.text()
    handler.follow("Zeg wie betaalt")
    assert "Dit is geen gewoon huis." in handler.text()
    handler.page.get_by_label("Om welke kosten gaat het?").select_option(index=1)
    handler.choose("De gemeente")
    handler.fill("Waarom kiest u dit?", "Zo hoort het.")
    handler.press("Leg vast")
    assert handler.page.title().startswith("Fout: "), "who disagreed does not judge"


def test_a_contribution_is_asked_in_five_minutes_without_everything_there(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    call = {"municipality": "9901", "channel": "phone", "motivation": "Ging over glas."}
    running.call("/funding/v1/requests", "bzk", "bzk-1", call)
    handler = visit("secretaris-1", way=Way.KEYBOARD)
    costs_of(running, handler)
    handler.pick(handler.page.get_by_label("Waarvoor?"), options(handler)[0])
    handler.fill("Euro voor extra beveiliging (niet verplicht)", "38.000")
    handler.press("Bewaar de kosten")
    handler.follow("Vraag een bijdrage van het ministerie")

    def counted() -> bool:
        handler.page.reload()
        return "38.000,00" in handler.text()

    eventually(counted, 30)
    assert "De aangifte is nog niet bevestigd door de politie." in handler.text()
    handler.fill("Waarom kan de gemeente dit niet zelf betalen? (niet verplicht)", "Wij zijn een kleine gemeente.")
    handler.press("Vraag de bijdrage")
    assert (
        handler.page.title().startswith("Fout: ")
        and "Kies of deze aanvraag bij een telefoontje hoort." in handler.text()
    )
    assert "Ging over glas." in handler.text()
    handler.choose("Geen van deze")
    handler.press("Vraag de bijdrage")
    assert "kan nog worden aangevuld" in handler.text() and "Wij zijn een kleine gemeente." in handler.text()


def test_a_line_is_paid_once_it_is_known_what_it_really_cost(running: Stack, visit: Callable[..., Visitor]) -> None:
    handler = visit("secretaris-1")
    costs_of(running, handler)
    handler.page.get_by_label("Waarvoor?").select_option(label="Alarm, thuis")
    handler.fill("Euro voor extra beveiliging (niet verplicht)", "900")
    handler.press("Bewaar de kosten")
    here = handler.page.url
    handler.open(f"{here}/betaald")
    assert "Er is niets om op betaald te zetten." in handler.text()
    handler.open(here)
    handler.follow("Vul in wat het echt kostte")
    handler.page.get_by_label("Om welke kosten gaat het?").select_option(index=1)
    handler.fill("Euro, zoals op de rekening", "875,25")
    handler.press("Bewaar dit")
    handler.follow("Zeg wat betaald is")
    look(handler, "costs-settle")
    handler.press("Dit is betaald")
    assert handler.page.title().startswith("Fout: ")
    handler.page.get_by_label("Wat is betaald?").select_option(index=1)
    handler.press("Dit is betaald")
    row = " ".join(handler.page.locator("tbody tr").first.inner_text().split()).replace("\xa0", " ")
    assert "echt € 875,25" in row and row.endswith("betaald")
    assert not handler.page.get_by_role("link", name="Zeg wat betaald is").count()


def options(handler: Visitor) -> list[str]:
    """What can be chosen in the list of measures."""
    found: list[str] = handler.page.locator("#f-measure option[value]:not([value=''])").evaluate_all(
        "all => all.map(one => one.value)"
    )
    return found


def test_the_ministry_notes_a_call_with_one_needed_field(visit: Callable[..., Visitor]) -> None:
    ministry = visit("bzk-1")
    ministry.follow("Aanvragen")
    ministry.follow("Schrijf een telefoontje op")
    ministry.press("Bewaar de aanvraag")
    assert ministry.page.title().startswith("Fout: ")
    look(ministry, "call-mistake")
    ministry.page.get_by_label("Welke gemeente belde?").select_option("9901")
    ministry.press("Bewaar de aanvraag")
    assert "kan nog worden aangevuld" in ministry.text()


def test_the_pages_are_good_and_only_the_municipality_has_them(running: Stack, visit: Callable[..., Visitor]) -> None:
    handler = visit("secretaris-1")
    costs_of(running, handler)
    page = handler.page
    page.get_by_label("Waarvoor?").select_option(index=1)
    handler.fill("Euro voor wat elk huis nodig heeft (niet verplicht)", "100")
    handler.press("Bewaar de kosten")
    here = page.url
    look(handler, "costs-one")
    handler.open(f"{here}/oneens")
    look(handler, "costs-dispute")
    page.get_by_label("Om welke kosten gaat het?").select_option(index=1)
    handler.fill("Waarom bent u het niet eens?", "Dat is te weinig.")
    handler.press("Vraag een ander om te kijken")
    handler.open(f"{here}/betaler")
    look(handler, "costs-classify")
    handler.open("/funding/kosten")
    look(handler, "costs-list")
    handler.open(here.replace("/kosten/", "/vangnet/vragen/"))
    look(handler, "safety-net-ask")
    for account in ("secretaris-2", "bzk-1", "rccb-1"):
        other = visit(account)
        other.open(here)
        assert "Deze rol mag dit niet." in other.text() or "niet bekend" in other.text()


def test_a_person_enters_an_own_bill_and_disagrees(running: Stack, visit: Callable[..., Visitor]) -> None:
    """R-KST-10: who pays and why; of what the municipality pays no amount."""
    case, _ = decided(running, "wethouder-1")
    lines = [
        {"type": "locks", "place": "home", "above_pkvw": False, "addressee": "person"},
        {"type": "alarm", "place": "home", "above_pkvw": True, "addressee": "municipality"},
    ]
    running.call(f"/assessment/v1/measures/{case}/advice", "rccb", "rccb-1", {"lines": lines})
    person = visit("wethouder-1")

    def there() -> bool:
        person.open(f"/intake/dossier/{case}")
        return "kosten invullen" in person.text() and "sloten" in person.text()

    eventually(there, 30)
    look(person, "dossier-with-measures")
    person.follow("Waarom dit zo is, en kosten invullen")
    person.unfold("Vul kosten in van iets dat de politie u adviseerde")
    person.press("Bewaar de kosten")
    assert person.page.title().startswith("Fout: ")
    look(person, "own-costs-mistake")
    person.page.get_by_label("Waarvoor?").select_option(index=1)
    person.fill("Euro voor wat elk huis nodig heeft (niet verplicht)", "1.250,50")
    person.press("Bewaar de kosten")
    row = " ".join(person.page.locator("tbody tr").first.inner_text().split()).replace("\xa0", " ")
    assert "€ 1.250,50" in row and "de persoon" in row
    person.unfold("Vul kosten in van iets dat u zelf wilde")
    person.page.get_by_label("Wat kocht u?").select_option("camera")
    person.page.get_by_label("Voor welke plek?").select_option("home")
    person.fill("Hoeveel euro?", "300")
    person.press("Bewaar dit")
    assert "€ 300,00" in person.text().replace("\xa0", " ")
    person.unfold("Bent u het niet eens met wie betaalt?")
    person.page.get_by_label("Om welke kosten gaat het?").select_option(index=1)
    person.fill("Waarom bent u het niet eens?", "Dit hoort bij het advies.")
    person.press("Vraag een ander om te kijken")
    assert "iemand is het er niet mee eens" in person.text()
    look(person, "own-costs")
    person.follow("Vul in wat het echt kostte")
    person.page.get_by_label("Om welke kosten gaat het?").select_option(index=2)
    person.fill("Euro, zoals op de rekening", "280")
    person.press("Bewaar dit")
    person.follow("Zeg wat betaald is")
    look(person, "own-costs-settle")
    person.page.get_by_label("Wat is betaald?").select_option(index=1)
    person.press("Dit is betaald")
    rows = [" ".join(one.split()).replace("\xa0", " ") for one in person.page.locator("tbody tr").all_inner_texts()]
    assert [row for row in rows if "camera" in row.lower() and "betaald" in row], rows
    other = visit("burgemeester-1")
    other.open(f"/funding/mijn-kosten/{case}")
    assert "€" not in other.text()
