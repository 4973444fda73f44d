"""The relay: at least once, in order, and nothing strands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from shared.contracts.envelope import LARGEST_MESSAGE
from shared.runtime.cases import Act, Handled
from shared.runtime.mongo import Database
from shared.runtime.outbox import LeaseLost
from shared.runtime.request import Request, during
from tests.runtime.toy import PARTNER, Add, Bench, Remind, Sent, assert_settled


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
    bench.sent = Sent(records=bench.sent.records, lines=bench.sent.lines)
    bench.relay._publisher = bench.cases.journal = bench.sent
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


async def remind(bench: Bench, input_id: str = "i1") -> None:
    """A save without an event."""
    command = Remind("a", input_id, bench.clock.now() + timedelta(hours=1))
    await bench.cases.update("a", command, handled=Handled(input_id), act=Act("test"))


async def test_a_case_without_events_waits_for_the_log_only(database: Database) -> None:
    bench = Bench(database)
    await remind(bench)
    assert (await bench.document())["pending"] is True
    await bench.send_fresh()
    assert bench.sent.records == []
    await assert_settled(bench)


async def test_a_case_without_events_and_without_a_log_is_never_pending(database: Database) -> None:
    bench = Bench(database)
    bench.cases.journal = None
    await remind(bench)
    document = await bench.document()
    assert "pending" not in document and bench.fresh == []


async def test_the_log_hears_of_each_save_who_why_and_how_and_never_what(database: Database) -> None:
    bench = Bench(database)
    await bench.cases.update("a", Add("a", 77), handled=Handled("http:me:key-1"), act=Act("me", "count", role="ivp"))
    await bench.cases.update("a", Add("a", 77), handled=Handled("urn:x:1"), act=Act("intake"))
    due = Remind("a", "call", bench.clock.now())
    await bench.cases.update("a", due, handled=Handled("http:me:key-2"), act=Act("me", "plan"))
    await bench.deadlines.pass_due()
    await bench.send_fresh()
    told = [(one.kind, one.actor, one.role, one.name) for _, one in sorted(bench.sent.lines.items())]
    assert sorted(told) == sorted([
        ("act", "me", "ivp", "count"), ("event", "intake", "", "intake"), ("act", "me", "", "plan"),
        ("clock", "clock", "", "deadline call"),
    ])  # fmt: skip
    assert {(one.module, one.case) for one in bench.sent.lines.values()} == {("toy", "a")}
    assert "77" not in " ".join(f"{one.name}{one.purpose}" for one in bench.sent.lines.values())


async def test_a_repeat_writes_no_line(database: Database) -> None:
    bench = Bench(database)
    for _ in range(3):
        await bench.add(1, "i1")
        await bench.send_fresh()
    assert len(bench.sent.lines) == 1


async def test_a_log_that_is_away_holds_up_no_event_and_gets_its_lines_later(database: Database) -> None:
    bench = Bench(database)
    bench.sent.log_away = True
    await bench.add(1, "i1", events=12)
    with capture_logs() as lines:
        await bench.send_fresh()
    assert len(bench.sent.once()) == 12 and bench.sent.lines == {}
    assert [(line["event"], line["error"], line["log_level"]) for line in lines] == [
        ("sending_waits", "AutoReconnect", "warning"),
    ]  # fmt: skip
    await bench.add(1, "i2")
    sent = len(bench.sent.records)
    bench.time.pass_by(minutes=1)
    await bench.relay.sweep()
    assert len(bench.sent.once()) == 13 and len(bench.sent.records) == sent + 2, "nothing twice"
    bench.sent.log_away = False
    await bench.after_a_crash()
    await assert_settled(bench)


async def test_a_broker_that_is_away_holds_up_no_line_of_the_log(database: Database) -> None:
    bench = Bench(database)
    bench.sent.away = True
    await bench.add(1, "i1")
    await bench.send_fresh()
    assert len(bench.sent.lines) == 1
    bench.sent.away = False
    await bench.after_a_crash()
    await assert_settled(bench)


async def test_republish_tells_the_log_nothing_again(database: Database) -> None:
    bench = Bench(database)
    await bench.add(1, "i1")
    await bench.send_fresh()
    bench.sent.lines.clear()
    await bench.relay.republish()
    assert bench.sent.lines == {}


async def test_a_request_knows_what_was_saved_in_it_and_gives_its_role_to_the_log(database: Database) -> None:
    bench = Bench(database)
    with during(Request(role="police", purpose="weging", trace_id="ab" * 16)) as request:
        await bench.add(1, "http:me:key-1")
        await bench.add(1, "http:me:key-1")
    await bench.add(1, "i2", case="b")
    assert request.saved == {("toy", "a")}
    await bench.send_fresh()
    lines = {one.case: (one.role, one.purpose, one.trace_id) for one in bench.sent.lines.values()}
    assert lines == {"a": ("police", "weging", "ab" * 16), "b": ("", "", "")}
