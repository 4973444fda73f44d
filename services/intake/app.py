"""Wiring of intake: the only place that knows its parts."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.intake.front import pages as front_pages
from services.intake.front import routes as front_routes
from services.intake.front.gathering import Gatherer
from services.intake.guidance import pages as guidance_pages
from services.intake.reporting import (
    call_pages,
    domain,
    evidence_pages,
    evidence_routes,
    figures_pages,
    handler_pages,
    own_pages,
    police_pages,
    queries,
    routes,
    subscribers,
    upload_pages,
)
from services.intake.reporting import pages as reporting_pages
from services.intake.reporting.choices import Choices
from services.intake.reporting.desk import Desk
from services.intake.reporting.draft import MODULE as DRAFTS
from services.intake.reporting.drafts import Drafts
from services.intake.reporting.locker import Locker
from services.intake.reporting.report import SECRETS, Report
from shared.access.issuer import client_of_environment, direct_client
from shared.access.matrix import DataClass
from shared.contracts.intake import CaseShredded
from shared.privacy.controllers import CONTROLLERS
from shared.privacy.sealed_files import SealedFiles
from shared.runtime.cases import Module
from shared.runtime.environment import Clock, Keys, Settings
from shared.web.claim_pages import claim_pages
from shared.web.claims import claim_routes
from shared.web.glass_pages import glass_pages
from shared.web.http import build_walled
from shared.web.menu import MENU
from shared.web.officer_pages import officer_pages
from shared.web.own import Kept, glass_routes, own_routes
from shared.web.pages import Site
from shared.web.relation_pages import relation_pages
from shared.web.relations import relation_routes
from shared.web.security_txt import security_txt
from shared.web.shredding import Shreddable, shredding_routes
from shared.web.shredding_pages import shredding_pages
from shared.web.timeline import Part, timeline_routes
from shared.web.wiring import wire

REPORTING = Module(
    "intake.reporting", Report, domain.decide, domain.deadlines, domain.is_closed,
    indexes=queries.SEARCHED, secrets=SECRETS, shredded=CaseShredded, lists=("waits_since", "person"),
    persons=queries.persons,
)  # fmt: skip


def build(settings: Settings, *, keys: Keys | None = None, clock: Clock | None = None) -> FastAPI:
    """The ASGI app. Entering its lifespan connects and consumes."""
    wired = wire("intake", settings, keys, clock)
    service, admission = wired.service, wired.admission
    reporting = service.cases(REPORTING)
    subscribers.subscribe(service.bus, reporting)
    wired.ear.hear_reports()
    wired.ear.hear_relations()
    wired.ear.hear_advice()
    wired.ear.hear_handlers()
    desk = Desk(reporting, admission)
    stored = service.database.collection(REPORTING.name, "files")
    files = SealedFiles(
        stored, wired.vaults.files_of(REPORTING.name), reporting.id_for,
        tell=partial(wired.books.alarm.tell, REPORTING.name),
    )  # fmt: skip
    gatherer = Gatherer(settings.public_url, direct_client if settings.local else client_of_environment)
    locker, choices = Locker(desk, files), Choices(reporting)
    drafts = Drafts(
        service.database.collection(DRAFTS), wired.keyring(CONTROLLERS[DRAFTS]), reporting.id_for, service.clock.now,
        wired.books.alarm.tell,
    )  # fmt: skip
    templates = {name: Path(__file__).parent / name / "templates" for name in ("front", "guidance", "reporting")}
    site = Site(settings, "/intake", MENU, templates, service.clock.now)
    kept = Shreddable(reporting, str, "state.incident.municipality", files.forget)
    app = build_walled(
        wired,
        "Veilig Bestuur: intake",
        routes.routes(desk),
        evidence_routes.routes(desk, locker),
        relation_routes(admission, choices),
        claim_routes(admission),
        own_routes(wired, Kept(REPORTING.name, str)),
        front_routes.routes(gatherer, admission, desk),
        glass_routes(wired, REPORTING.name),
        timeline_routes(
            service, admission, Part(reporting, str, DataClass.NARRATIVE, queries.known, queries.view_role)
        ),
        shredding_routes(admission, kept),
        site=site,
        pages=[
            security_txt(settings),
            front_pages.pages(
                site,
                admission,
                gatherer,
                desk,
                settings.line_url,
                drafts,
                lambda: [one for one in guidance_pages.lines_now(site) if one.open],
            ),
            guidance_pages.pages(site, admission),
            reporting_pages.pages(site, desk, drafts),
            own_pages.pages(site, desk),
            call_pages.pages(site, desk),
            police_pages.pages(site, desk),
            figures_pages.pages(site, desk),
            evidence_pages.pages(site, locker),
            upload_pages.pages(site, locker),
            handler_pages.pages(site, desk),
            claim_pages(site, admission),
            relation_pages(site, admission, choices),
            glass_pages(site, wired, REPORTING.name, lambda case: f"/zaak/{case}"),
            officer_pages(site, wired, REPORTING.name),
            shredding_pages(site, admission, kept),
        ],
    )
    app.state.gatherer = gatherer
    return app
