"""Wiring of funding: the only place that knows its parts."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.funding.cost_allocation import domain as costs_domain
from services.funding.cost_allocation import figures_pages as costs_figures_pages
from services.funding.cost_allocation import own_pages as costs_own_pages
from services.funding.cost_allocation import pages as costs_pages
from services.funding.cost_allocation import queries as costs_queries
from services.funding.cost_allocation import routes as costs_routes
from services.funding.cost_allocation import subscribers as costs_subscribers
from services.funding.cost_allocation.costs import SECRETS as COSTS_SECRETS
from services.funding.cost_allocation.costs import Costs
from services.funding.cost_allocation.desk import Desk as CostsDesk
from services.funding.safety_net import domain as net_domain
from services.funding.safety_net import ministry_pages as net_ministry_pages
from services.funding.safety_net import pages as net_pages
from services.funding.safety_net import queries as net_queries
from services.funding.safety_net import routes as net_routes
from services.funding.safety_net import subscribers as net_subscribers
from services.funding.safety_net.desk import Desk as NetDesk
from services.funding.safety_net.request import SECRETS as NET_SECRETS
from services.funding.safety_net.request import SafetyNet
from shared.access.matrix import DataClass
from shared.contracts.funding import CaseShredded, CostsShredded
from shared.runtime.cases import Module
from shared.runtime.environment import Clock, Keys, Settings
from shared.web.http import build_walled
from shared.web.menu import MENU
from shared.web.own import Kept, own_routes
from shared.web.pages import Site
from shared.web.shredding import Shreddable, shredding_routes
from shared.web.shredding_pages import shredding_pages
from shared.web.timeline import Part, timeline_routes
from shared.web.wiring import wire

COSTS = Module(
    "funding.cost_allocation", Costs, costs_domain.decide, costs_domain.deadlines, costs_domain.is_closed,
    indexes=costs_queries.SEARCHED, secrets=COSTS_SECRETS, shredded=CostsShredded,
    lists=("waits_since",),
)  # fmt: skip
SAFETY_NET = Module(
    "funding.safety_net", SafetyNet, net_domain.decide, net_domain.deadlines, net_domain.is_closed,
    indexes=net_queries.SEARCHED, secrets=NET_SECRETS, shredded=CaseShredded,
    lists=("phase", "due_by"),
)  # fmt: skip


def build(settings: Settings, *, keys: Keys | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app. Entering its lifespan connects and consumes."""
    wired = wire("funding", settings, keys, clock)
    service, admission = wired.service, wired.admission
    costs, net = service.cases(COSTS), service.cases(SAFETY_NET)
    costs_subscribers.subscribe(service.bus, costs)
    net_subscribers.subscribe(service.bus, net)
    wired.ear.hear_reports()
    wired.ear.hear_relations()
    wired.ear.hear_advice()
    wired.ear.hear_handlers()
    wired.ear.hear_costs()
    modules = {"safety-net": "safety_net", "costs": "cost_allocation"}
    templates = {name: Path(__file__).parent / module / "templates" for name, module in modules.items()}
    site = Site(settings, "/funding", MENU, templates, service.clock.now)
    kept = (Shreddable(costs, costs.id_for), Shreddable(net, net.id_for))
    return build_walled(
        wired,
        "Veilig Bestuur: funding",
        costs_routes.routes(costs, admission),
        net_routes.routes(net, admission),
        own_routes(wired, Kept(COSTS.name, costs.id_for), Kept(SAFETY_NET.name, net.id_for)),
        timeline_routes(
            service, admission, Part(costs, costs.id_for, DataClass.COSTS), Part(net, net.id_for, DataClass.COSTS)
        ),
        shredding_routes(admission, *kept),
        site=site,
        pages=[
            net_ministry_pages.pages(site, NetDesk(net, admission)),  # first: no case is named `eerder`
            net_pages.pages(site, NetDesk(net, admission)),
            costs_pages.pages(site, CostsDesk(costs, admission)),
            costs_own_pages.pages(site, CostsDesk(costs, admission)),
            costs_figures_pages.pages(site, CostsDesk(costs, admission)),
            shredding_pages(site, admission, *kept),
        ],
    )
