"""Stops a scenario at its n-th await on database or broker: before the operation, or after it with its answer lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

from shared.contracts.envelope import Record
from shared.runtime.journal import Change
from shared.runtime.mongo import Collection, Cursor, Document

When = Literal["before", "after"]


class Crash(BaseException):
    """The process dies here. Not an `Exception`: nobody may catch it."""


class Failpoints:
    """Counts operations; raises `error` at number `at` (0 is the first). Without `at` it only counts."""

    def __init__(self, at: int | None = None, when: When = "before", error: BaseException | None = None) -> None:
        self.count = 0
        self._at, self._when, self._error = at, when, error or Crash()

    def is_of(self, kind: type[BaseException]) -> bool:
        """Whether it fails with this kind of error."""
        return isinstance(self._error, kind)

    async def around(self, operation: Callable[[], Awaitable[Any]]) -> Any:
        """Does the operation, or fails before or after it."""
        number, self.count = self.count, self.count + 1
        if number == self._at and self._when == "before":
            raise self._error
        result = await operation()
        if number == self._at:
            raise self._error
        return result


class FailingCollection:
    """A collection behind failpoints."""

    def __init__(self, real: Collection, points: Any) -> None:
        self._real, self._points = real, points

    async def find_one(self, *args: Any, **more: Any) -> Document | None:
        """As the real one."""
        found: Document | None = await self._points.around(lambda: self._real.find_one(*args, **more))
        return found

    async def insert_one(self, *args: Any, **more: Any) -> object:
        """As the real one."""
        return await self._points.around(lambda: self._real.insert_one(*args, **more))

    async def update_one(self, *args: Any, **more: Any) -> Any:
        """As the real one."""
        return await self._points.around(lambda: self._real.update_one(*args, **more))

    async def bulk_write(self, *args: Any, **more: Any) -> Any:
        """As the real one."""
        return await self._points.around(lambda: self._real.bulk_write(*args, **more))

    def find(self, *args: Any, **more: Any) -> FailingCursor:
        """As the real one."""
        return FailingCursor(self._real.find(*args, **more), self._points)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class FailingCursor:
    """A search behind failpoints."""

    def __init__(self, real: Cursor, points: Any) -> None:
        self._real, self._points = real, points

    def sort(self, *args: Any) -> FailingCursor:
        """As the real one."""
        self._real = self._real.sort(*args)
        return self

    def limit(self, *args: Any) -> FailingCursor:
        """As the real one."""
        self._real = self._real.limit(*args)
        return self

    async def to_list(self, *args: Any) -> list[Document]:
        """As the real one."""
        found: list[Document] = await self._points.around(lambda: self._real.to_list(*args))
        return found


class FailingPublisher:
    """A publisher behind failpoints."""

    def __init__(self, real: Any, points: Any) -> None:
        self._real, self._points = real, points

    async def publish(self, record: Record, /) -> None:
        """As the real one."""
        await self._points.around(lambda: self._real.publish(record))


class FailingJournal:
    """A log behind failpoints."""

    def __init__(self, real: Any, points: Any) -> None:
        self._real, self._points = real, points

    async def write(self, changes: Sequence[Change], /) -> None:
        """As the real one."""
        await self._points.around(lambda: self._real.write(changes))
