"""Dated rows: the one that started last holds."""

from __future__ import annotations

import os
from datetime import date

import pytest
from pydantic import ValidationError

from shared.contracts.dated import Dated, in_force, rows_in, started


class Row(Dated):
    value: int


def row(first, value):
    return Row.model_validate({"from": first, "value": value})


ROWS = (row("2018-01-01", 12), row("2016-03-01", 24), row("2020-01-01", 6))


@pytest.mark.parametrize(
    ("day", "value"),
    [("2016-03-01", 24), ("2017-12-31", 24), ("2018-01-01", 12), ("2019-12-31", 12), ("2020-01-01", 6)],
)
def test_the_row_that_started_last_holds_whatever_the_order_in_the_file(day, value):
    assert in_force(ROWS, date(*map(int, day.split("-")))).value == value


def test_rows_can_be_read_once_only():
    assert in_force(iter(ROWS), date(2018, 1, 1)).value == 12


def test_before_the_first_row_nothing_holds_and_the_error_says_from_when():
    with pytest.raises(LookupError, match="nothing holds on 2016-02-29: the first row starts on 2016-03-01"):
        in_force(ROWS, date(2016, 2, 29))


def test_an_empty_table_says_so():
    with pytest.raises(LookupError, match="nothing holds on 2016-02-29: there are no rows"):
        in_force((), date(2016, 2, 29))


def test_what_has_started_is_told_oldest_first():
    assert [one.value for one in started(ROWS, date(2018, 1, 1))] == [24, 12]
    assert started(ROWS, date(2016, 2, 29)) == []


def test_a_row_cannot_be_changed_and_has_no_unknown_fields():
    with pytest.raises(ValidationError):
        ROWS[0].value = 1
    with pytest.raises(ValidationError):
        Row.model_validate({"from": "2016-03-01", "value": 1, "valeu": 2})
    with pytest.raises(ValidationError):
        Row.model_validate({"value": 1})


def test_a_file_that_is_changed_counts_from_then_on_without_a_restart(tmp_path):
    file = tmp_path / "policy.toml"
    for number, value in enumerate((1, 2)):
        file.write_text(f"[[rows]]\nfrom = 2016-03-01\nvalue = {value}\n")
        os.utime(file, (number, number))
        assert [one.value for one in rows_in(file, "rows", Row)] == [value]
