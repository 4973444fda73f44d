"""The page on which the person, or who reported for them, adds a file of evidence, and fetches it again.

One form does what the API does in two steps: what is known of the file, with its hash, and then the file itself.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

import hashlib
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Depends, Request, Response

from services.intake.reporting.bodies import EvidenceBody
from services.intake.reporting.desk import PERSONS, Person
from services.intake.reporting.evidence import kind_of
from services.intake.reporting.locker import NOT_TAKEN, Locker
from services.intake.reporting.policy import Uploads
from shared.access.relations import Relation
from shared.access.roles import Caller, Role
from shared.contracts.decisions import Refused
from shared.web.forms import Filled, once_of, read_file, read_form
from shared.web.headers import LARGEST_BODY, allow_body
from shared.web.limits import account, within
from shared.web.pages import Site

FIELD = "file"
NO_FILE = "Kies een bestand. Een leeg bestand kan niet."
TOO_LARGE = (
    "Dit bestand is te groot. Er is niets opgeslagen. Een bestand mag niet groter zijn dan {most} MB. "
    "Kies een kleiner bestand, of geef het aan de politie."
)


def megabytes(uploads: Uploads) -> int:
    """How large a file may be."""
    return uploads.largest_bytes // 1_000_000


def mistake(content: bytes, uploads: Uploads) -> str:
    """What is wrong with a file; empty when nothing is."""
    if not content:
        return NO_FILE
    if len(content) > uploads.largest_bytes:
        return TOO_LARGE.format(most=megabytes(uploads))
    return "" if kind_of(content, uploads) else NOT_TAKEN


def room_for(locker: Locker, *roles: Role) -> Callable[[Request], Awaitable[None]]:
    """Lets these roles send a file, before its form is read to find the token of their session."""

    async def room(request: Request) -> None:
        sender, uploads = await request.app.state.gate.recognised(request), locker.uploads()
        if sender is not None and sender.role in roles:
            said = TOO_LARGE.format(most=megabytes(uploads))
            allow_body(request, uploads.largest_bytes + LARGEST_BODY, said)

    return room


async def add_from_form(request: Request, case: str, locker: Locker, caller: Caller) -> Filled | None:
    """Writes down and stores the file that a form sent. Gives the form back when something is wrong. Raises 404."""
    await locker.desk.known(case, caller)
    content = await read_file(request, FIELD)
    digest = hashlib.sha256(content).hexdigest()
    read = await read_form(request, EvidenceBody, also={"sha256": digest, "size_bytes": len(content)})
    wrong = mistake(content, locker.uploads())
    if read.body is None or wrong:
        first = {FIELD: wrong} if wrong else {}
        return Filled(read.form.values, {**first, **read.form.errors})
    try:
        await locker.add(case, read.body, content, caller, once_of(read, request, digest))
    except Refused as no:
        return read.form.wrong({FIELD: no.reason})
    return None


def pages(site: Site, locker: Locker) -> APIRouter:
    """The page."""
    desk = locker.desk
    router = desk.admission.pages("intake.reporting")
    room = room_for(locker, *PERSONS)

    async def drawn(case: str, request: Request, caller: Caller, form: Filled | None = None) -> Response:
        report, _ = await desk.known(case, caller)
        _, relation = await desk.stands(report, caller)
        return site.page(
            request, "reporting/upload.html", await desk.shown(report, caller), form=form,
            most=megabytes(locker.uploads()), taken_back=report.withdrawn_at is not None,
            has_dossier=relation is Relation.OWN,
        )  # fmt: skip

    @router.get("/zaak/{case}/bestanden")
    async def read(case: str, request: Request, caller: Person) -> Response:
        return await drawn(case, request, caller)

    @router.post("/zaak/{case}/bestanden", dependencies=[Depends(room), Depends(within("evidence-file", account))])
    async def add(case: str, request: Request, caller: Person) -> Response:
        wrong = await add_from_form(request, case, locker, caller)
        if wrong is not None:
            return await drawn(case, request, caller, wrong)
        return site.moved(f"{site.prefix}/zaak/{case}/bestanden")

    return router
