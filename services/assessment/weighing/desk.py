"""What routes and pages of weighing share: who may, letting in, acting, and what is shown."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException
from fastapi.exceptions import RequestValidationError

from services.assessment.weighing import commands, queries
from services.assessment.weighing.bodies import (
    AuthorityBody,
    DecisionBody,
    FirstWeighingBody,
    InterpretationBody,
    ProductBody,
    ReopenBody,
)
from services.assessment.weighing.policy import Terms, authorities_on, terms_on
from services.assessment.weighing.record import Step, Weighing
from shared.access.admission import Admission, note_rows, refused
from shared.access.roles import Caller, Role, calls_as
from shared.runtime.cases import Act, Cases
from shared.web.http import Once
from shared.web.narrowing import MOST, Asked, Fetch, Found, fetched, narrow
from shared.web.paging import Page

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
Rccb = Annotated[Caller, Depends(calls_as(Role.RCCB))]
Hovj = Annotated[Caller, Depends(calls_as(Role.HOVJ))]
Both = Annotated[Caller, Depends(calls_as(Role.RCCB, Role.HOVJ))]
Steps = tuple[Step, ...]


class Desk:
    """Looks up, acts, and shows."""

    def __init__(self, cases: Cases[Weighing], admission: Admission) -> None:
        self.cases, self.admission = cases, admission

    def now(self) -> datetime:
        """UTC."""
        return self.cases.clock.now()

    def terms(self) -> Terms:
        """Those of today."""
        return terms_on(self.now().date())

    def circular(self, decided_at: datetime) -> str:
        """The rule text at the moment of the decision. Raises 400 when we know none of that time."""
        try:
            return terms_on(decided_at.date()).circular
        except LookupError as error:
            wrong = {
                "type": "value_error",
                "loc": ("body", "decided_at"),
                "msg": "Van die tijd zijn geen regels bekend.",
            }
            raise RequestValidationError([wrong]) from error

    async def known(self, weighing: str, caller: Caller) -> Weighing:
        """The weighing, if it is there for this caller. Raises 404."""
        state = await self.cases.load(weighing)
        if state is None:
            raise refused(caller)
        await self.admission.admit(caller, state.case, queries.known(state))
        return state

    async def act(self, weighing: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """Does it and shows the outcome."""
        await self.known(weighing, caller)
        handled, act = once.handled(caller), Act(caller.actor, purpose)
        return await self.shown(weighing, await self.cases.update(weighing, command, handled=handled, act=act), caller)

    async def shown(self, weighing: str, state: Weighing, caller: Caller) -> dict[str, Any]:
        """All of it, with the person's other cases."""
        earlier = await queries.earlier_of(self.cases, weighing, state, await self.admission.never(caller))
        return queries.view(weighing, state, self.now().date(), earlier)

    async def waiting(self, caller: Caller, page: Page, steps: Steps, asked: Asked) -> list[dict[str, Any]]:
        """A page of what waits in the caller's unit and is asked for."""
        fetch = await self._waiting(caller, steps)
        rows = page.cut(await fetched(fetch, page, queries.WAYS, asked))
        note_rows(row["case"] for row in rows)
        return rows

    async def narrowed(self, caller: Caller, steps: Steps, asked: Asked) -> Found:
        """The same, with counts."""
        fetch = await self._waiting(caller, steps)
        found = narrow(await fetch(0, MOST + 1), queries.WAYS, asked)
        note_rows(row["case"] for row in found.rows)
        return found

    async def _waiting(self, caller: Caller, steps: Steps) -> Fetch:
        scope, today = await self.admission.scope(caller), self.now().date()

        async def fetch(skip: int, limit: int) -> list[dict[str, Any]]:
            return await queries.waiting(self.cases, scope, today, skip=skip, limit=limit, steps=steps)

        return fetch

    async def beginning_with(self, start: str, caller: Caller) -> str | None:
        """The one weighing of the caller's unit of a case whose reference begins so; None for none, or more."""
        found = await queries.beginning_with(self.cases, start, await self.admission.scope(caller))
        return found[0][0] if len(found) == 1 else None

    async def first_weighing(
        self, weighing: str, body: FirstWeighingBody, caller: Caller, once: Once
    ) -> dict[str, Any]:
        """RCCB concludes the first weighing. Raises 400 for a time of which no rules are known."""
        now = self.now()
        decided = body.decided_at or now
        command = commands.ConcludeFirstWeighing(
            body.qualifies, body.target, body.reason, caller.actor, decided, now, threat=body.threat, risk=body.risk,
            marks=body.marks.marks(), rule_version=self.circular(decided),
        )  # fmt: skip
        return await self.act(weighing, command, caller, once, "first weighing")

    async def authority(self, weighing: str, body: AuthorityBody, caller: Caller, once: Once) -> dict[str, Any]:
        """Who decides about an object or service, and why they."""
        first = (await self.known(weighing, caller)).first_weighing
        may = authorities_on(self.now().date(), first.target) if first else ()
        command = commands.ChooseAuthority(body.authority, body.reason, caller.actor, self.now(), may)
        return await self.act(weighing, command, caller, once, "authority")

    async def decision(self, weighing: str, body: DecisionBody, caller: Caller, once: Once) -> dict[str, Any]:
        """The HOvJ decides, or a colleague records an oral decision. Raises 403 for who may not decide."""
        if caller.role is not Role.HOVJ and body.on_behalf_of is None:
            raise HTTPException(403, "De officier beslist. Legt u een mondelinge beslissing vast? Noem namens wie.")
        now, oral = self.now(), None
        if body.on_behalf_of is not None:
            oral = commands.Oral(body.on_behalf_of, caller.actor, self.terms().confirm_within)
        decided = body.decided_at or now
        who = (body.decided_by or body.on_behalf_of or "") if oral else caller.actor
        command = commands.DecideOnMeasures(
            body.measures_needed, body.level, body.reason, str(who), decided, now, self.circular(decided), oral
        )
        return await self.act(weighing, command, caller, once, "decision")

    async def confirmation(self, weighing: str, caller: Caller, once: Once) -> dict[str, Any]:
        """An oral decision is confirmed, by who did not record it."""
        command = commands.ConfirmDecision(caller.actor, caller.role is Role.HOVJ, self.now())
        return await self.act(weighing, command, caller, once, "confirmation")

    async def reopen(self, weighing: str, body: ReopenBody, caller: Caller, once: Once) -> dict[str, Any]:
        """Weigh the case anew; what was concluded stays."""
        within = self.terms().weigh_within((await self.known(weighing, caller)).urgency)
        command = commands.Reopen(body.reason, body.words, caller.actor, self.now(), within)
        return await self.act(weighing, command, caller, once, "reopening")

    async def order(self, weighing: str, body: InterpretationBody, caller: Caller, once: Once) -> dict[str, Any]:
        """The HOvJ orders a closer interpretation."""
        within = self.terms().analysis_within((await self.known(weighing, caller)).urgency)
        command = commands.OrderInterpretation(body.reason, caller.actor, self.now(), within)
        return await self.act(weighing, command, caller, once, "interpretation")

    async def product(self, weighing: str, body: ProductBody, caller: Caller, once: Once) -> dict[str, Any]:
        """The analysis is in: kind, reference, date."""
        now = self.now()
        command = commands.RecordThreatProduct(
            body.kind, body.reference, body.dated_on, caller.actor, now, now.astimezone(AMSTERDAM).date(),
            body.marks.marks(),
        )  # fmt: skip
        return await self.act(weighing, command, caller, once, "threat product")
