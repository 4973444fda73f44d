"""The dated promise to call back."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from shared.contracts.dated import Dated, in_force


class Terms(Dated):
    """Minutes on the wall clock, day and night, from the moment of the call."""

    call_back_minutes: int
    warn_minutes: int
    escalate_minutes: int


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` before the IVP was available."""
    rows = tomllib.loads(Path(__file__).with_name("policy.toml").read_text())["terms"]
    return in_force(map(Terms.model_validate, rows), day)
