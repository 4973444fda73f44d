"""What care hears: the incident, that it is not the first, and the end of measures.

It hears nothing of weighing or money, and waits for none.
"""

from __future__ import annotations

from services.aftercare.callback.care import Care
from services.aftercare.callback.commands import NoteIncident, NoteLinked, NoteScaledDown
from shared.contracts.assessment import MeasuresScaledDown
from shared.contracts.envelope import Envelope
from shared.contracts.intake import IncidentReported, IncidentsLinked
from shared.contracts.topics import ASSESSMENT_MEASURES, INTAKE_REPORTING
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.kafka import Bus


def subscribe(bus: Bus, cases: Cases[Care]) -> None:
    """Registers the subscriptions of this module."""
    reports = bus.subscription(INTAKE_REPORTING, "aftercare.callback.reports")
    measures = bus.subscription(ASSESSMENT_MEASURES, "aftercare.callback.measures")

    @reports.on(IncidentReported)
    async def incident_reported(event: Envelope[IncidentReported]) -> None:
        command = NoteIncident(event.data.case, event.data.impact, cases.clock.now())
        handled = Handled(event.handled_id)
        await cases.update(cases.id_for(event.data.case), command, handled=handled, act=Act("intake"), new=True)

    @reports.on(IncidentsLinked)
    async def incidents_linked(event: Envelope[IncidentsLinked]) -> None:
        command = NoteLinked(event.data.case, cases.clock.now())
        await cases.update(cases.id_for(event.data.case), command, handled=Handled(event.handled_id), act=Act("intake"))

    @measures.on(MeasuresScaledDown)
    async def measures_scaled_down(event: Envelope[MeasuresScaledDown]) -> None:
        command = NoteScaledDown(event.data.case, cases.clock.now())
        await cases.update(
            cases.id_for(event.data.case), command, handled=Handled(event.handled_id), act=Act("assessment")
        )
