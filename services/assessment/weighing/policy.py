"""The dated terms of the first weighing."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.vocabulary import Urgency


class Terms(BaseModel):
    """Hours on the wall clock, day and night."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    valid_from: date = Field(alias="from")
    acute_hours: int
    other_hours: int

    def weigh_within(self, urgency: Urgency) -> timedelta:
        """How long RCCB has for the first weighing."""
        return timedelta(hours=self.acute_hours if urgency is Urgency.ACUTE else self.other_hours)


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    rows = tomllib.loads(Path(__file__).with_name("policy.toml").read_text())["terms"]
    valid = [terms for terms in map(Terms.model_validate, rows) if terms.valid_from <= day]
    if not valid:
        raise LookupError(f"no terms of the first weighing hold on {day}")
    return max(valid, key=lambda terms: terms.valid_from)
