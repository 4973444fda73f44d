"""Files that are stored sealed: AES-256-GCM under the key of the case they belong to.

    { _id, owner, version, nonce, sealed, stored_at, forgotten_at? }

Case, hash and version are bound into the seal: a file that is changed, or moved to another case, does not open. The
`_id` is an HMAC, so that nobody can look in the database whether a known file is there.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.privacy.keyring import Keyring
from shared.runtime.cases import Unreadable
from shared.runtime.environment import utc_now
from shared.runtime.mongo import Collection, DuplicateKeyError

NONCE_BYTES = 12
VERSION = 1


class KeyDestroyed(Exception):
    """The key of a case was destroyed: nobody can read its files, and none can be added."""


class FileBroken(Unreadable):
    """What is stored does not open: it was changed, or belongs to another case."""


TellCase = Callable[[str, str], Awaitable[None]]


class CaseKeys(Protocol):
    """The keys of cases."""

    async def key_of(self, owner: str) -> bytes:
        """The key of a case (32 bytes), made when there is none. Raises `KeyDestroyed`."""
        ...


class VaultKeys:
    """Keys for files that follow from the data key of their case: with that one they are destroyed."""

    def __init__(self, keyring: Keyring, owner: Callable[[str], str]) -> None:
        self._keyring, self._owner = keyring, owner

    async def key_of(self, owner: str) -> bytes:
        """The key of a case's files. Raises `KeyDestroyed`."""
        key = await self._keyring.obtain(self._owner(owner))
        if key.secret is None:
            raise KeyDestroyed(owner)
        return hmac.new(key.secret, b"files", hashlib.sha256).digest()


def sha256(content: bytes) -> str:
    """What a file is known by, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


class SealedFiles:
    """The files of one module. `owner`: the id of a case; `id_for`: opaque ids, as of the cases.

    `tell`: whom to tell, with the case and the class of the error, of a file that does not open.
    """

    def __init__(
        self, collection: Collection, keys: CaseKeys, id_for: Callable[..., str], tell: TellCase | None = None
    ) -> None:
        self._tell = tell
        self.collection = collection
        self._keys = keys
        self._id_for = id_for

    async def put(self, owner: str, content: bytes) -> None:
        """Stores a file as a whole or not at all; the same one again changes nothing. Raises `KeyDestroyed`."""
        digest, nonce = sha256(content), secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(await self._keys.key_of(owner))
        sealed = cipher.encrypt(nonce, content, _bound(owner, digest, VERSION))
        document = {"_id": self._id(owner, digest), "owner": owner, "version": VERSION, "nonce": nonce}
        try:
            await self.collection.insert_one(document | {"sealed": sealed, "stored_at": utc_now()})
        except DuplicateKeyError:
            return

    async def get(self, owner: str, digest: str) -> bytes | None:
        """The file, or None when it is not there. Raises `KeyDestroyed`, `FileBroken`."""
        found = await self.collection.find_one({"_id": self._id(owner, digest)})
        if found is None or "sealed" not in found:
            return None
        cipher = AESGCM(await self._keys.key_of(owner))
        try:
            return cipher.decrypt(found["nonce"], found["sealed"], _bound(owner, digest, found["version"]))
        except InvalidTag:
            if self._tell is not None:
                await self._tell(owner, FileBroken.__name__)
            raise FileBroken(found["_id"]) from None

    async def forget(self, owner: str) -> int:
        """Empties what is stored of a case whose key was destroyed; returns the number of files."""
        found = await self.collection.find({"owner": owner, "sealed": {"$exists": True}}, {"_id": 1}).to_list(None)
        for document in found:
            change = {"$unset": {"sealed": "", "nonce": ""}, "$set": {"forgotten_at": utc_now()}}
            await self.collection.update_one({"_id": document["_id"]}, change)
        return len(found)

    def _id(self, owner: str, digest: str) -> str:
        return self._id_for("file", owner, digest)


def _bound(owner: str, digest: str, version: int) -> bytes:
    return "\x00".join(("file", owner, digest, str(version))).encode()
