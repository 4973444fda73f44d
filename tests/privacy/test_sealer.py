"""The chain over a log: every line in exactly one batch, and whatever is changed afterwards is found."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.privacy import sealer as sealing
from shared.privacy.append_log import AppendLog
from shared.privacy.audit import Head, Report, verify
from shared.privacy.sealer import OVERLAP, Sealer, seal_digest
from shared.runtime.journal import line_id
from shared.runtime.mongo import Database
from tests.runtime.toy import RealTime


class Chain:
    """A log with its batches, and a time that passes."""

    def __init__(self, database: Database) -> None:
        self.time = RealTime()
        self.lines: Any = database.collection("log.police", "processing")
        self.seals: Any = database.collection("log.police", "processing.seals")
        self.log = AppendLog(self.lines, now=self.time)

    def sealer(self) -> Sealer:
        return Sealer(self.lines, self.seals, now=self.time)

    async def add(self, count: int = 3, at: timedelta = timedelta(0)) -> list[str]:
        """Lines about a moment `at` from now; returns their ids."""
        moment = self.time() + at
        lines = [{"_id": line_id(moment), "name": "view", "at": moment, "classes": ["identity"]} for _ in range(count)]
        await self.log.add(lines)
        return sorted(one["_id"] for one in lines)

    async def seal(self) -> int:
        self.time.pass_by(minutes=1)
        return await self.sealer().seal()

    async def batches(self) -> list[list[str]]:
        return [seal["ids"] for seal in await self.seals.find({}).sort("_id").to_list(100)]

    async def verify(self, kept: Head | None = None) -> Report:
        return await verify(self.lines, self.seals, kept)


async def three_batches(database: Database) -> Chain:
    """Nine lines in three batches, each long after the one before."""
    chain = Chain(database)
    for _ in range(3):
        await chain.add()
        await chain.seal()
        chain.time.pass_by(hours=1)
    return chain


async def test_each_round_makes_a_batch_of_what_came_since_and_the_chain_is_whole(database: Database) -> None:
    chain = Chain(database)
    one = await chain.add()
    assert await chain.seal() == 3
    assert await chain.seal() == 0, "nothing new, no batch"
    two = await chain.add()
    assert await chain.seal() == 3
    assert await chain.batches() == [one, two]
    report = await chain.verify()
    assert (report.batches, report.lines, report.waiting, report.faults) == (2, 6, 0, ())


async def test_a_line_that_comes_late_goes_into_a_later_batch(database: Database) -> None:
    chain = await three_batches(database)
    hours_ago = await chain.add(2, at=timedelta(hours=-2))
    just_before = await chain.add(1, at=timedelta(seconds=-30))
    assert await chain.seal() == 3
    assert (await chain.batches())[3] == hours_ago + just_before
    assert (await chain.verify()).faults == ()


async def test_lines_that_wait_are_no_fault_however_long_the_sealer_was_away(database: Database) -> None:
    chain = await three_batches(database)
    await chain.add()
    chain.time.pass_by(days=2)
    report = await chain.verify()
    assert (report.waiting, report.faults) == (3, ())
    assert await chain.seal() == 3


async def test_many_lines_are_cut_into_several_batches(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)
    chain = Chain(database)
    await chain.add(10)
    assert await chain.seal() == 10
    assert [len(batch) for batch in await chain.batches()] == [4, 4, 2]
    assert (await chain.verify()).faults == ()


async def test_of_several_sealers_at_once_one_makes_the_batch(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    chain = Chain(database)
    added: list[str] = []
    for _ in range(4):
        added += await chain.add(5)
        chain.time.pass_by(minutes=1)
        await asyncio.gather(*(chain.sealer().seal() for _ in range(3)))
    while await chain.seal():
        pass
    assert sorted(line for batch in await chain.batches() for line in batch) == sorted(added), "each exactly once"
    assert (await chain.verify()).faults == ()


async def test_a_sealer_that_is_overtaken_between_reading_and_writing_leaves_its_lines_to_the_next_round(
    database: Database,
) -> None:
    chain = Chain(database)
    await chain.add()
    slow = chain.sealer()
    unsealed = slow._unsealed

    async def overtaken(last: Any) -> Any:
        found = await unsealed(last)
        await chain.sealer().seal()
        return found

    slow._unsealed = overtaken  # type: ignore[method-assign]
    assert await slow.seal() == 0
    assert len(await chain.batches()) == 1 and (await chain.verify()).faults == ()


Tamper = Callable[[Chain], Awaitable[Any]]


async def change_a_byte(chain: Chain) -> None:
    line = (await chain.batches())[1][0]
    await chain.lines.update_one({"_id": line}, {"$set": {"name": "vieW"}})


async def add_a_field(chain: Chain) -> None:
    line = (await chain.batches())[1][2]
    await chain.lines.update_one({"_id": line}, {"$set": {"more": 1}})


async def remove_a_line(chain: Chain) -> None:
    await chain.lines.delete_one({"_id": (await chain.batches())[1][1]})


async def add_to_the_past(chain: Chain) -> None:
    about = (await chain.batches())[1][1]
    await chain.lines.insert_one({"_id": about[:12] + "f" * 20, "name": "view"})


async def add_to_a_batch(chain: Chain) -> None:
    about = (await chain.batches())[1][1]
    new = about[:12] + "f" * 20
    await chain.lines.insert_one({"_id": new, "name": "view"})
    await chain.seals.update_one({"_id": 2}, {"$push": {"ids": new}, "$inc": {"count": 1}})


async def alter_a_seal(chain: Chain) -> None:
    await chain.seals.update_one({"_id": 2}, {"$set": {"at": chain.time()}})


async def empty_a_seal(chain: Chain) -> None:
    await chain.seals.update_one({"_id": 2}, {"$unset": {"ids": "", "at": "", "digest": ""}})


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (change_a_byte, "a line in it was changed"), (add_a_field, "a line in it was changed"),
        (remove_a_line, "1 of its lines are missing"), (add_to_the_past, "added to the log after it was sealed"),
        (add_to_a_batch, "the batch itself was changed"), (alter_a_seal, "the batch itself was changed"),
        (empty_a_seal, "the batch itself was changed"),
    ],
)  # fmt: skip
async def test_what_was_changed_is_found_with_its_batch(database: Database, tamper: Tamper, what: str) -> None:
    chain = await three_batches(database)
    assert (await chain.verify()).faults == ()
    await tamper(chain)
    faults = (await chain.verify()).faults
    assert any(fault.batch == 2 and what in fault.what for fault in faults), faults


async def test_swapped_batches_are_found(database: Database) -> None:
    chain = await three_batches(database)
    one, two = [await chain.seals.find_one({"_id": number}) for number in (1, 2)]
    for number, seal in ((1, two), (2, one)):
        await chain.seals.update_one({"_id": number}, {"$set": {k: v for k, v in seal.items() if k != "_id"}})
    assert {fault.batch for fault in (await chain.verify()).faults} >= {1, 2}


async def test_a_removed_batch_is_found(database: Database) -> None:
    chain = await three_batches(database)
    await chain.seals.delete_one({"_id": 2})
    faults = (await chain.verify()).faults
    assert any(fault.batch == 3 and "batch 2 is missing" in fault.what for fault in faults)


async def test_a_removed_last_batch_is_found_by_the_lines_that_are_left_once_another_follows(
    database: Database,
) -> None:
    chain = await three_batches(database)
    head = (await chain.verify()).head
    await chain.seals.delete_one({"_id": 3})
    assert any("ends here" in fault.what for fault in (await chain.verify(head)).faults)


async def test_a_chain_that_was_made_anew_is_found_by_who_kept_its_head(database: Database) -> None:
    chain = await three_batches(database)
    head = (await chain.verify()).head
    assert head is not None and head.batch == 3
    await chain.lines.update_one({"_id": (await chain.batches())[0][0]}, {"$set": {"name": "forged"}})
    await chain.seals.delete_many({})
    await chain.seal()
    assert (await chain.verify()).faults == (), "by itself it looks whole"
    await chain.add()
    chain.time.pass_by(hours=1)
    await chain.seal()
    await chain.add()
    await chain.seal()
    assert (await chain.verify()).head is not None
    assert any("head that was kept" in fault.what for fault in (await chain.verify(head)).faults)


async def test_a_batch_that_was_made_to_fit_again_no_longer_fits_the_next(database: Database) -> None:
    chain = await three_batches(database)
    await chain.seals.update_one({"_id": 2}, {"$set": {"at": chain.time()}})
    changed = await chain.seals.find_one({"_id": 2})
    await chain.seals.update_one({"_id": 2}, {"$set": {"digest": seal_digest(changed)}})
    faults = (await chain.verify()).faults
    assert any(fault.batch == 3 and "does not follow" in fault.what for fault in faults)


async def test_a_line_with_a_strange_id_is_found(database: Database) -> None:
    chain = await three_batches(database)
    await chain.lines.insert_one({"_id": 7, "name": "view"})
    assert any("not one of ours" in fault.what for fault in (await chain.verify()).faults)


async def test_an_empty_log_is_whole(database: Database) -> None:
    report = await Chain(database).verify()
    assert (report.head, report.faults) == (None, ())


def test_the_look_back_is_longer_than_a_write_may_take() -> None:
    assert timedelta(minutes=1) < OVERLAP
