"""The relay: takes records out of outboxes and publishes them, at least once and in order per case and topic.

Only the holder of a document's lease publishes. Release is one write that demands the token *and* the version it
read, so a save that slipped in between makes it fail and the relay goes on with what was added: nothing strands.
What an outbox holds for the controller's log goes there the same way, after the events beside it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from shared.contracts.envelope import LARGEST_MESSAGE, Record
from shared.contracts.topics import EVENTS
from shared.runtime import logs
from shared.runtime.cases import Cases, Saved
from shared.runtime.environment import utc_now
from shared.runtime.journal import LOG, to_change
from shared.runtime.mongo import AWAY, Document, UpdateOne
from shared.runtime.tracing import HEADER, SpanKind, carrying

Result = TypeVar("Result")

log = logs.logger(__name__)

WORKERS = 3
"""More than one, so that a record that hangs on one partition does not hold up all other cases."""
TOGETHER = 32
"""Cases sent side by side and released in one command, when so many wait. Each keeps its own order."""
PULL_EVERY = 10
SWEEP_AT_ONCE = 100
STILL_FRESH = timedelta(days=1)
"""A case that was closed this recently is republished too: its last events may not have been read yet."""


class BrokerAway(Exception):
    """The broker does not answer now; the record stays in the outbox."""


class LogAway(BrokerAway):
    """The log did not take its lines; they stay in the outbox. What the log said is the cause."""


class NeverAccepted(Exception):
    """The broker will never take this record (no right, too large): it is parked and somebody is told."""


AWAY_OR_BROKER: tuple[type[Exception], ...] = (BrokerAway, *AWAY)


class LeaseLost(Exception):
    """Another relay took the document over."""


class Publisher(Protocol):
    """Sends one record and returns when the broker has it. Raises `BrokerAway` or `NeverAccepted`."""

    async def publish(self, record: Record, /) -> None: ...


class Relay:
    """Publishes for one module. Any number of relays may run on one collection."""

    def __init__(
        self,
        cases: Cases[Any],
        publisher: Publisher,
        *,
        lease: timedelta = timedelta(seconds=30),
        sweep_seconds: float = 1.0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._cases = cases
        self._collection = cases.collection
        self._publisher = publisher
        self._lease = lease
        self._sweep_seconds = sweep_seconds
        self._now = now
        self._fresh: asyncio.Queue[Saved] = asyncio.Queue()
        self._pauses: dict[str, int] = {}
        self.parked: Callable[[], None] = lambda: None
        """Called when a record was set aside for good."""
        cases.saved = self._fresh.put_nowait

    async def run(self) -> None:
        """Runs until cancelled: sends what this process saves at once, and sweeps for what a crash left."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._send_fresh())
            group.create_task(self._sweep_forever())

    async def drain(self, seconds: float) -> None:
        """Waits until everything handed over was tried, at most so many seconds; what is left is swept later."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._fresh.join(), seconds)

    async def _send_fresh(self) -> None:
        while True:
            batch = [await self._fresh.get()]
            while len(batch) < TOGETHER and not self._fresh.empty():
                batch.append(self._fresh.get_nowait())
            try:
                await self.send(batch)
            except Exception as error:  # the sweep goes on with them when their leases have run out
                self._waits(error)
            finally:
                for _ in batch:
                    self._fresh.task_done()

    async def _sweep_forever(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception as error:  # this loop must never end by itself
                self._waits(error)
            await asyncio.sleep(self._sweep_seconds)

    def _waits(self, error: BaseException, **more: Any) -> None:
        if isinstance(error, LogAway) and error.__cause__ is not None:
            error = error.__cause__
        write = log.warning if isinstance(error, AWAY_OR_BROKER) else log.error
        write("sending_waits", module=self._cases.module.name, error=type(error).__name__, **more)

    async def sweep(self) -> int:
        """Takes over documents whose lease expired or is missing and sends them; returns how many."""
        count, now = 0, self._now()
        # Two searches: one with an `$or` reads the whole collection on the embedded database.
        for free in ({"lease.until": {"$lt": now}}, {"lease": {"$exists": False}}):
            found = {"look_at": {"$lte": now}, "pending": True} | free
            search = self._collection.find(found, {"lease": 1}).limit(SWEEP_AT_ONCE)
            for document in await search.to_list(SWEEP_AT_ONCE):
                await self._guarded(document["_id"], self._take_over(document))
                count += 1
        return count

    async def _guarded(self, case_id: str, sending: Coroutine[Any, Any, Result]) -> Result | None:
        """Its result; None when it failed or the lease was lost: the sweep goes on with it, others do not wait."""
        try:
            result = await sending
        except LeaseLost:
            return None
        except Exception as error:
            self._pauses[case_id] = attempt = self._pauses.get(case_id, 0) + 1
            self._waits(error, case=case_id, attempt=attempt)
            return None
        self._pauses.pop(case_id, None)
        return result

    async def _take_over(self, document: Document) -> None:
        token = await self.claim(document)
        await self._send_rest(document["_id"], token)

    async def claim(self, document: Document) -> str:
        """Takes the lease of a document as it was read; returns the token. Raises `LeaseLost`."""
        token = uuid.uuid4().hex
        found = {"_id": document["_id"], "lease.token": document.get("lease", {}).get("token")}
        lease = {"token": token, "until": self._now() + self._lease}
        # `$min`: what waits already goes on waiting since then.
        least = {"look_at": lease["until"], "pending_since": self._now()}
        change = {"$set": {"pending": True, "lease": lease}, "$min": least}
        taken = await self._collection.update_one(found, change)
        if not taken.matched_count:
            raise LeaseLost(document["_id"])
        return token

    async def send(self, batch: Sequence[Saved]) -> None:
        """Sends what saves have just put into empty outboxes, without reading them again; cases side by side.

        What cannot be sent now stays, and is swept later. Raises an error of the database when releasing fails.
        """
        sent = await asyncio.gather(*(self._guarded(one.id, self._publish_all(one)) for one in batch))
        complete = {one.token: (one, records) for one, records in zip(batch, sent, strict=True) if records is not None}
        for token in await self._release([one for one, _ in complete.values()]):
            one, records = complete[token]
            await self._guarded(one.id, self._go_on(one, records))

    async def _go_on(self, saved: Saved, sent: list[Record]) -> None:
        """Something was added while we published."""
        await self._pull(saved.id, saved.token, sent)
        await self._send_rest(saved.id, saved.token)

    async def _send_rest(self, case_id: str, token: str) -> None:
        while True:
            document = await self._collection.find_one(
                {"_id": case_id, "lease.token": token}, {"outbox": 1, "version": 1, "due_at": 1}
            )
            if document is None:
                raise LeaseLost(case_id)
            records = tuple(Record(**entry) for entry in document["outbox"])
            saved = Saved(case_id, document["version"], token, records, document.get("due_at"))
            sent = await self._publish_all(saved)
            if not await self._release([saved]):
                return
            await self._pull(case_id, token, sent)

    async def _publish_all(self, saved: Saved) -> list[Record]:
        """Publishes in order, then writes the log; returns what the document still holds although it was sent.

        Broker and log do not wait for each other. Raises `BrokerAway` when either did not take all.
        """
        case_id, token = saved.id, saved.token
        sent: list[Record] = []
        trouble: BrokerAway | None = None
        try:
            for record in (one for one in saved.records if one.topic != LOG):
                if len(sent) >= PULL_EVERY:
                    await self._pull(case_id, token, sent)
                    sent = []
                await self._publish(case_id, token, record)
                sent.append(record)
        except BrokerAway as error:
            trouble = error
        try:
            sent += await self._write_down([one for one in saved.records if one.topic == LOG])
        except LogAway as error:
            trouble = trouble or error
        if trouble is not None:
            with suppress(*AWAY):
                await self._pull(case_id, token, sent, pause=min(2.0 ** self._pauses.get(case_id, 0) / 4, 30))
            raise trouble
        return sent

    async def _write_down(self, lines: list[Record]) -> list[Record]:
        if not lines:
            return []
        try:
            if self._cases.journal is None:
                raise LookupError("there is no log for these lines")
            await self._cases.journal.write([to_change(line) for line in lines])
        except Exception as error:  # away, or a bug: the events beside it were sent, and must not be sent again for it
            raise LogAway("log") from error
        return lines

    async def _publish(self, case_id: str, token: str, record: Record) -> None:
        try:
            if len(record.body.encode()) > LARGEST_MESSAGE:
                raise NeverAccepted("too large")
            await self._send_traced(record)
        except NeverAccepted:
            parked = {"$push": {"parked": {"id": record.id, "topic": record.topic, "type": record.type}}}
            await self._collection.update_one({"_id": case_id, "lease.token": token}, parked)
            self.parked()
            log.error(
                "record_parked", module=self._cases.module.name, case=case_id, topic=record.topic, type=record.type
            )

    async def _send_traced(self, record: Record) -> None:
        saved = record.headers.get(HEADER, "")
        if not saved:  # a copy for a partner, or nothing was recorded when it was saved
            await self._publisher.publish(record)
            return
        words = {
            "messaging.system": "kafka",
            "messaging.destination.name": record.topic,
            "cloudevents.event_type": record.type,
        }
        with self._cases.tracing.span(f"send {record.topic}", words, kind=SpanKind.PRODUCER, parent=saved) as step:
            await self._publisher.publish(carrying(record, step.traceparent))

    async def _pull(self, case_id: str, token: str, sent: list[Record], pause: float | None = None) -> None:
        """Takes sent records out; renews the lease, or lets it run out after `pause` seconds."""
        until = self._now() + (self._lease if pause is None else timedelta(seconds=pause))
        change: Document = {"$set": {"lease.until": until}, "$min": {"look_at": until}}
        if sent:
            change["$pull"] = {"outbox": {"id": {"$in": [record.id for record in sent]}}}
        taken = await self._collection.update_one({"_id": case_id, "lease.token": token}, change)
        if not taken.matched_count:
            raise LeaseLost(case_id)

    async def _release(self, batch: Sequence[Saved]) -> set[str]:
        """Lets go of documents to which nothing was added since; returns the tokens of those that it still holds."""
        if not batch:
            return set()
        released = await self._collection.bulk_write([self._letting_go(one) for one in batch], ordered=False)
        if released.matched_count == len(batch):
            return set()
        wanted = {"_id": {"$in": [one.id for one in batch]}, "lease.token": {"$in": [one.token for one in batch]}}
        held = await self._collection.find(wanted, {"lease": 1}).to_list(len(batch))
        return {document["lease"]["token"] for document in held}

    def _letting_go(self, one: Saved) -> UpdateOne:
        # Token and version: a save that slipped in between makes this miss, so nothing it added is swept away.
        found = {"_id": one.id, "version": one.version, "lease.token": one.token}
        unset = {"pending": "", "pending_since": "", "lease": ""}
        if one.due_at is None:
            return UpdateOne(found, {"$set": {"outbox": []}, "$unset": unset | {"look_at": ""}})
        fields = {"outbox": [], "look_at": one.due_at}
        return UpdateOne(found, {"$set": fields, "$unset": unset})

    async def republish(self, *, topic: str | None = None) -> int:
        """Sends every event of every open or just closed case again, with the same ids, before what still waits.

        Takes each lease over, a live one too: another relay that is busy with the case stops at its next write.
        `topic`: only records for this topic. Returns the number of cases. Raises `BrokerAway` or an error of the
        database; then call it again: readers drop what they have seen.
        """
        count, last = 0, ""
        wanted = [{"closed": False}, {"saved_at": {"$gt": self._now() - STILL_FRESH}}]
        while True:
            page = self._collection.find({"$or": wanted, "_id": {"$gt": last}}, {"lease": 1, "history": 1})
            found = await page.sort("_id").limit(SWEEP_AT_ONCE).to_list(SWEEP_AT_ONCE)
            if not found:
                return count
            for document in found:
                with suppress(LeaseLost):
                    await self._republish_case(document, topic)
                    count += 1
            last = found[-1]["_id"]

    async def _republish_case(self, document: Document, topic: str | None) -> None:
        token = await self.claim(document)
        for number, entry in enumerate(document["history"], 1):
            if number % PULL_EVERY == 0:
                await self._pull(document["_id"], token, [])  # keeps the lease while a long history is sent
            event = EVENTS[entry["type"]].model_validate(entry["data"])
            for record in self._cases.records(document["_id"], entry, event):
                if topic is None or record.topic == topic:
                    await self._publish(document["_id"], token, record)
        await self._send_rest(document["_id"], token)
