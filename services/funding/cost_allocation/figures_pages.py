"""Who pays what in a year, as a chart with its table; for the controller one total. No cases."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.funding.cost_allocation import queries
from services.funding.cost_allocation.desk import Counting, Desk
from shared.access.purposes import Purpose
from shared.access.roles import Role
from shared.contracts.vocabulary import Payer
from shared.contracts.working_days import local_day
from shared.web.charts import bars
from shared.web.pages import Site

FIRST_YEAR, LAST_YEAR = 2016, 2100
CENTS = 100
SHORT = {Payer.PERSON: "persoon", Payer.MUNICIPALITY: "gemeente", Payer.BZK: "ministerie"}


def pages(site: Site, desk: Desk) -> APIRouter:
    """The page."""
    router = desk.admission.pages("funding.cost_allocation", {Role.MUNICIPALITY: Purpose.PAY})

    @router.get("/cijfers")
    async def figures(
        request: Request, caller: Counting, jaar: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)] = None
    ) -> Response:
        this_year = local_day(site.now()).year
        year = jaar or this_year
        shown = await desk.totals(caller, year)
        years: dict[str, Any] = {"year": year, "this_year": this_year, "first": FIRST_YEAR}
        if caller.role is Role.CONTROLLER:
            return site.page(request, "costs/total.html", shown, **years)
        cents = shown["cents"]
        rows = [(short, round(cents[payer] / CENTS)) for payer, short in SHORT.items()]
        rows.append(("nog niet bekend", round(cents[queries.WITHOUT_PAYER] / CENTS)))
        return site.page(
            request, "costs/figures.html", shown, chart=bars(f"Wie betaalt wat in {year}, in hele euro", rows),
            payers=tuple(payer.value for payer in Payer), unknown=queries.WITHOUT_PAYER, **years,
        )  # fmt: skip

    return router
