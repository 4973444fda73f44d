"""The issuer of tokens: its addresses and public keys, asked for by OpenID Connect discovery or read from a file."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from shared.runtime import logs

log = logs.logger(__name__)

FRESH_SECONDS = 3600.0
"""How long what an issuer said is used without asking again."""
STALE_SECONDS = 24 * 3600.0
"""How long it is used while the issuer cannot be asked."""
PAUSE_SECONDS = 5.0
"""Least time between two questions: who sends unknown keys cannot make us knock at the issuer's door all day."""
ANSWER_SECONDS = 5.0
LEAST_RSA_BITS = 2048

Thing = TypeVar("Thing")
Key = RSAKey | ECKey
Keys = dict[str, Key]


class IssuerAway(Exception):
    """The issuer does not answer, or not with what an issuer answers."""


class UnknownKey(Exception):
    """The issuer has no such key."""


@dataclass(frozen=True)
class Metadata:
    """Where the issuer is reached."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Kept(Generic[Thing]):
    """What `load` gave, for as long as it may be used. `seconds`: a clock that only goes forward."""

    def __init__(self, load: Callable[[], Awaitable[Thing]], *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._value: Thing | None = None
        self._read = self._tried = float("-inf")

    @property
    def away(self) -> bool:
        """Whether the last try failed."""
        return self._read < self._tried

    async def get(self) -> Thing:
        """The value, asked for again when it is an hour old. Raises `IssuerAway`."""
        if self._value is not None and self._seconds() - self._read < FRESH_SECONDS:
            return self._value
        return await self.renew()

    async def renew(self) -> Thing:
        """The value, asked for again unless that was tried just now. Raises `IssuerAway`."""
        async with self._lock:
            if self._seconds() - self._tried >= PAUSE_SECONDS:
                await self._try()
            if self._value is None or self._seconds() - self._read > STALE_SECONDS:
                raise IssuerAway
            return self._value

    async def _try(self) -> None:
        self._tried = now = self._seconds()
        try:
            self._value = await self._load()
        except IssuerAway as error:
            log.warning("issuer_away", error=type(error.__cause__ or error).__name__)
        else:
            self._read = now


@cache
def _trusted(of_environment: bool) -> ssl.SSLContext:
    # Reading all authorities takes longer than most questions, so it is done once. A whole client is not kept: its
    # cookies would go from one person's questions to the next one's.
    return httpx2.create_ssl_context(trust_env=of_environment)


def direct_client() -> httpx2.AsyncClient:
    """A client that asks no proxy and follows no redirects."""
    return httpx2.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False, verify=_trusted(of_environment=False))


def client_of_environment() -> httpx2.AsyncClient:
    """A client that goes by the proxy of the environment, where there is one."""
    return httpx2.AsyncClient(timeout=ANSWER_SECONDS, verify=_trusted(of_environment=True))


class Issuer:
    """One issuer. With `jwks_file` its keys come from there and it is asked for its addresses only."""

    def __init__(
        self,
        url: str,
        *,
        jwks_file: Path | None = None,
        client: Callable[[], httpx2.AsyncClient] = client_of_environment,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url
        self.client = client
        self._file = jwks_file
        self._metadata = Kept(self._discover, seconds=seconds)
        self._keys = Kept(self._from_file if jwks_file else self._from_issuer, seconds=seconds)

    async def metadata(self) -> Metadata:
        """Its addresses. Raises `IssuerAway`."""
        return await self._metadata.get()

    async def key(self, kid: str) -> Key:
        """Its key of this name. Raises `UnknownKey`, and `IssuerAway` when it could not be asked."""
        keys = await self._keys.get()
        if kid not in keys:
            keys = await self._keys.renew()
        if kid in keys:
            return keys[kid]
        raise IssuerAway if self._keys.away else UnknownKey

    async def _discover(self) -> Metadata:
        found = await self._ask(f"{self.url.rstrip('/')}/.well-known/openid-configuration")
        try:
            if found["issuer"] != self.url:
                raise ValueError("another issuer answers here")
            told = Metadata(found["authorization_endpoint"], found["token_endpoint"], found["jwks_uri"])
            scheme = self.url.partition(":")[0]
            if not all(str(one).startswith(f"{scheme}://") for one in vars(told).values()):
                raise ValueError("an address is less protected than the issuer")
        except (KeyError, TypeError, ValueError) as error:
            raise IssuerAway from error
        return told

    async def _from_issuer(self) -> Keys:
        told = await self._ask((await self._metadata.renew()).jwks_uri)
        try:
            return keys_of(told)
        except ValueError as error:
            raise IssuerAway from error

    async def _from_file(self) -> Keys:
        assert self._file is not None
        try:
            return read_keys(self._file)
        except (OSError, ValueError) as error:
            raise IssuerAway from error

    async def _ask(self, url: str) -> Any:
        try:
            async with self.client() as client:
                answer = await client.get(url, headers={"Accept": "application/json"})
            answer.raise_for_status()
            return answer.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as error:
            raise IssuerAway from error


def read_keys(file: Path) -> Keys:
    """The keys in a JWKS file. Raises `OSError`, `ValueError`."""
    return keys_of(json.loads(file.read_text()))


def keys_of(told: Any) -> Keys:
    """The keys that may sign a token, by name: RSA of 2048 bits or more, and EC. Raises `ValueError` without any."""
    try:
        found = KeySet.import_key_set(told)
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise ValueError("not a set of keys") from error
    keys = {key.kid: key for key in found if isinstance(key, RSAKey | ECKey) and key.kid and _signs(key)}
    if not keys:
        raise ValueError("no key in the set may sign tokens")
    return keys


def _signs(key: Key) -> bool:
    strong = not isinstance(key, RSAKey) or key.public_key.key_size >= LEAST_RSA_BITS
    return strong and key.get("use") in (None, "sig")
