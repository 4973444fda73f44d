"""Pages of weighing: what waits for RCCB and the HOvJ, and one weighing with the person's earlier cases beside it."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Any

from fastapi import APIRouter, Request, Response

from services.assessment.weighing import queries
from services.assessment.weighing.bodies import DecisionBody, FirstWeighingBody
from services.assessment.weighing.desk import Both, Desk, Hovj, Rccb
from services.assessment.weighing.record import Step
from shared.access.roles import Caller, Role
from shared.web.forms import Filled
from shared.web.http import Body
from shared.web.narrowing import EVERYTHING, NO_SUCH_CASE, START_OF_CASE, Asked, asked
from shared.web.pages import Again, Site

LISTS: dict[str, tuple[str, tuple[Step, ...]]] = {
    "/wegen": ("Wegen", tuple(Step)), "/beslissen": ("Beslissen", queries.HOVJ_STEPS),
}  # fmt: skip
"""Address of each list: its title, and what stands on it."""


class Confirmed(Body):
    """A confirmation says nothing but yes."""


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("assessment.weighing")
    _add_reading(router, site, desk)
    _add_acting(router, site, desk)
    return router


def _add_reading(router: APIRouter, site: Site, desk: Desk) -> None:
    async def waiting(
        request: Request, caller: Caller, path: str, asked: Asked, form: Filled | None = None
    ) -> Response:
        title, steps = LISTS[path]
        found = await desk.narrowed(caller, steps, asked)
        return site.page(request, "weighing/list.html", found.rows, form=form, title=title, found=found, list_path=path)

    @router.get("/wegen")
    async def weigh(request: Request, caller: Both) -> Response:
        return await waiting(request, caller, "/wegen", asked(request, queries.WAYS))

    @router.get("/beslissen")
    async def decide(request: Request, caller: Hovj) -> Response:
        return await waiting(request, caller, "/beslissen", asked(request, queries.WAYS))

    @router.get("/wegen/zoek")
    async def search(request: Request, caller: Both, zaak: str = "") -> Response:
        start = zaak.strip().lower()
        weighing = await desk.beginning_with(start, caller) if START_OF_CASE.fullmatch(start) else None
        if weighing is None:
            path = "/beslissen" if caller.role is Role.HOVJ else "/wegen"
            return await waiting(request, caller, path, EVERYTHING, Filled({"zaak": [zaak]}, {"zaak": NO_SUCH_CASE}))
        return site.moved(f"{site.prefix}/wegen/{weighing}")

    @router.get("/wegen/{weighing}")
    async def read(weighing: str, request: Request, caller: Both) -> Response:
        return await _one(site, desk, weighing, request, caller)


async def _one(site: Site, desk: Desk, weighing: str, request: Request, caller: Caller, **said: Any) -> Response:
    shown = await desk.shown(weighing, await desk.known(weighing, caller), caller)
    home = "/beslissen" if caller.role is Role.HOVJ else "/wegen"
    return site.page(request, "weighing/one.html", shown, home=site.prefix + home, role=caller.role, **said)


def _add_acting(router: APIRouter, site: Site, desk: Desk) -> None:
    def again(weighing: str, request: Request, caller: Caller) -> Again:
        return lambda form: _one(site, desk, weighing, request, caller, form=form)

    @router.post("/wegen/{weighing}/eerste-weging")
    async def first_weighing(weighing: str, request: Request, caller: Rccb) -> Response:
        return await site.act(
            request, FirstWeighingBody, lambda body, once: desk.first_weighing(weighing, body, caller, once),
            again=again(weighing, request, caller), then=f"/wegen/{weighing}",
        )  # fmt: skip

    @router.post("/wegen/{weighing}/besluit")
    async def decision(weighing: str, request: Request, caller: Both) -> Response:
        return await site.act(
            request, DecisionBody, lambda body, once: desk.decision(weighing, body, caller, once),
            again=again(weighing, request, caller), then=f"/wegen/{weighing}",
        )  # fmt: skip

    @router.post("/wegen/{weighing}/bevestiging")
    async def confirmation(weighing: str, request: Request, caller: Both) -> Response:
        return await site.act(
            request, Confirmed, lambda _, once: desk.confirmation(weighing, caller, once),
            again=again(weighing, request, caller), then=f"/wegen/{weighing}",
        )  # fmt: skip
