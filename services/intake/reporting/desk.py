"""What routes and pages of reporting share: who may, looking up, letting in, acting, and what is shown.

Who may not read a report is answered as if it were not there: 404.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Sequence
from datetime import UTC, date
from typing import Annotated, Any

from fastapi import Depends
from fastapi.exceptions import RequestValidationError

from services.intake.reporting import commands, queries
from services.intake.reporting.bodies import CallBody, EvidenceBody, JudgementBody, MeldingBody, ReportBody
from services.intake.reporting.incident import Custody, Evidence
from services.intake.reporting.policy import Terms, pointers_on, terms_on
from services.intake.reporting.report import Report
from shared.access.admission import Admission, note, note_rows, refused
from shared.access.matrix import Cell, DataClass, matrix
from shared.access.relations import Known, Relation
from shared.access.roles import Caller, Role, calls_as, perhaps_calls_as
from shared.access.timeline import entries_for
from shared.contracts.vocabulary import SignalOutcome, Urgency
from shared.runtime.cases import Act, Cases
from shared.web.claims import claim_code
from shared.web.http import Once
from shared.web.narrowing import MOST, Asked, Fetch, Found, fetched, narrow
from shared.web.paging import Page

PERSONS = (Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER)
"""Who reports: for themselves or for somebody else."""
Sender = Annotated[Caller | None, Depends(perhaps_calls_as(*PERSONS))]
"""Nobody needs to sign in to report."""
Victim = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY))]
Police = Annotated[Caller, Depends(calls_as(Role.POLICE))]
Person = Annotated[Caller, Depends(calls_as(*PERSONS))]
Involved = Annotated[Caller, Depends(calls_as(*PERSONS, Role.POLICE))]
Linking = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.POLICE))]
Handler = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]
Reader = Annotated[
    Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER, Role.POLICE, Role.RCCB, Role.HOVJ))
]


NOT_FOR_ALL = ((DataClass.ADDRESS, "address"), (DataClass.ASSESSMENT, "qualifies"))
"""Fields of the person's own view that the matrix may keep from whom the person trusts, and from family."""
RECEIPT = (
    "emergency", "case", "type", "message", "advice", "pointers", "recorded_at", "noted_by_police",
    "rccb_notified_at", "rccb_overdue",
)  # fmt: skip


class Desk:
    """Looks up, checks who may, acts, and shows."""

    def __init__(self, cases: Cases[Report], admission: Admission) -> None:
        self.cases, self.admission = cases, admission

    def terms(self) -> Terms:
        """Those of today."""
        return terms_on(self.cases.clock.now().date())

    def today(self) -> date:
        """The day in Amsterdam."""
        return self.cases.clock.now().astimezone(queries.AMSTERDAM).date()

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

    async def known_of(self, case: str, caller: Caller) -> Known:
        """How the report itself says that the caller stands to it; nothing when there is no such report."""
        report = await self.cases.load(case)
        return Known() if report is None else queries.known(report, caller)

    async def own_cases(self, caller: Caller) -> list[str]:
        """The caller's own cases, the newest first."""
        return await queries.own_cases(self.cases, self.person(caller), caller)

    async def for_handler(self, reference: str, caller: Caller) -> dict[str, Any]:
        """Whom measures are carried out for, and where. `reference`: the municipality's own. Raises 404."""
        internal = self.admission.references.open(f"municipality:{caller.municipality}", reference)
        report = await self.cases.load(internal) if internal else None
        if internal is None or report is None or report.incident is None:
            raise refused(caller)
        if await self.admission.admit(caller, internal) is not Relation.ASSIGNED:
            raise refused(caller)
        return queries.for_handler(report, reference)

    async def beginning_with(self, start: str, caller: Caller) -> str | None:
        """The one case of the caller's unit whose reference begins so; None when there is none, or more than one."""
        found = await queries.beginning_with(self.cases, start, await self.admission.scope(caller))
        may = [one.case for one in found if queries.view_role(one, caller.role, Relation.OWN_UNIT)]
        return may[0] if len(may) == 1 else None

    async def work(self, caller: Caller, asked: Asked) -> Found:
        """What waits for the caller's unit and is asked for, what waits longest first, with counts."""
        fetch = await self._work(caller)
        found = narrow(await fetch(0, MOST + 1), queries.WAYS, asked)
        note_rows(row["case"] for row in found.rows)
        return found

    async def work_page(self, caller: Caller, page: Page, asked: Asked) -> list[dict[str, Any]]:
        """A page of the same."""
        fetch = await self._work(caller)
        rows = page.cut(await fetched(fetch, page, queries.WAYS, asked))
        note_rows(row["case"] for row in rows)
        return rows

    async def _work(self, caller: Caller) -> Fetch:
        scope = await self.admission.scope(caller)

        async def fetch(skip: int, limit: int) -> list[dict[str, Any]]:
            return await queries.work(self.cases, scope, skip, limit)

        return fetch

    async def told(self, case: str, role: Role) -> list[dict[str, Any]]:
        """What happened in a case, as far as this role may see it, the oldest first. Let the caller in before."""
        document = await self.cases.collection.find_one({"_id": case}, {"history": 1})
        entries = entries_for(role, document["history"] if document else ())
        return [{"event": one.event, "at": one.at} for one in entries]

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

    async def report(self, body: ReportBody, sender: Caller | None, once: Once) -> dict[str, Any]:
        """Starts a case: a report, a doubt or a signal. Raises 400 for what does not go together."""
        cases = self.cases
        caller = sender or Caller(Role.REPORTER if body.reporter else Role.OFFICE_HOLDER, NOBODY)
        _check(body, caller)
        _check_alone(body, sender)
        now, terms = cases.clock.now(), self.terms()
        # Keys of people who did not sign in may be the same by accident: what they send is part of who they are.
        known = [caller.actor, once.key] + ([] if sender else [once.digest])
        case, incident = cases.id_for("http", *known), body.incident()
        person = self.person(caller) if sender else None
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
        return await self.shown(state, caller) if sender else self.receipt(state)

    async def note_call(self, body: CallBody, caller: Caller, once: Once) -> dict[str, Any]:
        """Starts a case of a call to the police; for whom it is, takes it over later with the code of the receipt.

        Also of another unit's municipality: then the case is on the list there. Shows the receipt, to read out.
        """
        cases, now = self.cases, self.cases.clock.now()
        case = cases.id_for("http", caller.actor, once.key)
        command = commands.ReportIncident(
            case, body.incident(), now, self.terms().rccb_receipt(body.urgency), body.aangifte_wished,
            noted_by=caller.actor,
        )  # fmt: skip
        act = Act(caller.actor, "call")
        state = await cases.update(case, command, handled=once.handled(caller), act=act, new=True)
        relation = await self.admission.relation(caller, case, queries.known(state, caller))
        if relation is not None:
            note(case, relation)
        return self.receipt(state)

    async def judge(self, case: str, body: JudgementBody, caller: Caller, once: Once) -> dict[str, Any]:
        """What the person decides about a signal."""
        within, earlier = await self.chain(case, caller)
        doubt = body.doubt() if body.doubt_reasons or body.doubt_words else None
        command = commands.JudgeSignal(
            body.outcome, body.reason, body.company, caller.actor, self.cases.clock.now(), within,
            self.terms().doubt_follow_up, body.aangifte_wished, doubt, earlier,
        )  # fmt: skip
        if doubt and body.outcome is not SignalOutcome.TALK:
            _wrong([("doubt_reasons", "Twijfelt u? Kies dan voor een gesprek.")])
        return await self.act(case, command, caller, once, "judgement")

    async def melding(self, case: str, caller: Caller, once: Once, body: MeldingBody | None = None) -> dict[str, Any]:
        """Makes a melding of a signal or a talk."""
        within, earlier = await self.chain(case, caller)
        told = body or MeldingBody()
        command = commands.MakeMelding(
            self.cases.clock.now(), within, told.aangifte_wished, told.reason, caller.actor, earlier
        )
        return await self.act(case, command, caller, once, "melding")

    async def add_evidence(self, case: str, body: EvidenceBody, caller: Caller, once: Once) -> dict[str, Any]:
        """Writes down what is known of a piece of evidence."""
        added = Custody(caller.actor, "added", self.cases.clock.now())
        made = body.made_at and body.made_at.astimezone(UTC)
        evidence = Evidence(body.sha256, body.medium, body.size_bytes, body.source, (added,), made)
        return await self.act(case, commands.AddEvidence(evidence), caller, once, "evidence", any_reader=True)

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
        today = self.today()
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
