"""What the line writes down of refusals, in the security log of its own store: enough to see guessing, nobody to find.

At the desks: the act (a route without values), that it was refused, whether a confidant asked or somebody else, and the
minute. Anybody may be a caller who took a wrong turn, so no other role and no account. Of wrong codes only how many
there were in an hour, once that hour is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

from shared.access.roles import Role
from shared.privacy.security_log import Act, SecurityLog
from shared.runtime import logs
from shared.runtime.environment import utc_now
from shared.runtime.mongo import AWAY, Collection, DuplicateKeyError

NoteRefusal = Callable[[str, str], Awaitable[None]]
"""Route template, and role of who was refused."""
CountWrong = Callable[[], Awaitable[None]]
"""A code was given that is none."""

OTHER = "other"
"""Everybody who is not a confidant."""
HOUR = timedelta(hours=1)
LATEST = timedelta(minutes=5)
"""How long after its hour a wrong code may still be counted."""
PAUSE_SECONDS = 60.0

log = logs.logger(__name__)


def this_minute() -> datetime:
    """Now (UTC), no finer than the minute: the line's security log goes by this."""
    return utc_now().replace(second=0, microsecond=0)


async def not_counted() -> None:
    """For tests of something else."""


async def not_noted(route: str, role: str) -> None:
    """For tests of something else."""


class Refusals:
    """Writes refusals down. `notes`: the line's own security log; `counts`: beside it, of hours that are not over."""

    def __init__(self, notes: SecurityLog, counts: Collection, *, now: Callable[[], datetime] = utc_now) -> None:
        self._notes, self._counts, self._now = notes, counts, now

    async def note(self, route: str, role: str) -> None:
        """A line about a refusal at the desks. Raises an error of the database when it cannot be stored."""
        known = role if role == Role.CONFIDANT else OTHER
        await self._notes.note(Act.ACCESS, route, "refused", role=known)

    async def count(self) -> None:
        """One wrong code more in this hour; of the code itself nothing comes here."""
        hour, one_more = {"_id": _hour(self._now())}, {"$inc": {"count": 1}}
        try:
            await self._counts.update_one(hour, one_more, upsert=True)
        except DuplicateKeyError:  # two made the hour at the same moment: now it is there
            await self._counts.update_one(hour, one_more)

    async def tell(self) -> int:
        """A line for each hour that is over; returns how many. Stopped halfway or done twice, there is one line."""
        over = await self._counts.find({"_id": {"$lte": _hour(self._now() - HOUR - LATEST)}}).to_list(None)
        for counted in over:
            at = datetime.fromisoformat(counted["_id"])
            await self._notes.note(Act.ACCESS, f"wrong-codes:{counted['count']}", "refused", at=at, once=True)
            await self._counts.delete_one({"_id": counted["_id"]})
        return len(over)

    async def run(self) -> None:
        """Tells of hours that are over, until cancelled."""
        while True:
            try:
                await self.tell()
            except Exception as error:  # this loop must never end by itself
                write = log.warning if isinstance(error, AWAY) else log.error
                write("counts_wait", error=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)


def _hour(moment: datetime) -> str:
    """The hour a moment is in, such that hours sort by it."""
    return moment.replace(minute=0, second=0, microsecond=0).isoformat()


def noting(note: NoteRefusal) -> type[APIRoute]:
    """Routes whose refusals are noted before they are answered: 403, and 404 for what is not theirs."""

    class Noted(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handler(request: Request) -> Response:
                try:
                    return await handle(request)
                except HTTPException as error:
                    caller = getattr(request.state, "caller", None)
                    if error.status_code in (403, 404) and caller is not None:
                        await note(f"{request.method} {self.path}", caller.role)
                    raise

            return handler

    return Noted
