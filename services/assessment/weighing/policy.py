"""The dated terms of the first weighing."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

from shared.contracts.dated import Dated, in_force
from shared.contracts.vocabulary import Urgency


class Terms(Dated):
    """Hours on the wall clock, day and night."""

    acute_hours: int
    other_hours: int

    def weigh_within(self, urgency: Urgency) -> timedelta:
        """How long RCCB has for the first weighing."""
        return timedelta(hours=self.acute_hours if urgency is Urgency.ACUTE else self.other_hours)


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    rows = tomllib.loads(Path(__file__).with_name("policy.toml").read_text())["terms"]
    return in_force(map(Terms.model_validate, rows), day)
