"""What every answer carries, whatever happened: version, security headers, an ETag; and what no request may be.

Plain ASGI, outside everything else, so that errors get the same as answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime import logs
from shared.web.problems import problem

SECURITY: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""`/core/transport/security-headers`. A route that needs another value sets it itself."""

LARGEST_BODY = 1_000_000
"""Bytes of a request body; the longest narrative is a tenth of this."""

log = logs.logger(__name__)


def origin(url: str) -> str:
    """Scheme and host of an address: the one origin that may read our answers from a browser."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Answers:
    """Adds version and security headers, answers HEAD as GET, stops a body that is too large, turns errors into 500.

    `version`: of the API, such as `1.0.0`. `allowed`: the origin whose pages may read the answers.
    """

    def __init__(self, app: ASGIApp, *, version: str, allowed: str) -> None:
        self.app = app
        self._headers = {**SECURITY, "Access-Control-Allow-Origin": allowed}
        self._version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        only_head = scope["method"] == "HEAD"
        scope = {**scope, "method": "GET"} if only_head else scope
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._dress(message)
            elif only_head:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(scope, limited(receive), dressed)
        except Exception as error:  # whatever it was: its text may be personal, its class name is not
            route = getattr(scope.get("route"), "path", "")
            log.error("request_failed", method=scope["method"], route=route, error=type(error).__name__)
            if started:
                raise
            await problem(500)(scope, receive, dressed)

    def _dress(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        headers["API-Version"] = self._version


def limited(receive: Receive) -> Receive:
    """The same messages, until they are too large together: then 413."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > LARGEST_BODY:
            raise HTTPException(413)
        return message

    return counted


class ETags:
    """Gives JSON answers to GET an ETag, a digest of the body; 304 without body when the asker has that one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] == "GET":
            send = _Tagged(send, Headers(scope=scope).get("if-none-match", "")).send
        await self.app(scope, receive, send)


class _Tagged:
    """Holds an answer until its body is whole."""

    def __init__(self, send: Send, known: str) -> None:
        self._send = send
        self._known = [tag.strip().removeprefix("W/") for tag in known.split(",")]
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Takes the next message of the answer."""
        if message["type"] == "http.response.start" and message["status"] == 200:
            if Headers(scope=message).get("content-type", "").startswith("application/json"):
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
            return
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        headers, body = MutableHeaders(scope=start), self._body
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers["ETag"] = tag
        if tag in self._known or "*" in self._known:
            start["status"], body = 304, b""
            del headers["Content-Length"], headers["Content-Type"]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})
