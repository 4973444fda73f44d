"""The local police see what waits, and record what they did (E2E-1, E2E-3)."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.visiting import Visitor, look
from tests.stack import Stack

REPORT = {
    "kind": "threat", "office": "mayor", "municipality": "9901", "urgency": "acute", "narrative": "Een briefje.",
    "victim": {"name": "Burgemeester Proef", "phone": "0600000000"},
    "reporter": {"name": "Secretaris Voorbeeld", "relation": "secretaris"},
}  # fmt: skip


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
    officer.fill("Datum van mutatie of aangifte (niet verplicht)", "2016-03-15")
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
