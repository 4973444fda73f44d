"""HTTP for whoever calls: no account, no address, only a return code in a header of its own.

A code never stands in a URL. Every wrong code has the same answer at the same cost.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Request

from services.aftercare.confidential_line import commands, messages, queries
from services.aftercare.confidential_line.bodies import (
    AboutBody,
    AnswerBody,
    CallbackBody,
    HandOverBody,
    MessageBody,
)
from services.aftercare.confidential_line.codes import LONGEST
from services.aftercare.confidential_line.contact import Contact, Side, Window
from services.aftercare.confidential_line.contacts import Contacts, Found
from services.aftercare.confidential_line.policy import AMSTERDAM, hours_on, terms_on
from services.aftercare.confidential_line.refusals import CountWrong, not_counted
from shared.runtime.cases import Handled
from shared.web.http import Keyed, Once
from shared.web.limits import peer

Limit = Callable[[str, str], Awaitable[int]]
"""Kind of act and who does it in; the seconds to wait out, 0 for none. It must keep no address."""

OPENING, TRYING = "confidential-contact", "confidential-code"
"""The kinds of acts that are limited: opening a contact, and giving a code."""


async def unlimited(kind: str, who: str) -> int:
    """For tests and whoever limits in front of the service."""
    return 0


class Counter:
    """What callers' routes and pages share. `wrong`: counts that a code was wrong; it hears nothing of the code."""

    def __init__(self, contacts: Contacts, number: str, limit: Limit, wrong: CountWrong = not_counted) -> None:
        self.contacts, self.number, self._limit, self._wrong = contacts, number, limit, wrong

    async def by_code(self, code: str, request: Request) -> Found:
        """The contact of a return code. Raises 404, the same for every wrong code, and 429."""
        await self.within(TRYING, request)
        found = await self.contacts.by_code(code)
        if found is None:
            if code:
                await self._wrong()
            raise HTTPException(404, messages.UNKNOWN)
        return found

    async def within(self, kind: str, request: Request) -> None:
        """Raises 429 when this is done too often."""
        wait = await self._limit(kind, peer(request))
        if wait:
            raise HTTPException(429, messages.TOO_OFTEN, headers={"Retry-After": str(wait)})

    def act(self) -> tuple[Any, Any]:
        """The moment and end date that every command begins with."""
        now = self.contacts.clock.now()
        return now, terms_on(now.astimezone(AMSTERDAM).date()).ends_on(now)

    def opening(self, confidant: str = "") -> commands.OpenContact:
        """A new contact that nobody has used yet."""
        now = self.contacts.clock.now()
        ends_on = terms_on(now.astimezone(AMSTERDAM).date()).unused_ends_on(now)
        return commands.OpenContact(now, ends_on, confidant)

    def ring(self, window: Window) -> commands.RequestCallback:
        """Asking to be rung, under the hours of that day."""
        hours = hours_on(max(window.begins, self.contacts.clock.now()).astimezone(AMSTERDAM).date())
        return commands.RequestCallback(*self.act(), window, hours)

    def take_along(self, body: HandOverBody) -> commands.HandOver:
        """Taking along what was chosen, each thing once."""
        chosen, words = tuple(dict.fromkeys(body.chosen)), tuple(dict.fromkeys(body.messages))
        return commands.HandOver(*self.act(), body.consent, chosen, words)

    async def save(self, found: Found, command: object, once: Once) -> Contact:
        """Updates the contact of a caller. What the inbox remembers lies in the sealed text."""
        return await self.contacts.update(found.id, command, Handled(f"http:caller:{once.key}", once.digest))


def routes(contacts: Contacts, number: str, limit: Limit, wrong: CountWrong = not_counted) -> APIRouter:
    """The callers' routes. `wrong`: see `Counter`."""
    router, counter = APIRouter(), Counter(contacts, number, limit, wrong)

    async def by_code(
        request: Request,
        return_code: Annotated[str, Header(max_length=LONGEST, description="As shown, with or without spaces.")] = "",
    ) -> Found:
        return await counter.by_code(return_code, request)

    mine = Depends(by_code)
    _add_page(router, counter)
    _add_saying(router, counter, mine)
    _add_consenting(router, counter, mine)
    _add_ending(router, counter, mine)
    return router


def _add_page(router: APIRouter, counter: Counter) -> None:
    @router.get("/line", tags=["line"], summary="Open or closed, where to go now, and what follows from each step")
    async def page() -> dict[str, Any]:
        return queries.page(counter.contacts.clock.now(), counter.number)

    @router.post(
        "/contact", status_code=201, tags=["contact"], summary="Opens a contact; the return code is shown once"
    )
    async def open_contact(request: Request, once: Keyed) -> dict[str, Any]:
        await counter.within(OPENING, request)
        found, code = await counter.contacts.open(counter.opening(), Handled(f"http:caller:{once.key}"))
        return {"return_code": code, "keep_it": messages.CODE_SHOWN_ONCE} | queries.for_caller(found.contact)


def _add_saying(router: APIRouter, counter: Counter, mine: Any) -> None:
    @router.get("/contact", tags=["contact"], summary="The own contact")
    async def read(found: Annotated[Found, mine]) -> dict[str, Any]:
        return queries.for_caller(found.contact)

    @router.post("/contact/messages", tags=["contact"], summary="Leaves a message")
    async def message(body: MessageBody, found: Annotated[Found, mine], once: Keyed) -> dict[str, Any]:
        command = commands.LeaveMessage(*counter.act(), Side.CALLER, body.text)
        return queries.for_caller(await counter.save(found, command, once))

    @router.post(
        "/contact/about", tags=["contact"], summary="Tells something of oneself, or takes it back; never needed"
    )
    async def about(body: AboutBody, found: Annotated[Found, mine], once: Keyed) -> dict[str, Any]:
        command = commands.TellAbout(*counter.act(), body.about())
        return queries.for_caller(await counter.save(found, command, once))

    @router.post("/contact/callback", tags=["contact"], summary="Asks to be rung within a time span")
    async def callback(body: CallbackBody, found: Annotated[Found, mine], once: Keyed) -> dict[str, Any]:
        return queries.for_caller(await counter.save(found, counter.ring(body.window()), once))


def _add_consenting(router: APIRouter, counter: Counter, mine: Any) -> None:
    @router.post("/contact/answer", tags=["contact"], summary="Yes or no to what the confidant proposed")
    async def answer(body: AnswerBody, found: Annotated[Found, mine], once: Keyed) -> dict[str, Any]:
        command = commands.Answer(*counter.act(), body.agreed, body.elsewhere)
        return queries.for_caller(await counter.save(found, command, once))

    @router.post("/contact/another-confidant", tags=["contact"], summary="Asks for another confidant")
    async def another(found: Annotated[Found, mine], once: Keyed) -> dict[str, Any]:
        return queries.for_caller(await counter.save(found, commands.AskAnother(*counter.act()), once))

    @router.post("/contact/handover", tags=["contact"], summary="A filled-in report to take along; nothing is sent")
    async def handover(body: HandOverBody, found: Annotated[Found, mine], once: Keyed) -> dict[str, Any]:
        contact = await counter.save(found, counter.take_along(body), once)
        return {"report": queries.draft(contact), "text": messages.DRAFT}


def _add_ending(router: APIRouter, counter: Counter, mine: Any) -> None:
    @router.post("/contact/close", tags=["contact"], summary="Ends the contact; it can be read until its end date")
    async def close(found: Annotated[Found, mine], once: Keyed) -> dict[str, Any]:
        return queries.for_caller(await counter.save(found, commands.CloseContact(*counter.act()), once))

    @router.post("/contact/forget", tags=["contact"], summary="Destroys the contact at once")
    async def forget(found: Annotated[Found, mine], once: Keyed) -> dict[str, Any]:
        contact = await counter.save(found, commands.ForgetContact(*counter.act()), once)
        return {"status": contact.state, "text": messages.STATES[contact.state]}
