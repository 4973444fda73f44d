"""The dated hours and terms of the Vertrouwenslijn. Hours and days are those of Amsterdam, whatever the season."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from shared.contracts.dated import Dated, in_force, rows_in
from shared.contracts.working_days import local_day, months_later

FILE = Path(__file__).with_name("policy.toml")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Hours(Dated):
    """When somebody answers: from `opens` up to and without `closes`, every day (R-VTL-03, Q-12, Q-13)."""

    opens: time
    closes: time

    def cover(self, begins: datetime, ends: datetime) -> bool:
        """Whether a time span lies within the hours of one day."""
        first, last = begins.astimezone(AMSTERDAM), ends.astimezone(AMSTERDAM)
        return first.date() == last.date() and self.opens <= first.time() and last.time() <= self.closes


class Terms(Dated):
    """How long contacts are kept (Q-10), and when they are counted."""

    kept_months: int
    unused_days: int
    count_hour: time

    def ends_on(self, now: datetime) -> date:
        """The last day on which a contact can be read, when this is the last thing that happens in it."""
        return months_later(local_day(now), self.kept_months)

    def unused_ends_on(self, now: datetime) -> date:
        """The same for a contact in which nothing was said yet."""
        return now.astimezone(AMSTERDAM).date() + self.unused_days * DAY


class WaysOut(Dated):
    """Numbers that answer when the line does not."""

    emergency_number: str
    ivp_number: str


def start_of(day: date) -> datetime:
    """The first moment of a day in Amsterdam."""
    return datetime.combine(day, time(0), AMSTERDAM)


def hours_on(day: date, path: Path = FILE) -> Hours:
    """The hours of `day`. Raises `LookupError` before the first row."""
    return in_force(rows_in(path, "hours", Hours), day)


def terms_on(day: date, path: Path = FILE) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` before the first row."""
    return in_force(rows_in(path, "terms", Terms), day)


def ways_out_on(day: date, path: Path = FILE) -> WaysOut:
    """The numbers of `day`: always those of now. Raises `LookupError` before the first row."""
    return in_force(rows_in(path, "ways_out", WaysOut), day)


def is_open(now: datetime) -> bool:
    """Whether somebody answers the telephone at `now` (any zone)."""
    local = now.astimezone(AMSTERDAM)
    hours = hours_on(local.date())
    return hours.opens <= local.time() < hours.closes


def next_opening(now: datetime) -> datetime:
    """When the line opens next, strictly after `now`; in Amsterdam's zone."""
    local = now.astimezone(AMSTERDAM)
    days = (local.date(), local.date() + DAY)
    openings = (datetime.combine(day, hours_on(day).opens, AMSTERDAM) for day in days)
    return next(opening for opening in openings if opening > local)


def week_of(moment: datetime) -> str:
    """The ISO week in Amsterdam, such as `2016-W11`."""
    year, week, _ = moment.astimezone(AMSTERDAM).isocalendar()
    return f"{year}-W{week:02}"


def weeks_to_count(counted: str | None, now: datetime) -> tuple[str, ...]:
    """The weeks that are over, whose hour of counting has come, and that come after `counted`, the oldest first.

    Without `counted`, the newest such week alone: there is nothing to catch up with.
    """
    local = now.astimezone(AMSTERDAM)
    monday = local.date() - local.weekday() * DAY
    if local < datetime.combine(monday, terms_on(local.date()).count_hour, AMSTERDAM):
        monday -= WEEK
    newest = monday - WEEK
    first = newest if counted is None else _monday_of(counted) + WEEK
    mondays = [first + number * WEEK for number in range((newest - first).days // 7 + 1)]
    return tuple(week_of(start_of(day)) for day in mondays)


def _monday_of(week: str) -> date:
    return date.fromisoformat(f"{week}-1")
