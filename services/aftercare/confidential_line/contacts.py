"""The walled store: one document per contact, of which everything that was said is one sealed text.

    { _id, version, locator, salt, hash, key: {version, wrapped}, sealed, due_at, waits?, desk?, week?, month? }

Beside the sealed text stands only what must be searched: the marks of a code and of a confidant (HMACs), whether it
waits, the day after its last day, and week and month of its first message for the count. Not `Cases`: nothing goes on
the bus, so there is no outbox and no lease, and what must be forgotten has no history. The rules of its inbox hold.
Of a contact that is destroyed a document remains with `_id`, week and month: that is the count. Of one in which nothing
was said nothing remains.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from pydantic import TypeAdapter

from services.aftercare.confidential_line.codes import Codes, Kept, new_code
from services.aftercare.confidential_line.commands import OpenContact
from services.aftercare.confidential_line.contact import Contact
from services.aftercare.confidential_line.domain import deadlines, decide
from services.aftercare.confidential_line.policy import AMSTERDAM, week_of
from services.aftercare.confidential_line.sealing import DataKey, Sealer
from shared.contracts.decisions import DeadlinePassed, Refused
from shared.privacy.alarm import Alarm
from shared.runtime.cases import TRIES, Conflict, Handled, Unreadable, pause
from shared.runtime.environment import Clock
from shared.runtime.mongo import Collection, Document, DuplicateKeyError

AT_ONCE = 100
FIELD, HERE = "contact", "aftercare.confidential_line"
SOME = "a-contact"
"""What the operator is told when a caller finds that the own contact does not open."""
GONE = dict.fromkeys(("version", "locator", "salt", "hash", "key", "sealed", "due_at", "waits", "desk"), "")
"""What destroying removes, in one write."""

SHOWN_BEFORE = "Dit gesprek is al geopend, en de code is al getoond. Hebt u de code niet? Open dan een nieuw gesprek."

_ADAPTER = TypeAdapter(Contact)


@dataclass(frozen=True)
class Found:
    """A contact as it was read. `inbox`: the acts that were handled."""

    id: str
    contact: Contact
    version: int = 0
    inbox: tuple[str, ...] = ()
    week: str | None = None


@dataclass(frozen=True)
class Broken:
    """A contact that cannot be opened."""

    id: str


class Contacts:
    """All contacts. `mark_key`: 32 bytes that are nowhere in the database; `alarm`: is told of what does not open."""

    def __init__(
        self, collection: Collection, *, sealer: Sealer, codes: Codes, mark_key: bytes, clock: Clock,
        alarm: Alarm | None = None,
    ) -> None:  # fmt: skip
        self._alarm = alarm or Alarm()
        self.clock = clock
        self._collection = collection
        self._sealer = sealer
        self._codes = codes
        self._mark_key = mark_key

    async def prepare(self) -> None:
        """Makes the indexes that it searches by."""
        for field in ("locator", "due_at", "waits", "desk", "week", "month"):
            await self._collection.create_index([(field, 1)], sparse=True)

    def _mark(self, purpose: str, value: str) -> str:
        return hmac.new(self._mark_key, f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()

    async def open(self, command: OpenContact, handled: Handled) -> tuple[Found, str]:
        """A new contact and its return code, which is nowhere after this.

        The same request again does not make a second contact, and does not show the code again: it is refused.
        """
        code = new_code()
        kept = await self._codes.kept(code)
        found = Found(self._mark("open", handled.id)[:32], decide(None, command).state)
        whole = {"_id": found.id, "version": 1, "locator": kept.locator, "salt": kept.salt, "hash": kept.hash}
        fields = self._fields(found, found.contact)
        try:
            await self._collection.insert_one(whole | {name: one for name, one in fields.items() if one is not None})
        except DuplicateKeyError:
            raise Refused(SHOWN_BEFORE) from None
        return replace(found, version=1), code

    async def by_code(self, code: str) -> Found | None:
        """The contact of a code. Right or wrong, it takes one search and one scrypt. Raises `Unreadable`."""
        document = await self._collection.find_one({"locator": self._codes.locator(code)})
        kept = None if document is None else Kept(document["locator"], document["salt"], document["hash"])
        fits = await self._codes.fits(code, kept)
        return await self._opened(document, by_caller=True) if fits and self._stands(document) else None

    async def by_id(self, contact: str) -> Found | None:
        """The contact with this reference, unless it was destroyed. Raises `Unreadable`."""
        document = await self._collection.find_one({"_id": contact})
        return await self._opened(document) if self._stands(document) else None

    def _stands(self, document: Document | None) -> bool:
        """Whether it is there and its last day is not over, also when the clock did not come by yet."""
        return document is not None and "sealed" in document and document["due_at"] > self.clock.now()

    async def update(self, contact: str, command: object, handled: Handled) -> Contact:
        """Decides on `command` and saves; an act handled before changes nothing. Returns the contact afterwards.

        Raises `Refused`, `KeyUsed` or `Conflict`; then nothing was saved.
        """
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(pause(attempt))
            found = await self.by_id(contact)
            if found is not None and handled.is_known(list(found.inbox)):
                return found.contact
            after = decide(found and found.contact, command).state  # type: ignore[arg-type]  # as `Cases` does
            assert found is not None  # otherwise it was refused
            if await self._save(replace(found, inbox=(*found.inbox, handled.entry)), after):
                return after
        raise Conflict(contact)

    async def _save(self, found: Found, after: Contact) -> bool:
        if after.destroyed:
            return await self._destroy(found.id, found.version, found.week)
        fields = self._fields(found, after)
        change: Document = {
            "$set": {name: value for name, value in fields.items() if value is not None},
            "$unset": {name: "" for name, value in fields.items() if value is None},
            "$inc": {"version": 1},
        }
        where = {"_id": found.id, "version": found.version}
        return (await self._collection.update_one(where, change)).matched_count == 1

    async def _destroy(self, contact: str, version: int, week: str | None) -> bool:
        where = {"_id": contact, "version": version}
        if week is None:  # nothing was said, so there is nothing to count
            return (await self._collection.delete_one(where)).deleted_count == 1
        return (await self._collection.update_one(where, {"$unset": GONE})).matched_count == 1

    def _fields(self, found: Found, after: Contact) -> Document:
        # Each save seals everything anew under a new key, wrapped by the newest one: that is all the rotation there is.
        key = self._sealer.new_key(found.id)
        whole = {"contact": _ADAPTER.dump_python(after, mode="json"), "inbox": found.inbox}
        text = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        fields: Document = {
            "key": {"version": key.version, "wrapped": key.wrapped},
            "sealed": self._sealer.seal(found.id, FIELD, text, key),
            "due_at": deadlines(after)[0].at,
            "waits": True if after.waits else None,
            "desk": self._mark("desk", after.confidant) if after.confidant else None,
        }
        if after.used and found.week is None:
            now = self.clock.now()
            fields |= {"week": week_of(now), "month": now.astimezone(AMSTERDAM).strftime("%Y-%m")}
        return fields

    def _read(self, document: Document | None) -> Found:
        assert document is not None
        key = DataKey(document["key"]["version"], bytes(document["key"]["wrapped"]))
        text = self._sealer.open(document["_id"], FIELD, bytes(document["sealed"]), key)
        whole: dict[str, Any] = json.loads(text)
        contact = _ADAPTER.validate_python(whole["contact"])
        return Found(document["_id"], contact, document["version"], tuple(whole["inbox"]), document.get("week"))

    async def _opened(self, document: Document | None, *, by_caller: bool = False) -> Found:
        try:
            return self._read(document)
        except (InvalidTag, KeyError) as error:
            assert document is not None
            # A line with the reference would say when this caller came by.
            await self._alarm.tell(HERE, SOME if by_caller else document["_id"], type(error).__name__)
            raise Unreadable(document["_id"]) from None

    async def waiting(self) -> list[Found | Broken]:
        """The contacts that wait for a confidant."""
        return await self._all({"waits": True})

    async def on_desk(self, account: str) -> list[Found | Broken]:
        """The contacts that this confidant is in charge of."""
        return await self._all({"desk": self._mark("desk", account)})

    async def _all(self, wanted: Document) -> list[Found | Broken]:
        known: list[Found | Broken] = []
        for one in filter(self._stands, await self._collection.find(wanted).to_list(None)):
            try:
                known.append(await self._opened(one))
            except Unreadable:  # it must not keep the others from who can help them
                known.append(Broken(one["_id"]))
        return known

    async def destroy_due(self, now: datetime) -> int:
        """Destroys the contacts whose last day is over; returns how many were looked at."""
        found = await self._collection.find({"due_at": {"$lte": now}}).limit(AT_ONCE).to_list(AT_ONCE)
        for document in found:
            await self._expire(document, now)
        return len(found)

    async def _expire(self, document: Document, now: datetime) -> None:
        try:
            contact = self._read(document).contact
            due = deadlines(contact)[0]
            ends = decide(contact, DeadlinePassed(due.name, due.at, now)).state.destroyed
        except InvalidTag:  # nobody can open it, and its term is over
            ends = True
        if ends:
            await self._destroy(document["_id"], document["version"], document.get("week"))

    async def count(self, field: str, value: str) -> int:
        """How many contacts there were in a `week` or `month`, destroyed ones among them."""
        return await self._collection.count_documents({field: value})
