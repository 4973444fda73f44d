"""Sessions of people who signed in on our pages. The browser has a random id; we keep only its digest.

Whoever reads the database cannot take over a session with what stands there. Times are real time (UTC).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.access.roles import Caller, Role
from shared.runtime.environment import utc_now
from shared.runtime.mongo import Collection

SEEN_AGAIN = timedelta(minutes=1)
"""Within this time after a request the next one is not written down: reading a page costs no write each time."""
SIGN_IN_TAKES = timedelta(minutes=10)


def digest(secret: str) -> str:
    """What is kept of a secret that somebody else holds."""
    return hashlib.sha256(secret.encode()).hexdigest()


def fresh() -> str:
    """A new secret of 256 random bits."""
    return secrets.token_urlsafe(32)


def csrf_token(session_id: str) -> str:
    """What a form of this session must send along. It follows from the id and says nothing about it."""
    return hmac.new(session_id.encode(), b"csrf", hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Attempt:
    """A sign-in on its way to the issuer and back. `browser`: digest of a secret in the browser that began it."""

    browser: str
    verifier: str
    nonce: str
    return_to: str


class Sessions:
    """All sessions. `idle`: ends one that is not used; `longest`: ends any."""

    def __init__(
        self, sessions: Collection, *, idle: timedelta, longest: timedelta, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._sessions = sessions
        self._idle = idle
        self._longest = longest
        self._now = now
        self._indexed = False

    async def start(self, caller: Caller) -> str:
        """Keeps a session for this caller; returns its id, which was never used before."""
        if not self._indexed:  # the database clears away what ended; whether it did, nobody relies on
            await self._sessions.create_index("ends_at", expireAfterSeconds=0)
            self._indexed = True
        session_id, now = fresh(), self._now()
        await self._sessions.insert_one(
            {
                "_id": digest(session_id),
                "role": caller.role.value,
                "actor": caller.actor,
                "municipality": caller.municipality,
                "unit": caller.unit,
                "level": caller.level,
                "seen_at": now,
                "ends_at": now + self._longest,
            }
        )
        return session_id

    async def find(self, session_id: str) -> Caller | None:
        """Who signed in with this session, if it has not ended; counts as use."""
        now, where = self._now(), {"_id": digest(session_id)}
        found = await self._sessions.find_one(where)
        if found is None:
            return None
        if now >= found["ends_at"] or now - found["seen_at"] >= self._idle:
            await self._sessions.delete_one(where)
            return None
        if now - found["seen_at"] >= min(SEEN_AGAIN, self._idle / 2):
            await self._sessions.update_one(where, {"$max": {"seen_at": now}})
        return Caller(Role(found["role"]), found["actor"], found["municipality"], found["unit"], found["level"])

    async def end(self, session_id: str) -> None:
        """Ends a session at once."""
        await self._sessions.delete_one({"_id": digest(session_id)})


class Attempts:
    """Sign-ins that are under way, by their `state`. Each comes back once."""

    def __init__(self, attempts: Collection, *, now: Callable[[], datetime] = utc_now) -> None:
        self._attempts = attempts
        self._now = now
        self._indexed = False

    async def begin(self, attempt: Attempt) -> str:
        """Keeps it; returns its state."""
        if not self._indexed:
            await self._attempts.create_index("ends_at", expireAfterSeconds=0)
            self._indexed = True
        state = fresh()
        document: dict[str, Any] = {"_id": digest(state), **vars(attempt), "ends_at": self._now() + SIGN_IN_TAKES}
        await self._attempts.insert_one(document)
        return state

    async def take(self, state: str) -> Attempt | None:
        """The attempt of this state, for the first who asks and in time; nobody gets it a second time."""
        where = {"_id": digest(state)}
        found = await self._attempts.find_one(where)
        if found is None or (await self._attempts.delete_one(where)).deleted_count != 1:
            return None
        if self._now() >= found["ends_at"]:
            return None
        return Attempt(found["browser"], found["verifier"], found["nonce"], found["return_to"])
