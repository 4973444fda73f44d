"""The dated terms of reporting and the choice by date."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

from shared.contracts.dated import Dated, in_force
from shared.contracts.vocabulary import Urgency


class Terms(Dated):
    """How long reporting waits before it tells somebody; hours on the wall clock."""

    signal_unjudged_hours: int
    rccb_receipt_acute_hours: int
    rccb_receipt_other_hours: int

    @property
    def signal_unjudged(self) -> timedelta:
        """R-MEL-14."""
        return timedelta(hours=self.signal_unjudged_hours)

    def rccb_receipt(self, urgency: Urgency) -> timedelta:
        """R-MEL-05."""
        acute = urgency is Urgency.ACUTE
        return timedelta(hours=self.rccb_receipt_acute_hours if acute else self.rccb_receipt_other_hours)


def terms_on(day: date, path: Path = Path(__file__).with_name("policy.toml")) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    return in_force(map(Terms.model_validate, tomllib.loads(path.read_text())["terms"]), day)
