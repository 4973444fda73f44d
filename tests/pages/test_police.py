"""The local police see what waits, and record what they did (E2E-1, E2E-3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from tests.pages.visiting import Visitor, look
from tests.stack import Stack

REPORT = {
    "kind": "threat", "office": "mayor", "municipality": "9901", "urgency": "acute", "narrative": "Een briefje.",
    "victim": {"name": "Burgemeester Proef", "phone": "0600000000"},
    "reporter": {"name": "Secretaris Voorbeeld", "relation": "secretaris"},
}  # fmt: skip
WISHED = REPORT | {"reporter": None, "aangifte_wished": True}


def test_the_victim_is_told_that_somebody_else_reported(running: Stack, visit: Callable[..., Visitor]) -> None:
    case = running.call("/intake/v1/reports", "reporter", "collega-1", REPORT)["case"]
    officer = visit("agent-1", scripts=False)
    officer.follow("Meldingen")
    assert "Vertel de persoon dat er gemeld is" in officer.text()
    look_at = officer.page.get_by_role("link", name=f"in zaak {case[:8]}")
    look_at.first.click()
    assert "Burgemeester Proef" in officer.text() and "Secretaris Voorbeeld" in officer.text()
    officer.choose("De persoon weet dat er gemeld is")
    officer.press("Leg vast")
    assert "Er wacht hier niets op u." in officer.text()


def test_a_mistake_is_named_and_what_was_typed_stays(running: Stack, visit: Callable[..., Visitor]) -> None:
    case = running.call("/intake/v1/reports", "office-holder", "wethouder-1", REPORT | {"reporter": None})["case"]
    officer = visit("agent-1")
    officer.open("/intake/werk")
    look(officer, "police-work")
    officer.open(f"/intake/zaak/{case}")
    look(officer, "police-case")
    officer.choose("Een mutatie gemaakt")
    officer.fill("Datum van mutatie, aangifte of onderzoek (niet verplicht)", "2016-03-15")
    officer.press("Leg vast")
    assert "Vul het nummer van de mutatie in." in officer.text()
    officer.fill("Nummer in uw eigen systeem (niet verplicht)", "M-2016-1")
    officer.press("Leg vast")
    assert "Mutatie M-2016-1 van 15 maart 2016" in officer.text()


def test_another_unit_has_neither_the_list_nor_the_case(running: Stack, visit: Callable[..., Visitor]) -> None:
    case = running.call("/intake/v1/reports", "reporter", "collega-1", REPORT)["case"]
    elsewhere = visit("agent-2")
    elsewhere.open("/intake/werk")
    assert case[:8] not in elsewhere.text()
    elsewhere.open(f"/intake/zaak/{case}")
    assert "Deze zaak is niet bekend." in elsewhere.text() and "Burgemeester" not in elsewhere.text()


def test_a_case_is_found_by_its_number_and_the_list_is_narrowed(running: Stack, visit: Callable[..., Visitor]) -> None:
    by_other = running.call("/intake/v1/reports", "reporter", "collega-1", REPORT)["case"]
    wished = running.call("/intake/v1/reports", "office-holder", "wethouder-1", WISHED)["case"]
    officer = visit("agent-1", scripts=False)
    officer.open("/intake/werk")
    assert by_other[:8] in officer.text() and wished[:8] in officer.text()
    officer.page.locator("summary", has_text="Zoek of kies").click()
    choice = officer.page.get_by_label("Wat moet er gebeuren? (niet verplicht)")
    choice.select_option("aangifte")
    officer.press("Toon deze zaken")
    assert by_other[:8] not in officer.text() and wished[:8] in officer.text()
    officer.fill("Nummer van de zaak", "abcdef0")
    officer.press("Open de zaak")
    assert officer.page.title().startswith("Fout: ")
    officer.fill("Nummer van de zaak", by_other[:8])
    officer.press("Open de zaak")
    assert f"Zaak {by_other[:8]}" in officer.text() and "Het incident is gemeld." in officer.text()


def test_evidence_is_downloaded_and_each_hand_it_went_through_is_written_down(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    case = running.call("/intake/v1/reports", "office-holder", "wethouder-1", REPORT | {"reporter": None})["case"]
    letter = b"Een briefje, plainly invented."
    digest = hashlib.sha256(letter).hexdigest()
    known = {"sha256": digest, "medium": "letter", "size_bytes": len(letter), "source": "Uit de brievenbus"}
    running.call(f"/intake/v1/reports/{case}/evidence", "office-holder", "wethouder-1", known)
    running.put(f"/intake/v1/reports/{case}/evidence/{digest}", "office-holder", "wethouder-1", letter)
    officer = visit("agent-1")
    officer.open(f"/intake/zaak/{case}")
    officer.follow("Bewijs (1)")
    look(officer, "police-evidence")
    with officer.page.expect_download() as got:
        officer.follow("Download bewijs 1")
    assert got.value.path().read_bytes() == letter
    officer.page.reload()
    assert "agent-1: bestand bekeken" in officer.text()
    officer.choose("Bewijs 1: Uit de brievenbus")
    officer.press("Schrijf dit op")
    assert officer.page.title().startswith("Fout: ")
    officer.fill("Wat deed u ermee?", "In de kluis gelegd.")
    officer.press("Schrijf dit op")
    assert "agent-1: In de kluis gelegd." in officer.text()


def test_in_need_another_unit_opens_a_case_with_a_reason_that_the_officer_reads(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    case = running.call("/intake/v1/reports", "reporter", "collega-1", REPORT)["case"]
    elsewhere = visit("agent-2")
    elsewhere.open(f"/intake/werk/zoek?zaak={case[:8]}")
    assert "Deze zaak is niet bekend in uw eenheid." in elsewhere.text()
    elsewhere.follow("In nood een zaak van een andere eenheid inzien")
    elsewhere.fill("Nummer van de zaak", case)
    elsewhere.fill("Waarom moet u dit nu zien?", "Te kort.")
    elsewhere.press("Open de zaak")
    assert "in minstens 20 tekens" in elsewhere.text()
    look(elsewhere, "glass")
    elsewhere.fill("Waarom moet u dit nu zien?", "De dader staat nu voor ons gebouw.")
    elsewhere.press("Open de zaak")
    assert "Burgemeester Proef" in elsewhere.text()
    officer = visit("fg-1")
    officer.follow("Toezicht op melden")
    assert "De dader staat nu voor ons gebouw." in officer.text() and "agent-2" in officer.text()
    assert "Burgemeester Proef" not in officer.text()
    look(officer, "officer")
    officer.follow("Toezicht op wegen")
    assert "Toezicht op wegen" in officer.page.title() or "Toezicht op wegen" in officer.text()
    colleague = visit("agent-1")
    colleague.open("/intake/toezicht")
    assert "Deze rol mag dit niet." in colleague.text()
