"""What weighing hears from intake."""

from __future__ import annotations

from services.assessment.weighing.commands import (
    Fact,
    NoteAangifte,
    NoteLink,
    NoteMutatie,
    NoteWithdrawn,
    OpenWeighing,
)
from services.assessment.weighing.policy import terms_on
from services.assessment.weighing.record import Weighing
from shared.contracts.envelope import Envelope
from shared.contracts.intake import (
    AangifteFiled,
    IncidentReported,
    IncidentsLinked,
    IncidentWithdrawn,
    MutatieRegistered,
)
from shared.contracts.topics import INTAKE_REPORTING
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.kafka import Bus


def subscribe(bus: Bus, cases: Cases[Weighing]) -> None:
    """Registers the subscriptions of this module."""
    reports = bus.subscription(INTAKE_REPORTING, "assessment.weighing.reports")

    async def note(handled_id: str, fact: Fact, *, new: bool = False) -> None:
        await cases.update(cases.id_for(fact.case), fact, handled=Handled(handled_id), act=Act("intake"), new=new)

    @reports.on(IncidentReported)
    async def incident_reported(event: Envelope[IncidentReported]) -> None:
        data, now = event.data, cases.clock.now()
        within = terms_on(now.date()).weigh_within(data.urgency)
        fact = OpenWeighing(
            data.case, data.office, data.kind, data.urgency, now, within, data.person, data.municipality
        )
        await note(event.handled_id, fact, new=True)

    @reports.on(AangifteFiled)
    async def aangifte_filed(event: Envelope[AangifteFiled]) -> None:
        await note(event.handled_id, NoteAangifte(event.data.case, event.data.filed_on))

    @reports.on(MutatieRegistered)
    async def mutatie_registered(event: Envelope[MutatieRegistered]) -> None:
        await note(event.handled_id, NoteMutatie(event.data.case, event.data.registered_on))

    @reports.on(IncidentWithdrawn)
    async def incident_withdrawn(event: Envelope[IncidentWithdrawn]) -> None:
        await note(event.handled_id, NoteWithdrawn(event.data.case, event.data.withdrawn_at))

    @reports.on(IncidentsLinked)
    async def incidents_linked(event: Envelope[IncidentsLinked]) -> None:
        # Both cases learn of each other; a redelivery after half of it does the other half.
        await note(event.handled_id, NoteLink(event.data.case, event.data.earlier))
        await note(event.handled_id, NoteLink(event.data.earlier, event.data.case))
