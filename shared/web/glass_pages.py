"""The page on which police and OM open a case of another unit, in need: with a reason, for hours, and never unseen."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from shared.contracts.decisions import Refused
from shared.privacy.break_glass import LONGEST, SHORTEST_REASON
from shared.web.forms import once_of, read_form
from shared.web.own import GlassBody, PoliceOrOm, open_glass
from shared.web.pages import Site
from shared.web.wiring import Wired


def glass_pages(site: Site, wired: Wired, module: str, there: Callable[[str], str]) -> APIRouter:
    """The page. `there`: from a case to the path, below the service's own, where it can be read."""
    router = wired.admission.pages("own")
    said = {"longest": int(LONGEST.total_seconds()) // 3600, "shortest": SHORTEST_REASON}

    @router.get("/inzien")
    async def form(request: Request, caller: PoliceOrOm) -> Response:
        return site.page(request, "glass.html", form=None, **said)

    @router.post("/inzien")
    async def look(request: Request, caller: PoliceOrOm) -> Response:
        read = await read_form(request, GlassBody)
        if read.body is None:
            return site.page(request, "glass.html", form=read.form, **said)
        try:
            await open_glass(wired, module, read.body, caller, once_of(read, request))
        except Refused as no:
            return site.page(request, "glass.html", form=read.form.wrong({"reason": no.reason}), **said)
        return site.moved(site.prefix + there(read.body.case))

    return router
