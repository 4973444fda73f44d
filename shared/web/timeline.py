"""`GET /v1/timelines/{case}`: what happened in a case, as far as this service knows it and the caller may see it."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from shared.access.admission import Admission, note, refused
from shared.access.matrix import Cell, DataClass, matrix
from shared.access.relations import Known, Relation
from shared.access.roles import Caller, Role, calls_as
from shared.access.timeline import Entry, entries_for
from shared.contracts.envelope import as_z
from shared.privacy.references import References, to_the_minute
from shared.runtime.cases import Cases
from shared.runtime.service import Service

PARTNERS = (Role.MUNICIPALITY, Role.BZK, Role.IVP)
"""Those who know a case by a reference of their own, and moments to the minute."""


def _as_told(_: Any, role: Role, relation: Relation) -> Role | None:
    """Who acts for the person sees what the person sees; who wrote it sees what a reporter sees."""
    if relation is Relation.WROTE:
        return Role.REPORTER
    return Role.OFFICE_HOLDER if relation in (Relation.OWN, Relation.TRUSTED) else role


@dataclass(frozen=True)
class Part:
    """A module with a history to tell.

    `document`: the id of the document about a case of intake; `kind`: the class of data that its history is of;
    `known(state, caller)`: what the state says of the caller; `reads_as(state, role, relation)`: the role in which a
    caller who was let in reads it, or None.
    """

    cases: Cases[Any]
    document: Callable[[str], str]
    kind: DataClass
    known: Callable[[Any, Caller], Known] = lambda _state, _caller: Known()
    reads_as: Callable[[Any, Role, Relation], Role | None] = _as_told


def timeline_routes(service: Service, admission: Admission, *parts: Part) -> APIRouter:
    """The route. A case of which the caller may see nothing is answered as one that does not exist: 404."""
    router = admission.router("timelines", tags=["timelines"])

    @router.get("/timelines/{case}", summary="What happened in a case, as far as the caller may see it")
    async def read(case: str, caller: Annotated[Caller, Depends(calls_as(*Role))]) -> dict[str, Any]:
        internal = internal_reference(admission.references, caller, case)
        asked = (_entries(part, internal, caller, admission) for part in parts if internal is not None)
        entries = [one for found in await asyncio.gather(*asked) for one in found]
        if not entries:
            raise refused(caller)
        entries.sort(key=lambda one: one.at)
        return {"case": case, "service": service.name, "events": [_shown(one, caller) for one in entries]}

    return router


def internal_reference(references: References, caller: Caller, case: str) -> str | None:
    """The case behind a reference as this caller knows it; None when it is not one of the caller's."""
    if caller.role not in PARTNERS:
        return case
    code = f":{caller.municipality}" if caller.role is Role.MUNICIPALITY else ""
    return references.open(f"{caller.role}{code}", case)


async def _entries(part: Part, case: str, caller: Caller, admission: Admission) -> list[Entry]:
    document = await part.cases.collection.find_one({"_id": part.document(case)}, {"state": 1, "history": 1})
    if document is None:
        return []
    state = part.cases.read(document)
    relation = await admission.relation(caller, case, part.known(state, caller))
    if relation is None or matrix().cell(caller.role, relation, part.kind) is Cell.NOTHING:
        return []
    role = part.reads_as(state, caller.role, relation)
    found = [] if role is None else entries_for(role, document["history"])
    if found:
        note(case, relation, part.cases.module.name)
    return found


def _shown(entry: Entry, caller: Caller) -> dict[str, Any]:
    at = to_the_minute(entry.at) if caller.role in PARTNERS else entry.at
    return {"event": entry.event, "at": as_z(at), "fields": entry.fields}
