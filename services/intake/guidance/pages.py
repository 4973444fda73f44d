"""The page with help lines and instruments; 112 comes first, whatever is verified."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.intake.guidance.domain import Listed, directory, instruments_shown
from services.intake.guidance.policy import instruments_on, lines_on
from shared.access.admission import Admission
from shared.access.roles import Caller, Role, perhaps_calls_as
from shared.contracts.working_days import local_day
from shared.web.pages import Site

Anybody = Annotated[Caller | None, Depends(perhaps_calls_as(*Role))]


def lines_now(site: Site) -> tuple[Listed, ...]:
    """The help lines that may be shown now."""
    now = site.now()
    return directory(lines_on(local_day(now)), now, demonstration=site.local)


def pages(site: Site, admission: Admission) -> APIRouter:
    """The page."""
    router = admission.pages("intake.front")

    @router.get("/hulp")
    async def help_lines(request: Request, caller: Anybody) -> Response:
        now = site.now()
        instruments = instruments_shown(instruments_on(local_day(now)), now, demonstration=site.local)
        return site.page(request, "guidance/help.html", lines=lines_now(site), instruments=instruments)

    return router
