"""The data protection officer's page of one service: looks without assignment, what waits to be destroyed, its logs."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from shared.privacy.controllers import CONTROLLERS
from shared.privacy.overview import runs, states, waiting
from shared.runtime.environment import utc_now
from shared.web.own import Officer, glass_rows
from shared.web.pages import Site
from shared.web.wiring import Wired


def officer_pages(site: Site, wired: Wired, *modules: str) -> APIRouter:
    """The page, of a service whose data police and OM answer for. `modules`: those that keep something of a case."""
    router = wired.admission.pages("own")
    controllers = sorted({CONTROLLERS[module] for module in modules})

    @router.get("/toezicht")
    async def overview(request: Request, caller: Officer) -> Response:
        now, chains = utc_now(), wired.books.chains()
        rows = [row for module in modules for row in await waiting(wired.keyring(CONTROLLERS[module]), module)]
        shown = {
            "glasses": await glass_rows(wired),
            "waiting": [asdict(row) for row in rows],
            "logs": [asdict(one) for one in await states(chains, now)],
            "runs": [asdict(one) for one in await runs(chains, controllers, now)],
        }
        return site.page(request, "officer.html", shown, service=wired.service.name)

    return router
