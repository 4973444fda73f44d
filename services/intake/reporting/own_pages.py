"""The page on which a person chooses what to do with an own case: every choice stays open, none is pressed."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from enum import StrEnum

from fastapi import APIRouter, Request, Response
from pydantic import Field, model_validator

from services.intake.reporting import commands
from services.intake.reporting.bodies import WORDS, FollowUpBody, JudgementBody, MeldingBody
from services.intake.reporting.desk import Desk, Victim
from shared.access.roles import Caller
from shared.contracts.vocabulary import ReportType, SignalOutcome
from shared.web.forms import once_of, read_form
from shared.web.http import Body
from shared.web.once import Once
from shared.web.pages import Site


class Choice(StrEnum):
    """What a person can do with an own case."""

    MELDING = "melding"
    WITH_AANGIFTE = "with-aangifte"
    TALK = "talk"
    REST = "rest"
    WISH = "wish"
    NO_WISH = "no-wish"
    WITHDRAW = "withdraw"


JUDGED = {Choice.TALK: SignalOutcome.TALK, Choice.REST: SignalOutcome.LET_REST}
WHY = "Schrijf kort waarom u dit kiest. Dat leest u hier later terug."


class ChoiceBody(Body):
    """The choice, and why. A reason is asked only for what cannot do without."""

    choice: Choice
    reason: str = Field("", max_length=WORDS)

    @model_validator(mode="after")
    def _says_why(self) -> "ChoiceBody":
        if self.choice is Choice.WITHDRAW and not self.reason:
            raise ValueError("Schrijf in een paar woorden waarom u dit intrekt.")
        return self


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages."""
    router = desk.admission.pages("intake.reporting")

    @router.get("/zaak/{case}/kiezen")
    async def choose(case: str, request: Request, caller: Victim) -> Response:
        shown = await desk.shown(await desk.own(case, caller), caller)
        return site.page(request, "reporting/choose.html", shown)

    @router.post("/zaak/{case}/kiezen")
    async def chosen(case: str, request: Request, caller: Victim) -> Response:
        read, report = await read_form(request, ChoiceBody), await desk.own(case, caller)
        form, signal = read.form, report.type is ReportType.SIGNAL
        if read.body is not None and signal and not read.body.reason:
            form = form.wrong({"reason": WHY})
        if read.body is None or form.errors:
            return site.page(request, "reporting/choose.html", await desk.shown(report, caller), form=form)
        await do(desk, case, read.body, caller, once_of(read, request), signal=signal)
        return site.moved(f"{site.prefix}/dossier/{case}")

    @router.post("/zaak/{case}/navraag")
    async def follow_up(case: str, request: Request, caller: Victim) -> Response:
        read = await read_form(request, FollowUpBody)
        if read.body is None:
            report = await desk.own(case, caller)
            return site.page(request, "reporting/choose.html", await desk.shown(report, caller), form=read.form)
        command = commands.SetFollowUp(read.body.wanted, desk.cases.clock.now(), desk.terms().doubt_follow_up)
        await desk.act(case, command, caller, once_of(read, request), "follow-up")
        return site.moved(f"{site.prefix}/zaak/{case}/kiezen")

    return router


async def do(desk: Desk, case: str, body: ChoiceBody, caller: Caller, once: Once, *, signal: bool) -> None:
    """Does what was chosen; of a signal it is a judgement (R-MEL-14). Raises `Refused` when it does not fit."""
    now, name = desk.cases.clock.now(), body.choice.value
    if signal and body.choice in JUDGED:
        await desk.judge(case, JudgementBody(outcome=JUDGED[body.choice], reason=body.reason), caller, once)
        return
    match body.choice:
        case Choice.MELDING | Choice.WITH_AANGIFTE:
            told = MeldingBody(aangifte_wished=body.choice is Choice.WITH_AANGIFTE, reason=body.reason)
            await desk.melding(case, caller, once, told)
        case Choice.TALK:
            command = commands.RequestTalk(now, desk.terms().doubt_follow_up, None)
            await desk.act(case, command, caller, once, name)
        case Choice.REST:
            await desk.act(case, commands.LetRest(now), caller, once, name)
        case Choice.WISH | Choice.NO_WISH:
            wished = commands.WishAangifte(body.choice is Choice.WISH, now)
            await desk.act(case, wished, caller, once, name)
        case Choice.WITHDRAW:
            await desk.act(case, commands.Withdraw(body.reason, caller.actor, now), caller, once, name)
