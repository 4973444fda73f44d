"""HTTP of the front: one's own dossier in one file."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Collection
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from services.intake.front.gathering import PARTS, Found, Gatherer, Own
from shared.access.admission import Admission
from shared.access.roles import Caller, Role, calls_as
from shared.privacy.security_log import Act
from shared.runtime.environment import utc_now

Person = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY))]

LONG_SECONDS = 10.0
"""A file may take longer than a page; it is whole or it is not given."""
TITLES = {
    "report": "Uw melding, met het bewijs dat erbij hoort",
    "measures": "De maatregelen",
    "costs": "De kosten",
    "request": "De aanvraag bij het ministerie",
    "care": "De nazorg",
    "reads": "Wie keek in uw dossier",
    "timeline": "Wat er gebeurde",
}
"""What each kind of part is called, in the table of contents."""
KEPT_BY = {"intake": "melden", "assessment": "wegen en maatregelen", "funding": "kosten", "aftercare": "nazorg"}
LEFT_OUT = (
    "Gesprekken met de Vertrouwenslijn: die staan niet op uw naam. Met uw code kunt u ze daar lezen.",
    "Wat u in de nazorg vertelt: dat bewaart het IVP zelf. Vraag het daar op.",
    "De stukken van het bewijs zelf: die downloadt u een voor een bij uw melding.",
)
"""What is not in the file, in words for the person."""


def routes(gatherer: Gatherer, admission: Admission, own: Own) -> APIRouter:
    """The routes of the front."""
    router = admission.router("intake.front", prefix="/dossiers", tags=["own-data"])

    @router.get("/{case}", summary="Your whole dossier in one file: what every service keeps about your case")
    async def dossier(case: str, caller: Person, request: Request, response: Response) -> dict[str, Any]:
        await admission.stands_own(caller, case, await own.known_of(case, caller))
        parts = await gatherer.gather(request, case, seconds=LONG_SECONDS)
        away = sorted(name for name, part in parts.items() if part.found is Found.AWAY)
        if away:
            raise HTTPException(
                503, "Een deel van uw dossier is nu niet bereikbaar. Probeer het zo nog eens.", {"Retry-After": "5"}
            )
        await admission.watch.was_done(Act.EXPORT, caller, "intake.reporting", case)
        response.headers["Content-Disposition"] = 'attachment; filename="mijn-dossier.json"'
        there = {name: part.shown for name, part in parts.items() if part.found is Found.THERE}
        return {"case": case, "exported_at": utc_now(), "contents": _contents(there), "left_out": LEFT_OUT} | there

    return router


def _contents(there: Collection[str]) -> list[dict[str, Any]]:
    """Each part with its title, and whether there is any: of what nobody keeps there is nothing to leave out."""
    return [{"part": name, "title": _title(name), "there": name in there} for name in PARTS]


def _title(part: str) -> str:
    kind, _, service = part.partition("_")
    return f"{TITLES[kind]} ({KEPT_BY[service]})" if service else TITLES[kind]
