"""The dated table of who pays what."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from shared.contracts.dated import Dated, started
from shared.contracts.vocabulary import Payer, Place


class Rule(Dated):
    """One row: conditions, payer, and why."""

    id: str
    version: str
    place: Place
    above_pkvw: bool
    payer: Payer
    reason: str


def rules_on(day: date) -> tuple[Rule, ...]:
    """The rules in force on `day`; empty when there are none."""
    rows = tomllib.loads(Path(__file__).with_name("policy.toml").read_text())["rules"]
    newest = {rule.id: rule for rule in started(map(Rule.model_validate, rows), day)}
    return tuple(newest.values())
