"""Dated rows of a policy file: a row holds from its date until a later one starts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field


class Dated(BaseModel):
    """A row with its first day, `from` in the file. A misspelled field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    valid_from: date = Field(alias="from")


Row = TypeVar("Row", bound=Dated)


def started(rows: Iterable[Row], day: date) -> list[Row]:
    """The rows that have started on `day`, the oldest first."""
    return sorted((row for row in rows if row.valid_from <= day), key=lambda row: row.valid_from)


def in_force(rows: Iterable[Row], day: date) -> Row:
    """The row that holds on `day`: the one that started last. Raises `LookupError` before the first one."""
    known = list(rows)
    found = started(known, day)
    if not found:
        first = min((row.valid_from for row in known), default=None)
        raise LookupError(
            f"nothing holds on {day}: " + (f"the first row starts on {first}" if first else "there are no rows")
        )
    return found[-1]
