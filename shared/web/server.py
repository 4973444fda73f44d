"""Runs an ASGI app with uvicorn: one process, no access log (paths hold case references), graceful shutdown."""

from __future__ import annotations

import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.types import ASGIApp

from shared.runtime import logs
from shared.runtime.environment import Settings, UnfitSetting
from shared.web.alone import Under
from shared.web.headers import HEAD_BYTES
from shared.web.patience import Patient

KEEP_ALIVE_SECONDS = 5
"""Pause between two requests of one connection."""


def serve(build: Callable[[Settings], FastAPI], path: str = "") -> None:
    """Builds the app from the environment and serves it, also under `path`.

    Exits with 2 and a sentence on bad settings.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors():
            sys.stderr.write(f"Setting {'.'.join(map(str, problem['loc']))}: {problem['msg']}\n")
        raise SystemExit(2) from None
    logs.configure(settings.log_level)
    try:
        app = build(settings)
    except UnfitSetting as error:
        sys.stderr.write(f"Setting {error}\n")
        raise SystemExit(2) from None
    except ValueError as error:  # a key that is missing; no text of ours holds a value
        sys.stderr.write(f"This cannot start: {error}\n")
        raise SystemExit(2) from None
    server = uvicorn.Server(config(Under(app, path), settings))
    server.run()
    raise SystemExit(0 if server.started else 3)


def config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves: no access log, limits on slow and large requests; only our own proxies say who called."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Patient,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=int(settings.graceful_seconds),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        h11_max_incomplete_event_size=HEAD_BYTES,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        server_header=False,
        ws="none",
    )
