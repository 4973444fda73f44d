"""Wiring of intake: the only place that knows its parts."""

from __future__ import annotations

from fastapi import FastAPI

from services.intake.reporting import domain, evidence_routes, queries, routes, subscribers
from services.intake.reporting.report import Report
from shared.privacy.sealed_files import DerivedKeys, SealedFiles
from shared.runtime.cases import Module
from shared.runtime.environment import Clock, Keys, Settings
from shared.web.http import build_app
from shared.web.timeline import Part, timeline_routes
from shared.web.wiring import service_with_partners

REPORTING = Module(
    "intake.reporting", Report, domain.decide, domain.deadlines, domain.is_closed, indexes=queries.SEARCHED
)


def build(settings: Settings, *, keys: Keys | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app. Entering its lifespan connects and consumes."""
    service, references = service_with_partners("intake", settings, keys, clock)
    reporting = service.cases(REPORTING)
    subscribers.subscribe(service.bus, reporting)
    timeline = timeline_routes(service, references, Part(reporting, str, queries.reads_as))
    files = SealedFiles(
        service.database.collection(REPORTING.name, "files"), DerivedKeys(service.keys.reference), reporting.id_for
    )
    evidence = evidence_routes.routes(routes.Desk(reporting), files)
    return build_app(service, "Veilig Bestuur: intake", routes.routes(reporting), evidence, timeline)
