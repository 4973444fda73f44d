"""Data keys: one per document, kept apart from the documents and wrapped by a key that the database never sees.

    { _id: "<module>:<document>", wrapped, wrapping_version, version, created_at,
      hold?: {by, reason, at}, shredding?: {asked_by, reason, at, confirmed_by?}, destroyed_at? }

They stand in a database of the controller's own. Whoever destroys a data key has forgotten everything sealed with it,
also in backups and logs. Nothing is remembered between requests, so a key that another process destroyed is gone at
once.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.privacy.controllers import Controller
from shared.runtime.cases import Unreadable
from shared.runtime.environment import utc_now
from shared.runtime.mongo import Collection, Database, Document, DuplicateKeyError

KEY_BYTES, NONCE_BYTES = 32, 12
FIRST_VERSION = 1
AT_ONCE = 200


class KeyLost(Unreadable):
    """A data key that is needed is not there, or none of our wrapping keys opens it. Nothing can be read with it."""


@dataclass(frozen=True)
class DataKey:
    """The key of one document. Without `secret` it was destroyed at `destroyed_at` (UTC), for the reason `reason`."""

    owner: str
    version: int = FIRST_VERSION
    secret: bytes | None = field(default=None, repr=False)
    destroyed_at: datetime | None = None
    reason: str = ""


def keys_of(database: Database, controller: Controller) -> Collection:
    """The collection of a controller's data keys, in a database of its own."""
    return database.collection(f"keys.{controller}", "keys")


class Keyring:
    """The data keys of one controller. `wrapping`: its wrapping keys by version; the highest one wraps."""

    def __init__(
        self,
        controller: Controller,
        collection: Collection,
        wrapping: Mapping[int, bytes],
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        if not wrapping:
            raise ValueError(f"there is no wrapping key of {controller}: see docs/settings.md")
        self.controller = controller
        self.collection = collection
        self._wrapping = {version: AESGCM(key) for version, key in wrapping.items()}
        self._now = now

    @property
    def newest(self) -> int:
        """The version that wraps."""
        return max(self._wrapping)

    async def find(self, owners: Iterable[str], *, leave_out: bool = False) -> dict[str, DataKey]:
        """The keys of these owners, in one search; an owner without a key is left out.

        `leave_out`: one that does not open is left out too. Without: raises `KeyLost`.
        """
        wanted = list(owners)
        if len(wanted) == 1:  # a search by `_id` alone is the fastest there is
            one = await self.collection.find_one({"_id": wanted[0]})
            found = [] if one is None else [one]
        else:
            found = await self.collection.find({"_id": {"$in": wanted}}).to_list(None)
        keys: dict[str, DataKey] = {}
        for document in found:
            try:
                keys[document["_id"]] = self._key(document)
            except KeyLost:
                if not leave_out:
                    raise
        return keys

    async def obtain(self, owner: str, *, new: bool = False) -> DataKey:
        """The key of this owner, made when there is none. A race ends with one key for both. `new`: probably none."""
        found = {} if new else await self.find([owner])
        if owner in found:
            return found[owner]
        secret = secrets.token_bytes(KEY_BYTES)
        document = {"_id": owner, "version": FIRST_VERSION, "created_at": self._now()}
        try:
            await self.collection.insert_one(document | self._wrapped(owner, secret))
        except DuplicateKeyError:
            return (await self.find([owner]))[owner]
        return DataKey(owner, secret=secret)

    async def document(self, owner: str) -> Document | None:
        """What is written about a key: who asked for what. The key in it stays wrapped."""
        return await self.collection.find_one({"_id": owner}, {"wrapped": 0})

    async def change(self, owner: str, condition: Document, change: Document) -> bool:
        """One conditional change of a key that is not destroyed; False when the condition does not hold."""
        found = {"_id": owner, "destroyed_at": {"$exists": False}} | condition
        return (await self.collection.update_one(found, change)).matched_count == 1

    async def drop(self, owner: str) -> None:
        """Removes a key with all that is written about it: what only its writer knew of leaves no trace."""
        await self.collection.delete_one({"_id": owner})

    async def rotate(self) -> AsyncIterator[tuple[int, int, int]]:
        """Wraps every data key with the newest version. Yields how many were wrapped, were so already, and are lost.

        Stopped halfway it goes on where it was; a second time there is nothing to do. A key that is destroyed in
        between stays destroyed. The data keys themselves do not change, so nothing has to be sealed again.
        """
        done = already = lost = 0
        last = ""
        while page := await self._page(last):
            for document in page:
                if document["wrapping_version"] == self.newest:
                    already += 1
                    continue
                try:
                    done += await self._wrap_again(document)
                except KeyLost:
                    lost += 1
            last = page[-1]["_id"]
            yield done, already, lost

    async def _page(self, last: str) -> list[Document]:
        found = {"_id": {"$gt": last}, "wrapped": {"$exists": True}}
        return await self.collection.find(found).sort("_id").limit(AT_ONCE).to_list(AT_ONCE)

    async def _wrap_again(self, document: Document) -> bool:
        owner, secret = document["_id"], self._key(document).secret
        assert secret is not None
        return await self.change(owner, {"wrapped": document["wrapped"]}, {"$set": self._wrapped(owner, secret)})

    def _key(self, document: Document) -> DataKey:
        owner, version = document["_id"], document["version"]
        if "destroyed_at" in document:
            reason = document.get("shredding", {}).get("reason", "")
            return DataKey(owner, version, None, document["destroyed_at"], reason)
        cipher = self._wrapping.get(document["wrapping_version"])
        if cipher is None:
            raise KeyLost(f"{self.controller} has no wrapping key of version {document['wrapping_version']}")
        try:
            wrapped = base64.urlsafe_b64decode(document["wrapped"])
            bound = self._bound(owner, document["wrapping_version"])
            secret = cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise KeyLost(f"the wrapping key of {self.controller} does not open the key of {owner}") from None
        return DataKey(owner, version, secret)

    def _wrapped(self, owner: str, secret: bytes) -> Document:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._wrapping[self.newest].encrypt(nonce, secret, self._bound(owner, self.newest))
        return {"wrapped": base64.urlsafe_b64encode(nonce + sealed).decode(), "wrapping_version": self.newest}

    def _bound(self, owner: str, version: int) -> bytes:
        return "\x00".join((self.controller, owner, str(version))).encode()
