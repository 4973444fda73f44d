"""The local police's page of evidence: what there is, who had it, the file itself, adding one, and a line of
what was done.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from fastapi import APIRouter, Depends, Request, Response

from services.intake.reporting import commands
from services.intake.reporting.bodies import CustodyBody
from services.intake.reporting.desk import Police
from services.intake.reporting.evidence import SHOWN, STORED
from services.intake.reporting.locker import Locker
from services.intake.reporting.upload_pages import add_from_form, megabytes, room_for
from shared.access.roles import Caller, Role
from shared.contracts.decisions import Refused
from shared.web.forms import Filled, once_of, read_form
from shared.web.limits import account, within
from shared.web.pages import Site

ADDED = "added"
BY_US = {ADDED: "toegevoegd", STORED: "bestand bewaard", SHOWN: "bestand bekeken"}
"""How the custody lines read that we write ourselves."""


def pages(site: Site, locker: Locker) -> APIRouter:
    """The page."""
    desk = locker.desk
    router = desk.admission.pages("intake.reporting")

    async def drawn(case: str, request: Request, caller: Caller, form: Filled | None = None) -> Response:
        report, _ = await desk.known(case, caller)
        shown = await desk.shown(report, caller)
        return site.page(
            request, "reporting/police-evidence.html", shown, form=form, by_us=BY_US, stored=STORED,
            most=megabytes(locker.uploads()), taken_back=report.withdrawn_at is not None,
        )  # fmt: skip

    @router.get("/zaak/{case}/bewijs")
    async def read(case: str, request: Request, caller: Police) -> Response:
        return await drawn(case, request, caller)

    room, seldom = Depends(room_for(locker, Role.POLICE)), Depends(within("evidence-file", account))

    @router.post("/zaak/{case}/bewijs/toevoegen", dependencies=[room, seldom])
    async def add(case: str, request: Request, caller: Police) -> Response:
        wrong = await add_from_form(request, case, locker, caller)
        if wrong is not None:
            return await drawn(case, request, caller, wrong)
        return site.moved(f"{site.prefix}/zaak/{case}/bewijs")

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
