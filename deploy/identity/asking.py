"""A token from the local issuer for whoever a story or command wants to be. Works on a local stack only."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

import httpx2

from deploy.identity.people import Who

RENEW_SECONDS = 60.0
"""A token that has less than this left is not used any more."""


class NoLocalIssuer(Exception):
    """What answers at this address is no local issuer, or it does not know such a role or account."""


@dataclass(frozen=True)
class Token:
    """An access token. `until`: the moment of the monotonic clock (seconds) after which a new one is needed."""

    value: str
    until: float

    @property
    def headers(self) -> dict[str, str]:
        """How a request carries it."""
        return {"Authorization": f"Bearer {self.value}"}

    def good(self) -> bool:
        """Whether it can still be used."""
        return time.monotonic() < self.until


async def ask(client: httpx2.AsyncClient, url: str, who: Who) -> Token:
    """A token for this caller. `url`: address of the stack. Raises `NoLocalIssuer` and the client's own errors."""
    asked = {"grant_type": "client_credentials"} | asdict(who)
    answer = await client.post(f"{url}/identity/token", data=asked)
    if answer.status_code in (502, 503):
        answer.raise_for_status()
    try:
        told = answer.json()
        return Token(str(told["access_token"]), time.monotonic() + float(told["expires_in"]) - RENEW_SECONDS)
    except (ValueError, KeyError, TypeError):
        raise NoLocalIssuer from None
