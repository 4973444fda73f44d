"""The dated table of who pays what."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.vocabulary import Payer, Place


class Rule(BaseModel):
    """One row: conditions, payer, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    version: str
    valid_from: date = Field(alias="from")
    place: Place
    above_pkvw: bool
    payer: Payer
    reason: str


def rules_on(day: date) -> tuple[Rule, ...]:
    """The rules in force on `day`; empty when there are none."""
    rows = tomllib.loads(Path(__file__).with_name("policy.toml").read_text())["rules"]
    valid = [rule for rule in map(Rule.model_validate, rows) if rule.valid_from <= day]
    newest = {rule.id: rule for rule in sorted(valid, key=lambda rule: rule.valid_from)}
    return tuple(newest.values())
