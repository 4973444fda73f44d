"""The pages of the call back: somebody asks with one phone number, or says yes or no to an offer of care; the IVP sees
who waits, and how long still."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, Field

from services.aftercare.callback import commands, queries
from services.aftercare.callback.bodies import CallbackBody
from services.aftercare.callback.desk import Anybody, Desk, Ivp, Victim
from services.aftercare.callback.messages import WHAT_IVP_ASKS, call_now
from services.aftercare.callback.policy import lines_on
from shared.access.purposes import Purpose
from shared.access.roles import Caller, Role
from shared.contracts.working_days import local_day
from shared.web.changed import Since
from shared.web.forms import Filled, once_of, read_form
from shared.web.http import Body, Once
from shared.web.pages import Site
from shared.web.paging import Page

ONE_NUMBER = "Vul één telefoonnummer in. De rest mag later."
PHONE = Annotated[str, Field("", max_length=40)]


class AskBody(Body):
    """Who asks to be called: one number is enough."""

    phone: PHONE
    name: str = Field("", max_length=200)


class NoteBody(Body):
    """A call to the alarm number, as the IVP notes it: three fields."""

    phone: PHONE
    name: str = Field("", max_length=200)
    called_at: AwareDatetime | None = None


class Rang(StrEnum):
    """What came of ringing."""

    NO_ANSWER = "no-answer"
    CONTACT = "contact"


class RangBody(Body):
    """For whom, and what came of it; `made_at` when contact was made earlier than now."""

    case: str = Field(min_length=1, max_length=200)
    rang: Rang
    made_at: AwareDatetime | None = None


class Answer(StrEnum):
    """Whether the person wants care."""

    YES = "yes"
    NO = "no"


class AnswerBody(Body):
    """The answer, and nothing beside it: nobody says why."""

    answer: Answer


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("aftercare.callback", {Role.IVP: Purpose.CALL_BACK})
    _add_asking(router, site, desk)
    _add_offer(router, site, desk)
    _add_board(router, site, desk)
    return router


def _add_asking(router: APIRouter, site: Site, desk: Desk) -> None:
    def numbers() -> dict[str, Any]:
        return {"asks": WHAT_IVP_ASKS, "call_now": call_now(lines_on(local_day(site.now())))}

    @router.get("/hulp")
    async def ask(request: Request, sender: Anybody) -> Response:
        return site.page(request, "callback/ask.html", **numbers())

    @router.post("/hulp")
    async def asked(request: Request, sender: Anybody) -> Response:
        read = await read_form(request, AskBody)
        form = read.form
        if read.body is not None and not read.body.phone:
            form = form.wrong({"phone": ONE_NUMBER})
        if read.body is None or form.errors:
            return site.page(request, "callback/ask.html", form=form, **numbers())
        body = CallbackBody(phone=read.body.phone, name=read.body.name)
        shown = await desk.request(request, body, sender, once_of(read, request))
        return site.page(request, "callback/asked.html", shown, **numbers())


def _add_offer(router: APIRouter, site: Site, desk: Desk) -> None:
    async def offer(case: str, request: Request, caller: Caller, form: Filled | None = None) -> Response:
        shown = await desk.shown(await desk.known(case, caller, own=True), caller)
        return site.page(request, "callback/offer.html", shown, form=form, asks=WHAT_IVP_ASKS)

    @router.get("/aanbod/{case}")
    async def read(case: str, request: Request, caller: Victim) -> Response:
        return await offer(case, request, caller)

    @router.post("/aanbod/{case}")
    async def answer(case: str, request: Request, caller: Victim) -> Response:
        async def do(body: AnswerBody, once: Once) -> None:
            if body.answer is Answer.YES:
                await desk.answer(case, commands.AcceptOffer(site.now()), caller, once, "acceptance")
            else:
                await desk.answer(case, commands.DeclineOffer(site.now()), caller, once, "refusal")

        return await site.act(
            request, AnswerBody, do, again=lambda form: offer(case, request, caller, form), then=f"/aanbod/{case}"
        )


def _add_board(router: APIRouter, site: Site, desk: Desk) -> None:
    async def board(request: Request, caller: Ivp) -> list[dict[str, object]]:
        found = await queries.board(desk.cases, await desk.admission.scope(caller), 0, queries.MOST_WAITING)
        page = Page(1, queries.MOST_WAITING, request, Response())
        return await desk.rows(found, page, Since(None))

    @router.get("/terugbellen")
    async def waiting(request: Request, caller: Ivp) -> Response:
        return site.page(request, "callback/board.html", await board(request, caller))

    @router.post("/terugbellen")
    async def rang(request: Request, caller: Ivp) -> Response:
        read = await read_form(request, RangBody)
        if read.body is None:
            return site.page(request, "callback/board.html", await board(request, caller), form=read.form)
        now, body = site.now(), read.body
        command: object = commands.RecordAttempt(now)
        if body.rang is Rang.CONTACT:
            command = commands.RecordContact(body.made_at or now, now, None)
        await desk.act(body.case, command, caller, once_of(read, request), body.rang.value)
        return site.moved(f"{site.prefix}/terugbellen")

    @router.get("/terugbellen/nieuw")
    async def note(request: Request, caller: Ivp) -> Response:
        return site.page(request, "callback/note.html")

    @router.post("/terugbellen/nieuw")
    async def noted(request: Request, caller: Ivp) -> Response:
        read = await read_form(request, NoteBody)
        form = read.form
        if read.body is not None and not read.body.phone:
            form = form.wrong({"phone": ONE_NUMBER})
        if read.body is None or form.errors:
            return site.page(request, "callback/note.html", form=form)
        body = CallbackBody(phone=read.body.phone, name=read.body.name, called_at=read.body.called_at)
        await desk.request(request, body, caller, once_of(read, request))
        return site.moved(f"{site.prefix}/terugbellen")
