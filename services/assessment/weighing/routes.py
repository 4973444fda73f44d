"""HTTP of weighing: for RCCB and the HOvJ."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Any

from fastapi import APIRouter

from services.assessment.weighing import queries
from services.assessment.weighing.bodies import (
    AuthorityBody,
    DecisionBody,
    FirstWeighingBody,
    InterpretationBody,
    ProductBody,
    ReopenBody,
)
from services.assessment.weighing.desk import Both, Desk, Hovj, Rccb
from services.assessment.weighing.record import Step, Weighing
from shared.access.admission import Admission
from shared.contracts.vocabulary import IncidentKind, Urgency
from shared.runtime.cases import Cases
from shared.web.http import Keyed
from shared.web.narrowing import Asked, Number, words
from shared.web.paging import Paged


def routes(cases: Cases[Weighing], admission: Admission) -> APIRouter:
    """The routes, on these cases."""
    router, desk = admission.router("assessment.weighing", tags=["weighings"]), Desk(cases, admission)
    _add_reading(router, desk)
    _add_weighing(router, desk)
    _add_deciding(router, desk)
    _add_interpreting(router, desk)
    return router


def _add_reading(router: APIRouter, desk: Desk) -> None:
    @router.get("/weighings", summary="What waits for weighing, choice, decision or confirmation; acute and due first")
    async def waiting(
        caller: Both, page: Paged, step: Step | None = None, kind: IncidentKind | None = None,
        urgency: Urgency | None = None, number: Number = "",
    ) -> list[dict[str, Any]]:  # fmt: skip
        asked = Asked(words(step=step, kind=kind, urgency=urgency), number)
        return await desk.waiting(caller, page, tuple(Step), asked)

    @router.get("/decisions", summary="What waits for the HOvJ; acute and due first")
    async def decisions(
        caller: Hovj, page: Paged, step: Step | None = None, kind: IncidentKind | None = None,
        urgency: Urgency | None = None, number: Number = "",
    ) -> list[dict[str, Any]]:  # fmt: skip
        asked = Asked(words(step=step, kind=kind, urgency=urgency), number)
        return await desk.waiting(caller, page, queries.HOVJ_STEPS, asked)

    @router.get("/weighings/{weighing}", summary="One weighing, with the person's earlier cases")
    async def read(weighing: str, caller: Both) -> dict[str, Any]:
        return await desk.shown(weighing, await desk.known(weighing, caller), caller)


def _add_weighing(router: APIRouter, desk: Desk) -> None:
    @router.post("/weighings/{weighing}/first-weighing", summary="RCCB concludes the first weighing")
    async def first_weighing(weighing: str, body: FirstWeighingBody, caller: Rccb, once: Keyed) -> dict[str, Any]:
        return await desk.first_weighing(weighing, body, caller, once)

    @router.post("/weighings/{weighing}/reopening", summary="Weigh the case anew; what was concluded stays")
    async def reopen(weighing: str, body: ReopenBody, caller: Both, once: Keyed) -> dict[str, Any]:
        return await desk.reopen(weighing, body, caller, once)


def _add_deciding(router: APIRouter, desk: Desk) -> None:
    @router.post("/weighings/{weighing}/authority", summary="Note who decides about an object or service, and why")
    async def authority(weighing: str, body: AuthorityBody, caller: Both, once: Keyed) -> dict[str, Any]:
        return await desk.authority(weighing, body, caller, once)

    @router.post("/weighings/{weighing}/decision", summary="The HOvJ decides, or a colleague records an oral decision")
    async def decision(weighing: str, body: DecisionBody, caller: Both, once: Keyed) -> dict[str, Any]:
        return await desk.decision(weighing, body, caller, once)

    @router.post(
        "/weighings/{weighing}/confirmation", summary="An oral decision is confirmed, by who did not record it"
    )
    async def confirmation(weighing: str, caller: Both, once: Keyed) -> dict[str, Any]:
        return await desk.confirmation(weighing, caller, once)


def _add_interpreting(router: APIRouter, desk: Desk) -> None:
    @router.post("/weighings/{weighing}/interpretations", summary="The HOvJ orders a closer interpretation")
    async def order(weighing: str, body: InterpretationBody, caller: Hovj, once: Keyed) -> dict[str, Any]:
        return await desk.order(weighing, body, caller, once)

    @router.post("/weighings/{weighing}/threat-products", summary="The analysis is in: kind, reference, date")
    async def product(weighing: str, body: ProductBody, caller: Both, once: Keyed) -> dict[str, Any]:
        return await desk.product(weighing, body, caller, once)
