"""The person's pages of costs: who pays what, entering an own bill, what it cost, that it is paid, and disagreeing.

Of what others pay no amounts.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Awaitable
from typing import Any

from fastapi import APIRouter, Request, Response

from services.funding.cost_allocation.bodies import DisputeBody, OwnWishBody, SettlementBody
from services.funding.cost_allocation.desk import Desk, Person
from services.funding.cost_allocation.pages import Amount, OfCase
from shared.access.roles import Caller
from shared.contracts.vocabulary import MeasureType, Place
from shared.web import dutch
from shared.web.forms import cents
from shared.web.http import Body, Once
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
    types, places = dutch.options("MeasureType", MeasureType), dutch.options("Place", Place)
    of = OfCase(site, desk, "/mijn-kosten/", types=types, places=places)

    @router.get("/mijn-kosten/{case}")
    async def read(case: str, request: Request, caller: Person) -> Response:
        return await of.drawn("own", case, request, caller)

    @router.post("/mijn-kosten/{case}/advies")
    async def enter(case: str, request: Request, caller: Person) -> Response:
        return await of.enter("own", case, request, caller)

    @router.post("/mijn-kosten/{case}/zelf")
    async def wish(case: str, request: Request, caller: Person) -> Response:
        def do(case: str, body: WishBody, caller: Caller, once: Once) -> Awaitable[Any]:
            return desk.wish(case, body.wish(), caller, once)

        return await of.act("own", case, request, caller, WishBody, do)

    @router.post("/mijn-kosten/{case}/oneens")
    async def dispute(case: str, request: Request, caller: Person) -> Response:
        return await of.act("own", case, request, caller, DisputeBody, desk.dispute)

    _add_closing(router, of)
    return router


def _add_closing(router: APIRouter, of: OfCase) -> None:
    @router.get("/mijn-kosten/{case}/echt")
    async def in_the_end(case: str, request: Request, caller: Person) -> Response:
        return await of.drawn("actual", case, request, caller)

    @router.post("/mijn-kosten/{case}/echt")
    async def actual(case: str, request: Request, caller: Person) -> Response:
        return await of.actual(case, request, caller)

    @router.get("/mijn-kosten/{case}/betaald")
    async def to_pay(case: str, request: Request, caller: Person) -> Response:
        return await of.drawn("settle", case, request, caller)

    @router.post("/mijn-kosten/{case}/betaald")
    async def settle(case: str, request: Request, caller: Person) -> Response:
        return await of.act("settle", case, request, caller, SettlementBody, of.desk.settle)
