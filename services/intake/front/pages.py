"""The start page, and what belongs to no module: where to go, and a word after signing in in another tab."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from shared.access.admission import Admission
from shared.access.roles import Caller, Role, perhaps_calls_as
from shared.web.pages import Site

Anybody = Annotated[Caller | None, Depends(perhaps_calls_as(*Role))]


def pages(site: Site, admission: Admission) -> APIRouter:
    """The pages of the front."""
    router = admission.pages("own")

    @router.get("/")
    async def start(request: Request, caller: Anybody) -> Response:
        return site.page(request, "front/start.html")

    @router.get("/ingelogd")
    async def signed_in(request: Request, caller: Anybody) -> Response:
        return site.page(request, "front/signed-in.html")

    return router
