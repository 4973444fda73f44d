"""Wiring of intake: the only place that knows its parts."""

from __future__ import annotations

from fastapi import FastAPI

from services.intake.reporting import domain, queries, routes, subscribers
from services.intake.reporting.report import SECRETS, Report
from shared.contracts.intake import CaseShredded
from shared.runtime.cases import Module
from shared.runtime.environment import Clock, Keys, Settings
from shared.web.http import build_app
from shared.web.shredding import Shreddable, shredding_routes
from shared.web.timeline import Part, timeline_routes
from shared.web.wiring import service_with_partners

REPORTING = Module(
    "intake.reporting", Report, domain.decide, domain.deadlines, domain.is_closed,
    indexes=queries.SEARCHED, secrets=SECRETS, shredded=CaseShredded, lists=("waits_since", "person"),
)  # fmt: skip


def build(settings: Settings, *, keys: Keys | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app. Entering its lifespan connects and consumes."""
    service, references = service_with_partners("intake", settings, keys, clock)
    reporting = service.cases(REPORTING)
    subscribers.subscribe(service.bus, reporting)
    timeline = timeline_routes(service, references, Part(reporting, str, queries.reads_as))
    shredding = shredding_routes(references, Shreddable(reporting, str))
    return build_app(service, "Veilig Bestuur: intake", routes.routes(reporting), timeline, shredding)
