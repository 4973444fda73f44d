"""Reporting: signal, melding, aangifte confirmed by the police; victim and reporter; RCCB's receipt.

Nobody but the victim makes a melding of a signal, and nobody but the police makes it an aangifte (INV-7).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never

from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.intake import AangifteFiled, IncidentReported, RccbNotified, RccbReceiptOverdue, SignalRecorded
from shared.contracts.vocabulary import Impact, IncidentKind, Office, ReportType, Urgency

SIGNAL_UNJUDGED = "signal-unjudged"
RCCB_RECEIPT = "rccb-receipt"


@dataclass(frozen=True)
class Person:
    """Contact data; stays in this service."""

    name: str
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Reporter:
    """Somebody else than the victim who reports (R-ACT-13), with own contact data."""

    person: Person
    relation: str


@dataclass(frozen=True)
class Incident:
    """What a report says. `narrative` stays in this service."""

    kind: IncidentKind
    office: Office
    municipality: str
    urgency: Urgency
    impact: Impact
    narrative: str
    victim: Person
    reporter: Reporter | None = None
    context: str | None = None


@dataclass(frozen=True)
class Report:
    """One case. Moments in UTC; `None` means: not (yet)."""

    case: str
    type: ReportType | None = None
    incident: Incident | None = None
    recorded_at: datetime | None = None
    reported_at: datetime | None = None
    aangifte_wished: bool = False
    aangifte_reference: str | None = None
    aangifte_on: date | None = None
    rccb_notified_at: datetime | None = None
    weighing_opened_at: datetime | None = None
    rccb_overdue: bool = False
    prompted_at: datetime | None = None
    judge_before: datetime | None = None
    receipt_before: datetime | None = None
    qualifies: bool | None = None


@dataclass(frozen=True)
class RecordSignal:
    """R-MEL-01. `judge_within`: from the policy of the day."""

    case: str
    incident: Incident
    at: datetime
    judge_within: timedelta


@dataclass(frozen=True)
class ReportIncident:
    """R-MEL-03; a wish for aangifte is a wish, no aangifte (S-MEL-01)."""

    case: str
    incident: Incident
    at: datetime
    receipt_within: timedelta
    aangifte_wished: bool = False


@dataclass(frozen=True)
class MakeMelding:
    """The victim makes a melding of a signal."""

    at: datetime
    receipt_within: timedelta


@dataclass(frozen=True)
class ConfirmAangifte:
    """Only the police's act. `reference` is the police's own and stays here."""

    reference: str
    filed_on: date
    at: datetime


@dataclass(frozen=True)
class NoteWeighingOpened:
    """Fact: RCCB received the report."""

    case: str
    at: datetime


@dataclass(frozen=True)
class NoteFirstWeighing:
    """Fact: RCCB concluded the first weighing."""

    case: str
    qualifies: bool


Command = (
    RecordSignal | ReportIncident | MakeMelding | ConfirmAangifte | NoteWeighingOpened | NoteFirstWeighing
    | DeadlinePassed
)  # fmt: skip


def decide(state: Report | None, command: Command) -> Decision[Report]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case RecordSignal():
            return _signal(state, command)
        case ReportIncident():
            return _report(state, command)
        case MakeMelding():
            return _melding(state, command)
        case ConfirmAangifte():
            return _aangifte(state, command)
        case NoteWeighingOpened():
            return _received(state or Report(command.case), command.at)
        case NoteFirstWeighing():
            return Decision(replace(state or Report(command.case), qualifies=command.qualifies))
        case DeadlinePassed():
            return _deadline(_known(state), command)
        case _:
            assert_never(command)


def _signal(state: Report | None, command: RecordSignal) -> Decision[Report]:
    if state is not None and state.incident is not None:
        raise Refused("Deze melding bestaat al.")
    after = replace(
        state or Report(command.case),
        type=ReportType.SIGNAL,
        incident=command.incident,
        recorded_at=command.at,
        judge_before=command.at + command.judge_within,
    )
    return Decision(after, (SignalRecorded(case=command.case, kind=command.incident.kind, recorded_at=command.at),))


def _report(state: Report | None, command: ReportIncident) -> Decision[Report]:
    if state is not None and state.incident is not None:
        raise Refused("Deze melding bestaat al.")
    after = replace(
        state or Report(command.case),
        incident=command.incident,
        recorded_at=command.at,
        aangifte_wished=command.aangifte_wished,
    )
    return _start_chain(after, command.at, command.receipt_within)


def _melding(state: Report | None, command: MakeMelding) -> Decision[Report]:
    if state is None or state.incident is None:
        raise Refused("Deze melding is niet bekend.")
    if state.type is not ReportType.SIGNAL:
        raise Refused("Dit is al een melding.")
    return _start_chain(replace(state, judge_before=None), command.at, command.receipt_within)


def _start_chain(state: Report, at: datetime, receipt_within: timedelta) -> Decision[Report]:
    incident = state.incident
    assert incident is not None
    waiting = None if state.weighing_opened_at else at + receipt_within
    after = replace(state, type=ReportType.MELDING, reported_at=at, receipt_before=waiting)
    event = IncidentReported(
        case=state.case,
        report_type=ReportType.MELDING,
        kind=incident.kind,
        office=incident.office,
        municipality=incident.municipality,
        urgency=incident.urgency,
        impact=incident.impact,
        reporter_is_victim=incident.reporter is None,
        reported_at=at,
        context=incident.context,
    )
    return Decision(after, (event,))


def _aangifte(state: Report | None, command: ConfirmAangifte) -> Decision[Report]:
    if state is None or state.reported_at is None:
        raise Refused("Voor een aangifte is eerst een melding nodig.")
    if state.type is ReportType.AANGIFTE:
        raise Refused("De aangifte is al bevestigd.")
    after = replace(state, type=ReportType.AANGIFTE, aangifte_reference=command.reference, aangifte_on=command.filed_on)
    return Decision(after, (AangifteFiled(case=state.case, filed_on=command.filed_on),))


def _received(state: Report, at: datetime) -> Decision[Report]:
    if state.weighing_opened_at is not None:
        return Decision(state)
    after = replace(state, weighing_opened_at=at, rccb_notified_at=at, receipt_before=None)
    return Decision(after, (RccbNotified(case=state.case, notified_at=at),))


def _deadline(state: Report, command: DeadlinePassed) -> Decision[Report]:
    if command.name == SIGNAL_UNJUDGED and state.judge_before == command.due:
        # A prompt to the person only; nobody else reads a signal (R-MEL-14).
        return Decision(replace(state, prompted_at=command.at, judge_before=None))
    if command.name == RCCB_RECEIPT and state.receipt_before == command.due:
        after = replace(state, rccb_overdue=True, receipt_before=None)
        return Decision(after, (RccbReceiptOverdue(case=state.case, due_at=command.due),))
    return Decision(state)


def _known(state: Report | None) -> Report:
    if state is None:
        raise Refused("Deze melding is niet bekend.")
    return state


def deadlines(state: Report) -> tuple[Deadline, ...]:
    """What is due: a signal to judge, RCCB's receipt."""
    due = ((SIGNAL_UNJUDGED, state.judge_before), (RCCB_RECEIPT, state.receipt_before))
    return tuple(Deadline(name, at) for name, at in due if at is not None)


def is_closed(state: Report) -> bool:
    """A report stays open; closing comes with retention."""
    return False
