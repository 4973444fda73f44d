"""The pages of the line for callers: no account, no cookie; the return code goes along in forms, never in an address.

They stand apart from all other pages: a menu, a footer and an address of their own, and no link to who is signed in.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from services.aftercare.confidential_line import commands, messages, queries
from services.aftercare.confidential_line.bodies import MessageBody
from services.aftercare.confidential_line.codes import LONGEST
from services.aftercare.confidential_line.contact import Side
from services.aftercare.confidential_line.contacts import Found
from services.aftercare.confidential_line.routes import OPENING, Counter
from shared.runtime.cases import Handled
from shared.web.forms import Filled, Read, once_of, read_fields
from shared.web.http import Body
from shared.web.pages import Site

CODE = "code"
EMPTY = "Schrijf eerst een bericht. Een paar woorden zijn genoeg."


class CodeBody(Body):
    """A form that says nothing but whose it is."""


def pages(site: Site, counter: Counter) -> APIRouter:
    """The pages."""
    router = APIRouter(include_in_schema=False)
    _add_open(router, site, counter)
    _add_own(router, site, counter)
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


def _add_own(router: APIRouter, site: Site, counter: Counter) -> None:
    async def whose(request: Request) -> tuple[Found, FormData, str]:
        """The contact of the code in the form. Raises 404, the same for every wrong code, and 429."""
        form = await request.form()
        code = str(form.get(CODE, ""))[:LONGEST]
        return await counter.by_code(code, request), _without_code(form), code

    def drawn(request: Request, contact: Any, code: str, form: Filled | None = None) -> Response:
        return _page(site, request, "contact", queries.for_caller(contact), code=code, fresh="", form=form)

    @router.post("/terug")
    async def back(request: Request) -> Response:
        found, _, code = await whose(request)
        return drawn(request, found.contact, code)

    @router.post("/bericht")
    async def message(request: Request) -> Response:
        found, form, code = await whose(request)
        read = read_fields(form, MessageBody)
        if read.body is None:
            return drawn(request, found.contact, code, read.form.wrong({"text": EMPTY}))
        return drawn(request, await _say(counter, found, read), code)

    @router.post("/weg")
    async def forget(request: Request) -> Response:
        found, form, _ = await whose(request)
        read = read_fields(form, CodeBody)
        contact = await counter.save(found, commands.ForgetContact(*counter.act()), once_of(read, request))
        return _page(site, request, "gone", {"text": messages.STATES[contact.state]})
