"""Reads topics as they grow, without a group, so that nobody else notices. Survives a broker that goes away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from deploy.cli.letters import end
from shared.runtime.kafka_access import access_of

LOOK_SECONDS = 2.0
"""How often it asks whether the broker is there and which topics it has."""
ANSWER_SECONDS = 5.0
BACK_MS = 60_000
"""How far it looks back when a broker returns: what was sent while it was away carries the time it was made."""
REMEMBERED = 50_000


@dataclass
class Remembered:
    """The last things that were seen, in order, at most so many."""

    seen: dict[Any, None] = field(default_factory=dict)

    def is_new(self, thing: Any) -> bool:
        """Whether it was not seen before; from now on it was."""
        if thing in self.seen:
            return False
        self.seen[thing] = None
        if len(self.seen) > REMEMBERED:
            del self.seen[next(iter(self.seen))]
        return True


@dataclass
class Follower:
    """Follows the topics that `wanted` picks from those of the broker. `say`: a sentence for the reader."""

    address: str
    wanted: Callable[[Iterable[str]], set[str]]
    since: datetime
    say: Callable[[str], None]
    _refused: set[str] = field(default_factory=set)
    _shown: Remembered = field(default_factory=Remembered)

    async def records(self) -> AsyncIterator[ConsumerRecord]:
        """Every record since `since` by the broker's own time, each once. Never ends by itself."""
        since_ms, away = int(self.since.timestamp() * 1000), False
        last_heard = since_ms
        while True:
            try:
                async with _clients(self.address) as (consumer, admin):
                    if away:
                        self.say(f"The broker at {self.address} is back.")
                        away = False
                    async for record in self._read(consumer, admin, since_ms):
                        last_heard = max(last_heard, record.timestamp)
                        if self._shown.is_new((record.topic, record.partition, record.offset, record.timestamp)):
                            yield record
            except (KafkaError, OSError) as error:
                if not away:
                    self.say(f"The broker at {self.address} is away ({type(error).__name__}); still trying.")
                away, since_ms = True, max(since_ms, last_heard - BACK_MS)
            await asyncio.sleep(1.0)

    async def _read(
        self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, since_ms: int
    ) -> AsyncIterator[ConsumerRecord]:
        looked = -LOOK_SECONDS
        while True:
            if time.monotonic() - looked > LOOK_SECONDS:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._assign(consumer, await admin.describe_topics(), since_ms)
                looked = time.monotonic()
            if not consumer.assignment():
                await asyncio.sleep(0.2)
                continue
            try:
                batches = await consumer.getmany(timeout_ms=300)
            except TopicAuthorizationFailedError as error:
                self._leave_out(error)
                looked = -LOOK_SECONDS
                continue
            for record in sorted((one for batch in batches.values() for one in batch), key=lambda one: one.timestamp):
                # Asked for by time already; but not every broker finds the place.
                if record.timestamp < 0 or record.timestamp >= since_ms:
                    yield record

    def _leave_out(self, error: TopicAuthorizationFailedError) -> None:
        """Goes on without the topics that the broker refuses. It says so once for each partition."""
        names = error.args[0] if error.args else ()
        refused = {names} if isinstance(names, str) else set(names)
        if not refused:
            raise error
        for name in sorted(refused - self._refused):
            self.say(f"You may not read {name}.")
        self._refused |= refused

    async def _assign(self, consumer: AIOKafkaConsumer, topics: list[dict[str, Any]], since_ms: int) -> None:
        readable = {topic["topic"]: topic["partitions"] for topic in topics if not topic["error_code"]}
        names = self.wanted(readable) - self._refused
        parts = {TopicPartition(name, part["partition"]) for name in names for part in readable[name]}
        known = consumer.assignment()
        if not parts or parts == known:
            return
        places = {part: await consumer.position(part) for part in known & parts}
        fresh = list(parts - known)
        # The end first: what comes between the two questions must not be skipped.
        ends = await consumer.end_offsets(fresh)
        found = await consumer.offsets_for_times(dict.fromkeys(fresh, since_ms))
        places |= {part: ends[part] if found.get(part) is None else found[part].offset for part in fresh}
        consumer.assign(list(parts))
        for part, offset in places.items():
            consumer.seek(part, offset)


@asynccontextmanager
async def _clients(address: str) -> AsyncIterator[tuple[AIOKafkaConsumer, AIOKafkaAdminClient]]:
    limit, access = int(ANSWER_SECONDS * 1000), access_of(address).client()
    consumer = AIOKafkaConsumer(
        **access, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=100,
        request_timeout_ms=limit,
    )  # fmt: skip
    admin = AIOKafkaAdminClient(**access, request_timeout_ms=limit)
    try:
        await consumer.start()
        await admin.start()
        yield consumer, admin
    finally:
        await end(admin.close())
        await end(consumer.stop())
