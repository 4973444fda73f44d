"""How long things stay, as dated rows, and what is due by them: keep, remind or forget. Nothing here reads or deletes.

The day a controller is reminded and the day something goes are two days. A legal hold wins from every term.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from shared.contracts.dated import Dated, rows_in, started
from shared.contracts.working_days import local_day, months_later

FILE = Path(__file__).with_name("retention.toml")

READ = ("history.recorded_at", "saved_at", "closed", "due_at", "pending", "shredded")
"""Fields of a document that its term depends on, beside those that say what class it is. None of them is secret."""


class Term(Dated):
    """How long one class of documents stays. `has`, `lacks`: paths of fields that make it this class."""

    module: str
    name: str = Field(alias="class")
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    keep_months: int = Field(0, ge=0)
    keep_days: int = Field(0, ge=0)
    """Instead of months, for what stays shortly."""
    remind_days: int = Field(ge=0)
    counts_from: Literal["last-event", "closing"]
    why: str = Field(min_length=1)

    @model_validator(mode="after")
    def _says_how_long(self) -> Term:
        if bool(self.keep_months) is bool(self.keep_days):
            raise ValueError("say how long in months or in days")
        return self

    @property
    def row(self) -> str:
        """Which row this is, for the deletion record, e.g. `intake.reporting signal 2016-03-01`."""
        return f"{self.module} {self.name} {self.valid_from}"

    def fits(self, document: Mapping[str, Any]) -> bool:
        """Whether a document is of this class."""
        return all(found(document, path) for path in self.has) and not any(found(document, path) for path in self.lacks)

    def ends_on(self, since: datetime) -> date:
        """The day (Amsterdam) that this term ends."""
        day = local_day(since)
        return day + timedelta(days=self.keep_days) if self.keep_days else months_later(day, self.keep_months)


@dataclass(frozen=True)
class Facts:
    """What is known of one document. `since` (UTC): its last event. `waits`: for a deadline, or to send something."""

    document: str
    since: datetime
    closed: bool = False
    waits: bool = False
    held: bool = False


class Why(StrEnum):
    """Why something stays."""

    TERM = "term"
    OPEN = "open"
    WAITS = "waits"
    HELD = "held"


@dataclass(frozen=True)
class Keep:
    """It stays. `on`: when its term ends, where that is known."""

    why: Why
    on: date | None = None


@dataclass(frozen=True)
class Remind:
    """It goes on this day; the controller may still hold it."""

    on: date


@dataclass(frozen=True)
class Forget:
    """Its term ended on this day."""

    on: date


def terms_on(day: date, path: Path = FILE) -> tuple[Term, ...]:
    """The terms that hold on `day`, in the order of the file."""
    rows = rows_in(path, "terms", Term)
    return tuple({(term.module, term.name): term for term in started(rows, day)}.values())


def term_of(terms: Iterable[Term], module: str, document: Mapping[str, Any]) -> Term | None:
    """The term of a document: the first one of its module that fits."""
    return next((term for term in terms if term.module == module and term.fits(document)), None)


def facts_of(document: Mapping[str, Any], *, held: bool = False) -> Facts:
    """What the term of a stored document depends on.

    It counts from the last thing that happened, not from the last save: who looks at a file or asks for it to be
    destroyed does not make it stay longer.
    """
    events = [entry["recorded_at"] for entry in document.get("history", ())]
    waits = document.get("due_at") is not None or bool(document.get("pending"))
    since = max(events, default=document["saved_at"])
    return Facts(document["_id"], since, bool(document.get("closed")), waits, held)


def due(facts: Facts, term: Term, now: datetime) -> Keep | Remind | Forget:
    """What is to be done with a document. `now` in UTC; days are those of Amsterdam."""
    if term.counts_from == "closing" and not facts.closed:
        return Keep(Why.OPEN)
    on, today = term.ends_on(facts.since), local_day(now)
    if today < on - timedelta(days=term.remind_days):
        return Keep(Why.TERM, on)
    if facts.held:
        return Keep(Why.HELD, on)
    if facts.waits:
        return Keep(Why.WAITS, on)
    return Forget(on) if today >= on else Remind(on)


def found(document: Mapping[str, Any], path: str) -> bool:
    """Whether there is something at a path such as `state.mutaties`: not nothing, and not empty."""
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value not in (None, "", [], {}, False)
