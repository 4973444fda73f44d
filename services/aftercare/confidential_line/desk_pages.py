"""The confidants' pages: what waits, the own contacts, one contact whole. Who is not a confidant is refused.

An app of its own, under a path of its own: on the callers' pages nobody has a session, and a session that comes along
ends there. Confidants sign in here, and that session is kept in the line's own database (decision 0014).
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from services.aftercare.confidential_line import commands, messages, queries
from services.aftercare.confidential_line.bodies import WORDS, AnswerBody, PeerBody, TransferBody
from services.aftercare.confidential_line.contact import Side, Voice
from services.aftercare.confidential_line.desk import Confidant, Desk
from services.aftercare.confidential_line.policy import AMSTERDAM
from services.aftercare.confidential_line.refusals import NoteRefusal, noting
from shared.contracts.decisions import Refused
from shared.web.dutch import MONTHS
from shared.web.forms import Filled, once_of, read_form
from shared.web.http import Body
from shared.web.pages import Site

Model = TypeVar("Model", bound=Body)
FIRST_YEAR = 2016
EMPTY = "Schrijf eerst iets op."
REF = Annotated[str, Field(min_length=1, max_length=64)]


class EmptyBody(Body):
    """A form that says nothing but that its button was pressed."""


class TakeBody(Body):
    """Which contact to take."""

    contact: REF


class Said(StrEnum):
    """What the confidant writes."""

    MESSAGE = "message"
    ADVICE = "advice"


class SayBody(Body):
    """A message or an advice."""

    text: str = Field(min_length=1, max_length=WORDS)
    said: Said = Said.MESSAGE


def pages(site: Site, desk: Desk, refused: NoteRefusal) -> APIRouter:
    """The pages. `refused`: writes down that somebody was refused."""
    router = APIRouter(include_in_schema=False, route_class=noting(refused))
    _add_lists(router, site, desk)
    _add_taking(router, site, desk)
    own = Own(site, desk)
    _add_talking(router, own)
    _add_proposing(router, own)
    return router


def _page(site: Site, request: Request, template: str, shown: Any, **said: Any) -> Response:
    # There is no wall here: who is in charge sees the contact whole, and nobody else sees any of it.
    drawn = site.page(request, template, shown, **said)
    return drawn.finish(drawn.shown)


def _add_lists(router: APIRouter, site: Site, desk: Desk) -> None:
    @router.get("/")
    async def lists(request: Request, caller: Confidant) -> Response:
        contacts = desk.contacts
        shown = {
            "waiting": queries.waiting(await contacts.waiting(), caller.actor),
            "own": queries.own(await contacts.on_desk(caller.actor)),
        }
        return _page(site, request, "line/desk.html", shown)

    @router.get("/ingelogd")
    async def signed_in(request: Request, caller: Confidant) -> Response:
        return _page(site, request, "signed-in.html", None)

    @router.get("/cijfers")
    async def figures(
        request: Request, caller: Confidant, jaar: Annotated[int | None, Query(ge=FIRST_YEAR, le=2199)] = None
    ) -> Response:
        this_year = site.now().astimezone(AMSTERDAM).year
        year = jaar or this_year
        return _page(
            site, request, "line/desk-figures.html", await queries.figures(desk.contacts, year), months=MONTHS,
            year=year, this_year=this_year, first=FIRST_YEAR,
        )  # fmt: skip


def _add_taking(router: APIRouter, site: Site, desk: Desk) -> None:
    @router.post("/nieuw")
    async def opened(request: Request, caller: Confidant) -> Response:
        """For somebody on the telephone. The code stands in this answer only: it is read out."""
        read = await read_form(request, EmptyBody)
        if read.body is None:
            return site.moved(f"{site.prefix}/")
        found, code = await desk.open(caller, once_of(read, request))
        said = {"code": code, "keep_it": messages.CODE_SHOWN_ONCE}
        return _page(site, request, "line/desk-contact.html", queries.for_confidant(found), **said)

    @router.post("/oppakken")
    async def take(request: Request, caller: Confidant) -> Response:
        read = await read_form(request, TakeBody)
        if read.body is None:
            return site.moved(f"{site.prefix}/")
        await desk.take(read.body.contact, caller, once_of(read, request))
        return site.moved(f"{site.prefix}/gesprek/{read.body.contact}")


class Own:
    """What the pages of one contact share."""

    def __init__(self, site: Site, desk: Desk) -> None:
        self.site, self.desk = site, desk

    async def drawn(self, request: Request, contact: str, caller: Confidant, form: Filled | None = None) -> Response:
        """The contact, with the form as it was left. Raises 404 when it is not this confidant's."""
        await self.desk.own(contact, caller)
        shown = await self.desk.show(contact, caller)
        return _page(self.site, request, "line/desk-contact.html", shown, form=form, code="", keep_it="")

    async def act(
        self, request: Request, contact: str, caller: Confidant, model: type[Model], command: Callable[[Model], object],
        wrong: Callable[[dict[str, str]], dict[str, str]] = dict,
    ) -> Response:  # fmt: skip
        """Does what a form asks. Mistakes, and what the rules refuse, stand at the form; else to the contact."""
        read = await read_form(request, model)
        if read.body is None:
            return await self.drawn(request, contact, caller, read.form.wrong(wrong(dict(read.form.errors))))
        try:
            after = await self.desk.act(contact, command(read.body), caller, once_of(read, request))
        except Refused as no:
            return await self.drawn(request, contact, caller, read.form.wrong({"": no.reason}))
        gone = after["status"] == "not-yours"
        return self.site.moved(f"{self.site.prefix}/" if gone else f"{self.site.prefix}/gesprek/{contact}")


def _add_talking(router: APIRouter, own: Own) -> None:
    act = own.desk.counter.act

    def said(by: str, body: SayBody) -> object:
        if body.said is Said.ADVICE:
            return commands.Advise(*act(), by, body.text)
        return commands.LeaveMessage(*act(), Side.CONFIDANT, body.text, by)

    @router.get("/gesprek/{contact}")
    async def read(request: Request, contact: str, caller: Confidant) -> Response:
        return await own.drawn(request, contact, caller)

    @router.post("/gesprek/{contact}/schrijven")
    async def say(request: Request, contact: str, caller: Confidant) -> Response:
        return await own.act(
            request, contact, caller, SayBody, lambda body: said(caller.actor, body),
            lambda errors: {"text": EMPTY} if "text" in errors else {},
        )  # fmt: skip

    @router.post("/gesprek/{contact}/gebeld")
    async def rang(request: Request, contact: str, caller: Confidant) -> Response:
        return await own.act(request, contact, caller, EmptyBody, lambda _: commands.RecordCall(*act(), caller.actor))

    @router.post("/gesprek/{contact}/afsluiten")
    async def close(request: Request, contact: str, caller: Confidant) -> Response:
        return await own.act(request, contact, caller, EmptyBody, lambda _: commands.CloseContact(*act(), caller.actor))


def _add_proposing(router: APIRouter, own: Own) -> None:
    act = own.desk.counter.act

    @router.post("/gesprek/{contact}/netwerk")
    async def peer(request: Request, contact: str, caller: Confidant) -> Response:
        return await own.act(
            request, contact, caller, PeerBody, lambda body: commands.ProposePeer(*act(), caller.actor, body.peer())
        )

    @router.post("/gesprek/{contact}/overdragen")
    async def transfer(request: Request, contact: str, caller: Confidant) -> Response:
        return await own.act(
            request, contact, caller, TransferBody, lambda body: commands.ProposeTransfer(*act(), caller.actor, body.to)
        )

    @router.post("/gesprek/{contact}/antwoord")
    async def answer(request: Request, contact: str, caller: Confidant) -> Response:
        return await own.act(
            request, contact, caller, AnswerBody,
            lambda body: commands.Answer(*act(), body.agreed, body.elsewhere, Voice.PHONE, caller.actor),
        )  # fmt: skip
