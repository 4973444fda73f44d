"""Seals what a contact holds: AES-GCM under a key of its own, which is wrapped by the key of the Vertrouwenslijn.

The wrapped key lies beside the text it opens, in the same document: one write that removes both destroys the contact.
The associated data binds contact, field and version of the wrapping key, so that nothing can be moved or swapped.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
BLOCK = 4_096
"""Texts are filled up to a multiple of this many bytes: the size of what is stored tells little of what was said."""


@dataclass(frozen=True)
class DataKey:
    """The wrapped key of one contact, and the version of the key that wrapped it."""

    version: int
    wrapped: bytes


class Sealer(Protocol):
    """What the store needs. Destroying is removing the data key: without it nothing can be opened any more."""

    def new_key(self, contact: str) -> DataKey: ...
    def seal(self, contact: str, field: str, text: bytes, key: DataKey) -> bytes: ...
    def open(self, contact: str, field: str, sealed: bytes, key: DataKey) -> bytes: ...


class OwnKeys:
    """Seals under the line's own wrapping keys: version -> 32 bytes. The highest version wraps what is new."""

    def __init__(self, wrapping: dict[int, bytes]) -> None:
        self._wrapping = {version: AESGCM(key) for version, key in wrapping.items()}
        self._newest = max(wrapping)

    def new_key(self, contact: str) -> DataKey:
        """A random key for this contact, wrapped."""
        bound = _bound(contact, "key", self._newest)
        wrapped = _encrypt(self._wrapping[self._newest], AESGCM.generate_key(256), bound)
        return DataKey(self._newest, wrapped)

    def seal(self, contact: str, field: str, text: bytes, key: DataKey) -> bytes:
        """The text, unreadable. It must not end in spaces: those are what it is filled up with."""
        filled = text.ljust(-(-len(text) // BLOCK) * BLOCK)
        return _encrypt(self._unwrapped(contact, key), filled, _bound(contact, field, key.version))

    def open(self, contact: str, field: str, sealed: bytes, key: DataKey) -> bytes:
        """The text. Raises `InvalidTag` when it belongs elsewhere or was changed."""
        text = _decrypt(self._unwrapped(contact, key), sealed, _bound(contact, field, key.version))
        return text.rstrip(b" ")

    def _unwrapped(self, contact: str, key: DataKey) -> AESGCM:
        bound = _bound(contact, "key", key.version)
        return AESGCM(_decrypt(self._wrapping[key.version], key.wrapped, bound))


def _bound(contact: str, field: str, version: int) -> bytes:
    return "\x00".join(("confidential-line", contact, field, str(version))).encode()


def _encrypt(cipher: AESGCM, text: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, text, bound)


def _decrypt(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
