"""The dated promise to call back."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Terms(BaseModel):
    """Minutes on the wall clock, day and night, from the moment of the call."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    valid_from: date = Field(alias="from")
    call_back_minutes: int
    warn_minutes: int
    escalate_minutes: int


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` before the IVP was available."""
    rows = tomllib.loads(Path(__file__).with_name("policy.toml").read_text())["terms"]
    valid = [terms for terms in map(Terms.model_validate, rows) if terms.valid_from <= day]
    if not valid:
        raise LookupError(f"no call-back terms hold on {day}")
    return max(valid, key=lambda terms: terms.valid_from)
