"""What is kept of the measures of a case. Reasons and accounts stay here; lines are added, never taken out (INV-11)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.contracts.vocabulary import Addressee, Executor, MeasureType, Office, Place, Urgency


class MeasureState(StrEnum):
    """Where an advised measure stands."""

    ADVISED = "advised"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    IMPLEMENTED = "implemented"
    SCALED_DOWN = "scaled-down"


@dataclass(frozen=True)
class Measure:
    """One advised measure. `id` is opaque. `answer_before` stays when it has passed; only a municipality has one."""

    id: str
    type: MeasureType
    place: Place
    above_pkvw: bool
    addressee: Addressee
    urgency: Urgency
    state: MeasureState = MeasureState.ADVISED
    implemented_at: datetime | None = None
    executor: Executor | None = None
    advised_at: datetime | None = None
    answer_before: datetime | None = None
    unanswered_at: datetime | None = None
    accepted_at: datetime | None = None
    declined_at: datetime | None = None
    decline_reason: str = ""
    """Kept when the addressee changes its mind."""

    @property
    def running(self) -> bool:
        """Whether it was not ended. A declined one is not gone either: police and person still talk about it."""
        return self.state is not MeasureState.SCALED_DOWN

    @property
    def not_followed_up_at(self) -> datetime | None:
        """Since when the addressee says no or nothing (S-SBB-07); None when it said yes or carried it out."""
        if self.state is MeasureState.DECLINED:
            return self.declined_at
        return self.unanswered_at if self.state is MeasureState.ADVISED else None


@dataclass(frozen=True)
class StateMeasure:
    """A measure that police or OM took themselves (R-SBB-08). An acute one was recorded first, to be confirmed later.

    `lighter`: why lighter means do not suffice. `told`: whether the person may know of it.
    """

    id: str
    type: MeasureType
    place: Place
    executor: Executor
    reason: str
    taken_at: datetime
    recorded_at: datetime
    lighter: str = ""
    told: bool = True
    acute: bool = False
    confirm_before: datetime | None = None
    confirmation_overdue: bool = False
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    ended_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether it is in place."""
        return self.ended_at is None

    @property
    def confirmed(self) -> bool:
        """Taken after weighing and decision, or confirmed later (INV-3)."""
        return not self.acute or self.confirmed_at is not None


@dataclass(frozen=True)
class Decided:
    """A decision of the HOvJ, as measures heard of it."""

    at: datetime
    measures_needed: bool
    confirmed: bool = True


@dataclass(frozen=True)
class Link:
    """A new incident of the same person (S-SBB-11). `review_by`: when running measures must be looked at because of it.

    `seen`: it was known when somebody reviewed, or when the measures began.
    """

    case: str
    at: datetime
    review_by: datetime
    seen: bool = False


@dataclass(frozen=True)
class Announcement:
    """The person was told that these measures end at `ends_at`. A review that keeps them takes it back."""

    measures: tuple[str, ...]
    announced_at: datetime
    ends_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class Ended:
    """Measures that ended. `reason` stays in this service."""

    at: datetime
    reason: str
    measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measures:
    """All measures of one case. `review_at` and `not_followed_up_since` follow from the rest: lists search by them."""

    case: str
    municipality: str | None = None
    office: Office | None = None
    qualified: tuple[datetime, ...] = ()
    """When first weighings were decided that qualify."""
    decisions: tuple[Decided, ...] = ()
    links: tuple[Link, ...] = ()
    lines: tuple[Measure, ...] = ()
    taken: tuple[StateMeasure, ...] = ()
    advised_at: datetime | None = None
    review_every: timedelta | None = None
    next_review: datetime | None = None
    """Without the links. `review_at` is the earlier of both."""
    reminded_of: datetime | None = None
    """The last review moment that passed without a review."""
    review_due_since: datetime | None = None
    announcements: tuple[Announcement, ...] = ()
    ended: tuple[Ended, ...] = ()
    review_at: datetime | None = None
    not_followed_up_since: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether any measure is advised or in place."""
        return bool(self.running_ids)

    @property
    def running_ids(self) -> tuple[str, ...]:
        """Those that were not ended."""
        lines = tuple(one.id for one in self.lines if one.running)
        return lines + tuple(one.id for one in self.taken if one.running)

    @property
    def scaled_down_at(self) -> datetime | None:
        """When the measures ended; None while any runs."""
        return self.ended[-1].at if self.ended and not self.running else None

    @property
    def measures_needed(self) -> bool | None:
        """What was decided last; None before."""
        return self.decisions[-1].measures_needed if self.decisions else None

    @property
    def review_due(self) -> bool:
        """Whether the measures wait to be looked at."""
        return self.review_due_since is not None

    @property
    def unanswered(self) -> tuple[Measure, ...]:
        """Advice on which the municipality let its term pass."""
        return tuple(one for one in self.lines if one.state is MeasureState.ADVISED and one.unanswered_at is not None)

    @property
    def answer_before(self) -> datetime | None:
        """The first term for an answer that still runs."""
        return earliest(*(one.answer_before for one in self.lines if awaited(one)))

    @property
    def confirm_before(self) -> datetime | None:
        """The first term for a confirmation that still runs."""
        return earliest(
            *(one.confirm_before for one in self.taken if not one.confirmed and not one.confirmation_overdue)
        )


SECRETS = ("lines[].decline_reason", "taken[].reason", "taken[].lighter", "ended[].reason")
"""What is only stored sealed: everything in own words."""


def awaited(line: Measure) -> bool:
    """Whether the term for an answer runs."""
    return line.state is MeasureState.ADVISED and line.unanswered_at is None and line.answer_before is not None


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of the moments that are known."""
    return min((moment for moment in moments if moment is not None), default=None)


def has_basis(state: Measures, at: datetime) -> bool:
    """INV-3: at this moment it had been weighed that the threat qualifies, and decided that measures are needed."""
    return any(
        one.measures_needed and one.at <= at and any(qualified <= one.at for qualified in state.qualified)
        for one in state.decisions
    )


def reviewed_within(state: Measures, at: datetime, review_after: timedelta) -> Measures:
    """New measures never put off the review of what runs; they may bring it forward."""
    if not state.running or state.next_review is None or state.review_every is None:
        return replace(state, next_review=at + review_after, review_every=review_after, links=seen(state.links))
    sooner = min(state.next_review, at + review_after)
    return replace(state, next_review=sooner, review_every=min(state.review_every, review_after))


def seen(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """All of them, as somebody saw them now."""
    return tuple(replace(one, seen=True) for one in links)


def announced(state: Measures, measure: str) -> Announcement | None:
    """The newest announcement of the end of a measure that was not taken back."""
    found = (one for one in reversed(state.announcements) if measure in one.measures and one.withdrawn_at is None)
    return next(found, None)


def settled(state: Measures) -> Measures:
    """The same, with the next review and since when advice is not followed up. Both follow from the rest."""
    since = earliest(*(one.not_followed_up_at for one in state.lines))
    return replace(state, review_at=_review_at(state), not_followed_up_since=since)


def _review_at(state: Measures) -> datetime | None:
    if not state.running:
        return None
    return earliest(state.next_review, *(one.review_by for one in state.links if _pulls(state, one)))


def _pulls(state: Measures, link: Link) -> bool:
    """A link that nobody saw yet pulls the review forward, once; also one that arrives late (S-SBB-11)."""
    reminded = state.reminded_of is not None and state.reminded_of >= link.review_by
    return not link.seen and not reminded
