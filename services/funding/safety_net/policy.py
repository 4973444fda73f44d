"""The dated terms of the safety net, and what is decided about its future."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from shared.contracts.dated import Dated, in_force, rows_in
from shared.contracts.vocabulary import Continuation
from shared.contracts.working_days import end_of_day, working_days_after

FILE = Path(__file__).with_name("policy.toml")


class Terms(Dated):
    """How long things may take before somebody is reminded, in working days."""

    acknowledge_days: int
    supplement_days: int
    decide_days: int

    def acknowledge_before(self, moment: datetime, *, acute: bool) -> datetime:
        """When the municipality must have heard that its request arrived: the same day when acute (UTC)."""
        return end_of_day(moment) if acute else working_days_after(moment, self.acknowledge_days)

    def supplement_before(self, moment: datetime) -> datetime:
        """When a municipality that was asked for more is reminded (UTC)."""
        return working_days_after(moment, self.supplement_days)

    def decide_before(self, moment: datetime) -> datetime:
        """The target for a decision (UTC)."""
        return working_days_after(moment, self.decide_days)


class Future(Dated):
    """Whether the safety net goes on. `state` is absent in the year that it was made for."""

    state: Continuation | None = None
    words: str


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    return in_force(rows_in(FILE, "terms", Terms), day)


def continuation_on(day: date, path: Path = FILE) -> Future:
    """What is known on `day` of the safety net's future. Raises `LookupError` before it began."""
    return in_force(rows_in(path, "continuation", Future), day)
