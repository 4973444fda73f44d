"""HTTP of cost allocation: municipality and person enter costs, see who pays, and may disagree."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.funding.cost_allocation.bodies import (
    ActualBody,
    ClassificationBody,
    CostBody,
    DisputeBody,
    OwnWishBody,
    SettlementBody,
)
from services.funding.cost_allocation.costs import Costs, LineState
from services.funding.cost_allocation.desk import Counting, Desk, Municipal, Payer
from shared.access.admission import Admission
from shared.runtime.cases import Cases
from shared.web.http import Keyed
from shared.web.narrowing import Asked, MeasureTypeAsked, Number, words
from shared.web.paging import Paged


def routes(cases: Cases[Costs], admission: Admission) -> APIRouter:
    """The routes, on these cases."""
    router, desk = admission.router("funding.cost_allocation", prefix="/costs", tags=["costs"]), Desk(cases, admission)
    _add_entering(router, desk)
    _add_judging(router, desk)
    _add_closing(router, desk)
    _add_reading(router, desk)
    return router


def _add_entering(router: APIRouter, desk: Desk) -> None:
    @router.post("", status_code=201, summary="Enter the costs of an advised measure")
    async def enter(body: CostBody, caller: Payer, once: Keyed) -> dict[str, Any]:
        return await desk.enter(body, caller, once)

    @router.post("/{case}/own-wishes", status_code=201, summary="Enter what was bought without advice")
    async def wish(case: str, body: OwnWishBody, caller: Payer, once: Keyed) -> dict[str, Any]:
        return await desk.wish(case, body, caller, once)


def _add_judging(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/disputes", status_code=201, summary="Disagree with who pays; another handler looks again")
    async def dispute(case: str, body: DisputeBody, caller: Payer, once: Keyed) -> dict[str, Any]:
        return await desk.dispute(case, body, caller, once)

    @router.post("/{case}/classifications", status_code=201, summary="A handler says who pays, with a reason")
    async def classify(case: str, body: ClassificationBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        return await desk.classify(case, body, caller, once)


def _add_closing(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/actuals", status_code=201, summary="What a line cost in the end")
    async def actual(case: str, body: ActualBody, caller: Payer, once: Keyed) -> dict[str, Any]:
        return await desk.actual(case, body, caller, once)

    @router.post("/{case}/settlements", status_code=201, summary="A line is paid")
    async def settle(case: str, body: SettlementBody, caller: Payer, once: Keyed) -> dict[str, Any]:
        return await desk.settle(case, body, caller, once)


def _add_reading(router: APIRouter, desk: Desk) -> None:
    @router.get("", summary="Lines that a handler must look at, the longest waiting first")
    async def waiting(
        caller: Municipal, page: Paged, status: LineState | None = None, measure_type: MeasureTypeAsked = None,
        number: Number = "",
    ) -> list[dict[str, Any]]:  # fmt: skip
        return await desk.waiting(caller, page, Asked(words(status=status, measure_type=measure_type), number))

    @router.get("/totals", summary="Per payer what a year's costs come to, for the controller one total; no cases")
    async def totals(caller: Counting, year: Annotated[int, Query(ge=2014, le=2100)]) -> dict[str, Any]:
        return await desk.totals(caller, year)

    @router.get("/{case}", summary="Who pays what in a case, and why")
    async def read(case: str, caller: Payer) -> dict[str, Any]:
        return await desk.one(case, caller)
