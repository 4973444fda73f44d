"""The forwarder as a process: its loops, and an address on which it says how it is. Nothing else is asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from deploy.partners.forwarder.running import Forwarder
from deploy.partners.forwarder.settings import ForwarderSettings
from shared.runtime import logs
from shared.web.metrics import metrics_routes
from shared.web.tracing import NO_TELEMETRY


def build(settings: ForwarderSettings) -> FastAPI:
    """The app; it begins to forward when it is served. Raises `UnfitSetting`, `ValueError`."""
    settings.tls()
    forwarder = Forwarder(settings, settings.signer())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(forwarder.run())
        yield
        await forwarder.stop()
        await task

    app = FastAPI(lifespan=lifespan, openapi_url=None, telemetry=NO_TELEMETRY)

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready")
    async def ready() -> JSONResponse:
        checks = await forwarder.ready()
        return JSONResponse({"checks": checks}, 200 if all(checks.values()) else 503)

    app.include_router(metrics_routes(forwarder))
    return app


def serve(settings: ForwarderSettings) -> bool:
    """Runs until it is told to stop; tells whether it could start."""
    logs.configure(settings.log_level)
    server = uvicorn.Server(
        uvicorn.Config(
            build(settings), host=settings.host, port=settings.port, access_log=False, log_config=None, ws="none",
            server_header=False, timeout_graceful_shutdown=int(settings.graceful_seconds),
        )
    )  # fmt: skip
    server.run()
    return server.started
