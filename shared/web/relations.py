"""HTTP of relations: whom the victim trusts or keeps out, and which handler a municipality has on a case."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from enum import StrEnum
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends
from pydantic import Field

from shared.access.admission import Admission, refused
from shared.access.relations import POLICE, Known, Relation
from shared.access.roles import Caller, Role, calls_as
from shared.access.ties import ChangeTie
from shared.contracts.vocabulary import Tie
from shared.privacy.security_log import Act as Noted
from shared.runtime.cases import Act
from shared.web.http import Body, Keyed, Once

Victim = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.HOVJ))]
Person = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY))]
Handler = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]
Account = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$", description="Account id, no name.")]


class Chosen(StrEnum):
    """What may be chosen."""

    TRUSTED = "trusted"
    EXCLUDED = "excluded"


class RelationBody(Body):
    """Whom, and whether it holds from now on or ends. Who is kept out is not told, and sees no difference."""

    account: Account
    relation: Chosen
    holds: bool = True


class HandlerBody(Body):
    """Which handler is put on the case, or taken off it. `case`: the municipality's own reference."""

    case: str = Field(min_length=1, max_length=400)
    account: Account
    holds: bool = True


class Choices(Protocol):
    """Keeps whom the victim chose, to show it again; the ties know accounts by opaque references only."""

    async def keep(self, case: str, body: RelationBody, caller: Caller, once: Once) -> None:
        """Keeps one choice of the victim."""

    async def shown(self, case: str) -> list[dict[str, Any]]:
        """What holds now: `account`, `relation` and `since` of each. Let the victim in before."""


def relation_routes(admission: Admission, choices: Choices) -> APIRouter:
    """In intake: the victim's own choice; the HOvJ may keep somebody out of a case."""
    router = admission.router("relations", tags=["relations"])

    @router.post("/relations/{case}", summary="Trust somebody with the case, or keep somebody out of it")
    async def change(case: str, body: RelationBody, caller: Victim, once: Keyed) -> dict[str, Any]:
        return await choose_relation(admission, choices, case, body, caller, once)

    @router.get("/relations/{case}", summary="Whom you trust with your case, and whom you keep out of it")
    async def chosen(case: str, caller: Person) -> dict[str, Any]:
        return await chosen_in(admission, choices, case, caller)

    return router


async def chosen_in(admission: Admission, choices: Choices, case: str, caller: Caller) -> dict[str, Any]:
    """What the person chose before. Whom the HOvJ keeps out is not in it. Raises 404 for everybody else."""
    if await admission.admit(caller, case, Known(), admission.ties.module.name) is not Relation.OWN:
        raise refused(caller)
    return {"case": case, "chosen": await choices.shown(case)}


async def choose_relation(
    admission: Admission, choices: Choices, case: str, body: RelationBody, caller: Caller, once: Once
) -> dict[str, Any]:
    """Does what the victim chose, or the HOvJ. Raises 404 when it is not theirs to choose."""
    relation = await admission.admit(caller, case, Known(), admission.ties.module.name)
    if relation not in (Relation.OWN, Relation.OWN_UNIT) or (caller.role in POLICE and body.relation == "trusted"):
        raise refused(caller)
    await _change(admission, case, Tie(body.relation), body.account, body.holds, caller, once)
    if relation is Relation.OWN:
        await choices.keep(case, body, caller, once)
    return {"case": case, "relation": body.relation, "holds": body.holds}


def handler_routes(admission: Admission) -> APIRouter:
    """In assessment: a handler hands a case over to a colleague."""
    router = admission.router("relations", tags=["relations"])

    @router.post("/advice/handlers", summary="Put a colleague on the case, or take one off")
    async def assign(body: HandlerBody, caller: Handler, once: Keyed) -> dict[str, Any]:
        case = admission.references.open(f"municipality:{caller.municipality}", body.case)
        if (
            case is None
            or await admission.admit(caller, case, Known(), admission.ties.module.name) is not Relation.ASSIGNED
        ):
            raise refused(caller)
        await _change(admission, case, Tie.ASSIGNED, body.account, body.holds, caller, once)
        return {"case": body.case, "relation": Tie.ASSIGNED, "holds": body.holds}

    return router


async def _change(
    admission: Admission, case: str, tie: Tie, account: str, holds: bool, caller: Caller, once: Once
) -> None:
    ties = admission.ties
    command = ChangeTie(case, admission.account(account), tie, holds, ties.clock.now())
    act = Act(caller.actor, f"{tie} {'on' if holds else 'off'}")
    await ties.update(ties.id_for(case), command, handled=once.handled(caller), act=act)
    if tie is Tie.EXCLUDED:
        await admission.watch.was_done(Noted.EXCLUDE, caller, ties.module.name, ties.id_for(case))
