"""What every story stands on: callers over HTTP, the local clock, waiting with a limit, and expectations.

A story sees only what a user sees: the public HTTP API of a running stack and, through `witness.py`, its topics.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx2

from deploy.identity.asking import NoLocalIssuer, Token, ask
from deploy.identity.people import Who
from shared.access.purposes import stating_purpose
from shared.access.roles import Role

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
UNIT = "eenheid-oost"
"""Police and OM of the stories work in the unit of municipality 9901 (deploy/local/organisations.toml)."""
PATIENCE = 60.0
"""Seconds that a story waits for an outcome or for a stack that is away, before it says so."""

LONG_SECONDS = 10.0
"""After so long a wait is helped on."""
Seen = TypeVar("Seen")


class Broken(Exception):
    """An expectation that did not hold. The text says what was expected and what was there; no personal data."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status and JSON body."""

    status: int
    body: Any


@dataclass
class Stage:
    """A running stack with its local clock. `patience`: seconds to wait for an outcome, or for a stack that is away."""

    url: str
    patience: float = PATIENCE
    views: list[tuple[str, str, Any]] = field(default_factory=list)
    """What each role saw: role, what it asked, the answer's body."""
    _tokens: dict[Who, Token] = field(default_factory=dict)
    _client: httpx2.AsyncClient = field(init=False)

    async def __aenter__(self) -> Stage:
        self._client = httpx2.AsyncClient(base_url=self.url, timeout=15.0, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def now(self) -> datetime:
        """The stack's time, in Amsterdam."""
        answer = await self.call("GET", "/klok")
        return datetime.fromisoformat(answer.body["now"]).astimezone(AMSTERDAM)

    async def until(self, moment: datetime) -> None:
        """Moves the local clock forward to `moment`; a moment that is past already is left alone."""
        answer = await self.call("GET", "/klok")
        ahead = (moment - datetime.fromisoformat(answer.body["now"])).total_seconds()
        if ahead > 0:
            offset = answer.body["offset_seconds"] + ahead
            moved = await self.call("PUT", "/klok", json={"offset_seconds": offset})
            expect(moved.status == 200, "the local clock can be moved", moved.body)

    async def call(
        self,
        method: str,
        path: str,
        *,
        who: Who | None = None,
        headers: dict[str, str] | None = None,
        json: Any = None,
    ) -> Answer:
        """One request, repeated unchanged while the stack is away (no connection, 502, 503). Raises `Broken`.

        `who`: signed in as this caller; without: as nobody.
        """
        end = time.monotonic() + self.patience
        while True:
            try:
                signed = {} if who is None else await self._signed(who)
                answer = await self._client.request(method, path, headers=(headers or {}) | signed, json=json)
                if answer.status_code not in (502, 503):
                    return Answer(answer.status_code, answer.json())
                last = f"answer {answer.status_code}"
            except httpx2.TransportError as error:
                last = type(error).__name__
            except httpx2.HTTPStatusError as error:
                last = f"the issuer answers {error.response.status_code}"
            if time.monotonic() > end:
                raise Broken(f"{method} {path.split('/')[1]}: no answer within {self.patience:.0f} s ({last})")
            await asyncio.sleep(0.25)

    async def _signed(self, who: Who) -> dict[str, str]:
        known = self._tokens.get(who)
        if known is None or not known.good():
            try:
                known = self._tokens[who] = await ask(self._client, self.url, who)
            except NoLocalIssuer:
                raise Broken(f"expected: {who.role} can sign in with the local issuer") from None
        return known.headers | stating_purpose(Role(who.role))

    async def eventually(
        self, what: str, look: Callable[[], Awaitable[Seen]], good: Callable[[Seen], Any],
        again: Callable[[], Awaitable[None]] | None = None,
    ) -> Seen:  # fmt: skip
        """Looks until `good`, at most `patience` seconds. Raises `Broken` with what was seen last.

        `again`: what helps when it takes long, done each ten seconds.
        """
        began = helped = time.monotonic()
        while not good(seen := await look()):
            now = time.monotonic()
            if now - began > self.patience:
                raise Broken(f"expected: {what}; not so within {self.patience:.0f} s")
            if again is not None and now - helped > LONG_SECONDS:
                helped = now
                await again()
            await asyncio.sleep(0.05)
        return seen


@dataclass
class Person:
    """Somebody with a role, who calls the API. Each act carries a new Idempotency-Key and is sent `times` times."""

    stage: Stage
    role: str
    actor: str
    municipality: str = ""
    unit: str = ""

    @property
    def _who(self) -> Who:
        unit = self.unit or (UNIT if self.role in ("police", "rccb", "hovj") else "")
        return Who(self.role, self.actor, self.municipality, unit)

    async def does(self, path: str, body: Any = None, *, times: int = 1) -> Any:
        """Acts; returns the body of the last answer. `times` > 1 repeats the same request, as after a lost answer."""
        answer = await self._post(path, body, times)
        expect(answer.status in (200, 201), f"{self.role} may do POST {_shape(path)}", answer.body)
        return answer.body

    async def is_refused(self, path: str, body: Any = None) -> Any:
        """Acts and expects 409 or 403; returns the problem details."""
        answer = await self._post(path, body, 1)
        expect(answer.status in (403, 409), f"{self.role} is refused POST {_shape(path)}", answer.status)
        return answer.body

    async def _post(self, path: str, body: Any, times: int) -> Answer:
        key = {"Idempotency-Key": uuid.uuid4().hex}
        answers = [await self.stage.call("POST", path, who=self._who, headers=key, json=body) for _ in range(times)]
        return answers[-1]

    async def sees(self, path: str, *, show: str = "") -> Any:
        """Reads. `show`: remember it among the views under this heading."""
        answer = await self.looks(path)
        expect(answer.status == 200, f"{self.role} may read {_shape(path)}", answer.body)
        if show:
            self.stage.views.append((self.role, show, answer.body))
        return answer.body

    async def looks(self, path: str) -> Answer:
        """Reads, whatever the answer."""
        return await self.stage.call("GET", path, who=self._who)


def expect(holds: object, what: str, seen: object = None) -> None:
    """Raises `Broken` unless it holds."""
    if not holds:
        raise Broken(f"expected: {what}" + ("" if seen is None else f"; there was: {seen}"))


def _shape(path: str) -> str:
    """The path without references, which are the caller's business."""
    return "/".join("…" if len(part) >= 32 else part for part in path.split("/"))


def next_evening(now: datetime, hour: int, minute: int) -> datetime:
    """The next time that the clock in Amsterdam shows hour:minute, at least a minute from `now`."""
    local = now.astimezone(AMSTERDAM)
    at = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return at if at > local + timedelta(minutes=1) else at + timedelta(days=1)
