"""HTTP of the monthly bill: the IVP sends it, the municipality reads its own."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.aftercare.billing.bodies import CorrectionBody, InvoiceBody
from services.aftercare.billing.desk import Desk, Either, Ivp
from shared.web.http import Keyed
from shared.web.narrowing import Asked, Town, words
from shared.web.paging import Paged

Year = Annotated[str, Query(pattern=r"^(\d{4})?$", description="Of which year.")]


def routes(desk: Desk) -> APIRouter:
    """The routes."""
    router = desk.admission.router("aftercare.billing", prefix="/invoices", tags=["invoices"])

    @router.post("", status_code=201, summary="The bill of a month to a municipality")
    async def send(body: InvoiceBody, caller: Ivp, once: Keyed) -> dict[str, Any]:
        return await desk.send(body, caller, once)

    @router.post("/{invoice}/corrections", summary="Put a bill right with a line beside it")
    async def correct(invoice: str, body: CorrectionBody, caller: Ivp, once: Keyed) -> dict[str, Any]:
        return await desk.correct(invoice, body, caller, once)

    @router.get("", summary="Bills, the newest month first: the municipality's own, or for the IVP all")
    async def read(caller: Either, page: Paged, year: Year = "", municipality: Town = "") -> list[dict[str, Any]]:
        return await desk.bills(caller, page, Asked(words(year=year, municipality=municipality)))

    return router
