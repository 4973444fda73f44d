"""Runs an ASGI app with uvicorn: one process, no access log (paths hold case references), graceful shutdown."""

from __future__ import annotations

import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from shared.runtime import logs
from shared.runtime.environment import Settings, UnfitSetting


def serve(build: Callable[[Settings], FastAPI]) -> None:
    """Builds the app from the environment and serves it. Exits with 2 and a sentence on bad settings."""
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
    except ValueError as error:  # a key that is missing or looks like an example; no text of ours holds a value
        sys.stderr.write(f"This cannot start: {error}\n")
        raise SystemExit(2) from None
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=int(settings.graceful_seconds),
        server_header=False,
    )
    server = uvicorn.Server(config)
    server.run()
    raise SystemExit(0 if server.started else 3)
