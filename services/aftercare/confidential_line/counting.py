"""The weekly count: the only thing about the Vertrouwenslijn that reaches the bus.

One document per week, whose id follows from the week: however many processes count, and however often they start
again, a week is told once. The number is told as a coarse bucket, without region.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.aftercare import ConfidentialContactCounted
from shared.contracts.decisions import Deadline, Decision
from shared.contracts.vocabulary import ContactBucket

FROM = ((50, ContactBucket.MANY), (25, ContactBucket.UP_TO_49), (10, ContactBucket.UP_TO_24), (0, ContactBucket.FEW))
"""The least number of each bucket. Nobody can tell none from nine."""


@dataclass(frozen=True)
class Week:
    """A week that was counted, such as `2016-W11`."""

    case: str
    bucket: ContactBucket


@dataclass(frozen=True)
class CountWeek:
    """The week is over: so many contacts."""

    week: str
    number: int


def bucket_of(number: int) -> ContactBucket:
    """The bucket that a number falls into."""
    return next(bucket for least, bucket in FROM if number >= least)


def decide(state: Week | None, command: CountWeek) -> Decision[Week]:
    """Told once; a second count of the same week changes nothing."""
    if state is not None:
        return Decision(state)
    week = Week(command.week, bucket_of(command.number))
    return Decision(week, (ConfidentialContactCounted(case=week.case, week=week.case, bucket=week.bucket),))


def deadlines(state: Week) -> tuple[Deadline, ...]:
    """None: a week is over."""
    return ()


def is_closed(state: Week) -> bool:
    """At once."""
    return True
