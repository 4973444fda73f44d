"""The relay: at least once, in order, and nothing strands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from shared.contracts.envelope import LARGEST_MESSAGE
from shared.runtime.cases import Act, Handled
from shared.runtime.mongo import Database
from shared.runtime.outbox import LeaseLost
from tests.runtime.toy import PARTNER, Bench, Remind, Sent, assert_settled


async def test_what_is_saved_is_sent_in_order_with_the_case_as_key(database: Database) -> None:
    bench = Bench(database)
    for number in range(4):
        await bench.add(1, f"i{number}", events=3)
    await bench.send_fresh()
    await assert_settled(bench)
    assert len(bench.sent.once()) == 12
    assert {record.key for record in bench.sent.records} == {"a"}


async def test_a_case_that_others_made_pending_is_not_announced_twice(database: Database) -> None:
    bench = Bench(database)
    await bench.add(1, "i1")
    await bench.add(1, "i2")
    assert len(bench.fresh) == 1, "the holder of the lease sends both"
    await bench.send_fresh()
    await assert_settled(bench)


async def test_a_save_between_publish_and_release_is_sent_too(database: Database) -> None:
    class SavesInBetween(Sent):
        async def publish(self, record, /):  # type: ignore[no-untyped-def]
            await super().publish(record)
            if len(self.records) == 2:
                await bench.add(1, "i2")

    bench = Bench(database, publisher=SavesInBetween())
    await bench.add(1, "i1")
    await bench.send_fresh()
    assert len(bench.sent.once()) == 2
    await assert_settled(bench)


async def test_while_the_broker_is_away_everything_waits_and_then_goes_in_order(database: Database) -> None:
    bench = Bench(database)
    bench.sent.away = True
    await bench.add(1, "i1", events=3)
    await bench.send_fresh()
    await bench.add(1, "i2")
    assert bench.sent.records == []
    bench.sent.away = False
    await bench.after_a_crash()
    assert len(bench.sent.once()) == 4
    await assert_settled(bench)


async def test_what_was_acknowledged_before_the_broker_went_away_is_not_sent_again(database: Database) -> None:
    class GoesAway(Sent):
        async def publish(self, record, /):  # type: ignore[no-untyped-def]
            self.away = len(self.records) == 5
            await super().publish(record)

    bench = Bench(database, publisher=GoesAway())
    await bench.add(1, "i1", events=4)
    await bench.send_fresh()
    bench.sent = Sent(records=bench.sent.records)
    bench.relay._publisher = bench.sent
    await bench.after_a_crash()
    assert len(bench.sent.records) == 8
    await assert_settled(bench)


async def test_a_record_that_is_never_accepted_is_parked_alarmed_and_holds_up_nobody(database: Database) -> None:
    bench = Bench(database, publisher=Sent(never=frozenset({PARTNER})))
    await bench.add(1, "i1", events=2)
    with capture_logs() as lines:
        await bench.send_fresh()
    assert len(bench.sent.once()) == 2
    document = await bench.document()
    assert [entry["topic"] for entry in document["parked"]] == [PARTNER, PARTNER]
    assert document["outbox"] == [] and "pending" not in document
    assert [(line["event"], line["topic"]) for line in lines] == [("record_parked", PARTNER)] * 2


async def test_a_record_above_the_size_that_must_be_forwarded_is_parked(database: Database) -> None:
    bench = Bench(database, fan_out=lambda envelope, event: ())
    await bench.add(1, "i1")
    await bench.raw.update_one({"_id": "a"}, {"$set": {"outbox.0.body": "x" * (LARGEST_MESSAGE + 1)}})
    await bench.after_a_crash()
    assert bench.sent.records == []
    assert len((await bench.document())["parked"]) == 1


async def test_only_the_holder_of_the_lease_sends(database: Database) -> None:
    one = Bench(database)
    other = Bench(database, publisher=one.sent, time=one.time)
    await one.add(1, "i1")
    assert await other.relay.sweep() == 0, "the lease has not expired"
    one.time.pass_by(minutes=1)
    assert await other.relay.sweep() == 1
    await assert_settled(one)


async def test_who_lost_the_lease_stops(database: Database) -> None:
    bench = Bench(database)
    await bench.add(1, "i1")
    document = await bench.document()
    await bench.relay.claim(document)
    with pytest.raises(LeaseLost):
        await bench.relay.claim(document)
    await bench.send_fresh()
    assert (await bench.document())["pending"], "what it sent may come again, but it released nothing of the other's"
    await bench.after_a_crash()
    await assert_settled(bench)


async def test_many_cases_go_side_by_side_and_one_that_grew_meanwhile_is_sent_whole(database: Database) -> None:
    class GrowsOne(Sent):
        async def publish(self, record, /):  # type: ignore[no-untyped-def]
            await super().publish(record)
            if record.key == "case-3" and len(await bench.told("case-3")) == 1:
                await bench.add(1, "late", case="case-3", events=12)

    bench = Bench(database, publisher=GrowsOne())
    for number in range(6):
        await bench.add(1, "i1", case=f"case-{number}", events=1)
    batch, bench.fresh = bench.fresh, []
    bench.cases.saved = bench.fresh.append
    await bench.relay.send(batch)
    for number in range(6):
        document = await bench.document(f"case-{number}")
        assert document["outbox"] == [] and "pending" not in document and "lease" not in document
        sent = [
            record.id for record in bench.sent.records if record.key == f"case-{number}" and record.topic != PARTNER
        ]
        assert list(dict.fromkeys(sent)) == await bench.told(f"case-{number}")


async def test_a_broker_that_goes_away_in_a_batch_holds_up_only_what_was_not_sent(database: Database) -> None:
    class Chooses(Sent):
        async def publish(self, record, /):  # type: ignore[no-untyped-def]
            self.away = record.key == "case-1"
            await super().publish(record)

    bench = Bench(database, publisher=Chooses())
    for number in range(3):
        await bench.add(1, "i1", case=f"case-{number}")
    batch, bench.fresh = bench.fresh, []
    await bench.relay.send(batch)
    pending = [bool((await bench.document(f"case-{number}")).get("pending")) for number in range(3)]
    assert pending == [False, True, False]


async def test_a_case_that_cannot_be_sent_because_of_a_bug_holds_up_no_other(database: Database) -> None:
    class Stumbles(Sent):
        async def publish(self, record, /):  # type: ignore[no-untyped-def]
            if record.key == "case-0":
                raise RuntimeError("a bug with kanarie-data in its text")
            await super().publish(record)

    bench = Bench(database, publisher=Stumbles())
    for number in range(3):
        await bench.add(1, "i1", case=f"case-{number}")
    with capture_logs() as lines:
        await bench.after_a_crash()
    assert {record.key for record in bench.sent.records} == {"case-1", "case-2"}
    assert {(line["event"], line["error"], line["log_level"]) for line in lines} == {
        ("sending_waits", "RuntimeError", "error"),
    }  # fmt: skip
    assert "kanarie" not in str(lines)


async def test_a_pending_case_without_a_lease_is_found(database: Database) -> None:
    bench = Bench(database)
    await bench.add(1, "i1")
    await bench.raw.update_one({"_id": "a"}, {"$unset": {"lease": ""}})
    bench.time.pass_by(minutes=1)
    assert await bench.relay.sweep() == 1
    await assert_settled(bench)


async def test_republish_sends_every_event_again_with_its_old_id_before_what_waits(database: Database) -> None:
    bench = Bench(database)
    await bench.add(1, "i1", events=2)
    await bench.send_fresh()
    bench.sent.records.clear()
    await bench.add(1, "i2")
    bench.time.pass_by(minutes=1)
    assert await bench.relay.republish() == 1
    assert bench.sent.once() == await bench.told()
    await assert_settled(bench)


async def test_republish_can_be_for_one_topic(database: Database) -> None:
    bench = Bench(database)
    await bench.add(1, "i1", events=2)
    await bench.send_fresh()
    before = len(bench.sent.once())
    bench.sent.records.clear()
    assert await bench.relay.republish(topic=PARTNER) == 1
    assert {record.topic for record in bench.sent.records} == {PARTNER}
    assert len(bench.sent.records) == before


async def test_a_closed_case_is_republished_only_while_its_last_events_may_be_unread(database: Database) -> None:
    bench = Bench(database)
    await bench.add(1, "i1")
    await bench.send_fresh()
    await bench.raw.update_one({"_id": "a"}, {"$set": {"closed": True}})
    assert await bench.relay.republish() == 1
    bench.time.pass_by(days=1, seconds=1)
    assert await bench.relay.republish() == 0


async def test_a_case_without_events_is_never_pending(database: Database) -> None:
    bench = Bench(database)
    command = Remind("a", "call", bench.clock.now() + timedelta(hours=1))
    await bench.cases.update("a", command, handled=Handled("i1"), act=Act("test"))
    document = await bench.document()
    assert "pending" not in document and bench.fresh == []
