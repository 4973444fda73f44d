"""The IVP's call back: one phone number starts a clock of thirty minutes, only contact stops it.

Care waits for nothing: no weighing, no money, not even for the report to arrive (INV-1). No content is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from services.aftercare.callback.policy import Terms
from shared.contracts.aftercare import (
    AftercareClosed,
    AftercareTriggered,
    IvpCallbackAttempted,
    IvpCallbackDue,
    IvpCallbackEscalated,
    IvpCallbackMade,
    IvpCallbackMissed,
)
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.envelope import Event
from shared.contracts.vocabulary import CareReason, Impact

WARN, ESCALATE, MISSED = "warn", "escalate", "missed"


class CareState(StrEnum):
    """Where care stands."""

    KNOWN = "known"
    OFFERED = "offered"
    TO_CALL = "to-call"
    MISSED = "missed"
    CALLED = "called"
    CLOSED = "closed"


@dataclass(frozen=True)
class Callback:
    """One promise. Numbers and name stay in this service. `pending`: the deadlines still to come."""

    phone: str
    name: str
    called_at: datetime
    due_at: datetime
    pending: tuple[Deadline, ...]
    attempts: tuple[datetime, ...] = ()
    warned: bool = False
    escalated_minutes: int = 0
    missed_at: datetime | None = None
    made_at: datetime | None = None
    earlier_phones: tuple[str, ...] = ()
    """Numbers given before, while this call was awaited."""


@dataclass(frozen=True)
class Care:
    """Care around one case."""

    case: str
    impact: Impact | None = None
    offers: int = 0
    offered_at: datetime | None = None
    callback: Callback | None = None
    earlier: tuple[Callback, ...] = ()
    closed_at: datetime | None = None

    @property
    def status(self) -> CareState:
        """Derived, never stored apart."""
        if self.closed_at is not None:
            return CareState.CLOSED
        if self.callback is None:
            return CareState.OFFERED if self.offers else CareState.KNOWN
        if self.callback.made_at is not None:
            again = self.offered_at is not None and self.offered_at > self.callback.made_at
            return CareState.OFFERED if again else CareState.CALLED
        return CareState.MISSED if self.callback.missed_at is not None else CareState.TO_CALL


@dataclass(frozen=True)
class NoteIncident:
    """Fact: an incident was reported. Far-reaching or acute: care is offered at once (R-IVP-15)."""

    case: str
    impact: Impact
    at: datetime


@dataclass(frozen=True)
class NoteScaledDown:
    """Fact: measures ended; care is offered again (S-SBB-14)."""

    case: str
    at: datetime


@dataclass(frozen=True)
class RequestCallback:
    """Somebody called, or accepts the offer; one phone number is enough (R-IVP-07)."""

    case: str
    phone: str
    name: str
    at: datetime
    terms: Terms


@dataclass(frozen=True)
class RecordAttempt:
    """A care worker rang without answer."""

    at: datetime


@dataclass(frozen=True)
class RecordContact:
    """Contact was made at `made_at`, entered at `at`."""

    made_at: datetime
    at: datetime


@dataclass(frozen=True)
class CloseAftercare:
    """The care worker closes it."""

    at: datetime


Command = (
    NoteIncident | NoteScaledDown | RequestCallback | RecordAttempt | RecordContact | CloseAftercare | DeadlinePassed
)


def decide(state: Care | None, command: Command) -> Decision[Care]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case NoteIncident():
            return _incident(state or Care(command.case), command)
        case NoteScaledDown():
            return _offer(state or Care(command.case), CareReason.SCALE_DOWN, command.at)
        case RequestCallback():
            return _request(state or Care(command.case), command)
        case RecordAttempt():
            return _attempt(state, command)
        case RecordContact():
            return _contact(state, command)
        case CloseAftercare():
            return _close(state, command)
        case DeadlinePassed():
            return _deadline(state, command)
        case _:
            assert_never(command)


def _incident(state: Care, command: NoteIncident) -> Decision[Care]:
    known = replace(state, impact=command.impact)
    if command.impact is Impact.LIMITED:
        return Decision(known)
    return _offer(known, CareReason.REPEAT if state.offers else CareReason.ACUTE_INCIDENT, command.at)


def _offer(state: Care, reason: CareReason, at: datetime) -> Decision[Care]:
    # Somebody who already asked for a call needs no offer, but the fact is told all the same.
    after = replace(state, offers=state.offers + 1, offered_at=at, closed_at=None)
    event = AftercareTriggered(case=state.case, reason=reason, triggered_at=at, impact=state.impact)
    return Decision(after, (event,))


def _request(state: Care, command: RequestCallback) -> Decision[Care]:
    current = state.callback
    if current is not None and current.made_at is None and state.closed_at is None:
        return Decision(replace(state, callback=_reached_at(current, command)))
    terms = command.terms
    due = command.at + timedelta(minutes=terms.call_back_minutes)
    pending = (
        Deadline(WARN, command.at + timedelta(minutes=terms.warn_minutes)),
        Deadline(ESCALATE, command.at + timedelta(minutes=terms.escalate_minutes)),
        Deadline(MISSED, due),
    )
    callback = Callback(command.phone, command.name, command.at, due, pending)
    after = replace(
        state, callback=callback, earlier=(*state.earlier, current) if current else state.earlier, closed_at=None
    )
    events: list[Event] = []
    if not state.offers:
        events.append(
            AftercareTriggered(case=state.case, reason=CareReason.REQUEST, triggered_at=command.at, impact=state.impact)
        )
    events.append(IvpCallbackDue(case=state.case, called_at=command.at, due_at=due))
    return Decision(after, tuple(events))


def _reached_at(current: Callback, command: RequestCallback) -> Callback:
    # The clock runs since the first call (S-IVP-12); only where, and perhaps for whom, to ring is newer.
    if command.phone != current.phone:
        earlier = (*current.earlier_phones, current.phone)
        current = replace(current, phone=command.phone, earlier_phones=earlier)
    return replace(current, name=command.name or current.name)


def _open_callback(state: Care | None) -> Callback:
    if state is None or state.callback is None:
        raise Refused("Er is niet gevraagd om terug te bellen.")
    if state.callback.made_at is not None:
        raise Refused("Er is al contact geweest.")
    return state.callback


def _attempt(state: Care | None, command: RecordAttempt) -> Decision[Care]:
    callback = _open_callback(state)
    assert state is not None
    after = replace(state, callback=replace(callback, attempts=(*callback.attempts, command.at)))
    return Decision(after, (IvpCallbackAttempted(case=state.case, attempted_at=command.at),))


def _contact(state: Care | None, command: RecordContact) -> Decision[Care]:
    callback = _open_callback(state)
    assert state is not None
    if not callback.called_at <= command.made_at <= command.at:
        raise Refused("Het contact ligt na de oproep en niet in de toekomst.")
    after = replace(state, callback=replace(callback, made_at=command.made_at, pending=()))
    in_time = command.made_at <= callback.due_at
    return Decision(after, (IvpCallbackMade(case=state.case, made_at=command.made_at, in_time=in_time),))


def _close(state: Care | None, command: CloseAftercare) -> Decision[Care]:
    if state is None or state.closed_at is not None:
        raise Refused("Deze nazorg is al afgesloten of niet bekend.")
    if state.callback is not None and state.callback.made_at is None:
        raise Refused("Er wacht nog iemand op een telefoontje.")
    return Decision(replace(state, closed_at=command.at), (AftercareClosed(case=state.case, closed_at=command.at),))


def _deadline(state: Care | None, command: DeadlinePassed) -> Decision[Care]:
    if state is None:
        raise Refused("Deze zaak is niet bekend.")
    callback = state.callback
    passed = Deadline(command.name, command.due)
    if callback is None or passed not in callback.pending:
        return Decision(state)
    callback = replace(callback, pending=tuple(due for due in callback.pending if due != passed))
    events: tuple[Event, ...] = ()
    if command.name == WARN:
        callback = replace(callback, warned=True)
    else:
        minutes = int((command.due - callback.called_at).total_seconds() // 60)
        callback = replace(callback, escalated_minutes=max(minutes, callback.escalated_minutes))
        events = (IvpCallbackEscalated(case=state.case, minutes=minutes, escalated_at=command.at),)
    if command.name == MISSED:
        callback = replace(callback, missed_at=command.due)
        events = (IvpCallbackMissed(case=state.case, due_at=command.due), *events)
    return Decision(replace(state, callback=callback), events)


def deadlines(state: Care) -> tuple[Deadline, ...]:
    """Warning, escalation and the promise itself, until contact was made."""
    return state.callback.pending if state.callback else ()


def is_closed(state: Care) -> bool:
    """Whether care has ended; a new request opens it again."""
    return state.closed_at is not None
