"""What routes and pages of the safety net share: who may, reading references, letting in, acting, and what is shown."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends
from fastapi.exceptions import RequestValidationError

from services.funding.safety_net import commands, queries
from services.funding.safety_net.bodies import (
    DecisionBody,
    GrantBody,
    PaidBody,
    QuestionBody,
    RequestBody,
    SettlementBody,
    SupplementBody,
)
from services.funding.safety_net.policy import continuation_on, terms_on
from services.funding.safety_net.request import Answer, Phase, SafetyNet
from shared.access.admission import Admission, note_rows, refused
from shared.access.matrix import DataClass
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.working_days import local_day
from shared.runtime.cases import Act, Cases
from shared.web.changed import Since
from shared.web.http import Once
from shared.web.narrowing import MOST, Asked, Found, Way, narrow
from shared.web.paging import Page

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
        case = self.references.open(partner_of(caller), reference)
        if case is None:
            raise refused(caller)
        return case

    async def act(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """Updates the case and returns the caller's view of it."""
        state = await self.update(case, command, caller, once, purpose)
        return queries.view(state, partner_of(caller), self.references)

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
        rows = page.cut(await self._listed(caller, phases, page.skip, page.fetch))
        note_rows(one.case for one in rows)
        return rows

    async def _listed(self, caller: Caller, phases: list[Phase], skip: int, limit: int) -> list[SafetyNet]:
        scope = await self.admission.scope(caller)
        if caller.role is Role.BZK:
            found = await queries.listed(self.cases, phases, None, skip, limit)
            return [one for one in found if one.case not in scope.never]
        self.admission.admit_to_rota(caller)
        known = await queries.listed(self.cases, phases, caller.municipality, 0, queries.MOST, newest=True)
        mine = [one for one in known if scope.holds(one.case) or one.without_case]
        return [one for one in mine[skip : skip + limit] if one.case not in scope.never]

    def ways(self, caller: Caller) -> tuple[Way, ...]:
        """How this caller narrows a list of requests."""
        return queries.ways(dict(self.admission.organisations.towns()) if caller.role is Role.BZK else {})

    async def requests(
        self, caller: Caller, phases: list[Phase], page: Page, since: Since, asked: Asked
    ) -> list[dict[str, Any]]:
        """A page of the requests of a list that are asked for, in the caller's own references."""
        if not asked.narrows:
            return await self._marked(caller, await self.listed(caller, phases, page), since)
        known, rows = await self._all(caller, phases)
        wanted = [row for row in rows if asked.wants(row, self.ways(caller))]
        found = page.cut(wanted[page.skip : page.skip + page.fetch])
        note_rows(known[row["case"]].case for row in found)
        return await self._marked(caller, [known[row["case"]] for row in found], since)

    async def requests_now(self, caller: Caller, phases: list[Phase], asked: Asked) -> Found:
        """The same, with counts."""
        known, rows = await self._all(caller, phases)
        found = narrow(rows, self.ways(caller), asked)
        note_rows(known[row["case"]].case for row in found.rows)
        return found

    async def _all(self, caller: Caller, phases: list[Phase]) -> tuple[dict[str, SafetyNet], list[dict[str, Any]]]:
        nets, partner = await self._listed(caller, phases, 0, MOST + 1), partner_of(caller)
        rows = [queries.view(net, partner, self.references) | self.marks(net) for net in nets]
        return {row["case"]: net for row, net in zip(rows, nets, strict=True)}, rows

    async def _marked(self, caller: Caller, nets: list[SafetyNet], since: Since) -> list[dict[str, Any]]:
        partner = partner_of(caller)
        rows = [(net.case, queries.view(net, partner, self.references) | self.marks(net)) for net in nets]
        return await since.mark(self.cases, rows, partner)

    def marks(self, net: SafetyNet) -> dict[str, Any]:
        """What its row says beside its fields: `unreadable` when not all of it could be opened."""
        return self.cases.marks(self.cases.id_for(net.case))

    async def call(self, caller: Caller, reference: str) -> SafetyNet:
        """The request that the ministry noted from a call of this municipality. Raises 404."""
        found = await self.known(self.opened(caller, reference), caller)
        if found is None or found.request is None or found.request.noted_by is None:
            raise refused(caller)
        return found

    async def calls(self, caller: Caller) -> list[dict[str, Any]]:
        """The calls of this municipality that the ministry noted without a case, and that wait for one.

        They belong to no case, so whoever is not on the rota has none.
        """
        if not self.admission.organisations.on_rota(caller.municipality, caller.actor):
            return []
        self.admission.admit_to_rota(caller)
        found = await queries.listed(self.cases, [Phase.TO_DECIDE], caller.municipality, 0, queries.MOST, newest=True)
        never = await self.admission.never(caller)
        waiting = [
            one for one in found
            if one.case not in never and one.without_case and one.request is not None and one.request.waits_for_its_case
        ]  # fmt: skip
        return [queries.call(one, partner_of(caller), self.references) for one in waiting]

    async def ask(self, body: RequestBody, caller: Caller, once: Once) -> dict[str, Any]:
        """Asks for a contribution, or notes a call; a phone call is enough to start. Raises 400 and 404."""
        town, now, noted = town_of(caller, body.municipality), self.now(), caller.role is Role.BZK
        if not body.case and not noted:
            wrong("case", "Vul dit in.")
        # A call that names no case is a case of its own, until the municipality asks for the real one.
        own = self.cases.id_for("call", caller.actor, once.key)
        case = self.opened(caller, body.case) if body.case else own
        call = await self.call(caller, body.noted) if body.noted else None
        terms, future = terms_on(local_day(now)), continuation_on(local_day(now))
        command = commands.RequestFunding(
            case, self.cases.id_for("request", case, caller.actor, once.key), town, body.channel, body.motivation,
            body.budget(), now, terms.acknowledge_before(now, acute=body.acute_and_serious is Answer.YES),
            terms.decide_before(now), future.state, caller.actor if noted else None,
        )  # fmt: skip
        does = self.update if body.case else self.start
        state = await does(case, command, caller, once, "request")
        shown = queries.view(state, partner_of(caller), self.references)
        if call is not None and call.request is not None and call.request.waits_for_its_case:
            withdraw = commands.WithdrawRequest(town, "De gemeente vraagt nu aan voor de zaak zelf.", now)
            await self.update(call.case, withdraw, caller, once, "request for the case itself")
        return shown

    async def supplement(self, case: str, body: SupplementBody, caller: Caller, once: Once) -> dict[str, Any]:
        """The municipality adds what is missing."""
        command = commands.SupplementRequest(caller.municipality, body.motivation, body.budget(), self.now())
        return await self.act(self.opened(caller, case), command, caller, once, "supplement")

    async def withdraw(self, case: str, reason: str, caller: Caller, once: Once) -> dict[str, Any]:
        """The municipality withdraws."""
        command = commands.WithdrawRequest(caller.municipality, reason, self.now())
        return await self.act(self.opened(caller, case), command, caller, once, "withdrawal")

    async def disagree(self, case: str, reason: str, caller: Caller, once: Once) -> dict[str, Any]:
        """The municipality disagrees with the decision; another person at BZK decides again."""
        now = self.now()
        before = terms_on(local_day(now)).decide_before(now)
        command = commands.Object(caller.municipality, reason, now, before)
        return await self.act(self.opened(caller, case), command, caller, once, "objection")

    async def checks(self, reference: str, caller: Caller) -> dict[str, Any]:
        """What a request would have now and still lacks, also before asking. Raises 404."""
        state = await self.known(self.opened(caller, reference), caller)
        if state is None:
            raise refused(caller)
        return queries.checks(state)

    async def decide(self, case: str, body: GrantBody | DecisionBody, caller: Caller, once: Once) -> dict[str, Any]:
        """BZK grants, whole or in part, or declines with a reason."""
        now = self.now()
        if isinstance(body, GrantBody):
            granted = commands.Grant(
                body.amount_cents, body.reason, caller.actor, now, body.conditions, body.on_behalf_of
            )
            return await self.act(self.opened(caller, case), granted, caller, once, "grant")
        declined = commands.Decline(body.reason, caller.actor, now, body.on_behalf_of)
        return await self.act(self.opened(caller, case), declined, caller, once, "decline")

    async def acknowledge(self, case: str, caller: Caller, once: Once) -> dict[str, Any]:
        """BZK told the municipality that its request arrived."""
        command = commands.Acknowledge(caller.actor, self.now())
        return await self.act(self.opened(caller, case), command, caller, once, "acknowledgement")

    async def confirm(self, case: str, caller: Caller, once: Once) -> dict[str, Any]:
        """Who decided by word of mouth confirms it."""
        command = commands.ConfirmDecision(caller.actor, self.now())
        return await self.act(self.opened(caller, case), command, caller, once, "confirmation")

    async def settle(self, case: str, body: SettlementBody, caller: Caller, once: Once) -> dict[str, Any]:
        """BZK settles on what it cost in the end."""
        command = commands.Settle(body.amount_cents, body.reason, caller.actor, self.now())
        return await self.act(self.opened(caller, case), command, caller, once, "settlement")

    async def pay(self, case: str, body: PaidBody, caller: Caller, once: Once) -> dict[str, Any]:
        """BZK paid."""
        command = commands.RecordPaid(body.text, caller.actor, self.now())
        return await self.act(self.opened(caller, case), command, caller, once, "payment")

    async def ask_question(self, body: QuestionBody, caller: Caller, once: Once) -> dict[str, Any]:
        """A municipality asks BZK something, or BZK notes that it was asked; no case is needed. Raises 400."""
        case = self.cases.id_for("question", caller.actor, once.key)
        command = commands.AskQuestion(
            case, town_of(caller, body.municipality), body.channel, body.text, caller.actor, self.now(),
            caller.role is Role.BZK,
        )  # fmt: skip
        state = await self.start(case, command, caller, once, "question")
        return queries.question(state, partner_of(caller), self.references)

    async def answer(self, reference: str, text: str, caller: Caller, once: Once) -> dict[str, Any]:
        """BZK answers a question."""
        command = commands.AnswerQuestion(text, caller.actor, self.now())
        state = await self.update(self.opened(caller, reference), command, caller, once, "answer")
        return queries.question(state, partner_of(caller), self.references)

    async def questions(self, caller: Caller, page: Page) -> list[dict[str, Any]]:
        """For BZK what waits for an answer, for a municipality its own."""
        phases = [Phase.TO_ANSWER] if caller.role is Role.BZK else queries.ASKED
        found = await self.listed(caller, phases, page)
        return [queries.question(net, partner_of(caller), self.references) | self.marks(net) for net in found]

    async def question(self, reference: str, caller: Caller) -> dict[str, Any]:
        """One question with its answers. Raises 404."""
        state = await self.known(self.opened(caller, reference), caller)
        if state is None or state.question is None:
            raise refused(caller)
        return queries.question(state, partner_of(caller), self.references)

    async def precedents(self, caller: Caller, page: Page) -> list[dict[str, Any]]:
        """Decided cases to learn from, the newest first."""
        scope = await self.admission.scope(caller)
        found = await queries.listed(self.cases, queries.DECIDED, None, page.skip, page.fetch, newest=True)
        rows = page.cut([one for one in found if one.case not in scope.never])
        note_rows(one.case for one in rows)
        return [queries.precedent(net, self.references) | self.marks(net) for net in rows]

    async def totals(self, caller: Caller, year: int) -> dict[str, Any]:
        """What was asked, granted and settled in a year, and how long deciding took; no cases."""
        self.admission.admit_to_rota(caller)
        town, never = None if caller.role is Role.BZK else caller.municipality, await self.admission.never(caller)
        return await queries.totals(self.cases, town, year, never)

    async def ask_more(self, case: str, text: str, caller: Caller, once: Once) -> dict[str, Any]:
        """BZK asks the municipality for more."""
        now = self.now()
        command = commands.AskSupplement(text, caller.actor, now, terms_on(local_day(now)).supplement_before(now))
        return await self.act(self.opened(caller, case), command, caller, once, "supplement asked")

    async def assess(self, case: str, reason: str, caller: Caller, once: Once) -> dict[str, Any]:
        """How heavy the costs weigh, in a person's words."""
        command = commands.AssessDisproportion(reason, caller.actor, self.now())
        return await self.act(self.opened(caller, case), command, caller, once, "assessment")


def partner_of(caller: Caller) -> str:
    return queries.BZK if caller.role is Role.BZK else f"municipality:{caller.municipality}"


def town_of(caller: Caller, named: str) -> str:
    """The municipality that asks: the caller's own, or the one that the ministry names. 400 when that is not clear."""
    if caller.role is Role.MUNICIPALITY and named not in ("", caller.municipality):
        wrong("municipality", "U vraagt aan voor uw eigen gemeente. Laat dit veld leeg.")
    if caller.role is Role.BZK and not named:
        wrong("municipality", "Vul de CBS-code in van de gemeente die belde.")
    return named or caller.municipality


def wrong(field: str, message: str) -> None:
    raise RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": message}])
