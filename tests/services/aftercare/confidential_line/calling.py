"""The line over HTTP, as callers and confidants use it, on a database of the test's own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx2

from deploy.local.temporary import Mongo
from services.aftercare.confidential_line.app import build
from services.aftercare.confidential_line.contacts import Contacts
from services.aftercare.confidential_line.settings import LineSettings
from shared.runtime.mongo import Collection
from tests.access.signing import signed
from tests.services.serving import Served, serve

HELLO = "Er belt elke nacht iemand en die ademt."


class Spied:
    """A collection that remembers what it was asked."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self._collection, name)


@dataclass
class Line:
    """A line that answers. `wait`: what the limiter says; `looks` and `dropped`: what was noted."""

    served: Served
    looks: list[tuple[str, str]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    wait: int = 0

    @property
    def contacts(self) -> Contacts:
        """The store behind the routes."""
        found: Contacts = self.served.app.state.contacts
        return found

    @property
    def collection(self) -> Collection:
        """What lies in the database."""
        return self.served.app.state.service.database.collection("aftercare.confidential_line", "contacts")

    async def calls(self, path: str, code: str = "", body: object = None, *, key: str = "") -> httpx2.Response:
        """Somebody without an account does something; without a body they read."""
        headers = {"Return-Code": code} | ({} if body is None else {"Idempotency-Key": key or uuid.uuid4().hex})
        method = "GET" if body is None else "POST"
        return await self.served.client.request(method, f"/v1/{path}", headers=headers, json=body)

    async def opens(self, *texts: str) -> str:
        """A new contact with these messages; returns its code."""
        code: str = (await self.calls("contact", body={})).json()["return_code"]
        for text in texts:
            await self.says(code, text)
        return code

    async def says(self, code: str, text: str) -> dict[str, Any]:
        return await self.does(code, "messages", {"text": text})

    async def does(self, code: str, act: str, body: object = None) -> dict[str, Any]:
        """The caller does something that is accepted."""
        answer = await self.calls(f"contact/{act}", code, {} if body is None else body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def reads(self, code: str) -> dict[str, Any]:
        answer = await self.calls("contact", code)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def desk(self, path: str = "", body: object = None, *, by: str = "confidant-1") -> httpx2.Response:
        """A confidant reads, or with a body acts."""
        headers = signed("confidant", by) | {"Idempotency-Key": uuid.uuid4().hex}
        method = "GET" if body is None else "POST"
        return await self.served.client.request(method, f"/v1/contacts{path}", headers=headers, json=body)

    async def takes(self, *, by: str = "confidant-1") -> str:
        """A confidant takes the contact that has waited longest; returns its reference."""
        contact: str = (await self.desk("/waiting", by=by)).json()[0]["contact"]
        answer = await self.desk(f"/{contact}/assignment", {}, by=by)
        assert answer.status_code == 200, answer.text
        return contact


@asynccontextmanager
async def answering(mongo: Mongo) -> AsyncIterator[Line]:
    """A line with a number and keys of its own."""
    line: Line
    settings = LineSettings(number="0800-0000000")

    async def limit(kind: str, who: str) -> int:
        line.tried.append(kind)
        return line.wait

    async def drop(cookie: str) -> None:
        line.dropped.append(cookie)

    async def note(account: str, contact: str) -> None:
        line.looks.append((account, contact))

    wired = partial(build, line=settings, limit=limit, drop=drop, note=note)
    async with serve(wired, mongo) as served:
        line = Line(served)
        await line.contacts.prepare()
        yield line
