"""HTTP of measures: police and OM advise, the municipality carries out."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import Field

from services.assessment.measures import queries
from services.assessment.measures.domain import (
    AdviseMeasures,
    Measure,
    Measures,
    ReportImplemented,
    ReviewMeasures,
    ScaleDown,
)
from services.assessment.measures.policy import terms_on
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.vocabulary import Addressee, MeasureType, Place, Urgency
from shared.privacy.references import References
from shared.runtime.cases import Act, Cases
from shared.web.http import Body, Keyed, Once

Authority = Annotated[Caller, Depends(calls_as(Role.POLICE, Role.RCCB, Role.HOVJ))]
Municipal = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]


class LineBody(Body):
    """One advised measure."""

    type: MeasureType
    place: Place
    above_pkvw: bool
    addressee: Addressee
    urgency: Urgency = Urgency.OTHER


class AdviceBody(Body):
    """Advice of police or OM; at least one measure."""

    lines: list[LineBody] = Field(min_length=1, max_length=50)


class ScaleDownBody(Body):
    """Why the measures end."""

    reason: str = Field(min_length=1, max_length=5_000)


class ImplementedBody(Body):
    """Which measure was carried out: the reference from the topic or the list, and the case's reference."""

    case: str
    measure: str


def routes(cases: Cases[Measures], references: References) -> APIRouter:
    """The routes, on these cases."""
    router = APIRouter(tags=["measures"])
    _add_advising(router, cases)
    _add_review(router, cases)
    _add_carrying_out(router, cases, references)
    return router


async def _act(
    cases: Cases[Measures], case: str, command: object, caller: Caller, once: Once, purpose: str
) -> dict[str, Any]:
    handled, act = once.handled(caller), Act(caller.actor, purpose)
    return queries.view(await cases.update(cases.id_for(case), command, handled=handled, act=act))


def _add_advising(router: APIRouter, cases: Cases[Measures]) -> None:
    @router.get("/measures/{case}", summary="The measures of a case")
    async def read(case: str, caller: Authority) -> dict[str, Any]:
        state = await cases.load(cases.id_for(case))
        if state is None:
            raise HTTPException(404, "Deze zaak is niet bekend.")
        return queries.view(state)

    @router.post("/measures/{case}/advice", summary="Advise measures to the person or the municipality")
    async def advise(case: str, body: AdviceBody, caller: Authority, once: Keyed) -> dict[str, Any]:
        now = cases.clock.now()
        terms = terms_on(now.date())
        acute = any(line.urgency is Urgency.ACUTE for line in body.lines)
        lines = tuple(
            Measure(
                cases.id_for("measure", case, caller.actor, once.key, str(number)),
                line.type, line.place, line.above_pkvw, line.addressee, line.urgency,
            )
            for number, line in enumerate(body.lines)
        )  # fmt: skip
        within = terms.answer_within(Urgency.ACUTE if acute else Urgency.OTHER)
        return await _act(cases, case, AdviseMeasures(lines, now, within, terms.review_after), caller, once, "advice")


def _add_review(router: APIRouter, cases: Cases[Measures]) -> None:
    @router.post("/measures/{case}/review", summary="Looked at again; the measures stay")
    async def review(case: str, caller: Authority, once: Keyed) -> dict[str, Any]:
        now = cases.clock.now()
        return await _act(cases, case, ReviewMeasures(now, terms_on(now.date()).review_after), caller, once, "review")

    @router.post("/measures/{case}/scale-down", summary="End the measures, with a reason")
    async def scale_down(case: str, body: ScaleDownBody, caller: Authority, once: Keyed) -> dict[str, Any]:
        return await _act(cases, case, ScaleDown(body.reason, cases.clock.now()), caller, once, "scale-down")


def _add_carrying_out(router: APIRouter, cases: Cases[Measures], references: References) -> None:
    @router.get("/advice", summary="What was advised to this municipality")
    async def advice(caller: Municipal) -> list[dict[str, Any]]:
        return await queries.advice_for(cases, caller.municipality, references)

    @router.post("/advice/implemented", summary="The municipality carried out a measure")
    async def implemented(body: ImplementedBody, caller: Municipal, once: Keyed) -> list[dict[str, Any]]:
        partner = f"municipality:{caller.municipality}"
        case, measure = references.open(partner, body.case), references.open(partner, body.measure)
        if case is None or measure is None:
            raise HTTPException(404, "Deze verwijzing is niet bekend.")
        command = ReportImplemented(measure, caller.municipality, cases.clock.now())
        handled, act = once.handled(caller), Act(caller.actor, "implemented")
        return queries.advice(await cases.update(cases.id_for(case), command, handled=handled, act=act), references)
