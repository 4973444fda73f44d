"""Recomputes the chain of a log: is every line as it was when it was sealed, and is none missing or added?

Whoever can write the whole database can also make a new chain. Against that an independent officer keeps the head
(number and digest of the last batch) somewhere else, and compares.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.privacy.append_log import moment_of
from shared.privacy.sealer import BEGINNING, OVERLAP, digest_of, digest_of_lines, seal_digest
from shared.runtime.mongo import Collection, Document

PAGE = 1_000
LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Head:
    """The last batch of a chain. `at`: when it was sealed (UTC)."""

    batch: int
    digest: str
    at: datetime


@dataclass(frozen=True)
class Fault:
    """What is wrong. `batch`: in which batch, or, for a line that is in none, before the end of which; 0: unknown."""

    batch: int
    what: str


@dataclass(frozen=True)
class Report:
    """What was found in one log. `waiting`: lines that the next round will seal."""

    batches: int
    lines: int
    waiting: int
    head: Head | None
    faults: tuple[Fault, ...]


@dataclass
class _Lines:
    """Digest of each line by id, when it came, and the batch it is in."""

    digests: dict[str, str] = field(default_factory=dict)
    came: dict[str, datetime] = field(default_factory=dict)
    batch_of: dict[str, int] = field(default_factory=dict)

    def take(self, line: Document) -> None:
        self.digests[line["_id"]] = digest_of(line)
        late = line.get("late_at")
        with suppress(ValueError, OverflowError):  # an id that is not ours came nobody knows when: long ago
            self.came[line["_id"]] = late if isinstance(late, datetime) else moment_of(line["_id"])


async def verify(lines: Collection, seals: Collection, kept: Head | None = None) -> Report:
    """Reads a whole log. `kept`: a head that somebody kept elsewhere. Raises an error of the database."""
    known = _Lines()
    there = await lines.count_documents({})
    async for line in _pages(lines, ""):  # before the batches: what comes in meanwhile is then at most in a batch
        known.take(line)
    faults: list[Fault] = []
    if there > len(known.digests):
        faults.append(Fault(0, f"{there - len(known.digests)} lines have an id that is not one of ours"))
    previous, number, lasts, head = BEGINNING, 0, [], None
    async for seal in _pages(seals, 0):
        number += 1
        faults += [Fault(seal["_id"], what) for what in await _check(seal, number, previous, lines, known)]
        if kept and seal["_id"] == kept.batch and seal.get("digest") != kept.digest:
            faults.append(Fault(kept.batch, "another digest than the head that was kept"))
        number, previous, at = seal["_id"], str(seal.get("digest")), seal.get("at")
        lasts.append((str(seal.get("last")), number))
        head = Head(number, previous, at if isinstance(at, datetime) else LONG_AGO)
    if kept and number < kept.batch:
        faults.append(Fault(number, f"the chain ends here; the head that was kept is batch {kept.batch}"))
    waiting, outside = _in_no_batch(known, head, lasts)
    return Report(len(lasts), len(known.digests), waiting, head, (*faults, *outside))


async def _pages(collection: Collection, last: str | int) -> AsyncIterator[Document]:
    while True:
        page = await collection.find({"_id": {"$gt": last}}).sort("_id").limit(PAGE).to_list(PAGE)
        for document in page:
            yield document
        if len(page) < PAGE:
            return
        last = page[-1]["_id"]


async def _check(seal: Document, number: int, previous: str, lines: Collection, known: _Lines) -> list[str]:
    """What is wrong with a batch that should be this number and follow `previous`."""
    ids = [str(line_id) for line_id in seal.get("ids") or ()]
    for line_id in ids:
        if line_id not in known.digests and (added := await lines.find_one({"_id": line_id})):
            known.take(added)
    missing = sum(line_id not in known.digests for line_id in ids)
    twice = sum(line_id in known.batch_of for line_id in ids)
    for line_id in ids:
        known.batch_of[line_id] = seal["_id"]
    found = digest_of_lines([known.digests.get(line_id, "") for line_id in ids])
    checks = (
        (seal["_id"] != number, f"batch {number} is missing before it"),
        (seal.get("previous") != previous, "does not follow the batch before it"),
        (seal.get("digest") != seal_digest(seal), "the batch itself was changed"),
        (missing > 0, f"{missing} of its lines are missing"),
        (twice > 0, f"{twice} of its lines are in an earlier batch too"),
        (not missing and seal.get("lines") != found, "a line in it was changed"),
    )
    return [what for is_wrong, what in checks if is_wrong]


def _in_no_batch(known: _Lines, head: Head | None, lasts: list[tuple[str, int]]) -> tuple[int, list[Fault]]:
    """How many lines wait for a batch, and those that should have been in one long ago."""
    left = sorted(line_id for line_id in known.digests if line_id not in known.batch_of)
    if head is None:
        return len(left), []
    since = head.at - OVERLAP
    old = [line_id for line_id in left if known.came.get(line_id, LONG_AGO) < since]
    faults = []
    for line_id in old:
        ends = (number for last, number in lasts if last[:12] >= line_id[:12])
        faults.append(Fault(next(ends, lasts[-1][1]), "a line was added to the log after it was sealed"))
    return len(left) - len(old), faults
