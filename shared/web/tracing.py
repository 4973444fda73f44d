"""HTTP requests as spans: method, path template and status, and nothing else of who asked for what."""

from __future__ import annotations

from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime.tracing import SpanKind, Step, Tracing
from shared.web.document import BASE_PATH

NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, auto_configure=False)
"""What every app of ours is made with. FastAPI's own spans hold whole paths, and its logs the text of errors, which may
repeat what was sent; an environment variable is enough to switch them on."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = ("/health/", "/metrics", "/assets/")
"""Asked all day long, or the same for everybody."""


class Traced:
    """Makes each request a trace of its own.

    A `traceparent` of the caller is not gone on from: whoever sends the same one twice would join what belongs to two
    persons. It stays in the processing log, as before.
    """

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the start and end of the app."""
        if scope["type"] != "http" or _below(scope).startswith(QUIET):
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        words = {"http.request.method": method}
        with self._tracing.span(method, words, kind=SpanKind.SERVER, parent="") as step:

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _answered(step, message["status"])
                await send(message)

            try:
                await self._app(scope, receive, answer)
            finally:
                if route := _template(scope):
                    step.is_called(f"{method} {route}")
                    step.say({"http.route": route})


def _below(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _template(scope: Scope) -> str:
    """The path as it stands in our source; empty when no route was found."""
    found: str = getattr(scope.get("route"), "path", "")
    # A route does not know what its router was put under.
    return f"{BASE_PATH}{found}" if found and _below(scope).startswith(f"{BASE_PATH}/") else found


def _answered(step: Step, status: int) -> None:
    step.say({"http.response.status_code": status})
    if status >= 500:
        step.fails(str(status))
