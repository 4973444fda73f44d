"""Which accounts stand where to a case: the pure part. One document per case and service, fed by events.

It holds opaque references of accounts, never who they are. `excluded` beats every other tie.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from shared.contracts.assessment import HandlerAssigned
from shared.contracts.decisions import Deadline, Decision, Refused
from shared.contracts.envelope import Event
from shared.contracts.intake import RelationChanged
from shared.contracts.vocabulary import Office, Tie


@dataclass(frozen=True)
class Ties:
    """A case as the wall knows it. `municipality` (CBS code) and `office` are those of the threatened person."""

    case: str
    municipality: str | None = None
    office: Office | None = None
    own: tuple[str, ...] = ()
    wrote: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    assigned: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    claiming: tuple[str, ...] = ()
    """Who gave the code of a case that was reported without signing in, and is to be rung."""
    rota: tuple[tuple[Office, tuple[str, ...]], ...] = ()
    """Who handles for each office, once there was advice: used as soon as the office is known too."""
    stand_by: tuple[tuple[Office, tuple[str, ...]], ...] = ()
    """Who handles in the municipality of the report, for when costs must be judged without advice."""
    to_judge: bool = False
    """Whether a person must say who pays for something."""

    def holds(self, tie: Tie, account: str) -> bool:
        """Whether the account has this tie; nothing but `excluded` holds for who is excluded."""
        if tie is not Tie.EXCLUDED and account in self.excluded:
            return False
        return account in getattr(self, tie.value)


@dataclass(frozen=True)
class NoteCase:
    """Fact: a report was made. `own`, `wrote`: whose it is, or who wrote it; `rota`: who handles there per office."""

    case: str
    municipality: str
    office: Office
    own: str | None = None
    wrote: str | None = None
    rota: tuple[tuple[Office, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class NoteTie:
    """Fact: another service says that a tie holds from now on, or ended."""

    case: str
    account: str
    tie: Tie
    holds: bool


@dataclass(frozen=True)
class NoteAdvised:
    """Fact: the municipality got its first advice. `rota`: who handles there for each office (R-ACT-04)."""

    case: str
    municipality: str
    rota: tuple[tuple[Office, tuple[str, ...]], ...]


@dataclass(frozen=True)
class NoteToJudge:
    """Fact: a handler must say who pays, also when nothing was advised to the municipality (S-KST-05, S-KST-08)."""

    case: str


@dataclass(frozen=True)
class ChangeTie:
    """A person names somebody trusted, keeps somebody out, or puts a handler on the case. `at` in UTC."""

    case: str
    account: str
    tie: Tie
    holds: bool
    at: datetime


@dataclass(frozen=True)
class AskClaim:
    """Somebody gave the right code of a case that nobody owns yet."""

    case: str
    account: str


Command = AskClaim | NoteCase | NoteTie | NoteAdvised | NoteToJudge | ChangeTie


def decide(state: Ties | None, command: Command) -> Decision[Ties]:
    """The ties afterwards. Facts are never refused; a person's change is told to the other services."""
    state = state or Ties(command.case)
    match command:
        case NoteCase():
            state = replace(state, municipality=command.municipality, office=command.office, stand_by=command.rota)
            state = _with(state, Tie.OWN, command.own) if command.own else state
            state = _with(state, Tie.WROTE, command.wrote) if command.wrote else state
            return Decision(_put_on(state))
        case NoteTie():
            return Decision(_changed(state, command.tie, command.account, command.holds))
        case NoteAdvised():
            municipality = state.municipality or command.municipality
            return Decision(_put_on(replace(state, municipality=municipality, rota=command.rota)))
        case NoteToJudge():
            return Decision(_put_on(replace(state, to_judge=True)))
        case AskClaim():
            if state.own:
                raise Refused("Deze zaak is al van iemand.")
            others = tuple(one for one in state.claiming if one != command.account)
            return Decision(replace(state, claiming=(*others, command.account)))
        case ChangeTie():
            return _change(state, command)
        case _:
            assert_never(command)


def _put_on(state: Ties) -> Ties:
    """The handlers of the rota are put on the case once; afterwards people hand it over."""
    rota = state.rota or (state.stand_by if state.to_judge else ())
    if state.assigned or state.office is None or not rota:
        return state
    return replace(state, assigned=dict(rota).get(state.office, ()))


def _change(state: Ties, command: ChangeTie) -> Decision[Ties]:
    after = _changed(state, command.tie, command.account, command.holds)
    if after == state:
        return Decision(state)
    if command.tie is Tie.ASSIGNED and not after.assigned:
        raise Refused("Er moet altijd iemand met deze zaak bezig zijn. Zet er eerst een ander op.")
    if command.tie is Tie.EXCLUDED and state.holds(Tie.OWN, command.account):
        raise Refused("Iemand kan niet van de eigen zaak worden uitgesloten.")
    claiming = () if command.tie is Tie.OWN else after.claiming
    return Decision(replace(after, claiming=claiming), (_told(command),))


def _told(command: ChangeTie) -> Event:
    case, account, holds, at = command.case, command.account, command.holds, command.at
    if command.tie is Tie.ASSIGNED:
        return HandlerAssigned(case=case, account=account, holds=holds, changed_at=at)
    return RelationChanged(case=case, account=account, relation=command.tie, holds=holds, changed_at=at)


def _changed(state: Ties, tie: Tie, account: str, holds: bool) -> Ties:
    if holds:
        return _with(state, tie, account)
    return _held_by(state, tie, tuple(one for one in getattr(state, tie.value) if one != account))


def _with(state: Ties, tie: Tie, account: str) -> Ties:
    before: tuple[str, ...] = getattr(state, tie.value)
    return state if account in before else _held_by(state, tie, (*before, account))


def _held_by(state: Ties, tie: Tie, accounts: tuple[str, ...]) -> Ties:
    changed: Any = {tie.value: accounts}
    return replace(state, **changed)


def deadlines(state: Ties) -> tuple[Deadline, ...]:
    """None: a tie ends when a person ends it."""
    return ()


def is_closed(state: Ties) -> bool:
    """Never: access follows the person, also afterwards."""
    return False
