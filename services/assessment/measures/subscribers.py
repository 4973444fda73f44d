"""What measures hears: the incident (for the municipality), links with earlier ones, weighings and decisions."""

from __future__ import annotations

from services.assessment.measures.commands import Fact, NoteAssessment, NoteFirstWeighing, NoteIncident, NoteLink
from services.assessment.measures.policy import terms_on
from services.assessment.measures.record import Measures
from shared.contracts.assessment import FirstWeighingConcluded, ThreatAssessed
from shared.contracts.envelope import Envelope
from shared.contracts.intake import IncidentReported, IncidentsLinked
from shared.contracts.topics import ASSESSMENT_RESTRICTED, ASSESSMENT_WEIGHING, INTAKE_REPORTING
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.kafka import Bus


def subscribe(bus: Bus, cases: Cases[Measures]) -> None:
    """Registers the subscriptions of this module."""
    reports = bus.subscription(INTAKE_REPORTING, "assessment.measures.reports")
    weighings = bus.subscription(ASSESSMENT_WEIGHING, "assessment.measures.weighings")
    decisions = bus.subscription(ASSESSMENT_RESTRICTED, "assessment.measures.decisions")

    async def note(handled_id: str, fact: Fact, source: str, *, new: bool = False) -> None:
        await cases.update(cases.id_for(fact.case), fact, handled=Handled(handled_id), act=Act(source), new=new)

    @reports.on(IncidentReported)
    async def incident_reported(event: Envelope[IncidentReported]) -> None:
        fact = NoteIncident(event.data.case, event.data.municipality, event.data.office)
        await note(event.handled_id, fact, "intake", new=True)

    @reports.on(IncidentsLinked)
    async def incidents_linked(event: Envelope[IncidentsLinked]) -> None:
        data = event.data
        within = terms_on(data.linked_at.date()).linked_review_within
        await note(event.handled_id, NoteLink(data.earlier, data.case, data.linked_at, within), "intake")

    @weighings.on(FirstWeighingConcluded)
    async def first_weighing_concluded(event: Envelope[FirstWeighingConcluded]) -> None:
        fact = NoteFirstWeighing(event.data.case, event.data.qualifies, event.data.decided_at)
        await note(event.handled_id, fact, "assessment")

    @decisions.on(ThreatAssessed)
    async def threat_assessed(event: Envelope[ThreatAssessed]) -> None:
        data = event.data
        fact = NoteAssessment(data.case, data.measures_needed, data.assessed_at, data.confirmed)
        await note(event.handled_id, fact, "assessment")
