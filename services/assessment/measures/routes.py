"""HTTP of measures: police and OM advise and take, the municipality carries out, the person reads and answers."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, Field

from services.assessment.measures import commands, queries
from services.assessment.measures.policy import Terms, terms_on
from services.assessment.measures.record import Measure, Measures, StateMeasure
from shared.access.admission import Admission, note_rows, refused
from shared.access.matrix import DataClass
from shared.access.relations import Relation
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.vocabulary import Addressee, Executor, MeasureType, Place, Urgency
from shared.runtime.cases import Act, Cases
from shared.web.changed import ChangedSince
from shared.web.http import Body, Keyed, Once
from shared.web.paging import Paged

Authority = Annotated[Caller, Depends(calls_as(Role.RCCB, Role.HOVJ))]
Hovj = Annotated[Caller, Depends(calls_as(Role.HOVJ))]
Municipal = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]
Person = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER))]
Reason = Annotated[str, Field(min_length=1, max_length=5_000, description="Why. Stays with police and OM.")]
Reference = Annotated[str, Field(min_length=1, max_length=400)]
Chosen = Annotated[tuple[Reference, ...], Field(max_length=100, description="Which; without: all that run.")]


class LineBody(Body):
    """One advised measure. Without `executor`: the addressee carries it out."""

    type: MeasureType
    place: Place
    above_pkvw: bool = Field(description="Above the level of the police label for safe living (PKVW).")
    addressee: Addressee
    urgency: Urgency = Urgency.OTHER
    executor: Executor | None = None


class AdviceBody(Body):
    """Advice of police or OM; at least one measure."""

    lines: list[LineBody] = Field(min_length=1, max_length=50)


class StateMeasureBody(Body):
    """A measure that police or OM take themselves. The last resort asks why lighter means do not suffice."""

    type: MeasureType
    place: Place
    executor: Executor = Executor.POLICE
    reason: Reason
    lighter_insufficient: str = Field("", max_length=5_000, description="Why lighter means do not suffice.")
    told: bool = Field(True, description="Whether the person may know of it.")
    taken_at: AwareDatetime | None = Field(None, description="Without it: now.")


class StateMeasuresBody(Body):
    """What was taken. `acute`: done already in acute danger, to be confirmed later."""

    measures: list[StateMeasureBody] = Field(min_length=1, max_length=20)
    acute: bool = False


class ReviewBody(Body):
    """When to look again, sooner than usual."""

    next_days: int | None = Field(None, ge=1, le=30)


class AnnouncementBody(Body):
    """When the measures end, as the person was told."""

    ends_at: AwareDatetime
    measures: Chosen = ()


class ScaleDownBody(Body):
    """Why the measures end."""

    reason: Reason
    measures: Chosen = ()


class OneBody(Body):
    """Which measure: the reference from the topic or the list, and the case's reference."""

    case: Reference
    measure: Reference


class DeclineBody(OneBody):
    """Which measure will not be carried out, and why."""

    reason: Reason


class OwnBody(Body):
    """Which of the person's own measures."""

    measure: Reference


class OwnDeclineBody(OwnBody):
    """The person need not say why."""

    reason: str = Field("", max_length=5_000)


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


def routes(cases: Cases[Measures], admission: Admission) -> APIRouter:
    """The routes, on these cases."""
    router, desk = admission.router("assessment.measures", tags=["measures"]), Desk(cases, admission)
    _add_lists(router, desk)
    _add_advising(router, desk)
    _add_taking(router, desk)
    _add_review(router, desk)
    _add_carrying_out(router, desk)
    _add_own(router, desk)
    return router


def _add_lists(router: APIRouter, desk: Desk) -> None:
    @router.get("/unfollowed-advice", summary="Advice that was declined or not answered; longest waiting first")
    async def unfollowed(caller: Authority, page: Paged) -> list[dict[str, Any]]:
        scope = await desk.admission.scope(caller)
        rows = page.cut(await queries.not_followed_up(desk.cases, scope, skip=page.skip, limit=page.fetch))
        note_rows(row["case"] for row in rows)
        return rows

    @router.get("/due-reviews", summary="Measures that a human must look at again; longest due first")
    async def due(caller: Authority, page: Paged) -> list[dict[str, Any]]:
        scope = await desk.admission.scope(caller)
        rows = page.cut(await queries.reviews_due(desk.cases, scope, skip=page.skip, limit=page.fetch))
        note_rows(row["case"] for row in rows)
        return rows

    @router.get("/measures/{case}", summary="The measures of a case")
    async def read(case: str, caller: Authority) -> dict[str, Any]:
        return queries.view(await desk.known(case, caller))


def _add_advising(router: APIRouter, desk: Desk) -> None:
    @router.post("/measures/{case}/advice", summary="Advise measures to the person or the municipality")
    async def advise(case: str, body: AdviceBody, caller: Authority, once: Keyed) -> dict[str, Any]:
        terms, now = desk.terms(), desk.now()
        acute = any(line.urgency is Urgency.ACUTE for line in body.lines)
        lines = tuple(
            Measure(
                desk.cases.id_for("measure", case, caller.actor, once.key, str(number)),
                line.type, line.place, line.above_pkvw, line.addressee, line.urgency,
                executor=line.executor or Executor(line.addressee),
            )
            for number, line in enumerate(body.lines)
        )  # fmt: skip
        answer = commands.AnswerTerms(*(terms.answer_within(one, now) for one in (Urgency.ACUTE, Urgency.OTHER)))
        review_after = terms.review_acute_after if acute else terms.review_after
        command = commands.AdviseMeasures(lines, now, answer, review_after)
        return await desk.police(case, command, caller, once, "advice")


def _add_taking(router: APIRouter, desk: Desk) -> None:
    @router.post("/measures/{case}/state-measures", summary="Record what police or OM take themselves")
    async def take(case: str, body: StateMeasuresBody, caller: Authority, once: Keyed) -> dict[str, Any]:
        now, terms = desk.now(), desk.terms()
        taken = tuple(
            StateMeasure(
                desk.cases.id_for("state-measure", case, caller.actor, once.key, str(number)),
                one.type, one.place, one.executor, one.reason, one.taken_at or now, now,
                lighter=one.lighter_insufficient, told=one.told,
            )
            for number, one in enumerate(body.measures)
        )  # fmt: skip
        review_after = terms.review_acute_after if body.acute else terms.review_after
        command = commands.TakeStateMeasures(
            taken, body.acute, now, terms.state_measures, terms.last_resort, review_after, terms.confirm_within
        )
        return await desk.police(case, command, caller, once, "state measures")

    @router.post("/measures/{case}/confirmation", summary="The HOvJ confirms what police did in acute danger")
    async def confirm(case: str, caller: Hovj, once: Keyed) -> dict[str, Any]:
        command = commands.ConfirmStateMeasures(caller.actor, desk.now())
        return await desk.police(case, command, caller, once, "confirmation")


def _add_review(router: APIRouter, desk: Desk) -> None:
    @router.post("/measures/{case}/review", summary="Looked at again; the measures stay")
    async def review(case: str, caller: Authority, once: Keyed, body: ReviewBody | None = None) -> dict[str, Any]:
        usual = desk.terms().review_after
        chosen = timedelta(days=body.next_days) if body and body.next_days else usual
        command = commands.ReviewMeasures(desk.now(), min(usual, chosen))
        return await desk.police(case, command, caller, once, "review")

    @router.post("/measures/{case}/announcement", summary="The person was told when the measures end")
    async def announce(case: str, body: AnnouncementBody, caller: Authority, once: Keyed) -> dict[str, Any]:
        notice = desk.terms().notice
        command = commands.AnnounceScaleDown(body.ends_at, desk.now(), notice, body.measures)
        return await desk.police(case, command, caller, once, "announcement")

    @router.post("/measures/{case}/scale-down", summary="End the measures, announced before, with a reason")
    async def scale_down(case: str, body: ScaleDownBody, caller: Authority, once: Keyed) -> dict[str, Any]:
        command = commands.ScaleDown(body.reason, desk.now(), body.measures)
        return await desk.police(case, command, caller, once, "scale-down")


def _add_carrying_out(router: APIRouter, desk: Desk) -> None:
    @router.get("/advice", summary="What was advised to this municipality; the newest case first")
    async def advice(caller: Municipal, page: Paged, since: ChangedSince) -> list[dict[str, Any]]:
        scope = await desk.admission.scope(caller)
        found = page.cut(await queries.advice_of(desk.cases, scope, skip=page.skip, limit=page.fetch))
        note_rows(one.case for one in found)
        rows = [(one.case, row) for one in found for row in queries.advice(one, desk.references, desk.today())]
        return await since.mark(desk.cases, rows, f"municipality:{caller.municipality}")

    @router.post("/advice/accepted", summary="The municipality will carry out a measure")
    async def accepted(body: OneBody, caller: Municipal, once: Keyed) -> list[dict[str, Any]]:
        case, measure = desk.opened(body, caller)
        command = commands.Accept(measure, caller.municipality, desk.now())
        return await desk.town(case, command, caller, once, "accepted")

    @router.post("/advice/declined", summary="The municipality will not carry out a measure, and says why")
    async def declined(body: DeclineBody, caller: Municipal, once: Keyed) -> list[dict[str, Any]]:
        case, measure = desk.opened(body, caller)
        command = commands.Decline(measure, caller.municipality, body.reason, desk.now())
        return await desk.town(case, command, caller, once, "declined")

    @router.post("/advice/implemented", summary="The municipality carried out a measure")
    async def implemented(body: OneBody, caller: Municipal, once: Keyed) -> list[dict[str, Any]]:
        case, measure = desk.opened(body, caller)
        command = commands.ReportImplemented(measure, caller.municipality, desk.now())
        return await desk.town(case, command, caller, once, "implemented")


def _add_own(router: APIRouter, desk: Desk) -> None:
    @router.get("/my-measures/{case}", summary="What the person may know of the measures")
    async def read(case: str, caller: Person) -> dict[str, Any]:
        return await desk.own(await desk.known(case, caller), caller)

    async def act(case: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        return await desk.own(await desk.act(case, command, caller, once, purpose), caller)

    @router.post("/my-measures/{case}/accepted", summary="The person will do it")
    async def accepted(case: str, body: OwnBody, caller: Person, once: Keyed) -> dict[str, Any]:
        return await act(case, commands.Accept(body.measure, None, desk.now()), caller, once, "accepted")

    @router.post("/my-measures/{case}/declined", summary="The person will not do it; no reason needed")
    async def declined(case: str, body: OwnDeclineBody, caller: Person, once: Keyed) -> dict[str, Any]:
        command = commands.Decline(body.measure, None, body.reason, desk.now())
        return await act(case, command, caller, once, "declined")

    @router.post("/my-measures/{case}/implemented", summary="The person did it")
    async def implemented(case: str, body: OwnBody, caller: Person, once: Keyed) -> dict[str, Any]:
        return await act(case, commands.ReportImplemented(body.measure, None, desk.now()), caller, once, "implemented")
