"""The one document: everything changes together, or nothing does."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.decisions import Refused
from shared.contracts.envelope import to_record
from shared.runtime.cases import Act, Conflict, Handled, KeyUsed
from shared.runtime.journal import LOG
from shared.runtime.mongo import Database
from tests.runtime.toy import START, Add, Bench, Remind, Tally


async def test_one_update_changes_state_history_outbox_inbox_and_deadlines_together(database: Database) -> None:
    bench = Bench(database)
    await bench.cases.update("a", Remind("a", "call", START + timedelta(hours=1)), handled=Handled("i1"), act=Act("x"))
    await bench.add(5, "i2", events=2)
    document = await bench.document()
    assert document["state"]["total"] == 5
    assert [entry["type"].rsplit(".", 2)[1] for entry in document["history"]] == ["ivp-callback-attempted"] * 2
    assert [(entry["id"], entry["topic"]) for entry in document["outbox"] if entry["topic"] != LOG] == [
        pair
        for entry in document["history"]
        for pair in ((entry["id"], "aftercare.callback"), (f"partner-{entry['id']}", "partner.ivp.callbacks"))
    ]
    assert [entry["topic"] for entry in document["outbox"]].count(LOG) == 2, "one line for the log from each save"
    assert document["outbox"][-1]["topic"] == LOG
    assert document["inbox"] == ["i1", "i2"]
    assert document["due_at"] == START + timedelta(hours=1)
    assert document["due"] == [{"name": "call", "at": START + timedelta(hours=1)}]
    assert document["version"] == 2
    assert document["look_at"] == document["lease"]["until"], "sooner than the deadline"
    assert document["pending"] is True and document["lease"]["token"]


async def test_a_repeated_input_changes_nothing_however_late_it_comes(database: Database) -> None:
    await check_repeats_change_nothing(Bench(database))


async def check_repeats_change_nothing(bench: Bench) -> None:
    """The first of many inputs comes again."""
    for number in range(1, 40):
        await bench.add(1, f"i{number}")
    before = await bench.document()
    assert (await bench.add(1, "i1")).total == 39
    assert await bench.document() == before


async def test_a_refusal_saves_nothing(database: Database) -> None:
    bench = Bench(database)
    with pytest.raises(Refused):
        await bench.add(-1, "i1")
    assert await bench.raw.count_documents({}) == 0
    await bench.add(1, "i2")
    before = await bench.document()
    with pytest.raises(Refused):
        await bench.add(-1, "i3")
    assert await bench.document() == before


async def test_the_same_key_with_another_body_is_an_error_and_the_same_body_is_not(database: Database) -> None:
    bench = Bench(database)
    await bench.cases.update("a", Add("a", 1), handled=Handled("http:me:key-1", "digest-1"), act=Act("me"))
    again = await bench.cases.update("a", Add("a", 1), handled=Handled("http:me:key-1", "digest-1"), act=Act("me"))
    assert again.total == 1
    with pytest.raises(KeyUsed):
        await bench.cases.update("a", Add("a", 2), handled=Handled("http:me:key-1", "digest-2"), act=Act("me"))
    assert (await bench.document())["state"]["total"] == 1


async def test_two_who_create_the_same_case_at_once_end_in_one_document_with_both(database: Database) -> None:
    one, two = Bench(database), Bench(database)
    await asyncio.gather(one.add(1, "i1"), two.add(2, "i2"))
    assert await one.raw.count_documents({}) == 1
    assert (await one.document())["state"]["total"] == 3


async def test_a_case_thought_new_that_is_there_is_read_and_changed(database: Database) -> None:
    bench = Bench(database)
    await bench.add(1, "i1", new=True)
    await bench.add(2, "i2", new=True)
    assert (await bench.add(1, "i1", new=True)).total == 3, "and a repeat still changes nothing"
    assert (await bench.document())["version"] == 2


async def test_many_writers_on_one_case_lose_nothing(database: Database) -> None:
    benches = [Bench(database) for _ in range(3)]

    async def write(bench: Bench, number: int) -> None:
        for turn in range(5):
            for _ in range(20):
                try:
                    await bench.add(1, f"{number}-{turn}")
                    break
                except Conflict:
                    await asyncio.sleep(0)

    await asyncio.gather(*(write(bench, number) for number, bench in enumerate(benches)))
    document = await benches[0].document()
    assert document["state"]["total"] == 15
    assert sorted(document["inbox"]) == sorted(f"{number}-{turn}" for number in range(3) for turn in range(5))


async def test_who_loses_three_times_is_told_and_nothing_is_saved(database: Database) -> None:
    bench = Bench(database)
    await bench.add(1, "i0")

    class AlwaysLate:
        """Somebody else saves between every reading and writing."""

        async def find_one(self, *args: Any) -> Any:
            found = await bench.raw.find_one(*args)
            await bench.raw.update_one({"_id": "a"}, {"$inc": {"version": 1}})
            return found

        def __getattr__(self, name: str) -> Any:
            return getattr(bench.raw, name)

    late = Bench(database, collection=AlwaysLate())  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        await late.add(1, "i1")
    assert (await bench.document())["state"]["total"] == 1


async def test_the_id_of_a_case_is_the_same_every_time_and_tells_nothing(database: Database) -> None:
    bench = Bench(database)
    made = bench.cases.id_for("http", "account-1", "key-12345")
    assert made == bench.cases.id_for("http", "account-1", "key-12345")
    assert made != bench.cases.id_for("http", "account-1key-1", "2345"), "parts do not run into each other"
    assert len(made) == 32 and "account" not in made
    assert made != hashlib.sha256(b"toy\x00http\x00account-1\x00key-12345").hexdigest()[:32], "a key is needed"


async def test_state_survives_the_way_to_the_database_and_back(database: Database) -> None:
    bench = Bench(database)
    when = START + timedelta(microseconds=123_456)
    await bench.cases.update("a", Remind("a", "call", when), handled=Handled("i1"), act=Act("x"))
    loaded = await bench.cases.load("a")
    assert isinstance(loaded, Tally)
    assert loaded.due[0].at == when
    assert await bench.cases.load("unknown") is None


async def test_history_says_who_when_and_why(database: Database) -> None:
    bench = Bench(database)
    bench.clock.set_offset(timedelta(days=90))
    await bench.cases.update("a", Add("a", 1), handled=Handled("i1"), act=Act("ivp-5", "close"))
    entry = (await bench.document())["history"][0]
    assert (entry["actor"], entry["purpose"], entry["version"]) == ("ivp-5", "close", 1)
    assert entry["at"] == START + timedelta(days=90), "the time that rules go by"
    assert entry["recorded_at"] == START, "and the time on the wall"


async def test_a_fan_out_that_reuses_an_id_is_a_bug_that_is_told_before_anything_is_saved(database: Database) -> None:
    bench = Bench(database, fan_out=lambda envelope, event: (to_record(envelope, topic="partner.x", key="a"),))
    with pytest.raises(ValueError, match="id of its own"):
        await bench.add(1, "i1")
    assert await bench.raw.count_documents({}) == 0
