"""What routes and pages of measures share: who may, letting in, acting, and what is shown."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends

from services.assessment.measures import commands, queries
from services.assessment.measures.bodies import OneBody
from services.assessment.measures.policy import Terms, terms_on
from services.assessment.measures.record import Measures
from shared.access.admission import Admission, note_rows, refused
from shared.access.matrix import DataClass
from shared.access.relations import Relation
from shared.access.roles import Caller, Role, calls_as
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
