"""One subscription on a topic of its own, over real Kafka protocol, with a handler that notes what it got."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.local.temporary import Broker, settings_for
from shared.contracts.aftercare import IvpCallbackAttempted
from shared.contracts.envelope import Envelope
from shared.contracts.topics import DEAD_LETTERS, DEAD_LETTERS_HANDLED, Topic
from shared.runtime.failures import Health
from shared.runtime.kafka import Bus, ensure_topics
from shared.runtime.tracing import OFF, Tracing

PATIENCE = 30.0


async def eventually(what: str, good: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Waits until `good`, with a limit."""
    end = time.monotonic() + seconds
    while not good():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.02)


class Listener:
    """A bus with one subscription. `handle` may be replaced; `handled` has the ids of events that got through."""

    def __init__(self, broker: Broker, topic: Topic, group: str, tracing: Tracing = OFF) -> None:
        self.settings = settings_for(broker, hold_seconds=0.2, graceful_seconds=1.0)
        self.topic, self.group = topic, group
        self.health = Health()
        self.bus = Bus(self.settings, self.health, tracing)
        self.calls: list[str] = []
        self.handled: list[str] = []
        self.handle: Callable[[str], Awaitable[None]] = self._nothing
        subscription = self.bus.subscription(topic, group)

        @subscription.on(IvpCallbackAttempted)
        async def attempted(event: Envelope[IvpCallbackAttempted]) -> None:
            self.calls.append(event.id)
            await self.handle(event.id)
            self.handled.append(event.id)

    @staticmethod
    async def _nothing(_: str) -> None:
        return

    async def stop(self) -> None:
        """Leaves the group."""
        await self.bus.stop_consuming()
        await self.bus.stop()


@asynccontextmanager
async def listening(
    broker: Broker, topic: Topic | None = None, group: str = "", tracing: Tracing = OFF
) -> AsyncIterator[Listener]:
    """A listener that has its partition. Without topic and group: new ones."""
    mark = uuid.uuid4().hex[:8]
    topic = topic or Topic(f"test.{mark}", partitions=1)
    listener = Listener(broker, topic, group or f"test.{mark}.listener", tracing)
    await ensure_topics(listener.settings, (topic, DEAD_LETTERS, DEAD_LETTERS_HANDLED, *listener.bus.replays))
    await listener.bus.start()
    try:
        yield listener
    finally:
        await listener.stop()


def event(number: int, **more: Any) -> bytes:
    """A CloudEvent with id `e<number>`. `more` overrides attributes."""
    body = {
        "specversion": "1.0", "id": f"e{number}", "source": "urn:test", "type": IvpCallbackAttempted.type_name(),
        "time": "2026-03-01T12:00:00Z", "subject": "s", "dataschema": "https://x",
        "data": {"case": "c", "attempted_at": "2026-03-01T12:00:00Z"},
    }  # fmt: skip
    return json.dumps(body | more).encode()


async def produce(broker: Broker, topic: Topic, *values: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> None:
    """Sends raw values with key `key` in order; `headers` beside the content type."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    every = [("content-type", b"application/cloudevents+json; charset=UTF-8"), *headers]
    try:
        for value in values:
            await producer.send_and_wait(topic.name, value, key=b"key", headers=every)
    finally:
        await producer.stop()


async def records_of(broker: Broker, topic: Topic, count: int, wanted: Callable[[Any], bool]) -> list[Any]:
    """At least `count` raw records of a topic with one partition that are wanted."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    consumer.assign([TopicPartition(topic.name, 0)])
    found: list[Any] = []
    end = time.monotonic() + PATIENCE
    try:
        while len(found) < count:
            assert time.monotonic() < end, f"{len(found)} records on {topic.name} instead of {count}"
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += [record for record in batch if wanted(record)]
    finally:
        await consumer.stop()
    return found


async def dead_letters_of(broker: Broker, topic: Topic, count: int) -> list[Any]:
    """The dead letters that came from a topic, at least `count` of them, as raw records."""
    name = topic.name.encode()
    return await records_of(broker, DEAD_LETTERS, count, lambda record: dict(record.headers).get("dl_topic") == name)
