"""A service's HTTP over a database of the test's own, without broker and without its loops: nothing is consumed.

What other services would tell is put in as a fact, through `Served.cases`.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx2
from fastapi import FastAPI

from deploy.local.temporary import Mongo
from shared.access.ties import NoteAdvised, NoteCase
from shared.contracts.vocabulary import Office
from shared.runtime.cases import Act, Cases, Handled, Module
from shared.runtime.environment import Clock, Keys
from tests.access.signing import local_settings, signed

TOWN = "9901"
HANDLERS = ("account-1", "account-2", "town-1", "secretaris-1", "griffier-1")
"""Accounts that the tests use for a municipality."""
START = datetime(2016, 3, 14, 2, 10, tzinfo=UTC)
KEYS = Keys(b"r" * 32, b"p" * 32)


@dataclass
class Time:
    """The moment that the service takes for now."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Served:
    """A service that answers."""

    app: FastAPI
    client: httpx2.AsyncClient
    time: Time

    def cases(self, module: Module[Any]) -> Cases[Any]:
        """The same cases as the routes use."""
        return self.app.state.service.cases(module)

    async def know(self, module: Module[Any], case: str, *commands: object) -> None:
        """Facts and acts of a case, at once."""
        cases = self.cases(module)
        for command in commands:
            await cases.update(cases.id_for(case), command, handled=Handled(uuid.uuid4().hex), act=Act("test"))
        if module.name.partition(".")[2] != "access":
            await self.tie(case)

    async def tie(self, case: str, *facts: object, own: str = "account-1", town: str = TOWN) -> None:
        """Tells the wall whose case it is, and that handlers are on it; `facts`: more of that."""
        admission = self.app.state.admission
        on_it = tuple(self.account(one) for one in HANDLERS)
        said = (
            NoteCase(case, town, Office.ALDERMAN, own=self.account(own)),
            NoteAdvised(case, town, ((Office.ALDERMAN, on_it),)),
        )
        for fact in (*said, *facts):
            ties, handled = admission.ties, Handled(uuid.uuid4().hex)
            await ties.update(ties.id_for(case), fact, handled=handled, act=Act("test"))

    def account(self, actor: str) -> str:
        """The opaque reference of an account."""
        found: str = self.app.state.admission.account(actor)
        return found

    async def get(self, path: str, role: str, municipality: str = "", actor: str = "account-1") -> httpx2.Response:
        """Asks, in a role."""
        return await self.client.get(path, headers=signed(role, actor, municipality))

    async def post(self, path: str, role: str, body: object = None) -> httpx2.Response:
        """Does something, in a role."""
        headers = signed(role) | {"Idempotency-Key": uuid.uuid4().hex}
        return await self.client.post(path, json=body, headers=headers)


def alone(app: FastAPI) -> httpx2.AsyncClient:
    """A client in a place where intake is the only service there is; of the others there is nothing."""
    place = FastAPI()
    place.mount("/intake", app)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=place))


@asynccontextmanager
async def serve(build: Callable[..., FastAPI], mongo: Mongo) -> AsyncIterator[Served]:
    """The service of `build`, answering."""
    settings = local_settings(mongo_url=mongo.url, database_prefix=f"t{uuid.uuid4().hex[:12]}")
    time = Time()
    app = build(settings, keys=KEYS, clock=Clock(movable=True, real=time))
    if hasattr(app.state, "gatherer"):
        app.state.gatherer.client = partial(alone, app)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        yield Served(app, client, time)
    await app.state.service.database.close()
