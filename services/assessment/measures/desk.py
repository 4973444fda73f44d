"""What routes and pages of measures share: who may, letting in, acting, and what is shown."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Awaitable, Callable
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
from shared.web.narrowing import EVERYTHING, MOST, Asked, Fetch, Found, Way, by_town, fetched, narrow
from shared.web.paging import Page

Authority = Annotated[Caller, Depends(calls_as(Role.RCCB, Role.HOVJ))]
Hovj = Annotated[Caller, Depends(calls_as(Role.HOVJ))]
Municipal = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]
Person = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER))]
Search = Callable[..., Awaitable[list[dict[str, Any]]]]
"""A list of police and OM in `queries`."""


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

    async def advised(
        self, caller: Caller, page: Page, since: Since, asked: Asked = EVERYTHING
    ) -> list[dict[str, Any]]:
        """A page of what was advised to the caller's municipality, for the caller's own cases, the newest first.

        `asked`: only these lines, and no case without any of them; a page is so many cases.
        """
        scope = await self.admission.scope(caller)
        if asked.narrows:
            known = await queries.advice_of(self.cases, scope, skip=0, limit=MOST)
            found = [one for one in known if self._lines(one, asked)][page.skip : page.skip + page.fetch]
        else:
            found = await queries.advice_of(self.cases, scope, skip=page.skip, limit=page.fetch)
        found = page.cut(found)
        note_rows(one.case for one in found)
        rows = [(one.case, line) for one in found for line in self._lines(one, asked)]
        return await since.mark(self.cases, rows, f"municipality:{caller.municipality}")

    async def advised_now(self, caller: Caller, asked: Asked) -> Found:
        """The same with counts: what waits for an answer first, by its term."""
        scope = await self.admission.scope(caller)
        known = await queries.advice_of(self.cases, scope, skip=0, limit=MOST + 1)
        rows = [line for one in known for line in self._lines(one, EVERYTHING)]
        rows.sort(key=lambda row: (row["state"] != "advised", str(row["answer_before"] or "")))
        found = narrow(rows, queries.ADVICE_WAYS, asked)
        shown = {row["case"] for row in found.rows}
        note_rows(
            one.case for one in known if self.references.seal(f"municipality:{one.municipality}", one.case) in shown
        )
        return found

    def _lines(self, one: Measures, asked: Asked) -> list[dict[str, Any]]:
        marks = self.cases.marks(self.cases.id_for(one.case))
        rows = [row | marks for row in queries.advice(one, self.references, self.today())]
        return [row for row in rows if asked.wants(row, queries.ADVICE_WAYS)]

    async def unfollowed(self, caller: Caller, page: Page, asked: Asked = EVERYTHING) -> list[dict[str, Any]]:
        """A page of advice in the caller's unit that was declined or not answered, the longest waiting first."""
        return await self._page(await self._waiting(caller, queries.not_followed_up), page, asked)

    async def due(self, caller: Caller, page: Page, asked: Asked = EVERYTHING) -> list[dict[str, Any]]:
        """A page of measures in the caller's unit that a human must look at again, the longest due first."""
        return await self._page(await self._waiting(caller, queries.reviews_due), page, asked)

    async def both(self, caller: Caller, asked: Asked) -> tuple[Found, Found]:
        """What must be looked at again, and what is not followed, with counts."""
        ways = self.ways()
        lists = (await self._waiting(caller, queries.reviews_due), await self._waiting(caller, queries.not_followed_up))
        due, unfollowed = [narrow(await fetch(0, MOST + 1), ways, asked) for fetch in lists]
        note_rows(row["case"] for found in (due, unfollowed) for row in found.rows)
        return due, unfollowed

    def ways(self) -> tuple[Way, ...]:
        """How the lists of police and OM are narrowed."""
        return (by_town(self.towns()),)

    def towns(self) -> dict[str, str]:
        """The name of each municipality, by its code."""
        return dict(self.admission.organisations.towns())

    async def _waiting(self, caller: Caller, search: Search) -> Fetch:
        scope = await self.admission.scope(caller)

        async def fetch(skip: int, limit: int) -> list[dict[str, Any]]:
            return await search(self.cases, scope, skip=skip, limit=limit)

        return fetch

    async def _page(self, fetch: Fetch, page: Page, asked: Asked) -> list[dict[str, Any]]:
        rows = page.cut(await fetched(fetch, page, self.ways(), asked))
        note_rows(row["case"] for row in rows)
        return rows

    async def beginning_with(self, start: str, caller: Caller) -> str | None:
        """The one case of the caller's unit whose reference begins so; None when there is none, or more than one."""
        found = await queries.beginning_with(self.cases, start, await self.admission.scope(caller))
        return found[0] if len(found) == 1 else None

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
