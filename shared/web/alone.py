"""One service in a process of its own, behind a reverse proxy that leaves addresses as they are.

Pages link to `/intake/...` and so on, in every process. So a service answers under its own path, as it does beside the
others in local mode; and without it too, which is how the machine it runs on asks for `/health`.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Under:
    """An app that is also found under `path`, such as `/intake`. All other addresses reach it as they came."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self.app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the start and end of the app."""
        inside = scope["type"] == "http" and f"{scope['path']}/".startswith(f"{self._path}/")
        # `path` stays whole and `root_path` says how much of it is not ours (ASGI): what a mounted app gets too.
        await self.app({**scope, "root_path": self._path} if self._path and inside else scope, receive, send)
