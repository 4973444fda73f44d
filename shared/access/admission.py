"""Lets a caller in to a case, or says that it does not exist. What a service asks before it shows or changes anything.

Nobody learns the difference between a case that is not there and one that is not for them: both are 404.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException

from shared.access.matrix import Cell, DataClass, matrix
from shared.access.organisations import Organisations
from shared.access.purposes import Purpose
from shared.access.relations import POLICE, Known, Relation, relation_of
from shared.access.roles import Caller, Role
from shared.access.ties import Ties
from shared.access.wall import Watch, visit, walled
from shared.contracts.vocabulary import Office, Tie
from shared.privacy.references import References
from shared.runtime.cases import Cases

UNKNOWN = "Deze zaak is niet bekend."
SOON = {"Retry-After": "5"}
"""To partners: what they were told of may not have arrived here yet."""
MOST_OWN = 1_000
"""Cases that one account can be put on, or kept out of, for its lists."""


@dataclass(frozen=True)
class Scope:
    """Which cases a caller's lists may hold. `only`: none but these; `towns`: none but of these municipalities."""

    only: tuple[str, ...] | None = None
    never: tuple[str, ...] = ()
    towns: tuple[str, ...] | None = None

    def holds(self, case: str) -> bool:
        """Whether a case may be on a list, as far as the case alone says."""
        return case not in self.never and (self.only is None or case in self.only)

    def narrow(self, wanted: dict[str, Any], document: Callable[[str], str], town: str = "") -> dict[str, Any]:
        """The search, narrowed. `document`: the id of the document about a case; `town`: the field of its CBS code."""
        narrowed = dict(wanted)
        if self.only is not None:
            narrowed["_id"] = {"$in": [document(case) for case in self.only if case not in self.never]}
        elif self.never:
            narrowed["_id"] = {"$nin": [document(case) for case in self.never]}
        if self.towns is not None:
            narrowed[town] = {"$in": list(self.towns)}
        return narrowed


async def nobody_looks(case: str, actor: str) -> bool:
    """Where break-glass does not exist."""
    return False


class Admission:
    """Who is let in to which case, in one service. `ties`: what its events told it of accounts and cases."""

    def __init__(
        self, ties: Cases[Ties], organisations: Organisations, references: References, watch: Watch,
        *, glass_is_open: Callable[[str, str], Awaitable[bool]] = nobody_looks,
    ) -> None:  # fmt: skip
        self.ties, self.organisations, self.references = ties, organisations, references
        self.watch = watch
        self._glass_is_open = glass_is_open

    def router(self, module: str, **options: Any) -> APIRouter:
        """A router behind the wall, whose fields are those of this module in `fields.toml`."""
        return walled(module, self.watch, **options)

    def pages(self, module: str, page_for: Mapping[Role, Purpose] | None = None, **options: Any) -> APIRouter:
        """A router of pages behind the same wall. `page_for`: what they are for, for each partner that may see them."""
        return walled(module, self.watch, page_for=page_for or {}, include_in_schema=False, **options)

    def account(self, actor: str) -> str:
        """The opaque reference of an account, the same in all services."""
        return self.references.mark("accounts", "account", actor)

    def rota(self, municipality: str) -> tuple[tuple[Office, tuple[str, ...]], ...]:
        """Per office the references of who handles there; an office without anybody is left out."""
        found = ((office, self.organisations.handlers(municipality, office)) for office in Office)
        return tuple((office, tuple(map(self.account, actors))) for office, actors in found if actors)

    async def tied(self, case: str) -> Ties | None:
        """What is known of the accounts around a case."""
        return await self.ties.load(self.ties.id_for(case))

    async def relation(
        self, caller: Caller, case: str, known: Known = Known(), of: DataClass | None = None
    ) -> Relation | None:
        """How the caller stands to the case; None when the case is not there for them.

        `of`: what the document is about. Who sees nothing of that class may not even know that there is one.
        """
        ties = await self.tied(case)
        found = relation_of(caller, self.account(caller.actor), ties, self.organisations, known)
        if found is None and caller.role in POLICE and not self._kept_out(caller, ties):
            found = Relation.BREAK_GLASS if await self._glass_is_open(case, caller.actor) else None
        if found is None or not matrix().admits(caller.role, found):
            return None
        return None if of is not None and matrix().cell(caller.role, found, of) is Cell.NOTHING else found

    def _kept_out(self, caller: Caller, ties: Ties | None) -> bool:
        return ties is not None and ties.holds(Tie.EXCLUDED, self.account(caller.actor))

    async def check_not_excluded(self, caller: Caller, case: str) -> None:
        """Raises 404 for who is kept out of a case: not even a reason opens it."""
        if self._kept_out(caller, await self.tied(case)):
            raise refused(caller)

    async def admit(
        self, caller: Caller, case: str, known: Known = Known(), module: str = "", of: DataClass | None = None
    ) -> Relation:
        """Lets the caller in and remembers it for the log. `module`: if not the route's own; `of`: see `relation`.

        Raises 404.
        """
        found = await self.relation(caller, case, known, of)
        if found is None:
            raise refused(caller)
        note(case, found, module)
        return found

    def admit_to_rota(self, caller: Caller) -> Relation:
        """Lets somebody of a municipality in to what belongs to no case. Raises 404."""
        municipal = caller.role in (Role.MUNICIPALITY, Role.CONTROLLER)
        if municipal and not self._on_rota(caller):
            raise refused(caller)
        found = Relation.PSEUDONYM if caller.role is Role.BZK else Relation.ROTA
        if not matrix().admits(caller.role, found):
            raise refused(caller)
        visit().relations.add(found)
        return found

    def _on_rota(self, caller: Caller) -> bool:
        return caller.role is Role.CONTROLLER or self.organisations.on_rota(caller.municipality, caller.actor)

    async def stands_own(self, caller: Caller, case: str, known: Known = Known()) -> None:
        """Lets the person in whose case it is, without a line: for what other services show, who log it themselves.

        Raises 404 for everybody else.
        """
        if await self.stands_by(caller, case, known) is not Relation.OWN:
            raise refused(caller)

    async def stands_by(self, caller: Caller, case: str, known: Known = Known()) -> Relation:
        """As `stands_own`, also for whom the person trusts: which of the two. Raises 404 for everybody else."""
        found = await self.relation(caller, case, known)
        if found not in (Relation.OWN, Relation.TRUSTED):
            raise refused(caller)
        visit().relations.add(found)
        return found

    async def trusted_with(self, caller: Caller) -> tuple[str, ...]:
        """The cases that somebody trusts this account with, and that it is not kept out of."""
        account = self.account(caller.actor)
        never = await self._cases("excluded", account)
        return tuple(case for case in await self._cases("trusted", account) if case not in never)

    async def scope(self, caller: Caller) -> Scope:
        """What the caller's lists may hold, and the relation in which they are shown."""
        account = self.account(caller.actor)
        never = await self._cases("excluded", account)
        if caller.role in POLICE:
            visit().relations.add(Relation.OWN_UNIT)
            return Scope(never=never, towns=self.organisations.in_unit(caller.unit))
        if caller.role is Role.MUNICIPALITY:
            visit().relations.add(Relation.ASSIGNED)
            return Scope(only=await self._cases("assigned", account, caller.municipality), never=never)
        visit().relations.add(Relation.PSEUDONYM if caller.role is Role.BZK else Relation.CLIENT)
        return Scope(never=never)

    async def never(self, caller: Caller) -> frozenset[str]:
        """The cases that the caller is kept out of."""
        return frozenset(await self._cases("excluded", self.account(caller.actor)))

    async def _cases(self, tie: str, account: str, municipality: str | None = None) -> tuple[str, ...]:
        wanted: dict[str, Any] = {f"state.{tie}": account}
        wanted |= {"state.municipality": municipality} if municipality is not None else {}
        found = await self.ties.collection.find(wanted, {"state.case": 1}).limit(MOST_OWN).to_list(MOST_OWN)
        return tuple(document["state"]["case"] for document in found)


def refused(caller: Caller, detail: str = UNKNOWN) -> HTTPException:
    """What is answered about a case that is not there for this caller."""
    partner = caller.role in (Role.MUNICIPALITY, Role.BZK, Role.IVP)
    return HTTPException(404, detail, SOON if partner else None)


def note(case: str, relation: Relation, module: str = "") -> None:
    """Remembers for the log that this case is shown, in this relation. `module`: if not the route's own."""
    here = visit()
    here.admitted[module or here.module, case] = relation
    here.relations.add(relation)


def note_rows(cases: Iterable[str]) -> None:
    """Remembers for the log the cases on a list, in the closest relation of the list's scope."""
    here = visit()
    if not here.relations:
        raise RuntimeError("ask for the scope first")
    relation = Relation.ROTA if here.relations == {Relation.ROTA} else min(here.relations - {Relation.ROTA})
    here.admitted |= {(here.module, case): relation for case in cases}
