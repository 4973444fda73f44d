"""The dated promise to call back, and the dated numbers of the IVP."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from shared.contracts.dated import Dated, in_force, rows_in

FILE = Path(__file__).with_name("policy.toml")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SATURDAY = 5


class Terms(Dated):
    """Minutes on the wall clock, day and night, from the moment of the call; what a request over the web promises."""

    call_back_minutes: int
    warn_minutes: int
    escalate_minutes: int
    web_request_promised: bool
    note_call_within_hours: int


class Lines(Dated):
    """Where the IVP is reached: the alarm number day and night, the office for what can wait (R-IVP-02, R-IVP-12)."""

    alarm_number: str
    office_number: str
    office_mail: str
    office_opens: time
    office_closes: time

    def office_is_open(self, now: datetime) -> bool:
        """Whether somebody answers the office number at `now` (any zone); hours are those of Amsterdam."""
        local = now.astimezone(AMSTERDAM)
        return local.weekday() < SATURDAY and self.office_opens <= local.time() < self.office_closes


def terms_on(day: date, path: Path = FILE) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` before the IVP was available."""
    return in_force(rows_in(path, "terms", Terms), day)


def lines_on(day: date, path: Path = FILE) -> Lines:
    """The numbers that hold on `day`: always that of now, also for an older call. Raises `LookupError` before."""
    return in_force(rows_in(path, "lines", Lines), day)
