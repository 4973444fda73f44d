"""The page on which a person sees and says whom they trust with their case, and who must not see it."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from enum import StrEnum

from fastapi import APIRouter, Request, Response

from shared.access.admission import Admission
from shared.web.forms import once_of, read_form
from shared.web.http import Body
from shared.web.own import Person
from shared.web.pages import Site
from shared.web.relations import Account, Choices, Chosen, RelationBody, choose_relation, chosen_in

MYSELF = "Dit is uw eigen account. Kies dat van iemand anders."


class Change(StrEnum):
    """What the person wants."""

    TRUST = "trust"
    TRUST_NO_MORE = "trust-no-more"
    KEEP_OUT = "keep-out"
    LET_IN = "let-in"


MEANS = {
    Change.TRUST: (Chosen.TRUSTED, True), Change.TRUST_NO_MORE: (Chosen.TRUSTED, False),
    Change.KEEP_OUT: (Chosen.EXCLUDED, True), Change.LET_IN: (Chosen.EXCLUDED, False),
}  # fmt: skip


class ChangeBody(Body):
    """Whose account, and what from now on."""

    account: Account
    change: Change


def relation_pages(site: Site, admission: Admission, choices: Choices) -> APIRouter:
    """The page."""
    router = admission.pages("relations")

    @router.get("/zaak/{case}/wie")
    async def form(case: str, request: Request, caller: Person) -> Response:
        return site.page(request, "relations.html", await chosen_in(admission, choices, case, caller), done=None)

    @router.post("/zaak/{case}/wie")
    async def change(case: str, request: Request, caller: Person) -> Response:
        read, shown = await read_form(request, ChangeBody), await chosen_in(admission, choices, case, caller)
        form = read.form
        if read.body is not None and read.body.account == caller.actor:
            form = form.wrong({"account": MYSELF})
        if read.body is None or form.errors:
            return site.page(request, "relations.html", shown, form=form, done=None)
        relation, holds = MEANS[read.body.change]
        body = RelationBody(account=read.body.account, relation=relation, holds=holds)
        await choose_relation(admission, choices, case, body, caller, once_of(read, request))
        done, shown = read.body.change.value, await chosen_in(admission, choices, case, caller)
        return site.page(request, "relations.html", shown, done=done, account=read.body.account)

    return router
