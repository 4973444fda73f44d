"""`/metrics`: what a service tells of itself in numbers, for whoever runs it.

Outside local mode only who has the token of `VEILIG_METRICS_TOKEN_FILE` reads them; without such a file there is no
such address. The file is read each time: another token counts at once.
"""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter, HTTPException, Request, Response

from shared.runtime.environment import ProcessSettings, UnfitSetting

LEAST_TOKEN = 32
"""Characters."""
TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Measured(Protocol):
    """Whoever tells of itself in numbers: a service, or the forwarder."""

    @property
    def settings(self) -> ProcessSettings:
        """Those of this place."""
        ...

    async def measured(self) -> bytes:
        """The numbers, as Prometheus reads them."""
        ...


def metrics_routes(service: Measured) -> APIRouter:
    """The address. Raises `UnfitSetting` for a token that somebody may guess, or that cannot be read."""
    router, file = APIRouter(tags=["health"]), service.settings.metrics_token_file
    if file is None and not service.settings.local:
        return router
    if file is not None:
        _token(file)

    @router.get("/metrics", summary="How old the work of this service is", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        if file is not None and not _may(request, file):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        return Response(await service.measured(), headers={"Content-Type": TEXT})

    return router


def _may(request: Request, file: Path) -> bool:
    said = request.headers.get("authorization", "").encode()
    try:
        return hmac.compare_digest(said, b"Bearer " + _token(file))
    except UnfitSetting:
        return False


def _token(file: Path) -> bytes:
    try:
        token = file.read_bytes().strip()
    except OSError:
        raise UnfitSetting("VEILIG_METRICS_TOKEN_FILE: the file cannot be read") from None
    if len(token) < LEAST_TOKEN:
        raise UnfitSetting(f"VEILIG_METRICS_TOKEN_FILE: a token has at least {LEAST_TOKEN} characters")
    return token
