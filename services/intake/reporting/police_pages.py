"""The local police's pages: what waits, the longest first, and one case with its next act on top."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import UTC, date
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, Field, model_validator

from services.intake.reporting import commands, queries
from services.intake.reporting.bodies import WORDS
from services.intake.reporting.desk import Desk, Police
from shared.access.admission import note_rows
from shared.access.roles import Caller
from shared.contracts.vocabulary import FilingAdvice
from shared.runtime.cases import Act
from shared.web.forms import once_of, read_form
from shared.web.http import Body
from shared.web.once import Once
from shared.web.pages import Site

ROWS = 100
TODAY_OR_BEFORE = "Deze dag moet nog komen."


class Done(StrEnum):
    """What the police did."""

    TALK_HELD = "talk-held"
    ADVISED = "advised"
    MUTATIE = "mutatie"
    AANGIFTE = "aangifte"
    VICTIM_TOLD = "victim-told"


NEEDS: dict[Done, tuple[tuple[str, str], ...]] = {
    Done.ADVISED: (("advice", "Kies wat u adviseert."),),
    Done.MUTATIE: (("reference", "Vul het nummer van de mutatie in."), ("day", "Vul de datum in.")),
    Done.AANGIFTE: (("reference", "Vul het nummer van de aangifte in."), ("day", "Vul de datum in.")),
}
"""Which fields an act cannot do without, and what is said when they are empty."""


class DoneBody(Body):
    """What was done, and what belongs to it. `day` is a day in Amsterdam."""

    done: Done
    held_at: AwareDatetime | None = None
    advice: FilingAdvice | None = None
    words: str = Field("", max_length=WORDS)
    reference: str = Field("", max_length=60)
    day: date | None = None

    @model_validator(mode="after")
    def _whole(self) -> "DoneBody":
        missing = [text for name, text in NEEDS.get(self.done, ()) if not getattr(self, name)]
        if missing:
            raise ValueError(" ".join(missing))
        return self


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("intake.reporting")

    async def case_page(case: str, request: Request, caller: Caller, **said: Any) -> Response:
        report, _ = await desk.known(case, caller)
        return site.page(request, "reporting/police-case.html", await desk.shown(report, caller), **said)

    @router.get("/werk")
    async def work(request: Request, caller: Police) -> Response:
        rows = await queries.work(desk.cases, await desk.admission.scope(caller), 0, ROWS)
        note_rows(row["case"] for row in rows)
        return site.page(request, "reporting/police-work.html", rows, towns=dict(desk.admission.organisations.towns()))

    @router.get("/zaak/{case}")
    async def read(case: str, request: Request, caller: Police) -> Response:
        return await case_page(case, request, caller)

    @router.post("/zaak/{case}")
    async def act(case: str, request: Request, caller: Police) -> Response:
        read = await read_form(request, DoneBody)
        form = read.form
        if read.body is not None and read.body.day is not None and read.body.day > desk.today():
            form = form.wrong({"day": TODAY_OR_BEFORE})
        if read.body is None or form.errors:
            return await case_page(case, request, caller, form=form)
        await desk.own(case, caller)
        await do(desk, case, read.body, caller, once_of(read, request))
        return site.moved(f"{site.prefix}/zaak/{case}")

    return router


async def do(desk: Desk, case: str, body: DoneBody, caller: Caller, once: Once) -> None:
    """Records what was done. Raises `Refused` when it does not fit."""
    now = desk.cases.clock.now()
    command: object
    match body.done:
        case Done.TALK_HELD:
            command = commands.RecordTalk((body.held_at or now).astimezone(UTC), now)
        case Done.ADVISED:
            assert body.advice is not None
            command = commands.AdviseFiling(body.advice, body.words, now)
        case Done.MUTATIE:
            assert body.day is not None
            command = commands.RegisterMutatie(body.reference, body.day)
        case Done.AANGIFTE:
            assert body.day is not None
            command = commands.ConfirmAangifte(body.reference, body.day, now, None)
        case Done.VICTIM_TOLD:
            command = commands.RecordVictimTold(now)
    await desk.cases.update(case, command, handled=once.handled(caller), act=Act(caller.actor, body.done.value))
