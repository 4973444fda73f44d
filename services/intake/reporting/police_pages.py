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
from shared.access.roles import Caller
from shared.contracts.vocabulary import FilingAdvice
from shared.runtime.cases import Act
from shared.web.forms import Filled
from shared.web.http import Body
from shared.web.narrowing import EVERYTHING, NO_SUCH_CASE, START_OF_CASE, Asked, asked
from shared.web.once import Once
from shared.web.pages import Site

TODAY_OR_BEFORE = "Deze dag moet nog komen."


class Done(StrEnum):
    """What the police did."""

    TALK_HELD = "talk-held"
    ADVISED = "advised"
    MUTATIE = "mutatie"
    AANGIFTE = "aangifte"
    VICTIM_TOLD = "victim-told"
    TRACK = "track"
    LINKED = "linked"


NEEDS: dict[Done, tuple[tuple[str, str], ...]] = {
    Done.ADVISED: (("advice", "Kies wat u adviseert."),),
    Done.MUTATIE: (("reference", "Vul het nummer van de mutatie in."), ("day", "Vul de datum in.")),
    Done.AANGIFTE: (("reference", "Vul het nummer van de aangifte in."), ("day", "Vul de datum in.")),
    Done.TRACK: (("day", "Vul de datum in."),),
    Done.LINKED: (("earlier", "Vul het nummer van de eerdere zaak in."),),
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
    earlier: str = Field("", pattern=r"^([0-9a-f]{32})?$")

    @model_validator(mode="after")
    def _whole(self) -> "DoneBody":
        missing = [text for name, text in NEEDS.get(self.done, ()) if not getattr(self, name)]
        if missing:
            raise ValueError(" ".join(missing))
        return self

    def lacks(self, today: date) -> dict[str, str]:
        """What is wrong by the calendar, per field."""
        return {"day": TODAY_OR_BEFORE} if self.day is not None and self.day > today else {}


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("intake.reporting")

    async def case_page(case: str, request: Request, caller: Caller, **said: Any) -> Response:
        report, _ = await desk.known(case, caller)
        shown = await desk.shown(report, caller) | {"timeline": await desk.told(case, caller.role)}
        return site.page(request, "reporting/police-case.html", shown, **said)

    async def listed(request: Request, caller: Caller, asked: Asked, form: Filled | None = None) -> Response:
        found = await desk.work(caller, asked)
        towns = dict(desk.admission.organisations.towns())
        return site.page(request, "reporting/police-work.html", found.rows, form=form, found=found, towns=towns)

    @router.get("/werk")
    async def work(request: Request, caller: Police) -> Response:
        return await listed(request, caller, asked(request, queries.WAYS))

    @router.get("/werk/zoek")
    async def search(request: Request, caller: Police, zaak: str = "") -> Response:
        start = zaak.strip().lower()
        case = await desk.beginning_with(start, caller) if START_OF_CASE.fullmatch(start) else None
        if case is None:
            return await listed(request, caller, EVERYTHING, Filled({"zaak": [zaak]}, {"zaak": NO_SUCH_CASE}))
        return site.moved(f"{site.prefix}/zaak/{case}")

    @router.get("/zaak/{case}")
    async def read(case: str, request: Request, caller: Police) -> Response:
        return await case_page(case, request, caller)

    @router.post("/zaak/{case}")
    async def act(case: str, request: Request, caller: Police) -> Response:
        return await site.act(
            request, DoneBody, lambda body, once: do(desk, case, body, caller, once),
            again=lambda form: case_page(case, request, caller, form=form),
            then=f"/zaak/{case}", lacks=lambda body: body.lacks(desk.today()),
        )  # fmt: skip

    return router


async def do(desk: Desk, case: str, body: DoneBody, caller: Caller, once: Once) -> None:
    """Records what was done. Raises `Refused` when it does not fit, 404 for a case that is not there."""
    await desk.own(case, caller)
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
        case Done.TRACK:
            assert body.day is not None
            command = commands.OpenCriminalTrack(body.day)
        case Done.LINKED:
            other, _ = await desk.known(body.earlier, caller)
            command = commands.LinkIncidents(body.earlier, other.reported_at is not None, now)
    await desk.cases.update(case, command, handled=once.handled(caller), act=Act(caller.actor, body.done.value))
