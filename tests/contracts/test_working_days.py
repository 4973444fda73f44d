"""Working days of the Netherlands."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shared.contracts.working_days import easter, end_of_day, is_working_day, local_day, working_days_after
from tests.given import utc

DAYS_OFF = [
    "2016-01-01", "2016-03-25", "2016-03-28", "2016-04-27", "2016-05-05", "2016-05-16", "2016-12-26", "2017-04-14",
    "2017-04-17", "2017-05-25", "2017-06-05", "2025-04-26", "2026-12-25",
]  # fmt: skip


@pytest.mark.parametrize("day", DAYS_OFF)
def test_a_day_off_is_no_working_day(day):
    assert not is_working_day(date.fromisoformat(day))


def test_2016_and_2017_have_the_working_days_of_the_calendar():
    """In 2016 seven days off fell on weekdays (Ascension was on 5 May), in 2017 eight."""
    for year, expected in ((2016, 366 - 105 - 7), (2017, 365 - 105 - 8)):
        days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
        assert sum(is_working_day(day) for day in days if day.year == year) == expected


@pytest.mark.parametrize(("year", "day"), [(2015, "2015-04-05"), (2016, "2016-03-27"), (2024, "2024-03-31"),
                                           (2025, "2025-04-20"), (2038, "2038-04-25")])  # fmt: skip
def test_easter(year, day):
    assert easter(year) == date.fromisoformat(day)


def test_kings_day_on_a_sunday_is_kept_the_day_before():
    assert is_working_day(date(2025, 4, 28))
    assert not is_working_day(date(2015, 4, 27))


@pytest.mark.parametrize(
    ("moment", "days", "expected"),
    [
        (utc("2016-04-04", "11:00"), 1, utc("2016-04-05", "11:00")),
        (utc("2016-04-08", "11:00"), 1, utc("2016-04-11", "11:00")),
        (utc("2016-04-09", "11:00"), 1, utc("2016-04-11", "11:00")),
        (utc("2016-04-04", "11:00"), 10, utc("2016-04-18", "11:00")),
        (utc("2016-03-24", "11:00"), 1, utc("2016-03-29", "10:00")),
        (utc("2016-04-04", "22:30"), 1, utc("2016-04-05", "22:30")),
    ],
    ids=[
        "the next day",
        "over a weekend",
        "from a Saturday",
        "two weeks",
        "over Easter and summer time",
        "by local day",
    ],
)
def test_terms_are_counted_in_working_days_of_amsterdam(moment, days, expected):
    """§3.3: 1, 5 and 10 working days, the same time of day."""
    assert working_days_after(moment, days) == expected


def test_a_day_ends_at_midnight_in_amsterdam():
    assert end_of_day(utc("2016-04-04", "11:00")) == utc("2016-04-04", "22:00")
    assert end_of_day(utc("2016-04-04", "22:30")) == utc("2016-04-05", "22:00")
    assert local_day(utc("2016-12-31", "23:30")) == date(2017, 1, 1)
