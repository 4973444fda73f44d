"""HTTP of weighing: for RCCB and the HOvJ."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import AwareDatetime, Field

from services.assessment.weighing import queries
from services.assessment.weighing.domain import ConcludeFirstWeighing, DecideOnMeasures, Weighing
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.vocabulary import LevelClass, TargetType
from shared.runtime.cases import Act, Cases
from shared.web.http import Body, Keyed

Rccb = Annotated[Caller, Depends(calls_as(Role.RCCB))]
Hovj = Annotated[Caller, Depends(calls_as(Role.HOVJ))]
Reader = Annotated[Caller, Depends(calls_as(Role.RCCB, Role.HOVJ))]


class FirstWeighingBody(Body):
    """RCCB's conclusion. Without `decided_at`: now."""

    qualifies: bool
    target: TargetType
    reason: str = Field(min_length=1, max_length=20_000)
    decided_at: AwareDatetime | None = None


class DecisionBody(Body):
    """The HOvJ's decision. Without `decided_at`: now."""

    measures_needed: bool
    level: LevelClass
    reason: str = Field(min_length=1, max_length=20_000)
    decided_at: AwareDatetime | None = None


def routes(cases: Cases[Weighing]) -> APIRouter:
    """The routes, on these cases."""
    router = APIRouter(prefix="/weighings", tags=["weighings"])

    def moment(given: datetime | None) -> tuple[datetime, datetime]:
        now = cases.clock.now()
        return (given or now), now

    @router.get("", summary="What waits for weighing or decision")
    async def waiting(caller: Reader) -> list[dict[str, Any]]:
        return await queries.waiting(cases)

    @router.get("/{weighing}", summary="One weighing")
    async def read(weighing: str, caller: Reader) -> dict[str, Any]:
        state = await cases.load(weighing)
        if state is None:
            raise HTTPException(404, "Deze zaak is niet bekend.")
        return queries.view(weighing, state)

    @router.post("/{weighing}/first-weighing", summary="RCCB concludes the first weighing")
    async def first_weighing(weighing: str, body: FirstWeighingBody, caller: Rccb, once: Keyed) -> dict[str, Any]:
        decided, now = moment(body.decided_at)
        command = ConcludeFirstWeighing(body.qualifies, body.target, body.reason, caller.actor, decided, now)
        act = Act(caller.actor, "first weighing")
        return queries.view(weighing, await cases.update(weighing, command, handled=once.handled(caller), act=act))

    @router.post("/{weighing}/decision", summary="The HOvJ decides")
    async def decision(weighing: str, body: DecisionBody, caller: Hovj, once: Keyed) -> dict[str, Any]:
        decided, now = moment(body.decided_at)
        command = DecideOnMeasures(body.measures_needed, body.level, body.reason, caller.actor, decided, now)
        state = await cases.update(weighing, command, handled=once.handled(caller), act=Act(caller.actor, "decision"))
        return queries.view(weighing, state)

    return router
