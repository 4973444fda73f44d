"""HTTP of cost allocation: municipality and person enter costs, see who pays, and may disagree."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.exceptions import RequestValidationError

from services.funding.cost_allocation import commands, queries
from services.funding.cost_allocation.bodies import (
    ActualBody,
    BillBody,
    ClassificationBody,
    CostBody,
    DisputeBody,
    OwnWishBody,
    SettlementBody,
)
from services.funding.cost_allocation.costs import Costs, Party
from services.funding.cost_allocation.policy import rules_on, terms_on, texts_on
from shared.access.admission import Admission, note_rows, refused
from shared.access.matrix import DataClass
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.working_days import local_day
from shared.runtime.cases import Act, Cases
from shared.web.http import Keyed, Once
from shared.web.paging import Paged

Municipal = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]
Counting = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY, Role.CONTROLLER))]
Payer = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY, Role.OFFICE_HOLDER))]


class Desk:
    """What every route here does: read a reference, act, and answer in the caller's references."""

    def __init__(self, cases: Cases[Costs], admission: Admission) -> None:
        self.cases, self.admission, self.references = cases, admission, admission.references

    def opened(self, caller: Caller, reference: str) -> str:
        """The internal reference. The person has no other one. 404 when it is not one of the caller's."""
        if caller.role is not Role.MUNICIPALITY:
            return reference
        value = self.references.open(f"municipality:{caller.municipality}", reference)
        if value is None:
            raise refused(caller)
        return value

    async def known(self, case: str, caller: Caller) -> Costs | None:
        """The costs of a case, if it is there for this caller; perhaps none yet. Raises 404.

        A bill of the IVP belongs to no case: whoever is on the rota of the municipality sees it.
        """
        state = await self.cases.load(self.cases.id_for(case))
        if state is not None and state.billed_to is not None and state.billed_to == caller.municipality:
            self.admission.admit_to_rota(caller)
        else:
            await self.admission.admit(caller, case, of=DataClass.COSTS)
        return state

    def bill(self, body: BillBody) -> commands.Bill:
        """The bill, with the rules of the day of the costs. 400 for a day that must still come."""
        now = self.cases.clock.now()
        today = local_day(now)
        if body.cost_on is not None and body.cost_on > today:
            error = {"type": "value_error", "loc": ("body", "cost_on"), "msg": "Deze dag moet nog komen."}
            raise RequestValidationError([error])
        return commands.Bill(
            body.up_to_pkvw_cents, body.above_pkvw_cents, rules_on(body.cost_on or today),
            terms_on(today).judge_before(now), body.additional, body.employers_care, body.total_cents, body.invoice,
        )  # fmt: skip

    async def act(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """Updates the case and returns the caller's view of it."""
        await self.known(case, caller)
        handled, act = once.handled(caller), Act(caller.actor, purpose)
        return self.shown(await self.cases.update(self.cases.id_for(case), command, handled=handled, act=act), caller)

    def shown(self, state: Costs, caller: Caller) -> dict[str, Any]:
        """What the caller sees of it, with the rules of today for what has no line yet."""
        today = local_day(self.cases.clock.now())
        if caller.role is not Role.MUNICIPALITY:
            return queries.for_person(state, rules_on(today), texts_on(today))
        return queries.for_town(state, self.references, rules_on(today))


def _party(caller: Caller) -> Party:
    return Party(caller.actor, caller.municipality if caller.role is Role.MUNICIPALITY else None)


def routes(cases: Cases[Costs], admission: Admission) -> APIRouter:
    """The routes, on these cases."""
    router = admission.router("funding.cost_allocation", prefix="/costs", tags=["costs"])
    desk = Desk(cases, admission)
    _add_entering(router, desk)
    _add_judging(router, desk)
    _add_closing(router, desk)
    _add_reading(router, desk)
    return router


def _add_entering(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post("", status_code=201, summary="Enter the costs of an advised measure")
    async def enter(body: CostBody, caller: Payer, once: Keyed) -> dict[str, Any]:
        case, measure = desk.opened(caller, body.case), desk.opened(caller, body.measure)
        command = commands.EnterCost(
            cases.id_for("line", case, measure), measure, _party(caller), desk.bill(body), cases.clock.now()
        )
        return await desk.act(case, command, caller, once, "costs")

    @router.post("/{case}/own-wishes", status_code=201, summary="Enter what was bought without advice")
    async def wish(case: str, body: OwnWishBody, caller: Payer, once: Keyed) -> dict[str, Any]:
        known = desk.opened(caller, case)
        measure = cases.id_for("own-wish", known, caller.actor, once.key)
        command = commands.EnterOwnWish(
            cases.id_for("line", known, measure), measure, body.type, body.place, _party(caller), desk.bill(body),
            cases.clock.now(),
        )  # fmt: skip
        return await desk.act(known, command, caller, once, "own wish")


def _add_judging(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post("/{case}/disputes", status_code=201, summary="Disagree with who pays; another handler looks again")
    async def dispute(case: str, body: DisputeBody, caller: Payer, once: Keyed) -> dict[str, Any]:
        now = cases.clock.now()
        command = commands.DisputeLine(
            desk.opened(caller, body.line), _party(caller), body.reason, now,
            terms_on(local_day(now)).judge_before(now),
        )  # fmt: skip
        return await desk.act(desk.opened(caller, case), command, caller, once, "dispute")

    @router.post("/{case}/classifications", status_code=201, summary="A handler says who pays, with a reason")
    async def classify(case: str, body: ClassificationBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        now = cases.clock.now()
        command = commands.Classify(
            desk.opened(caller, body.line), _party(caller), body.payer, body.eligible, body.reason,
            local_day(now).isoformat(), now,
        )  # fmt: skip
        return await desk.act(desk.opened(caller, case), command, caller, once, "classification")


def _add_closing(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post("/{case}/actuals", status_code=201, summary="What a line cost in the end")
    async def actual(case: str, body: ActualBody, caller: Payer, once: Keyed) -> dict[str, Any]:
        command = commands.RecordActual(
            desk.opened(caller, body.line), _party(caller), body.amount_cents, cases.clock.now()
        )
        return await desk.act(desk.opened(caller, case), command, caller, once, "actual costs")

    @router.post("/{case}/settlements", status_code=201, summary="A line is paid")
    async def settle(case: str, body: SettlementBody, caller: Payer, once: Keyed) -> dict[str, Any]:
        command = commands.SettleLine(desk.opened(caller, body.line), _party(caller), cases.clock.now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "settlement")


def _add_reading(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.get("", summary="Lines that a handler must look at, the longest waiting first")
    async def waiting(caller: Municipal, page: Paged) -> list[dict[str, Any]]:
        desk.admission.admit_to_rota(caller)
        scope = await desk.admission.scope(caller)
        found = await queries.to_judge(cases, caller.municipality, scope)
        rows = page.cut(found[page.skip : page.skip + page.fetch])
        note_rows(one.case for one in rows)
        return [queries.waiting(one, desk.references) | cases.marks(cases.id_for(one.case)) for one in rows]

    @router.get("/totals", summary="Per payer what a year's costs come to; no cases")
    async def totals(caller: Counting, year: Annotated[int, Query(ge=2014, le=2100)]) -> dict[str, Any]:
        desk.admission.admit_to_rota(caller)
        return await queries.totals(cases, caller.municipality, year, await desk.admission.never(caller))

    @router.get("/{case}", summary="Who pays what in a case, and why")
    async def read(case: str, caller: Payer) -> dict[str, Any]:
        state = await desk.known(desk.opened(caller, case), caller)
        if state is None:
            raise refused(caller)
        return desk.shown(state, caller)
