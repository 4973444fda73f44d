"""Which help lines are shown, and which are open: by the clock of Amsterdam, and only when somebody verified them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.intake.guidance.domain import directory, instruments_shown, is_open, next_opening
from services.intake.guidance.policy import Line, instruments_on, lines_on

MONDAY = datetime(2016, 3, 14, 9, 0, tzinfo=UTC)  # 10.00 in Amsterdam, winter time
SUMMER = datetime(2016, 7, 4, 8, 0, tzinfo=UTC)  # 10.00 in Amsterdam, summer time
SUNDAY = MONDAY - timedelta(days=1)


def line(**more: Any) -> Line:
    usual = {"from": "2016-03-01", "name": "Lijn", "words": "Woorden.", "audience": ["person"], "source": "R-VTL-03"}
    return Line.model_validate(usual | {"opens": time(10), "closes": time(17)} | more)


@pytest.mark.parametrize(
    ("now", "answers"),
    [
        (MONDAY - timedelta(seconds=1), False), (MONDAY, True), (SUMMER, True), (SUMMER - timedelta(seconds=1), False),
        (MONDAY + timedelta(hours=7) - timedelta(seconds=1), True), (MONDAY + timedelta(hours=7), False),
        (SUNDAY, True),
    ],
)  # fmt: skip
def test_a_line_is_open_from_its_hour_up_to_and_without_its_end(now: datetime, answers: bool) -> None:
    assert is_open(line(), now) is answers


def test_a_line_of_working_days_is_closed_on_sunday_and_says_when_it_opens() -> None:
    office = line(days=[0, 1, 2, 3, 4])
    assert not is_open(office, SUNDAY)
    opening = next_opening(office, SUNDAY)
    assert opening is not None and opening.astimezone(UTC) == MONDAY
    assert next_opening(office, MONDAY) == MONDAY + timedelta(days=1)


def test_a_line_that_never_closes_has_no_opening() -> None:
    always = line(opens=None, closes=None)
    assert is_open(always, SUNDAY) and next_opening(always, SUNDAY) is None


@pytest.mark.parametrize(
    ("verified_on", "verified_by", "shown"),
    [
        (None, "", False), (date(2016, 3, 14), "beheerder", True), (date(2016, 3, 14), "", False),
        (date(2015, 12, 15), "beheerder", True), (date(2015, 12, 14), "beheerder", False),
        (date(2016, 3, 15), "beheerder", False),
    ],
)  # fmt: skip
def test_outside_the_demonstration_only_what_was_verified_is_shown(
    verified_on: date | None, verified_by: str, shown: bool
) -> None:
    given = line(verified_on=verified_on, verified_by=verified_by)
    assert bool(directory([given], MONDAY, demonstration=False)) is shown


def test_in_the_demonstration_all_are_shown_and_none_can_be_called() -> None:
    found = directory([line(name="Dicht", days=[2]), line()], MONDAY, demonstration=True)
    assert [(one.line.name, one.open, one.call) for one in found] == [("Lijn", True, False), ("Dicht", False, False)]


def test_hours_without_an_end_are_a_mistake_in_the_file() -> None:
    with pytest.raises(ValidationError, match="a beginning and a later end"):
        line(closes=None)


def test_the_file_holds_the_lines_of_the_letter_and_nobody_verified_them() -> None:
    day = MONDAY.date()
    assert {"Vertrouwenslijn", "IVP, alarmnummer", "OTAV"} <= {one.name for one in lines_on(day)}
    assert directory(lines_on(day), MONDAY, demonstration=False) == ()
    assert instruments_shown(instruments_on(day), MONDAY, demonstration=False) == ()
    assert instruments_shown(instruments_on(day), MONDAY, demonstration=True)
