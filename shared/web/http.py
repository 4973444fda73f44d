"""What the HTTP of every service has in common: problem details, idempotency keys, health, the local clock."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.exceptions import HTTPException as StarletteHTTPException

from shared.access.roles import Caller
from shared.contracts.decisions import Refused
from shared.contracts.vocabulary import Growing
from shared.runtime.cases import Conflict, Handled, KeyUsed
from shared.runtime.mongo import AWAY
from shared.runtime.service import Service


class Body(BaseModel):
    """Base of request bodies: unknown fields are an error, and errors do not repeat what was sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _is_a_known_word(cls, value: Any) -> Any:
        # Tolerance is for readers of events; what people choose must be on the list.
        chosen = value if isinstance(value, list | tuple) else (value,)
        if any(isinstance(one, Growing) and one == "unknown" for one in chosen):
            raise ValueError("Dit woord staat niet op de lijst.")
        return value


class Once(BaseModel):
    """The Idempotency-Key of a request and a digest of its body."""

    key: str
    digest: str

    def handled(self, caller: Caller) -> Handled:
        """What the inbox of the case remembers of this request."""
        return Handled(f"http:{caller.actor}:{self.key}", self.digest)


async def once(
    request: Request,
    idempotency_key: Annotated[
        str, Header(pattern=r"^[A-Za-z0-9-]{8,64}$", description="New for each act, the same for each repeat of it.")
    ],
) -> Once:
    """A FastAPI dependency: every write carries a key, so that a repeat after a lost answer changes nothing."""
    digest = hashlib.sha256(request.url.path.encode() + b"\x00" + await request.body()).hexdigest()[:16]
    return Once(key=idempotency_key, digest=digest)


Keyed = Annotated[Once, Depends(once)]
"""A parameter of every route that writes: its Idempotency-Key."""


def problem(status: int, title: str, detail: str = "", **more: Any) -> JSONResponse:
    """RFC 9457 problem details. `title` and `detail` are for people, in Dutch."""
    body = {"type": "about:blank", "status": status, "title": title, "detail": detail} | more
    return JSONResponse(body, status, media_type="application/problem+json")


TITLES = {
    401: "Niet ingelogd", 403: "Geen toegang", 404: "Niet gevonden", 405: "Kan hier niet", 409: "Kan nu niet",
}  # fmt: skip


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        # All errors at once, never with the input: it can be personal.
        errors = [{"field": ".".join(str(part) for part in e["loc"]), "message": e["msg"]} for e in error.errors()]
        return problem(400, "Niet goed ingevuld", "Er is niets opgeslagen. Verbeter de genoemde velden.", errors=errors)

    @app.exception_handler(StarletteHTTPException)
    async def known(_: Request, error: StarletteHTTPException) -> JSONResponse:
        answer = problem(error.status_code, TITLES.get(error.status_code, "Fout"), str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> JSONResponse:
        return problem(409, "Kan nu niet", error.reason)

    @app.exception_handler(KeyUsed)
    async def key_used(_: Request, error: KeyUsed) -> JSONResponse:
        return problem(409, "Sleutel al gebruikt", "Deze Idempotency-Key hoort bij een ander verzoek.")

    @app.exception_handler(Conflict)
    async def conflict(_: Request, error: Conflict) -> JSONResponse:
        return problem(409, "Net gewijzigd", "Iemand anders wijzigde dit op hetzelfde moment. Probeer het opnieuw.")

    async def away(_: Request, error: Exception) -> JSONResponse:
        answer = problem(
            503,
            "Even niet bereikbaar",
            "Wij weten niet of dit is opgeslagen. Stuur het zo nog eens, met dezelfde Idempotency-Key: dan komt het "
            "nooit dubbel. Direct gevaar? Bel 112.",
        )
        answer.headers["Retry-After"] = "5"
        return answer

    for kind in AWAY:
        app.add_exception_handler(kind, away)


def build_app(service: Service, title: str, *routers: APIRouter) -> FastAPI:
    """The ASGI app of a service; entering its lifespan starts the service."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.running():
            yield

    app = FastAPI(
        title=title, version="1.0.0", lifespan=lifespan, redirect_slashes=False, docs_url=None, redoc_url=None,
        openapi_url="/openapi.json",
    )  # fmt: skip
    _add_problems(app)
    for router in routers:
        app.include_router(router, prefix="/v1")
    app.include_router(_health(service))
    app.include_router(clock_routes([service], service.move_clock))
    app.state.service = service
    return app


def _health(service: Service) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live", summary="The process is there")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/ready", summary="The service can take work")
    async def ready() -> JSONResponse:
        checks = await service.ready()
        body = {"service": service.name, "checks": checks, "counts": service.health.counts()}
        return JSONResponse(body, 200 if all(checks.values()) else 503)

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
        return {"now": clock.now().isoformat(), "offset_seconds": clock.offset.total_seconds()}

    @router.put("/klok", summary="Move the local clock forward")
    async def write(body: ClockBody) -> dict[str, Any]:
        try:
            await move(timedelta(seconds=body.offset_seconds))
        except PermissionError as error:
            raise HTTPException(403, "De klok kan alleen vooruit, en alleen in de lokale proefopstelling.") from error
        return await read()

    return router
