"""Pages of a weighing beside weighing and deciding: who decides, a deeper analysis, weighing anew, a sheet."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Mapping
from enum import StrEnum

from fastapi import APIRouter, Request, Response

from services.assessment.weighing.bodies import AuthorityBody, InterpretationBody, ProductBody, ReopenBody
from services.assessment.weighing.desk import Both, Desk, Hovj
from shared.access.admission import refused
from shared.access.roles import Caller
from shared.contracts.vocabulary import ReopenReason, ThreatProduct
from shared.web import dutch
from shared.web.forms import Filled
from shared.web.http import Body, Once
from shared.web.pages import Site


class Doing(StrEnum):
    """What RCCB and the HOvJ may both do, as it stands in the address."""

    AUTHORITY = "gezag"
    PRODUCT = "analyse"
    REOPEN = "heropenen"


BODIES: Mapping[str, type[Body]] = {
    Doing.AUTHORITY: AuthorityBody, Doing.PRODUCT: ProductBody, Doing.REOPEN: ReopenBody,
}  # fmt: skip
ORDER = "duiding"
"""The HOvJ's alone."""


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("assessment.weighing")
    acting = Acting(site, desk)

    @router.get("/wegen/{weighing}/blad")
    async def sheet(weighing: str, request: Request, caller: Both) -> Response:
        shown = await desk.shown(weighing, await desk.known(weighing, caller), caller)
        if not shown["decision"]:
            raise refused(caller, "In deze zaak is nog niet beslist.")
        return site.page(request, "weighing/sheet.html", shown)

    @router.get(f"/wegen/{{weighing}}/{ORDER}")
    async def order_form(weighing: str, request: Request, caller: Hovj) -> Response:
        return await acting.drawn(weighing, ORDER, request, caller)

    @router.post(f"/wegen/{{weighing}}/{ORDER}")
    async def order(weighing: str, request: Request, caller: Hovj) -> Response:
        return await acting.done(weighing, ORDER, InterpretationBody, request, caller)

    @router.get("/wegen/{weighing}/{doing}")
    async def form(weighing: str, doing: Doing, request: Request, caller: Both) -> Response:
        return await acting.drawn(weighing, doing, request, caller)

    @router.post("/wegen/{weighing}/{doing}")
    async def act(weighing: str, doing: Doing, request: Request, caller: Both) -> Response:
        return await acting.done(weighing, doing, BODIES[doing], request, caller)

    return router


class Acting:
    """Draws a form, and does what it says; what is refused stands at the form, with everything that was typed."""

    def __init__(self, site: Site, desk: Desk) -> None:
        self.site, self.desk = site, desk

    async def drawn(
        self, weighing: str, doing: str, request: Request, caller: Caller, form: Filled | None = None
    ) -> Response:
        """The form, as it was left."""
        shown = await self.desk.shown(weighing, await self.desk.known(weighing, caller), caller)
        return self.site.page(
            request, f"weighing/acts/{doing}.html", shown, form=form,
            products=dutch.options("ThreatProduct", ThreatProduct), reasons=dutch.options("ReopenReason", ReopenReason),
        )  # fmt: skip

    async def done(self, weighing: str, doing: str, model: type[Body], request: Request, caller: Caller) -> Response:
        """Does it, or draws the form again with what is wrong."""
        return await self.site.act(
            request, model, lambda body, once: do(self.desk, weighing, body, caller, once),
            again=lambda form: self.drawn(weighing, doing, request, caller, form), then=f"/wegen/{weighing}",
        )  # fmt: skip


async def do(desk: Desk, weighing: str, body: Body, caller: Caller, once: Once) -> None:
    """Does what a form says. Raises `Refused` when the rules do not allow it."""
    match body:
        case AuthorityBody():
            await desk.authority(weighing, body, caller, once)
        case InterpretationBody():
            await desk.order(weighing, body, caller, once)
        case ProductBody():
            await desk.product(weighing, body, caller, once)
        case ReopenBody():
            await desk.reopen(weighing, body, caller, once)
        case _:
            raise TypeError(type(body).__name__)
