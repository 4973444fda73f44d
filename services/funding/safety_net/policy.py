"""The dated terms of the safety net."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

from shared.contracts.dated import Dated, in_force


class Terms(Dated):
    """How long BZK aims to take for a decision."""

    decide_days: int

    @property
    def decide_within(self) -> timedelta:
        """The target, after which somebody is reminded."""
        return timedelta(days=self.decide_days)


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    rows = tomllib.loads(Path(__file__).with_name("policy.toml").read_text())["terms"]
    return in_force(map(Terms.model_validate, rows), day)
