"""Which help lines may be shown, which are open now, and when the others open. Moments may be in any zone.

Channels go by now, never by the date of a case. 112 is not in the directory: it is on every page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.intake.guidance.policy import Instrument, Line
from shared.contracts.working_days import AMSTERDAM

WEEK = 7
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Listed:
    """A line as it is shown. `opens_at`: when it opens next, if it is closed; `call`: whether one may call it."""

    line: Line
    open: bool
    opens_at: datetime | None
    call: bool


def is_open(line: Line, now: datetime) -> bool:
    """Whether somebody answers at `now`; the end is not included."""
    local = now.astimezone(AMSTERDAM)
    if line.opens is None or line.closes is None:
        return local.weekday() in line.days
    return local.weekday() in line.days and line.opens <= local.time() < line.closes


def next_opening(line: Line, now: datetime) -> datetime | None:
    """When it opens next, after `now`, in Amsterdam's zone; None for a line that never closes or never opens."""
    if line.opens is None:
        return None
    local = now.astimezone(AMSTERDAM)
    for ahead in range(WEEK + 1):
        day = local.date() + ahead * DAY
        opening = datetime.combine(day, line.opens, AMSTERDAM)
        if day.weekday() in line.days and opening > local:
            return opening
    return None


def directory(lines: Iterable[Line], now: datetime, *, demonstration: bool) -> tuple[Listed, ...]:
    """The lines that may be shown, those that are open first.

    `demonstration`: all are shown and none can be called: nobody may ring a number of 2016 by accident.
    """
    day = now.astimezone(AMSTERDAM).date()
    shown = [line for line in lines if demonstration or line.verified(day)]
    listed = [
        Listed(line, is_open(line, now), None if is_open(line, now) else next_opening(line, now), not demonstration)
        for line in shown
    ]
    return tuple(sorted(listed, key=lambda one: not one.open))


def instruments_shown(found: Iterable[Instrument], now: datetime, *, demonstration: bool) -> tuple[Instrument, ...]:
    """The instruments that may be shown."""
    day = now.astimezone(AMSTERDAM).date()
    return tuple(one for one in found if demonstration or one.verified(day))
