"""A contact with the Vertrouwenslijn: opened, talked in, advised, shown to a peer or taken along, closed, destroyed.

Nothing that is decided here reaches the bus: no decision tells an event (INV-8). What needs the caller's yes does not
happen without it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from services.aftercare.confidential_line import consenting
from services.aftercare.confidential_line.commands import (
    Act,
    Advise,
    Answer,
    AskAnother,
    CloseContact,
    ForgetContact,
    HandOver,
    LeaveMessage,
    OpenContact,
    ProposePeer,
    ProposeTransfer,
    RecordCall,
    RequestCallback,
    TakeContact,
    TellAbout,
)
from services.aftercare.confidential_line.contact import Contact, ContactState, Message, Side
from services.aftercare.confidential_line.policy import start_of
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused

EXPIRED = "expired"
MOST_MESSAGES = 500

Callers = LeaveMessage | TellAbout | RequestCallback | AskAnother | ForgetContact | CloseContact
Confidants = TakeContact | RecordCall | Advise
Consenting = Answer | HandOver | ProposePeer | ProposeTransfer
Command = OpenContact | Callers | Confidants | Consenting | DeadlinePassed


def decide(state: Contact | None, command: Command) -> Decision[Contact]:
    """The contact after a command. Raises `Refused`; an act that changes something moves the end date."""
    if isinstance(command, OpenContact):
        return Decision(_opened(state, command))
    if state is None or state.destroyed:
        if isinstance(command, DeadlinePassed) and state is not None:
            return Decision(state)
        raise Refused("Dit gesprek is niet bekend. Misschien is het al vernietigd.")
    if isinstance(command, DeadlinePassed):
        return Decision(_expired(state, command))
    if isinstance(command, ForgetContact):
        return Decision(destroyed(state))
    if state.closed:
        raise Refused("Dit gesprek is afgesloten. Een nieuw gesprek beginnen mag altijd.")
    after = _acted(state, command)
    return Decision(after if after == state else _kept_longer(after, command))


def _kept_longer(state: Contact, act: Act) -> Contact:
    # Nothing was said yet: then it does not stay for months.
    return replace(state, ends_on=max(state.ends_on, act.ends_on)) if state.used else state


def _opened(state: Contact | None, command: OpenContact) -> Contact:
    if state is not None:
        raise Refused("Dit gesprek is er al.")
    return Contact(command.ends_on, command.confidant)


def _acted(state: Contact, command: Callers | Confidants | Consenting) -> Contact:
    match command:
        case LeaveMessage():
            return _message(state, command)
        case TellAbout():
            return replace(state, about=command.about)
        case RequestCallback():
            return _callback(state, command)
        case AskAnother():
            return _let_go(state)
        case TakeContact():
            return _taken(state, command)
        case RecordCall():
            return _called(state, command)
        case Advise():
            return _advised(state, command)
        case CloseContact():
            return _closed(state, command)
        case Answer() | HandOver() | ProposePeer() | ProposeTransfer():
            return _consented(state, command)
        case ForgetContact():
            return destroyed(state)
        case _:
            assert_never(command)


def _consented(state: Contact, command: Consenting) -> Contact:
    match command:
        case ProposePeer():
            in_charge(state, command.by)
            return consenting.propose_peer(state, command)
        case ProposeTransfer():
            in_charge(state, command.by)
            return consenting.propose_transfer(state, command)
        case Answer():
            if command.by:
                in_charge(state, command.by)
            return consenting.answer(state, command)
        case HandOver():
            return consenting.hand_over(state, command)
        case _:
            assert_never(command)


def in_charge(state: Contact, account: str) -> None:
    """Raises `Refused` for a confidant who is not the one in charge."""
    if not account or state.confidant != account:
        raise Refused("U hebt dit gesprek niet (meer).")


def _said(state: Contact, side: Side, text: str, at: datetime) -> Contact:
    if len(state.messages) >= MOST_MESSAGES:
        raise Refused("Dit gesprek is te lang geworden. Begin een nieuw gesprek, of bel.")
    return replace(state, messages=(*state.messages, Message(side, text, at)))


def _message(state: Contact, command: LeaveMessage) -> Contact:
    if command.side is Side.CONFIDANT:
        in_charge(state, command.by)
    return _said(state, command.side, command.text, command.at)


def _callback(state: Contact, command: RequestCallback) -> Contact:
    window = command.window
    if window.ends <= window.begins or not command.hours.cover(window.begins, window.ends):
        opens, closes = command.hours.opens.strftime("%H.%M"), command.hours.closes.strftime("%H.%M")
        raise Refused(f"Kies een tijd tussen {opens} en {closes} uur op één dag.")
    if window.ends <= command.at:
        raise Refused("Deze tijd is al voorbij. Kies een andere tijd.")
    if window.begins > command.at + timedelta(days=14):
        raise Refused("Kies een tijd in de komende twee weken.")
    return replace(state, window=window)


def _let_go(state: Contact) -> Contact:
    if not state.confidant:
        raise Refused("Er is nog geen vertrouwenspersoon die uw gesprek heeft.")
    return replace(state, confidant="", without=(*state.without, state.confidant), proposal=None)


def _taken(state: Contact, command: TakeContact) -> Contact:
    if state.confidant == command.by:
        return state
    if not state.waits or command.by in state.without:
        raise Refused("Dit gesprek wacht niet op u.")
    return replace(state, confidant=command.by)


def _called(state: Contact, command: RecordCall) -> Contact:
    in_charge(state, command.by)
    if state.window is None:
        raise Refused("Er is niet gevraagd om terug te bellen.")
    # The number was for this call only. What remains is that there is contact.
    return replace(state, window=None, outcome=state.outcome or ContactState.TALKING)


def _advised(state: Contact, command: Advise) -> Contact:
    in_charge(state, command.by)
    said = _said(state, Side.CONFIDANT, command.text, command.at)
    return replace(said, outcome=ContactState.ADVISED)


def _closed(state: Contact, command: CloseContact) -> Contact:
    if command.by:
        in_charge(state, command.by)
    return replace(state, closed=True, window=None, proposal=None)


def _expired(state: Contact, command: DeadlinePassed) -> Contact:
    due = deadlines(state)[0]
    return destroyed(state) if (due.name, due.at) == (command.name, command.due) else state


def destroyed(state: Contact) -> Contact:
    """What is left: nothing but the day it would have ended on. The store keeps not even that."""
    return Contact(state.ends_on, destroyed=True)


def deadlines(state: Contact) -> tuple[Deadline, ...]:
    """The end of its term: the first moment after its last day."""
    return () if state.destroyed else (Deadline(EXPIRED, start_of(state.ends_on + timedelta(days=1))),)
