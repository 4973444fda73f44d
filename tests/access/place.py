"""A small place with pages, sessions and the local issuer, on a loopback port: what a browser sees."""

from __future__ import annotations

import asyncio
import re
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx2
import uvicorn
from fastapi import Depends, FastAPI, Form

from deploy.identity.provider import build as build_issuer
from deploy.local.temporary import Mongo
from shared.access.gate import door_of
from shared.access.roles import Caller, Role, calls_as
from shared.access.sign_in import sign_in_routes
from shared.privacy.security_log import SecurityLog
from shared.runtime.environment import Keys, Settings
from shared.runtime.mongo import Database, connect
from shared.web.http import finish

KEYS = Keys(b"r" * 32, b"p" * 32)


@dataclass
class Place:
    """What runs, and its database."""

    url: str
    settings: Settings
    database: Database
    app: FastAPI

    def browser(self) -> httpx2.AsyncClient:
        """A browser of somebody: keeps cookies, follows nothing by itself."""
        return httpx2.AsyncClient(base_url=self.url, trust_env=False)

    async def documents(self, name: str) -> list[dict[str, Any]]:
        """Everything in a collection of sign-in: `sessions` or `sign_ins`."""
        return await self.database.collection("access", name).find({}).to_list(None)


def pages(settings: Settings, database: Database) -> FastAPI:
    """The app: something to read, something to do, and sign-in."""
    app = FastAPI(redirect_slashes=False)
    finish(app, settings.public_url)
    app.state.gate = door_of(settings, database)
    notes = SecurityLog(database.collection("log.pages", "security"), "pages")
    app.include_router(sign_in_routes(settings, database, notes.note))
    if settings.local:
        app.mount("/identity", build_issuer(settings, KEYS))

    @app.get("/me")
    async def me(caller: Caller = Depends(calls_as(*Role))) -> Caller:
        return caller

    @app.post("/act")
    async def act(caller: Caller = Depends(calls_as(*Role))) -> str:
        return caller.actor

    @app.post("/form")
    async def form(word: str = Form(), caller: Caller = Depends(calls_as(*Role))) -> str:
        return word

    return app


@asynccontextmanager
async def place(mongo: Mongo, **other: Any) -> AsyncIterator[Place]:
    """Runs it, in local mode unless told otherwise."""
    listening = socket.create_server(("127.0.0.1", 0))  # who calls before it runs waits
    port = listening.getsockname()[1]
    settings = Settings.model_validate(
        {"environment": "local", "public_url": f"http://127.0.0.1:{port}", "port": port} | other
    )
    database = connect(mongo.url, prefix=f"t{uuid.uuid4().hex[:12]}")
    app = pages(settings, database)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield Place(f"http://127.0.0.1:{port}", settings, database, app)
    finally:
        server.should_exit = True
        await running
        await database.close()


async def to_the_issuer(browser: httpx2.AsyncClient, return_to: str = "/") -> httpx2.Response:
    """Begins: the answer that sends the browser away."""
    return await browser.get("/sign-in", params={"returnTo": return_to})


async def choose(browser: httpx2.AsyncClient, address: str, account: str) -> str:
    """Chooses a person on the issuer's page; returns where the browser is sent back to."""
    shown = await browser.get(address)
    assert shown.status_code == 200, shown.text
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown.text))
    sent = {name: unescape(value) for name, value in fields.items()} | {"account": account}
    answer = await browser.post("/identity/authorize", data=sent)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def sign_in(browser: httpx2.AsyncClient, account: str = "secretaris-1", return_to: str = "/") -> httpx2.Response:
    """All of it; returns the answer that sets the session."""
    away = await to_the_issuer(browser, return_to)
    return await browser.get(await choose(browser, away.headers["location"], account))
