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
from shared.web.http import Body, Keyed, Once

Municipal = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]
Ministry = Annotated[Caller, Depends(calls_as(Role.BZK))]
Either = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY, Role.BZK))]


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


class Desk:
    """What every route here does: read a partner's reference, act, and answer in that partner's references."""

    def __init__(self, cases: Cases[SafetyNet], references: References) -> None:
        self.cases, self.references = cases, references

    def opened(self, caller: Caller, reference: str) -> str:
        """The case behind a reference. 404 when it is not one of the caller's."""
        case = self.references.open(_partner(caller), reference)
        if case is None:
            raise HTTPException(404, "Deze verwijzing is niet bekend.")
        return case

    async def act(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """Updates the case and returns the caller's view of it."""
        handled, act = once.handled(caller), Act(caller.actor, purpose)
        state = await self.cases.update(self.cases.id_for(case), command, handled=handled, act=act)
        return queries.view(state, _partner(caller), self.references)


def _partner(caller: Caller) -> str:
    return "bzk" if caller.role is Role.BZK else f"municipality:{caller.municipality}"


def routes(cases: Cases[SafetyNet], references: References) -> APIRouter:
    """The routes, on these cases."""
    router, desk = APIRouter(prefix="/requests", tags=["requests"]), Desk(cases, references)
    _add_asking(router, desk)
    _add_deciding(router, desk)
    _add_reading(router, desk)
    return router


def _add_asking(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post("", status_code=201, summary="Ask for a contribution; a phone call is enough to start")
    async def ask(body: RequestBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        case, now = desk.opened(caller, body.case), cases.clock.now()
        command = RequestFunding(
            case, cases.id_for("request", case, caller.actor, once.key), caller.municipality, body.channel,
            body.motivation, now, terms_on(now.date()).decide_within,
        )  # fmt: skip
        return await desk.act(case, command, caller, once, "request")

    @router.post("/{case}/supplement", summary="Add what is missing")
    async def supplement(case: str, body: SupplementBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        command = SupplementRequest(caller.municipality, body.motivation, cases.clock.now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "supplement")


def _add_deciding(router: APIRouter, desk: Desk) -> None:
    now = desk.cases.clock.now

    @router.post("/{case}/grant", summary="BZK grants, whole or in part")
    async def grant(case: str, body: GrantBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        command = Grant(body.amount_cents, body.reason, caller.actor, now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "grant")

    @router.post("/{case}/decline", summary="BZK declines with a reason")
    async def decline(case: str, body: DeclineBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        command = Decline(body.reason, caller.actor, now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "decline")


def _add_reading(router: APIRouter, desk: Desk) -> None:
    cases, references = desk.cases, desk.references

    @router.get("", summary="BZK's work list")
    async def waiting(caller: Ministry) -> list[dict[str, Any]]:
        return await queries.requests(cases, references)

    @router.get("/{case}", summary="One request")
    async def read(case: str, caller: Either) -> dict[str, Any]:
        state = await cases.load(cases.id_for(desk.opened(caller, case)))
        other = caller.role is Role.MUNICIPALITY and state is not None and state.municipality != caller.municipality
        if state is None or state.request is None or other:
            raise HTTPException(404, "Er is geen aanvraag met deze verwijzing.")
        return queries.view(state, _partner(caller), references)
