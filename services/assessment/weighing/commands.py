"""What can happen to a weighing. Moments are UTC; `at` is when it is recorded, `decided_at` when it was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.assessment.weighing.record import NO_MARKS, Marks
from shared.contracts.decisions import DeadlinePassed
from shared.contracts.vocabulary import (
    Authority,
    IncidentKind,
    LevelClass,
    Office,
    ReopenReason,
    TargetType,
    ThreatProduct,
    Urgency,
)


@dataclass(frozen=True)
class OpenWeighing:
    """Fact: an incident was reported; every report reaches RCCB (R-MEL-05)."""

    case: str
    office: Office
    kind: IncidentKind
    urgency: Urgency
    at: datetime
    weigh_within: timedelta
    person: str | None = None
    municipality: str | None = None


@dataclass(frozen=True)
class NoteAangifte:
    """Fact: the police confirmed an aangifte."""

    case: str
    filed_on: date


@dataclass(frozen=True)
class NoteMutatie:
    """Fact: the police stored it as mutatie (R-MEL-09)."""

    case: str
    registered_on: date


@dataclass(frozen=True)
class NoteWithdrawn:
    """Fact: the person took the report back; what the police recorded stays."""

    case: str
    at: datetime


@dataclass(frozen=True)
class NoteLink:
    """Fact: this case belongs with `other`, an earlier or a later one (R-MEL-10)."""

    case: str
    other: str


@dataclass(frozen=True)
class ConcludeFirstWeighing:
    """RCCB's conclusion. `decided_at` may lie before `at`, the moment of recording (S-SBB-15)."""

    qualifies: bool
    target: TargetType
    reason: str
    assessor: str
    decided_at: datetime
    at: datetime
    threat: str = ""
    risk: str = ""
    marks: Marks = NO_MARKS
    rule_version: str = ""


@dataclass(frozen=True)
class ChooseAuthority:
    """A person notes who decides about an object or service (R-ACT-09). `may`: who can be chosen on this day."""

    authority: Authority
    reason: str
    by: str
    at: datetime
    may: tuple[Authority, ...]


@dataclass(frozen=True)
class OrderInterpretation:
    """The HOvJ wants the threat interpreted further (R-SBB-04)."""

    reason: str
    by: str
    at: datetime
    within: timedelta


@dataclass(frozen=True)
class RecordThreatProduct:
    """The analysis is in (S-SBB-05). `today`: the date in the Netherlands."""

    kind: ThreatProduct
    reference: str
    dated_on: date
    by: str
    at: datetime
    today: date
    marks: Marks = NO_MARKS


@dataclass(frozen=True)
class Oral:
    """An oral decision, written down by a colleague: on whose behalf, by which account, and when we ask again."""

    authority: Authority
    recorded_by: str
    confirm_within: timedelta


@dataclass(frozen=True)
class DecideOnMeasures:
    """The decision on measures: by the HOvJ in person, or `oral` (R-SBB-04, INV-10)."""

    measures_needed: bool
    level: LevelClass
    reason: str
    decided_by: str
    decided_at: datetime
    at: datetime
    rule_version: str = ""
    oral: Oral | None = None


@dataclass(frozen=True)
class ConfirmDecision:
    """An oral decision is confirmed: the HOvJ's by the HOvJ, a mayor's on paper, noted by another colleague."""

    by: str
    as_hovj: bool
    at: datetime


@dataclass(frozen=True)
class Reopen:
    """Weigh the case anew; what was concluded before stays (S-SBB-03)."""

    reason: ReopenReason
    words: str
    by: str
    at: datetime
    weigh_within: timedelta


Fact = OpenWeighing | NoteAangifte | NoteMutatie | NoteWithdrawn | NoteLink
OfPeople = (
    ConcludeFirstWeighing
    | ChooseAuthority
    | OrderInterpretation
    | RecordThreatProduct
    | DecideOnMeasures
    | ConfirmDecision
    | Reopen
)
Command = Fact | OfPeople | DeadlinePassed
