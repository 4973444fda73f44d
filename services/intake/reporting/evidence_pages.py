"""The local police's page of evidence: what there is, who had it, the file itself, and a line of what was done."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from fastapi import APIRouter, Request, Response

from services.intake.reporting import commands
from services.intake.reporting.bodies import CustodyBody
from services.intake.reporting.desk import Desk, Police
from services.intake.reporting.evidence import SHOWN, STORED
from shared.access.roles import Caller
from shared.contracts.decisions import Refused
from shared.web.forms import Filled, once_of, read_form
from shared.web.pages import Site

ADDED = "added"
BY_US = {ADDED: "toegevoegd", STORED: "bestand bewaard", SHOWN: "bestand bekeken"}
"""How the custody lines read that we write ourselves."""


def pages(site: Site, desk: Desk) -> APIRouter:
    """The page."""
    router = desk.admission.pages("intake.reporting")

    async def drawn(case: str, request: Request, caller: Caller, form: Filled | None = None) -> Response:
        report, _ = await desk.known(case, caller)
        shown = await desk.shown(report, caller)
        return site.page(request, "reporting/police-evidence.html", shown, form=form, by_us=BY_US, stored=STORED)

    @router.get("/zaak/{case}/bewijs")
    async def read(case: str, request: Request, caller: Police) -> Response:
        return await drawn(case, request, caller)

    @router.post("/zaak/{case}/bewijs")
    async def custody(case: str, request: Request, caller: Police) -> Response:
        read = await read_form(request, CustodyBody)
        if read.body is None:
            return await drawn(case, request, caller, read.form)
        now = desk.cases.clock.now()
        command = commands.AddCustody(read.body.sha256, caller.actor, read.body.words, now)
        try:
            await desk.act(case, command, caller, once_of(read, request), "custody")
        except Refused as no:
            return await drawn(case, request, caller, read.form.wrong({"": no.reason}))
        return site.moved(f"{site.prefix}/zaak/{case}/bewijs")

    return router
