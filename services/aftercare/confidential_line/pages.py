"""The pages of the line for callers: no account, no cookie; the return code goes along in forms, never in an address.

They stand apart from all other pages: a menu, a footer and an address of their own, and no link to who is signed in.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import Field, model_validator
from starlette.datastructures import FormData

from services.aftercare.confidential_line import commands, messages, queries
from services.aftercare.confidential_line.bodies import AboutBody, AnswerBody, HandOverBody, MessageBody
from services.aftercare.confidential_line.codes import LONGEST
from services.aftercare.confidential_line.contact import Contact, Side, Window
from services.aftercare.confidential_line.contacts import Found
from services.aftercare.confidential_line.policy import AMSTERDAM
from services.aftercare.confidential_line.routes import OPENING, Counter
from shared.contracts.decisions import Refused
from shared.runtime.cases import Handled
from shared.web.forms import Filled, Read, once_of, read_fields
from shared.web.http import Body
from shared.web.pages import Site

Model = TypeVar("Model", bound=Body)
CODE = "code"
NO_CONSENT = "Zet een vinkje als u dit wilt. Anders gaat er niets mee."
EMPTY = "Schrijf eerst een bericht. Een paar woorden zijn genoeg."


class CodeBody(Body):
    """A form that says nothing but whose it is."""


class RingBody(Body):
    """When to ring, and on which number: a day and two times of that day, in Amsterdam."""

    phone: str = Field(min_length=1, max_length=40)
    day: date
    begins: time
    ends: time

    @model_validator(mode="after")
    def _ends_later(self) -> "RingBody":
        if self.begins >= self.ends:
            raise ValueError("De eindtijd moet later zijn dan de begintijd.")
        return self

    def window(self) -> Window:
        """As the domain knows it."""
        begins, ends = (datetime.combine(self.day, one, AMSTERDAM) for one in (self.begins, self.ends))
        return Window(self.phone, begins, ends)


def pages(site: Site, counter: Counter) -> APIRouter:
    """The pages."""
    router = APIRouter(include_in_schema=False)
    _add_open(router, site, counter)
    own = Own(site, counter)
    _add_own(router, own)
    _add_choosing(router, own)
    return router


def _page(site: Site, request: Request, template: str, shown: Any, **said: Any) -> Response:
    # There is no wall here: whoever has the code is the one the contact belongs to.
    drawn = site.page(request, f"line/{template}.html", shown, **said)
    return drawn.finish(drawn.shown)


def _without_code(form: FormData) -> FormData:
    return FormData([(name, value) for name, value in form.multi_items() if name != CODE])


def _add_open(router: APIRouter, site: Site, counter: Counter) -> None:
    def start(request: Request, form: Filled | None = None) -> Response:
        return _page(site, request, "start", queries.page(counter.contacts.clock.now(), counter.number), form=form)

    @router.get("/")
    async def line(request: Request) -> Response:
        return start(request)

    @router.post("/begin")
    async def begin(request: Request) -> Response:
        await counter.within(OPENING, request)
        read = read_fields(await request.form(), MessageBody)
        if read.body is None:
            return start(request, read.form.wrong({"text": EMPTY} if "text" in read.form.errors else {}))
        found, code = await counter.contacts.open(counter.opening(), Handled(f"http:caller:{read.key}-open"))
        contact = await _say(counter, found, read)
        shown = queries.for_caller(contact)
        return _page(site, request, "contact", shown, code=code, fresh=messages.CODE_SHOWN_ONCE)


async def _say(counter: Counter, found: Found, read: Read[MessageBody]) -> Any:
    assert read.body is not None
    command = commands.LeaveMessage(*counter.act(), Side.CALLER, read.body.text)
    return await counter.contacts.update(found.id, command, Handled(f"http:caller:{read.key}"))


class Own:
    """What the pages of an own contact share: whose it is, doing something with it, and drawing it."""

    def __init__(self, site: Site, counter: Counter) -> None:
        self.site, self.counter = site, counter

    async def whose(self, request: Request) -> tuple[Found, FormData, str]:
        """The contact of the code in the form. Raises 404, the same for every wrong code, and 429."""
        form = await request.form()
        code = str(form.get(CODE, ""))[:LONGEST]
        return await self.counter.by_code(code, request), _without_code(form), code

    def drawn(self, request: Request, contact: Contact, code: str, form: Filled | None = None) -> Response:
        """The contact, with the form as it was left."""
        return _page(self.site, request, "contact", queries.for_caller(contact), code=code, fresh="", form=form)

    async def act(self, request: Request, model: type[Model], command: Callable[[Model], object]) -> Response:
        """Does what a form asks and shows the contact; mistakes, and what the rules refuse, stand at the form."""
        found, form, code = await self.whose(request)
        read = read_fields(form, model)
        if read.body is None:
            return self.drawn(request, found.contact, code, read.form)
        try:
            contact = await self.counter.save(found, command(read.body), once_of(read, request))
        except Refused as no:
            return self.drawn(request, found.contact, code, read.form.wrong({"": no.reason}))
        return self.drawn(request, contact, code)


def _add_own(router: APIRouter, own: Own) -> None:
    counter = own.counter

    @router.post("/terug")
    async def back(request: Request) -> Response:
        found, _, code = await own.whose(request)
        return own.drawn(request, found.contact, code)

    @router.post("/bericht")
    async def message(request: Request) -> Response:
        found, form, code = await own.whose(request)
        read = read_fields(form, MessageBody)
        if read.body is None:
            return own.drawn(request, found.contact, code, read.form.wrong({"text": EMPTY}))
        return own.drawn(request, await _say(counter, found, read), code)

    @router.post("/weg")
    async def forget(request: Request) -> Response:
        found, form, _ = await own.whose(request)
        read = read_fields(form, CodeBody)
        contact = await counter.save(found, commands.ForgetContact(*counter.act()), once_of(read, request))
        return _page(own.site, request, "gone", {"text": messages.STATES[contact.state]})


def _add_choosing(router: APIRouter, own: Own) -> None:
    counter = own.counter

    @router.post("/antwoord")
    async def answer(request: Request) -> Response:
        return await own.act(
            request, AnswerBody, lambda body: commands.Answer(*counter.act(), body.agreed, body.elsewhere)
        )

    @router.post("/ander")
    async def another(request: Request) -> Response:
        return await own.act(request, CodeBody, lambda _: commands.AskAnother(*counter.act()))

    @router.post("/bellen")
    async def ring(request: Request) -> Response:
        return await own.act(request, RingBody, lambda body: counter.ring(body.window()))

    @router.post("/over")
    async def about(request: Request) -> Response:
        return await own.act(request, AboutBody, lambda body: commands.TellAbout(*counter.act(), body.about()))

    @router.post("/afsluiten")
    async def close(request: Request) -> Response:
        return await own.act(request, CodeBody, lambda _: commands.CloseContact(*counter.act()))

    @router.post("/meenemen")
    async def take_along(request: Request) -> Response:
        found, form, code = await own.whose(request)
        read = read_fields(form, HandOverBody, lists=("chosen", "messages"))
        if read.body is None:
            return own.drawn(request, found.contact, code, read.form.wrong({"consent": NO_CONSENT}))
        try:
            contact = await counter.save(found, counter.take_along(read.body), once_of(read, request))
        except Refused as no:
            return own.drawn(request, found.contact, code, read.form.wrong({"": no.reason}))
        return _page(own.site, request, "draft", {"report": queries.draft(contact), "text": messages.DRAFT})
