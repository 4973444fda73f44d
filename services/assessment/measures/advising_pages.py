"""Pages of police and OM about measures: what waits in the unit, one case, and a form for each thing they can do."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field, field_validator

from services.assessment.measures import queries
from services.assessment.measures.bodies import (
    AdviceBody,
    AnnouncementBody,
    LineBody,
    ReviewBody,
    ScaleDownBody,
    StateMeasureBody,
    StateMeasuresBody,
)
from services.assessment.measures.desk import Authority, Desk, Hovj
from services.assessment.measures.taking import LAST_RESORT
from shared.access.roles import Caller, Role
from shared.contracts.vocabulary import Executor, MeasureType, Place
from shared.web import dutch
from shared.web.forms import Filled, once_of, read_form
from shared.web.http import Body, Once
from shared.web.narrowing import EVERYTHING, NO_SUCH_CASE, START_OF_CASE, Asked, asked, together
from shared.web.pages import Site

PARTS = ("a", "b", "c", "d")
"""Parts of the form of advice: as many measures at a time."""
WHICH = "Kies om welke maatregelen het gaat."


class Doing(StrEnum):
    """What police and OM do with measures, as it stands in the address."""

    ADVISE = "adviseren"
    TAKE = "nemen"
    REVIEW = "nakijken"
    ANNOUNCE = "aankondigen"
    STOP = "stoppen"


class LinesBody(Body):
    """Measures to advise, each in a part of its own; a part that was left empty is no measure."""

    lines: dict[Literal["a", "b", "c", "d"], LineBody] = Field({}, validate_default=True)

    @field_validator("lines")
    @classmethod
    def _some(cls, value: dict[str, LineBody]) -> dict[str, LineBody]:
        if not value:
            raise ValueError("Vul ten minste één maatregel in.")
        return value


class TakenBody(StateMeasureBody):
    """One measure that police or OM take. `acute`: done already in acute danger."""

    acute: bool = False

    def measures(self) -> StateMeasuresBody:
        """As the API takes it."""
        return StateMeasuresBody(measures=[StateMeasureBody(**self.model_dump(exclude={"acute"}))], acute=self.acute)


class Confirmed(Body):
    """A confirmation says nothing but yes."""


@dataclass(frozen=True)
class Act:
    """One form. `lists`: its fields with any number of values."""

    body: type[Body]
    lists: tuple[str, ...] = ()


ACTS = {
    Doing.ADVISE: Act(LinesBody),
    Doing.TAKE: Act(TakenBody),
    Doing.REVIEW: Act(ReviewBody),
    Doing.ANNOUNCE: Act(AnnouncementBody, ("measures",)),
    Doing.STOP: Act(ScaleDownBody, ("measures",)),
}


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("assessment.measures")
    _add_reading(router, site, desk)
    _add_acting(router, site, desk)
    return router


def _add_reading(router: APIRouter, site: Site, desk: Desk) -> None:
    async def drawn(request: Request, caller: Caller, asked: Asked, form: Filled | None = None) -> Response:
        due, unfollowed = await desk.both(caller, asked)
        shown = {"reviews": due.rows, "unfollowed": unfollowed.rows}
        return site.page(
            request, "measures/lists.html", shown, form=form, due=due, unfollowed=unfollowed,
            found=together(due, unfollowed), towns=desk.towns(),
        )  # fmt: skip

    @router.get("/maatregelen")
    async def listed(request: Request, caller: Authority) -> Response:
        return await drawn(request, caller, asked(request, desk.ways()))

    @router.get("/maatregelen/zoek")
    async def search(request: Request, caller: Authority, zaak: str = "") -> Response:
        start = zaak.strip().lower()
        case = await desk.beginning_with(start, caller) if START_OF_CASE.fullmatch(start) else None
        if case is None:
            return await drawn(request, caller, EVERYTHING, Filled({"zaak": [zaak]}, {"zaak": NO_SUCH_CASE}))
        return site.moved(f"{site.prefix}/maatregelen/{case}")

    @router.get("/maatregelen/{case}")
    async def read(case: str, request: Request, caller: Authority) -> Response:
        shown = queries.view(await desk.known(case, caller))
        return site.page(request, "measures/case.html", shown, decides=caller.role is Role.HOVJ, towns=desk.towns())


def _add_acting(router: APIRouter, site: Site, desk: Desk) -> None:
    async def drawn(case: str, doing: Doing, request: Request, caller: Caller, form: Filled | None = None) -> Response:
        shown = queries.view(await desk.known(case, caller))
        return site.page(request, f"measures/acts/{doing.name.lower()}.html", shown, form=form, **_around(desk))

    @router.post("/maatregelen/{case}/bevestigen")
    async def confirm(case: str, request: Request, caller: Hovj) -> Response:
        read = await read_form(request, Confirmed)
        if read.body is not None:
            await desk.confirm(case, caller, once_of(read, request))
        return site.moved(f"{site.prefix}/maatregelen/{case}")

    @router.get("/maatregelen/{case}/{doing}")
    async def form(case: str, doing: Doing, request: Request, caller: Authority) -> Response:
        return await drawn(case, doing, request, caller)

    @router.post("/maatregelen/{case}/{doing}")
    async def act(case: str, doing: Doing, request: Request, caller: Authority) -> Response:
        return await site.act(
            request, ACTS[doing].body, lambda body, once: do(desk, case, body, caller, once),
            again=lambda form: drawn(case, doing, request, caller, form),
            then=f"/maatregelen/{case}", lists=ACTS[doing].lists, lacks=lacks,
            place=lambda reason: "lighter_insufficient" if reason == LAST_RESORT else "",
        )  # fmt: skip


def lacks(body: Body) -> dict[str, str]:
    """What a page wants beside the API, which takes all measures for none: on a page that may be a slip."""
    return {"measures": WHICH} if isinstance(body, AnnouncementBody | ScaleDownBody) and not body.measures else {}


async def do(desk: Desk, case: str, body: Body, caller: Caller, once: Once) -> None:
    """Does what a form says. Raises `Refused` when the rules do not allow it."""
    match body:
        case LinesBody():
            await desk.advise(case, AdviceBody(lines=list(body.lines.values())), caller, once)
        case TakenBody():
            await desk.take(case, body.measures(), caller, once)
        case ReviewBody():
            await desk.review(case, body, caller, once)
        case AnnouncementBody():
            await desk.announce(case, body, caller, once)
        case ScaleDownBody():
            await desk.scale_down(case, body, caller, once)
        case _:
            raise TypeError(type(body).__name__)


def _around(desk: Desk) -> dict[str, Any]:
    """What the forms offer today."""
    terms = desk.terms()
    return {
        "parts": PARTS,
        "types": dutch.options("MeasureType", MeasureType),
        "places": dutch.options("Place", Place),
        "state_types": dutch.options("MeasureType", terms.state_measures),
        "last_resort": [dutch.word(one, "MeasureType") for one in terms.last_resort],
        "state_executors": dutch.options("Executor", (Executor.POLICE, Executor.OM)),
        "terms": terms,
    }
