"""The start page, one's own dossier, and what belongs to no module."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.intake.front.gathering import READS, SERVICES, TOLD, Found, Gatherer, Halfway, Own, Part
from services.intake.front.sharing import Shared, shared
from shared.access.admission import Admission
from shared.access.relations import Relation
from shared.access.roles import Caller, Role, calls_as, perhaps_calls_as
from shared.web.pages import Site

Anybody = Annotated[Caller | None, Depends(perhaps_calls_as(*Role))]
Reader = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER))]
"""The person, or whom the person trusts."""
LISTED = 20
"""Cases on the list: who has more finds the others by their number."""


def pages(
    site: Site, admission: Admission, gatherer: Gatherer, own: Own, line_url: str, halfway: Halfway,
    open_now: Callable[[], Sequence[Any]],
) -> APIRouter:  # fmt: skip
    """The pages of the front. `line_url`: where the door to the confidential line leads; `open_now`: the help lines
    that somebody answers now (INV-12)."""
    router = admission.pages("intake.front")

    @router.get("/")
    async def start(request: Request, caller: Anybody) -> Response:
        return site.page(request, "front/start.html", line_url=line_url, lines=open_now())

    @router.get("/ingelogd")
    async def signed_in(request: Request, caller: Anybody) -> Response:
        return site.page(request, "signed-in.html")

    @router.get("/toegankelijkheid")
    async def accessibility(request: Request, caller: Anybody) -> Response:
        return site.page(request, "front/accessibility.html")

    @router.get("/privacy")
    async def privacy(request: Request, caller: Anybody) -> Response:
        return site.page(request, "front/privacy.html")

    _add_dossier(router, site, admission, gatherer, own, halfway)
    return router


def _add_dossier(
    router: APIRouter, site: Site, admission: Admission, gatherer: Gatherer, own: Own, halfway: Halfway
) -> None:
    async def listed(request: Request, caller: Caller, cases: Sequence[str]) -> tuple[list[dict[str, Any]], bool]:
        for case in cases:
            await admission.stands_by(caller, case, await own.known_of(case, caller))
        found = [await gatherer.gather(request, case, only=("report",)) for case in cases]
        rows = [{"case": case} | _there(parts) for case, parts in zip(cases, found, strict=True)]
        return rows, any(_away(parts) for parts in found)

    @router.get("/dossier")
    async def cases(request: Request, caller: Reader) -> Response:
        own_cases = (await own.own_cases(caller))[:LISTED]
        trusted_with = [case for case in await admission.trusted_with(caller) if case not in own_cases][:LISTED]
        mine, away = await listed(request, caller, own_cases)
        others, also_away = await listed(request, caller, trusted_with)
        return site.page(
            request, "front/cases.html", {"cases": mine, "trusted_with": others}, away=away or also_away,
            until=await halfway.kept_until(caller), own_too=caller.role is not Role.REPORTER,
        )  # fmt: skip

    @router.get("/dossier/{case}")
    async def dossier(case: str, request: Request, caller: Reader) -> Response:
        relation = await admission.stands_by(caller, case, await own.known_of(case, caller))
        parts = await gatherer.gather(request, case, only=TOLD)
        shown = {"case": case} | _there(parts)
        return site.page(
            request, "front/dossier.html", shown, away=_away(parts), events=_events, shared=_shared,
            own_case=relation is Relation.OWN, acts=caller.role is not Role.REPORTER,
        )  # fmt: skip

    @router.get("/dossier/{case}/inzage")
    async def looks(case: str, request: Request, caller: Reader) -> Response:
        await admission.stands_own(caller, case, await own.known_of(case, caller))
        parts = await gatherer.gather(request, case, only=READS)
        return site.page(
            request, "front/looks.html", {"case": case} | _there(parts), away=_away(parts), looks=_looks
        )  # fmt: skip


def _there(parts: dict[str, Part]) -> dict[str, Any]:
    return {name: part.shown for name, part in parts.items() if part.found is Found.THERE}


def _away(parts: dict[str, Part]) -> set[str]:
    """The parts that could not be asked; the page says so where they would stand."""
    return {name.partition("_")[0] for name, part in parts.items() if part.found is Found.AWAY}


def _prefix(event: str) -> str:
    """The short name of an event type."""
    return event.rsplit(".", 2)[1]


def _events(shown: dict[str, Any]) -> list[tuple[str, str]]:
    """Moment and short name of everything that happened, over all services, the oldest first."""
    told = [one for service in SERVICES for one in shown.get(f"timeline_{service}", {}).get("events", ())]
    return sorted((one["at"], _prefix(one["event"])) for one in told)


def _shared(shown: dict[str, Any]) -> list[Shared]:
    """What of this case went to partners."""
    told = [one for service in SERVICES for one in shown.get(f"timeline_{service}", {}).get("events", ())]
    lines = shown.get("measures", {}).get("measures", ())
    return shared(told, advised_to_town=any(line["addressee"] == "municipality" for line in lines))


def _looks(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Who looked, over all services, the newest first."""
    found = [one for service in SERVICES for one in shown.get(f"reads_{service}", {}).get("reads", ())]
    return sorted(found, key=lambda one: str(one["at"]), reverse=True)
