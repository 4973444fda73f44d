"""The failure policy over real Kafka protocol, on the embedded broker and on real Kafka."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import TopicAuthorizationFailedError
from faststream import AckPolicy
from pymongo.errors import AutoReconnect

from deploy.local.temporary import Broker
from shared.contracts.topics import DEAD_LETTERS
from shared.runtime.kafka import Bus
from shared.runtime.tracing import HEADER, SpanKind
from tests.traced import Memory, is_child, trace_of, words_in
from tests.wire.subscribing import dead_letters_of, event, eventually, listening, produce

CANARY = "kanarie-Jansen"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_poison_message_goes_to_the_dead_letters_unchanged_and_the_next_is_handled(broker: Broker) -> None:
    broken = f"{{not json {CANARY}".encode()
    misfit = event(2, data={"case": CANARY})
    async with listening(broker) as listener:
        await produce(broker, listener.topic, event(1), broken, misfit, event(3))
        await eventually("both good ones are handled", lambda: listener.handled == ["e1", "e3"])
        letters = await dead_letters_of(broker, listener.topic, 2)
        assert [letter.value for letter in letters] == [broken, misfit]
        assert {letter.key for letter in letters} == {b"key"}
        told = [{name: value.decode() for name, value in letter.headers} for letter in letters]
        assert [one["dl_offset"] for one in told] == ["1", "2"]
        assert {one["dl_subscription"] for one in told} == {listener.group}
        assert told[1]["dl_error"] == "ValidationError"
        assert CANARY not in str(told), "the text of an error holds what was sent"
        assert listener.health.dead_letters == 2


async def test_a_bug_is_tried_three_times_and_then_set_apart(broker: Broker) -> None:
    async def bug(event_id: str) -> None:
        if event_id == "e1":
            raise KeyError(CANARY)

    async with listening(broker) as listener:
        listener.handle = bug
        await produce(broker, listener.topic, event(1), event(2))
        await eventually("the next is handled", lambda: listener.handled == ["e2"])
        assert listener.calls == ["e1", "e1", "e1", "e2"]
        letters = await dead_letters_of(broker, listener.topic, 1)
        assert dict(letters[0].headers)["dl_error"] == b"KeyError"


async def test_an_unknown_type_is_acknowledged_and_counted(broker: Broker) -> None:
    async with listening(broker) as listener:
        stranger = event(1, type="nl.veiligbestuur.cases.never-heard-of.v1", data=[1, 2])
        await produce(broker, listener.topic, stranger, event(2))
        await eventually("the next is handled", lambda: listener.handled == ["e2"])
        assert listener.health.unknown_types == 1
        assert listener.health.dead_letters == 0


async def test_an_unknown_field_is_no_obstacle(broker: Broker) -> None:
    async with listening(broker) as listener:
        data = {"case": "c", "attempted_at": "2026-03-01T12:00:00Z", "invented_later": {"deep": 1}}
        await produce(broker, listener.topic, event(1, data=data, traceparent="00-x"))
        await eventually("it is handled", lambda: listener.handled == ["e1"])


async def test_while_the_database_is_away_the_partition_is_held_and_nothing_is_dead_lettered(broker: Broker) -> None:
    back = asyncio.Event()

    async def away(_: str) -> None:
        if not back.is_set():
            raise AutoReconnect("away")

    async with listening(broker) as listener:
        listener.handle = away
        await produce(broker, listener.topic, event(1), event(2))
        await eventually("readiness is red", lambda: listener.group in listener.health.holding)
        await eventually("it is tried more than three times", lambda: len(listener.calls) > 4)
        assert set(listener.calls) == {"e1"}, "nobody overtakes"
        back.set()
        await eventually("both are handled in order", lambda: listener.handled == ["e1", "e2"])
        assert not listener.health.holding
        assert listener.health.dead_letters == 0


async def test_what_cannot_be_set_apart_either_is_not_lost_and_readiness_says_so(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, send, tried = asyncio.Event(), Bus._send_raw, []

    async def refused(bus: Bus, topic: str, *more: Any) -> None:
        if topic == DEAD_LETTERS.name and not taken.is_set():
            tried.append(topic)
            raise TopicAuthorizationFailedError
        await send(bus, topic, *more)

    async def bug(event_id: str) -> None:
        if event_id == "e1":
            raise KeyError(CANARY)

    monkeypatch.setattr(Bus, "_send_raw", refused)
    async with listening(broker) as listener:
        listener.handle = bug
        await produce(broker, listener.topic, event(1), event(2))
        await eventually("it comes again", lambda: len(tried) == 3)
        assert listener.group in listener.health.holding
        assert not listener.handled, "nobody overtakes"
        taken.set()
        await eventually("the next is handled", lambda: listener.handled == ["e2"])
        assert len(await dead_letters_of(broker, listener.topic, 1)) == 1
        assert not listener.health.holding and listener.health.dead_letters == 1


async def check_a_death_while_handling_loses_nothing(broker: Broker) -> None:
    """The process dies inside its first handler; the next one gets the message again."""
    async with listening(broker) as first:
        stuck = asyncio.Event()

        async def hangs(_: str) -> None:
            stuck.set()
            await asyncio.Event().wait()

        first.handle = hangs
        await produce(broker, first.topic, event(1))
        await asyncio.wait_for(stuck.wait(), 20)
    async with listening(broker, first.topic, first.group) as second:
        await produce(broker, first.topic, event(2))
        await eventually("the second is handled", lambda: "e2" in second.handled)
        assert second.handled == ["e1", "e2"]


async def test_a_message_is_committed_only_after_it_was_handled(broker: Broker) -> None:
    await check_a_death_while_handling_loses_nothing(broker)


async def test_commit_before_handling_is_found(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = SimpleNamespace(NACK_ON_ERROR=AckPolicy.ACK_FIRST)
    monkeypatch.setattr("shared.runtime.kafka.AckPolicy", planted)
    with pytest.raises(AssertionError):
        await check_a_death_while_handling_loses_nothing(broker)


async def test_after_a_restart_only_what_is_new_is_handled(broker: Broker) -> None:
    async with listening(broker) as first:
        await produce(broker, first.topic, event(1))
        await eventually("it is handled", lambda: first.handled == ["e1"])
    async with listening(broker, first.topic, first.group) as second:
        await produce(broker, first.topic, event(2))
        await eventually("the new one is handled", lambda: bool(second.handled))
        assert second.handled == ["e2"]


async def test_a_running_handler_finishes_and_commits_before_the_service_stops(broker: Broker) -> None:
    async with listening(broker) as first:
        begun, go = asyncio.Event(), asyncio.Event()

        async def slow(_: str) -> None:
            begun.set()
            await go.wait()

        first.handle = slow
        await produce(broker, first.topic, event(1))
        await asyncio.wait_for(begun.wait(), 20)
        stopping = asyncio.create_task(first.bus.stop_consuming())
        await asyncio.sleep(0)
        go.set()
        await stopping
        assert first.handled == ["e1"]
    async with listening(broker, first.topic, first.group) as second:
        await produce(broker, first.topic, event(2))
        await eventually("the new one is handled", lambda: bool(second.handled))
        assert second.handled == ["e2"]


async def test_handling_goes_on_from_the_trace_that_the_record_carries_with_each_try_below_it(broker: Broker) -> None:
    async def fails_once(_: str) -> None:
        if len(listener.calls) == 1:
            raise KeyError(CANARY)

    memory = Memory()
    async with listening(broker, tracing=memory.tracing()) as listener:
        listener.handle = fails_once
        await produce(broker, listener.topic, event(1), headers=((HEADER, TRACEPARENT.encode()),))
        await eventually("it is handled", lambda: memory.spans("process"))
    process, tries = memory.span("process"), memory.spans("handle")
    assert f"{trace_of(process):032x}" == TRACEPARENT[3:35] and process.kind is SpanKind.CONSUMER
    assert len(tries) == 2 and all(is_child(one, process) for one in tries)
    assert dict(tries[0].attributes or {})["error.type"] == "KeyError"
    assert dict(process.attributes or {})["messaging.consumer.group.name"] == listener.group
    assert CANARY not in words_in(memory.spans()) and "key" not in dict(process.attributes or {}).values()


@pytest.mark.parametrize("header", [b"", b"00-1", CANARY.encode()])
async def test_a_record_with_a_broken_context_is_handled_and_begins_a_trace(broker: Broker, header: bytes) -> None:
    memory = Memory()
    async with listening(broker, tracing=memory.tracing()) as listener:
        await produce(broker, listener.topic, event(1), headers=((HEADER, header),))
        await eventually("it is handled", lambda: memory.spans("process"))
        assert listener.handled == ["e1"] and listener.health.dead_letters == 0
    assert memory.span("process").parent is None
    assert CANARY not in words_in(memory.spans())


async def test_a_dead_letter_keeps_the_trace_in_which_it_failed(broker: Broker) -> None:
    async def bug(_: str) -> None:
        raise KeyError(CANARY)

    async with listening(broker, tracing=Memory().tracing()) as listener:
        listener.handle = bug
        await produce(broker, listener.topic, event(1), headers=((HEADER, TRACEPARENT.encode()),))
        (letter,) = await dead_letters_of(broker, listener.topic, 1)
    assert dict(letter.headers)[HEADER] == TRACEPARENT.encode()
