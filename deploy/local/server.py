"""All four services in one process behind one port: `/intake`, `/assessment`, `/funding`, `/aftercare`. Local only.

The Vertrouwenslijn stands beside them, under a path that tells nothing, with a database and keys of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from deploy.identity.provider import build as issuer
from services.aftercare.app import build as aftercare
from services.aftercare.confidential_line.app import build as confidential_line
from services.aftercare.confidential_line.settings import LineSettings
from services.assessment.app import build as assessment
from services.funding.app import build as funding
from services.intake.app import build as intake
from shared.access.gate import sessions_of
from shared.access.sign_in import sign_in_routes
from shared.contracts.topics import Topic
from shared.runtime import logs
from shared.runtime.environment import Clock, Settings
from shared.runtime.kafka import ensure_topics, topic_exists
from shared.runtime.service import Service
from shared.web.catalogue import catalogue_routes
from shared.web.http import clock_routes, finish
from shared.web.limits import limiter, within
from shared.web.menu import START
from shared.web.security_txt import security_txt
from shared.web.server import serve
from shared.web.tracing import NO_TELEMETRY

SERVICES = {"intake": intake, "assessment": assessment, "funding": funding, "aftercare": aftercare}
MUNICIPALITIES = ("9901", "9902")
"""Invented municipalities of the example, both with a topic of their own."""

REMINDED = Topic("local.reminded", partitions=1)
"""On a broker that has it, open cases were published since it started."""

log = logs.logger(__name__)


def build(settings: Settings) -> FastAPI:
    """The four services under one app with one clock. Raises `ValueError` outside local mode."""
    if not settings.local:
        raise ValueError("one process for all services is for local mode only")
    if not settings.municipalities:
        settings = settings.model_copy(update={"municipalities": MUNICIPALITIES})
    settings = settings.model_copy(update={"schema_url": f"{settings.public_url}/schemas"})
    keys, clock = settings.keys(), Clock(movable=True)
    apps = {name: build(settings, keys=keys, clock=clock) for name, build in SERVICES.items()}
    line = LineSettings()
    sessions = sessions_of(settings, apps["intake"].state.service.database)
    quiet = confidential_line(settings, clock=clock, line=line, drop=sessions.end)
    running = [app.state.service for app in (*apps.values(), quiet)]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for service in running:
            await service.create_topics()
        async with AsyncExitStack() as stack:
            # A mounted app does not run its own lifespan, so each service is entered here, all at the same time:
            # what they wait for is the broker's groups.
            async with asyncio.TaskGroup() as starting:
                for service in running:
                    starting.create_task(stack.enter_async_context(service.running()))
            if settings.broker_forgets:
                await _remind_broker(settings, running)
            yield

    root = FastAPI(
        title="Veilig Bestuur, local", lifespan=lifespan, redirect_slashes=False, docs_url=None, redoc_url=None,
        telemetry=NO_TELEMETRY,
    )  # fmt: skip
    finish(root, settings.public_url)
    _add_pages(root, settings, running)
    if not settings.issuer:
        root.mount("/identity", issuer(settings, keys))
    _add_sign_in(root, settings, apps["intake"])
    for name, app in apps.items():
        root.mount(f"/{name}", app)
    root.mount(line.path, quiet)
    root.mount(line.desk_path, quiet.state.desk)
    return root


def _add_sign_in(root: FastAPI, settings: Settings, intake: FastAPI) -> None:
    """Sign-in for pages, limited, and noted in intake's security log."""
    root.state.limiter = limiter(settings)
    routes = sign_in_routes(settings, intake.state.service.database, intake.state.books.security().note)
    root.include_router(routes, dependencies=[Depends(within("sign-in"))])


async def _remind_broker(settings: Settings, running: list[Service]) -> None:
    """Publishes open cases again to a broker that started empty. The mark is made last, and on the broker itself.

    Whether our topics are there says nothing: any client that asks for one may have made it.
    """
    if not await topic_exists(settings, REMINDED):
        count = sum([await service.republish() for service in running])
        await ensure_topics(settings, (REMINDED,))
        log.info("republished_to_empty_broker", count=count)


def _add_pages(root: FastAPI, settings: Settings, running: list[Service]) -> None:
    @root.get("/", summary="Where to go: for a browser the start page, for a machine what is here", response_model=None)
    async def start(request: Request) -> Response | dict[str, Any]:
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(START, 303)
        return {
            "banner": "Voorbeeld met regels van 2016. Direct gevaar? Bel 112.",
            "kafka": settings.kafka_bootstrap_servers,
            "municipalities": settings.municipalities or MUNICIPALITIES,
            "services": {name: f"/{name}/v1/openapi.json" for name in SERVICES},
            "events": "/events",
            "sign_in": "/sign-in",
            "clock": "/klok",
        }

    @root.get("/health/live", summary="The process is there")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @root.get("/health/ready", summary="All services can take work")
    async def ready() -> JSONResponse:
        checks = {service.name: await service.ready() for service in running}
        good = all(all(check.values()) for check in checks.values())
        return JSONResponse({"services": checks}, 200 if good else 503)

    async def move(offset: timedelta) -> None:
        await running[0].move_clock(offset)

    root.include_router(clock_routes(running, move))
    root.include_router(catalogue_routes(settings))
    root.include_router(security_txt(settings))


if __name__ == "__main__":
    serve(build)
