"""What the property tests of all decision modules speak of: a module with its commands and facts, and its pasts.

Facts are listed per topic: topics have no order among them, one topic keeps its order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.decisions import DeadlinePassed, Refused

CASE = "c0ffee"
DAY = date(2016, 3, 14)
START = datetime(2016, 3, 14, 2, 10, 0, 123_456, tzinfo=UTC)

moments = st.integers(0, 12).map(lambda quarters: START + timedelta(minutes=15 * quarters))
terms = st.sampled_from([timedelta(minutes=30), timedelta(hours=1), timedelta(days=1), timedelta(days=30)])
municipalities = st.sampled_from(["9901", "9902"])
texts = st.sampled_from(["", "Omdat het zo is."])
reasons = st.sampled_from([*["Omdat het zo is."] * 9, ""])
"""Why somebody decides; now and then nothing, which no decision may be taken with (INV-10)."""
ids = st.sampled_from(["a", "b", "c"])
cents = st.sampled_from([0, 1, 60_000, 4_500_000])


def some(kind: Any) -> st.SearchStrategy[Any]:
    """Any word of a list that people may choose."""
    return st.sampled_from([word for word in kind if word != "unknown"])


@dataclass(frozen=True)
class Subject:
    """A module: its functions, people's commands, and facts per topic."""

    domain: Any
    state: type
    acts: st.SearchStrategy[Any]
    facts: dict[str, st.SearchStrategy[Any]]
    deadlines: frozenset[str]
    reopening: tuple[type, ...] = ()
    """Acts that a later fact undoes on purpose."""
    begins: st.SearchStrategy[tuple[Any, ...]] = field(default_factory=lambda: st.just(()))
    """Ways to begin a past, for modules whose first steps would seldom be drawn in order."""

    def __str__(self) -> str:
        return self.domain.__name__.removeprefix("services.").removesuffix(".domain")

    @property
    def commands(self) -> st.SearchStrategy[Any]:
        return st.one_of(self.acts, *self.facts.values())


many = settings(deadline=None, max_examples=50)


def apply(subject: Subject, state: Any, command: Any) -> Any:
    """The state after a command; a refusal changes nothing."""
    try:
        return subject.domain.decide(state, command).state
    except Refused:
        return state


def pass_deadline(subject: Subject, state: Any, number: int) -> Any:
    """The state after the clock told one of its deadlines, if there are any."""
    due = subject.domain.deadlines(state) if state is not None else ()
    if not due:
        return state
    chosen = due[number % len(due)]
    return subject.domain.decide(state, DeadlinePassed(chosen.name, chosen.at, chosen.at)).state


def reach(subject: Subject, steps: list[Any]) -> Any:
    """The state after steps: commands, and numbers for "that deadline passes"."""
    state = None
    for step in steps:
        passes = isinstance(step, int)
        state = pass_deadline(subject, state, step) if passes else apply(subject, state, step)
    return state


def pasts(subject: Subject) -> st.SearchStrategy[list[Any]]:
    rest = st.lists(st.one_of(subject.commands, subject.commands, st.integers(0, 2)), max_size=8)
    return rest | st.builds(lambda first, after: [*first, *after], subject.begins, rest)


def for_all(test: Callable[[Any], None]) -> None:
    """Runs `test` on drawn data, many times."""
    many(given(st.data())(test))()
