"""What the HTTP of every service has in common: bodies, idempotency keys, the app itself, health, the local clock."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.access.gate import door_of
from shared.contracts.vocabulary import Growing
from shared.runtime.service import Service
from shared.web.catalogue import catalogue_routes
from shared.web.design import asset_routes
from shared.web.document import API_VERSION, BASE_PATH, document
from shared.web.headers import Answers, ETags, origin
from shared.web.limits import account, limiter, within
from shared.web.metrics import metrics_routes
from shared.web.negotiation import only_json
from shared.web.once import Once
from shared.web.pages import Site
from shared.web.problems import add_problems, problem
from shared.web.tracing import NO_TELEMETRY, Traced
from shared.web.wiring import Wired

__all__ = ["Body", "IdempotencyKey", "Keyed", "Once", "build_app", "clock_routes", "finish", "once", "problem"]

LARGEST_NUMBER = 2**53 - 1
"""What every JSON reader (RFC 8259) and the database can hold."""

YEARS = range(1900, 2200)
"""Outside these a date is a mistake, and a term counted from it may not exist."""


class Body(BaseModel):
    """Base of request bodies: unknown fields are an error, and errors do not repeat what was sent.

    A moment may have any offset and is UTC from here on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _fits(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return type(value)(_fitting(one) for one in value)
        return _fitting(value)


def _fitting(value: Any) -> Any:
    # Tolerance is for readers of events; what people choose must be on the list.
    if isinstance(value, Growing) and value == "unknown":
        raise ValueError("Dit woord staat niet op de lijst.")
    if isinstance(value, date) and value.year not in YEARS:
        raise ValueError("Dit jaar kan niet kloppen.")
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        raise ValueError("Dit getal is te groot.")
    return _in_utc(value) if isinstance(value, datetime) else value


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("Noem ook de tijdzone, zoals 2016-03-14T02:10:00Z of 2016-03-14T03:10:00+01:00.")
    return moment.astimezone(UTC)


IdempotencyKey = Annotated[
    str, Header(pattern=r"^[A-Za-z0-9-]{8,64}$", description="New for each act, the same for each repeat of it.")
]


async def once(request: Request, idempotency_key: IdempotencyKey) -> Once:
    """A FastAPI dependency: every write carries a key, so that a repeat after a lost answer changes nothing."""
    digest = hashlib.sha256(request.url.path.encode() + b"\x00" + await request.body()).hexdigest()[:16]
    return Once(key=idempotency_key, digest=digest)


Keyed = Annotated[Once, Depends(once)]
"""A parameter of every route that writes: its Idempotency-Key."""


class Api(FastAPI):
    """An app whose OpenAPI document is ours."""

    describe: Callable[[], dict[str, Any]]

    def openapi(self) -> dict[str, Any]:
        """The document, made when it is asked for first."""
        if self.openapi_schema is None:
            self.openapi_schema = self.describe()
        return self.openapi_schema


def build_walled(
    wired: Wired, title: str, *routers: APIRouter, site: Site | None = None, pages: Sequence[APIRouter] = ()
) -> FastAPI:
    """The ASGI app of a service of the chain, whose routes ask who is let in to a case. `pages`: those of its site."""
    app = build_app(wired.service, title, *routers)
    if site is not None:
        add_pages(app, site, *pages)
    app.state.admission, app.state.books = wired.admission, wired.books
    return app


def build_app(service: Service, title: str, *routers: APIRouter) -> FastAPI:
    """The ASGI app of a service; entering its lifespan starts the service.

    The routers come under `/v1`, where `openapi.json` is too. Health and the local clock stand beside it: they are
    for whoever runs the service.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.running():
            yield

    app = Api(
        title=title, lifespan=lifespan, redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None,
        telemetry=NO_TELEMETRY,
    )  # fmt: skip
    finish(app, service.settings.public_url)
    if service.tracing.on:
        app.add_middleware(Traced, tracing=service.tracing)
    api = APIRouter(redirect_slashes=False)
    for router in routers:
        api.include_router(router)
    server = f"{service.settings.public_url.rstrip('/')}/{service.name}{BASE_PATH}"
    app.describe = lambda: document(title, server, api.routes)
    _add_document(app)
    app.state.limiter = limiter(service.settings)
    common = [Depends(within("request", account)), Depends(only_json)]
    app.include_router(api, prefix=BASE_PATH, dependencies=common)
    app.include_router(_health(service))
    app.include_router(metrics_routes(service))
    app.include_router(catalogue_routes(service.settings))
    app.include_router(clock_routes([service], service.move_clock))
    app.state.service = service
    app.state.gate = door_of(service.settings, service.database)
    return app


def add_pages(app: FastAPI, site: Site, *pages: APIRouter) -> None:
    """Pages for people beside the API, and what they wear. Errors of their addresses are pages too."""
    app.state.site = site
    app.include_router(asset_routes(site.design))
    for router in pages:
        app.include_router(router, dependencies=[Depends(within("request", account))])


def finish(app: FastAPI, public_url: str) -> None:
    """What every app of ours has: problem details, and the headers that each answer carries."""
    add_problems(app)
    app.add_middleware(ETags)
    app.add_middleware(Answers, version=API_VERSION, allowed=origin(public_url))


def _add_document(app: Api) -> None:
    @app.get(f"{BASE_PATH}/openapi.json", include_in_schema=False)
    async def published() -> JSONResponse:
        # Anybody may read this, from any page: `/core/publish-openapi`.
        return JSONResponse(app.openapi(), headers={"Access-Control-Allow-Origin": "*"})


def _health(service: Service) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live", summary="The process is there")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/ready", summary="The service can take work")
    async def ready() -> JSONResponse:
        checks = await service.ready()
        body: dict[str, Any] = {"service": service.name, "checks": checks, "counts": service.health.counts()}
        if all(checks.values()):
            return JSONResponse(body)
        return problem(503, "Nog niet klaar", "Deze dienst kan nu geen werk aan.", **body)

    return router


class ClockBody(Body):
    """How far the local clock is ahead of real time, in seconds."""

    offset_seconds: float = Field(ge=0, le=10 * 366 * 24 * 3600)


def clock_routes(services: Sequence[Service], move: Callable[[timedelta], Any]) -> APIRouter:
    """`GET` and `PUT /klok`: the demonstration clock. 403 outside local mode."""
    router = APIRouter(tags=["clock"])

    @router.get("/klok", summary="The time that rules go by (UTC)")
    async def read() -> dict[str, Any]:
        clock = services[0].clock
        return {"now": clock.now(), "offset_seconds": clock.offset.total_seconds()}

    @router.put("/klok", summary="Move the local clock forward")
    async def write(body: ClockBody) -> dict[str, Any]:
        try:
            await move(timedelta(seconds=body.offset_seconds))
        except PermissionError as error:
            raise HTTPException(403, "De klok kan alleen vooruit, en alleen in de lokale proefopstelling.") from error
        return await read()

    return router
