"""What reporting hears from assessment."""

from __future__ import annotations

from services.intake.reporting.commands import NoteFirstWeighing, NoteWeighingOpened
from services.intake.reporting.report import Report
from shared.contracts.assessment import FirstWeighingConcluded, WeighingOpened
from shared.contracts.envelope import Envelope
from shared.contracts.topics import ASSESSMENT_WEIGHING
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.kafka import Bus


def subscribe(bus: Bus, cases: Cases[Report]) -> None:
    """Registers the subscriptions of this module."""
    weighing = bus.subscription(ASSESSMENT_WEIGHING, "intake.reporting.weighing")

    @weighing.on(WeighingOpened)
    async def weighing_opened(event: Envelope[WeighingOpened]) -> None:
        command = NoteWeighingOpened(event.data.case, event.data.opened_at)
        await cases.update(event.data.case, command, handled=Handled(event.handled_id), act=Act("assessment"))

    @weighing.on(FirstWeighingConcluded)
    async def first_weighing_concluded(event: Envelope[FirstWeighingConcluded]) -> None:
        command = NoteFirstWeighing(event.data.case, event.data.qualifies)
        await cases.update(event.data.case, command, handled=Handled(event.handled_id), act=Act("assessment"))
