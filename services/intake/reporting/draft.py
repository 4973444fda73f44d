"""A report that is not sent yet, as its writer left it, and how long it stays (retention.toml). Pure.

It is no report: nobody reads it but who wrote it, and nothing follows from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.contracts.working_days import local_day
from shared.privacy.retention import Term, term_of, terms_on

MODULE = "intake.drafts"
SECRETS = ("answers",)
"""What is only stored sealed: everything that was answered, as one text."""
LARGEST = 100_000
"""Signs of all answers together: five times the longest story."""


@dataclass(frozen=True)
class Draft:
    """`key`: the form's idempotency key, so that it is sent once; `step`: where its writer was; `values`: per field."""

    key: str
    step: str
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def text(self) -> str:
        """As it is sealed."""
        values = {name: list(given) for name, given in self.values.items()}
        return json.dumps({"key": self.key, "step": self.step, "values": values}, ensure_ascii=False)


def draft_of(text: str) -> Draft:
    """Read back."""
    found = json.loads(text)
    return Draft(found["key"], found["step"], found["values"])


def fits(draft: Draft) -> bool:
    """Whether it can be kept: not larger than any report that could be sent."""
    return sum(len(one) for given in draft.values.values() for one in given) <= LARGEST


def term(now: datetime) -> Term:
    """How long one stays from the day it was saved last. Raises `LookupError` when nothing says so."""
    found = term_of(terms_on(local_day(now)), MODULE, {})
    if found is None:
        raise LookupError(MODULE)
    return found


def ends_on(saved_at: datetime, now: datetime) -> date:
    """The first day (Amsterdam) that it is no longer there."""
    return term(now).ends_on(saved_at)
