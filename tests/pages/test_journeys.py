"""The stories of acceptance (docs/scenarios.md) at the browser, each role at its own pages: with the mouse, without
JavaScript, and with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from tests.pages.visiting import Visitor, Way, look
from tests.stack import Stack, eventually

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ways = pytest.mark.parametrize("way", list(Way), ids=list(Way))
Visit = Callable[..., Visitor]


def cases(running: Stack) -> set[str]:
    """All that wait for the local police."""
    rows = running.call("/intake/v1/reports?pageSize=100", "police", "agent-1")
    return {row["case"] for row in rows}


def advice_on(handler: Visitor) -> list[str]:
    """The addresses of the persons on the municipality's list of advice: one for each case."""
    handler.open("/assessment/adviezen")
    found: list[str] = handler.page.locator("a[href^='/intake/personen/']").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    return found


def there(person: Visitor, path: str, text: str) -> None:
    """Opens a page again until this stands on it: what others did arrives a moment later."""

    def seen() -> bool:
        person.open(path)
        return text in person.text()

    eventually(seen, 30)


def reports(person: Visitor, *, office: str = "Wethouder", name: str = "Wethouder Voorbeeld") -> None:
    """Somebody reports a threat for themselves, page by page."""
    page = person.page
    person.open("/intake/melden")
    person.press("Begin")
    person.choose("Voor mijzelf")
    person.press("Verder")
    person.choose("Bedreiging")
    person.choose("Ja, dit is spoed")
    person.press("Verder")
    person.choose(office)
    person.pick(page.get_by_label("In welke gemeente?"), "9901")
    person.press("Verder")
    person.fill("Wat gebeurde er? (niet verplicht)", "Stenen door de ruit, en een briefje.")
    person.press("Verder")
    person.fill("Naam", name)
    person.fill("Telefoonnummer (niet verplicht)", "0600000000")
    person.press("Verder")


def advises(analyst: Visitor, case: str) -> None:
    """RCCB advises an alarm and glass to the municipality, and locks to the person."""
    analyst.follow("Geef advies over maatregelen")
    page = analyst.page
    lines = (
        ("alarm", "municipality", "true"),
        ("reinforced-glass", "municipality", "true"),
        ("locks", "person", "false"),
    )
    for number, (measure, addressee, above) in enumerate(lines):
        at = "abcdefgh"[number]
        if number:
            analyst.unfold(f"Maatregel {number + 1}")
        analyst.pick(page.locator(f"#f-lines-{at}-type"), measure)
        analyst.pick(page.locator(f"#f-lines-{at}-place"), "home")
        analyst.tick(page.locator(f"input[name='lines.{at}.addressee'][value='{addressee}']"))
        analyst.tick(page.locator(f"input[name='lines.{at}.above_pkvw'][value='{above}']"))
    analyst.press("Geef dit advies")


@ways
def test_the_village_alderman(running: Stack, visit: Visit, way: Way) -> None:
    """E2E-1: from the stones through the window to measures in place and money paid, each role with its own page."""
    alderman = visit("wethouder-1", way=way)
    reports(alderman)
    alderman.choose("Melden, en ik wil aangifte doen")
    alderman.press("Verder")
    alderman.press("Versturen")
    assert "Wij hebben het ontvangen" in alderman.text() and "112" in alderman.text()
    alderman.follow("Naar mijn dossier")
    found = re.search(r"/intake/dossier/([0-9a-f]{32})", alderman.page.url) or re.search(
        r"/intake/dossier/([0-9a-f]{32})", alderman.page.content()
    )
    assert found
    case = found[1]

    officer = visit("agent-1", way=way)
    there(officer, "/intake/werk", case[:8])
    officer.follow(f"in zaak {case[:8]}", exact=False)
    officer.choose("De aangifte opgenomen")
    officer.fill("Nummer in uw eigen systeem (niet verplicht)", "A-2016-7")
    officer.fill("Datum van mutatie, aangifte of onderzoek (niet verplicht)", "2016-03-15")
    officer.press("Leg vast")
    assert "15 maart 2016, nummer A-2016-7" in officer.text()

    analyst = visit("rccb-1", way=way)
    there(analyst, "/assessment/wegen", case[:8])
    analyst.follow(f"in zaak {case[:8]}", exact=False)
    analyst.choose("Ja")
    analyst.choose("Een persoon")
    analyst.fill("Waarom deze uitkomst?", "Stenen, een briefje, en het gaat door.")
    analyst.press("Leg de weging vast")

    decides = visit("hovj-1", way=way)
    there(decides, "/assessment/beslissen", case[:8])
    decides.follow(f"in zaak {case[:8]}", exact=False)
    decides.choose("Ja")
    decides.pick(decides.page.get_by_label("Hoe groot is de dreiging?"), "high")
    decides.fill("Waarom?", "Het gevaar is groot genoeg.")
    decides.press("Leg het besluit vast")
    assert "Het besluit" in decides.text()

    handler = visit("secretaris-1", way=way)
    before = set(advice_on(handler))
    there(analyst, f"/assessment/maatregelen/{case}", "Er zijn maatregelen nodig")
    advises(analyst, case)
    assert analyst.text().count("Wacht op antwoord") == 3

    (own,) = eventually(lambda: set(advice_on(handler)) - before, 30)
    page = handler.page
    for measure in ("Versterkt glas", "Alarm"):
        for answer in ("Wij doen dit (", "Het is klaar ("):
            cards = page.locator("section.card", has=page.locator(f"a[href='{own}']"))
            card = cards.filter(has=page.get_by_role("heading", name=measure))
            handler.go(card.get_by_role("button", name=answer))
    assert "Klaar" in handler.text()

    there(alderman, f"/intake/dossier/{case}", "sloten")
    told = " ".join(alderman.text().split())
    assert "Versterkt glas thuis de gemeente uitgevoerd" in told and "Goede sloten thuis de persoon zelf" in told
    assert "De politie nam de aangifte op." in told and "Geld De gemeente heeft BZK nog niet" in told

    costs = page.locator("section.card", has=page.locator(f"a[href='{own}']")).first.locator(
        "a[href^='/funding/kosten/']"
    )  # fmt: skip
    pays(handler, visit("bzk-1", way=way), str(costs.get_attribute("href")))
    there(alderman, f"/intake/dossier/{case}", "BZK heeft meebetaald aan de kosten van de gemeente.")


def pays(handler: Visitor, ministry: Visitor, costs: str) -> None:
    """The municipality enters costs and asks; the ministry grants less, settles and pays. Nobody waited for it."""
    there(handler, costs, "Wat zeggen de regels?")
    for number, euros in ((1, "30.000"), (2, "8.000")):
        handler.open(costs)
        handler.pick(handler.page.get_by_label("Waarvoor?"), option(handler, number))
        handler.fill("Euro voor extra beveiliging (niet verplicht)", euros)
        handler.press("Bewaar de kosten")
    ministry.open("/funding/vangnet/bellen")
    ministry.pick(ministry.page.get_by_label("Welke gemeente belde?"), "9901")
    ministry.press("Bewaar de aanvraag")
    call = urlsplit(ministry.page.url).path
    handler.follow("Vraag een bijdrage van het ministerie")
    asking = handler.page.url
    there(handler, asking, "38.000,00")
    handler.fill("Waarom kan de gemeente dit niet zelf betalen? (niet verplicht)", "Er was niets gereserveerd.")
    known = set(requests_of(ministry))
    assert call in known
    handler.tick(handler.page.locator("input[name=noted]").first)
    handler.press("Vraag de bijdrage")

    (asked,) = set(requests_of(ministry)) - known
    assert call not in requests_of(ministry), "the call gives way to the case"
    ministry.open(call)
    assert "De gemeente trok dit in op" in ministry.text()
    ministry.open(asked)
    assert "38.000,00" in ministry.text() and "Er was niets gereserveerd." in ministry.text()
    ministry.choose("Toekennen")
    ministry.fill("Bedrag in euro (niet verplicht)", "30000")
    ministry.fill("Waarom, of wat vraagt u?", "Te veel voor een kleine gemeente.")
    ministry.press("Leg vast")
    for number, euros in ((1, "29.000,50"), (2, "8.000")):
        handler.open(f"{costs}/echt")
        handler.pick(handler.page.get_by_label("Om welke kosten gaat het?"), option(handler, number, "line"))
        handler.fill("Euro, zoals op de rekening", euros)
        handler.press("Bewaar dit")
    handler.follow("Zeg wat betaald is")
    handler.pick(handler.page.get_by_label("Wat is betaald?"), option(handler, 1, "line"))
    handler.press("Dit is betaald")
    assert handler.page.locator("tbody td:last-child", has_text="betaald").count() == 1
    there(ministry, asked, "Wat doet u?")
    ministry.choose("Afrekenen")
    ministry.fill("Bedrag in euro (niet verplicht)", "29.500,50")
    ministry.fill("Waarom, of wat vraagt u?", "Zo staat het op de rekening.")
    ministry.press("Leg vast")
    assert "29.500,50" in ministry.text()
    ministry.choose("Het is betaald")
    ministry.press("Leg vast")
    assert "Betaald op" in ministry.text()
    handler.open("/funding/vangnet")
    assert "30.000,00" in handler.text() or "38.000,00" in handler.text()


def option(handler: Visitor, number: int, field: str = "measure") -> str:
    """What a list sends for its so manieth choice."""
    return str(handler.page.locator(f"#f-{field} option").nth(number).get_attribute("value"))


def requests_of(ministry: Visitor) -> list[str]:
    """The addresses of requests to decide about."""
    ministry.open("/funding/vangnet")
    found: list[str] = ministry.page.locator("tbody a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    return found


@ways
def test_who_reports_is_not_who_is_threatened(running: Stack, visit: Visit, way: Way) -> None:
    """E2E-3: the secretary reports for the mayor; police tell the mayor; the secretary gets no code."""
    before = cases(running)
    secretary = visit("collega-1", way=way)
    page = secretary.page
    secretary.open("/intake/melden")
    secretary.press("Begin")
    secretary.choose("Voor iemand anders")
    secretary.fill("Uw eigen naam (niet verplicht)", "Secretaris Voorbeeld")
    secretary.fill("Wie bent u voor die persoon? (niet verplicht)", "secretaris")
    secretary.press("Verder")
    secretary.choose("Bedreiging")
    secretary.choose("Ja, dit is spoed")
    secretary.press("Verder")
    secretary.choose("Burgemeester")
    secretary.pick(page.get_by_label("In welke gemeente?"), "9901")
    secretary.press("Verder")
    secretary.press("Verder")
    name = f"Burgemeester Proef {way.name.title()}"
    secretary.fill("Naam", name)
    secretary.press("Verder")
    secretary.choose("Melden")
    secretary.press("Verder")
    secretary.press("Versturen")
    assert "Wij hebben het ontvangen" in secretary.text() and "code" not in secretary.text()

    officer = visit("agent-1", way=way)
    officer.follow("Meldingen")
    (case,) = cases(running) - before
    officer.open(f"/intake/zaak/{case}")
    assert name in officer.text()
    assert "Vertel de persoon dat er gemeld is" in officer.text()
    officer.choose("De persoon weet dat er gemeld is")
    officer.press("Leg vast")
    assert "Er wacht hier niets op u." in officer.text()

    worker = visit("ivp-1", way=way)
    worker.follow("Terugbellen")
    worker.follow("Schrijf een telefoontje op")
    worker.fill("Telefoonnummer", "0611111111")
    worker.fill("Naam (niet verplicht)", f"Secretaris {way.name.title()}")
    worker.press("Bewaar en start de klok")
    assert f"Secretaris {way.name.title()}" in worker.text()
    worker.press(f"Er is contact met Secretaris {way.name.title()}")
    assert f"Secretaris {way.name.title()}" not in worker.text()


@ways
def test_at_night_without_a_name(visit: Visit, way: Way) -> None:
    """E2E-4: 112 first, who else can be called now, and a message that is read later; nothing of it elsewhere."""
    partner = visit(way=way)
    partner.open("/intake/")
    partner.follow("Eerst praten in vertrouwen")
    assert (
        "112" in partner.text() and "0418-683444" in partner.text() and "Een gesprek is geen melding." in partner.text()
    )
    partner.fill("Uw bericht", "Er belde vannacht weer iemand aan.")
    partner.press("Verstuur het bericht")
    assert "Bewaar deze code" in partner.text()
    code = partner.page.locator("section.next strong").inner_text()
    partner.open("/gesprek/")
    partner.fill("Uw code", code)
    partner.press("Lees het antwoord")
    assert "Er belde vannacht weer iemand aan." in partner.text()
    partner.press("Gooi alles nu weg")
    assert "Uw gesprek is weg" in partner.text()


@ways
def test_a_call_comes_too_late(visit: Visit, way: Way) -> None:
    """E2E-5: who asked 40 minutes ago is late: the board says so, and the miss stays in the figures."""
    worker = visit("ivp-1", way=way)
    worker.follow("Terugbellen")
    worker.follow("Schrijf een telefoontje op")
    page, name = worker.page, f"Raadslid {way.name.title()}"
    asked = datetime.now(AMSTERDAM) - timedelta(minutes=40)
    worker.fill("Telefoonnummer", "0622222222")
    worker.fill("Naam (niet verplicht)", name)
    worker.put(page.locator("#f-called_at-date"), asked.date().isoformat())
    worker.put(page.locator("#f-called_at-time"), f"{asked:%H:%M}")
    worker.press("Bewaar en start de klok")
    card = page.locator("section.card", has_text=name)

    def late() -> bool:
        worker.open("/aftercare/terugbellen")
        return "Te laat" in card.inner_text()

    eventually(late, 30)
    if way is Way.MOUSE:
        look(worker, "callback-late")
    worker.press(f"Er is contact met {name}")
    assert not card.count()
    worker.follow("Cijfers")
    assert "Dezelfde cijfers per maand" in worker.text()
