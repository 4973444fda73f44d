"""Destroying what is kept of a case, on purpose: one person asks, another confirms, a legal hold stops both.

The key goes first. From then on nothing sealed with it can be read, wherever copies of it are; then the stored texts go
and the event is told. Who stops in between repeats the confirmation: what was done is known, and the rest follows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.contracts.decisions import Refused
from shared.contracts.vocabulary import ShredReason
from shared.privacy.sealed import SealedCollection
from shared.runtime.cases import SHREDDED, Act, Cases
from shared.runtime.mongo import Document

HELD = "Dit dossier moet bewaard blijven. Hef eerst de bewaarplicht op."
OTHER_PERSON = "U vroeg zelf om deze vernietiging. Een tweede persoon moet die bevestigen."
NOT_ASKED = "Er is niet om vernietiging gevraagd. Vraag daar eerst om."
RETENTION = "retention"
"""The account of the job that forgets what is due."""
NOT_HELD = "Op dit dossier rust geen bewaarplicht."


class HoldReason(StrEnum):
    """What a case is kept for, whatever its term says (domain §3.8a)."""

    CRIMINAL_CASE = "criminal-case"
    CLAIM = "claim"
    OBJECTION = "objection"
    ARCHIVE_LAW = "archive-law"


@dataclass(frozen=True)
class Shredding:
    """How it stands with destroying one case. Moments in UTC; reasons are words from a list."""

    asked_at: datetime | None = None
    reason: str = ""
    held_since: datetime | None = None
    held_for: str = ""
    destroyed_at: datetime | None = None

    @property
    def status(self) -> str:
        """`kept`, `held`, `asked` or `destroyed`."""
        if self.destroyed_at is not None:
            return "destroyed"
        if self.held_since is not None:
            return "held"
        return "asked" if self.asked_at is not None else "kept"


class Shredder:
    """What people of the controller may do with the keys of one module's cases.

    `document` is the id of a document that is there; `account` the account that acts. Raises `Refused`.
    """

    def __init__(self, cases: Cases[Any], *, also: Callable[[str], Awaitable[object]] | None = None) -> None:
        if not isinstance(cases.collection, SealedCollection) or cases.module.shredded is None:
            raise ValueError(f"{cases.module.name} keeps nothing that could be shredded")
        self.cases = cases
        self._also = also
        self._keys = cases.collection.keyring
        self._owner = cases.collection.owner

    async def read(self, document: str) -> Shredding:
        """How it stands."""
        return _read(await self._keys.document(self._owner(document)))

    async def ask(self, document: str, account: str, reason: ShredReason) -> Shredding:
        """The first person asks. Asked already: it stays as it was, also who asked."""
        await self._keys.obtain(self._owner(document))
        asked = {"asked_by": account, "reason": reason.value, "at": self.cases.clock.now()}
        free = {"hold": {"$exists": False}, "shredding": {"$exists": False}}
        await self._keys.change(self._owner(document), free, {"$set": {"shredding": asked}})
        found = await self.read(document)
        if found.status == "held":
            raise Refused(HELD)
        return found

    async def confirm(self, document: str, account: str) -> Shredding:
        """The second person confirms: the key is destroyed, then the stored texts. Repeating it finishes the work."""
        owner, now = self._owner(document), self.cases.clock.now()
        asked = {"shredding.asked_by": {"$exists": True, "$ne": account}, "hold": {"$exists": False}}
        gone = {"$set": {"destroyed_at": now, "shredding.confirmed_by": account}, "$unset": {"wrapped": ""}}
        await self._keys.change(owner, asked, gone)
        known = await self._keys.document(owner) or {}
        found = _read(known)
        if found.status == "held":
            raise Refused(HELD)
        if found.status == "kept":
            raise Refused(NOT_ASKED)
        if found.destroyed_at is None:
            raise Refused(OTHER_PERSON)
        await self._empty(document, found, Act(known["shredding"]["confirmed_by"], "shredding"))
        return found

    async def forget(self, document: str, row: str) -> Shredding:
        """Destroys by policy: the controller decided when it set the term. `row`: of the policy, for the record."""
        owner, now = self._owner(document), self.cases.clock.now()
        await self._keys.obtain(owner)
        asked = {"asked_by": RETENTION, "confirmed_by": RETENTION, "at": now, "row": row}
        asked |= {"reason": ShredReason.TERM_PASSED.value}
        gone = {"$set": {"destroyed_at": now, "shredding": asked}, "$unset": {"wrapped": ""}}
        await self._keys.change(owner, {"hold": {"$exists": False}}, gone)
        found = await self.read(document)
        if found.destroyed_at is None:
            raise Refused(HELD)
        await self._empty(document, found, Act(RETENTION, "retention"))
        return found

    async def finish(self, document: str) -> Shredding:
        """Goes on where somebody stopped: the key is gone and the texts are there still. Else nothing happens."""
        known = await self._keys.document(self._owner(document)) or {}
        found = _read(known)
        if found.destroyed_at is not None:
            actor = known.get("shredding", {}).get("confirmed_by", RETENTION)
            await self._empty(document, found, Act(actor, "shredding"))
        return found

    async def _empty(self, document: str, found: Shredding, act: Act) -> None:
        assert found.destroyed_at is not None
        if self._also is not None:
            await self._also(document)
        await self.cases.shred(document, at=found.destroyed_at, reason=found.reason, act=act)

    async def hold(self, document: str, account: str, reason: HoldReason) -> Shredding:
        """Keeps the case whatever else is asked, until `release`. Held already: it stays as it was."""
        await self._keys.obtain(self._owner(document))
        held = {"by": account, "reason": reason.value, "at": self.cases.clock.now()}
        await self._keys.change(self._owner(document), {"hold": {"$exists": False}}, {"$set": {"hold": held}})
        return self._alive(await self.read(document))

    async def release(self, document: str, account: str) -> Shredding:
        """Ends the hold. What was asked before it has to be asked again: much may have changed since."""
        ended = {"released_by": account, "released_at": self.cases.clock.now()}
        change = {"$unset": {"hold": "", "shredding": ""}, "$push": {"releases": ended}}
        if not await self._keys.change(self._owner(document), {"hold": {"$exists": True}}, change):
            self._alive(await self.read(document))
            raise Refused(NOT_HELD)
        return await self.read(document)

    def _alive(self, found: Shredding) -> Shredding:
        if found.destroyed_at is not None:
            raise Refused(SHREDDED)
        return found


def _read(known: Document | None) -> Shredding:
    known = known or {}
    asked, held = known.get("shredding", {}), known.get("hold", {})
    return Shredding(asked.get("at"), asked.get("reason", ""), held.get("at"), held.get("reason", ""),
                     known.get("destroyed_at"))  # fmt: skip
