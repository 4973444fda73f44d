"""A plain aiokafka consumer of all topics, without group or framework: what a foreign client would see."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.contracts.topics import internal_topics, partner_topics
from shared.runtime.kafka_access import access_of

REQUIRED = ("specversion", "id", "source", "type", "time", "subject", "dataschema", "data")


@dataclass(frozen=True)
class Received:
    """One record as it arrived."""

    topic: str
    partition: int
    key: str
    body: dict[str, Any]
    raw: bytes
    headers: dict[str, str]

    @property
    def name(self) -> str:
        """The event's name in kebab case, e.g. `incident-reported`; of a record that is no event: what it is."""
        parts = str(self.body.get("type", "")).rsplit(".", 2)
        return parts[1] if len(parts) > 1 else "record that is no event"

    @property
    def data(self) -> dict[str, Any]:
        """The event's own fields; none when this is no event."""
        data = self.body.get("data")
        return dict(data) if isinstance(data, dict) else {}

    @property
    def is_partner(self) -> bool:
        """Whether this was on a partner's topic."""
        return self.topic.startswith("partner.")


class Witness:
    """Reads everything from the beginning until it is told to stop. Survives a broker that comes back empty."""

    def __init__(self, bootstrap: str, municipalities: tuple[str, ...]) -> None:
        self._access = access_of(bootstrap).client()
        self._topics = internal_topics() + partner_topics(municipalities)
        self.received: list[Received] = []

    async def __aenter__(self) -> Witness:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def look_again(self) -> None:
        """Reads all topics from the beginning once more: a broker that lost its memory may have been overtaken."""
        await self.__aexit__()
        await self.__aenter__()

    async def _watch(self) -> None:
        # Repeats are dropped by event id afterwards, so a consumer that lost its broker may start anew.
        while True:
            consumer = AIOKafkaConsumer(
                **self._access,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                fetch_max_wait_ms=50,
                request_timeout_ms=5_000,
            )
            with suppress(KafkaError, OSError):
                await self._read(consumer)
            await asyncio.sleep(0.5)

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        try:
            await consumer.start()
            consumer.assign([TopicPartition(topic.name, n) for topic in self._topics for n in range(topic.partitions)])
            while True:
                for batch in (await consumer.getmany(timeout_ms=1_000)).values():
                    self.received.extend(received(record) for record in batch)
        finally:
            await consumer.stop()

    def once(self) -> list[Received]:
        """Everything received, without repeats: an event id counts once per topic."""
        return list({(one.topic, one.body.get("id")): one for one in reversed(self.received)}.values())[::-1]

    def about(self, references: set[str]) -> list[Received]:
        """Events about the case with these references: ours inside, each partner's on its own topic."""
        return [one for one in self.once() if one.data.get("case") in references]


def received(record: Any) -> Received:
    """A record of aiokafka. A dead letter may hold anything, and an operator's audit line is no event."""
    raw = record.value or b""
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    return Received(
        topic=record.topic,
        partition=record.partition,
        key=(record.key or b"").decode(errors="replace"),
        body=body if isinstance(body, dict) else {},
        raw=raw,
        headers={name: value.decode(errors="replace") for name, value in record.headers},
    )
