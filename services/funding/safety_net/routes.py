"""HTTP of the safety net: the municipality asks, BZK decides, the person sees how it stands."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.exceptions import RequestValidationError

from services.funding.safety_net import commands, queries
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
from services.funding.safety_net.policy import continuation_on, terms_on
from services.funding.safety_net.request import Answer, Phase, SafetyNet
from shared.access.admission import Admission, note_rows, refused
from shared.access.matrix import DataClass
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.working_days import local_day
from shared.runtime.cases import Act, Cases
from shared.web.changed import ChangedSince
from shared.web.http import Keyed, Once
from shared.web.paging import Page, Paged

Municipal = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]
Ministry = Annotated[Caller, Depends(calls_as(Role.BZK))]
Either = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY, Role.BZK))]
Reader = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY, Role.BZK, Role.OFFICE_HOLDER))]
Counting = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY, Role.CONTROLLER, Role.BZK))]


class WorkList(StrEnum):
    """BZK's lists of requests."""

    TO_DECIDE = "to-decide"
    TO_SETTLE = "to-settle"
    TO_PAY = "to-pay"


class Desk:
    """What every route here does: read a partner's reference, act, and answer in that partner's references."""

    def __init__(self, cases: Cases[SafetyNet], admission: Admission) -> None:
        self.cases, self.admission, self.references = cases, admission, admission.references
        self.now = cases.clock.now

    def opened(self, caller: Caller, reference: str) -> str:
        """The case behind a reference. The person has no other one. 404 when it is not one of the caller's."""
        if caller.role is Role.OFFICE_HOLDER:
            return reference
        case = self.references.open(_partner(caller), reference)
        if case is None:
            raise refused(caller)
        return case

    async def act(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """Updates the case and returns the caller's view of it."""
        state = await self.update(case, command, caller, once, purpose)
        return queries.view(state, _partner(caller), self.references)

    async def update(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> SafetyNet:
        """Updates the case, if it is there for this caller. Raises 404."""
        await self.known(case, caller)
        handled, act = once.handled(caller), Act(caller.actor, purpose)
        return await self.cases.update(self.cases.id_for(case), command, handled=handled, act=act)

    async def known(self, case: str, caller: Caller) -> SafetyNet | None:
        """What there is about a case, if it is there for this caller; perhaps nothing yet. Raises 404.

        A question, or a call that named no case, belongs to no case: it is for the rota of its municipality.
        """
        state = await self.cases.load(self.cases.id_for(case))
        if state is not None and state.without_case and state.municipality == caller.municipality:
            self.admission.admit_to_rota(caller)
        else:
            await self.admission.admit(caller, case, of=DataClass.COSTS)
        return state

    async def start(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> SafetyNet:
        """Makes what belongs to no case: a question, or the note of a call."""
        self.admission.admit_to_rota(caller)
        handled, act = once.handled(caller), Act(caller.actor, purpose)
        return await self.cases.update(self.cases.id_for(case), command, handled=handled, act=act)

    async def listed(self, caller: Caller, phases: list[Phase], page: Page) -> list[SafetyNet]:
        """A page of a list: for BZK what is due first, for a handler the own cases, the newest first."""
        scope = await self.admission.scope(caller)
        if caller.role is Role.BZK:
            found = await queries.listed(self.cases, phases, None, page.skip, page.fetch)
        else:
            self.admission.admit_to_rota(caller)
            scope = await self.admission.scope(caller)
            known = await queries.listed(self.cases, phases, caller.municipality, 0, queries.MOST, newest=True)
            mine = [one for one in known if scope.holds(one.case) or one.without_case]
            found = mine[page.skip : page.skip + page.fetch]
        rows = page.cut([one for one in found if one.case not in scope.never])
        note_rows(one.case for one in rows)
        return rows

    async def call(self, caller: Caller, reference: str) -> SafetyNet:
        """The request that the ministry noted from a call of this municipality. Raises 404."""
        found = await self.known(self.opened(caller, reference), caller)
        if found is None or found.request is None or found.request.noted_by is None:
            raise refused(caller)
        return found


def _partner(caller: Caller) -> str:
    return queries.BZK if caller.role is Role.BZK else f"municipality:{caller.municipality}"


def _town(caller: Caller, named: str) -> str:
    """The municipality that asks: the caller's own, or the one that the ministry names. 400 when that is not clear."""
    if caller.role is Role.MUNICIPALITY and named not in ("", caller.municipality):
        _wrong("municipality", "U vraagt aan voor uw eigen gemeente. Laat dit veld leeg.")
    if caller.role is Role.BZK and not named:
        _wrong("municipality", "Vul de CBS-code in van de gemeente die belde.")
    return named or caller.municipality


def _wrong(field: str, message: str) -> None:
    raise RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": message}])


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
        town, now, noted = _town(caller, body.municipality), desk.now(), caller.role is Role.BZK
        if not body.case and not noted:
            _wrong("case", "Vul dit in.")
        # A call that names no case is a case of its own, until the municipality asks for the real one.
        own = desk.cases.id_for("call", caller.actor, once.key)
        case = desk.opened(caller, body.case) if body.case else own
        call = await desk.call(caller, body.noted) if body.noted else None
        terms, future = terms_on(local_day(now)), continuation_on(local_day(now))
        command = commands.RequestFunding(
            case, desk.cases.id_for("request", case, caller.actor, once.key), town, body.channel, body.motivation,
            body.budget(), now, terms.acknowledge_before(now, acute=body.acute_and_serious is Answer.YES),
            terms.decide_before(now), future.state, caller.actor if noted else None,
        )  # fmt: skip
        does = desk.update if body.case else desk.start
        state = await does(case, command, caller, once, "request")
        shown = queries.view(state, _partner(caller), desk.references)
        if call is not None and call.request is not None and call.request.withdrawn is None:
            withdraw = commands.WithdrawRequest(town, "De gemeente vraagt nu aan voor de zaak zelf.", now)
            await desk.update(call.case, withdraw, caller, once, "request for the case itself")
        return shown


def _add_changing(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/supplement", summary="Add what is missing")
    async def supplement(case: str, body: SupplementBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        command = commands.SupplementRequest(caller.municipality, body.motivation, body.budget(), desk.now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "supplement")

    @router.post("/{case}/withdrawal", summary="The municipality withdraws")
    async def withdraw(case: str, body: ReasonBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        command = commands.WithdrawRequest(caller.municipality, body.reason, desk.now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "withdrawal")

    @router.post("/{case}/objections", status_code=201, summary="The municipality disagrees with the decision")
    async def disagree(case: str, body: ReasonBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        now = desk.now()
        before = terms_on(local_day(now)).decide_before(now)
        command = commands.Object(caller.municipality, body.reason, now, before)
        return await desk.act(desk.opened(caller, case), command, caller, once, "objection")


def _add_treating(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/acknowledgement", summary="BZK told the municipality that its request arrived")
    async def acknowledge(case: str, caller: Ministry, once: Keyed) -> dict[str, Any]:
        command = commands.Acknowledge(caller.actor, desk.now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "acknowledgement")

    @router.post("/{case}/supplement-questions", status_code=201, summary="BZK asks the municipality for more")
    async def ask_more(case: str, body: TextBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        now = desk.now()
        before = terms_on(local_day(now)).supplement_before(now)
        command = commands.AskSupplement(body.text, caller.actor, now, before)
        return await desk.act(desk.opened(caller, case), command, caller, once, "supplement asked")

    @router.post("/{case}/assessments", status_code=201, summary="How heavy the costs weigh, in a person's words")
    async def assess(case: str, body: ReasonBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        command = commands.AssessDisproportion(body.reason, caller.actor, desk.now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "assessment")


def _add_deciding(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/grant", summary="BZK grants, whole or in part")
    async def grant(case: str, body: GrantBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        command = commands.Grant(
            body.amount_cents, body.reason, caller.actor, desk.now(), body.conditions, body.on_behalf_of
        )
        return await desk.act(desk.opened(caller, case), command, caller, once, "grant")

    @router.post("/{case}/decline", summary="BZK declines with a reason")
    async def decline(case: str, body: DecisionBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        command = commands.Decline(body.reason, caller.actor, desk.now(), body.on_behalf_of)
        return await desk.act(desk.opened(caller, case), command, caller, once, "decline")

    @router.post("/{case}/confirmation", summary="Who decided by word of mouth confirms it")
    async def confirm(case: str, caller: Ministry, once: Keyed) -> dict[str, Any]:
        command = commands.ConfirmDecision(caller.actor, desk.now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "confirmation")


def _add_paying(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/settlements", status_code=201, summary="BZK settles on what it cost in the end")
    async def settle(case: str, body: SettlementBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        command = commands.Settle(body.amount_cents, body.reason, caller.actor, desk.now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "settlement")

    @router.post("/{case}/payment", summary="BZK paid")
    async def pay(case: str, body: PaidBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        command = commands.RecordPaid(body.text, caller.actor, desk.now())
        return await desk.act(desk.opened(caller, case), command, caller, once, "payment")


def _add_lists(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.get("", summary="BZK's work list, what is due first; or the municipality's own requests, the newest first")
    async def listed(
        caller: Either, page: Paged, since: ChangedSince, status: WorkList = WorkList.TO_DECIDE
    ) -> list[dict[str, Any]]:
        phases = [Phase(status.value)] if caller.role is Role.BZK else queries.REQUESTED
        found = await desk.listed(caller, phases, page)
        partner = _partner(caller)
        rows = [(net.case, queries.view(net, partner, desk.references)) for net in found]
        return await since.mark(desk.cases, rows, partner)

    @router.get("/totals", summary="What was asked, granted and settled in a year; no cases")
    async def totals(caller: Counting, year: Annotated[int, Query(ge=2016, le=2100)]) -> dict[str, int]:
        desk.admission.admit_to_rota(caller)
        town, never = None if caller.role is Role.BZK else caller.municipality, await desk.admission.never(caller)
        return await queries.totals(cases, town, year, never)


def _add_reading(router: APIRouter, desk: Desk) -> None:
    @router.get("/{case}", summary="One request; for the person only how it stands")
    async def read(case: str, caller: Reader, since: ChangedSince) -> dict[str, Any]:
        state = await desk.known(desk.opened(caller, case), caller)
        if state is not None and caller.role is Role.OFFICE_HOLDER:
            return queries.for_person(state)
        if state is None or state.request is None:
            raise refused(caller)
        partner = _partner(caller)
        shown = queries.view(state, partner, desk.references)
        return (await since.mark(desk.cases, [(state.case, shown)], partner))[0]

    @router.get("/{case}/checks", summary="What a request would have now and still lacks, also before asking")
    async def checks(case: str, caller: Municipal) -> dict[str, Any]:
        state = await desk.known(desk.opened(caller, case), caller)
        if state is None:
            raise refused(caller)
        return queries.checks(state)


def _questions(desk: Desk) -> APIRouter:
    router = desk.admission.router("funding.safety_net", prefix="/questions", tags=["questions"])

    @router.post("", status_code=201, summary="Ask BZK something, or note a call; no case is needed")
    async def ask(body: QuestionBody, caller: Either, once: Keyed) -> dict[str, Any]:
        case = desk.cases.id_for("question", caller.actor, once.key)
        command = commands.AskQuestion(
            case, _town(caller, body.municipality), body.channel, body.text, caller.actor, desk.now(),
            caller.role is Role.BZK,
        )  # fmt: skip
        state = await desk.start(case, command, caller, once, "question")
        return queries.question(state, _partner(caller), desk.references)

    @router.post("/{reference}/answers", status_code=201, summary="BZK answers")
    async def answer(reference: str, body: TextBody, caller: Ministry, once: Keyed) -> dict[str, Any]:
        command = commands.AnswerQuestion(body.text, caller.actor, desk.now())
        state = await desk.update(desk.opened(caller, reference), command, caller, once, "answer")
        return queries.question(state, _partner(caller), desk.references)

    @router.get("", summary="Questions: for BZK what waits for an answer, for a municipality its own")
    async def listed(caller: Either, page: Paged) -> list[dict[str, Any]]:
        phases = [Phase.TO_ANSWER] if caller.role is Role.BZK else queries.ASKED
        found = await desk.listed(caller, phases, page)
        return [queries.question(net, _partner(caller), desk.references) for net in found]

    @router.get("/{reference}", summary="One question with its answers")
    async def read(reference: str, caller: Either) -> dict[str, Any]:
        state = await desk.known(desk.opened(caller, reference), caller)
        if state is None or state.question is None:
            raise refused(caller)
        return queries.question(state, _partner(caller), desk.references)

    return router


def _precedents(desk: Desk) -> APIRouter:
    router = desk.admission.router("funding.safety_net", prefix="/precedents", tags=["requests"])

    @router.get("", summary="Decided cases to learn from: reasons and amounts, nobody's name, the newest first")
    async def precedents(caller: Ministry, page: Paged) -> list[dict[str, Any]]:
        scope = await desk.admission.scope(caller)
        found = await queries.listed(desk.cases, queries.DECIDED, None, page.skip, page.fetch, newest=True)
        rows = page.cut([one for one in found if one.case not in scope.never])
        note_rows(one.case for one in rows)
        return [queries.precedent(net, desk.references) for net in rows]

    return router
