"""The dated directory of help lines and instruments, as written in `policy.toml`."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from shared.contracts.dated import Dated, rows_in, started

FILE = Path(__file__).with_name("policy.toml")
FRESH = timedelta(days=90)
"""How long somebody's verification holds."""
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


class Entry(Dated):
    """Something in the directory. `verified_on`, `verified_by`: when and by whom (a role) it was last checked."""

    name: str
    source: str
    verified_on: date | None = None
    verified_by: str = ""

    def verified(self, day: date) -> bool:
        """Whether it may be shown on `day` to people who rely on it."""
        return (
            self.verified_on is not None
            and self.verified_by != ""
            and self.verified_on <= day <= self.verified_on + FRESH
        )


class Line(Entry):
    """A help line. Without `opens` it always answers; hours are those of Amsterdam, on `days` (0 is Monday)."""

    words: str
    audience: tuple[Literal["person", "partner"], ...]
    phone: str = ""
    days: tuple[int, ...] = EVERY_DAY
    opens: time | None = None
    closes: time | None = None

    @model_validator(mode="after")
    def _hours_fit(self) -> Line:
        if (self.opens is None) != (self.closes is None) or (self.opens and self.closes and self.opens >= self.closes):
            raise ValueError(f"{self.name}: opening hours need a beginning and a later end")
        return self


class Instrument(Entry):
    """Something to read or use. `address` without `https://`, as people say it."""

    address: str


def lines_on(day: date, path: Path = FILE) -> tuple[Line, ...]:
    """The lines that hold on `day`: of each name the row that started last, in the order of the file."""
    rows = rows_in(path, "lines", Line)
    return tuple({line.name: line for line in started(rows, day)}.values())


def instruments_on(day: date, path: Path = FILE) -> tuple[Instrument, ...]:
    """The instruments that hold on `day`."""
    rows = rows_in(path, "instruments", Instrument)
    return tuple({one.name: one for one in started(rows, day)}.values())
