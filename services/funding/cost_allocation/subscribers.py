"""What cost allocation hears: advised measures."""

from __future__ import annotations

from services.funding.cost_allocation.domain import Costs, KnownMeasure, NoteAdvice
from shared.contracts.assessment import MeasuresAdvised
from shared.contracts.envelope import Envelope
from shared.contracts.topics import ASSESSMENT_MEASURES
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.kafka import Bus


def subscribe(bus: Bus, cases: Cases[Costs]) -> None:
    """Registers the subscriptions of this module."""
    measures = bus.subscription(ASSESSMENT_MEASURES, "funding.cost-allocation.measures")

    @measures.on(MeasuresAdvised)
    async def measures_advised(event: Envelope[MeasuresAdvised]) -> None:
        data = event.data
        known = tuple(KnownMeasure(line.measure, line.type, line.place, line.above_pkvw) for line in data.lines)
        command = NoteAdvice(data.case, data.municipality, known)
        handled = Handled(event.handled_id)
        await cases.update(cases.id_for(data.case), command, handled=handled, act=Act("assessment"), new=True)
