"""Requests that are too large, too slow or too many-headed, on a real server: no test client sends these."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request

from shared.runtime.environment import Settings
from shared.web import headers
from shared.web.headers import HEAD_BYTES, LARGEST_BODY, MANY_HEADERS, allow_body
from shared.web.http import finish
from shared.web.patience import Patient
from shared.web.server import config
from tests.stack import free_port

LONG = 20.0
"""How long a test waits at most, in seconds."""


def app() -> FastAPI:
    made, inner = FastAPI(), FastAPI()
    for one in (made, inner):
        finish(one, "http://127.0.0.1")

    @inner.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    @inner.post("/large")
    async def large(request: Request) -> int:
        allow_body(request, 3 * LARGEST_BODY)
        return len(await request.body())

    @inner.get("/who")
    async def who(request: Request) -> str:
        return request.client.host if request.client else ""

    made.mount("/inner", inner)  # as the services in local mode: two layers
    return made


@asynccontextmanager
async def serving(**more: Any) -> AsyncIterator[int]:
    """The port of a server as `serve` starts it."""
    settings = Settings(environment="local", port=free_port(), graceful_seconds=1, **more)
    server = uvicorn.Server(config(app(), settings))
    running = asyncio.create_task(server.serve())
    end = time.monotonic() + LONG
    while not server.started:
        assert time.monotonic() < end
        await asyncio.sleep(0.01)
    yield settings.port
    server.should_exit = True
    await running


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]


async def ask(port: int, head: str, talk: Talk | None = None) -> tuple[int, dict[str, Any], bytes]:
    """Sends a head, lets `talk` go on, and reads one answer: status, headers, body. Status 0: closed without one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode())
    try:
        if talk is not None:
            await talk(reader, writer)
        return await asyncio.wait_for(answer(reader), LONG)
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any], bytes]:
    try:
        first = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return 0, {}, b""
    lines = first.decode().strip().split("\r\n")
    told = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    body = await reader.readexactly(int(told["content-length"])) if "content-length" in told else b""
    return int(lines[0].split()[1]), told, body


def chunked(path: str) -> str:
    return f"POST /inner{path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunks(number: int, size: int = 100_000, end: bool = True) -> Talk:
    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _i in range(number):
            writer.write(f"{size:x}\r\n".encode() + b"a" * size + b"\r\n")
            await writer.drain()
        if end:
            writer.write(b"0\r\n\r\n")

    return send


async def test_a_body_in_pieces_without_a_length_is_stopped_when_it_grows_too_large() -> None:
    async with serving() as port:
        status, _, body = await ask(port, chunked("/size"), chunks(10))
        assert (status, body) == (200, b"1000000")
        status, told, body = await ask(port, chunked("/size"), chunks(12))
        assert (status, told["content-type"]) == (413, "application/problem+json")
        assert json.loads(body)["title"] == "Te groot" and told["x-content-type-options"] == "nosniff"


async def test_a_route_may_allow_more_and_then_that_is_the_limit() -> None:
    async with serving() as port:
        status, _, body = await ask(port, chunked("/large"), chunks(25))
        assert (status, body) == (200, b"2500000")
        assert (await ask(port, chunked("/large"), chunks(31)))[0] == 413


async def test_a_length_that_is_too_large_is_refused_before_the_body() -> None:
    async with serving() as port:
        head = f"POST /inner/size HTTP/1.1\r\nHost: a\r\nContent-Length: {LARGEST_BODY + 1}\r\n\r\n"
        assert (await ask(port, head))[0] == 413


async def test_a_body_that_does_not_come_on_is_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "BODY_SECONDS", 0.3)
    async with serving() as port:
        status, told, body = await ask(port, chunked("/size"), chunks(1, size=10, end=False))
        assert (status, told["content-type"]) == (408, "application/problem+json")
        assert "Bel 112" in json.loads(body)["detail"]


async def test_a_large_body_gets_more_time_than_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(headers, "SLOWEST", 100_000)

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(8):
            await chunks(1, end=False)(reader, writer)
            await asyncio.sleep(0.15)  # this is the slowness that is tested
        writer.write(b"0\r\n\r\n")

    async with serving() as port:
        status, _, body = await ask(port, chunked("/large"), slowly)
        assert (status, body) == (200, b"800000"), "longer than half a second, and fast enough"


@pytest.mark.parametrize("start", ["", "GET /inner/who HTTP/1.1\r\nHost: a\r\nX-Slow:"])
async def test_a_connection_that_says_nothing_whole_is_closed(monkeypatch: pytest.MonkeyPatch, start: str) -> None:
    monkeypatch.setattr(Patient, "seconds", 0.3)
    async with serving() as port:
        assert await ask(port, start) == (0, {}, b"")


async def test_the_second_request_of_a_connection_is_not_waited_for_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patient, "seconds", 0.3)
    once = "GET /inner/who HTTP/1.1\r\nHost: a\r\n\r\n"
    async with serving() as port:

        async def again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert (await asyncio.wait_for(answer(reader), LONG))[2] == b'"127.0.0.1"'
            writer.write(b"GET /inner/who HTTP/1.1\r\nX-Slow:")

        assert await ask(port, once, again) == (0, {}, b"")


async def test_too_many_headers_and_too_much_of_them_are_431() -> None:
    async with serving() as port:
        start = "GET /inner/who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        many = "".join(f"X-{number}: 1\r\n" for number in range(MANY_HEADERS))
        status, told, _ = await ask(port, start + many + "\r\n")
        assert (status, told["content-type"]) == (431, "application/problem+json")
        assert (await ask(port, f"{start}X-Much: {'a' * HEAD_BYTES}\r\n\r\n"))[0] == 431
        long = start.replace("/who", "/" + "a" * HEAD_BYTES)
        assert (await ask(port, f"{long}\r\n"))[0] == 431
        assert (await ask(port, f"{start}X-Much: {'a' * 10 * HEAD_BYTES}"))[0] == 400, "one without an end"


async def test_only_our_own_proxies_say_who_called() -> None:
    asked = "GET /inner/who HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: 203.0.113.5, 192.0.2.7\r\n\r\n"
    async with serving() as port:
        assert (await ask(port, asked))[2] == b'"127.0.0.1"'
    async with serving(trusted_proxies="127.0.0.1") as port:
        assert (await ask(port, asked))[2] == b'"192.0.2.7"', (
            "the last one that our proxy saw, not what the caller wrote"
        )
