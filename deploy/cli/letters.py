"""Dead letters after they were written: what lies there, send one again, and note who did what with it.

Nothing is ever taken away. Whether a letter is still open is told by the audit lines on a topic of their own.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import ClusterAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from shared.contracts.topics import DEAD_LETTERS, DEAD_LETTERS_HANDLED, Topic, replay_topic
from shared.runtime.environment import utc_now
from shared.runtime.kafka_access import KafkaAccess
from shared.runtime.outbox import BrokerAway

REPLAYED_FROM = "replayed_from"
SECONDS = 10.0
"""How long the broker may take for one answer."""

Action = Literal["replayed", "dropped", "shown"]


class NoSuchTopic(Exception):
    """The broker does not have this topic. The text is its name."""


class NotAllowed(BrokerAway):
    """The broker refuses this account. The text is the name of the error."""


class NotNoted(Exception):
    """The letter was sent again, but the audit line could not be written: it still counts as open."""


@dataclass(frozen=True)
class Letter:
    """A record that failed three times. `at`: when it was set apart (UTC); `headers` without those of the failure.

    `id` is made of origin and body: the same one however often it is read, and however often it was set apart.
    """

    id: str
    subscription: str
    error: str
    topic: str
    partition: str
    offset: str
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Line:
    """Who did what with a letter, and why. `actor` is an account id; `at` in UTC, ISO 8601."""

    letter: str
    action: Action
    actor: str
    reason: str
    at: str


def letter_of(record: Any) -> Letter:
    """The letter in a raw Kafka record of the dead letters."""
    told = {name: (value or b"").decode(errors="replace") for name, value in record.headers if name.startswith("dl_")}
    origin = tuple(told.get(f"dl_{name}", "") for name in ("subscription", "topic", "partition", "offset"))
    body = hashlib.sha256(record.value or b"").hexdigest()
    return Letter(
        id=hashlib.sha256("\x00".join((*origin, body)).encode()).hexdigest()[:12],
        subscription=origin[0],
        error=told.get("dl_error", ""),
        topic=origin[1],
        partition=origin[2],
        offset=origin[3],
        at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        key=record.key,
        value=record.value,
        headers=tuple((name, value or b"") for name, value in record.headers if not name.startswith("dl_")),
    )


def standing(lines: Iterable[Line]) -> dict[str, Line]:
    """The last line that settled each letter. A letter that is not in the answer is open; looking settles nothing."""
    return {line.letter: line for line in lines if line.action in ("replayed", "dropped")}


class Desk:
    """The dead letters of one broker. Every method raises `BrokerAway` when it does not answer."""

    def __init__(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, topics: set[str]) -> None:
        self._consumer = consumer
        self._producer = producer
        self._topics = topics

    async def letters(self) -> list[Letter]:
        """All of them, the oldest first, each once."""
        found: dict[str, Letter] = {}
        for record in await self._records(DEAD_LETTERS):
            letter = letter_of(record)
            found.setdefault(letter.id, letter)
        return list(found.values())

    async def lines(self) -> list[Line]:
        """All audit lines, the oldest first."""
        lines = []
        for record in await self._records(DEAD_LETTERS_HANDLED):
            try:
                lines.append(Line(**json.loads(record.value)))
            except (ValueError, TypeError):  # not one of ours: it settles nothing
                continue
        return lines

    async def replay(self, letter: Letter, actor: str, reason: str = "") -> None:
        """Sends the record again, unchanged, to the one subscription that failed; notes it once that is acknowledged.

        Raises `NoSuchTopic` when no subscription has that name, `NotNoted` when only the audit line failed.
        """
        topic = replay_topic(letter.subscription).name
        if topic not in self._topics:
            raise NoSuchTopic(topic)
        headers = [(name, value) for name, value in letter.headers if name != REPLAYED_FROM]
        await self._send(topic, letter.key, letter.value, [*headers, (REPLAYED_FROM, letter.id.encode())])
        try:
            await self.note(letter, "replayed", actor, reason)
        except BrokerAway as error:
            raise NotNoted(str(error)) from error

    async def note(self, letter: Letter, action: Action, actor: str, reason: str = "") -> None:
        """Writes an audit line."""
        line = Line(letter.id, action, actor, reason, utc_now().isoformat(timespec="seconds"))
        await self._send(DEAD_LETTERS_HANDLED.name, letter.id.encode(), json.dumps(asdict(line)).encode(), [])

    async def _send(self, topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
        with _away():
            await self._producer.send_and_wait(topic, value, key=key, headers=headers)

    async def _records(self, topic: Topic) -> list[Any]:
        """Everything on a topic. Read until the end is passed *and* nothing came: not every broker counts right."""
        if topic.name not in self._topics:
            raise NoSuchTopic(topic.name)
        parts = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        found: list[Any] = []
        with _away():
            self._consumer.assign(parts)
            await self._consumer.seek_to_beginning(*parts)
            ends, last = await self._consumer.end_offsets(parts), time.monotonic()
            while True:
                batch = [one for part in (await self._consumer.getmany(timeout_ms=300)).values() for one in part]
                if batch:
                    found, last = found + batch, time.monotonic()
                elif all([await self._consumer.position(part) >= ends[part] for part in parts]):
                    return found
                elif time.monotonic() - last > SECONDS:
                    raise BrokerAway("silent")


@asynccontextmanager
async def open_desk(broker: KafkaAccess) -> AsyncIterator[Desk]:
    """A desk on this broker. Raises `BrokerAway`."""
    limit, access = int(SECONDS * 1000), broker.client()
    consumer = AIOKafkaConsumer(
        **access, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=50,
        request_timeout_ms=limit,
    )  # fmt: skip
    producer = AIOKafkaProducer(**access, acks="all", request_timeout_ms=limit)
    try:
        with _away():
            await consumer.start()
            await producer.start()
            topics = set(await consumer.topics())
        yield Desk(consumer, producer, topics)
    finally:
        await end(producer.stop())
        await end(consumer.stop())


async def end(stopping: Coroutine[Any, Any, None]) -> None:
    """Waits until a client of aiokafka has stopped. Without its broker it lets the end of its own tasks out as ours."""
    try:
        await stopping
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
    except (KafkaError, OSError):
        return  # what it still had to say nobody hears


@contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except (TopicAuthorizationFailedError, ClusterAuthorizationFailedError) as error:
        raise NotAllowed(type(error).__name__) from error
    except (KafkaError, OSError) as error:
        raise BrokerAway(type(error).__name__) from error
