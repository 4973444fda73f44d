"""Somebody asks to be called with one number; the IVP sees who waits, and how long still (R-IVP-04, E2E-5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.pages.visiting import Visitor, look
from tests.stack import Stack, eventually


def test_one_number_is_enough_and_nothing_is_promised_over_the_web(visit: Callable[..., Visitor]) -> None:
    person = visit(scripts=False)
    person.open("/aftercare/hulp")
    assert "0418-683444" in person.text() and "wij kunnen niet beloven hoe snel" in person.text()
    person.press("Bel mij terug")
    assert person.page.title().startswith("Fout: ") and "Vul één telefoonnummer in." in person.text()
    person.fill("Uw telefoonnummer", "0612345678")
    person.press("Bel mij terug")
    assert "Wij bellen u" in person.text() and "Nummer van uw vraag" in person.text()


def test_the_ivp_notes_a_call_sees_its_clock_and_stops_it(visit: Callable[..., Visitor]) -> None:
    worker = visit("ivp-1")
    worker.follow("Terugbellen")
    worker.follow("Schrijf een telefoontje op")
    look(worker, "callback-note")
    worker.fill("Telefoonnummer", "0687654321")
    worker.fill("Naam (niet verplicht)", "Raadslid Proef")
    worker.press("Bewaar en start de klok")
    card = worker.page.locator("section.card", has_text="Raadslid Proef")
    assert "Op tijd" in card.inner_text() and "nog 2" in card.inner_text(), "thirty minutes, of which some seconds went"
    look(worker, "callback-board")
    worker.press("Geen gehoor bij Raadslid Proef")
    assert "Al gebeld zonder gehoor\n1" in card.inner_text()
    worker.press("Er is contact met Raadslid Proef")
    assert not card.count()
    worker.follow("Cijfers")
    assert worker.page.locator("svg.chart").count() == 2 and "Dezelfde cijfers per maand" in worker.text()
    look(worker, "callback-figures")


def test_only_the_ivp_has_the_board_and_the_pages_for_asking_are_good(visit: Callable[..., Visitor]) -> None:
    officer = visit("agent-1")
    officer.open("/aftercare/terugbellen")
    assert "Geen toegang" in officer.text()
    look(officer, "403")
    person = visit()
    person.open("/aftercare/hulp")
    look(person, "callback-ask")
    person.open("/intake/hulp")
    assert "Vertrouwenslijn" in person.text() and "bel dit nummer niet" in person.text()
    look(person, "help")
    person.open("/intake/privacy")
    look(person, "privacy")


LISTEN = """
window.beeps = 0;
window.AudioContext = class {
  currentTime = 0; destination = null;
  createOscillator() { return {frequency: {}, connect() {}, start() { window.beeps += 1; }, stop() {}}; }
  close() {}
};
"""
"""Counts what would be heard: a test has no ears."""


def test_a_call_that_is_almost_too_late_rings_when_the_sound_is_on(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    """Twenty and twenty-five minutes after the call, also while somebody types in the list (R-IVP-04)."""
    worker = visit("ivp-1")
    page = worker.page
    page.add_init_script(LISTEN)
    worker.open("/aftercare/terugbellen")
    button = page.get_by_role("button", name="Geluid bij bijna te laat")
    button.click()
    assert button.get_attribute("aria-pressed") == "true" and page.evaluate("window.beeps") == 1
    for minutes, number in ((21, "0633333301"), (26, "0633333302")):
        called = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
        running.call("/aftercare/v1/callbacks", "ivp", "ivp-1", {"phone": number, "called_at": called})
        before = page.evaluate("window.beeps")

        def rang(least: int = before) -> bool:
            page.evaluate("refresh(document.getElementById('bord'))")
            return bool(page.evaluate("window.beeps") > least)

        eventually(rang, 30)
        assert "Bel nu: er is een gesprek bijna of al te laat." in worker.text()
    page.get_by_role("button", name="Geluid bij bijna te laat").click()
    assert button.get_attribute("aria-pressed") == "false"
    look(worker, "callback-ringing")
    silent = visit("ivp-1", scripts=False)
    silent.open("/aftercare/terugbellen")
    assert "Bijna te laat" in silent.text() and "Bel nu: volgende medewerker" in silent.text()
    assert not silent.page.get_by_role("button", name="Geluid bij bijna te laat").is_visible()
