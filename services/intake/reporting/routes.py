"""HTTP of reporting.

Who may not read a report is answered as if it were not there: 404.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Sequence
from datetime import UTC, date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.exceptions import RequestValidationError

from services.intake.reporting import commands, queries
from services.intake.reporting.bodies import (
    AangifteBody,
    AdviceBody,
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
from services.intake.reporting.incident import Custody, Evidence
from services.intake.reporting.policy import Terms, pointers_on, terms_on
from services.intake.reporting.report import Report
from shared.access.admission import Admission, note, note_rows, refused
from shared.access.matrix import Cell, DataClass, matrix
from shared.access.relations import Relation
from shared.access.roles import Caller, Role, calls_as, perhaps_calls_as
from shared.contracts.vocabulary import SignalOutcome, Urgency
from shared.runtime.cases import Act, Cases
from shared.web.claims import claim_code
from shared.web.http import Keyed, Once
from shared.web.limits import within
from shared.web.paging import Paged

Sender = Annotated[Caller | None, Depends(perhaps_calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER))]
"""Nobody needs to sign in to report (domain 3.8a)."""
Victim = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY))]
Police = Annotated[Caller, Depends(calls_as(Role.POLICE))]
Involved = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER, Role.POLICE))]
Linking = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.POLICE))]
Handler = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]
Reader = Annotated[
    Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER, Role.POLICE, Role.RCCB, Role.HOVJ))
]


NOT_FOR_ALL = ((DataClass.ADDRESS, "address"), (DataClass.ASSESSMENT, "qualifies"))
"""Fields of the person's own view that the matrix may keep from whom the person trusts, and from family."""
RECEIPT = (
    "emergency", "case", "type", "message", "advice", "pointers", "recorded_at", "rccb_notified_at", "rccb_overdue",
)  # fmt: skip


class Desk:
    """Looks up, checks who may, acts, and shows."""

    def __init__(self, cases: Cases[Report], admission: Admission) -> None:
        self.cases, self.admission = cases, admission

    def terms(self) -> Terms:
        """Those of today."""
        return terms_on(self.cases.clock.now().date())

    def person(self, caller: Caller) -> str:
        """The opaque reference of the account (R-MEL-10)."""
        return self.admission.account(caller.actor)

    async def known(self, case: str, caller: Caller) -> tuple[Report, Role]:
        """The report, and the role in which this caller reads it. Raises 404."""
        report = await self.cases.load(case)
        if report is None:
            raise refused(caller)
        return report, (await self.stands(report, caller))[0]

    async def stands(self, report: Report, caller: Caller) -> tuple[Role, Relation]:
        """The role in which this caller reads it, and how they stand to it. Raises 404 when it is not there."""
        relation = await self.admission.relation(caller, report.case, queries.known(report, caller))
        role = queries.view_role(report, caller.role, relation) if relation else None
        if relation is None or role is None:
            raise refused(caller)
        note(report.case, relation)
        return role, relation

    async def own(self, case: str, caller: Caller) -> Report:
        """The report, if this caller may act on it; not who reported it for somebody else. Raises 404."""
        report, role = await self.known(case, caller)
        if role is Role.REPORTER:
            raise refused(caller)
        return report

    async def chain(self, case: str, caller: Caller) -> tuple[Any, tuple[str, ...]]:
        """What a melding of this report needs: RCCB's term and the person's earlier reports."""
        before = await self.own(case, caller)
        urgency = before.incident.urgency if before.incident else Urgency.OTHER
        return self.terms().rccb_receipt(urgency), await queries.reported_by(self.cases, before.person)

    async def act(
        self, case: str, command: object, caller: Caller, once: Once, purpose: str, *, any_reader: bool = False
    ) -> dict[str, Any]:
        """Does it and shows the outcome. `any_reader`: also who reported for somebody else, whatever the role named."""
        await (self.known if any_reader else self.own)(case, caller)
        handled, act = once.handled(caller), Act(caller.actor, purpose)
        return await self.shown(await self.cases.update(case, command, handled=handled, act=act), caller)

    async def shown(self, report: Report, caller: Caller) -> dict[str, Any]:
        """What the caller sees of it."""
        role, relation = await self.stands(report, caller)
        pointers = pointers_on(self.cases.clock.now().date())
        earlier = await queries.earlier_of(self.cases, report, role, await self.admission.never(caller))
        shown = queries.view(report, role, pointers=pointers, earlier=earlier)
        if role is Role.OFFICE_HOLDER:  # also whom the person trusts, and family: the matrix gives them less
            kept = {name for kind, name in NOT_FOR_ALL if matrix().cell(caller.role, relation, kind) is Cell.NOTHING}
            shown = queries.without(shown, kept)
        unclaimed = role is Role.POLICE and report.owner is None
        return shown | ({"claim_code": claim_code(self.admission, report.case)} if unclaimed else {})

    def receipt(self, report: Report) -> dict[str, Any]:
        """What somebody reads who reported without signing in: what happens now, and how to see the case later."""
        shown = queries.view(report, Role.REPORTER)
        receipt = {name: shown[name] for name in RECEIPT}
        if report.incident is not None and report.incident.reporter is not None:
            return receipt
        return receipt | {"claim_code": claim_code(self.admission, report.case)}

    def check_days(self, *days: tuple[str, date | None]) -> None:
        """Raises 400 for days that must still come (Amsterdam)."""
        today = self.cases.clock.now().astimezone(queries.AMSTERDAM).date()
        late = [(field, "Deze dag moet nog komen.") for field, day in days if day is not None and day > today]
        _wrong(late)


def _wrong(errors: Sequence[tuple[str, str]]) -> None:
    """Raises 400 with all errors, if there are any."""
    if errors:
        raise RequestValidationError(
            [{"type": "value_error", "loc": ("body", field), "msg": message} for field, message in errors]
        )


NOBODY = "nobody"
"""The account in our own records of somebody who did not sign in."""


def _check_alone(body: ReportBody, sender: Caller | None) -> None:
    if sender is None and (body.signal_only or body.doubts):
        # Only the person ever sees these again, so there must be somebody to show them to.
        _wrong([("signal_only", "Log in om dit te bewaren: alleen u kunt het dan weer zien. Melden kan zonder.")])


def _check(body: ReportBody, caller: Caller) -> None:
    errors = []
    if caller.role is Role.REPORTER and body.reporter is None:
        # Without own data a reporter would count as the victim.
        message = "U meldt voor iemand anders. Vul ook uw eigen naam in, en wie u bent voor die persoon."
        errors.append(("reporter", message))
    elif body.reporter is not None and (body.signal_only or body.doubts):
        field = "signal_only" if body.signal_only else "aangifte_intent"
        errors.append((field, "Een signaal of twijfel is van de persoon zelf. U kunt wel melden."))
    if body.signal_only and (body.doubts or body.wishes_aangifte):
        errors.append(("signal_only", "Kies een van beide: een signaal bewaren, of er iets mee doen."))
    if body.aangifte_wished and body.aangifte_intent not in (None, "yes"):
        errors.append(("aangifte_intent", "Kies een van beide: aangifte willen, of niet."))
    if not body.doubts and (body.doubt_reasons or body.doubt_words):
        errors.append(("doubt_reasons", "Twijfelt u? Kies dan ook bij aangifte voor twijfel."))
    _wrong(errors)


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
    async def work(caller: Police, page: Paged) -> list[dict[str, Any]]:
        rows = page.cut(await queries.work(desk.cases, await desk.admission.scope(caller), page.skip, page.fetch))
        note_rows(row["case"] for row in rows)
        return rows

    @router.get("/counts", summary="Per month how far reports came; no cases, small numbers as <5 (R-MEL-18)")
    async def counts(caller: Police, year: Annotated[int, Query(ge=2016, le=2100)]) -> list[dict[str, Any]]:
        return await queries.counts(desk.cases, year, await desk.admission.never(caller))

    @router.get("/persons/{case}", summary="For a municipality's handler: for whom measures are carried out, and where")
    async def person(case: str, caller: Handler) -> dict[str, Any]:
        internal = desk.admission.references.open(f"municipality:{caller.municipality}", case)
        report = await desk.cases.load(internal) if internal else None
        if internal is None or report is None or report.incident is None:
            raise refused(caller)
        if await desk.admission.admit(caller, internal) is not Relation.ASSIGNED:
            raise refused(caller)
        return queries.for_handler(report, case)

    @router.get("/{case}", summary="A report, as far as the role may see it")
    async def read(case: str, caller: Reader) -> dict[str, Any]:
        report, _ = await desk.known(case, caller)
        return await desk.shown(report, caller)


def _add_reporting(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post(
        "", status_code=201, summary="Report an incident, say that you doubt, or record a signal",
        dependencies=[Depends(within("report"))],
    )  # fmt: skip
    async def report(body: ReportBody, sender: Sender, once: Keyed) -> dict[str, Any]:
        caller = sender or Caller(Role.REPORTER if body.reporter else Role.OFFICE_HOLDER, NOBODY)
        _check(body, caller)
        _check_alone(body, sender)
        now, terms = cases.clock.now(), desk.terms()
        # Keys of people who did not sign in may be the same by accident: what they send is part of who they are.
        known = [caller.actor, once.key] + ([] if sender else [once.digest])
        case, incident = cases.id_for("http", *known), body.incident()
        person = desk.person(caller) if sender else None
        who = {"account": caller.actor if sender else None, "person": person}
        command: commands.Starting
        if body.signal_only:
            command = commands.RecordSignal(case, incident, now, terms.signal_unjudged, **who)
        elif body.doubts:
            command = commands.ReportDoubt(case, incident, body.doubt(), now, terms.doubt_follow_up, **who)
        else:
            earlier = await queries.reported_by(cases, None if incident.reporter else person)
            within, wished = terms.rccb_receipt(body.urgency), body.wishes_aangifte
            command = commands.ReportIncident(case, incident, now, within, wished, **who, earlier=earlier)
        act = Act(caller.actor, "report")
        state = await cases.update(case, command, handled=once.handled(caller), act=act, new=True)
        return await desk.shown(state, caller) if sender else desk.receipt(state)


def _add_choosing(router: APIRouter, desk: Desk) -> None:
    cases = desk.cases

    @router.post("/{case}/judgements", summary="The person says what to do with a signal, why, and with whom")
    async def judge(case: str, body: JudgementBody, caller: Victim, once: Keyed) -> dict[str, Any]:
        within, earlier = await desk.chain(case, caller)
        doubt = body.doubt() if body.doubt_reasons or body.doubt_words else None
        command = commands.JudgeSignal(
            body.outcome, body.reason, body.company, caller.actor, cases.clock.now(), within,
            desk.terms().doubt_follow_up, body.aangifte_wished, doubt, earlier,
        )  # fmt: skip
        if doubt and body.outcome is not SignalOutcome.TALK:
            _wrong([("doubt_reasons", "Twijfelt u? Kies dan voor een gesprek.")])
        return await desk.act(case, command, caller, once, "judgement")

    @router.post("/{case}/melding", summary="The victim makes a melding of a signal or a talk")
    async def melding(case: str, caller: Victim, once: Keyed, body: MeldingBody | None = None) -> dict[str, Any]:
        within, earlier = await desk.chain(case, caller)
        told = body or MeldingBody()
        command = commands.MakeMelding(
            cases.clock.now(), within, told.aangifte_wished, told.reason, caller.actor, earlier
        )
        return await desk.act(case, command, caller, once, "melding")

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
        added = Custody(caller.actor, "added", cases.clock.now())
        made = body.made_at and body.made_at.astimezone(UTC)
        command = commands.AddEvidence(Evidence(body.sha256, body.medium, body.size_bytes, body.source, (added,), made))
        return await desk.act(case, command, caller, once, "evidence", any_reader=True)

    @router.post("/{case}/custody", summary="The police note what was done with a piece of evidence")
    async def custody(case: str, body: CustodyBody, caller: Police, once: Keyed) -> dict[str, Any]:
        command = commands.AddCustody(body.sha256, caller.actor, body.words, cases.clock.now())
        return await desk.act(case, command, caller, once, "custody")

    @router.post("/{case}/links", summary="An earlier case belongs with this one; you must have its reference")
    async def link(case: str, body: LinkBody, caller: Linking, once: Keyed) -> dict[str, Any]:
        other, _ = await desk.known(body.earlier, caller)
        command = commands.LinkIncidents(body.earlier, other.reported_at is not None, cases.clock.now())
        return await desk.act(case, command, caller, once, "link")
