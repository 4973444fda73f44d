"""Wiring of aftercare: the only place that knows its parts."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.aftercare.billing import domain as billing_domain
from services.aftercare.billing import pages as billing_pages
from services.aftercare.billing import routes as billing_routes
from services.aftercare.billing.desk import Desk as BillingDesk
from services.aftercare.callback import domain, figures_pages, queries, routes, subscribers
from services.aftercare.callback import pages as callback_pages
from services.aftercare.callback.care import SECRETS, Care
from services.aftercare.callback.desk import Desk
from shared.access.matrix import DataClass
from shared.contracts.aftercare import CaseShredded
from shared.runtime.cases import Module
from shared.runtime.environment import Clock, Keys, Settings
from shared.web.http import build_walled
from shared.web.menu import MENU
from shared.web.own import Kept, own_routes
from shared.web.pages import Site
from shared.web.shredding import Shreddable, shredding_routes
from shared.web.timeline import Part, timeline_routes
from shared.web.wiring import wire

CALLBACK = Module(
    "aftercare.callback", Care, domain.decide, domain.deadlines, domain.is_closed,
    indexes=queries.SEARCHED, secrets=SECRETS, shredded=CaseShredded, persons=queries.persons,
)  # fmt: skip
BILLING = Module(
    "aftercare.billing", billing_domain.Bill, billing_domain.decide, billing_domain.deadlines, billing_domain.is_closed
)


def build(settings: Settings, *, keys: Keys | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app. Entering its lifespan connects and consumes."""
    wired = wire("aftercare", settings, keys, clock)
    service, admission = wired.service, wired.admission
    callback, billing = service.cases(CALLBACK), service.cases(BILLING)
    subscribers.subscribe(service.bus, callback)
    service.broken["callback"] = lambda: queries.still_waiting(callback)
    wired.ear.hear_reports()
    wired.ear.hear_relations()
    care = Part(callback, callback.id_for, DataClass.CARE_FACT, lambda state, _: queries.known(state))
    templates = {name: Path(__file__).parent / name / "templates" for name in ("callback", "billing")}
    bills = BillingDesk(billing, admission)
    site = Site(settings, "/aftercare", MENU, templates, service.clock.now)
    return build_walled(
        wired,
        "Veilig Bestuur: aftercare",
        routes.routes(callback, admission),
        billing_routes.routes(bills),
        own_routes(wired, Kept(CALLBACK.name, callback.id_for)),
        timeline_routes(service, admission, care),
        shredding_routes(admission, Shreddable(callback, callback.id_for)),
        site=site,
        pages=[
            callback_pages.pages(site, Desk(callback, admission)),
            figures_pages.pages(site, Desk(callback, admission)),
            billing_pages.pages(site, bills),
        ],
    )
