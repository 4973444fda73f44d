"""HTTP of reporting.

Who may not read a report is answered as if it were not there: 404.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from services.intake.reporting import commands, queries
from services.intake.reporting.bodies import (
    AangifteBody,
    AdviceBody,
    CallBody,
    ConsultationBody,
    CriminalTrackBody,
    CustodyBody,
    EvidenceBody,
    FollowUpBody,
    JudgementBody,
    LinkBody,
    MeldingBody,
    MutatieBody,
    ReportBody,
    TalkBody,
    WishBody,
    WithdrawalBody,
)
from services.intake.reporting.desk import Desk, Handler, Involved, Linking, Police, Reader, Sender, Victim
from services.intake.reporting.report import Waiting
from shared.contracts.vocabulary import IncidentKind, Urgency
from shared.web.http import Keyed
from shared.web.limits import within
from shared.web.narrowing import Asked, Number, words
from shared.web.paging import Paged

WaitsFor = Annotated[Waiting | None, Query(alias="waitsFor", description="What the police have to do.")]


def routes(desk: Desk) -> APIRouter:
    """The routes, on the reports of a desk."""
    router = desk.admission.router("intake.reporting", prefix="/reports", tags=["reports"])
    _add_reading(router, desk)
    _add_reporting(router, desk)
    _add_choosing(router, desk)
    _add_changing_ones_mind(router, desk)
    _add_talk(router, desk)
    _add_police(router, desk)
    _add_adding(router, desk)
    return router


def _add_reading(router: APIRouter, desk: Desk) -> None:
    @router.get(
        "", summary="The police's work: receipts that did not come, talks, victims to tell; longest waiting first"
    )
    async def work(
        caller: Police, page: Paged, waits_for: WaitsFor = None, kind: IncidentKind | None = None,
        urgency: Urgency | None = None, number: Number = "",
    ) -> list[dict[str, Any]]:  # fmt: skip
        chosen = words(waits_for=waits_for, kind=kind, urgency=urgency)
        return await desk.work_page(caller, page, Asked(chosen, number))

    @router.get("/counts", summary="Per month how far reports came; no cases, small numbers as <5 (R-MEL-18)")
    async def counts(caller: Police, year: Annotated[int, Query(ge=2016, le=2100)]) -> list[dict[str, Any]]:
        return await queries.counts(desk.cases, year, await desk.admission.never(caller))

    @router.get("/persons/{case}", summary="For a municipality's handler: for whom measures are carried out, and where")
    async def person(case: str, caller: Handler) -> dict[str, Any]:
        return await desk.for_handler(case, caller)

    @router.get("/{case}", summary="A report, as far as the role may see it")
    async def read(case: str, caller: Reader) -> dict[str, Any]:
        report, _ = await desk.known(case, caller)
        return await desk.shown(report, caller)


def _add_reporting(router: APIRouter, desk: Desk) -> None:

    @router.post(
        "", status_code=201, summary="Report an incident, say that you doubt, or record a signal",
        dependencies=[Depends(within("report"))],
    )  # fmt: skip
    async def report(body: ReportBody, sender: Sender, once: Keyed) -> dict[str, Any]:
        return await desk.report(body, sender, once)

    @router.post("/calls", status_code=201, summary="The police note a report by telephone; three fields are enough")
    async def call(body: CallBody, caller: Police, once: Keyed) -> dict[str, Any]:
        return await desk.note_call(body, caller, once)


def _add_choosing(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post("/{case}/judgements", summary="The person says what to do with a signal, why, and with whom")
    async def judge(case: str, body: JudgementBody, caller: Victim, once: Keyed) -> dict[str, Any]:
        return await desk.judge(case, body, caller, once)

    @router.post("/{case}/melding", summary="The victim makes a melding of a signal or a talk")
    async def melding(case: str, caller: Victim, once: Keyed, body: MeldingBody | None = None) -> dict[str, Any]:
        return await desk.melding(case, caller, once, body)

    @router.post("/{case}/talks", summary="The person asks for a talk with the local police")
    async def talk(case: str, caller: Victim, once: Keyed, body: TalkBody | None = None) -> dict[str, Any]:
        told = body or TalkBody()
        doubt = told.doubt() if told.doubts or told.doubt_reasons or told.doubt_words else None
        command = commands.RequestTalk(cases.clock.now(), desk.terms().doubt_follow_up, doubt)
        return await desk.act(case, command, caller, once, "talk")

    @router.post("/{case}/aangifte-wish", summary="The person wishes an aangifte of a melding, or no longer")
    async def wish(case: str, body: WishBody, caller: Victim, once: Keyed) -> dict[str, Any]:
        return await desk.act(
            case, commands.WishAangifte(body.wished, cases.clock.now()), caller, once, "aangifte-wish"
        )


def _add_changing_ones_mind(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post("/{case}/rest", summary="The person lets it rest, before or after a talk; for now")
    async def rest(case: str, caller: Victim, once: Keyed) -> dict[str, Any]:
        return await desk.act(case, commands.LetRest(cases.clock.now()), caller, once, "rest")

    @router.post("/{case}/follow-up", summary="Switch the question after a doubt off, or on again")
    async def follow_up(case: str, body: FollowUpBody, caller: Victim, once: Keyed) -> dict[str, Any]:
        command = commands.SetFollowUp(body.wanted, cases.clock.now(), desk.terms().doubt_follow_up)
        return await desk.act(case, command, caller, once, "follow-up")

    @router.post("/{case}/withdrawal", summary="The person takes it back, before an aangifte; a mutatie stays")
    async def withdraw(case: str, body: WithdrawalBody, caller: Victim, once: Keyed) -> dict[str, Any]:
        command = commands.Withdraw(body.reason, caller.actor, cases.clock.now())
        return await desk.act(case, command, caller, once, "withdrawal")


def _add_talk(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post("/{case}/consultations", summary="The police: the talk took place")
    async def held(case: str, body: ConsultationBody, caller: Police, once: Keyed) -> dict[str, Any]:
        now = cases.clock.now()
        command = commands.RecordTalk((body.held_at or now).astimezone(UTC), now)
        return await desk.act(case, command, caller, once, "consultation")

    @router.post("/{case}/filing-advice", summary="The police advise to file or not; the person chooses")
    async def advise(case: str, body: AdviceBody, caller: Police, once: Keyed) -> dict[str, Any]:
        command = commands.AdviseFiling(body.advice, body.words, cases.clock.now())
        return await desk.act(case, command, caller, once, "filing-advice")

    @router.post("/{case}/victim-told", summary="The police: the victim knows that somebody else reported")
    async def told(case: str, caller: Police, once: Keyed) -> dict[str, Any]:
        return await desk.act(case, commands.RecordVictimTold(cases.clock.now()), caller, once, "victim-told")


def _add_police(router: APIRouter, desk: Desk) -> None:
    @router.post("/{case}/mutaties", summary="The police stored it as mutatie")
    async def mutatie(case: str, body: MutatieBody, caller: Police, once: Keyed) -> dict[str, Any]:
        desk.check_days(("registered_on", body.registered_on))
        return await desk.act(
            case, commands.RegisterMutatie(body.reference, body.registered_on), caller, once, "mutatie"
        )

    @router.post("/{case}/aangifte", summary="The police confirm an aangifte")
    async def aangifte(case: str, body: AangifteBody, caller: Police, once: Keyed) -> dict[str, Any]:
        desk.check_days(("filed_on", body.filed_on), ("criminal_track_on", body.criminal_track_on))
        now = desk.cases.clock.now()
        command = commands.ConfirmAangifte(body.reference, body.filed_on, now, body.criminal_track_on)
        return await desk.act(case, command, caller, once, "aangifte")

    @router.post("/{case}/criminal-track", summary="The police opened a criminal investigation")
    async def track(case: str, body: CriminalTrackBody, caller: Police, once: Keyed) -> dict[str, Any]:
        desk.check_days(("opened_on", body.opened_on))
        return await desk.act(case, commands.OpenCriminalTrack(body.opened_on), caller, once, "criminal-track")


def _add_adding(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post("/{case}/evidence", summary="Add what is known of a piece of evidence; the file itself may follow")
    async def evidence(case: str, body: EvidenceBody, caller: Involved, once: Keyed) -> dict[str, Any]:
        return await desk.add_evidence(case, body, caller, once)

    @router.post("/{case}/custody", summary="The police note what was done with a piece of evidence")
    async def custody(case: str, body: CustodyBody, caller: Police, once: Keyed) -> dict[str, Any]:
        command = commands.AddCustody(body.sha256, caller.actor, body.words, cases.clock.now())
        return await desk.act(case, command, caller, once, "custody")

    @router.post("/{case}/links", summary="An earlier case belongs with this one; you must have its reference")
    async def link(case: str, body: LinkBody, caller: Linking, once: Keyed) -> dict[str, Any]:
        other, _ = await desk.known(body.earlier, caller)
        command = commands.LinkIncidents(body.earlier, other.reported_at is not None, cases.clock.now())
        return await desk.act(case, command, caller, once, "link")
