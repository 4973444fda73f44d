"""Runs this service alone: `python -m services.intake`. It keeps the front door: here people sign in, for all pages."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from services.intake.app import build
from shared.access.sign_in import sign_in_routes
from shared.runtime.environment import Settings
from shared.web.limits import within
from shared.web.server import serve


def with_sign_in(settings: Settings) -> FastAPI:
    """The service with `/sign-in` beside its pages. Raises `UnfitSetting`."""
    app = build(settings)
    routes = sign_in_routes(settings, app.state.service.database, app.state.books.security().note)
    app.include_router(routes, dependencies=[Depends(within("sign-in"))])
    return app


if __name__ == "__main__":
    serve(with_sign_in, "/intake")
