"""HTTP of reporting. A report needs no account: `Role: office-holder` with any actor id of one's own."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import Field

from services.intake.reporting.domain import (
    ConfirmAangifte,
    Incident,
    MakeMelding,
    Person,
    RecordSignal,
    Report,
    Reporter,
    ReportIncident,
)
from services.intake.reporting.policy import terms_on
from services.intake.reporting.queries import view
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.vocabulary import Impact, IncidentKind, Office, ReportType, Urgency
from shared.runtime.cases import Act, Cases
from shared.web.http import Body, Keyed


class PersonBody(Body):
    """A person's contact data."""

    name: str = Field(min_length=1, max_length=200)
    phone: str = Field("", max_length=40)
    address: str = Field("", max_length=400)


class ReporterBody(PersonBody):
    """Somebody who reports for the victim (R-ACT-13)."""

    relation: str = Field(min_length=1, max_length=100)


class ReportBody(Body):
    """A signal or a melding."""

    kind: IncidentKind
    office: Office
    municipality: str = Field(pattern=r"^\d{4}$", description="CBS code.")
    urgency: Urgency = Urgency.OTHER
    impact: Impact = Impact.LIMITED
    narrative: str = Field("", max_length=20_000)
    victim: PersonBody
    reporter: ReporterBody | None = None
    context: str | None = Field(None, pattern="^asielinstroom$")
    signal_only: bool = Field(False, description="Unease only; it stays with the person (R-MEL-01).")
    aangifte_wished: bool = False

    def incident(self) -> Incident:
        """As the domain knows it."""
        victim = Person(self.victim.name, self.victim.phone, self.victim.address)
        reporter = None
        if self.reporter is not None:
            person = Person(self.reporter.name, self.reporter.phone, self.reporter.address)
            reporter = Reporter(person, self.reporter.relation)
        return Incident(
            self.kind, self.office, self.municipality, self.urgency, self.impact, self.narrative, victim, reporter,
            self.context,
        )  # fmt: skip


class AangifteBody(Body):
    """The police's confirmation."""

    reference: str = Field(min_length=1, max_length=60)
    filed_on: date


def _check_reporter(body: ReportBody, caller: Caller) -> None:
    # Without own data a reporter would count as the victim.
    if caller.role is Role.REPORTER and body.reporter is None:
        message = "U meldt voor iemand anders. Vul ook uw eigen naam in, en wie u bent voor die persoon."
        raise RequestValidationError([{"type": "missing", "loc": ("body", "reporter"), "msg": message}])


def routes(cases: Cases[Report]) -> APIRouter:
    """The routes, on these cases."""
    router = APIRouter(prefix="/reports", tags=["reports"])
    _add_reporting(router, cases)
    _add_police(router, cases)
    _add_reading(router, cases)
    return router


def _add_reporting(router: APIRouter, cases: Cases[Report]) -> None:
    citizen = calls_as(Role.OFFICE_HOLDER, Role.REPORTER)

    @router.post("", status_code=201, summary="Report an incident, or record a signal")
    async def report(body: ReportBody, caller: Annotated[Caller, Depends(citizen)], once: Keyed) -> dict[str, Any]:
        _check_reporter(body, caller)
        now = cases.clock.now()
        terms, case, incident = terms_on(now.date()), cases.id_for("http", caller.actor, once.key), body.incident()
        command: RecordSignal | ReportIncident = (
            RecordSignal(case, incident, now, terms.signal_unjudged)
            if body.signal_only
            else ReportIncident(case, incident, now, terms.rccb_receipt(body.urgency), body.aangifte_wished)
        )
        act = Act(caller.actor, "report")
        state = await cases.update(case, command, handled=once.handled(caller), act=act, new=True)
        return view(state, caller.role)

    @router.post("/{case}/melding", summary="The victim makes a melding of a signal")
    async def melding(
        case: str, caller: Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER))], once: Keyed
    ) -> dict[str, Any]:
        before = await cases.load(case)
        now = cases.clock.now()
        urgency = before.incident.urgency if before and before.incident else Urgency.OTHER
        command = MakeMelding(now, terms_on(now.date()).rccb_receipt(urgency))
        state = await cases.update(case, command, handled=once.handled(caller), act=Act(caller.actor, "melding"))
        return view(state, caller.role)


def _add_police(router: APIRouter, cases: Cases[Report]) -> None:
    @router.post("/{case}/aangifte", summary="The police confirm an aangifte")
    async def aangifte(
        case: str, body: AangifteBody, caller: Annotated[Caller, Depends(calls_as(Role.POLICE))], once: Keyed
    ) -> dict[str, Any]:
        command = ConfirmAangifte(body.reference, body.filed_on, cases.clock.now())
        state = await cases.update(case, command, handled=once.handled(caller), act=Act(caller.actor, "aangifte"))
        return view(state, caller.role)


def _add_reading(router: APIRouter, cases: Cases[Report]) -> None:
    @router.get("/{case}", summary="A report, as far as the role may see it")
    async def read(
        case: str,
        caller: Annotated[
            Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.REPORTER, Role.POLICE, Role.RCCB, Role.HOVJ))
        ],
    ) -> dict[str, Any]:
        state = await cases.load(case)
        hidden = state is not None and state.type is ReportType.SIGNAL and caller.role is not Role.OFFICE_HOLDER
        if state is None or state.incident is None or hidden:
            raise HTTPException(404, "Deze melding is niet bekend.")
        return view(state, caller.role)
