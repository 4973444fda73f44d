"""The clock: each deadline is told once, and one broken case does not stop the others."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from structlog.testing import capture_logs

from shared.runtime.cases import Act, Handled
from shared.runtime.mongo import Database
from tests.runtime.toy import START, Bench, Remind, Tally


async def remind(bench: Bench, name: str, at: datetime, case: str = "a") -> None:
    """Sets a deadline on a case."""
    await bench.cases.update(case, Remind(case, name, at), handled=Handled(f"{case}{name}"), act=Act("test"))


async def state(bench: Bench, case: str = "a") -> Tally:
    """The state of a case that is there."""
    found = await bench.cases.load(case)
    assert found is not None
    return found


async def test_a_deadline_is_told_when_it_has_passed_and_not_before(database: Database) -> None:
    bench = Bench(database)
    await remind(bench, "call", START + timedelta(minutes=30))
    bench.time.pass_by(minutes=29, seconds=59)
    assert await bench.deadlines.pass_due() == 0
    bench.time.pass_by(seconds=1)
    assert await bench.deadlines.pass_due() == 1
    assert (await state(bench)).passed == ("call",)
    assert await bench.deadlines.pass_due() == 0
    assert "due_at" not in await bench.document()


async def test_a_deadline_between_two_milliseconds_fires_although_the_database_keeps_only_those(
    database: Database,
) -> None:
    bench = Bench(database)
    await remind(bench, "call", START + timedelta(microseconds=1_999))
    bench.time.pass_by(seconds=1)
    await bench.deadlines.pass_due()
    assert (await state(bench)).passed == ("call",)


async def test_several_deadlines_of_one_case_come_in_order(database: Database) -> None:
    bench = Bench(database)
    await remind(bench, "later", START + timedelta(minutes=2))
    await remind(bench, "sooner", START + timedelta(minutes=1))
    bench.time.pass_by(hours=1)
    await bench.deadlines.pass_due()
    assert (await state(bench)).passed == ("sooner", "later")


async def test_two_clocks_tell_it_once(database: Database) -> None:
    one = Bench(database)
    two = Bench(database, time=one.time)
    for number in range(10):
        await remind(one, "call", START + timedelta(minutes=1), f"case-{number}")
    one.time.pass_by(minutes=2)
    await asyncio.gather(one.deadlines.pass_due(), two.deadlines.pass_due())
    await one.deadlines.pass_due()
    for number in range(10):
        found = await state(one, f"case-{number}")
        assert (found.passed, found.told) == (("call",), 1)


async def test_a_case_that_fails_is_set_aside_with_a_growing_pause_and_the_others_go_on(database: Database) -> None:
    bench = Bench(database)
    await remind(bench, "broken", START + timedelta(minutes=1), "bad")
    await remind(bench, "call", START + timedelta(minutes=2), "good")
    bench.time.pass_by(minutes=3)
    pauses = []
    with capture_logs() as lines:
        for _ in range(3):
            now = bench.clock.now()
            await bench.deadlines.pass_due()
            pauses.append(((await bench.document("bad"))["due_at"] - now).total_seconds())
            bench.time.pass_by(seconds=pauses[-1] + 1)
    assert (await state(bench, "good")).passed == ("call",)
    assert pauses == [2, 4, 8]
    assert {line["event"] for line in lines} == {"deadline_failed"}
    assert "kanarie" not in str(lines), "the text of an error can hold personal data"


async def test_after_a_failure_was_mended_the_count_begins_anew(database: Database) -> None:
    bench = Bench(database)
    await remind(bench, "call", START + timedelta(minutes=1))
    await bench.raw.update_one({"_id": "a"}, {"$set": {"due_failures": 5}})
    bench.time.pass_by(minutes=2)
    await bench.deadlines.pass_due()
    assert "due_failures" not in await bench.document()


async def test_while_a_case_waits_for_the_broker_its_deadlines_are_told(database: Database) -> None:
    bench = Bench(database)
    bench.sent.away = True
    await bench.add(1, "i1")
    await remind(bench, "call", START + timedelta(seconds=1))
    await bench.send_fresh()
    bench.time.pass_by(seconds=2)
    await bench.deadlines.pass_due()
    assert (await state(bench)).passed == ("call",)


async def test_a_case_that_was_sent_is_still_found_when_its_deadline_passes(database: Database) -> None:
    bench = Bench(database)
    await remind(bench, "call", START + timedelta(hours=1))
    await bench.add(1, "i1")
    await bench.send_fresh()
    assert (await bench.document())["look_at"] == START + timedelta(hours=1)
    bench.time.pass_by(hours=2)
    await bench.deadlines.pass_due()
    assert (await state(bench)).passed == ("call",)
    await bench.send_fresh()
    assert "look_at" not in await bench.document()


async def test_a_case_set_aside_while_it_was_being_sent_keeps_its_pause(database: Database) -> None:
    bench = Bench(database)
    await remind(bench, "broken", START + timedelta(minutes=1))
    await bench.add(1, "i1")
    bench.time.pass_by(seconds=61)
    await bench.deadlines.pass_due()
    aside = (await bench.document())["due_at"]
    await bench.send_fresh()
    await bench.after_a_crash()
    document = await bench.document()
    assert (document["due_at"], document["look_at"]) == (aside, aside)
