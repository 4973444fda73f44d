"""HTTP of the call back. Asking needs one phone number and nothing else (R-IVP-07)."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import AwareDatetime, Field

from services.aftercare.callback import queries
from services.aftercare.callback.domain import Care, CloseAftercare, RecordAttempt, RecordContact, RequestCallback
from services.aftercare.callback.policy import terms_on
from shared.access.roles import Caller, Role, calls_as
from shared.privacy.references import References
from shared.runtime.cases import Act, Cases
from shared.web.http import Body, Keyed, Once


class CallbackBody(Body):
    """Who must be called back. `case`: from the receipt of the report, if there is one."""

    phone: str = Field(min_length=3, max_length=40)
    name: str = Field("", max_length=200)
    case: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")


class ContactBody(Body):
    """When contact was made. Without: now."""

    made_at: AwareDatetime | None = None


def routes(cases: Cases[Care], references: References) -> APIRouter:
    """The routes, on these cases."""
    router = APIRouter(tags=["callbacks"])
    _add_asking(router, cases)
    _add_lists(router, cases, references)
    _add_work(router, cases, references)
    return router


def _add_asking(router: APIRouter, cases: Cases[Care]) -> None:
    @router.post("/callbacks", status_code=201, summary="Ask to be called back within 30 minutes")
    async def request(
        body: CallbackBody,
        caller: Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.REPORTER, Role.IVP))],
        once: Keyed,
    ) -> dict[str, Any]:
        now = cases.clock.now()
        case = body.case or cases.id_for("http", caller.actor, once.key)
        command = RequestCallback(case, body.phone, body.name, now, terms_on(now.date()))
        state = await cases.update(
            cases.id_for(case), command, handled=once.handled(caller), act=Act(caller.actor, "callback")
        )
        return queries.progress(state)

    @router.get("/callbacks/{case}", summary="Progress, for who asked: the person, or a reporter for the person")
    async def progress(
        case: str, caller: Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.REPORTER))]
    ) -> dict[str, Any]:
        state = await cases.load(cases.id_for(case))
        if state is None:
            raise HTTPException(404, "Hier is geen nazorg bekend.")
        return queries.progress(state)


def _add_lists(router: APIRouter, cases: Cases[Care], references: References) -> None:
    @router.get("/callbacks", summary="The IVP's board: who waits for a call, with minutes left")
    async def board(caller: Annotated[Caller, Depends(calls_as(Role.IVP))]) -> list[dict[str, Any]]:
        return await queries.board(cases, references)

    @router.get("/offers", summary="Who was offered care again after an own earlier call")
    async def offers(caller: Annotated[Caller, Depends(calls_as(Role.IVP))]) -> list[dict[str, Any]]:
        return await queries.offers(cases, references)


def _add_work(router: APIRouter, cases: Cases[Care], references: References) -> None:
    ivp = calls_as(Role.IVP)

    async def act(reference: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        case = references.open("ivp", reference)
        if case is None:
            raise HTTPException(404, "Deze verwijzing is niet bekend.")
        state = await cases.update(
            cases.id_for(case), command, handled=once.handled(caller), act=Act(caller.actor, purpose)
        )
        return queries.row(state, cases.clock.now(), references)

    @router.post("/callbacks/{case}/attempts", summary="Rang without answer; the clock goes on")
    async def attempt(case: str, caller: Annotated[Caller, Depends(ivp)], once: Keyed) -> dict[str, Any]:
        return await act(case, RecordAttempt(cases.clock.now()), caller, once, "attempt")

    @router.post("/callbacks/{case}/contact", summary="Contact was made; the clock stops")
    async def contact(
        case: str, body: ContactBody, caller: Annotated[Caller, Depends(ivp)], once: Keyed
    ) -> dict[str, Any]:
        now = cases.clock.now()
        made = (body.made_at or now).astimezone(UTC)  # the lists are ordered by the stored text
        return await act(case, RecordContact(made, now), caller, once, "contact")

    @router.post("/callbacks/{case}/close", summary="Care has ended")
    async def close(case: str, caller: Annotated[Caller, Depends(ivp)], once: Keyed) -> dict[str, Any]:
        return await act(case, CloseAftercare(cases.clock.now()), caller, once, "close")
