"""A collection to which lines are only added, each once. Writing is acknowledged: it returns when the line is there.

Ids begin with the moment of what they are about (`line_id`), so they sort by time and need no index of their own.
A line that comes much later than that says so itself (`late_at`): the sealer finds it by that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from shared.runtime.environment import utc_now
from shared.runtime.mongo import AWAY, Collection, Document, insert_new

LATE = timedelta(minutes=1)
"""A line that is added later than this after its own moment is marked."""
TOGETHER = 200
"""Lines of several callers that go in one command."""

_Waiting = tuple[Sequence[Document], "asyncio.Future[None]"]


def whole_milliseconds(moment: datetime) -> datetime:
    """The moment as the database gives it back: in UTC, cut to milliseconds."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def moment_of(line_id: str) -> datetime:
    """The moment that a line's id begins with (UTC). Raises `ValueError` for another kind of id."""
    return datetime.fromtimestamp(int(line_id[:12], 16) / 1000, UTC)


class AppendLog:
    """Adds lines for any number of callers; those that wait at the same time share one command."""

    def __init__(self, collection: Collection, *, now: Callable[[], datetime] = utc_now) -> None:
        self.collection = collection
        self._now = now
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Makes the index that the sealer finds late lines by."""
        await self.collection.create_index([("late_at", 1)], sparse=True)

    async def add(self, documents: Sequence[Document]) -> None:
        """Adds lines, each with its `_id`; one that is there already stays as it is.

        Returns when all are stored. Raises an error of the database otherwise; then nobody knows, and the same lines
        may be given again.
        """
        if not documents:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((documents, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            try:
                await self._write(group)
            except BaseException:  # we are being stopped: who waits must not wait for ever
                for _, done in (*group, *self._waiting):
                    done.cancel()
                raise

    async def _write(self, group: Sequence[_Waiting]) -> None:
        error: Exception | None = None
        try:
            await insert_new(self.collection, [self._dated(one) for documents, _ in group for one in documents])
        except Exception as failed:
            if len(group) > 1 and not isinstance(failed, AWAY):  # one bad line must not cost the others theirs
                for one in group:
                    await self._write([one])
                return
            error = failed
        for _, done in group:
            if done.done():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

    def _dated(self, line: Document) -> Document:
        now = self._now()
        return line | {"late_at": whole_milliseconds(now)} if now - moment_of(line["_id"]) > LATE else line
