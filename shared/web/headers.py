"""What every answer carries, whatever happened: version, security headers, an ETag; and what no request may be.

Plain ASGI, outside everything else, so that errors get the same as answers.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime import logs
from shared.web.problems import problem, unforeseen

SECURITY: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""`/core/transport/security-headers`. A route that needs another value sets it itself."""

LARGEST_BODY = 1_000_000
"""Bytes of a request body; the longest narrative is a tenth of this."""

MANY_HEADERS = 100
"""More headers than any caller needs."""

HEAD_BYTES = 16_384
"""Of address and headers together."""

BODY_SECONDS = 20.0
"""What a body may take, however small."""

SLOWEST = 5_000
"""Bytes a second that buy a large body more time: a slow telephone is faster."""

BUDGET = "veilig.body"
"""Where the budget of a request stands in its scope."""

log = logs.logger(__name__)


def origin(url: str) -> str:
    """Scheme and host of an address: the one origin that may read our answers from a browser."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Answers:
    """Adds version and security headers, answers HEAD as GET, stops a body that is too large or slow, makes errors 500.

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

        if _too_much(scope):
            await problem(431)(scope, receive, dressed)
            return
        try:
            await self.app(scope, watched(scope, receive), dressed)
        except Exception as error:  # whatever it was: its text may be personal, its class name is not
            route = getattr(scope.get("route"), "path", "")
            log.error("request_failed", method=scope["method"], route=route, error=type(error).__name__)
            if started:
                raise
            await unforeseen(Request(scope, receive))(scope, receive, dressed)

    def _dress(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        headers["API-Version"] = self._version


def _too_much(scope: Scope) -> bool:
    # The server looks at a head only while it is incomplete: one that comes in a single packet passes there.
    size = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    size += sum(len(name) + len(value) for name, value in scope["headers"])
    return len(scope["headers"]) > MANY_HEADERS or size > HEAD_BYTES


class Budget:
    """What the body of one request may be: `most` bytes, and not slower than `SLOWEST`. A route may allow more."""

    def __init__(self, receive: Receive, announced: str) -> None:
        self.most = LARGEST_BODY
        self.announced = int(announced) if announced.isdecimal() else 0
        self._receive = receive
        self._total = 0
        self._began: float | None = None
        self._whole = False

    async def receive(self) -> Message:
        """The next message. Raises 413 when they are too large together or say to be, 408 when they come too slowly."""
        if self._whole:  # what follows the body is only whether the caller is still there
            return await self._receive()
        if max(self._total, self.announced) > self.most:
            raise HTTPException(413)
        now = asyncio.get_running_loop().time()
        self._began = now if self._began is None else self._began
        try:
            async with asyncio.timeout_at(self._began + BODY_SECONDS + self._total / SLOWEST):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408) from None
        self._total += len(message.get("body", b""))
        if self._total > self.most:
            raise HTTPException(413)
        self._whole = not message.get("more_body", False)
        return message


def watched(scope: Scope, receive: Receive) -> Receive:
    """The same messages within a budget. An app inside another one keeps the budget of the outer."""
    if BUDGET in scope:
        return receive
    scope[BUDGET] = Budget(receive, Headers(scope=scope).get("content-length", ""))
    result: Receive = scope[BUDGET].receive
    return result


def allow_body(request: Request, most: int, too_large: str = "") -> None:
    """Lets the body of this request be `most` bytes. Call it before reading, for who may send so much.

    Raises 413, with the words `too_large`, when it says to be larger.
    """
    budget: Budget = request.scope[BUDGET]
    budget.most = most
    if budget.announced > most:
        raise HTTPException(413, too_large or None)


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
