"""The bare chain: per hop one conditional update, one acknowledged publish, one commit. Nothing but aiokafka and motor.

No history, no inbox, no outbox, no deadlines: a crash between update and publish loses the event. It is what the
real chain is measured against, on the same broker and database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from motor.motor_asyncio import AsyncIOMotorClient

from shared.runtime.environment import Settings

TOPICS = ("bench.bare.first", "bench.bare.second", "bench.bare.done")


class BareChain:
    """Three hops: started here, consumed twice."""

    def __init__(self, producer: AIOKafkaProducer, cases: Any) -> None:
        self._producer, self._cases = producer, cases

    async def start_case(self, case: str) -> None:
        """The first hop."""
        await self._hop(case, 0)

    async def _hop(self, case: str, hop: int) -> None:
        await self._cases.update_one(
            {"_id": case, "version": hop}, {"$set": {"state": {"hop": hop}}, "$inc": {"version": 1}}, upsert=hop == 0
        )
        await self._producer.send_and_wait(TOPICS[hop], b'{"case": "' + case.encode() + b'"}', key=case.encode())

    async def consume(self, consumer: AIOKafkaConsumer, hop: int) -> None:
        """A later hop, until cancelled."""
        async for record in consumer:
            await self._hop(record.key.decode(), hop)
            await consumer.commit()


@asynccontextmanager
async def bare_chain(settings: Settings, database: str) -> AsyncIterator[BareChain]:
    """The chain, ready to start cases. `database`: name of its own database."""
    client: Any = AsyncIOMotorClient(settings.mongo_url.get_secret_value(), tz_aware=True)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap_servers, acks="all", enable_idempotence=settings.kafka_idempotence
    )
    await producer.start()
    chain = BareChain(producer, client[database]["cases"])
    consumers = [
        AIOKafkaConsumer(
            topic,
            bootstrap_servers=settings.kafka_bootstrap_servers,
            group_id=f"{topic}.bench",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
            session_timeout_ms=settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=settings.kafka_session_timeout_ms // 3,
        )
        for topic in TOPICS[:2]
    ]
    await asyncio.gather(*(consumer.start() for consumer in consumers))
    tasks = [asyncio.create_task(chain.consume(consumer, hop)) for hop, consumer in enumerate(consumers, 1)]
    try:
        yield chain
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(consumer.stop() for consumer in consumers))
        await producer.stop()
        client.close()
