"""Pages of costs for the municipality: what waits for a handler, and per case who pays each euro and by which rule."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import Field

from services.funding.cost_allocation import queries
from services.funding.cost_allocation.bodies import (
    REFERENCE,
    ActualBody,
    ClassificationBody,
    CostBody,
    DisputeBody,
    SettlementBody,
)
from services.funding.cost_allocation.costs import Answer
from services.funding.cost_allocation.desk import Desk, Municipal
from shared.access.purposes import Purpose
from shared.access.roles import Caller, Role
from shared.contracts.decisions import Refused
from shared.web.forms import Euros, Filled, cents, once_of, read_form
from shared.web.http import Body, Once
from shared.web.narrowing import asked
from shared.web.pages import Site

SOME_AMOUNT = "Vul ten minste één bedrag in, zoals 1250,00."
Model = TypeVar("Model", bound=Body)
Act = Callable[[str, Model, Caller, Once], Coroutine[Any, Any, Any]]
"""What the desk does with a case: its reference, what was filled in, and who did."""
Amount = Annotated[Euros, Field(ge=0, le=100_000_000)]


class EnterBody(Body):
    """What a measure costs with VAT, split at the level that every house should have."""

    measure: str = Field(min_length=1, max_length=REFERENCE)
    up_to: Amount | None = None
    above: Amount | None = None
    invoice: str = Field("", max_length=40)
    additional: Answer = Answer.UNKNOWN
    employers_care: Answer = Answer.UNKNOWN

    def lacks(self) -> dict[str, str]:
        """What is needed and was not filled in, per field."""
        return {} if self.up_to or self.above else {"up_to": SOME_AMOUNT}

    def cost(self, case: str) -> CostBody:
        """As the API takes it."""
        return CostBody(
            case=case, measure=self.measure, up_to_pkvw_cents=cents(self.up_to), above_pkvw_cents=cents(self.above),
            invoice=self.invoice, additional=self.additional, employers_care=self.employers_care,
        )  # fmt: skip


class InTheEndBody(Body):
    """What a line cost in the end; nothing when it was never made."""

    line: str = Field(min_length=1, max_length=REFERENCE)
    euros: Amount

    def actual(self) -> ActualBody:
        """As the API takes it."""
        return ActualBody(line=self.line, amount_cents=cents(self.euros))


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages. `case`: as this municipality knows it."""
    router = desk.admission.pages("funding.cost_allocation", {Role.MUNICIPALITY: Purpose.PAY})

    async def drawn(
        request: Request, case: str, caller: Caller, form: Filled | None = None, page: str = "one"
    ) -> Response:
        return site.page(request, f"costs/{page}.html", await desk.one(case, caller), form=form, way="/kosten/")

    async def done(
        request: Request, case: str, caller: Caller, page: str, form: Filled, do: Coroutine[Any, Any, Any]
    ) -> Response:
        try:
            await do
        except Refused as no:
            return await drawn(request, case, caller, form.wrong({"": no.reason}), page)
        return site.moved(f"{site.prefix}/kosten/{case}")

    @router.get("/kosten")
    async def waiting(request: Request, caller: Municipal) -> Response:
        found = await desk.waiting_now(caller, asked(request, queries.WAYS))
        return site.page(request, "costs/list.html", found.rows, found=found)

    @router.get("/kosten/{case}")
    async def read(case: str, request: Request, caller: Municipal) -> Response:
        return await drawn(request, case, caller)

    @router.post("/kosten/{case}")
    async def enter(case: str, request: Request, caller: Municipal) -> Response:
        read = await read_form(request, EnterBody)
        form, body = read.form, read.body
        if body is not None:
            form = form.wrong(body.lacks())
        if body is None or form.errors:
            return await drawn(request, case, caller, form)
        do = desk.enter(body.cost(case), caller, once_of(read, request))
        return await done(request, case, caller, "one", form, do)

    async def acted(
        request: Request, case: str, caller: Caller, page: str, model: type[Model], act: Act[Model]
    ) -> Response:
        read = await read_form(request, model)
        if read.body is None:
            return await drawn(request, case, caller, read.form, page)
        return await done(request, case, caller, page, read.form, act(case, read.body, caller, once_of(read, request)))

    @router.get("/kosten/{case}/oneens")
    async def disagree(case: str, request: Request, caller: Municipal) -> Response:
        return await drawn(request, case, caller, page="dispute")

    @router.post("/kosten/{case}/oneens")
    async def dispute(case: str, request: Request, caller: Municipal) -> Response:
        return await acted(request, case, caller, "dispute", DisputeBody, desk.dispute)

    @router.get("/kosten/{case}/echt")
    async def in_the_end(case: str, request: Request, caller: Municipal) -> Response:
        return await drawn(request, case, caller, page="actual")

    @router.post("/kosten/{case}/echt")
    async def actual(case: str, request: Request, caller: Municipal) -> Response:
        def note(case: str, body: InTheEndBody, caller: Caller, once: Once) -> Coroutine[Any, Any, Any]:
            return desk.actual(case, body.actual(), caller, once)

        return await acted(request, case, caller, "actual", InTheEndBody, note)

    @router.get("/kosten/{case}/betaald")
    async def to_pay(case: str, request: Request, caller: Municipal) -> Response:
        return await drawn(request, case, caller, page="settle")

    @router.post("/kosten/{case}/betaald")
    async def settle(case: str, request: Request, caller: Municipal) -> Response:
        return await acted(request, case, caller, "settle", SettlementBody, desk.settle)

    @router.get("/kosten/{case}/betaler")
    async def judge(case: str, request: Request, caller: Municipal) -> Response:
        return await drawn(request, case, caller, page="classify")

    @router.post("/kosten/{case}/betaler")
    async def classify(case: str, request: Request, caller: Municipal) -> Response:
        return await acted(request, case, caller, "classify", ClassificationBody, desk.classify)

    return router
