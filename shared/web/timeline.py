"""`GET /v1/timelines/{case}`: what happened in a case, as far as this service knows it and the caller may see it."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException

from shared.access.roles import Caller, Role, calls_as
from shared.access.timeline import UNKNOWN, Entry, entries_for
from shared.contracts.envelope import as_z
from shared.privacy.references import References, to_the_minute
from shared.runtime.cases import Cases
from shared.runtime.service import Service

PARTNERS = (Role.MUNICIPALITY, Role.BZK, Role.IVP)
"""Those who know a case by a reference of their own, and moments to the minute."""


def _in_own_role(_: Any, role: Role, __: str) -> Role | None:
    return role


@dataclass(frozen=True)
class Part:
    """A module with a history to tell.

    `document`: the id of the document about a case of intake. `reads_as(state, role, account)`: the role in which this
    account may read it, or None; a module that knows whose case it is says so here.
    """

    cases: Cases[Any]
    document: Callable[[str], str]
    reads_as: Callable[[Any, Role, str], Role | None] = _in_own_role


def timeline_routes(service: Service, references: References, *parts: Part) -> APIRouter:
    """The route. A case of which the caller may see nothing is answered as one that does not exist: 404."""
    router = APIRouter(tags=["timelines"])

    @router.get("/timelines/{case}", summary="What happened in a case, as far as the caller may see it")
    async def read(case: str, caller: Annotated[Caller, Depends(calls_as(*Role))]) -> dict[str, Any]:
        internal = internal_reference(references, caller, case)
        entries = [] if internal is None else [one for part in parts for one in await _entries(part, internal, caller)]
        if not entries:
            raise HTTPException(404, UNKNOWN)
        entries.sort(key=lambda one: one.at)
        return {"case": case, "service": service.name, "events": [_shown(one, caller) for one in entries]}

    return router


def internal_reference(references: References, caller: Caller, case: str) -> str | None:
    """The case behind a reference as this caller knows it; None when it is not one of the caller's."""
    if caller.role not in PARTNERS:
        return case
    code = f":{caller.municipality}" if caller.role is Role.MUNICIPALITY else ""
    return references.open(f"{caller.role}{code}", case)


async def _entries(part: Part, case: str, caller: Caller) -> list[Entry]:
    document = await part.cases.collection.find_one({"_id": part.document(case)}, {"state": 1, "history": 1})
    if document is None:
        return []
    state = part.cases.read(document)
    # Beside the reference, which opens with the municipality's own key only: two locks, for two mistakes.
    if caller.role is Role.MUNICIPALITY and getattr(state, "municipality", None) != caller.municipality:
        return []
    role = part.reads_as(state, caller.role, caller.actor)
    return [] if role is None else entries_for(role, document["history"])


def _shown(entry: Entry, caller: Caller) -> dict[str, Any]:
    at = to_the_minute(entry.at) if caller.role in PARTNERS else entry.at
    return {"event": entry.event, "at": as_z(at), "fields": entry.fields}
