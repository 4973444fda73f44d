"""The person's pages of costs: who pays what, entering an own bill, what it cost, that it is paid, and disagreeing.

Of what others pay no amounts.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response

from services.funding.cost_allocation.bodies import DisputeBody, OwnWishBody, SettlementBody
from services.funding.cost_allocation.desk import Desk, Person
from services.funding.cost_allocation.pages import Amount, EnterBody, InTheEndBody
from shared.access.roles import Caller
from shared.contracts.decisions import Refused
from shared.contracts.vocabulary import MeasureType, Place
from shared.web import dutch
from shared.web.forms import Filled, cents, once_of, read_form
from shared.web.http import Body
from shared.web.pages import Site


class WishBody(Body):
    """Something the person bought without advice."""

    type: MeasureType
    place: Place
    euros: Amount

    def wish(self) -> OwnWishBody:
        """As the API takes it."""
        return OwnWishBody(type=self.type, place=self.place, up_to_pkvw_cents=cents(self.euros))


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("funding.cost_allocation")

    async def drawn(
        request: Request, case: str, caller: Caller, form: Filled | None = None, page: str = "own"
    ) -> Response:
        return site.page(
            request, f"costs/{page}.html", await desk.one(case, caller), form=form, way="/mijn-kosten/",
            types=dutch.options("MeasureType", MeasureType), places=dutch.options("Place", Place),
        )  # fmt: skip

    async def done(
        request: Request, case: str, caller: Caller, form: Filled, do: Coroutine[Any, Any, Any], page: str = "own"
    ) -> Response:
        try:
            await do
        except Refused as no:
            return await drawn(request, case, caller, form.wrong({"": no.reason}), page)
        return site.moved(f"{site.prefix}/mijn-kosten/{case}")

    @router.get("/mijn-kosten/{case}")
    async def read(case: str, request: Request, caller: Person) -> Response:
        return await drawn(request, case, caller)

    @router.post("/mijn-kosten/{case}/advies")
    async def enter(case: str, request: Request, caller: Person) -> Response:
        read = await read_form(request, EnterBody)
        form, body = read.form, read.body
        if body is not None:
            form = form.wrong(body.lacks())
        if body is None or form.errors:
            return await drawn(request, case, caller, form)
        return await done(request, case, caller, form, desk.enter(body.cost(case), caller, once_of(read, request)))

    @router.post("/mijn-kosten/{case}/zelf")
    async def wish(case: str, request: Request, caller: Person) -> Response:
        read = await read_form(request, WishBody)
        if read.body is None:
            return await drawn(request, case, caller, read.form)
        do = desk.wish(case, read.body.wish(), caller, once_of(read, request))
        return await done(request, case, caller, read.form, do)

    @router.post("/mijn-kosten/{case}/oneens")
    async def dispute(case: str, request: Request, caller: Person) -> Response:
        read = await read_form(request, DisputeBody)
        if read.body is None:
            return await drawn(request, case, caller, read.form)
        return await done(
            request, case, caller, read.form, desk.dispute(case, read.body, caller, once_of(read, request))
        )

    _add_closing(router, desk, drawn, done)
    return router


def _add_closing(
    router: APIRouter, desk: Desk, drawn: Callable[..., Coroutine[Any, Any, Response]],
    done: Callable[..., Coroutine[Any, Any, Response]],
) -> None:  # fmt: skip
    @router.get("/mijn-kosten/{case}/echt")
    async def in_the_end(case: str, request: Request, caller: Person) -> Response:
        return await drawn(request, case, caller, page="actual")

    @router.post("/mijn-kosten/{case}/echt")
    async def actual(case: str, request: Request, caller: Person) -> Response:
        read = await read_form(request, InTheEndBody)
        if read.body is None:
            return await drawn(request, case, caller, read.form, "actual")
        do = desk.actual(case, read.body.actual(), caller, once_of(read, request))
        return await done(request, case, caller, read.form, do, "actual")

    @router.get("/mijn-kosten/{case}/betaald")
    async def to_pay(case: str, request: Request, caller: Person) -> Response:
        return await drawn(request, case, caller, page="settle")

    @router.post("/mijn-kosten/{case}/betaald")
    async def settle(case: str, request: Request, caller: Person) -> Response:
        read = await read_form(request, SettlementBody)
        if read.body is None:
            return await drawn(request, case, caller, read.form, "settle")
        do = desk.settle(case, read.body, caller, once_of(read, request))
        return await done(request, case, caller, read.form, do, "settle")
