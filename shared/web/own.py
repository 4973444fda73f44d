"""HTTP of what somebody may ask about own data, and of looks without assignment: own reads, break-glass, the officer.

What was read about a person is told by moment and role, never by account; of police only what they release.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from shared.access.admission import refused
from shared.access.relations import Relation
from shared.access.roles import Caller, Role, calls_as
from shared.privacy.break_glass import Glass, break_glass
from shared.privacy.controllers import CONTROLLERS
from shared.privacy.own_reads import own_reads, police_releases
from shared.runtime.environment import utc_now
from shared.web.http import Body, Keyed, Once
from shared.web.wiring import Wired

Person = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY))]
Officer = Annotated[Caller, Depends(calls_as(Role.DPO))]
PoliceOrOm = Annotated[Caller, Depends(calls_as(Role.POLICE, Role.RCCB, Role.HOVJ))]


@dataclass(frozen=True)
class Kept:
    """A module that keeps something about a case. `document`: the id of its document."""

    module: str
    document: Callable[[str], str]


class GlassBody(Body):
    """Which case, why, and for how many hours. The reason is read by the data protection officer."""

    case: str = Field(pattern="^[0-9a-f]{32}$")
    reason: str = Field(min_length=1, max_length=1_000)
    hours: float = Field(1.0, gt=0, le=24)


def own_routes(wired: Wired, *kept: Kept) -> APIRouter:
    """`GET /reads/{case}`: who looked at what this service keeps of the person's own case."""
    router, admission = wired.admission.router("own", tags=["own-data"]), wired.admission

    @router.get("/reads/{case}", summary="When somebody looked at your case here, and in which role")
    async def reads(case: str, caller: Person) -> dict[str, Any]:
        if await admission.admit(caller, case, module=kept[0].module) is not Relation.OWN:
            raise refused(caller)
        subjects = [
            (wired.books.processing(CONTROLLERS[one.module]).collection, one.module, one.document(case))
            for one in kept
        ]  # fmt: skip
        released = police_releases(wired.service.clock.now().date())
        found = await own_reads(subjects, police_released=released, me=caller.actor)
        return {"case": case, "reads": [{"at": one.at, "role": one.role, "activity": one.activity} for one in found]}

    return router


def glass_routes(wired: Wired, module: str) -> APIRouter:
    """Break-glass for police and OM, in the services whose data they answer for; the officer's list."""
    router = wired.admission.router("own", tags=["break-glass"])

    @router.post("/break-glasses", status_code=201, summary="Look into a case of another unit, in need, with a reason")
    async def look(body: GlassBody, caller: PoliceOrOm, once: Keyed) -> dict[str, Any]:
        glass = await open_glass(wired, module, body, caller, once)
        return {"case": body.case, "until": glass.until}

    @router.get("/break-glasses", summary="For the data protection officer: who looked without assignment, and why")
    async def listed(caller: Officer) -> list[dict[str, Any]]:
        return await glass_rows(wired)

    return router


async def open_glass(wired: Wired, module: str, body: GlassBody, caller: Caller, once: Once) -> Glass:
    """Opens a case for a while. Raises 404 for who is kept out of it, `Refused` for what the rules do not allow."""
    await wired.admission.check_not_excluded(caller, body.case)
    number = wired.admission.references.mark("accounts", "glass", f"{caller.actor}:{once.key}")
    glass = break_glass(
        number, module, body.case, actor=caller.actor, role=caller.role, reason=body.reason, at=utc_now(),
        hours=body.hours,
    )  # fmt: skip
    await wired.glasses().add(glass)
    return glass


async def glass_rows(wired: Wired) -> list[dict[str, Any]]:
    """What was opened without assignment, the newest first."""
    glasses = wired.glasses()
    return [_row(one) | glasses.marks(one) for one in await glasses.for_officer()]


def _row(glass: Glass) -> dict[str, Any]:
    return {
        "glass": glass.id, "case": glass.case, "actor": glass.actor, "role": glass.role, "reason": glass.reason,
        "broken_at": glass.broken_at, "until": glass.until,
    }  # fmt: skip
