"""Wiring of intake: the only place that knows its parts."""

from __future__ import annotations

from fastapi import FastAPI

from services.intake.reporting import domain, queries, routes, subscribers
from services.intake.reporting.report import Report
from shared.access.matrix import DataClass
from shared.runtime.cases import Module
from shared.runtime.environment import Clock, Keys, Settings
from shared.web.http import build_app
from shared.web.relations import relation_routes
from shared.web.timeline import Part, timeline_routes
from shared.web.wiring import wire

REPORTING = Module(
    "intake.reporting", Report, domain.decide, domain.deadlines, domain.is_closed, indexes=queries.SEARCHED
)


def build(settings: Settings, *, keys: Keys | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app. Entering its lifespan connects and consumes."""
    wired = wire("intake", settings, keys, clock)
    service, admission = wired.service, wired.admission
    reporting = service.cases(REPORTING)
    subscribers.subscribe(service.bus, reporting)
    wired.ear.hear_reports()
    wired.ear.hear_advice()
    wired.ear.hear_handlers()
    timeline = timeline_routes(
        service, admission, Part(reporting, str, DataClass.NARRATIVE, queries.known, queries.view_role)
    )
    return build_app(
        service, "Veilig Bestuur: intake", routes.routes(reporting, admission), relation_routes(admission), timeline
    )
