"""Pages of the safety net: BZK's lists and one request to decide about; the municipality sees how its own stand."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from enum import StrEnum
from typing import Annotated, assert_never

from fastapi import APIRouter, Request, Response
from pydantic import Field

from services.funding.safety_net import queries
from services.funding.safety_net.bodies import (
    ACCOUNT,
    CODE,
    PAID_NOTE,
    REFERENCE,
    WORDS,
    DecisionBody,
    GrantBody,
    PaidBody,
    RequestBody,
    SettlementBody,
    SupplementBody,
)
from services.funding.safety_net.desk import Desk, Either, Ministry, Municipal, WorkList, partner_of
from services.funding.safety_net.request import Answer, Phase
from shared.access.admission import refused
from shared.access.purposes import Purpose
from shared.access.roles import Caller, Role
from shared.contracts.vocabulary import Channel
from shared.web.forms import Euros, Filled, cents, once_of, read_form
from shared.web.http import Body
from shared.web.narrowing import asked
from shared.web.once import Once
from shared.web.pages import Again, Site

PURPOSES = {Role.MUNICIPALITY: Purpose.PAY, Role.BZK: Purpose.DECIDE_ON_CONTRIBUTION}
NO_WORDS = "Schrijf op waarom, of wat u vraagt."
NO_CALL = "none"
WHICH_CALL = "Kies of deze aanvraag bij een telefoontje hoort."
HOW_MUCH = "Vul een bedrag in euro's in, zoals 30000."


class Step(StrEnum):
    """What BZK does with a request."""

    ACKNOWLEDGE = "acknowledge"
    ASK_MORE = "ask-more"
    ASSESS = "assess"
    GRANT = "grant"
    DECLINE = "decline"
    CONFIRM = "confirm"
    SETTLE = "settle"
    PAY = "pay"


AMOUNT = (Step.GRANT, Step.SETTLE)
WORDLESS = (Step.ACKNOWLEDGE, Step.CONFIRM, Step.PAY)
"""Steps that say all there is to say."""


class StepBody(Body):
    """A step and its words; an amount only to grant and to settle.

    `on_behalf_of`: the account of a colleague who decided by word of mouth.
    """

    step: Step
    words: str = Field("", max_length=WORDS)
    euros: Annotated[Euros, Field(ge=0)] | None = None
    conditions: str = Field("", max_length=WORDS)
    on_behalf_of: str | None = Field(None, pattern=ACCOUNT)

    def lacks(self) -> dict[str, str]:
        """What this step needs and was not filled in, per field."""
        found = {}
        if self.step in AMOUNT and (self.euros is None or (self.step is Step.GRANT and not self.euros)):
            found["euros"] = HOW_MUCH
        if self.step not in WORDLESS and not self.words:
            found["words"] = NO_WORDS
        return found


class TownStep(StrEnum):
    """What a municipality does with its own request."""

    SUPPLEMENT = "supplement"
    OBJECT = "object"
    WITHDRAW = "withdraw"


class TownStepBody(Body):
    """A step and its words."""

    town_step: TownStep
    words: str = Field(min_length=1, max_length=WORDS)


class AskBody(Body):
    """A request of a municipality: everything may be left out and follow later.

    `noted`: the call that this is about, which then gives way; `NO_CALL` for none of those that wait.
    """

    motivation: str = Field("", max_length=WORDS)
    reservation: Answer = Answer.UNKNOWN
    acute_and_serious: Answer = Answer.UNKNOWN
    budget: Annotated[Euros, Field(ge=0)] | None = None
    words: str = Field("", max_length=WORDS)
    noted: str = Field("", max_length=REFERENCE)

    def request(self, case: str) -> RequestBody:
        """As the API takes it. `case`: the municipality's own reference."""
        budget = None if self.budget is None else cents(self.budget)
        return RequestBody(
            case=case, motivation=self.motivation, budget_cents=budget, reservation=self.reservation,
            acute_and_serious=self.acute_and_serious, words=self.words,
            noted="" if self.noted == NO_CALL else self.noted,
        )  # fmt: skip


class CallBody(Body):
    """A call to the ministry, noted while it lasts: three fields, of which one is needed."""

    municipality: str = Field(pattern=CODE)
    motivation: str = Field("", max_length=WORDS)
    acute_and_serious: Answer = Answer.UNKNOWN


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("funding.safety_net", PURPOSES)
    _add_asking(router, site, desk)

    @router.get("/vangnet")
    async def listed(request: Request, caller: Either, lijst: WorkList = WorkList.TO_DECIDE) -> Response:
        phases = [Phase(lijst.value)] if caller.role is Role.BZK else queries.REQUESTED
        found = await desk.requests_now(caller, phases, asked(request, desk.ways(caller)))
        return site.page(
            request, "safety-net/list.html", found.rows, found=found, lists=tuple(WorkList), chosen=lijst,
            role=caller.role,
        )  # fmt: skip

    def again(case: str, request: Request, caller: Caller) -> Again:
        return lambda form: _one(site, desk, case, request, caller, form)

    @router.get("/vangnet/{case}")
    async def read(case: str, request: Request, caller: Either) -> Response:
        return await _one(site, desk, case, request, caller)

    @router.post("/vangnet/{case}/gemeente")
    async def town_acts(case: str, request: Request, caller: Municipal) -> Response:
        return await site.act(
            request, TownStepBody, lambda body, once: do_for_town(desk, case, body, caller, once),
            again=again(case, request, caller), then=f"/vangnet/{case}",
        )  # fmt: skip

    @router.post("/vangnet/{case}")
    async def act(case: str, request: Request, caller: Ministry) -> Response:
        return await site.act(
            request, StepBody, lambda body, once: do(desk, case, body, caller, once),
            again=again(case, request, caller), then=f"/vangnet/{case}", lacks=StepBody.lacks,
        )  # fmt: skip

    return router


def _add_asking(router: APIRouter, site: Site, desk: Desk) -> None:
    async def ask_page(request: Request, case: str, caller: Caller, form: Filled | None = None) -> Response:
        checks = await desk.checks(case, caller)
        shown = {"case": case} | checks | {"calls": await desk.calls(caller)}
        return site.page(request, "safety-net/ask.html", shown, form=form, no_call=NO_CALL)

    @router.get("/vangnet/vragen/{case}")
    async def asking(case: str, request: Request, caller: Municipal) -> Response:
        return await ask_page(request, case, caller)

    @router.post("/vangnet/vragen/{case}")
    async def asked(case: str, request: Request, caller: Municipal) -> Response:
        calls = await desk.calls(caller)
        return await site.act(
            request, AskBody, lambda body, once: desk.ask(body.request(case), caller, once),
            again=lambda form: ask_page(request, case, caller, form), then=f"/vangnet/{case}",
            lacks=lambda body: {"noted": WHICH_CALL} if calls and not body.noted else {},
        )  # fmt: skip

    @router.get("/vangnet/bellen")
    async def call(request: Request, caller: Ministry) -> Response:
        return site.page(request, "safety-net/call.html", towns=desk.admission.organisations.towns())

    @router.post("/vangnet/bellen")
    async def called(request: Request, caller: Ministry) -> Response:
        read, towns = await read_form(request, CallBody), desk.admission.organisations.towns()
        if read.body is None:
            return site.page(request, "safety-net/call.html", form=read.form, towns=towns)
        body = RequestBody(channel=Channel.PHONE, **read.body.model_dump())
        noted = await desk.ask(body, caller, once_of(read, request))
        return site.moved(f"{site.prefix}/vangnet/{noted['case']}")


async def _one(
    site: Site, desk: Desk, case: str, request: Request, caller: Caller, form: Filled | None = None
) -> Response:
    state = await desk.known(desk.opened(caller, case), caller)
    if state is None or state.request is None:
        raise refused(caller)
    shown = queries.view(state, partner_of(caller), desk.references)
    return site.page(request, "safety-net/one.html", shown, form=form, role=caller.role)


async def do(desk: Desk, case: str, body: StepBody, caller: Caller, once: Once) -> None:
    """Does it. Raises `Refused` when it does not fit, such as more than is eligible."""
    match body.step:
        case Step.ASK_MORE:
            await desk.ask_more(case, body.words, caller, once)
        case Step.ASSESS:
            await desk.assess(case, body.words, caller, once)
        case Step.GRANT:
            granted = GrantBody(
                amount_cents=cents(body.euros), reason=body.words, conditions=body.conditions,
                on_behalf_of=body.on_behalf_of,
            )  # fmt: skip
            await desk.decide(case, granted, caller, once)
        case Step.DECLINE:
            declined = DecisionBody(reason=body.words, on_behalf_of=body.on_behalf_of)
            await desk.decide(case, declined, caller, once)
        case Step.ACKNOWLEDGE:
            await desk.acknowledge(case, caller, once)
        case Step.CONFIRM:
            await desk.confirm(case, caller, once)
        case Step.SETTLE:
            settled = SettlementBody(amount_cents=cents(body.euros), reason=body.words)
            await desk.settle(case, settled, caller, once)
        case Step.PAY:
            await desk.pay(case, PaidBody(text=body.words[:PAID_NOTE]), caller, once)
        case _:
            assert_never(body.step)


async def do_for_town(desk: Desk, case: str, body: TownStepBody, caller: Caller, once: Once) -> None:
    """Does it. Raises `Refused` when it does not fit, such as an objection before there is a decision."""
    match body.town_step:
        case TownStep.SUPPLEMENT:
            await desk.supplement(case, SupplementBody(motivation=body.words), caller, once)
        case TownStep.OBJECT:
            await desk.disagree(case, body.words, caller, once)
        case TownStep.WITHDRAW:
            await desk.withdraw(case, body.words, caller, once)
