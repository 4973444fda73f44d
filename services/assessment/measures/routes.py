"""HTTP of measures: police and OM advise and take, the municipality carries out, the person reads and answers."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Any

from fastapi import APIRouter

from services.assessment.measures import commands, queries
from services.assessment.measures.bodies import (
    AdviceBody,
    AnnouncementBody,
    DeclineBody,
    OneBody,
    OwnBody,
    OwnDeclineBody,
    ReviewBody,
    ScaleDownBody,
    StateMeasuresBody,
)
from services.assessment.measures.desk import Authority, CarryingOut, Desk, Hovj, Municipal, Person
from services.assessment.measures.record import Measures, MeasureState
from shared.access.admission import Admission
from shared.access.roles import Caller
from shared.contracts.vocabulary import Urgency
from shared.runtime.cases import Cases
from shared.web.changed import ChangedSince
from shared.web.http import Keyed, Once
from shared.web.narrowing import Asked, MeasureTypeAsked, Number, Town, words
from shared.web.paging import Paged


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
    async def unfollowed(
        caller: Authority, page: Paged, municipality: Town = "", number: Number = ""
    ) -> list[dict[str, Any]]:
        return await desk.unfollowed(caller, page, Asked(words(municipality=municipality), number))

    @router.get("/due-reviews", summary="Measures that a human must look at again; longest due first")
    async def due(caller: Authority, page: Paged, municipality: Town = "", number: Number = "") -> list[dict[str, Any]]:
        return await desk.due(caller, page, Asked(words(municipality=municipality), number))

    @router.get("/measures/{case}", summary="The measures of a case")
    async def read(case: str, caller: Authority) -> dict[str, Any]:
        return queries.view(await desk.known(case, caller))


def _add_advising(router: APIRouter, desk: Desk) -> None:
    @router.post("/measures/{case}/advice", summary="Advise measures to the person or the municipality")
    async def advise(case: str, body: AdviceBody, caller: Authority, once: Keyed) -> dict[str, Any]:
        return await desk.advise(case, body, caller, once)


def _add_taking(router: APIRouter, desk: Desk) -> None:
    @router.post("/measures/{case}/state-measures", summary="Record what police or OM take themselves")
    async def take(case: str, body: StateMeasuresBody, caller: Authority, once: Keyed) -> dict[str, Any]:
        return await desk.take(case, body, caller, once)

    @router.post("/measures/{case}/confirmation", summary="The HOvJ confirms what police did in acute danger")
    async def confirm(case: str, caller: Hovj, once: Keyed) -> dict[str, Any]:
        return await desk.confirm(case, caller, once)


def _add_review(router: APIRouter, desk: Desk) -> None:
    @router.post("/measures/{case}/review", summary="Looked at again; the measures stay")
    async def review(case: str, caller: Authority, once: Keyed, body: ReviewBody | None = None) -> dict[str, Any]:
        return await desk.review(case, body, caller, once)

    @router.post("/measures/{case}/announcement", summary="The person was told when the measures end")
    async def announce(case: str, body: AnnouncementBody, caller: Authority, once: Keyed) -> dict[str, Any]:
        return await desk.announce(case, body, caller, once)

    @router.post("/measures/{case}/scale-down", summary="End the measures, announced before, with a reason")
    async def scale_down(case: str, body: ScaleDownBody, caller: Authority, once: Keyed) -> dict[str, Any]:
        return await desk.scale_down(case, body, caller, once)


def _add_carrying_out(router: APIRouter, desk: Desk) -> None:
    @router.get("/advice", summary="What was advised to this municipality; the newest case first")
    async def advice(
        caller: Municipal, page: Paged, since: ChangedSince, state: MeasureState | None = None,
        measure_type: MeasureTypeAsked = None, urgency: Urgency | None = None, number: Number = "",
    ) -> list[dict[str, Any]]:  # fmt: skip
        asked = Asked(words(state=state, measure_type=measure_type, urgency=urgency), number)
        return await desk.advised(caller, page, since, asked)

    @router.post("/advice/accepted", summary="The municipality will carry out a measure")
    async def accepted(body: OneBody, caller: Municipal, once: Keyed) -> list[dict[str, Any]]:
        return await desk.carry_out(CarryingOut.ACCEPTED, body, caller, once)

    @router.post("/advice/declined", summary="The municipality will not carry out a measure, and says why")
    async def declined(body: DeclineBody, caller: Municipal, once: Keyed) -> list[dict[str, Any]]:
        return await desk.carry_out(CarryingOut.DECLINED, body, caller, once, body.reason)

    @router.post("/advice/implemented", summary="The municipality carried out a measure")
    async def implemented(body: OneBody, caller: Municipal, once: Keyed) -> list[dict[str, Any]]:
        return await desk.carry_out(CarryingOut.IMPLEMENTED, body, caller, once)


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
