"""The dated terms of advice and review."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

from shared.contracts.dated import Dated, in_force
from shared.contracts.vocabulary import Urgency


class Terms(Dated):
    """How long the municipality has to answer, and when measures are looked at again."""

    answer_acute_hours: int
    answer_other_hours: int
    review_days: int

    def answer_within(self, urgency: Urgency) -> timedelta:
        """The municipality's term."""
        return timedelta(hours=self.answer_acute_hours if urgency is Urgency.ACUTE else self.answer_other_hours)

    @property
    def review_after(self) -> timedelta:
        """When measures are due for review."""
        return timedelta(days=self.review_days)


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    rows = tomllib.loads(Path(__file__).with_name("policy.toml").read_text())["terms"]
    return in_force(map(Terms.model_validate, rows), day)
