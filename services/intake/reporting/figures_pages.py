"""Signals, meldingen, aangiften and doubts of a year, as charts with their table; no cases, and few or none is `<5`."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.intake.reporting import queries
from services.intake.reporting.desk import Desk, Police
from shared.contracts.working_days import local_day
from shared.web.charts import bars
from shared.web.dutch import MONTHS
from shared.web.pages import Site

FIRST_YEAR, LAST_YEAR = 2016, 2100
CHARTS = (("signal", "Signalen"), ("melding", "Meldingen"), ("aangifte", "Aangiften"), ("doubt", "Twijfels"))


def pages(site: Site, desk: Desk) -> APIRouter:
    """The page."""
    router = desk.admission.pages("intake.reporting")

    @router.get("/cijfers")
    async def figures(
        request: Request, caller: Police, jaar: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)] = None
    ) -> Response:
        this_year = local_day(site.now()).year
        year = jaar or this_year
        rows = await queries.counts(desk.cases, year, await desk.admission.never(caller))
        charts = [
            (title, bars(f"{title} in {year}", list(zip(MONTHS, [row[name] for row in rows], strict=True))))
            for name, title in CHARTS
        ]
        return site.page(
            request, "reporting/figures.html", rows, charts=charts, months=MONTHS, year=year, this_year=this_year,
            first=FIRST_YEAR,
        )  # fmt: skip

    return router
