"""What the line does by itself: destroy what is over, and tell the count of a week at its fixed hour."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

from services.aftercare.confidential_line.contacts import AT_ONCE, Contacts
from services.aftercare.confidential_line.counting import CountWeek, Week
from services.aftercare.confidential_line.policy import weeks_to_count
from shared.runtime import logs
from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.mongo import AWAY, Collection, DuplicateKeyError

log = logs.logger(__name__)


class Keeping:
    """The loop of the line. Several may run: a version decides who destroys, an id who tells."""

    def __init__(self, contacts: Contacts, weeks: Cases[Week], begun: Collection, *, tick_seconds: float) -> None:
        self._contacts = contacts
        self._weeks = weeks
        self._begun = begun
        self._tick_seconds = tick_seconds

    async def run(self) -> None:
        """Runs until cancelled."""
        prepared = False
        while True:
            try:
                if not prepared:
                    await self._contacts.prepare()
                    prepared = True
                await self.once()
            except Exception as error:  # this loop must never end by itself
                write = log.warning if isinstance(error, AWAY) else log.error
                write("clock_waits", module=self._weeks.module.name, error=type(error).__name__)
            await asyncio.sleep(self._tick_seconds)

    async def once(self) -> None:
        """Everything that is due now."""
        now = self._contacts.clock.now()
        while await self._contacts.destroy_due(now) == AT_ONCE:
            pass
        for week in weeks_to_count(await self._counted(now), now):
            await self._tell(week)

    async def _counted(self, now: datetime) -> str:
        """The week after which to go on: the last one told, or the one before the line was first started.

        The first start is written down, and not the first contact: the first count may not say that there was one.
        """
        last = await self._weeks.collection.find({}, {"state": 1}).sort("state.case", -1).limit(1).to_list(1)
        if last:
            return self._weeks.read(last[0]).case
        with suppress(DuplicateKeyError):
            await self._begun.insert_one({"_id": "begun", "after": weeks_to_count(None, now)[-1]})
        found = await self._begun.find_one({"_id": "begun"})
        assert found is not None
        return str(found["after"])

    async def _tell(self, week: str) -> None:
        command = CountWeek(week, await self._contacts.count("week", week))
        handled, act = Handled(f"week:{week}"), Act("clock", "weekly count")
        await self._weeks.update(self._weeks.id_for(week), command, handled=handled, act=act, new=True)
