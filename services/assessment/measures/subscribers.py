"""What measures hears: the incident (for the municipality) and the HOvJ's decision."""

from __future__ import annotations

from services.assessment.measures.domain import Measures, NoteAssessment, NoteIncident
from shared.contracts.assessment import ThreatAssessed
from shared.contracts.envelope import Envelope
from shared.contracts.intake import IncidentReported
from shared.contracts.topics import ASSESSMENT_RESTRICTED, INTAKE_REPORTING
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.kafka import Bus


def subscribe(bus: Bus, cases: Cases[Measures]) -> None:
    """Registers the subscriptions of this module."""
    reports = bus.subscription(INTAKE_REPORTING, "assessment.measures.reports")
    decisions = bus.subscription(ASSESSMENT_RESTRICTED, "assessment.measures.decisions")

    @reports.on(IncidentReported)
    async def incident_reported(event: Envelope[IncidentReported]) -> None:
        command = NoteIncident(event.data.case, event.data.municipality, event.data.office)
        handled = Handled(event.handled_id)
        await cases.update(cases.id_for(event.data.case), command, handled=handled, act=Act("intake"), new=True)

    @decisions.on(ThreatAssessed)
    async def threat_assessed(event: Envelope[ThreatAssessed]) -> None:
        command = NoteAssessment(event.data.case, event.data.measures_needed)
        await cases.update(
            cases.id_for(event.data.case), command, handled=Handled(event.handled_id), act=Act("assessment")
        )
