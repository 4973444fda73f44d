"""E2E-1, the end: it is quiet for months, the person hears it beforehand, and measures stop.

Three times, each in its own way of using a page. The clock of this stack is moved, so it is a stack of its own.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from tests.pages.given import decided
from tests.pages.visiting import Visitor, Way, look
from tests.stack import DIRECT, Stack, eventually, started

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LOCKS = {"type": "alarm", "place": "home", "above_pkvw": True, "addressee": "municipality"}


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose clock may be moved."""
    with started(tmp_path_factory.mktemp("later")) as stack:
        yield stack


def now(stack: Stack) -> datetime:
    """The time that rules go by."""
    return datetime.fromisoformat(stack.call("/klok", "rccb", "rccb-1")["now"]).astimezone(AMSTERDAM)


def pass_days(stack: Stack, days: int) -> None:
    """Moves the clock forward."""
    offset = stack.call("/klok", "rccb", "rccb-1")["offset_seconds"] + timedelta(days=days).total_seconds()
    body = json.dumps({"offset_seconds": offset}).encode()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{stack.ports['--port']}/klok", body, {"Content-Type": "application/json"}, method="PUT"
    )
    with DIRECT.open(asked, timeout=30) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("way", list(Way), ids=list(Way))
def test_the_end_is_told_beforehand_and_a_person_decides_it(later: Stack, browser: Browser, way: Way) -> None:
    case, _ = decided(later, "wethouder-1")
    later.call(f"/assessment/v1/measures/{case}/advice", "rccb", "rccb-1", {"lines": [LOCKS]})
    pass_days(later, 31)
    opened: list[Visitor] = []

    def visit(account: str) -> Visitor:
        address = f"http://127.0.0.1:{later.ports['--port']}"
        visitor = Visitor(browser, address, scripts=way is not Way.NO_SCRIPT, keyboard=way is Way.KEYBOARD)
        opened.append(visitor)
        visitor.sign_in(account)
        return visitor

    try:
        ends(later, visit, case, way)
    finally:
        for visitor in opened:
            visitor.close()


def ends(later: Stack, visit: Callable[[str], Visitor], case: str, way: Way) -> None:
    """The review, the announcement, and on that day the end."""
    officer = visit("hovj-1")

    def due() -> bool:
        officer.open("/assessment/maatregelen")
        return case[:8] in officer.text()

    eventually(due, 30)
    officer.open(f"/assessment/maatregelen/{case}")
    officer.follow("Vertel wanneer maatregelen stoppen")
    day = (now(later) + timedelta(days=60)).date()
    officer.choose("Alarm, thuis")
    officer.put(officer.page.locator("#f-ends_at-date"), day.isoformat())
    officer.press("Vertel dit de persoon")
    officer.follow("Stop maatregelen")
    officer.choose("Alarm, thuis")
    officer.fill("Waarom stoppen ze?", "Het is drie maanden rustig.")
    officer.press("Stop deze maatregelen")
    assert "lopen nog tot de dag die u de persoon noemde" in officer.text(), "never before that day"
    person = visit("wethouder-1")
    person.open(f"/intake/dossier/{case}")
    assert f"{day.day} " in person.text() and "stopt" in person.text().lower()
    if way is Way.MOUSE:
        look(person, "dossier-before-the-end")
    pass_days(later, 61)
    officer.press("Stop deze maatregelen")
    assert "Fout" not in officer.page.title()

    def offered() -> bool:
        person.open(f"/intake/dossier/{case}")
        return "Maatregelen zijn gestopt." in person.text()

    eventually(offered, 30)
    board = later.call("/aftercare/v1/callbacks/" + case, "office-holder", "wethouder-1")
    assert board["case"] == case
