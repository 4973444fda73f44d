"""Weighing: RCCB's first weighing, then the HOvJ's decision. The software times and records; people decide.

Each decision keeps the moment it was taken and the moment it was recorded (oral decisions at night, S-SBB-15).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never

from shared.contracts.assessment import FirstWeighingConcluded, FirstWeighingOverdue, ThreatAssessed, WeighingOpened
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.vocabulary import IncidentKind, LevelClass, Office, TargetType, Urgency

FIRST_WEIGHING = "first-weighing"


@dataclass(frozen=True)
class FirstWeighing:
    """R-SBB-03. `reason` stays with police and OM."""

    qualifies: bool
    target: TargetType
    reason: str
    assessor: str
    decided_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class HovjDecision:
    """R-SBB-04. `level` is chosen by a person."""

    measures_needed: bool
    level: LevelClass
    reason: str
    decided_by: str
    decided_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Weighing:
    """One case at the police and OM."""

    case: str
    received_at: datetime | None = None
    office: Office | None = None
    kind: IncidentKind | None = None
    urgency: Urgency = Urgency.OTHER
    aangifte_on: date | None = None
    weigh_before: datetime | None = None
    overdue: bool = False
    first_weighing: FirstWeighing | None = None
    decision: HovjDecision | None = None


@dataclass(frozen=True)
class OpenWeighing:
    """Fact: an incident was reported; every report reaches RCCB (R-MEL-05)."""

    case: str
    office: Office
    kind: IncidentKind
    urgency: Urgency
    at: datetime
    weigh_within: timedelta


@dataclass(frozen=True)
class NoteAangifte:
    """Fact: the police confirmed an aangifte."""

    case: str
    filed_on: date


@dataclass(frozen=True)
class ConcludeFirstWeighing:
    """RCCB's conclusion. `decided_at` may lie before `at`, the moment of recording."""

    qualifies: bool
    target: TargetType
    reason: str
    assessor: str
    decided_at: datetime
    at: datetime


@dataclass(frozen=True)
class DecideOnMeasures:
    """The HOvJ's decision, for persons only (R-ACT-06)."""

    measures_needed: bool
    level: LevelClass
    reason: str
    decided_by: str
    decided_at: datetime
    at: datetime


Command = OpenWeighing | NoteAangifte | ConcludeFirstWeighing | DecideOnMeasures | DeadlinePassed


def decide(state: Weighing | None, command: Command) -> Decision[Weighing]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case OpenWeighing():
            return _open(state or Weighing(command.case), command)
        case NoteAangifte():
            return Decision(replace(state or Weighing(command.case), aangifte_on=command.filed_on))
        case ConcludeFirstWeighing():
            return _first_weighing(state, command)
        case DecideOnMeasures():
            return _decision(state, command)
        case DeadlinePassed():
            return _deadline(state, command)
        case _:
            assert_never(command)


def _open(state: Weighing, command: OpenWeighing) -> Decision[Weighing]:
    if state.received_at is not None:
        return Decision(state)
    after = replace(
        state,
        received_at=command.at,
        office=command.office,
        kind=command.kind,
        urgency=command.urgency,
        weigh_before=command.at + command.weigh_within,
    )
    return Decision(after, (WeighingOpened(case=state.case, opened_at=command.at),))


def _first_weighing(state: Weighing | None, command: ConcludeFirstWeighing) -> Decision[Weighing]:
    if state is None or state.received_at is None:
        raise Refused("Deze zaak is nog niet ontvangen.")
    if state.first_weighing is not None:
        raise Refused("De eerste weging is al afgerond.")
    if command.decided_at > command.at:
        raise Refused("Een weging kan niet in de toekomst genomen zijn.")
    weighing = FirstWeighing(
        command.qualifies, command.target, command.reason, command.assessor, command.decided_at, command.at
    )
    event = FirstWeighingConcluded(
        case=state.case, qualifies=command.qualifies, target=command.target, decided_at=command.decided_at
    )
    return Decision(replace(state, first_weighing=weighing, weigh_before=None), (event,))


def _decision(state: Weighing | None, command: DecideOnMeasures) -> Decision[Weighing]:
    weighing = state.first_weighing if state else None
    if state is None or weighing is None or not weighing.qualifies:
        raise Refused("De officier beslist pas na een eerste weging die in aanmerking komt.")
    if weighing.target is not TargetType.PERSON:
        raise Refused("Bij een object of dienst kiest een mens eerst wie bevoegd is.")
    if state.decision is not None:
        raise Refused("De officier heeft al beslist.")
    if not weighing.decided_at <= command.decided_at <= command.at:
        raise Refused("De beslissing valt na de eerste weging en niet in de toekomst.")
    decision = HovjDecision(
        command.measures_needed, command.level, command.reason, command.decided_by, command.decided_at, command.at
    )
    event = ThreatAssessed(
        case=state.case,
        assessed_at=command.decided_at,
        level=command.level,
        measures_needed=command.measures_needed,
    )
    return Decision(replace(state, decision=decision), (event,))


def _deadline(state: Weighing | None, command: DeadlinePassed) -> Decision[Weighing]:
    if state is None:
        raise Refused("Deze zaak is niet bekend.")
    if command.name != FIRST_WEIGHING or state.weigh_before != command.due:
        return Decision(state)
    after = replace(state, overdue=True, weigh_before=None)
    return Decision(after, (FirstWeighingOverdue(case=state.case, due_at=command.due),))


def deadlines(state: Weighing) -> tuple[Deadline, ...]:
    """The first weighing, until it is done or told to be late."""
    return (Deadline(FIRST_WEIGHING, state.weigh_before),) if state.weigh_before else ()


def is_closed(state: Weighing) -> bool:
    """A weighing can always be reopened by a new report."""
    return False
