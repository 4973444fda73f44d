"""What routes and pages of costs share: who may, reading references, letting in, acting, and what is shown."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import Depends
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
from shared.web.http import Once
from shared.web.narrowing import Asked, Found, narrow
from shared.web.paging import Page

Municipal = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]
Counting = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY, Role.CONTROLLER))]
Person = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER))]
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

    async def enter(self, body: CostBody, caller: Caller, once: Once) -> dict[str, Any]:
        """The costs of an advised measure; who pays follows from the rules of the day."""
        case, measure = self.opened(caller, body.case), self.opened(caller, body.measure)
        command = commands.EnterCost(
            self.cases.id_for("line", case, measure), measure, party(caller), self.bill(body), self.cases.clock.now()
        )
        return await self.act(case, command, caller, once, "costs")

    async def dispute(self, case: str, body: DisputeBody, caller: Caller, once: Once) -> dict[str, Any]:
        """Somebody disagrees with who pays; another handler looks again."""
        now = self.cases.clock.now()
        command = commands.DisputeLine(
            self.opened(caller, body.line), party(caller), body.reason, now,
            terms_on(local_day(now)).judge_before(now),
        )  # fmt: skip
        return await self.act(self.opened(caller, case), command, caller, once, "dispute")

    async def classify(self, case: str, body: ClassificationBody, caller: Caller, once: Once) -> dict[str, Any]:
        """A handler says who pays, with a reason."""
        now = self.cases.clock.now()
        command = commands.Classify(
            self.opened(caller, body.line), party(caller), body.payer, body.eligible, body.reason,
            local_day(now).isoformat(), now,
        )  # fmt: skip
        return await self.act(self.opened(caller, case), command, caller, once, "classification")

    async def wish(self, case: str, body: OwnWishBody, caller: Caller, once: Once) -> dict[str, Any]:
        """What was bought without advice."""
        known = self.opened(caller, case)
        measure = self.cases.id_for("own-wish", known, caller.actor, once.key)
        command = commands.EnterOwnWish(
            self.cases.id_for("line", known, measure), measure, body.type, body.place, party(caller), self.bill(body),
            self.cases.clock.now(),
        )  # fmt: skip
        return await self.act(known, command, caller, once, "own wish")

    async def actual(self, case: str, body: ActualBody, caller: Caller, once: Once) -> dict[str, Any]:
        """What a line cost in the end."""
        command = commands.RecordActual(
            self.opened(caller, body.line), party(caller), body.amount_cents, self.cases.clock.now()
        )
        return await self.act(self.opened(caller, case), command, caller, once, "actual costs")

    async def settle(self, case: str, body: SettlementBody, caller: Caller, once: Once) -> dict[str, Any]:
        """A line is paid."""
        command = commands.SettleLine(self.opened(caller, body.line), party(caller), self.cases.clock.now())
        return await self.act(self.opened(caller, case), command, caller, once, "settlement")

    async def totals(self, caller: Caller, year: int) -> dict[str, Any]:
        """Per payer what a year's costs come to; for the controller one amount, once a year on a fixed day (E2E-6)."""
        self.admission.admit_to_rota(caller)
        never = await self.admission.never(caller)
        if caller.role is Role.MUNICIPALITY:
            return await queries.totals(self.cases, caller.municipality, year, never)
        today = local_day(self.cases.clock.now())
        there = terms_on(today).total_from(year)
        total = None
        if today >= there:
            total = await queries.one_total(self.cases, caller.municipality, year, there, never)
        return {"year": year, "total_from": there, "total_cents": total}

    async def waiting(self, caller: Caller, page: Page, asked: Asked) -> list[dict[str, Any]]:
        """A page of lines that a handler must look at and that are asked for, the longest waiting first."""
        known, rows = await self._waiting(caller)
        wanted = [row for row in rows if asked.wants(row, queries.WAYS)]
        shown = page.cut(wanted[page.skip : page.skip + page.fetch])
        note_rows(known[row["case"]] for row in shown)
        return shown

    async def waiting_now(self, caller: Caller, asked: Asked) -> Found:
        """The same, with counts."""
        known, rows = await self._waiting(caller)
        found = narrow(rows, queries.WAYS, asked)
        note_rows(known[row["case"]] for row in found.rows)
        return found

    async def _waiting(self, caller: Caller) -> tuple[dict[str, str], list[dict[str, Any]]]:
        self.admission.admit_to_rota(caller)
        found = await queries.to_judge(self.cases, caller.municipality, await self.admission.scope(caller))
        marks, id_for = self.cases.marks, self.cases.id_for
        rows = [queries.waiting(one, self.references) | marks(id_for(one.case)) for one in found]
        return {row["case"]: one.case for row, one in zip(rows, found, strict=True)}, rows

    async def one(self, reference: str, caller: Caller) -> dict[str, Any]:
        """Who pays what in a case, and why. Raises 404."""
        state = await self.known(self.opened(caller, reference), caller)
        if state is None:
            raise refused(caller)
        return self.shown(state, caller)


def party(caller: Caller) -> Party:
    """Who acts."""
    return Party(caller.actor, caller.municipality if caller.role is Role.MUNICIPALITY else None)
