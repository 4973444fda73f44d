"""What routes and pages of measures share: who may, letting in, acting, and what is shown."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends

from services.assessment.measures import commands, queries
from services.assessment.measures.bodies import (
    AdviceBody,
    AnnouncementBody,
    OneBody,
    ReviewBody,
    ScaleDownBody,
    StateMeasuresBody,
)
from services.assessment.measures.policy import Terms, terms_on
from services.assessment.measures.record import Measure, Measures, StateMeasure
from shared.access.admission import Admission, note_rows, refused
from shared.access.matrix import DataClass
from shared.access.relations import Relation
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.vocabulary import Executor, Urgency
from shared.runtime.cases import Act, Cases
from shared.web.changed import Since
from shared.web.http import Once
from shared.web.paging import Page

Authority = Annotated[Caller, Depends(calls_as(Role.RCCB, Role.HOVJ))]
Hovj = Annotated[Caller, Depends(calls_as(Role.HOVJ))]
Municipal = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]
Person = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER))]


class CarryingOut(StrEnum):
    """What a municipality says of advice."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    IMPLEMENTED = "implemented"


class Desk:
    """Looks up, acts, and shows."""

    def __init__(self, cases: Cases[Measures], admission: Admission) -> None:
        self.cases, self.admission, self.references = cases, admission, admission.references

    def now(self) -> datetime:
        """UTC."""
        return self.cases.clock.now()

    def today(self) -> date:
        """The day whose rules hold."""
        return self.now().date()

    def terms(self) -> Terms:
        """Those of today."""
        return terms_on(self.today())

    async def known(self, case: str, caller: Caller) -> Measures:
        """The measures of a case of which the incident is known, if it is there for this caller. Raises 404."""
        state = await self.cases.load(self.cases.id_for(case))
        if state is None:
            raise refused(caller)
        await self.admission.admit(caller, case, queries.known(state), of=DataClass.MEASURES)
        return state

    async def own(self, state: Measures, caller: Caller) -> dict[str, Any]:
        """What the person may know; somebody trusted does not read who pays."""
        relation = await self.admission.relation(caller, state.case, queries.known(state))
        shown = queries.own(state, self.today())
        return queries.without_payers(shown) if relation is Relation.TRUSTED else shown

    async def act(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> Measures:
        """Does it; returns how it stands."""
        await self.known(case, caller)
        handled, act = once.handled(caller), Act(caller.actor, purpose)
        return await self.cases.update(self.cases.id_for(case), command, handled=handled, act=act)

    async def police(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """Does it and shows all."""
        return queries.view(await self.act(case, command, caller, once, purpose))

    def opened(self, body: OneBody, caller: Caller) -> tuple[str, str]:
        """Case and measure behind a municipality's own references. Raises 404 for those of somebody else."""
        partner = f"municipality:{caller.municipality}"
        case, measure = self.references.open(partner, body.case), self.references.open(partner, body.measure)
        if case is None or measure is None:
            raise refused(caller)
        return case, measure

    async def town(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> list[dict[str, Any]]:
        """Does it and shows what the municipality may see of the case."""
        return queries.advice(await self.act(case, command, caller, once, purpose), self.references, self.today())

    async def carry_out(
        self, act: CarryingOut, body: OneBody, caller: Caller, once: Once, reason: str = ""
    ) -> list[dict[str, Any]]:
        """The municipality says yes, no with a reason, or that it is done. Raises 404 for what is not its own."""
        (case, measure), town, now = self.opened(body, caller), caller.municipality, self.now()
        command: object
        match act:
            case CarryingOut.ACCEPTED:
                command = commands.Accept(measure, town, now)
            case CarryingOut.DECLINED:
                command = commands.Decline(measure, town, reason, now)
            case CarryingOut.IMPLEMENTED:
                command = commands.ReportImplemented(measure, town, now)
        return await self.town(case, command, caller, once, act.value)

    async def advised(self, caller: Caller, page: Page, since: Since) -> list[dict[str, Any]]:
        """A page of what was advised to the caller's municipality, for the caller's own cases, the newest first."""
        scope = await self.admission.scope(caller)
        found = page.cut(await queries.advice_of(self.cases, scope, skip=page.skip, limit=page.fetch))
        note_rows(one.case for one in found)
        rows = [
            (one.case, row | self.cases.marks(self.cases.id_for(one.case)))
            for one in found
            for row in queries.advice(one, self.references, self.today())
        ]
        return await since.mark(self.cases, rows, f"municipality:{caller.municipality}")

    async def unfollowed(self, caller: Caller, page: Page) -> list[dict[str, Any]]:
        """A page of advice in the caller's unit that was declined or not answered, the longest waiting first."""
        scope = await self.admission.scope(caller)
        rows = page.cut(await queries.not_followed_up(self.cases, scope, skip=page.skip, limit=page.fetch))
        note_rows(row["case"] for row in rows)
        return rows

    async def due(self, caller: Caller, page: Page) -> list[dict[str, Any]]:
        """A page of measures in the caller's unit that a human must look at again, the longest due first."""
        scope = await self.admission.scope(caller)
        rows = page.cut(await queries.reviews_due(self.cases, scope, skip=page.skip, limit=page.fetch))
        note_rows(row["case"] for row in rows)
        return rows

    async def advise(self, case: str, body: AdviceBody, caller: Caller, once: Once) -> dict[str, Any]:
        """Police or OM advise measures to the person or the municipality."""
        terms, now = self.terms(), self.now()
        acute = any(line.urgency is Urgency.ACUTE for line in body.lines)
        lines = tuple(
            Measure(
                self.cases.id_for("measure", case, caller.actor, once.key, str(number)),
                line.type, line.place, line.above_pkvw, line.addressee, line.urgency,
                executor=line.executor or Executor(line.addressee),
            )
            for number, line in enumerate(body.lines)
        )  # fmt: skip
        answer = commands.AnswerTerms(*(terms.answer_within(one, now) for one in (Urgency.ACUTE, Urgency.OTHER)))
        review_after = terms.review_acute_after if acute else terms.review_after
        command = commands.AdviseMeasures(lines, now, answer, review_after)
        return await self.police(case, command, caller, once, "advice")

    async def take(self, case: str, body: StateMeasuresBody, caller: Caller, once: Once) -> dict[str, Any]:
        """What police or OM take themselves."""
        now, terms = self.now(), self.terms()
        taken = tuple(
            StateMeasure(
                self.cases.id_for("state-measure", case, caller.actor, once.key, str(number)),
                one.type, one.place, one.executor, one.reason, one.taken_at or now, now,
                lighter=one.lighter_insufficient, told=one.told,
            )
            for number, one in enumerate(body.measures)
        )  # fmt: skip
        review_after = terms.review_acute_after if body.acute else terms.review_after
        command = commands.TakeStateMeasures(
            taken, body.acute, now, terms.state_measures, terms.last_resort, review_after, terms.confirm_within
        )
        return await self.police(case, command, caller, once, "state measures")

    async def confirm(self, case: str, caller: Caller, once: Once) -> dict[str, Any]:
        """The HOvJ confirms what police did in acute danger."""
        command = commands.ConfirmStateMeasures(caller.actor, self.now())
        return await self.police(case, command, caller, once, "confirmation")

    async def review(self, case: str, body: ReviewBody | None, caller: Caller, once: Once) -> dict[str, Any]:
        """Looked at again; the measures stay."""
        usual = self.terms().review_after
        chosen = timedelta(days=body.next_days) if body and body.next_days else usual
        command = commands.ReviewMeasures(self.now(), min(usual, chosen))
        return await self.police(case, command, caller, once, "review")

    async def announce(self, case: str, body: AnnouncementBody, caller: Caller, once: Once) -> dict[str, Any]:
        """The person was told when the measures end."""
        command = commands.AnnounceScaleDown(body.ends_at, self.now(), self.terms().notice, body.measures)
        return await self.police(case, command, caller, once, "announcement")

    async def scale_down(self, case: str, body: ScaleDownBody, caller: Caller, once: Once) -> dict[str, Any]:
        """Ends measures, announced before, with a reason."""
        command = commands.ScaleDown(body.reason, self.now(), body.measures)
        return await self.police(case, command, caller, once, "scale-down")
