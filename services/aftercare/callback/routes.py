"""HTTP of care: asking needs one phone number and nothing else (R-IVP-07); the rest is the IVP's work."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError

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
from services.aftercare.callback.care import Care, Person
from services.aftercare.callback.policy import terms_on
from shared.access.roles import Caller, Role, calls_as
from shared.privacy.references import References
from shared.runtime.cases import Act, Cases
from shared.web.http import Keyed, Once
from shared.web.limits import peer, stop_if_too_often
from shared.web.paging import Paged

Ivp = Annotated[Caller, Depends(calls_as(Role.IVP))]
Asking = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.REPORTER, Role.IVP))]
Following = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.REPORTER))]
Victim = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER))]
VictimOrIvp = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.IVP))]
UNKNOWN = "Deze verwijzing is niet bekend."


class Desk:
    """What every route here does: read a reference, act, and answer what the role may see."""

    def __init__(self, cases: Cases[Care], references: References) -> None:
        self.cases, self.references = cases, references

    def case(self, caller: Caller, reference: str) -> str:
        """The case behind a reference: the IVP has its own ones. 404 when it is not one of the caller's."""
        case = self.references.open(queries.PARTNER, reference) if caller.role is Role.IVP else reference
        if case is None:
            raise HTTPException(404, UNKNOWN)
        return case

    def asked(self, body: CallbackBody, caller: Caller, once: Once) -> str:
        """The case of a call: of the receipt that is read out, of the IVP's own reference, or a new one."""
        if body.case is None:
            return self.cases.id_for("http", caller.actor, once.key)
        if re.fullmatch(r"[0-9a-f]{32}", body.case):
            return body.case
        if caller.role is not Role.IVP:
            raise HTTPException(404, UNKNOWN)
        return self.case(caller, body.case)

    async def act(self, reference: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """Updates the case behind a reference."""
        return await self.save(self.case(caller, reference), command, caller, once, purpose)

    async def save(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """Updates the case and returns the caller's view of it."""
        handled, act = once.handled(caller), Act(caller.actor, purpose)
        state = await self.cases.update(self.cases.id_for(case), command, handled=handled, act=act)
        return queries.view(state, caller.role, self.cases.clock.now(), self.references)


def routes(cases: Cases[Care], references: References) -> APIRouter:
    """The routes, on these cases."""
    router, desk = APIRouter(tags=["callbacks"]), Desk(cases, references)
    _add_asking(router, desk)
    _add_answering(router, desk)
    _add_lists(router, desk)
    _add_calling(router, desk)
    _add_support(router, desk)
    return router


def _check(body: CallbackBody, caller: Caller) -> None:
    wrong = []
    if body.case is None and not body.phone and not (body.caller and body.caller.phone):
        wrong.append(("phone", "missing", "Vul één telefoonnummer in. De rest mag later."))
    if body.called_at is not None and caller.role is not Role.IVP:
        wrong.append(("called_at", "value_error", "Alleen het IVP schrijft op wanneer er gebeld is. Laat dit leeg."))
    if wrong:
        raise RequestValidationError([{"type": kind, "loc": ("body", name), "msg": text} for name, kind, text in wrong])


def _request(body: CallbackBody, caller: Caller, case: str, cases: Cases[Care]) -> commands.RequestCallback:
    now = cases.clock.now()
    # Whoever asks as a reporter asks for somebody else, also without telling who they are.
    other = Person() if caller.role is Role.REPORTER else None
    who = body.caller.person() if body.caller else other
    return commands.RequestCallback(
        case, body.person(), who, body.first(who), caller.role is Role.IVP, body.called_at or now, now,
        terms_on(now.date()),
    )  # fmt: skip


def _add_asking(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post(
        "/callbacks", status_code=201,
        summary="The IVP notes a call to the alarm number: 30 minutes. Others ask over the web, without a promise",
    )  # fmt: skip
    async def request(asked: Request, body: CallbackBody, caller: Asking, once: Keyed) -> dict[str, Any]:
        if caller.role is not Role.IVP:  # the IVP notes one call after the other, all from one address
            await stop_if_too_often(asked, "callback", peer(asked))
        _check(body, caller)
        case = desk.asked(body, caller, once)
        return await desk.save(case, _request(body, caller, case, cases), caller, once, "callback")

    @router.post("/callbacks/{case}/details", summary="Name, address, function or another number, afterwards")
    async def details(case: str, body: DetailsBody, caller: Asking, once: Keyed) -> dict[str, Any]:
        who = body.caller.person() if body.caller else None
        command = commands.AddDetails(body.victim.person(), who, body.ring_first)
        return await desk.act(case, command, caller, once, "details")

    @router.get("/callbacks/{case}", summary="Progress: the person's own, or what the IVP reported to the caller")
    async def progress(case: str, caller: Following) -> dict[str, Any]:
        state = await cases.load(cases.id_for(case))
        if state is None:
            raise HTTPException(404, "Hier is geen nazorg bekend.")
        return queries.view(state, caller.role, cases.clock.now(), desk.references)

    @router.get("/help-lines", tags=["help-lines"], summary="Where to call: the alarm number, or the office")
    async def help_lines(
        kind: Annotated[Matter, Query(description="`question`: it can wait.")] = Matter.ACUTE,
    ) -> dict[str, Any]:
        return queries.help_lines(kind is Matter.QUESTION, cases.clock.now())


def _add_answering(router: APIRouter, desk: Desk) -> None:
    now = desk.cases.clock.now

    @router.post("/offers/{case}/acceptance", tags=["offers"], summary="The person wants care")
    async def accept(case: str, caller: Victim, once: Keyed) -> dict[str, Any]:
        return await desk.act(case, commands.AcceptOffer(now()), caller, once, "acceptance")

    @router.post("/offers/{case}/refusal", tags=["offers"], summary="The person does not want care now")
    async def decline(case: str, caller: VictimOrIvp, once: Keyed) -> dict[str, Any]:
        return await desk.act(case, commands.DeclineOffer(now()), caller, once, "refusal")

    @router.post("/callbacks/{case}/objection", summary="The victim wants the caller to be told nothing; holds at once")
    async def objection(case: str, caller: VictimOrIvp, once: Keyed) -> dict[str, Any]:
        return await desk.act(case, commands.RecordObjection(now()), caller, once, "objection")


def _add_lists(router: APIRouter, desk: Desk) -> None:
    cases, references = desk.cases, desk.references

    @router.get("/callbacks", summary="The IVP's board: who waits for a call, with minutes left")
    async def board(caller: Ivp, page: Paged) -> list[dict[str, Any]]:
        return page.cut(await queries.board(cases, references, page.skip, page.fetch))

    @router.get("/offers", tags=["offers"], summary="Who accepted, or was offered care again after an own call")
    async def offers(caller: Ivp, page: Paged) -> list[dict[str, Any]]:
        return page.cut(await queries.offers(cases, references, page.skip, page.fetch))

    @router.get("/clients", tags=["clients"], summary="A care worker's own clients")
    async def clients(caller: Ivp, page: Paged) -> list[dict[str, Any]]:
        return page.cut(await queries.clients(cases, references, caller.actor, page.skip, page.fetch))

    @router.get("/promise-figures", tags=["figures"], summary="How the promise was kept, per month; no persons")
    async def figures(caller: Ivp, year: Annotated[int, Query(ge=2016, le=2199)]) -> list[dict[str, Any]]:
        return await queries.promise_figures(cases, year)


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
