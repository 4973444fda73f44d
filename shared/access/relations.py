"""The relation in which a caller stands to a case: one of the keys of the matrix. Nothing here reads or writes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.access.organisations import Organisations
from shared.access.roles import Caller, Role
from shared.access.ties import Ties
from shared.contracts.vocabulary import Tie


class Relation(StrEnum):
    """How somebody stands to a case. No relation: the case does not exist for this caller."""

    OWN = "own"
    WROTE = "wrote"
    TRUSTED = "trusted"
    OWN_UNIT = "own-unit"
    ASSIGNED = "assigned"
    ROTA = "rota"
    """On the rota of the municipality, for what belongs to no case: questions, bills, totals."""
    CLIENT = "client"
    """The person asked for care."""
    PSEUDONYM = "pseudonym"
    """The caller knows the case by a pseudonym only."""
    BREAK_GLASS = "break-glass"


@dataclass(frozen=True)
class Known:
    """What the module itself knows of the caller and the case, before any event told the ties."""

    own: bool = False
    wrote: bool = False
    client: bool = False
    municipality: str | None = None


POLICE = frozenset({Role.POLICE, Role.RCCB, Role.HOVJ})
PEOPLE = frozenset({Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER})


def relation_of(
    caller: Caller, account: str, ties: Ties | None, organisations: Organisations, known: Known = Known()
) -> Relation | None:
    """The closest relation. `account`: the caller's opaque reference. Excluded: none, whatever else holds."""
    if ties is not None and ties.holds(Tie.EXCLUDED, account):
        return None
    if caller.role in PEOPLE:
        return _of_person(account, ties, known)
    if caller.role in POLICE:
        town = known.municipality or (ties.municipality if ties else None)
        return Relation.OWN_UNIT if caller.unit and organisations.unit_of(town) == caller.unit else None
    if caller.role is Role.MUNICIPALITY:
        return _of_handler(caller, account, ties)
    if caller.role is Role.BZK:
        return Relation.PSEUDONYM
    return Relation.CLIENT if caller.role is Role.IVP and known.client else None


def _of_person(account: str, ties: Ties | None, known: Known) -> Relation | None:
    # Who wrote it for somebody else reads it as a reporter, also when an office holder.
    if known.wrote or (ties is not None and ties.holds(Tie.WROTE, account)):
        return Relation.WROTE
    if known.own or (ties is not None and ties.holds(Tie.OWN, account)):
        return Relation.OWN
    return Relation.TRUSTED if ties is not None and ties.holds(Tie.TRUSTED, account) else None


def _of_handler(caller: Caller, account: str, ties: Ties | None) -> Relation | None:
    if ties is None or ties.municipality != caller.municipality:
        return None
    if ties.holds(Tie.ASSIGNED, account):
        return Relation.ASSIGNED
    return Relation.TRUSTED if ties.holds(Tie.TRUSTED, account) else None
