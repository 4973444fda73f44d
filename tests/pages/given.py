"""Cases that are further on than a report, made over the API."""

from __future__ import annotations

from tests.pages.test_advice import DECIDED, QUALIFIES
from tests.stack import Stack, eventually


def weighing_of(running: Stack, case: str) -> str:
    """The weighing of a case that waits for one."""
    eventually(lambda: running.weighing_of(case), 30)
    rows = running.call("/assessment/v1/weighings", "rccb", "rccb-1")
    found: str = next(row["id"] for row in rows if row["case"] == case)
    return found


def decided(running: Stack, account: str = "demo-1") -> tuple[str, str]:
    """A case in which measures are needed, known to those who advise; and its weighing. `account`: who reported."""
    case = running.report(account)
    weighing = weighing_of(running, case)
    running.call(f"/assessment/v1/weighings/{weighing}/first-weighing", "rccb", "rccb-1", QUALIFIES)
    running.call(f"/assessment/v1/weighings/{weighing}/decision", "hovj", "hovj-1", DECIDED)
    eventually(lambda: running.call(f"/assessment/v1/measures/{case}", "rccb", "rccb-1")["measures_needed"], 30)
    return case, weighing
