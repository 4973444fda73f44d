"""Working days in the Netherlands, for terms that are counted in them. Moments are UTC; days are those of Amsterdam.

Own code: the law names eight days that follow from the date of Easter, so there is no yearly list to keep.
"""

from __future__ import annotations

import tomllib
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from shared.contracts.dated import Dated, in_force

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6


class Holidays(Dated):
    """The days off that hold from a date; see `holidays.toml`."""

    fixed: tuple[str, ...]
    after_easter: tuple[int, ...]
    kings_day: str

    def has(self, day: date) -> bool:
        """Whether `day` is one of them."""
        if f"{day:%m-%d}" in self.fixed or (day - easter(day.year)).days in self.after_easter:
            return True
        month, number = map(int, self.kings_day.split("-"))
        kings_day = date(day.year, month, number)
        return day == (kings_day - DAY if kings_day.weekday() == SUNDAY else kings_day)


_ROWS = tuple(
    map(Holidays.model_validate, tomllib.loads(Path(__file__).with_name("holidays.toml").read_text())["holidays"])
)


def easter(year: int) -> date:
    """Easter Sunday (the method of Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    number = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, number // 31, number % 31 + 1)


def local_day(moment: datetime) -> date:
    """The day in Amsterdam."""
    return moment.astimezone(AMSTERDAM).date()


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no holiday."""
    return day.weekday() < SATURDAY and not in_force(_ROWS, day).has(day)


def working_days_after(moment: datetime, days: int) -> datetime:
    """The same time of day, `days` working days later."""
    local = moment.astimezone(AMSTERDAM)
    day = local.date()
    while days:
        day += DAY
        days -= is_working_day(day)
    return datetime.combine(day, local.time(), AMSTERDAM).astimezone(UTC)


def working_days_between(first: date, last: date) -> int:
    """How many working days come after `first` up to and including `last`; none when `last` is not later."""
    return sum(is_working_day(first + number * DAY) for number in range(1, (last - first).days + 1))


def end_of_day(moment: datetime) -> datetime:
    """Midnight after `moment`."""
    return datetime.combine(local_day(moment) + DAY, time(), AMSTERDAM).astimezone(UTC)
