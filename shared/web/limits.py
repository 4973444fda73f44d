"""How often one caller may do something, and what is answered over the limit: 429, with the seconds to wait.

Public forms are counted per network address, everything else per account. What is counted under is a hash with a key
that this process drew at random and draws anew each day: it is never stored, sent or logged, so nobody can find out
afterwards who called, us included. Counts live in memory and are gone with the process (decision 0016).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from ipaddress import IPv6Address, ip_address
from math import ceil
from pathlib import Path
from typing import Literal

from fastapi import HTTPException, Request
from limits import RateLimitItem, parse
from pydantic import field_validator

from shared.contracts.dated import Dated, rows_in, started
from shared.runtime import logs
from shared.runtime.environment import Settings, utc_now

FILE = Path(__file__).with_name("limits.toml")
LOCAL_FACTOR = 1_000.0
"""In local mode without a factor of its own: stories and benchmarks call thousands of times from one address."""

NETWORK_BITS = 64
"""Of an IPv6 address: what one household or office gets. The rest can be chosen freely by whoever calls."""

SWEEP_EACH = 1_000
"""After so many acts those are forgotten that no window reaches any more."""

TELL_SECONDS = 60.0
"""A limit that is reached is told to the log once in this time."""

log = logs.logger(__name__)


class Limit(Dated):
    """How often `kind` may be done by one network address (`peer`) or one account, e.g. `60 per 10 minutes`."""

    kind: str
    by: Literal["peer", "account"]
    allowed: tuple[str, ...]

    @field_validator("allowed")
    @classmethod
    def _can_be_read(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            parse(one)
        return value


def limits_on(day: date, path: Path = FILE) -> dict[str, Limit]:
    """Kind -> the limit that holds on `day`."""
    rows = rows_in(path, "limits", Limit)
    return {limit.kind: limit for limit in started(rows, day)}


class Limiter:
    """Counts in a moving window. `factor` multiplies every number; `now` (UTC): each day has a key of its own."""

    def __init__(self, *, factor: float = 1.0, path: Path = FILE, now: Callable[[], datetime] = utc_now) -> None:
        self._factor, self._path, self._now = factor, path, now
        self._day: date | None = None
        self._key = b""
        self._limits: dict[str, tuple[RateLimitItem, ...]] = {}
        self._acts: dict[str, deque[float]] = {}
        self._counted = 0
        self._told: dict[str, float] = {}

    async def hit(self, kind: str, who: str) -> int:
        """Counts one act of `who` (address or account). Returns the seconds to wait; 0: go on.

        What is refused is not counted, so that waiting helps. Raises `KeyError` for a kind that has no limit.
        """
        now = self._now()
        self._begin(now.date())
        limits, at = self._limits[kind], now.timestamp()
        acts = self._acts.setdefault(self._mark(kind, who), deque(maxlen=max(one.amount for one in limits)))
        wait = max(_wait(acts, one, at) for one in limits)
        if wait > 0:
            self._tell(kind, at)
            return ceil(wait)
        acts.append(at)
        self._counted += 1
        if self._counted % SWEEP_EACH == 0:
            self._sweep(at)
        return 0

    def _begin(self, day: date) -> None:
        if day != self._day:
            self._day, self._key = day, secrets.token_bytes(32)
            self._acts = {}  # kept under a mark that nobody can make any more
            found = limits_on(day, self._path).items()
            self._limits = {kind: tuple(self._item(one) for one in limit.allowed) for kind, limit in found}

    def _item(self, allowed: str) -> RateLimitItem:
        item = parse(allowed)
        return type(item)(max(1, int(item.amount * self._factor)), item.multiples)

    def _mark(self, kind: str, who: str) -> str:
        return hmac.new(self._key, f"{kind}\x00{who}".encode(), hashlib.sha256).hexdigest()

    def _sweep(self, at: float) -> None:
        longest = max(one.get_expiry() for limits in self._limits.values() for one in limits)
        self._acts = {mark: acts for mark, acts in self._acts.items() if acts and acts[-1] > at - longest}

    def _tell(self, kind: str, at: float) -> None:
        # Who floods us must not flood the log too.
        if at - self._told.get(kind, 0.0) >= TELL_SECONDS:
            self._told[kind] = at
            log.warning("limit_reached", type=kind)


def _wait(acts: Sequence[float], limit: RateLimitItem, at: float) -> float:
    """Seconds until one more act fits in the window; 0 or less: it fits now."""
    return acts[-limit.amount] + limit.get_expiry() - at if len(acts) >= limit.amount else 0.0


def limiter(settings: Settings) -> Limiter:
    """The limiter of a process."""
    return Limiter(factor=settings.rate_limit_factor or (LOCAL_FACTOR if settings.local else 1.0))


def peer(request: Request) -> str:
    """The network that called: an IPv4 address, or the first half of an IPv6 one. Never store or log it."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{int(address) >> (128 - NETWORK_BITS):x}"


def account(request: Request) -> str:
    """Whoever signed in, by their token or session; without one the network, so that nobody goes uncounted."""
    return request.headers.get("authorization") or request.headers.get("cookie") or peer(request)


def within(kind: str, who: Callable[[Request], str] = peer) -> Callable[[Request], Awaitable[None]]:
    """A FastAPI dependency: 429 when the caller did `kind` too often. `who`: `peer` on public forms, else `account`."""

    async def counted(request: Request) -> None:
        await stop_if_too_often(request, kind, who(request))

    return counted


async def stop_if_too_often(request: Request, kind: str, who: str) -> None:
    """Raises 429 with `Retry-After` when `who` did `kind` too often."""
    found: Limiter = request.app.state.limiter
    wait = await found.hit(kind, who)
    if wait:
        raise HTTPException(429, headers={"Retry-After": str(wait)})
