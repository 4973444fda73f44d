"""`/v1/shreddings/...` and `/v1/holds/...`: two people of the controller destroy what is kept of a case, or keep it."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from shared.access.admission import Admission, refused
from shared.access.relations import Known, Relation
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.decisions import Refused
from shared.contracts.vocabulary import ShredReason
from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.security_log import Act
from shared.privacy.shredding import HoldReason, Shredder, Shredding
from shared.runtime.cases import Cases
from shared.runtime.mongo import AWAY
from shared.web.http import Body, once
from shared.web.timeline import internal_reference

ROLES: dict[Controller, tuple[Role, ...]] = {
    Controller.POLICE: (Role.POLICE, Role.RCCB, Role.HOVJ),
    Controller.MUNICIPALITY: (Role.MUNICIPALITY,),
    Controller.BZK: (Role.BZK,),
    Controller.IVP: (Role.IVP,),
}
"""Who acts for a controller. One that is not here has no route."""

LONGEST_REFERENCE = 200


class ShreddingBody(Body):
    """What to destroy, and why."""

    case: str = Field(min_length=1, max_length=LONGEST_REFERENCE, description="The caller's reference of the case.")
    reason: ShredReason


class HoldBody(Body):
    """What to keep, and what for."""

    case: str = Field(min_length=1, max_length=LONGEST_REFERENCE, description="The caller's reference of the case.")
    reason: HoldReason


@dataclass(frozen=True)
class Shreddable:
    """A module whose cases can be shredded. `document`: the id of the document about a case of intake."""

    cases: Cases[Any]
    document: Callable[[str], str]
    town: str = "state.municipality"
    """Field with the municipality (CBS code) of the case, if the document has one."""
    also: Callable[[str], Awaitable[object]] | None = None
    """What goes with it: files of the document."""

    @property
    def name(self) -> str:
        """The module's name in an address."""
        return self.cases.module.name.split(".")[1].replace("_", "-")


def shredding_routes(admission: Admission, *modules: Shreddable) -> APIRouter:
    """The routes, one set for each module, for the people of its controller."""
    router = admission.router("shredding", tags=["shreddings"])
    for one in modules:
        _add_shreddings(router, Desk(one, admission))
        _add_holds(router, Desk(one, admission))
    return router


NOT_FOR_THE_CONTROLLER = (Relation.TRUSTED, Relation.BREAK_GLASS)
"""Relations that let somebody look and not destroy: chosen by the person, or for a while in need."""


class Desk:
    """What every route here does: find the document behind a reference, and tell how it stands."""

    def __init__(self, module: Shreddable, admission: Admission) -> None:
        self.name = module.name
        self.roles = ROLES[CONTROLLERS[module.cases.module.name]]
        self.shredder = Shredder(module.cases, also=module.also)
        self.module = module.cases.module.name
        self._module, self._admission = module, admission

    async def find(self, caller: Caller, reference: str) -> str:
        """The id of the document. 404 when there is none, or when it is not there for this caller.

        Nothing is opened for this: a case whose seal was broken can be shredded too.
        """
        case = internal_reference(self._admission.references, caller, reference)
        document, town = case and self._module.document(case), self._module.town
        found = await self._module.cases.collection.find_one({"_id": document}, {town: 1}) if document else None
        if case is None or document is None or found is None:
            raise refused(caller)
        code: Any = found
        for part in town.split("."):
            code = code.get(part) if isinstance(code, dict) else None
        known = Known(client=True, municipality=code)
        if await self._admission.admit(caller, case, known, self.module) in NOT_FOR_THE_CONTROLLER:
            raise refused(caller)
        return document

    async def read(self, case: str, caller: Caller) -> dict[str, Any]:
        """How it stands. Raises 404."""
        return self.shown(case, await self.shredder.read(await self.find(caller, case)))

    async def ask(self, body: ShreddingBody, caller: Caller) -> dict[str, Any]:
        """The first person asks."""
        return await self._do(Act.ASK_SHRED, caller, body.case, self.shredder.ask, body.reason)

    async def confirm(self, case: str, caller: Caller) -> dict[str, Any]:
        """The second person confirms, and it is destroyed."""
        return await self._do(Act.SHRED, caller, case, self.shredder.confirm)

    async def hold(self, body: HoldBody, caller: Caller) -> dict[str, Any]:
        """It must stay."""
        return await self._do(Act.HOLD, caller, body.case, self.shredder.hold, body.reason)

    async def release(self, case: str, caller: Caller) -> dict[str, Any]:
        """It need not stay."""
        return await self._do(Act.RELEASE_HOLD, caller, case, self.shredder.release)

    async def _do(
        self, act: Act, caller: Caller, case: str, doing: Callable[..., Awaitable[Shredding]], *said: object
    ) -> dict[str, Any]:  # fmt: skip
        document = await self.find(caller, case)
        return await self._noted(act, caller, case, document, partial(doing, document, caller.actor, *said))

    async def _noted(
        self, act: Act, caller: Caller, case: str, document: str, doing: Callable[[], Awaitable[Shredding]]
    ) -> dict[str, Any]:
        """Does it, notes in the security log how it ended, also when it was refused, and shows how it stands.

        What cannot be undone is noted before it begins, or does not begin.
        """
        note = partial(self._admission.watch.was_done, act, caller, self.module, document)
        if act is Act.SHRED:
            await note("begun")
        try:
            found = await doing()
        except Exception as error:
            with suppress(*AWAY):  # the error itself says more
                await note("refused" if isinstance(error, Refused) else "failed")
            raise
        await note("done")
        return self.shown(case, found)

    def shown(self, case: str, found: Shredding) -> dict[str, Any]:
        """How it stands, without the accounts."""
        return {
            "case": case,
            "module": self.name,
            "status": found.status,
            "reason": found.reason or None,
            "asked_at": found.asked_at,
            "held_since": found.held_since,
            "held_for": found.held_for or None,
            "destroyed_at": found.destroyed_at,
        }


def _add_shreddings(router: APIRouter, desk: Desk) -> None:
    path = f"/shreddings/{desk.name}"
    keyed = [Depends(once)]

    @router.post(path, status_code=201, dependencies=keyed, summary="Ask to destroy what is kept of a case")
    async def ask(body: ShreddingBody, caller: Annotated[Caller, Depends(calls_as(*desk.roles))]) -> dict[str, Any]:
        return await desk.ask(body, caller)

    @router.get(path + "/{case}", summary="Whether a case is kept, held, asked to be destroyed, or destroyed")
    async def read(case: str, caller: Annotated[Caller, Depends(calls_as(*desk.roles))]) -> dict[str, Any]:
        return await desk.read(case, caller)

    @router.post(
        path + "/{case}/confirmations", status_code=201, dependencies=keyed,
        summary="A second person confirms: what is kept of a case is destroyed",
    )  # fmt: skip
    async def confirm(case: str, caller: Annotated[Caller, Depends(calls_as(*desk.roles))]) -> dict[str, Any]:
        return await desk.confirm(case, caller)


def _add_holds(router: APIRouter, desk: Desk) -> None:
    path = f"/holds/{desk.name}"
    keyed = [Depends(once)]

    @router.post(path, status_code=201, dependencies=keyed, summary="Keep a case: it may not be destroyed")
    async def hold(body: HoldBody, caller: Annotated[Caller, Depends(calls_as(*desk.roles))]) -> dict[str, Any]:
        return await desk.hold(body, caller)

    @router.post(path + "/{case}/releases", status_code=201, dependencies=keyed, summary="A case need not be kept")
    async def release(case: str, caller: Annotated[Caller, Depends(calls_as(*desk.roles))]) -> dict[str, Any]:
        return await desk.release(case, caller)
