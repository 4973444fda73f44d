"""Chains the lines of a log in batches, so that a byte that was changed later is found (`veilig audit verify`).

    { _id: n, ids, first, last, count, lines: digest over the lines, previous: digest of batch n - 1, at, digest }

Any number of sealers may run on one log. The number of a batch is its id, so one of them wins; the others have then
not seen the last batch and stop. A line belongs to the first batch that is made after it was there.

Each round looks back `OVERLAP` before the last batch: as long as that may pass between the moment in a line's id (or
its `late_at`) and the moment it can be read, and as far may clocks differ. `audit.py` tells a line that is left out.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.privacy.append_log import whole_milliseconds
from shared.runtime import logs
from shared.runtime.environment import utc_now
from shared.runtime.mongo import AWAY, Collection, Document, DuplicateKeyError

OVERLAP = timedelta(minutes=15)
BATCH = 1_000
"""Lines in one batch; a round makes as many batches as it needs."""
BEGINNING = "0" * 64
"""What the first batch follows."""

log = logs.logger(__name__)


def canonical(document: Document) -> bytes:
    """The document as bytes that are the same wherever and by whichever driver it is read."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    return f"{type(value).__name__}: {value!r}"  # we write none: somebody else put it there, and it must be told


def digest_of(document: Document) -> str:
    """SHA-256 over the canonical bytes, in hexadecimal."""
    return hashlib.sha256(canonical(document)).hexdigest()


def digest_of_lines(digests: Sequence[str]) -> str:
    """One digest for a batch, from those of its lines in their order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def seal_digest(seal: Document) -> str:
    """The digest that a batch must have."""
    return digest_of({name: value for name, value in seal.items() if name != "digest"})


def first_id(since: datetime) -> str:
    """Before every id of a line from this moment on."""
    return f"{max(int(since.timestamp() * 1000), 0):012x}"


class Sealer:
    """Seals one log. `lines` and `seals` are its collections."""

    def __init__(
        self, lines: Collection, seals: Collection, *, seconds: float = 60.0, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._lines = lines
        self._seals = seals
        self._seconds = seconds
        self._now = now

    async def prepare(self) -> None:
        """Makes the index by which the latest batches are found."""
        await self._seals.create_index([("at", 1)])

    async def run(self) -> None:
        """Runs until cancelled."""
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self.seal()
            except Exception as error:  # this loop must never end by itself
                write = log.warning if isinstance(error, AWAY) else log.error
                write("sealing_waits", error=type(error).__name__)

    async def seal(self) -> int:
        """Seals what is there and in no batch yet; returns how many lines. Another sealer may have been first: 0."""
        at = whole_milliseconds(self._now())
        found = await self._seals.find({}).sort("_id", -1).limit(1).to_list(1)
        last = found[0] if found else None
        lines = await self._unsealed(last)
        number, previous, count = (last["_id"], last["digest"], 0) if last else (0, BEGINNING, 0)
        for start in range(0, len(lines), BATCH):
            batch = lines[start : start + BATCH]
            number += 1
            seal = self._batch(number, batch, previous, at)
            try:
                await self._seals.insert_one(dict(seal))
            except DuplicateKeyError:
                return count
            previous, count = seal["digest"], count + len(batch)
        return count

    def _batch(self, number: int, batch: Sequence[Document], previous: str, at: datetime) -> Document:
        ids = [line["_id"] for line in batch]
        seal = {"_id": number, "ids": ids, "first": ids[0], "last": ids[-1], "count": len(ids), "at": at}
        seal |= {"lines": digest_of_lines([digest_of(line) for line in batch]), "previous": previous}
        return seal | {"digest": seal_digest(seal)}

    async def _unsealed(self, last: Document | None) -> list[Document]:
        """Lines in no batch, by id. Reads the batches first: a line that is in one meanwhile makes ours come second."""
        since = datetime.fromtimestamp(0, UTC) if last is None else last["at"] - OVERLAP
        sealed: set[str] = set()
        if last is not None:
            recent = await self._seals.find({"at": {"$gte": since - OVERLAP}}, {"ids": 1}).to_list()
            sealed = {line_id for seal in recent for line_id in seal["ids"]}
        found: dict[str, Document] = {}
        for wanted in ({"_id": {"$gte": first_id(since)}}, {"late_at": {"$gte": since}}):
            for line in await self._lines.find(wanted).to_list():
                if line["_id"] not in sealed:
                    found[line["_id"]] = line
        return [found[line_id] for line_id in sorted(found)]
