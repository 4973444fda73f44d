"""The words a pure decision module speaks: what it decided, what it refuses, what it must be woken for.

They stand among the contracts because a `domain.py` may import nothing else that is shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from shared.contracts.envelope import Event

State = TypeVar("State")


@dataclass(frozen=True)
class Decision(Generic[State]):
    """The state after a command and the events to tell. No events and the same state: already known."""

    state: State
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Deadline:
    """Something that is due at a moment (UTC). Names are unique within one case."""

    name: str
    at: datetime


@dataclass(frozen=True)
class DeadlinePassed:
    """The clock's command: the named deadline was due at `due`; `at` is now (both UTC)."""

    name: str
    due: datetime
    at: datetime


class Refused(Exception):
    """A person's command does not fit the state. Facts (events) are never refused. `reason` is shown to the person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_reason(reason: str) -> None:
    """INV-10: a decision says why. Raises `Refused` without a word."""
    if not reason.strip():
        raise Refused("Schrijf in een paar woorden op waarom.")
