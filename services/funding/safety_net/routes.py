"""HTTP of the safety net: the municipality asks, BZK decides."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import Field

from services.funding.safety_net import queries
from services.funding.safety_net.domain import Decline, Grant, RequestFunding, SafetyNet, SupplementRequest
from services.funding.safety_net.policy import terms_on
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.vocabulary import Channel
from shared.privacy.references import References
from shared.runtime.cases import Act, Cases
from shared.web.http import Body, Once, once


class RequestBody(Body):
    """A request, or the note of a phone call: only the case's reference is needed to start."""

    case: str
    channel: Channel = Channel.FORM
    motivation: str = Field("", max_length=20_000)


class SupplementBody(Body):
    """Why the costs are disproportionate for this municipality."""

    motivation: str = Field(min_length=1, max_length=20_000)


class GrantBody(Body):
    """Whole euro cents."""

    amount_cents: int = Field(gt=0)
    reason: str = Field(min_length=1, max_length=20_000)


class DeclineBody(Body):
    """Why not."""

    reason: str = Field(min_length=1, max_length=20_000)


def routes(cases: Cases[SafetyNet], references: References) -> APIRouter:
    """The routes, on these cases."""
    router = APIRouter(prefix="/requests", tags=["requests"])
    municipal, ministry = calls_as(Role.MUNICIPALITY), calls_as(Role.BZK)

    def partner(caller: Caller) -> str:
        return "bzk" if caller.role is Role.BZK else f"municipality:{caller.municipality}"

    def opened(caller: Caller, reference: str) -> str:
        case = references.open(partner(caller), reference)
        if case is None:
            raise HTTPException(404, "Deze verwijzing is niet bekend.")
        return case

    async def act(case: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        state = await cases.update(
            cases.id_for(case), command, handled=once.handled(caller), act=Act(caller.actor, purpose)
        )
        return queries.view(state, partner(caller), references)

    @router.post("", status_code=201, summary="Ask for a contribution; a phone call is enough to start")
    async def ask(
        body: RequestBody, caller: Annotated[Caller, Depends(municipal)], once: Annotated[Once, Depends(once)]
    ) -> dict[str, Any]:
        case, now = opened(caller, body.case), cases.clock.now()
        command = RequestFunding(
            case, cases.id_for("request", case, caller.actor, once.key), caller.municipality, body.channel,
            body.motivation, now, terms_on(now.date()).decide_within,
        )  # fmt: skip
        return await act(case, command, caller, once, "request")

    @router.post("/{case}/supplement", summary="Add what is missing")
    async def supplement(
        case: str,
        body: SupplementBody,
        caller: Annotated[Caller, Depends(municipal)],
        once: Annotated[Once, Depends(once)],
    ) -> dict[str, Any]:
        command = SupplementRequest(caller.municipality, body.motivation, cases.clock.now())
        return await act(opened(caller, case), command, caller, once, "supplement")

    @router.post("/{case}/grant", summary="BZK grants, whole or in part")
    async def grant(
        case: str,
        body: GrantBody,
        caller: Annotated[Caller, Depends(ministry)],
        once: Annotated[Once, Depends(once)],
    ) -> dict[str, Any]:
        command = Grant(body.amount_cents, body.reason, caller.actor, cases.clock.now())
        return await act(opened(caller, case), command, caller, once, "grant")

    @router.post("/{case}/decline", summary="BZK declines with a reason")
    async def decline(
        case: str,
        body: DeclineBody,
        caller: Annotated[Caller, Depends(ministry)],
        once: Annotated[Once, Depends(once)],
    ) -> dict[str, Any]:
        command = Decline(body.reason, caller.actor, cases.clock.now())
        return await act(opened(caller, case), command, caller, once, "decline")

    @router.get("", summary="BZK's work list")
    async def waiting(caller: Annotated[Caller, Depends(ministry)]) -> list[dict[str, Any]]:
        return await queries.requests(cases, references)

    @router.get("/{case}", summary="One request")
    async def read(
        case: str, caller: Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY, Role.BZK))]
    ) -> dict[str, Any]:
        state = await cases.load(cases.id_for(opened(caller, case)))
        other = caller.role is Role.MUNICIPALITY and state is not None and state.municipality != caller.municipality
        if state is None or state.request is None or other:
            raise HTTPException(404, "Er is geen aanvraag met deze verwijzing.")
        return queries.view(state, partner(caller), references)

    return router
