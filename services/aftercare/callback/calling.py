"""The call back itself: one phone number starts a clock of thirty minutes, only contact stops it (R-IVP-04, R-IVP-07).

The promise is for a call to the alarm number, as the IVP noted it. What is asked over the web stands on the same board
without a clock, until the dated terms say that the IVP promises that too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from services.aftercare.callback.care import Callback, Care, Person, Whom
from services.aftercare.callback.commands import AddDetails, RecordAttempt, RecordContact, RequestCallback
from services.aftercare.callback.policy import Terms
from shared.contracts.aftercare import (
    AftercareAccepted,
    AftercareTriggered,
    IvpCallbackAttempted,
    IvpCallbackCorrected,
    IvpCallbackDue,
    IvpCallbackEscalated,
    IvpCallbackMade,
    IvpCallbackMissed,
)
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.envelope import Event
from shared.contracts.vocabulary import CareReason

WARN, ESCALATE, MISSED = "warn", "escalate", "missed"
NOT_ASKED = "Er is niet gevraagd om terug te bellen."


def request(state: Care, command: RequestCallback) -> Decision[Care]:
    """Somebody called or asked. Who asks again while waiting keeps the first clock (S-IVP-12)."""
    _check_moment(command)
    known = _told(state, command.victim, command.caller, command.ring_first)
    if not known.phone:
        raise Refused("Vul één telefoonnummer in. De rest mag later.")
    if _answered(state, known, command):
        return Decision(known)
    events: list[Event] = []
    if not state.waits:
        known = _asked_anew(known, command)
        if not state.offers:
            events.append(_triggered(known, command))
    again = not state.waits and (state.callback is not None or state.closed_at is not None)
    if again or not known.accepted:
        known = replace(known, accepted_at=command.at)
        events.append(AftercareAccepted(case=known.case, accepted_at=command.at))
    assert known.callback is not None
    if known.callback.due_at is None and (command.by_phone or command.terms.web_request_promised):
        known = replace(known, callback=_promised(known.callback, command.called_at, command.terms))
        assert known.callback is not None and known.callback.due_at is not None
        events.append(IvpCallbackDue(case=known.case, called_at=known.callback.called_at, due_at=known.callback.due_at))
    return Decision(known, tuple(events))


def _answered(state: Care, known: Care, command: RequestCallback) -> bool:
    """Whether the person was spoken to after this call, so that a call noted twice or late breaks no promise."""
    callback = state.callback
    if callback is None or callback.made_at is None or not command.by_phone:
        return False
    if command.ring_first is Whom.VICTIM:
        spoken = callback.victim_spoken_at
    else:
        same = known.earlier_callers == state.earlier_callers
        spoken = callback.made_at if same and callback.made_with is Whom.CALLER else None
    return spoken is not None and command.called_at <= spoken


def _check_moment(command: RequestCallback) -> None:
    if command.called_at > command.at:
        raise Refused("De oproep kan niet in de toekomst liggen.")
    if command.at - command.called_at > timedelta(hours=command.terms.note_call_within_hours):
        raise Refused("Deze oproep is te lang geleden. Kijk de datum en tijd na.")


def _triggered(state: Care, command: RequestCallback) -> AftercareTriggered:
    return AftercareTriggered(
        case=state.case, reason=CareReason.REQUEST, triggered_at=command.called_at, impact=state.impact
    )


def _asked_anew(state: Care, command: RequestCallback) -> Care:
    earlier = (*state.earlier, state.callback) if state.callback else state.earlier
    return replace(
        state, callback=Callback(command.called_at), earlier=earlier, declined_at=None, closed_at=None,
    )  # fmt: skip


def _promised(callback: Callback, called_at: datetime, terms: Terms) -> Callback:
    due = called_at + timedelta(minutes=terms.call_back_minutes)
    pending = (
        Deadline(WARN, called_at + timedelta(minutes=terms.warn_minutes)),
        Deadline(ESCALATE, called_at + timedelta(minutes=terms.escalate_minutes)),
        Deadline(MISSED, due),
    )
    return replace(callback, called_at=called_at, due_at=due, pending=pending)


def add_details(state: Care | None, command: AddDetails) -> Decision[Care]:
    """What was not told at once. It starts and stops no clock."""
    if state is None:
        raise Refused("Deze zaak is nog niet bekend bij de nazorg.")
    return Decision(_told(state, command.victim, command.caller, command.ring_first))


def _told(state: Care, victim: Person, caller: Person | None, ring_first: Whom | None) -> Care:
    if ring_first is Whom.CALLER and caller is None and state.caller is None:
        raise Refused("Er belde niemand anders voor deze persoon.")
    another = caller is not None and state.caller is not None and _is_another(state.caller, caller)
    now_caller = state.caller if caller is None or another else (state.caller or Person()).told(caller)
    after = replace(
        state,
        victim=state.victim.told(victim),
        caller=caller if another else now_caller,
        ring_first=ring_first or state.ring_first,
        earlier_callers=(*state.earlier_callers, state.caller) if another and state.caller else state.earlier_callers,
    )
    replaced = [state.victim.phone] if after.victim.phone != state.victim.phone else []
    if not another and state.caller is not None and after.caller and after.caller.phone != state.caller.phone:
        replaced.append(state.caller.phone)
    return replace(after, earlier_phones=(*state.earlier_phones, *(phone for phone in replaced if phone)))


def _is_another(known: Person, caller: Person) -> bool:
    """Two callers for one case: with another name and another number it is somebody else."""
    other_name = bool(known.name and caller.name and known.name != caller.name)
    return other_name and known.phone != caller.phone


def _waiting(state: Care | None) -> tuple[Care, Callback]:
    if state is None or state.callback is None:
        raise Refused(NOT_ASKED)
    if state.callback.made_at is not None:
        raise Refused("Er is al contact geweest.")
    return state, state.callback


def attempt(state: Care | None, command: RecordAttempt) -> Decision[Care]:
    """Rang without answer; the clock goes on."""
    known, callback = _waiting(state)
    after = replace(known, callback=replace(callback, attempts=(*callback.attempts, command.at)))
    return Decision(after, (IvpCallbackAttempted(case=known.case, attempted_at=command.at),))


def contact(state: Care | None, command: RecordContact) -> Decision[Care]:
    """Contact was made. The first one stops the clock; a later one may be with the victim, or correct the first."""
    if state is None or state.callback is None:
        raise Refused(NOT_ASKED)
    callback = state.callback
    if not callback.called_at <= command.made_at <= command.at:
        raise Refused("Het contact ligt na de oproep en niet in de toekomst.")
    made_with = command.made_with or (state.ring_first if state.caller else Whom.VICTIM)
    if made_with is Whom.CALLER and state.caller is None:
        raise Refused("Er belde niemand anders voor deze persoon.")
    if callback.made_at is None:
        return _first_contact(state, callback, command, made_with)
    if callback.due_at is not None and command.made_at <= callback.due_at < callback.made_at:
        return _corrected(state, callback, command, made_with)
    if made_with is Whom.VICTIM and callback.victim_spoken_at is None:
        return Decision(replace(state, callback=replace(callback, victim_spoken_at=command.made_at)))
    raise Refused("Er is al contact geweest.")


def _first_contact(state: Care, callback: Callback, command: RecordContact, made_with: Whom) -> Decision[Care]:
    spoken = command.made_at if made_with is Whom.VICTIM else None
    after = replace(
        callback, made_at=command.made_at, made_with=made_with, entered_at=command.at, victim_spoken_at=spoken,
        pending=(),
    )  # fmt: skip
    events: list[Event] = []
    late = after.due_at is not None and not after.in_time
    if late and after.missed_at is None and after.due_at is not None:
        # The clock had not looked yet; the miss is a miss all the same, and is told once (S-IVP-02).
        after = replace(after, missed_at=after.due_at)
        events.append(IvpCallbackMissed(case=state.case, due_at=after.due_at or command.at))
    # Where nothing was promised, nothing was broken.
    events.append(IvpCallbackMade(case=state.case, made_at=command.made_at, in_time=not late))
    if after.in_time and after.missed_at is not None:
        events.append(IvpCallbackCorrected(case=state.case, made_at=command.made_at, corrected_at=command.at))
    return Decision(replace(state, callback=after), tuple(events))


def _corrected(state: Care, callback: Callback, command: RecordContact, made_with: Whom) -> Decision[Care]:
    spoken = command.made_at if made_with is Whom.VICTIM else callback.victim_spoken_at
    after = replace(
        callback, made_at=command.made_at, made_with=made_with, entered_at=command.at, victim_spoken_at=spoken,
        corrected_from=callback.made_at,
    )  # fmt: skip
    event = IvpCallbackCorrected(case=state.case, made_at=command.made_at, corrected_at=command.at)
    return Decision(replace(state, callback=after), (event,))


def deadline(state: Care | None, command: DeadlinePassed) -> Decision[Care]:
    """Warned at 20 minutes, escalated at 25, missed and escalated at 30. Nothing ends by itself."""
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
