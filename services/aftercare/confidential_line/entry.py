"""The door of the line: what a request may bring in, and what becomes of a session that somebody brings along.

Plain ASGI, outside everything else. Cookies and what tells of a device are taken off before any of our code can read
them. Whoever is signed in elsewhere is signed out here, so that no session ties a visit to a person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime import logs

DropSession = Callable[[str], Awaitable[None]]
"""Ends the session that a cookie belongs to, wherever sessions are kept."""

SESSION_COOKIES = ("__Host-session", "session")
TELLING = ("cookie", "user-agent", "forwarded", "x-forwarded", "x-real-ip", "via", "referer", "from", "accept-language",
           "sec-ch", "dnt")  # fmt: skip
"""Headers that tell of a person or device; all that begin so."""

log = logs.logger(__name__)


async def no_sessions(cookie: str) -> None:
    """Where nobody signs in on pages: the browser forgets its cookie all the same."""


class Entry:
    """Takes off what tells of the caller, and ends a session that comes along."""

    def __init__(self, app: ASGIApp, *, drop: DropSession = no_sessions, cookies: tuple[str, ...] = SESSION_COOKIES):
        self.app = app
        self._drop = drop
        self._cookies = cookies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sessions = self._sessions(Headers(scope=scope).getlist("cookie"))
        for _, value in sessions:
            await self._end(value)
        names = sorted({name for name, _ in sessions})

        async def forgetting(message: Message) -> None:
            if message["type"] == "http.response.start" and names:
                _sign_out(MutableHeaders(scope=message), names)
            await send(message)

        kept = [(name, value) for name, value in scope["headers"] if not name.decode("latin-1").startswith(TELLING)]
        await self.app({**scope, "headers": kept}, receive, forgetting)

    def _sessions(self, headers: Iterable[str]) -> list[tuple[str, str]]:
        found = []
        for header in headers:
            for pair in header.split(";"):
                try:
                    found += [(name, one.value) for name, one in SimpleCookie(pair.strip()).items()]
                except CookieError:  # not one of ours, whatever it is
                    continue
        return [(name, value) for name, value in found if name in self._cookies]

    async def _end(self, value: str) -> None:
        try:
            await self._drop(value)
        except Exception as error:  # help goes before: the browser forgets it, and the session ends by itself
            log.warning("session_not_dropped", error=type(error).__name__)


def _sign_out(headers: MutableHeaders, names: Iterable[str]) -> None:
    for name in names:
        headers.append("Set-Cookie", f'{name}=""; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax')
    headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
