"""All partners that get their events over HTTP: follows the list, and tells how it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from deploy.partners.forwarder import listing
from deploy.partners.forwarder.domain import PAUSES
from deploy.partners.forwarder.lines import HOLD_SECONDS, LOOK_SECONDS, Line, Now
from deploy.partners.forwarder.listing import Subscriber
from deploy.partners.forwarder.measuring import Meters, numbers
from deploy.partners.forwarder.posting import Poster
from deploy.partners.forwarder.settings import ForwarderSettings
from deploy.partners.forwarder.signing import Signer
from deploy.partners.forwarder.store import Store
from shared.runtime import logs
from shared.runtime.environment import utc_now
from shared.runtime.failures import hold_pauses
from shared.runtime.metrics import READY, Gauge, Samples, exposition
from shared.runtime.mongo import AWAY
from shared.runtime.service import UNANSWERED

log = logs.logger(__name__)

TIDY_SECONDS = 3600.0
MEASURE_SECONDS = 5.0


class Forwarder:
    """All partners on the list. `pauses`: the table of tries; `now`: the clock (UTC)."""

    def __init__(
        self, settings: ForwarderSettings, signer: Signer, *, pauses: Sequence[timedelta] = PAUSES, now: Now = utc_now
    ) -> None:
        """Nothing is connected to yet. Raises `UnfitSetting`."""
        self.settings, self.meters = settings, Meters()
        self.lines: dict[str, Line] = {}
        self._signer, self._pauses, self._now = signer, pauses, now
        self.database = settings.database()
        self.store = Store(self.database)
        self._poster = Poster(settings, signer)
        self._stopping = asyncio.Event()
        self._tidied: datetime | None = None

    async def run(self) -> None:
        """Follows the list until `stop`."""
        pauses = hold_pauses(HOLD_SECONDS)
        while not self._stopping.is_set():
            seconds = LOOK_SECONDS
            try:
                await self._follow(listing.read(self.settings.forward_folder))
                pauses = hold_pauses(HOLD_SECONDS)
            except AWAY as error:
                seconds = next(pauses)
                log.warning("holding", error=type(error).__name__, seconds=seconds)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)

    async def stop(self) -> None:
        """Lets what is on its way end, and closes everything."""
        self._stopping.set()
        await asyncio.gather(*(one.stop(self.settings.graceful_seconds) for one in self.lines.values()))
        await self._poster.close()
        await self.database.close()

    async def _follow(self, listed: list[Subscriber]) -> None:
        if self._tidied is None:
            await self.store.prepare()
        wanted = {one.partner: one for one in listed}
        for partner, line in list(self.lines.items()):
            if wanted.get(partner) != line.subscriber:
                await line.stop(self.settings.graceful_seconds)
                del self.lines[partner]
        for partner, one in wanted.items():
            if partner not in self.lines:
                self.lines[partner] = self._line(one)
                self.lines[partner].start()
        await self.store.left(wanted, self._now())
        if self._tidied is None or (self._now() - self._tidied).total_seconds() > TIDY_SECONDS:
            await self.store.tidy(self._now())
            self._tidied = self._now()

    async def ready(self) -> dict[str, bool]:
        """What must be true for it to do its work. That a partner does not answer is no fault of ours."""
        try:
            await asyncio.wait_for(self.database.ping(), 2.0)
            there = True
        except UNANSWERED:
            there = False
        lines = self.lines.values()
        return {
            "database": there, "broker": all(one.taking for one in lines),
            "loops": all(one.runs and one.delivering for one in lines),
        }  # fmt: skip

    async def measured(self) -> bytes:
        """What it tells of itself in numbers. With the database away: what can be told without it."""
        ready = await self.ready()
        found: dict[Gauge, Samples] = {READY: [((name,), float(good)) for name, good in ready.items()]}
        if ready["database"]:
            with suppress(*UNANSWERED):
                found |= numbers(await asyncio.wait_for(self.store.standings(self._now()), MEASURE_SECONDS))
        return exposition(self.meters, found)

    def _line(self, one: Subscriber) -> Line:
        return Line(
            one, self.settings, self.store, self._poster, self.meters, name=self._signer.name_of(one.partner),
            pauses=self._pauses, now=self._now,
        )  # fmt: skip
