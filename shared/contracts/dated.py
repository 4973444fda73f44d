"""Dated rows of a policy file: a row holds from its date until a later one starts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field


class Dated(BaseModel):
    """A row with its first day, `from` in the file. A misspelled field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    valid_from: date = Field(alias="from")


Row = TypeVar("Row", bound=Dated)


def rows_in(file: Path, table: str, kind: type[Row]) -> tuple[Row, ...]:
    """The rows of a table in a policy file, read again when the file changed. Raises `KeyError` without the table.

    A page asks for a row of policy for each line that it draws, so the file is not read each time.
    """
    rows: tuple[Row, ...] = _read(file, file.stat().st_mtime_ns, table, kind)
    return rows


@lru_cache(maxsize=256)
def _read(file: Path, changed_at: int, table: str, kind: type[Dated]) -> tuple[Any, ...]:
    return tuple(map(kind.model_validate, tomllib.loads(file.read_text())[table]))


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
