"""What admission hears: whose a case is, who is trusted or kept out, which handlers a municipality has on it."""

from __future__ import annotations

from shared.access.admission import Admission
from shared.access.ties import NoteAdvised, NoteCase, NoteTie, NoteToJudge
from shared.contracts.assessment import HandlerAssigned, MeasuresAdvised
from shared.contracts.envelope import Envelope
from shared.contracts.funding import CostLineDisputed, CostLineToBeJudged
from shared.contracts.intake import IncidentReported, RelationChanged
from shared.contracts.topics import (
    ASSESSMENT_HANDLERS,
    ASSESSMENT_MEASURES,
    FUNDING_COSTS,
    INTAKE_RELATIONS,
    INTAKE_REPORTING,
    Topic,
)  # fmt: skip
from shared.contracts.vocabulary import Addressee, Tie
from shared.runtime.cases import Act, Handled
from shared.runtime.kafka import Bus, Subscription


class Ear:
    """The subscriptions of admission in one service, each named after it."""

    def __init__(self, service: str, bus: Bus, admission: Admission) -> None:
        self._service, self._bus, self._admission = service, bus, admission

    def _on(self, topic: Topic, name: str) -> Subscription:
        return self._bus.subscription(topic, f"{self._service}.access.{name}")

    async def _note(self, case: str, fact: object, handled: str, source: str) -> None:
        ties = self._admission.ties
        await ties.update(ties.id_for(case), fact, handled=Handled(handled), act=Act(source), new=True)

    def hear_reports(self) -> None:
        """Whose a case is, or who wrote it for somebody else."""

        @self._on(INTAKE_REPORTING, "reports").on(IncidentReported)
        async def incident_reported(event: Envelope[IncidentReported]) -> None:
            data = event.data
            rota = self._admission.rota(data.municipality)
            fact = NoteCase(data.case, data.municipality, data.office, data.person, data.reporter, rota)
            await self._note(data.case, fact, event.handled_id, "intake")

    def hear_relations(self) -> None:
        """Whom the victim trusts, who is kept out. For services other than intake, which tells it."""

        @self._on(INTAKE_RELATIONS, "relations").on(RelationChanged)
        async def relation_changed(event: Envelope[RelationChanged]) -> None:
            data = event.data
            fact = NoteTie(data.case, data.account, data.relation, data.holds)
            await self._note(data.case, fact, event.handled_id, "intake")

    def hear_advice(self) -> None:
        """The first measure that is addressed to a municipality puts its rota's handlers on the case."""

        @self._on(ASSESSMENT_MEASURES, "advice").on(MeasuresAdvised)
        async def measures_advised(event: Envelope[MeasuresAdvised]) -> None:
            data = event.data
            if all(line.addressee is not Addressee.MUNICIPALITY for line in data.lines):
                return
            fact = NoteAdvised(data.case, data.municipality, self._admission.rota(data.municipality))
            await self._note(data.case, fact, event.handled_id, "assessment")

    def hear_costs(self) -> None:
        """What a handler must judge puts the rota's handlers on a case without advice too. For funding."""
        costs = self._on(FUNDING_COSTS, "costs")

        @costs.on(CostLineToBeJudged)
        async def to_be_judged(event: Envelope[CostLineToBeJudged]) -> None:
            await self._note(event.data.case, NoteToJudge(event.data.case), event.handled_id, "funding")

        @costs.on(CostLineDisputed)
        async def disputed(event: Envelope[CostLineDisputed]) -> None:
            await self._note(event.data.case, NoteToJudge(event.data.case), event.handled_id, "funding")

    def hear_handlers(self) -> None:
        """Whom a municipality put on a case. For services other than assessment, which tells it."""

        @self._on(ASSESSMENT_HANDLERS, "handlers").on(HandlerAssigned)
        async def handler_assigned(event: Envelope[HandlerAssigned]) -> None:
            data = event.data
            fact = NoteTie(data.case, data.account, Tie.ASSIGNED, data.holds)
            await self._note(data.case, fact, event.handled_id, "assessment")
