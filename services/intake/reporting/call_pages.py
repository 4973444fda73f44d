"""The police note a report by telephone on one screen: three fields are needed; a receipt to read out."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Any

from fastapi import APIRouter, Request, Response

from services.intake.reporting.bodies import CallBody
from services.intake.reporting.desk import Desk, Police
from shared.access.roles import Caller
from shared.contracts.vocabulary import IncidentKind, Office
from shared.web import dutch
from shared.web.forms import once_of, read_form
from shared.web.pages import Site

NEEDED = {
    "kind": "Kies wat er is gebeurd.", "office": "Kies een functie.", "municipality": "Kies een gemeente.",
    "reporter.name": "Vul de naam van de beller in.", "reporter.relation": "Vul in wie de beller is voor de persoon.",
}  # fmt: skip
"""What is said at a field that was left empty."""


def pages(site: Site, desk: Desk) -> APIRouter:
    """The page."""
    router = desk.admission.pages("intake.reporting")

    def around(caller: Caller) -> dict[str, Any]:
        organisations = desk.admission.organisations
        mine = organisations.in_unit(caller.unit)
        # The towns of the own unit first: that is where most calls come from.
        towns = sorted(organisations.towns(), key=lambda town: town[0] not in mine)
        return {
            "kinds": dutch.options("IncidentKind", IncidentKind), "offices": dutch.options("Office", Office),
            "towns": towns, "only_town": mine[0] if len(mine) == 1 else "",
        }  # fmt: skip

    @router.get("/werk/bellen")
    async def call(request: Request, caller: Police) -> Response:
        return site.page(request, "reporting/police-call.html", **around(caller))

    @router.post("/werk/bellen")
    async def called(request: Request, caller: Police) -> Response:
        read = await read_form(request, CallBody)
        if read.body is None:
            form = read.form.wrong({name: text for name, text in NEEDED.items() if read.form.error(name)})
            return site.page(request, "reporting/police-call.html", form=form, **around(caller))
        shown = await desk.note_call(read.body, caller, once_of(read, request))
        mine = read.body.municipality in desk.admission.organisations.in_unit(caller.unit)
        return site.page(request, "reporting/police-called.html", shown, mine=mine, wished=read.body.aangifte_wished)

    return router
