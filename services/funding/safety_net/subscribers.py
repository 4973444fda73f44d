"""What the safety net hears: the incident, the aangifte, the advice, the cost lines with a payer."""

from __future__ import annotations

from typing import Any

from services.funding.safety_net.commands import NoteAangifte, NoteAdvice, NoteCostLine, NoteIncident
from services.funding.safety_net.request import Line, SafetyNet
from shared.contracts.assessment import MeasuresAdvised
from shared.contracts.envelope import Envelope
from shared.contracts.funding import CostLineClassified, CostLineReclassified
from shared.contracts.intake import AangifteFiled, IncidentReported
from shared.contracts.topics import ASSESSMENT_MEASURES, FUNDING_COSTS, INTAKE_REPORTING
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.kafka import Bus


def subscribe(bus: Bus, cases: Cases[SafetyNet]) -> None:
    """Registers the subscriptions of this module."""
    reports = bus.subscription(INTAKE_REPORTING, "funding.safety-net.reports")
    measures = bus.subscription(ASSESSMENT_MEASURES, "funding.safety-net.measures")
    costs = bus.subscription(FUNDING_COSTS, "funding.safety-net.costs")

    async def note(event: Envelope[Any], command: object, actor: str, *, new: bool = False) -> None:
        handled = Handled(event.handled_id)
        await cases.update(cases.id_for(event.data.case), command, handled=handled, act=Act(actor), new=new)

    @reports.on(IncidentReported)
    async def incident_reported(event: Envelope[IncidentReported]) -> None:
        incident = NoteIncident(event.data.case, event.data.municipality, event.data.office)
        await note(event, incident, "intake", new=True)

    @reports.on(AangifteFiled)
    async def aangifte_filed(event: Envelope[AangifteFiled]) -> None:
        await note(event, NoteAangifte(event.data.case, event.data.filed_on), "intake")

    @measures.on(MeasuresAdvised)
    async def measures_advised(event: Envelope[MeasuresAdvised]) -> None:
        await note(event, NoteAdvice(event.data.case, event.data.advised_at), "assessment")

    async def line(event: Envelope[CostLineClassified] | Envelope[CostLineReclassified]) -> None:
        data = event.data
        known = Line(
            data.line, data.type, data.place, data.payer, data.above_pkvw, data.amount_cents, data.eligible,
            data.actual_cents,
        )  # fmt: skip
        await note(event, NoteCostLine(data.case, known), "funding")

    @costs.on(CostLineClassified)
    async def cost_line_classified(event: Envelope[CostLineClassified]) -> None:
        await line(event)

    @costs.on(CostLineReclassified)
    async def cost_line_reclassified(event: Envelope[CostLineReclassified]) -> None:
        await line(event)
