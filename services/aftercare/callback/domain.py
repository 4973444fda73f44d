"""Care around one case: offered, accepted or declined, called back, supported, closed, opened again.

Care waits for nothing: no weighing, no money, not even for the report to arrive (INV-1). No content is stored.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from services.aftercare.callback import calling, support
from services.aftercare.callback.calling import ESCALATE, MISSED, WARN
from services.aftercare.callback.care import Callback, Care, CareState, Person, Support, Told, Whom, Worker
from services.aftercare.callback.commands import (
    AcceptOffer,
    AddDetails,
    AssignCareWorker,
    CloseAftercare,
    DeclineOffer,
    NoteIncident,
    NoteLinked,
    NoteScaledDown,
    PlanSupport,
    RecordAttempt,
    RecordContact,
    RecordObjection,
    ReportProgress,
    RequestCallback,
)
from shared.contracts.aftercare import AftercareAccepted, AftercareClosed, AftercareDeclined, AftercareTriggered
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.vocabulary import CareReason

__all__ = [
    "ESCALATE", "MISSED", "WARN", "AcceptOffer", "AddDetails", "AssignCareWorker", "Callback", "Care", "CareState",
    "CloseAftercare", "DeclineOffer", "NoteIncident", "NoteLinked", "NoteScaledDown", "Person", "PlanSupport",
    "RecordAttempt", "RecordContact", "RecordObjection", "ReportProgress", "RequestCallback", "Support", "Told", "Whom",
    "Worker", "deadlines", "decide", "is_closed",
]  # fmt: skip

NO_OFFER = "Er is nu geen aanbod van hulp. Bellen met het IVP kan altijd."

Fact = NoteIncident | NoteLinked | NoteScaledDown
Calling = RequestCallback | AddDetails | RecordAttempt | RecordContact
Supporting = AssignCareWorker | PlanSupport | RecordObjection | ReportProgress
Answering = AcceptOffer | DeclineOffer | CloseAftercare
Command = Fact | Calling | Supporting | Answering | DeadlinePassed


def decide(state: Care | None, command: Command) -> Decision[Care]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case NoteIncident() | NoteLinked() | NoteScaledDown():
            return _learned(state or Care(command.case), command)
        case RequestCallback() | AddDetails() | RecordAttempt() | RecordContact():
            return _called(state, command)
        case AssignCareWorker() | PlanSupport() | RecordObjection() | ReportProgress():
            return _supported(state, command)
        case AcceptOffer():
            return _accept(state, command)
        case DeclineOffer():
            return _decline(state, command)
        case CloseAftercare():
            return _close(state, command)
        case DeadlinePassed():
            return calling.deadline(state, command)
        case _:
            assert_never(command)


def _learned(state: Care, fact: Fact) -> Decision[Care]:
    match fact:
        case NoteIncident():
            known = replace(state, incidents=(*state.incidents, fact.impact))
            reason = CareReason.REPEAT if known.repeated else CareReason.ACUTE_INCIDENT
        case NoteLinked():
            known, reason = replace(state, linked=True), CareReason.REPEAT
        case NoteScaledDown():
            known, reason = replace(state, endings=state.endings + 1), CareReason.SCALE_DOWN
        case _:
            assert_never(fact)
    told = AftercareTriggered(case=known.case, reason=reason, triggered_at=fact.at, impact=known.impact)
    if known.offers > state.offers:
        # Somebody who already asked for a call needs no offer, but the fact is told all the same.
        return Decision(_offered(known, fact.at), (told,))
    # An offer that nobody answered yet weighs more now; an answer that was given stands (R-IVP-13).
    raised = known.linked and not state.linked and known.status is CareState.OFFERED
    return Decision(known, (told,) if raised else ())


def _offered(state: Care, at: datetime) -> Care:
    newest = at if state.offered_at is None else max(at, state.offered_at)
    return replace(state, offered_at=newest, declined_at=None, closed_at=None)


def _called(state: Care | None, command: Calling) -> Decision[Care]:
    match command:
        case RequestCallback():
            return calling.request(state or Care(command.case), command)
        case AddDetails():
            return calling.add_details(state, command)
        case RecordAttempt():
            return calling.attempt(state, command)
        case RecordContact():
            return calling.contact(state, command)
        case _:
            assert_never(command)


def _supported(state: Care | None, command: Supporting) -> Decision[Care]:
    match command:
        case AssignCareWorker():
            return support.assign(state, command)
        case PlanSupport():
            return support.plan(state, command)
        case RecordObjection():
            return support.record_objection(state, command)
        case ReportProgress():
            return support.report_progress(state, command)
        case _:
            assert_never(command)


def _accept(state: Care | None, command: AcceptOffer) -> Decision[Care]:
    if state is None or state.closed_at is not None:
        raise Refused(NO_OFFER)
    if not (state.waits or state.offer_stands or state.declined_at is not None):
        raise Refused(NO_OFFER)
    if state.accepted and state.declined_at is None:
        return Decision(state)
    after = replace(state, accepted_at=command.at, declined_at=None)
    return Decision(after, (AftercareAccepted(case=state.case, accepted_at=command.at),))


def _decline(state: Care | None, command: DeclineOffer) -> Decision[Care]:
    if state is None or state.closed_at is not None:
        raise Refused(NO_OFFER)
    if state.waits:
        raise Refused("U wacht nog op een telefoontje. Zeg het tegen de hulpverlener die u belt.")
    if state.declined_at is not None:
        return Decision(state)
    if not state.offer_stands:
        raise Refused(NO_OFFER)
    after = replace(state, declined_at=command.at, accepted_at=None)
    return Decision(after, (AftercareDeclined(case=state.case, declined_at=command.at),))


def _close(state: Care | None, command: CloseAftercare) -> Decision[Care]:
    if state is None or state.closed_at is not None:
        raise Refused("Deze nazorg is al afgesloten of niet bekend.")
    if not state.ivp_knows:
        raise Refused("Deze persoon heeft nog niet om hulp gevraagd.")
    if state.waits:
        raise Refused("Er wacht nog iemand op een telefoontje.")
    return Decision(replace(state, closed_at=command.at), (AftercareClosed(case=state.case, closed_at=command.at),))


def deadlines(state: Care) -> tuple[Deadline, ...]:
    """Warning, escalation and the promise itself, until contact was made."""
    return state.callback.pending if state.callback else ()


def is_closed(state: Care) -> bool:
    """Whether care has ended; a new call or offer opens it again."""
    return state.closed_at is not None
