"""The security log (BIO2 8.15.01): action, object, result, origin, actor, time. Never a name, address or secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from shared.privacy.append_log import AppendLog, whole_milliseconds
from shared.privacy.sealer import digest_of
from shared.runtime.environment import utc_now
from shared.runtime.journal import line_id
from shared.runtime.mongo import Collection

Result = Literal["begun", "done", "refused", "failed"]
"""`begun` comes before what cannot be undone or takes long; a line with its end follows."""


class Act(StrEnum):
    """What is noted."""

    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    ACCESS = "access"
    """A request that was refused because of who asked."""
    BREAK_GLASS = "break-glass"
    ASK_SHRED = "ask-shred"
    SHRED = "shred"
    """A second person confirms: it is destroyed."""
    HOLD = "hold"
    RELEASE_HOLD = "release-hold"
    EXCLUDE = "exclude"
    EXPORT = "export"
    FORGET = "forget"
    """The retention job."""
    ROTATE_KEY = "rotate-key"
    UNREADABLE = "unreadable"
    """What is stored of a document does not open; nobody did that here."""
    BACKUP = "backup"
    RESTORE = "restore"
    REPUBLISH = "republish"
    """Events were sent again on purpose."""
    VERIFY = "verify"
    """A look at the chain of a log."""


ACCOUNT = re.compile(r"[a-z0-9-]{0,40}")
ROLE = re.compile(r"[a-z0-9-]{0,40}")
OBJECT = re.compile(r"(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE) /[A-Za-z0-9/_.{}-]{0,120})|[A-Za-z0-9_.:-]{0,160}")
"""A method and the template of a route, or opaque references. A sentence or a name does not fit."""
ORIGIN = re.compile(r"[a-z][a-z0-9_-]{0,40}(?:/[a-z0-9][a-z0-9_-]{0,40})?")


class SecurityLog:
    """The security log of a controller or a service. `origin`: service and instance; never the address of a person."""

    def __init__(self, collection: Collection, origin: str, *, now: Callable[[], datetime] = utc_now) -> None:
        if not ORIGIN.fullmatch(origin):
            raise ValueError("an origin is a service, with or without an instance: intake/a1")
        self.collection = collection
        self._origin = origin
        self._now = now
        self._lines = AppendLog(collection, now=now)

    async def prepare(self) -> None:
        """Makes the index for the sealer."""
        await self._lines.prepare()

    async def note(
        self, action: Act, object_: str, result: Result, *,
        actor: str = "", role: str = "", at: datetime | None = None, once: bool = False,
    ) -> None:  # fmt: skip
        """Adds a line; returns when it is stored, raises an error of the database when it may not be.

        `object_`: `GET /v1/reports/{case}`, or references joined by colons; `actor`: account id, empty when nobody is
        signed in; `at`: when, without: now; `once`: the same line again, of the same moment, changes nothing.
        Raises `ValueError` for what could hold personal data.
        """
        shapes = ((ACCOUNT, actor), (ROLE, role), (OBJECT, object_))
        if not all(shape.fullmatch(value) for shape, value in shapes):
            raise ValueError("the security log takes account ids, roles, route templates and references only")
        at = at or self._now()
        number = line_id(at)
        if once:
            number = number[:12] + digest_of({"action": action.value, "object": object_})[:20]
        line = {"_id": number, "action": action.value, "object": object_, "result": result}
        await self._lines.add(
            [line | {"origin": self._origin, "actor": actor, "role": role, "at": whole_milliseconds(at)}]
        )
