"""When the line is open, when it opens next, how long a contact is kept, and which weeks are counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aftercare.callback.policy import lines_on
from services.aftercare.confidential_line.policy import (
    hours_on,
    is_open,
    next_opening,
    start_of,
    terms_on,
    ways_out_on,
    week_of,
    weeks_to_count,
)
from shared.contracts.working_days import months_later

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FIRST = datetime(2016, 3, 16, tzinfo=UTC)
moments = st.integers(0, 14 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


def local(text: str) -> datetime:
    """A moment as the clock in Amsterdam shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2016-03-19T11:00", True),  # S-VTL-01: a Saturday
        ("2016-03-20T10:00", True),  # a Sunday, the first minute
        ("2016-03-21T09:59:59", False),
        ("2016-03-21T16:59:59", True),
        ("2016-03-21T17:00", False),  # the end is not in it
        ("2016-03-28T12:00", True),  # Easter Monday
        ("2016-12-25T12:00", True),  # and Christmas
        ("2016-03-27T10:00", True),  # the day the clock goes forward
        ("2016-10-30T16:30", True),  # the day the clock goes back
        ("2016-10-30T17:00", False),
    ],
)
def test_the_line_is_open_every_day_from_ten_to_five(moment, opened):
    assert is_open(local(moment)) is opened


def test_hours_are_those_of_amsterdam_whatever_the_season():
    """Ten o'clock is 09:00 UTC in winter and 08:00 in summer."""
    for day, hour in ((date(2016, 3, 26), 9), (date(2016, 3, 27), 8), (date(2016, 10, 29), 8), (date(2016, 10, 30), 9)):
        opening = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        assert is_open(opening)
        assert not is_open(opening - timedelta(microseconds=1))
        assert next_opening(opening - timedelta(hours=3)) == opening


@given(moments)
def test_the_next_opening_is_within_a_day_and_the_line_opens_there(now):
    opening = next_opening(now)
    assert now < opening <= now + timedelta(hours=25), "25 on the day the clock goes back"
    assert is_open(opening) and not is_open(opening - timedelta(seconds=1))


@given(moments)
def test_while_it_is_closed_nothing_opens_before_the_next_opening(now):
    if not is_open(now):
        assert not is_open(now + (next_opening(now) - now) / 2)


def test_a_span_lies_within_the_hours_of_one_day():
    hours = hours_on(date(2016, 3, 19))
    assert hours.cover(local("2016-03-19T10:00"), local("2016-03-19T17:00"))
    assert not hours.cover(local("2016-03-19T09:59"), local("2016-03-19T11:00"))
    assert not hours.cover(local("2016-03-19T16:00"), local("2016-03-19T17:01"))
    assert not hours.cover(local("2016-03-19T16:00"), local("2016-03-20T11:00"))


@pytest.mark.parametrize(
    ("day", "later"),
    [
        ("2016-03-14", "2016-06-14"),
        ("2016-11-30", "2017-02-28"),
        ("2015-11-30", "2016-02-29"),
        ("2016-12-31", "2017-03-31"),
    ],
)
def test_three_months_later_is_the_same_day_or_the_last_of_the_month(day, later):
    """Q-10."""
    assert months_later(date.fromisoformat(day), 3) == date.fromisoformat(later)


def test_the_last_day_is_counted_in_amsterdam():
    terms = terms_on(date(2016, 3, 14))
    assert terms.ends_on(datetime(2016, 3, 14, 23, 30, tzinfo=UTC)) == date(2016, 6, 15)
    assert terms.unused_ends_on(datetime(2016, 3, 14, 12, tzinfo=UTC)) == date(2016, 3, 15)
    assert start_of(date(2016, 6, 16)) == datetime(2016, 6, 15, 22, tzinfo=UTC)


def test_the_number_of_the_ivp_is_the_one_of_its_own_policy():
    """Modules do not read each other; this keeps two files the same."""
    for day in (date(2016, 3, 14), date(2026, 1, 1)):
        assert ways_out_on(day).ivp_number == lines_on(day).alarm_number


MONDAY = "2016-03-21"


@pytest.mark.parametrize(
    ("counted", "now", "weeks"),
    [
        (None, f"{MONDAY}T05:59", ("2016-W10",)),
        (None, f"{MONDAY}T06:00", ("2016-W11",)),
        (None, "2016-03-27T23:59", ("2016-W11",)),
        ("2016-W11", f"{MONDAY}T06:00", ()),
        ("2016-W10", f"{MONDAY}T05:59", ()),
        ("2016-W10", f"{MONDAY}T06:00", ("2016-W11",)),
        ("2016-W09", f"{MONDAY}T06:00", ("2016-W10", "2016-W11")),
        ("2015-W52", "2016-01-11T06:00", ("2015-W53", "2016-W01")),
        ("2017-W01", f"{MONDAY}T06:00", ()),
    ],
)
def test_a_week_is_counted_from_monday_six_o_clock_on_and_none_is_left_out(counted, now, weeks, monkeypatch):
    monkeypatch.setattr("services.aftercare.confidential_line.policy.terms_on", lambda _: terms_on(date(2016, 3, 14)))
    assert weeks_to_count(counted, local(now)) == weeks


def test_a_week_begins_on_monday_in_amsterdam():
    assert week_of(datetime(2016, 3, 20, 22, 59, tzinfo=UTC)) == "2016-W11"
    assert week_of(datetime(2016, 3, 20, 23, 0, tzinfo=UTC)) == "2016-W12"
    assert week_of(datetime(2016, 1, 1, 12, tzinfo=UTC)) == "2015-W53"
