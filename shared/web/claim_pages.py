"""The pages of claims: somebody takes a case over with the code of its receipt, and police confirm after a call."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import Field

from shared.access.admission import Admission
from shared.access.wall import visit
from shared.web.claims import ASKED, ClaimBody, Person, Police, ask_claim, confirm_claim, waiting_claims
from shared.web.forms import once_of, read_form
from shared.web.http import Body
from shared.web.limits import within
from shared.web.pages import Site

LISTED = 100
NOT_THIS = "Het nummer en de code horen niet bij elkaar. Kijk ze na op uw papier."


class TakeOverBody(ClaimBody):
    """Number and code, as the receipt shows them."""

    case: str = Field(pattern="^[0-9a-f]{32}$")


class ConfirmBody(Body):
    """Of which case the police rang the number."""

    case: str = Field(pattern="^[0-9a-f]{32}$")


def claim_pages(site: Site, admission: Admission) -> APIRouter:
    """The pages."""
    router = admission.pages("relations")

    @router.get("/overnemen")
    async def form(request: Request, caller: Person) -> Response:
        return site.page(request, "claim.html")

    @router.post("/overnemen", dependencies=[Depends(within("claim"))])
    async def ask(request: Request, caller: Person) -> Response:
        read = await read_form(request, TakeOverBody)
        if read.body is None:
            return site.page(request, "claim.html", form=read.form)
        try:
            await ask_claim(admission, read.body.case, read.body.code, caller, once_of(read, request))
        except HTTPException as no:
            # What was typed stays on the form, so the refusal does not pass the wall: it is noted here.
            visit().caller = caller
            await admission.watch.was_refused(visit(), "POST /overnemen", no.status_code)
            return site.page(request, "claim.html", form=read.form.wrong({"code": NOT_THIS}))
        return site.page(request, "claimed.html", said=ASKED)

    @router.get("/overnames")
    async def waiting(request: Request, caller: Police) -> Response:
        return site.page(request, "claims.html", await waiting_claims(admission, caller, 0, LISTED))

    @router.post("/overnames")
    async def confirm(request: Request, caller: Police) -> Response:
        read = await read_form(request, ConfirmBody)
        if read.body is None:
            rows = await waiting_claims(admission, caller, 0, LISTED)
            return site.page(request, "claims.html", rows, form=read.form)
        await confirm_claim(admission, read.body.case, caller, once_of(read, request))
        return site.moved(f"{site.prefix}/overnames")

    return router
