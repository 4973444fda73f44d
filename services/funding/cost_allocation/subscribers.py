"""What cost allocation hears: incidents, advised measures, bills of the IVP. Never what the State takes itself (K7)."""

from __future__ import annotations

from datetime import date

from services.funding.cost_allocation.commands import NoteAdvice, NoteIncident, NoteInvoice
from services.funding.cost_allocation.costs import Costs, KnownMeasure
from services.funding.cost_allocation.policy import rules_on, terms_on
from shared.contracts.aftercare import EmployerInvoiced
from shared.contracts.assessment import MeasuresAdvised
from shared.contracts.envelope import Envelope
from shared.contracts.intake import IncidentReported
from shared.contracts.topics import AFTERCARE_INVOICES, ASSESSMENT_MEASURES, INTAKE_REPORTING
from shared.contracts.working_days import local_day
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.kafka import Bus


def subscribe(bus: Bus, cases: Cases[Costs]) -> None:
    """Registers the subscriptions of this module."""
    reports = bus.subscription(INTAKE_REPORTING, "funding.cost-allocation.reports")
    measures = bus.subscription(ASSESSMENT_MEASURES, "funding.cost-allocation.measures")
    invoices = bus.subscription(AFTERCARE_INVOICES, "funding.cost-allocation.invoices")

    async def note(case: str, command: object, handled: str, actor: str) -> None:
        await cases.update(cases.id_for(case), command, handled=Handled(handled), act=Act(actor), new=True)

    @reports.on(IncidentReported)
    async def incident_reported(event: Envelope[IncidentReported]) -> None:
        command = NoteIncident(event.data.case, event.data.municipality)
        await note(event.data.case, command, event.handled_id, "intake")

    @measures.on(MeasuresAdvised)
    async def measures_advised(event: Envelope[MeasuresAdvised]) -> None:
        data = event.data
        known = tuple(
            KnownMeasure(line.measure, line.type, line.place, line.above_pkvw, line.addressee, line.executor)
            for line in data.lines
        )
        await note(data.case, NoteAdvice(data.case, data.municipality, known), event.handled_id, "assessment")

    @invoices.on(EmployerInvoiced)
    async def employer_invoiced(event: Envelope[EmployerInvoiced]) -> None:
        data = event.data
        before = terms_on(local_day(event.time)).judge_before(event.time)
        command = NoteInvoice(
            data.case, cases.id_for("line", data.invoice), data.invoice, data.municipality, data.amount_cents,
            rules_on(date.fromisoformat(f"{data.month}-01")), event.time, before,
        )  # fmt: skip
        await note(data.case, command, event.handled_id, "aftercare")
