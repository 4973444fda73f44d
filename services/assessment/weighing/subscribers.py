"""What weighing hears from intake."""

from __future__ import annotations

from services.assessment.weighing.domain import NoteAangifte, OpenWeighing, Weighing
from services.assessment.weighing.policy import terms_on
from shared.contracts.envelope import Envelope
from shared.contracts.intake import AangifteFiled, IncidentReported
from shared.contracts.topics import INTAKE_REPORTING
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.kafka import Bus


def subscribe(bus: Bus, cases: Cases[Weighing]) -> None:
    """Registers the subscriptions of this module."""
    reports = bus.subscription(INTAKE_REPORTING, "assessment.weighing.reports")

    @reports.on(IncidentReported)
    async def incident_reported(event: Envelope[IncidentReported]) -> None:
        data, now = event.data, cases.clock.now()
        within = terms_on(now.date()).weigh_within(data.urgency)
        command = OpenWeighing(data.case, data.office, data.kind, data.urgency, now, within)
        handled = Handled(event.handled_id)
        await cases.update(cases.id_for(data.case), command, handled=handled, act=Act("intake"), new=True)

    @reports.on(AangifteFiled)
    async def aangifte_filed(event: Envelope[AangifteFiled]) -> None:
        command = NoteAangifte(event.data.case, event.data.filed_on)
        await cases.update(cases.id_for(event.data.case), command, handled=Handled(event.handled_id), act=Act("intake"))
