"""One partner: two loops, apart from those of all others.

The one takes from Kafka and keeps, and only then moves its place on. The other sends what is kept. A stop in between,
however hard, sends something twice at most, with the same id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from deploy.cli.letters import end
from deploy.partners.forwarder.domain import GONE, Answer, Entry, State, Verdict, ask_again, judge
from deploy.partners.forwarder.listing import Subscriber
from deploy.partners.forwarder.measuring import Meters
from deploy.partners.forwarder.posting import Poster
from deploy.partners.forwarder.settings import ForwarderSettings
from deploy.partners.forwarder.store import Store
from shared.runtime import logs
from shared.runtime.failures import hold_pauses
from shared.runtime.mongo import Document

log = logs.logger(__name__)

LOOK_SECONDS = 1.0
"""Pause between looks at what is due, and so at what operators did."""
HOLD_SECONDS = 5.0
"""Longest pause while Kafka or the database are away."""
SIDE_BY_SIDE = 4
"""Cases of one partner that are sent at the same time, where the partner set no rate."""
RECORDS = 200

Now = Callable[[], datetime]


class Line:
    """Everything for one partner."""

    def __init__(
        self, subscriber: Subscriber, settings: ForwarderSettings, store: Store, poster: Poster, meters: Meters,
        *, name: str, pauses: Sequence[timedelta], now: Now,
    ) -> None:  # fmt: skip
        self.subscriber, self.name = subscriber, name
        self.taking = False
        """Whether its topic is being read now."""
        self.delivering = True
        """Whether the last look at what is due went well; what the partner answers has nothing to do with it."""
        self.looks = 0
        """How often it looked at what is due."""
        self._settings, self._store, self._poster, self._meters = settings, store, poster, meters
        self._pauses, self._now = pauses, now
        self._stopping, self._something = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins both loops."""
        self._tasks = [asyncio.create_task(self._take()), asyncio.create_task(self._deliver())]

    @property
    def runs(self) -> bool:
        """Whether both loops are there."""
        return not any(task.done() for task in self._tasks)

    async def stop(self, seconds: float) -> None:
        """Lets what is on its way end, at most so long. What is cut off is sent again at the next start."""
        self._stopping.set()
        self._something.set()
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # From the topic

    async def _take(self) -> None:
        pauses = hold_pauses(HOLD_SECONDS)
        while not self._stopping.is_set():
            consumer = self._consumer()
            try:
                await consumer.start()
                while not self._stopping.is_set():
                    batches = await consumer.getmany(timeout_ms=int(LOOK_SECONDS * 1000), max_records=RECORDS)
                    self.taking = bool(consumer.assignment())
                    await self._keep(consumer, [one for batch in batches.values() for one in batch])
                    pauses = hold_pauses(HOLD_SECONDS)
            except Exception as error:  # whatever it is: nothing moved on, and other partners go on
                self.taking = False
                await self._hold(error, next(pauses))
            finally:
                with suppress(KafkaError, OSError):
                    await end(consumer.stop())
        self.taking = False

    def _consumer(self) -> AIOKafkaConsumer:
        settings, one = self._settings, self.subscriber
        return AIOKafkaConsumer(
            *(topic.name for topic in one.topics), **settings.client(), group_id=one.group, enable_auto_commit=False,
            auto_offset_reset="earliest", fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
            session_timeout_ms=settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=settings.kafka_session_timeout_ms // 3,
        )  # fmt: skip

    async def _keep(self, consumer: AIOKafkaConsumer, records: list[Any]) -> None:
        if records:
            await self._store.take(self.subscriber.partner, records, self._now())
            await consumer.commit()
            self._something.set()

    # To the partner

    async def _deliver(self) -> None:
        pauses = hold_pauses(HOLD_SECONDS)
        while not self._stopping.is_set():
            self._something.clear()
            try:
                sent = await self._round()
                self.looks += 1
                self.delivering, pauses = True, hold_pauses(HOLD_SECONDS)
            except Exception as error:
                self.delivering, sent = False, 0
                await self._hold(error, next(pauses))
            if not sent and not self._stopping.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._something.wait(), LOOK_SECONDS)

    async def _round(self) -> int:
        """Sends what may be sent now, a few at a time; returns how many."""
        one = self.subscriber
        known = await self._store.subscriber(one.partner, self.name, one.url, self._now())
        if known.get("stopped_at") or known.get("hold_until", self._now()) > self._now():
            return 0
        if not known.get("agreed_at"):
            await self._ask(known)
            return 0
        entries, rate = await self._store.due(one.partner, self._now()), known.get("per_minute")
        now_sent = entries[: 1 if rate else SIDE_BY_SIDE]
        await asyncio.gather(*(self._send(entry) for entry in now_sent))
        if rate and now_sent:
            await self._rest(60 / rate)
        return len(now_sent)

    async def _ask(self, known: Document) -> None:
        if known["ask_at"] > self._now():
            return
        one, asked = self.subscriber, known["asked"] + 1
        found = await self._poster.ask(one.url)
        if found.given:
            log.info("subscriber_agreed", subscription=self.name)
            await self._store.note(
                one.partner, one.url, agreed_at=self._now(), per_minute=found.per_minute, why="", asked=asked
            )
            self._something.set()
            return
        log.error("subscriber_not_agreed", subscription=self.name, attempt=asked)
        again = ask_again(asked, self._now(), self._pauses)
        await self._store.note(one.partner, one.url, asked=asked, ask_at=again, why=found.why)

    async def _send(self, entry: Entry) -> None:
        content = await self._store.content(entry)
        if content is None:
            return
        answer = await self._poster.post(self.subscriber.url, *content)
        now = self._now()
        verdict = judge(entry.tried + 1, answer, now, self._pauses)
        # First the event: if we end in between, the partner says 410 or its Retry-After once more.
        await self._store.tell(entry, answer, verdict, now)
        await self._heed(verdict, now)
        self._tell(entry, answer, verdict)

    async def _heed(self, verdict: Verdict, now: datetime) -> None:
        one = self.subscriber
        if verdict.stop:
            await self._store.note(one.partner, one.url, stopped_at=now, why=str(GONE))
        elif verdict.hold_until is not None:
            await self._store.note(one.partner, one.url, hold_until=verdict.hold_until)

    def _tell(self, entry: Entry, answer: Answer, verdict: Verdict) -> None:
        self._meters.tried(self.name, answer)
        said = {"subscription": self.name, "attempt": entry.tried + 1, "status": answer.status, "error": answer.why}
        if verdict.stop:
            log.error("subscriber_gone", **said)
        elif verdict.state is State.PARKED:
            log.error("event_parked", **said)
        elif verdict.state is State.WAITING:
            log.warning("event_waits", **said)

    async def _hold(self, error: Exception, pause: float) -> None:
        log.warning("holding", subscription=self.name, error=type(error).__name__, seconds=pause)
        await self._rest(pause)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
