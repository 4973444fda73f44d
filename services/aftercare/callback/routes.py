"""HTTP of care: asking needs one phone number and nothing else (R-IVP-07); the rest is the IVP's work."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from services.aftercare.callback import commands, queries
from services.aftercare.callback.bodies import (
    CallbackBody,
    ContactBody,
    DetailsBody,
    Matter,
    ProgressBody,
    SupportBody,
    WorkerBody,
)
from services.aftercare.callback.care import Care
from services.aftercare.callback.desk import Anybody, Asking, Desk, Following, Ivp, Victim, VictimOrIvp
from shared.access.admission import Admission
from shared.runtime.cases import Cases
from shared.web.changed import ChangedSince
from shared.web.http import Keyed
from shared.web.paging import Paged


def routes(cases: Cases[Care], admission: Admission) -> APIRouter:
    """The routes, on these cases."""
    router, desk = admission.router("aftercare.callback", tags=["callbacks"]), Desk(cases, admission)
    _add_asking(router, desk)
    _add_answering(router, desk)
    _add_lists(router, desk)
    _add_calling(router, desk)
    _add_support(router, desk)
    together = APIRouter()
    for part in (router, _open_to_all(desk), _figures(desk)):
        together.include_router(part)
    return together


def _add_asking(router: APIRouter, desk: Desk) -> None:

    @router.post(
        "/callbacks", status_code=201,
        summary="The IVP notes a call to the alarm number: 30 minutes. Others ask over the web, without a promise",
    )  # fmt: skip
    async def request(asked: Request, body: CallbackBody, sender: Anybody, once: Keyed) -> dict[str, Any]:
        return await desk.request(asked, body, sender, once)

    @router.post("/callbacks/{case}/details", summary="Name, address, function or another number, afterwards")
    async def details(case: str, body: DetailsBody, caller: Asking, once: Keyed) -> dict[str, Any]:
        who = body.caller.person() if body.caller else None
        command = commands.AddDetails(body.victim.person(), who, body.ring_first)
        return await desk.act(case, command, caller, once, "details")

    @router.get("/callbacks/{case}", summary="Progress: the person's own, or what the IVP reported to the caller")
    async def progress(case: str, caller: Following) -> dict[str, Any]:
        return await desk.shown(await desk.known(case, caller), caller)


def _open_to_all(desk: Desk) -> APIRouter:
    router, cases = desk.admission.router("aftercare.help-lines", tags=["help-lines"]), desk.cases

    @router.get("/help-lines", summary="Where to call: the alarm number, or the office")
    async def help_lines(
        kind: Annotated[Matter, Query(description="`question`: it can wait.")] = Matter.ACUTE,
    ) -> dict[str, Any]:
        return queries.help_lines(kind is Matter.QUESTION, cases.clock.now())

    return router


def _figures(desk: Desk) -> APIRouter:
    router, cases = desk.admission.router("aftercare.figures", tags=["figures"]), desk.cases

    @router.get("/promise-figures", summary="How the promise was kept, per month; no persons")
    async def figures(caller: Ivp, year: Annotated[int, Query(ge=2016, le=2199)]) -> list[dict[str, Any]]:
        return await queries.promise_figures(cases, year, await desk.admission.never(caller))

    return router


def _add_answering(router: APIRouter, desk: Desk) -> None:
    now = desk.cases.clock.now

    @router.post("/offers/{case}/acceptance", tags=["offers"], summary="The person wants care")
    async def accept(case: str, caller: Victim, once: Keyed) -> dict[str, Any]:
        return await desk.answer(case, commands.AcceptOffer(now()), caller, once, "acceptance")

    @router.post("/offers/{case}/refusal", tags=["offers"], summary="The person does not want care now")
    async def decline(case: str, caller: VictimOrIvp, once: Keyed) -> dict[str, Any]:
        return await desk.answer(case, commands.DeclineOffer(now()), caller, once, "refusal")

    @router.post("/callbacks/{case}/objection", summary="The victim wants the caller to be told nothing; holds at once")
    async def objection(case: str, caller: VictimOrIvp, once: Keyed) -> dict[str, Any]:
        return await desk.answer(case, commands.RecordObjection(now()), caller, once, "objection")


def _add_lists(router: APIRouter, desk: Desk) -> None:
    cases, admission = desk.cases, desk.admission

    @router.get("/callbacks", summary="The IVP's board: who waits for a call, with minutes left")
    async def board(caller: Ivp, page: Paged, since: ChangedSince) -> list[dict[str, Any]]:
        found = await queries.board(cases, await admission.scope(caller), page.skip, page.fetch)
        return await desk.rows(found, page, since)

    @router.get("/offers", tags=["offers"], summary="Who accepted, or was offered care again after an own call")
    async def offers(caller: Ivp, page: Paged, since: ChangedSince) -> list[dict[str, Any]]:
        found = await queries.offers(cases, await admission.scope(caller), page.skip, page.fetch)
        return await desk.rows(found, page, since)

    @router.get("/clients", tags=["clients"], summary="A care worker's own clients")
    async def clients(caller: Ivp, page: Paged, since: ChangedSince) -> list[dict[str, Any]]:
        scope = await admission.scope(caller)
        found = await queries.clients(cases, scope, caller.actor, page.skip, page.fetch)
        return await desk.rows(found, page, since)


def _add_calling(router: APIRouter, desk: Desk) -> None:
    now = desk.cases.clock.now

    @router.post("/callbacks/{case}/attempts", summary="Rang without answer; the clock goes on")
    async def attempt(case: str, caller: Ivp, once: Keyed) -> dict[str, Any]:
        return await desk.act(case, commands.RecordAttempt(now()), caller, once, "attempt")

    @router.post("/callbacks/{case}/contact", summary="Contact was made; the clock stops")
    async def contact(case: str, body: ContactBody, caller: Ivp, once: Keyed) -> dict[str, Any]:
        at = now()
        command = commands.RecordContact(body.made_at or at, at, body.made_with)
        return await desk.act(case, command, caller, once, "contact")

    @router.post("/callbacks/{case}/worker", summary="A care worker takes the client; the clock goes on")
    async def worker(case: str, body: WorkerBody, caller: Ivp, once: Keyed) -> dict[str, Any]:
        command = commands.AssignCareWorker(body.big, body.account or caller.actor, now())
        return await desk.act(case, command, caller, once, "worker")


def _add_support(router: APIRouter, desk: Desk) -> None:
    now = desk.cases.clock.now

    @router.post("/callbacks/{case}/support", summary="Support was agreed on, by phone or on site")
    async def support(case: str, body: SupportBody, caller: Ivp, once: Keyed) -> dict[str, Any]:
        return await desk.act(case, commands.PlanSupport(body.form, now()), caller, once, "support")

    @router.post("/callbacks/{case}/progress", summary="The caller was told how far it is, nothing else")
    async def report(case: str, body: ProgressBody, caller: Ivp, once: Keyed) -> dict[str, Any]:
        return await desk.act(case, commands.ReportProgress(body.progress, now()), caller, once, "progress")

    @router.post("/callbacks/{case}/close", summary="Care has ended")
    async def close(case: str, caller: Ivp, once: Keyed) -> dict[str, Any]:
        return await desk.act(case, commands.CloseAftercare(now()), caller, once, "close")
