"""How the promise was kept, as a chart with its table; no persons."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.aftercare.callback import queries
from services.aftercare.callback.desk import Desk, Ivp
from shared.access.purposes import Purpose
from shared.access.roles import Role
from shared.contracts.working_days import local_day
from shared.web.charts import bars
from shared.web.dutch import MONTHS
from shared.web.pages import Site

FIRST_YEAR = 2016


def pages(site: Site, desk: Desk) -> APIRouter:
    """The page."""
    router = desk.admission.pages("aftercare.figures", {Role.IVP: Purpose.CALL_BACK})

    @router.get("/cijfers")
    async def figures(
        request: Request, caller: Ivp, jaar: Annotated[int | None, Query(ge=FIRST_YEAR, le=2199)] = None
    ) -> Response:
        this_year = local_day(site.now()).year
        year = jaar or this_year
        rows = await queries.promise_figures(desk.cases, year, await desk.admission.never(caller))
        kept = [row["kept"] + row["kept_entered_late"] for row in rows]
        charts = (
            bars(f"Op tijd gebeld in {year}", list(zip(MONTHS, kept, strict=True))),
            bars(f"Te laat gebeld in {year}", list(zip(MONTHS, [row["missed"] for row in rows], strict=True))),
        )
        return site.page(
            request, "callback/figures.html", rows, charts=charts, months=MONTHS, year=year, this_year=this_year,
            first=FIRST_YEAR,
        )  # fmt: skip

    return router
