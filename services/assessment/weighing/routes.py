"""HTTP of weighing: for RCCB and the HOvJ."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, Field

from services.assessment.weighing import commands, queries
from services.assessment.weighing.policy import Terms, authorities_on, terms_on
from services.assessment.weighing.record import Mark, Marks, Step, Weighing
from shared.access.admission import Admission, note_rows, refused
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.vocabulary import Authority, LevelClass, ReopenReason, TargetType, ThreatProduct
from shared.runtime.cases import Act, Cases
from shared.web.http import Body, Keyed, Once
from shared.web.paging import Page, Paged

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
Rccb = Annotated[Caller, Depends(calls_as(Role.RCCB))]
Hovj = Annotated[Caller, Depends(calls_as(Role.HOVJ))]
Both = Annotated[Caller, Depends(calls_as(Role.RCCB, Role.HOVJ))]
Reason = Annotated[str, Field(min_length=1, max_length=20_000, description="Why. Stays with police and OM.")]
DecidedAt = Annotated[AwareDatetime | None, Field(description="When it was decided; without it: now.")]


class MarksBody(Body):
    """Marks of an assessor, each optional. They lead to a suggestion beside the choice, never to a level."""

    severity: Mark | None = None
    likelihood: Mark | None = None
    resistance: Mark | None = Field(None, description="How well person and employer can resist it.")

    def marks(self) -> Marks:
        """As the domain knows them."""
        return Marks(self.severity, self.likelihood, self.resistance)


class FirstWeighingBody(Body):
    """RCCB's conclusion, with what is known of threat and of risk apart (R-SBB-02, R-SBB-16)."""

    qualifies: bool
    target: TargetType
    reason: Reason
    threat: str = Field("", max_length=20_000, description="What is known of the threat.")
    risk: str = Field("", max_length=20_000, description="What is known of the risk.")
    marks: MarksBody = MarksBody()
    decided_at: DecidedAt = None


class DecisionBody(Body):
    """The decision. A colleague who writes down an oral one says on whose behalf, and if known by which account."""

    measures_needed: bool
    level: LevelClass = Field(description="Chosen by who decides, never computed.")
    reason: Reason
    decided_at: DecidedAt = None
    on_behalf_of: Authority | None = Field(None, description="Oral decision: who took it.")
    decided_by: str | None = Field(None, pattern=r"^[a-z0-9-]{1,40}$", description="Oral: account id, no name.")


class AuthorityBody(Body):
    """Who decides about an object or service, and why they."""

    authority: Authority
    reason: Reason


class InterpretationBody(Body):
    """What the HOvJ wants to know."""

    reason: Reason


class ProductBody(Body):
    """An analysis: kind, reference and date. Its content stays where it was made."""

    kind: ThreatProduct
    reference: str = Field(min_length=1, max_length=100, description="Number of the analysis with its maker.")
    dated_on: date
    marks: MarksBody = MarksBody()


class ReopenBody(Body):
    """Why the case is weighed anew."""

    reason: ReopenReason
    words: str = Field(min_length=1, max_length=20_000)


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

    async def waiting(self, caller: Caller, page: Page, steps: tuple[Step, ...]) -> list[dict[str, Any]]:
        """A page of what waits in the caller's unit."""
        scope, today = await self.admission.scope(caller), self.now().date()
        found = await queries.waiting(self.cases, scope, today, skip=page.skip, limit=page.fetch, steps=steps)
        rows = page.cut(found)
        note_rows(row["case"] for row in rows)
        return rows


def routes(cases: Cases[Weighing], admission: Admission) -> APIRouter:
    """The routes, on these cases."""
    router, desk = admission.router("assessment.weighing", tags=["weighings"]), Desk(cases, admission)
    _add_reading(router, desk)
    _add_weighing(router, desk)
    _add_deciding(router, desk)
    _add_interpreting(router, desk)
    return router


def _add_reading(router: APIRouter, desk: Desk) -> None:
    @router.get("/weighings", summary="What waits for weighing, choice, decision or confirmation; acute and due first")
    async def waiting(caller: Both, page: Paged) -> list[dict[str, Any]]:
        return await desk.waiting(caller, page, tuple(Step))

    @router.get("/decisions", summary="What waits for the HOvJ; acute and due first")
    async def decisions(caller: Hovj, page: Paged) -> list[dict[str, Any]]:
        return await desk.waiting(caller, page, queries.HOVJ_STEPS)

    @router.get("/weighings/{weighing}", summary="One weighing, with the person's earlier cases")
    async def read(weighing: str, caller: Both) -> dict[str, Any]:
        return await desk.shown(weighing, await desk.known(weighing, caller), caller)


def _add_weighing(router: APIRouter, desk: Desk) -> None:
    @router.post("/weighings/{weighing}/first-weighing", summary="RCCB concludes the first weighing")
    async def first_weighing(weighing: str, body: FirstWeighingBody, caller: Rccb, once: Keyed) -> dict[str, Any]:
        now = desk.now()
        decided = body.decided_at or now
        command = commands.ConcludeFirstWeighing(
            body.qualifies, body.target, body.reason, caller.actor, decided, now, threat=body.threat, risk=body.risk,
            marks=body.marks.marks(), rule_version=desk.circular(decided),
        )  # fmt: skip
        return await desk.act(weighing, command, caller, once, "first weighing")

    @router.post("/weighings/{weighing}/reopening", summary="Weigh the case anew; what was concluded stays")
    async def reopen(weighing: str, body: ReopenBody, caller: Both, once: Keyed) -> dict[str, Any]:
        within = desk.terms().weigh_within((await desk.known(weighing, caller)).urgency)
        command = commands.Reopen(body.reason, body.words, caller.actor, desk.now(), within)
        return await desk.act(weighing, command, caller, once, "reopening")


def _add_deciding(router: APIRouter, desk: Desk) -> None:
    @router.post("/weighings/{weighing}/authority", summary="Note who decides about an object or service, and why")
    async def authority(weighing: str, body: AuthorityBody, caller: Both, once: Keyed) -> dict[str, Any]:
        first = (await desk.known(weighing, caller)).first_weighing
        may = authorities_on(desk.now().date(), first.target) if first else ()
        command = commands.ChooseAuthority(body.authority, body.reason, caller.actor, desk.now(), may)
        return await desk.act(weighing, command, caller, once, "authority")

    @router.post("/weighings/{weighing}/decision", summary="The HOvJ decides, or a colleague records an oral decision")
    async def decision(weighing: str, body: DecisionBody, caller: Both, once: Keyed) -> dict[str, Any]:
        if caller.role is not Role.HOVJ and body.on_behalf_of is None:
            raise HTTPException(403, "De officier beslist. Legt u een mondelinge beslissing vast? Noem namens wie.")
        now, oral = desk.now(), None
        if body.on_behalf_of is not None:
            oral = commands.Oral(body.on_behalf_of, caller.actor, desk.terms().confirm_within)
        decided = body.decided_at or now
        who = (body.decided_by or body.on_behalf_of or "") if oral else caller.actor
        command = commands.DecideOnMeasures(
            body.measures_needed, body.level, body.reason, str(who), decided, now, desk.circular(decided), oral
        )
        return await desk.act(weighing, command, caller, once, "decision")

    @router.post(
        "/weighings/{weighing}/confirmation", summary="An oral decision is confirmed, by who did not record it"
    )
    async def confirmation(weighing: str, caller: Both, once: Keyed) -> dict[str, Any]:
        command = commands.ConfirmDecision(caller.actor, caller.role is Role.HOVJ, desk.now())
        return await desk.act(weighing, command, caller, once, "confirmation")


def _add_interpreting(router: APIRouter, desk: Desk) -> None:
    @router.post("/weighings/{weighing}/interpretations", summary="The HOvJ orders a closer interpretation")
    async def order(weighing: str, body: InterpretationBody, caller: Hovj, once: Keyed) -> dict[str, Any]:
        within = desk.terms().analysis_within((await desk.known(weighing, caller)).urgency)
        command = commands.OrderInterpretation(body.reason, caller.actor, desk.now(), within)
        return await desk.act(weighing, command, caller, once, "interpretation")

    @router.post("/weighings/{weighing}/threat-products", summary="The analysis is in: kind, reference, date")
    async def product(weighing: str, body: ProductBody, caller: Both, once: Keyed) -> dict[str, Any]:
        now = desk.now()
        command = commands.RecordThreatProduct(
            body.kind, body.reference, body.dated_on, caller.actor, now, now.astimezone(AMSTERDAM).date(),
            body.marks.marks(),
        )  # fmt: skip
        return await desk.act(weighing, command, caller, once, "threat product")
