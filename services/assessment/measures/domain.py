"""Measures: advised by police or OM to the person or the municipality, carried out, reviewed, scaled down.

No transition here looks at money (INV-1). A review date never ends a measure by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from shared.contracts.assessment import (
    AdviceUnanswered,
    AdvisedMeasure,
    MeasureImplemented,
    MeasureReviewDue,
    MeasuresAdvised,
    MeasuresReviewed,
    MeasuresScaledDown,
)
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.vocabulary import Addressee, MeasureType, Office, Place, Urgency

ADVICE = "advice-unanswered"
REVIEW = "review"


class MeasureState(StrEnum):
    """Where a measure stands."""

    ADVISED = "advised"
    IMPLEMENTED = "implemented"
    SCALED_DOWN = "scaled-down"


@dataclass(frozen=True)
class Measure:
    """One advised measure. `id` is opaque."""

    id: str
    type: MeasureType
    place: Place
    above_pkvw: bool
    addressee: Addressee
    urgency: Urgency
    state: MeasureState = MeasureState.ADVISED
    implemented_at: datetime | None = None


@dataclass(frozen=True)
class Ended:
    """The end of a period of measures. `reason` stays in this service."""

    at: datetime
    reason: str


@dataclass(frozen=True)
class Measures:
    """All measures of one case."""

    case: str
    municipality: str | None = None
    office: Office | None = None
    measures_needed: bool | None = None
    lines: tuple[Measure, ...] = ()
    advised_at: datetime | None = None
    answer_before: datetime | None = None
    advice_unanswered: bool = False
    review_at: datetime | None = None
    review_due: bool = False
    ended: tuple[Ended, ...] = ()

    @property
    def running(self) -> bool:
        """Whether any measure is advised or in place."""
        return any(line.state is not MeasureState.SCALED_DOWN for line in self.lines)

    @property
    def scaled_down_at(self) -> datetime | None:
        """When the measures ended; None while any runs."""
        return self.ended[-1].at if self.ended and not self.running else None


@dataclass(frozen=True)
class NoteIncident:
    """Fact: the incident; tells the municipality and the office."""

    case: str
    municipality: str
    office: Office


@dataclass(frozen=True)
class NoteAssessment:
    """Fact: the HOvJ decided."""

    case: str
    measures_needed: bool


@dataclass(frozen=True)
class AdviseMeasures:
    """Police or OM advise. Needs no decision of the HOvJ: police alone may advise (INV-3)."""

    lines: tuple[Measure, ...]
    at: datetime
    answer_within: timedelta
    review_after: timedelta


@dataclass(frozen=True)
class ReportImplemented:
    """The municipality carried out a measure addressed to it."""

    measure: str
    municipality: str
    at: datetime


@dataclass(frozen=True)
class ReviewMeasures:
    """A human looked again and keeps the measures."""

    at: datetime
    review_after: timedelta


@dataclass(frozen=True)
class ScaleDown:
    """A human ends the measures, with a reason (S-SBB-14)."""

    reason: str
    at: datetime


Command = (
    NoteIncident | NoteAssessment | AdviseMeasures | ReportImplemented | ReviewMeasures | ScaleDown | DeadlinePassed
)


def decide(state: Measures | None, command: Command) -> Decision[Measures]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case NoteIncident():
            known = state or Measures(command.case)
            return Decision(replace(known, municipality=command.municipality, office=command.office))
        case NoteAssessment():
            return Decision(replace(state or Measures(command.case), measures_needed=command.measures_needed))
        case AdviseMeasures():
            return _advise(state, command)
        case ReportImplemented():
            return _implemented(state, command)
        case ReviewMeasures():
            return _review(state, command)
        case ScaleDown():
            return _scale_down(state, command)
        case DeadlinePassed():
            return _deadline(state, command)
        case _:
            assert_never(command)


def _advise(state: Measures | None, command: AdviseMeasures) -> Decision[Measures]:
    if state is None or state.municipality is None:
        raise Refused("Deze zaak is hier nog niet bekend.")
    answer = command.at + command.answer_within if _for_municipality(command.lines) else None
    after = replace(
        state,
        lines=state.lines + command.lines,
        advised_at=command.at,
        answer_before=_earliest(state.answer_before, answer),
        review_at=_earliest(state.review_at, command.at + command.review_after),
    )
    lines = tuple(
        AdvisedMeasure(
            measure=line.id, type=line.type, place=line.place, above_pkvw=line.above_pkvw,
            addressee=line.addressee, urgency=line.urgency,
        )
        for line in command.lines
    )  # fmt: skip
    event = MeasuresAdvised(case=state.case, municipality=state.municipality, advised_at=command.at, lines=lines)
    return Decision(after, (event,))


def _earliest(*moments: datetime | None) -> datetime | None:
    # Later advice never gives more time for what was advised before.
    return min((moment for moment in moments if moment is not None), default=None)


def _for_municipality(lines: tuple[Measure, ...]) -> bool:
    return any(line.addressee is Addressee.MUNICIPALITY for line in lines)


def _implemented(state: Measures | None, command: ReportImplemented) -> Decision[Measures]:
    line = next((line for line in state.lines if line.id == command.measure), None) if state else None
    mine = state is not None and state.municipality == command.municipality
    if state is None or line is None or not mine or line.addressee is not Addressee.MUNICIPALITY:
        raise Refused("Deze maatregel is niet aan uw gemeente geadviseerd.")
    if line.state is not MeasureState.ADVISED:
        raise Refused("Deze maatregel is al uitgevoerd of beëindigd.")
    done = replace(line, state=MeasureState.IMPLEMENTED, implemented_at=command.at)
    lines = tuple(done if other.id == line.id else other for other in state.lines)
    open_lines = any(
        other.state is MeasureState.ADVISED and other.addressee is Addressee.MUNICIPALITY for other in lines
    )
    after = replace(
        state, lines=lines, answer_before=state.answer_before if open_lines else None,
        advice_unanswered=state.advice_unanswered and open_lines,
    )  # fmt: skip
    return Decision(after, (MeasureImplemented(case=state.case, measure=line.id, implemented_at=command.at),))


def _review(state: Measures | None, command: ReviewMeasures) -> Decision[Measures]:
    if state is None or not state.running:
        raise Refused("Er lopen geen maatregelen.")
    after = replace(state, review_at=command.at + command.review_after, review_due=False)
    return Decision(after, (MeasuresReviewed(case=state.case, reviewed_at=command.at),))


def _scale_down(state: Measures | None, command: ScaleDown) -> Decision[Measures]:
    if state is None or not state.running:
        raise Refused("Er lopen geen maatregelen.")
    lines = tuple(replace(line, state=MeasureState.SCALED_DOWN) for line in state.lines)
    after = replace(
        state, lines=lines, ended=(*state.ended, Ended(command.at, command.reason)), review_at=None,
        review_due=False, answer_before=None, advice_unanswered=False,
    )  # fmt: skip
    return Decision(after, (MeasuresScaledDown(case=state.case, scaled_down_at=command.at),))


def _deadline(state: Measures | None, command: DeadlinePassed) -> Decision[Measures]:
    if state is None:
        raise Refused("Deze zaak is niet bekend.")
    if command.name == ADVICE and state.answer_before == command.due:
        after = replace(state, advice_unanswered=True, answer_before=None)
        return Decision(after, (AdviceUnanswered(case=state.case, due_at=command.due),))
    if command.name == REVIEW and state.review_at == command.due:
        after = replace(state, review_due=True, review_at=None)
        return Decision(after, (MeasureReviewDue(case=state.case, due_at=command.due),))
    return Decision(state)


def deadlines(state: Measures) -> tuple[Deadline, ...]:
    """An answer from the municipality; the review."""
    due = ((ADVICE, state.answer_before), (REVIEW, state.review_at))
    return tuple(Deadline(name, at) for name, at in due if at is not None)


def is_closed(state: Measures) -> bool:
    """Measures can always be advised again."""
    return False
