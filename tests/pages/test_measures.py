"""RCCB and HOvJ advise, take, look again and stop: each with a form, and each refusal at the form (S-SBB-07, -14)."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.given import decided
from tests.pages.visiting import Visitor, Way, look
from tests.stack import Stack


def line(person: Visitor, part: str, measure: str, place: str, addressee: str) -> None:
    """Fills in one measure of advice."""
    page = person.page
    page.locator(f"#f-lines-{part}-type").select_option(measure)
    page.locator(f"#f-lines-{part}-place").select_option(place)
    page.locator(f"input[name='lines.{part}.addressee'][value='{addressee}']").check()
    page.locator(f"input[name='lines.{part}.above_pkvw'][value='false']").check()


def test_rccb_advises_several_measures_without_scripts(running: Stack, visit: Callable[..., Visitor]) -> None:
    case, _ = decided(running)
    analyst = visit("rccb-1", scripts=False)
    analyst.open(f"/assessment/maatregelen/{case}")
    assert "Er zijn maatregelen nodig" in analyst.text()
    analyst.follow("Geef advies over maatregelen")
    analyst.press("Geef dit advies")
    assert analyst.page.title().startswith("Fout: ") and "Vul ten minste één maatregel in." in analyst.text()
    line(analyst, "a", "alarm", "home", "municipality")
    analyst.page.locator("summary", has_text="Maatregel 2").click()
    line(analyst, "b", "locks", "home", "person")
    analyst.press("Geef dit advies")
    assert "Alarm, thuis" in analyst.text() and "Goede sloten, thuis" in analyst.text()
    assert analyst.text().count("Wacht op antwoord") == 2 and "Er zijn maatregelen nodig" not in analyst.text()


def test_what_the_state_does_is_told_of_confirmed_announced_and_only_then_stopped(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    case, _ = decided(running)
    officer = visit("hovj-1")
    officer.open(f"/assessment/maatregelen/{case}/nemen")
    look(officer, "measures-take")
    officer.page.get_by_label("Welke maatregel?").select_option("personal-protection")
    officer.page.get_by_label("Waar?").select_option("home")
    officer.choose("Ja, wij deden dit al")
    officer.fill("Waarom is dit nodig?", "Er stond iemand met een mes.")
    officer.press("Leg dit vast")
    assert "Dit is het uiterste middel." in officer.text(), "said at the field, and nothing that was typed is gone"
    officer.fill("Waarom is iets lichters niet genoeg? (niet verplicht)", "Toezicht hielp niet.")
    officer.press("Leg dit vast")
    assert "Er stond iemand met een mes." in officer.text() and "Nog niet bevestigd" in officer.text()
    look(officer, "measures-case")
    officer.press("Bevestig wat de politie al deed")
    assert "Nog niet bevestigd" not in officer.text()
    officer.follow("Stop maatregelen")
    officer.choose("Beveiliging van de persoon, thuis")
    officer.fill("Waarom stoppen ze?", "Het is weer rustig.")
    officer.press("Stop deze maatregelen")
    assert "Kondig het einde eerst aan" in officer.text()
    officer.open(f"/assessment/maatregelen/{case}/aankondigen")
    officer.page.locator("#f-ends_at-date").fill("2199-01-01")
    officer.press("Vertel dit de persoon")
    assert "Kies om welke maatregelen het gaat." in officer.text()
    officer.choose("Beveiliging van de persoon, thuis")
    officer.press("Vertel dit de persoon")
    assert "één maatregel stopt op 1 januari 2199" in officer.text()


def test_the_list_says_which_advice_is_not_followed_and_opens_by_keyboard(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    case, _ = decided(running)
    glass = {"type": "alarm", "place": "home", "above_pkvw": True, "addressee": "person"}
    own = running.call(f"/assessment/v1/measures/{case}/advice", "rccb", "rccb-1", {"lines": [glass]})
    no = {"measure": own["measures"][0]["id"]}
    running.call(f"/assessment/v1/my-measures/{case}/declined", "office-holder", "demo-1", no)
    analyst = visit("rccb-1", way=Way.KEYBOARD)
    analyst.follow("Maatregelen")
    look(analyst, "measures-lists")
    analyst.follow(case[:8])
    assert "Een advies wordt niet gevolgd" in analyst.text()
    analyst.follow("Laat de maatregelen lopen")
    analyst.fill("Over hoeveel dagen kijkt u opnieuw? (niet verplicht)", "40")
    analyst.page.keyboard.press("Enter")
    analyst.page.wait_for_selector("#fouten")
    assert "Dit moet 30 of minder zijn." in analyst.text()


def test_others_have_no_such_pages(running: Stack, visit: Callable[..., Visitor]) -> None:
    case, _ = decided(running)
    for account in ("agent-1", "secretaris-1"):
        other = visit(account)
        for path in ("", f"/{case}", f"/{case}/stoppen"):
            other.open(f"/assessment/maatregelen{path}")
            assert "Deze rol mag dit niet." in other.text()
