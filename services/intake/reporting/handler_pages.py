"""For a municipality's handler: whom to call to carry out a measure."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from fastapi import APIRouter, Request, Response

from services.intake.reporting.desk import Desk, Handler
from shared.access.purposes import Purpose
from shared.access.roles import Role
from shared.web.pages import Site


def pages(site: Site, desk: Desk) -> APIRouter:
    """The page. `case`: as this municipality knows it."""
    router = desk.admission.pages("intake.reporting", {Role.MUNICIPALITY: Purpose.CARRY_OUT_MEASURES})

    @router.get("/personen/{case}")
    async def person(case: str, request: Request, caller: Handler) -> Response:
        return site.page(request, "reporting/person.html", await desk.for_handler(case, caller))

    return router
