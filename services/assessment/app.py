"""Wiring of assessment: the only place that knows its parts."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.assessment.measures import advising_pages
from services.assessment.measures import domain as measures_domain
from services.assessment.measures import pages as measures_pages
from services.assessment.measures import queries as measures_queries
from services.assessment.measures import routes as measures_routes
from services.assessment.measures import subscribers as measures_subscribers
from services.assessment.measures.desk import Desk as MeasuresDesk
from services.assessment.measures.record import SECRETS as MEASURES_SECRETS
from services.assessment.measures.record import Measures
from services.assessment.weighing import acting_pages
from services.assessment.weighing import domain as weighing_domain
from services.assessment.weighing import pages as weighing_pages
from services.assessment.weighing import queries as weighing_queries
from services.assessment.weighing import routes as weighing_routes
from services.assessment.weighing import subscribers as weighing_subscribers
from services.assessment.weighing.desk import Desk
from services.assessment.weighing.record import SECRETS as WEIGHING_SECRETS
from services.assessment.weighing.record import Weighing
from shared.access.matrix import DataClass
from shared.contracts.assessment import CaseShredded, MeasuresShredded
from shared.runtime.cases import Module
from shared.runtime.environment import Clock, Keys, Settings
from shared.web.glass_pages import glass_pages
from shared.web.http import build_walled
from shared.web.menu import MENU
from shared.web.officer_pages import officer_pages
from shared.web.own import Kept, glass_routes, own_routes
from shared.web.pages import Site
from shared.web.relations import handler_routes
from shared.web.shredding import Shreddable, shredding_routes
from shared.web.shredding_pages import shredding_pages
from shared.web.timeline import Part, timeline_routes
from shared.web.wiring import wire

WEIGHING = Module(
    "assessment.weighing",
    Weighing,
    weighing_domain.decide,
    weighing_domain.deadlines,
    weighing_domain.is_closed,
    weighing_queries.SEARCHED,
    WEIGHING_SECRETS,
    CaseShredded,
    lists=("waits_for", "waits_until", "person"),
)
MEASURES = Module(
    "assessment.measures",
    Measures,
    measures_domain.decide,
    measures_domain.deadlines,
    measures_domain.is_closed,
    measures_queries.SEARCHED,
    MEASURES_SECRETS,
    MeasuresShredded,
    lists=("review_at", "review_due_since", "not_followed_up_since"),
)


def build(settings: Settings, *, keys: Keys | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app. Entering its lifespan connects and consumes."""
    wired = wire("assessment", settings, keys, clock)
    service, admission = wired.service, wired.admission
    weighing, measures = service.cases(WEIGHING), service.cases(MEASURES)
    weighing_subscribers.subscribe(service.bus, weighing)
    measures_subscribers.subscribe(service.bus, measures)
    wired.ear.hear_reports()
    wired.ear.hear_relations()
    wired.ear.hear_advice()
    templates = {name: Path(__file__).parent / name / "templates" for name in ("measures", "weighing")}
    weighing_desk, measures_desk = Desk(weighing, admission), MeasuresDesk(measures, admission)
    site = Site(settings, "/assessment", MENU, templates, service.clock.now)
    kept = (Shreddable(weighing, weighing.id_for), Shreddable(measures, measures.id_for))
    return build_walled(
        wired,
        "Veilig Bestuur: assessment",
        weighing_routes.routes(weighing, admission),
        measures_routes.routes(measures, admission),
        handler_routes(admission),
        own_routes(wired, Kept(WEIGHING.name, weighing.id_for), Kept(MEASURES.name, measures.id_for)),
        glass_routes(wired, WEIGHING.name),
        timeline_routes(
            service,
            admission,
            Part(weighing, weighing.id_for, DataClass.ASSESSMENT, lambda state, _: weighing_queries.known(state)),
            Part(measures, measures.id_for, DataClass.MEASURES, lambda state, _: measures_queries.known(state)),
        ),
        shredding_routes(admission, *kept),
        site=site,
        pages=[
            weighing_pages.pages(site, weighing_desk),
            acting_pages.pages(site, weighing_desk),
            measures_pages.pages(site, measures_desk),
            advising_pages.pages(site, measures_desk),
            glass_pages(site, wired, WEIGHING.name, lambda case: f"/wegen/{weighing.id_for(case)}"),
            officer_pages(site, wired, WEIGHING.name, MEASURES.name),
            shredding_pages(site, admission, *kept),
        ],
    )
