"""The dated terms of the safety net."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Terms(BaseModel):
    """How long BZK aims to take for a decision."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    valid_from: date = Field(alias="from")
    decide_days: int

    @property
    def decide_within(self) -> timedelta:
        """The target, after which somebody is reminded."""
        return timedelta(days=self.decide_days)


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    rows = tomllib.loads(Path(__file__).with_name("policy.toml").read_text())["terms"]
    valid = [terms for terms in map(Terms.model_validate, rows) if terms.valid_from <= day]
    if not valid:
        raise LookupError(f"no terms of the safety net hold on {day}")
    return max(valid, key=lambda terms: terms.valid_from)
