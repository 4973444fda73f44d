"""Every list of work is narrowed in the same way, also with the keyboard alone, and says what is left out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.pages.given import decided
from tests.pages.test_advice import advised
from tests.pages.test_journeys import there
from tests.pages.test_safety_net import CALL
from tests.pages.visiting import Visitor, Way, look
from tests.stack import REPORT, Stack

Visit = Callable[..., Visitor]
ways = pytest.mark.parametrize("way", list(Way), ids=list(Way))
PART = "Dit is een deel van de lijst."
THREE = {"kind": "threat", "office": "alderman", "municipality": "9901"}


def narrows(person: Visitor, label: str, word: str, button: str = "Toon deze zaken") -> None:
    """Chooses a word of the list, and has the list drawn again."""
    person.unfold("Zoek of kies")
    person.pick(person.page.get_by_label(f"{label} (niet verplicht)", exact=True), word)
    person.press(button)
    assert PART in person.text()


@ways
def test_who_weighs_narrows_the_list_and_opens_a_case_by_its_number(running: Stack, visit: Visit, way: Way) -> None:
    threat = running.report()
    violence = running.call("/intake/v1/reports", "office-holder", "demo-1", REPORT | {"kind": "violence"})["case"]
    analyst = visit("rccb-1", way=way)
    there(analyst, "/assessment/wegen", threat[:8])
    there(analyst, "/assessment/wegen", violence[:8])
    narrows(analyst, "Welke soort?", "violence")
    assert violence[:8] in analyst.text() and threat[:8] not in analyst.text()
    if way is Way.MOUSE:
        look(analyst, "weigh-narrowed")
    analyst.follow("Toon alles")
    assert threat[:8] in analyst.text() and PART not in analyst.text()
    analyst.unfold("Zoek of kies")
    analyst.fill("Nummer van de zaak", "abcdef0")
    analyst.press("Open de zaak")
    assert analyst.page.title().startswith("Fout: ") and "Deze zaak is niet bekend in uw eenheid." in analyst.text()
    analyst.fill("Nummer van de zaak", threat[:8])
    analyst.press("Open de zaak")
    assert re.search(r"/assessment/wegen/\w{10,}$", analyst.page.url)


def test_who_decides_has_own_list_narrowed(running: Stack, visit: Visit) -> None:
    officer = visit("hovj-1", scripts=False)
    officer.open("/assessment/beslissen?wacht=confirmation")
    assert "Geen zaken wachten." in officer.text() and PART in officer.text()
    officer.follow("Toon alles")
    assert officer.page.url.endswith("/assessment/beslissen")


def test_the_lists_of_measures_are_narrowed_together_and_a_case_without_work_is_found(
    running: Stack, visit: Visit
) -> None:
    case, _ = decided(running)
    analyst = visit("rccb-1")
    analyst.open("/assessment/maatregelen")
    look(analyst, "measures-lists")
    analyst.unfold("Zoek of kies")
    analyst.fill("Nummer van de zaak", case[:8])
    analyst.press("Open de zaak")
    assert analyst.page.url.endswith(f"/assessment/maatregelen/{case}")
    analyst.open("/assessment/maatregelen?gemeente=9901")
    assert PART in analyst.text()


def test_a_municipality_narrows_what_was_advised(running: Stack, visit: Visit) -> None:
    advised(running)
    handler = visit("secretaris-1")
    there(handler, "/assessment/adviezen", "Alarm")
    narrows(handler, "Welke maatregel?", "alarm", "Toon deze adviezen")
    headings = handler.page.locator("section.card h2").all_inner_texts()
    assert headings and all(one.startswith("Alarm") for one in headings)
    look(handler, "advice-narrowed")
    handler.page.get_by_role("button", name="Wij doen dit niet").first.click()
    assert handler.page.title().startswith("Fout: ") and PART in handler.text()
    handler.page.locator("#f-reason").fill("Het pand wordt verkocht.")
    handler.page.get_by_role("button", name="Wij doen dit niet").first.click()
    assert "De gemeente doet dit niet" in handler.text() and PART in handler.text(), "the list stays as it was chosen"


def test_bzk_narrows_its_list_and_stays_on_it(running: Stack, visit: Visit) -> None:
    case = running.call("/funding/v1/requests", "bzk", "bzk-1", CALL)["case"]
    ministry = visit("bzk-1")
    ministry.open("/funding/vangnet")
    narrows(ministry, "Hoe kwam de aanvraag binnen?", "phone", "Toon deze aanvragen")
    look(ministry, "safety-net-narrowed")
    ministry.fill("Nummer van de zaak (niet verplicht)", case[:8])
    ministry.press("Toon deze aanvragen")
    assert "Eén aanvraag." in ministry.text() and "lijst=to-decide" in ministry.page.url
    ministry.open("/funding/vangnet?lijst=to-pay&kanaal=mail")
    ministry.follow("Toon alles")
    assert ministry.page.url.endswith("/funding/vangnet?lijst=to-pay")


@ways
def test_a_call_is_noted_on_one_screen_and_the_receipt_is_read_out(running: Stack, visit: Visit, way: Way) -> None:
    officer = visit("agent-1", way=way)
    officer.open("/intake/werk")
    officer.follow("Schrijf een telefoontje op")
    officer.press("Bewaar de melding")
    assert officer.page.title().startswith("Fout: ")
    if way is Way.MOUSE:
        look(officer, "police-call")
    for label, word in (("Wat is er gebeurd?", "threat"), ("Welke functie heeft de persoon?", "alderman"),
                        ("In welke gemeente?", "9901")):  # fmt: skip
        officer.pick(officer.page.get_by_label(label, exact=True), word)
    officer.press("Bewaar de melding")
    code = officer.page.locator("strong", has_text=re.compile(r"^\d{4} \d{4} \d{4}$")).inner_text()
    assert "Bel 112" in officer.text() and "Nummer van de zaak" in officer.text()
    if way is Way.MOUSE:
        look(officer, "police-called")
    officer.follow("Naar de zaak")
    assert "Opgeschreven door agent-1." in officer.text() and code in officer.text()
    case = officer.page.url.rsplit("/", 1)[1]
    there(visit("rccb-1"), "/assessment/wegen", case[:8])


def test_the_police_add_a_file_of_evidence_without_scripts(running: Stack, visit: Visit) -> None:
    case = running.call("/intake/v1/reports/calls", "police", "agent-1", THREE)["case"]
    officer = visit("agent-1", scripts=False)
    officer.open(f"/intake/zaak/{case}/bewijs")
    letter = {"name": "briefje.txt", "mimeType": "text/plain", "buffer": b"Een briefje, plainly invented."}
    officer.page.get_by_label("Kies het bestand").set_input_files(letter)
    officer.press("Voeg toe")
    assert officer.page.title().startswith("Fout: ")
    officer.page.get_by_label("Kies het bestand").set_input_files(letter)
    officer.choose("Als brief")
    officer.fill("Waar komt het vandaan?", "Bij de voordeur gevonden.")
    officer.press("Voeg toe")
    assert "agent-1: toegevoegd" in officer.text() and "agent-1: bestand bewaard" in officer.text()
    with officer.page.expect_download() as got:
        officer.follow("Download bewijs 1")
    assert got.value.path().read_bytes() == letter["buffer"]
    looking = visit("agent-1")
    looking.open(f"/intake/zaak/{case}/bewijs")
    look(looking, "police-evidence-add")
