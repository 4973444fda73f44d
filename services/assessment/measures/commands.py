"""What can happen to measures. Moments are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.assessment.measures.record import Measure, StateMeasure
from shared.contracts.decisions import DeadlinePassed
from shared.contracts.vocabulary import MeasureType, Office, Urgency


@dataclass(frozen=True)
class NoteIncident:
    """Fact: the incident; tells the municipality and the office."""

    case: str
    municipality: str
    office: Office


@dataclass(frozen=True)
class NoteFirstWeighing:
    """Fact: RCCB concluded the first weighing."""

    case: str
    qualifies: bool
    decided_at: datetime


@dataclass(frozen=True)
class NoteAssessment:
    """Fact: it was decided whether measures are needed."""

    case: str
    measures_needed: bool
    decided_at: datetime
    confirmed: bool = True


@dataclass(frozen=True)
class NoteLink:
    """Fact: a new incident of the same person, under the case `later` (S-SBB-11)."""

    case: str
    later: str
    at: datetime
    review_within: timedelta


@dataclass(frozen=True)
class AnswerTerms:
    """How long a municipality has for an answer, per urgency of the line."""

    acute: timedelta
    other: timedelta

    def within(self, urgency: Urgency) -> timedelta:
        """The term of one line."""
        return self.acute if urgency is Urgency.ACUTE else self.other


@dataclass(frozen=True)
class AdviseMeasures:
    """Police or OM advise. Needs no weighing and no decision: police alone may advise (INV-3)."""

    lines: tuple[Measure, ...]
    at: datetime
    answer: AnswerTerms
    review_after: timedelta


@dataclass(frozen=True)
class Accept:
    """The addressee will carry out a measure. `municipality`: who says so; None: the person."""

    measure: str
    municipality: str | None
    at: datetime


@dataclass(frozen=True)
class Decline:
    """The addressee will not carry out a measure; `reason` stays here (S-SBB-07)."""

    measure: str
    municipality: str | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class ReportImplemented:
    """The addressee carried out a measure."""

    measure: str
    municipality: str | None
    at: datetime


@dataclass(frozen=True)
class TakeStateMeasures:
    """Police or OM take measures themselves (R-SBB-08). `may`, `last_resort`: which kinds, on this day.

    `acute`: done already in acute danger; recorded first, confirmed later (INV-3).
    """

    measures: tuple[StateMeasure, ...]
    acute: bool
    at: datetime
    may: tuple[MeasureType, ...]
    last_resort: tuple[MeasureType, ...]
    review_after: timedelta
    confirm_within: timedelta


@dataclass(frozen=True)
class ConfirmStateMeasures:
    """The HOvJ confirms what police did in acute danger."""

    by: str
    at: datetime


@dataclass(frozen=True)
class ReviewMeasures:
    """A human looked again and keeps the measures."""

    at: datetime
    review_after: timedelta


@dataclass(frozen=True)
class AnnounceScaleDown:
    """The person is told that measures will end, at least `notice` before. Without `measures`: all that run."""

    ends_at: datetime
    at: datetime
    notice: timedelta
    measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScaleDown:
    """A human ends measures, with a reason (S-SBB-14). Without `measures`: all that run."""

    reason: str
    at: datetime
    measures: tuple[str, ...] = ()


Fact = NoteIncident | NoteFirstWeighing | NoteAssessment | NoteLink
OfAddressee = Accept | Decline | ReportImplemented
OfPolice = AdviseMeasures | TakeStateMeasures | ConfirmStateMeasures | ReviewMeasures | AnnounceScaleDown | ScaleDown
Command = Fact | OfAddressee | OfPolice | DeadlinePassed
