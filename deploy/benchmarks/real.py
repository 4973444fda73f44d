"""The real chain, as short as the bare one: a report, its weighing opened, RCCB's receipt noted. Three saves, three
events, two deliveries, with everything that the runtime promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from services.assessment.app import WEIGHING
from services.assessment.weighing import subscribers as weighing_subscribers
from services.intake.app import REPORTING
from services.intake.reporting import subscribers as reporting_subscribers
from services.intake.reporting.commands import ReportIncident
from services.intake.reporting.incident import Incident, Person
from services.intake.reporting.report import Report
from shared.contracts.vocabulary import Impact, IncidentKind, Office, Urgency
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.environment import Clock, Settings
from shared.runtime.service import Service
from shared.web.wiring import keep_logs

INCIDENT = Incident(
    IncidentKind.THREAT, Office.COUNCILLOR, "9901", Urgency.OTHER, Impact.LIMITED, "", Person("Voorbeeld")
)


class RealChain:
    """Reports, each started by one command."""

    def __init__(self, reporting: Cases[Report]) -> None:
        self.reporting = reporting

    async def start_case(self, case: str) -> None:
        """The first hop."""
        command = ReportIncident(case, INCIDENT, self.reporting.clock.now(), timedelta(hours=24))
        await self.reporting.update(case, command, handled=Handled(f"bench:{case}"), act=Act("bench"), new=True)


@asynccontextmanager
async def real_chain(settings: Settings) -> AsyncIterator[RealChain]:
    """The two services that the chain needs, ready to start cases."""
    keys, clock = settings.keys(), Clock()
    intake, assessment = (Service(name, settings, keys=keys, clock=clock) for name in ("intake", "assessment"))
    for service in (intake, assessment):
        keep_logs(service)
    reporting, weighing = intake.cases(REPORTING), assessment.cases(WEIGHING)
    reporting_subscribers.subscribe(intake.bus, reporting)
    weighing_subscribers.subscribe(assessment.bus, weighing)
    await intake.create_topics()
    async with intake.running(), assessment.running():
        yield RealChain(reporting)
