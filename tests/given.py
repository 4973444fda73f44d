"""Tests of pure decisions as sentences: `given(decide, *before).when(command).then(*events)` or `.refused("…")`.

There is no clock: every moment stands in the test.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from shared.contracts.decisions import Decision, Refused
from shared.contracts.envelope import Event

Decide = Callable[[Any, Any], Decision[Any]]


def utc(day: str, time: str = "00:00") -> datetime:
    """`utc("2016-03-13", "02:10")`."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


class Outcome:
    """What a command led to. Each check returns the outcome again, so that checks can follow each other."""

    def __init__(self, before: Any, decision: Decision[Any] | None, refusal: Refused | None) -> None:
        self._before = before
        self._decision = decision
        self._refusal = refusal

    @property
    def state(self) -> Any:
        """The state afterwards."""
        return self._accepted().state

    @property
    def events(self) -> tuple[Event, ...]:
        """What was told."""
        return self._accepted().events

    def _accepted(self) -> Decision[Any]:
        assert self._refusal is None, f"refused: {self._refusal}"
        assert self._decision is not None
        return self._decision

    def then(self, *events: Event) -> Outcome:
        """Exactly these events, in this order."""
        assert self.events == events
        return self

    def then_nothing(self) -> Outcome:
        """Known and repeated: no event and the same state."""
        self.then()
        assert self.state == self._before
        return self

    def leaves(self, **fields: Any) -> Outcome:
        """The state afterwards has these values."""
        found = {name: getattr(self.state, name) for name in fields}
        assert found == fields
        return self

    def refused(self, reason: str) -> None:
        """A person is told no, in these words (a part of them is enough)."""
        assert self._refusal is not None, f"not refused, but told {self.events}"
        assert reason in self._refusal.reason


class Given:
    """A case with its past."""

    def __init__(self, decide: Decide, state: Any) -> None:
        self._decide = decide
        self.state = state

    def when(self, command: object) -> Outcome:
        """What happens now."""
        try:
            return Outcome(self.state, self._decide(self.state, command), None)
        except Refused as refusal:
            return Outcome(self.state, None, refusal)


def given(decide: Decide, *commands: object) -> Given:
    """The case after these commands, none of which may be refused; without commands: an unknown case."""
    state = None
    for command in commands:
        state = decide(state, command).state
    return Given(decide, state)
