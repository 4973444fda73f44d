"""Pages of costs for the municipality: what waits for a handler, and per case who pays each euro and by which rule."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Awaitable, Callable, Mapping
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
from shared.web.forms import Euros, Filled, cents
from shared.web.http import Body, Once
from shared.web.narrowing import asked
from shared.web.pages import Site

SOME_AMOUNT = "Vul ten minste één bedrag in, zoals 1250,00."
Model = TypeVar("Model", bound=Body)
Act = Callable[[str, Model, Caller, Once], Awaitable[Any]]
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


class OfCase:
    """What the pages of costs in one case share, the municipality's and the person's.

    `way`: the path that they stand under; `said`: what stands around each.
    """

    def __init__(self, site: Site, desk: Desk, way: str, **said: Any) -> None:
        self.site, self.desk, self.way, self.said = site, desk, way, said

    async def drawn(
        self, page: str, case: str, request: Request, caller: Caller, form: Filled | None = None
    ) -> Response:
        """A page, as it was left. Raises 404."""
        shown = await self.desk.one(case, caller)
        return self.site.page(request, f"costs/{page}.html", shown, form=form, way=self.way, **self.said)

    async def act(
        self, page: str, case: str, request: Request, caller: Caller, model: type[Model], do: Act[Model],
        lacks: Callable[[Model], Mapping[str, str]] = lambda _: {},
    ) -> Response:  # fmt: skip
        """Does what the form on a page asks."""
        return await self.site.act(
            request, model, lambda body, once: do(case, body, caller, once), lacks=lacks,
            again=lambda form: self.drawn(page, case, request, caller, form), then=f"{self.way}{case}",
        )  # fmt: skip

    async def enter(self, page: str, case: str, request: Request, caller: Caller) -> Response:
        """What a measure costs."""

        def do(case: str, body: EnterBody, caller: Caller, once: Once) -> Awaitable[Any]:
            return self.desk.enter(body.cost(case), caller, once)

        return await self.act(page, case, request, caller, EnterBody, do, EnterBody.lacks)

    async def actual(self, case: str, request: Request, caller: Caller) -> Response:
        """What a line cost in the end."""

        def do(case: str, body: InTheEndBody, caller: Caller, once: Once) -> Awaitable[Any]:
            return self.desk.actual(case, body.actual(), caller, once)

        return await self.act("actual", case, request, caller, InTheEndBody, do)


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages. `case`: as this municipality knows it."""
    router = desk.admission.pages("funding.cost_allocation", {Role.MUNICIPALITY: Purpose.PAY})
    of = OfCase(site, desk, "/kosten/")

    @router.get("/kosten")
    async def waiting(request: Request, caller: Municipal) -> Response:
        found = await desk.waiting_now(caller, asked(request, queries.WAYS))
        return site.page(request, "costs/list.html", found.rows, found=found)

    @router.get("/kosten/{case}")
    async def read(case: str, request: Request, caller: Municipal) -> Response:
        return await of.drawn("one", case, request, caller)

    @router.post("/kosten/{case}")
    async def enter(case: str, request: Request, caller: Municipal) -> Response:
        return await of.enter("one", case, request, caller)

    @router.get("/kosten/{case}/oneens")
    async def disagree(case: str, request: Request, caller: Municipal) -> Response:
        return await of.drawn("dispute", case, request, caller)

    @router.post("/kosten/{case}/oneens")
    async def dispute(case: str, request: Request, caller: Municipal) -> Response:
        return await of.act("dispute", case, request, caller, DisputeBody, desk.dispute)

    @router.get("/kosten/{case}/betaler")
    async def judge(case: str, request: Request, caller: Municipal) -> Response:
        return await of.drawn("classify", case, request, caller)

    @router.post("/kosten/{case}/betaler")
    async def classify(case: str, request: Request, caller: Municipal) -> Response:
        return await of.act("classify", case, request, caller, ClassificationBody, desk.classify)

    _add_closing(router, of)
    return router


def _add_closing(router: APIRouter, of: OfCase) -> None:
    @router.get("/kosten/{case}/echt")
    async def in_the_end(case: str, request: Request, caller: Municipal) -> Response:
        return await of.drawn("actual", case, request, caller)

    @router.post("/kosten/{case}/echt")
    async def actual(case: str, request: Request, caller: Municipal) -> Response:
        return await of.actual(case, request, caller)

    @router.get("/kosten/{case}/betaald")
    async def to_pay(case: str, request: Request, caller: Municipal) -> Response:
        return await of.drawn("settle", case, request, caller)

    @router.post("/kosten/{case}/betaald")
    async def settle(case: str, request: Request, caller: Municipal) -> Response:
        return await of.act("settle", case, request, caller, SettlementBody, of.desk.settle)
