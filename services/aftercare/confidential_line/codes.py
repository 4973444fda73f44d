"""The return code of a contact: random, shown once, and kept as two things that do not lead back to it.

A locator (HMAC under a key that is not in the database) finds the contact with one search. A slow salted hash (scrypt)
then says whether the code is right. A wrong code costs the same: one search and one scrypt, over a salt of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

DIGITS, GROUP = 16, 4
LONGEST = 40
"""Characters of what is taken for a code, spaces and hyphens among them."""
SALT_BYTES = 16
COST = 2**15
"""Work of scrypt (`n`; with r=8 about 32 MB and a tenth of a second)."""
TOGETHER = 2
"""How many codes are tried at the same time: guessing may not use up the memory of the process."""

Derive = Callable[[bytes, bytes], bytes]
"""Code and salt in, hash out."""


def new_code() -> str:
    """Sixteen random digits in groups of four, such as a telephone number might look."""
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    return " ".join(digits[at : at + GROUP] for at in range(0, DIGITS, GROUP))


def scrypt(code: bytes, salt: bytes, cost: int = COST) -> bytes:
    """The slow hash of a code."""
    return hashlib.scrypt(code, salt=salt, n=cost, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=32)


@dataclass(frozen=True)
class Kept:
    """What is stored of a code."""

    locator: str
    salt: bytes
    hash: bytes


class Codes:
    """Makes and tries codes. `key`: 32 bytes that are nowhere in the database."""

    def __init__(self, key: bytes, *, derive: Derive = scrypt) -> None:
        self._key = key
        self._derive = derive
        self._turns = asyncio.Semaphore(TOGETHER)

    def locator(self, code: str) -> str:
        """What a contact is found by: 64 hexadecimal digits."""
        return hmac.new(self._key, b"locator\x00" + _plain(code), hashlib.sha256).hexdigest()

    async def kept(self, code: str) -> Kept:
        """What is stored of a new code."""
        salt = secrets.token_bytes(SALT_BYTES)
        return Kept(self.locator(code), salt, await self._hash(code, salt))

    async def fits(self, code: str, kept: Kept | None) -> bool:
        """Whether this is the code. Without anything kept the same work is done, and the answer is no."""
        known = kept or Kept("", self._decoy(code), bytes(32))
        found = await self._hash(code, known.salt)
        return hmac.compare_digest(found, known.hash) and kept is not None

    def _decoy(self, code: str) -> bytes:
        return hmac.new(self._key, b"decoy\x00" + _plain(code), hashlib.sha256).digest()[:SALT_BYTES]

    async def _hash(self, code: str, salt: bytes) -> bytes:
        async with self._turns:
            return await asyncio.to_thread(self._derive, _plain(code), salt)


def _plain(code: str) -> bytes:
    """Without the spaces and hyphens that people write or leave out."""
    return re.sub(r"[\s.-]", "", code[:LONGEST]).encode(errors="replace")
