"""Pages beside the requests: questions that need no case, what was decided before, and the totals of a year."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from services.funding.safety_net.bodies import CODE, WORDS, QuestionBody
from services.funding.safety_net.desk import Counting, Desk, Either, Ministry
from services.funding.safety_net.pages import PURPOSES
from shared.access.roles import Caller, Role
from shared.contracts.vocabulary import Channel
from shared.contracts.working_days import local_day
from shared.web.charts import bars
from shared.web.forms import Filled, once_of, read_form
from shared.web.http import Body
from shared.web.pages import Site
from shared.web.paging import Page

FIRST_YEAR, LAST_YEAR = 2016, 2100
CENTS = 100
WHICH_TOWN = "Kies de gemeente die belde."
ROWS = 100


class AskBody(Body):
    """A question; the ministry says which municipality called."""

    text: str = Field(min_length=1, max_length=WORDS)
    municipality: str = Field("", pattern=rf"{CODE}|^$")


class AnswerBody(Body):
    """An answer."""

    text: str = Field(min_length=1, max_length=WORDS)


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("funding.safety_net", PURPOSES)
    _add_questions(router, site, desk)
    _add_one_question(router, site, desk)
    _add_looking_back(router, site, desk)
    return router


def _add_questions(router: APIRouter, site: Site, desk: Desk) -> None:
    async def listed(request: Request, caller: Caller, form: Filled | None = None) -> Response:
        shown = await desk.questions(caller, Page(1, ROWS, request, Response()))
        towns = desk.admission.organisations.towns() if caller.role is Role.BZK else ()
        return site.page(request, "safety-net/questions.html", shown, form=form, role=caller.role, towns=towns)

    @router.get("/vragen")
    async def questions(request: Request, caller: Either) -> Response:
        return await listed(request, caller)

    @router.post("/vragen")
    async def asked(request: Request, caller: Either) -> Response:
        read, ministry = await read_form(request, AskBody), caller.role is Role.BZK
        form, body = read.form, read.body
        if body is not None and ministry and not body.municipality:
            form = form.wrong({"municipality": WHICH_TOWN})
        if body is None or form.errors:
            return await listed(request, caller, form)
        channel = Channel.PHONE if ministry else Channel.FORM
        question = QuestionBody(text=body.text, channel=channel, municipality=body.municipality if ministry else "")
        found = await desk.ask_question(question, caller, once_of(read, request))
        return site.moved(f"{site.prefix}/vragen/{found['question']}")


def _add_one_question(router: APIRouter, site: Site, desk: Desk) -> None:
    async def one(request: Request, reference: str, caller: Caller, form: Filled | None = None) -> Response:
        shown = await desk.question(reference, caller)
        return site.page(request, "safety-net/question.html", shown, form=form, role=caller.role)

    @router.get("/vragen/{reference}")
    async def read(reference: str, request: Request, caller: Either) -> Response:
        return await one(request, reference, caller)

    @router.post("/vragen/{reference}")
    async def answered(reference: str, request: Request, caller: Ministry) -> Response:
        return await site.act(
            request, AnswerBody, lambda body, once: desk.answer(reference, body.text, caller, once),
            again=lambda form: one(request, reference, caller, form), then=f"/vragen/{reference}",
        )  # fmt: skip


def _add_looking_back(router: APIRouter, site: Site, desk: Desk) -> None:
    @router.get("/vangnet/eerder")
    async def precedents(request: Request, caller: Ministry) -> Response:
        shown = await desk.precedents(caller, Page(1, ROWS, request, Response()))
        return site.page(request, "safety-net/precedents.html", shown)

    @router.get("/vangnet/cijfers")
    async def figures(
        request: Request, caller: Counting, jaar: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)] = None
    ) -> Response:
        this_year = local_day(site.now()).year
        year = jaar or this_year
        shown = await desk.totals(caller, year)
        amounts = (
            ("gevraagd", "asked"),
            ("toegekend", "granted"),
            ("afgerekend", "settled"),
            ("gemeente", "municipal"),
        )
        charts = (
            bars(
                f"Geld in {year}, in hele euro",
                [(label, round(shown[f"{name}_cents"] / CENTS)) for label, name in amounts],
            ),
            bars(
                f"Werkdagen tot een besluit, aanvragen van {year}",
                [(label.replace("more", "meer"), number) for label, number in shown["decided_in"].items()],
            ),
        )
        return site.page(
            request, "safety-net/figures.html", shown, charts=charts, year=year, this_year=this_year, first=FIRST_YEAR
        )
