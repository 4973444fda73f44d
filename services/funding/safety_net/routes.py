"""HTTP of the safety net: the municipality asks, BZK decides, the person sees how it stands."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.funding.safety_net import queries
from services.funding.safety_net.bodies import (
    DecisionBody,
    GrantBody,
    PaidBody,
    QuestionBody,
    ReasonBody,
    RequestBody,
    SettlementBody,
    SupplementBody,
    TextBody,
)
from services.funding.safety_net.desk import (
    Counting,
    Desk,
    Either,
    Ministry,
    Municipal,
    Reader,
    WorkList,
    partner_of,
)
from services.funding.safety_net.request import Phase, RequestState, SafetyNet
from shared.access.admission import Admission, refused
from shared.access.roles import Role
from shared.contracts.vocabulary import Channel
from shared.runtime.cases import Cases
from shared.web.changed import ChangedSince
from shared.web.http import Keyed
from shared.web.narrowing import Asked, Number, Town, words
from shared.web.paging import Paged


def routes(cases: Cases[SafetyNet], admission: Admission) -> APIRouter:
    """The routes, on these cases."""
    router, desk = APIRouter(), Desk(cases, admission)
    requests = admission.router("funding.safety_net", prefix="/requests", tags=["requests"])
    _add_asking(requests, desk)
    _add_changing(requests, desk)
    _add_treating(requests, desk)
    _add_deciding(requests, desk)
    _add_paying(requests, desk)
    _add_lists(requests, desk)
    _add_reading(requests, desk)
    router.include_router(requests)
    router.include_router(_questions(desk))
    router.include_router(_precedents(desk))
    return router


def _add_asking(router: APIRouter, desk: Desk) -> None:
    @router.post("", status_code=201, summary="Ask for a contribution, or note a call; a phone call is enough to start")
    async def ask(body: RequestBody, caller: Either, once: Keyed) -> dict[str, Any]:
        return await desk.ask(body, caller, once)


def _add_changing(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/supplement", summary="Add what is missing")
    async def supplement(case: str, body: SupplementBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        return await desk.supplement(case, body, caller, once)

    @router.post("/{case}/withdrawal", summary="The municipality withdraws")
    async def withdraw(case: str, body: ReasonBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        return await desk.withdraw(case, body.reason, caller, once)

    @router.post("/{case}/objections", status_code=201, summary="The municipality disagrees with the decision")
    async def disagree(case: str, body: ReasonBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        return await desk.disagree(case, body.reason, caller, once)


def _add_treating(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/acknowledgement", summary="BZK told the municipality that its request arrived")
    async def acknowledge(case: str, caller: Ministry, once: Keyed) -> dict[str, Any]:
        return await desk.acknowledge(case, caller, once)

    @router.post("/{case}/supplement-questions", status_code=201, summary="BZK asks the municipality for more")
    async def ask_more(case: str, body: TextBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        return await desk.ask_more(case, body.text, caller, once)

    @router.post("/{case}/assessments", status_code=201, summary="How heavy the costs weigh, in a person's words")
    async def assess(case: str, body: ReasonBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        return await desk.assess(case, body.reason, caller, once)


def _add_deciding(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/grant", summary="BZK grants, whole or in part")
    async def grant(case: str, body: GrantBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        return await desk.decide(case, body, caller, once)

    @router.post("/{case}/decline", summary="BZK declines with a reason")
    async def decline(case: str, body: DecisionBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        return await desk.decide(case, body, caller, once)

    @router.post("/{case}/confirmation", summary="Who decided by word of mouth confirms it")
    async def confirm(case: str, caller: Ministry, once: Keyed) -> dict[str, Any]:
        return await desk.confirm(case, caller, once)


def _add_paying(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/settlements", status_code=201, summary="BZK settles on what it cost in the end")
    async def settle(case: str, body: SettlementBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        return await desk.settle(case, body, caller, once)

    @router.post("/{case}/payment", summary="BZK paid")
    async def pay(case: str, body: PaidBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        return await desk.pay(case, body, caller, once)


def _add_lists(router: APIRouter, desk: Desk) -> None:
    @router.get("", summary="BZK's work list, what is due first; or the municipality's own requests, the newest first")
    async def listed(
        caller: Either, page: Paged, since: ChangedSince, status: WorkList = WorkList.TO_DECIDE,
        state: RequestState | None = None, channel: Channel | None = None, municipality: Town = "",
        number: Number = "",
    ) -> list[dict[str, Any]]:  # fmt: skip
        phases = [Phase(status.value)] if caller.role is Role.BZK else queries.REQUESTED
        asked = Asked(words(state=state, channel=channel, municipality=municipality), number)
        return await desk.requests(caller, phases, page, since, asked)

    @router.get("/totals", summary="What was asked, granted and settled in a year, and how long it took; no cases")
    async def totals(caller: Counting, year: Annotated[int, Query(ge=2016, le=2100)]) -> dict[str, Any]:
        return await desk.totals(caller, year)


def _add_reading(router: APIRouter, desk: Desk) -> None:
    @router.get("/{case}", summary="One request; for the person only how it stands")
    async def read(case: str, caller: Reader, since: ChangedSince) -> dict[str, Any]:
        state = await desk.known(desk.opened(caller, case), caller)
        if state is not None and caller.role is Role.OFFICE_HOLDER:
            return queries.for_person(state)
        if state is None or state.request is None:
            raise refused(caller)
        partner = partner_of(caller)
        shown = queries.view(state, partner, desk.references)
        return (await since.mark(desk.cases, [(state.case, shown)], partner))[0]

    @router.get("/{case}/checks", summary="What a request would have now and still lacks, also before asking")
    async def checks(case: str, caller: Municipal) -> dict[str, Any]:
        return await desk.checks(case, caller)


def _questions(desk: Desk) -> APIRouter:
    router = desk.admission.router("funding.safety_net", prefix="/questions", tags=["questions"])

    @router.post("", status_code=201, summary="Ask BZK something, or note a call; no case is needed")
    async def ask(body: QuestionBody, caller: Either, once: Keyed) -> dict[str, Any]:
        return await desk.ask_question(body, caller, once)

    @router.post("/{reference}/answers", status_code=201, summary="BZK answers")
    async def answer(reference: str, body: TextBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        return await desk.answer(reference, body.text, caller, once)

    @router.get("", summary="Questions: for BZK what waits for an answer, for a municipality its own")
    async def listed(caller: Either, page: Paged) -> list[dict[str, Any]]:
        return await desk.questions(caller, page)

    @router.get("/{reference}", summary="One question with its answers")
    async def read(reference: str, caller: Either) -> dict[str, Any]:
        return await desk.question(reference, caller)

    return router


def _precedents(desk: Desk) -> APIRouter:
    router = desk.admission.router("funding.safety_net", prefix="/precedents", tags=["requests"])

    @router.get("", summary="Decided cases to learn from: reasons and amounts, nobody's name, the newest first")
    async def precedents(caller: Ministry, page: Paged) -> list[dict[str, Any]]:
        return await desk.precedents(caller, page)

    return router
