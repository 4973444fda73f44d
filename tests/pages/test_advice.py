"""The municipality carries out what police advise, and money is not asked first (INV-1, S-SBB-07)."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.visiting import Visitor, look
from tests.stack import Stack, eventually

QUALIFIES = {"qualifies": True, "target": "person", "reason": "Een briefje."}
DECIDED = {"measures_needed": True, "level": "high", "reason": "Groot gevaar."}
GLASS = {"type": "reinforced-glass", "place": "home", "above_pkvw": True, "addressee": "municipality"}


def advised(running: Stack) -> None:
    """A case in which glass and an alarm were advised to municipality 9901."""
    case = running.report()
    eventually(lambda: running.weighing_of(case), 30)
    rows = running.call("/assessment/v1/weighings", "rccb", "rccb-1")
    weighing = next(row["id"] for row in rows if row["case"] == case)
    running.call(f"/assessment/v1/weighings/{weighing}/first-weighing", "rccb", "rccb-1", QUALIFIES)
    running.call(f"/assessment/v1/weighings/{weighing}/decision", "hovj", "hovj-1", DECIDED)

    def given() -> bool:
        lines = {"lines": [GLASS, GLASS | {"type": "alarm", "urgency": "acute"}]}
        try:
            running.call(f"/assessment/v1/measures/{case}/advice", "rccb", "rccb-1", lines)
        except OSError:  # the decision has not arrived at measures yet
            return False
        return True

    eventually(given, 30)


def test_a_handler_says_no_with_a_reason_yes_and_done(running: Stack, visit: Callable[..., Visitor]) -> None:
    advised(running)
    handler = visit("secretaris-1")

    def there() -> bool:
        handler.open("/assessment/adviezen")
        return "Wacht op uw antwoord" in handler.text()

    eventually(there, 30)
    look(handler, "advice")
    handler.page.get_by_role("link", name="Wie u hiervoor belt").first.click()
    assert "Voorbeeld Persoon" in handler.text() and "niet gedeeld" in handler.text()
    assert "threat" not in handler.text() and "bedreiging" not in handler.text().lower()
    handler.follow("Terug naar de adviezen")
    handler.page.get_by_role("button", name="Wij doen dit niet (alarm").first.click()
    assert "Schrijf kort waarom de gemeente dit niet doet." in handler.text()
    handler.page.get_by_role("button", name="Wij doen dit (versterkt glas").first.click()
    assert "De gemeente doet dit" in handler.text()
    handler.page.get_by_role("button", name="Het is klaar (versterkt glas").first.click()
    assert "Klaar" in handler.text()
    other = visit("secretaris-2")
    other.open("/assessment/adviezen")
    assert "Er is u niets geadviseerd." in other.text()
