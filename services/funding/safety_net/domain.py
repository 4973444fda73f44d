"""The ministry's safety net: the municipality asks, a person at BZK decides (R-VAN-10).

What is missing makes a request incomplete, never rejected (R-VAN-12). No amount decides by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.funding import (
    FundingDecisionDue,
    FundingDeclined,
    FundingGranted,
    FundingRequested,
    FundingSupplemented,
    RequestedLine,
)
from shared.contracts.vocabulary import Channel, MeasureType, Office, Payer, Place

DECISION = "decision"


class RequestState(StrEnum):
    """Where a request stands."""

    TO_BE_COMPLETED = "to-be-completed"
    IN_TREATMENT = "in-treatment"
    GRANTED = "granted"
    DECLINED = "declined"


@dataclass(frozen=True)
class Line:
    """A classified cost line, as funding's own event told it. Euro cents."""

    id: str
    type: MeasureType
    place: Place
    payer: Payer
    above_pkvw: bool
    amount_cents: int


@dataclass(frozen=True)
class Outcome:
    """A person's decision (INV-10). `granted_cents` is None when declined."""

    granted_cents: int | None
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class Motivation:
    """Why the costs are disproportionate, as written at a moment. `text` stays in this service."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Request:
    """A request of the municipality. Motivations are only ever added."""

    id: str
    channel: Channel
    motivations: tuple[Motivation, ...]
    requested_at: datetime
    decide_before: datetime | None
    outcome: Outcome | None = None

    @property
    def motivation(self) -> str:
        """The one that counts: the last; empty when there is none yet."""
        return self.motivations[-1].text if self.motivations else ""


@dataclass(frozen=True)
class SafetyNet:
    """What the safety net knows of one case."""

    case: str
    municipality: str | None = None
    office: Office | None = None
    aangifte_on: date | None = None
    advised_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    request: Request | None = None

    @property
    def requested_lines(self) -> tuple[Line, ...]:
        """Above PKVW and for the municipality (R-VAN-07)."""
        return tuple(line for line in self.lines if line.above_pkvw and line.payer is Payer.MUNICIPALITY)

    @property
    def missing(self) -> tuple[str, ...]:
        """What the request still lacks (R-VAN-05, R-VAN-08)."""
        checks = (
            ("aangifte", self.aangifte_on is not None),
            ("advice", self.advised_at is not None),
            ("cost-lines", bool(self.requested_lines)),
            ("motivation", bool(self.request and self.request.motivation)),
        )
        return tuple(name for name, there in checks if not there)

    @property
    def eligible_cents(self) -> int:
        """The most that can be granted (INV-5): nothing without aangifte and advice."""
        if self.aangifte_on is None or self.advised_at is None:
            return 0
        return sum(line.amount_cents for line in self.requested_lines)

    @property
    def status(self) -> RequestState | None:
        """Where the request stands; None without one."""
        if self.request is None:
            return None
        if self.request.outcome is None:
            return RequestState.TO_BE_COMPLETED if self.missing else RequestState.IN_TREATMENT
        return RequestState.DECLINED if self.request.outcome.granted_cents is None else RequestState.GRANTED


@dataclass(frozen=True)
class NoteIncident:
    """Fact: the incident."""

    case: str
    municipality: str
    office: Office


@dataclass(frozen=True)
class NoteAangifte:
    """Fact: the police confirmed an aangifte."""

    case: str
    filed_on: date


@dataclass(frozen=True)
class NoteAdvice:
    """Fact: police or OM advised measures."""

    case: str
    advised_at: datetime


@dataclass(frozen=True)
class NoteCostLine:
    """Fact: a cost line has a payer."""

    case: str
    line: Line


@dataclass(frozen=True)
class RequestFunding:
    """The municipality asks; a phone call is enough to start (R-VAN-12, R-VAN-13)."""

    case: str
    request: str
    municipality: str
    channel: Channel
    motivation: str
    at: datetime
    decide_within: timedelta


@dataclass(frozen=True)
class SupplementRequest:
    """The municipality adds why the costs are disproportionate (R-VAN-08, R-VAN-09)."""

    municipality: str
    motivation: str
    at: datetime


@dataclass(frozen=True)
class Grant:
    """BZK grants, whole or in part (R-VAN-06). Euro cents."""

    amount_cents: int
    reason: str
    decided_by: str
    at: datetime


@dataclass(frozen=True)
class Decline:
    """BZK declines with a reason."""

    reason: str
    decided_by: str
    at: datetime


Command = (
    NoteIncident | NoteAangifte | NoteAdvice | NoteCostLine | RequestFunding | SupplementRequest | Grant | Decline
    | DeadlinePassed
)  # fmt: skip


def decide(state: SafetyNet | None, command: Command) -> Decision[SafetyNet]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case NoteIncident():
            known = state or SafetyNet(command.case)
            return Decision(replace(known, municipality=command.municipality, office=command.office))
        case NoteAangifte():
            return Decision(replace(state or SafetyNet(command.case), aangifte_on=command.filed_on))
        case NoteAdvice():
            known = state or SafetyNet(command.case)
            return Decision(replace(known, advised_at=known.advised_at or command.advised_at))
        case NoteCostLine():
            known = state or SafetyNet(command.case)
            others = tuple(line for line in known.lines if line.id != command.line.id)
            lines = tuple(sorted((*others, command.line), key=lambda line: line.id))
            return Decision(replace(known, lines=lines))
        case RequestFunding():
            return _request(state or SafetyNet(command.case, command.municipality), command)
        case SupplementRequest():
            return _supplement(state, command)
        case Grant() | Decline():
            return _outcome(state, command)
        case DeadlinePassed():
            return _deadline(state, command)
        case _:
            assert_never(command)


def _request(state: SafetyNet, command: RequestFunding) -> Decision[SafetyNet]:
    if state.municipality is not None and state.municipality != command.municipality:
        raise Refused("Deze zaak is niet van uw gemeente.")
    if state.request is not None:
        raise Refused("Er is al een aanvraag voor deze zaak. Vul die aan.")
    written = (Motivation(command.motivation, command.at),) if command.motivation else ()
    request = Request(command.request, command.channel, written, command.at, command.at + command.decide_within)
    after = replace(state, municipality=command.municipality, request=request)
    event = FundingRequested(
        case=state.case,
        request=request.id,
        municipality=command.municipality,
        office=state.office,
        channel=request.channel,
        requested_at=request.requested_at,
        lines=_asked(after),
        total_cents=sum(line.amount_cents for line in after.requested_lines),
        missing=after.missing,
    )
    return Decision(after, (event,))


def _asked(state: SafetyNet) -> tuple[RequestedLine, ...]:
    return tuple(
        RequestedLine(type=line.type, place=line.place, amount_cents=line.amount_cents)
        for line in state.requested_lines
    )


def _supplement(state: SafetyNet | None, command: SupplementRequest) -> Decision[SafetyNet]:
    request = _undecided(state)
    assert state is not None
    if state.municipality != command.municipality:
        raise Refused("Deze zaak is niet van uw gemeente.")
    written = (*request.motivations, Motivation(command.motivation, command.at))
    after = replace(state, request=replace(request, motivations=written))
    event = FundingSupplemented(
        case=state.case,
        request=request.id,
        lines=_asked(after),
        total_cents=sum(line.amount_cents for line in after.requested_lines),
        missing=after.missing,
    )
    return Decision(after, (event,))


def _outcome(state: SafetyNet | None, command: Grant | Decline) -> Decision[SafetyNet]:
    request = _undecided(state)
    assert state is not None
    amount = command.amount_cents if isinstance(command, Grant) else None
    if amount is not None and not 0 < amount <= state.eligible_cents:
        raise Refused(
            "De bijdrage kan niet hoger zijn dan de kosten die ervoor in aanmerking komen: "
            f"{state.eligible_cents / 100:.2f} euro."
        )
    outcome = Outcome(amount, command.reason, command.decided_by, command.at)
    after = replace(state, request=replace(request, outcome=outcome, decide_before=None))
    municipality = state.municipality or ""
    if amount is None:
        return Decision(
            after,
            (FundingDeclined(case=state.case, request=request.id, municipality=municipality, decided_at=command.at),),
        )
    granted = FundingGranted(
        case=state.case, request=request.id, municipality=municipality, granted_cents=amount, decided_at=command.at
    )
    return Decision(after, (granted,))


def _undecided(state: SafetyNet | None) -> Request:
    if state is None or state.request is None:
        raise Refused("Er is nog geen aanvraag voor deze zaak.")
    if state.request.outcome is not None:
        raise Refused("Over deze aanvraag is al beslist.")
    return state.request


def _deadline(state: SafetyNet | None, command: DeadlinePassed) -> Decision[SafetyNet]:
    if state is None:
        raise Refused("Deze zaak is niet bekend.")
    request = state.request
    if request is None or command.name != DECISION or request.decide_before != command.due:
        return Decision(state)
    after = replace(state, request=replace(request, decide_before=None))
    return Decision(after, (FundingDecisionDue(case=state.case, request=request.id, due_at=command.due),))


def deadlines(state: SafetyNet) -> tuple[Deadline, ...]:
    """BZK's target for a decision."""
    due = state.request.decide_before if state.request else None
    return (Deadline(DECISION, due),) if due else ()


def is_closed(state: SafetyNet) -> bool:
    """Settlement comes later."""
    return False
