"""HTTP for confidants: the own contacts whole, of all others only that they wait. Their pages stand on `Desk` too."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query

from services.aftercare.confidential_line import commands, messages, queries
from services.aftercare.confidential_line.bodies import AnswerBody, MessageBody, PeerBody, TransferBody
from services.aftercare.confidential_line.contact import Side, Voice
from services.aftercare.confidential_line.contacts import Contacts, Found
from services.aftercare.confidential_line.refusals import NoteRefusal, not_noted, noting
from services.aftercare.confidential_line.routes import Counter
from shared.access.roles import Caller, Role, calls_as
from shared.runtime.cases import Handled
from shared.web.http import Keyed, Once
from shared.web.paging import Paged

Confidant = Annotated[Caller, Depends(calls_as(Role.CONFIDANT))]

NoteLook = Callable[[str, str], Awaitable[None]]
"""Account of a confidant and reference of the contact that is about to be shown; comes before the answer."""

NOT_YOURS = "Dit gesprek is niet bekend, of u hebt het niet."
"""The same for a contact that does not exist, is over, or is a colleague's."""


class Desk:
    """What the confidants' routes and pages share."""

    def __init__(self, counter: Counter, note: NoteLook) -> None:
        self.counter, self.contacts, self._note = counter, counter.contacts, note

    async def own(self, contact: str, caller: Caller) -> None:
        """Raises 404 when this is not the confidant in charge."""
        found = await self.contacts.by_id(contact)
        if found is None or found.contact.confidant != caller.actor:
            raise HTTPException(404, NOT_YOURS)

    async def open(self, caller: Caller, once: Once) -> tuple[Found, str]:
        """A contact for somebody on the telephone, and its return code, which is shown once."""
        return await self.contacts.open(self.counter.opening(caller.actor), _handled(caller, once))

    async def take(self, contact: str, caller: Caller, once: Once) -> None:
        """Takes a contact that waits. Raises 404 when it does not wait and is not the caller's."""
        found = await self.contacts.by_id(contact)
        if found is None or not (found.contact.waits or found.contact.confidant == caller.actor):
            raise HTTPException(404, NOT_YOURS)
        command = commands.TakeContact(*self.counter.act(), caller.actor)
        await self.contacts.update(contact, command, _handled(caller, once))

    async def act(self, contact: str, command: object, caller: Caller, once: Once) -> dict[str, Any]:
        """Acts on an own contact and shows it. After a transfer it is another's, and nothing is shown."""
        await self.own(contact, caller)
        await self.contacts.update(contact, command, _handled(caller, once))
        return await self.show(contact, caller)

    async def show(self, contact: str, caller: Caller) -> dict[str, Any]:
        """The contact, for the confidant in charge; that somebody looked is noted first."""
        found = await self.contacts.by_id(contact)
        if found is None or found.contact.confidant != caller.actor:
            return {"contact": contact, "status": "not-yours"}
        await self._note(caller.actor, contact)
        return queries.for_confidant(found)


def _handled(caller: Caller, once: Once) -> Handled:
    return Handled(f"http:{caller.actor}:{once.key}", once.digest)


def routes(counter: Counter, note: NoteLook, refused: NoteRefusal = not_noted) -> APIRouter:
    """The confidants' routes. `refused`: writes down that somebody was refused."""
    router = APIRouter(prefix="/contacts", tags=["contacts"], route_class=noting(refused))
    desk = Desk(counter, note)
    _add_lists(router, desk)
    _add_talking(router, desk)
    _add_proposing(router, desk)
    return router


def _add_lists(router: APIRouter, desk: Desk) -> None:
    contacts: Contacts = desk.contacts

    @router.get("", summary="A confidant's own contacts, without what was said")
    async def own(caller: Confidant, page: Paged) -> list[dict[str, Any]]:
        return page.cut(queries.own(await contacts.on_desk(caller.actor))[page.skip :][: page.fetch])

    @router.get("/waiting", summary="That contacts wait for a confidant, and nothing of them")
    async def waiting(caller: Confidant, page: Paged) -> list[dict[str, Any]]:
        return page.cut(queries.waiting(await contacts.waiting(), caller.actor)[page.skip :][: page.fetch])

    @router.get("/figures", summary="How many contacts per month, in coarse buckets")
    async def figures(caller: Confidant, year: Annotated[int, Query(ge=2016, le=2199)]) -> list[dict[str, Any]]:
        return await queries.figures(contacts, year)

    @router.post(
        "", status_code=201, summary="Opens a contact for somebody on the telephone; the code is read out once"
    )
    async def open_contact(caller: Confidant, once: Keyed) -> dict[str, Any]:
        found, code = await desk.open(caller, once)
        return {"return_code": code, "keep_it": messages.CODE_SHOWN_ONCE} | queries.for_confidant(found)

    @router.post("/{contact}/assignment", summary="Takes a contact that waits")
    async def take(contact: str, caller: Confidant, once: Keyed) -> dict[str, Any]:
        await desk.take(contact, caller, once)
        return await desk.show(contact, caller)


def _add_talking(router: APIRouter, desk: Desk) -> None:
    act = desk.counter.act

    @router.get("/{contact}", summary="An own contact, whole")
    async def read(contact: str, caller: Confidant) -> dict[str, Any]:
        await desk.own(contact, caller)
        return await desk.show(contact, caller)

    @router.post("/{contact}/messages", summary="Answers, or asks")
    async def message(contact: str, body: MessageBody, caller: Confidant, once: Keyed) -> dict[str, Any]:
        command = commands.LeaveMessage(*act(), Side.CONFIDANT, body.text, caller.actor)
        return await desk.act(contact, command, caller, once)

    @router.post("/{contact}/call", summary="Rang; the number is forgotten")
    async def called(contact: str, caller: Confidant, once: Keyed) -> dict[str, Any]:
        return await desk.act(contact, commands.RecordCall(*act(), caller.actor), caller, once)

    @router.post("/{contact}/advice", summary="Gives advice: what the caller can do")
    async def advise(contact: str, body: MessageBody, caller: Confidant, once: Keyed) -> dict[str, Any]:
        return await desk.act(contact, commands.Advise(*act(), caller.actor, body.text), caller, once)

    @router.post("/{contact}/close", summary="Ends the contact")
    async def close(contact: str, caller: Confidant, once: Keyed) -> dict[str, Any]:
        return await desk.act(contact, commands.CloseContact(*act(), caller.actor), caller, once)


def _add_proposing(router: APIRouter, desk: Desk) -> None:
    act = desk.counter.act

    @router.post("/{contact}/peer", summary="Proposes somebody of the network; the caller decides")
    async def peer(contact: str, body: PeerBody, caller: Confidant, once: Keyed) -> dict[str, Any]:
        return await desk.act(contact, commands.ProposePeer(*act(), caller.actor, body.peer()), caller, once)

    @router.post("/{contact}/transfer", summary="Proposes another confidant; the caller decides")
    async def transfer(contact: str, body: TransferBody, caller: Confidant, once: Keyed) -> dict[str, Any]:
        return await desk.act(contact, commands.ProposeTransfer(*act(), caller.actor, body.to), caller, once)

    @router.post("/{contact}/answer", summary="Notes the caller's yes or no, given on the telephone")
    async def answer(contact: str, body: AnswerBody, caller: Confidant, once: Keyed) -> dict[str, Any]:
        command = commands.Answer(*act(), body.agreed, body.elsewhere, Voice.PHONE, caller.actor)
        return await desk.act(contact, command, caller, once)
