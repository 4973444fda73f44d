"""A service: its modules, wired to bus and database, started and stopped in the right order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from shared.contracts.topics import internal_topics, partner_topics
from shared.runtime import logs, metrics
from shared.runtime.cases import Cases, FanOut, Module, Origin, only_internal
from shared.runtime.deadlines import Deadlines
from shared.runtime.environment import Clock, Keys, Settings, utc_now
from shared.runtime.failures import Health
from shared.runtime.journal import Logbooks
from shared.runtime.kafka import Bus, ensure_topics
from shared.runtime.mongo import AWAY, Collection, Database, connect
from shared.runtime.outbox import Relay
from shared.runtime.tracing import tracing_of

log = logs.logger(__name__)

MEASURE_SECONDS = 5.0
"""Longest look into the database for one answer about ourselves."""
UNANSWERED: tuple[type[Exception], ...] = (*AWAY, TimeoutError)
State = TypeVar("State")


class Protection(Protocol):
    """What stands between the cases of a service and its database: it seals what may not be stored readable."""

    def around(self, database: Database, module: Module[Any]) -> Collection:
        """The collection that the cases of this module use. Raises `ValueError` when it cannot be protected."""
        ...

    async def prepare(self) -> None:
        """Called once at start, before anything is read."""
        ...


class Unprotected:
    """Stores as it comes: for tests of the runtime itself."""

    def around(self, database: Database, module: Module[Any]) -> Collection:
        """The plain collection. Raises `ValueError` for a module with secrets."""
        if module.secrets:
            raise ValueError(f"{module.name} has secrets and nothing to seal them with")
        return database.collection(module.name)

    async def prepare(self) -> None:
        """Nothing to do."""


class Service:
    """One of the four services. Make it, add modules with `cases`, subscribe on `bus`, then enter `running`."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        keys: Keys,
        clock: Clock,
        fan_out: FanOut = only_internal,
        protection: Protection | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.keys = keys
        self.clock = clock
        self.health = Health()
        self.tracing = tracing_of(name, settings.traces_url)
        self.bus = Bus(settings, self.health, self.tracing)
        self.database = connect(
            settings.mongo_url.get_secret_value(), driver=settings.mongo_driver, prefix=settings.database_prefix
        )
        self.logbooks: Logbooks | None = None
        """What takes the lines that saves leave for the log; None: they leave nothing. Set before `cases`."""
        self.loops: list[Callable[[], Coroutine[Any, Any, None]]] = []
        """What else runs as long as the service does; each loop goes on by itself after an error."""
        self.broken: dict[str, Callable[[], Coroutine[Any, Any, int]]] = {}
        """Of each promise by name: to how many persons it was broken who still wait."""
        self._fan_out = fan_out
        self._protection = protection or Unprotected()
        self._modules: list[tuple[Cases[Any], Relay, Deadlines]] = []
        self._tasks: list[asyncio.Task[None]] = []

    def cases(self, module: Module[State]) -> Cases[State]:
        """The cases of a module, with a relay and a clock of their own."""
        settings = self.settings
        lease = timedelta(seconds=settings.lease_seconds)
        cases = Cases(
            module,
            self._protection.around(self.database, module),
            key=self.keys.reference,
            clock=self.clock,
            origin=Origin(f"urn:nld:oin:{settings.oin}:systeem:{self.name}", settings.schema_url),
            fan_out=self._fan_out,
            lease=lease,
            journal=self.logbooks.journal(module.name) if self.logbooks else None,
            tracing=self.tracing,
        )
        relay = Relay(cases, self.bus, lease=lease, sweep_seconds=settings.sweep_seconds)
        meters = self.health.meters
        meters.module(module.name)
        cases.known, relay.parked = meters.known.labels(module.name).inc, meters.parked.labels(module.name).inc
        self._modules.append((cases, relay, Deadlines(cases, tick_seconds=settings.clock_tick_seconds)))
        return cases

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Runs the service. Raises when database or broker are not there at start: better no process than a zombie."""
        try:
            try:
                await self._start()
            except Exception as error:
                log.error("cannot_start", service=self.name, error=type(error).__name__)
                raise
            log.info("service_started", service=self.name)
            yield
        finally:
            await self._stop()

    async def _start(self) -> None:
        await self.database.ping()
        if self.settings.local:
            await self._read_offset()
        await self._protection.prepare()
        for cases, _, _ in self._modules:
            await cases.prepare()
        if self.logbooks:
            await self.logbooks.prepare()
        if self.settings.kafka_create_topics:
            await self.create_topics()
        await self.bus.start()
        for _, relay, deadlines in self._modules:
            self._tasks += [asyncio.create_task(relay.run()), asyncio.create_task(deadlines.run())]
        if self.logbooks:
            self._tasks.append(asyncio.create_task(self.logbooks.run()))
        self._tasks += [asyncio.create_task(loop()) for loop in self.loops]
        if self.settings.local:
            self._tasks.append(asyncio.create_task(self._follow_offset()))

    async def _stop(self) -> None:
        await self.bus.stop_consuming()
        for _, relay, _ in self._modules:
            await relay.drain(self.settings.graceful_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.bus.stop()
        await self.database.close()
        await self.tracing.close()
        log.info("service_stopped", service=self.name)

    async def create_topics(self) -> None:
        """Creates the topics that are missing, the replay topics of this service's subscriptions among them."""
        shared = internal_topics() + partner_topics(self.settings.municipalities)
        await ensure_topics(self.settings, (*shared, *self.bus.replays))

    async def republish(self, topic: str | None = None) -> int:
        """Sends the events of all open cases again, to all topics or one; returns the number of cases."""
        return sum([await relay.republish(topic=topic) for _, relay, _ in self._modules])

    async def ready(self) -> dict[str, bool]:
        """What must be true before this service may get work."""
        return {
            "database": await self._answers(self.database.ping()),
            "broker": await self.bus.ping(2.0),
            "consuming": not self.health.holding,
            "loops": all(not task.done() for task in self._tasks),
        }

    async def measured(self) -> bytes:
        """What this service tells of itself in numbers. With the database away: what can be told without it."""
        ready = await self.ready()
        found: dict[metrics.Gauge, metrics.Samples] = {
            metrics.READY: [((name,), float(good)) for name, good in ready.items()],
            metrics.HOLDING: [
                ((one.group,), float(one.group in self.health.holding)) for one in self.bus.subscriptions
            ],
        }
        if self.settings.kafka_end_offsets:
            found[metrics.LAG] = await metrics.lags((one.group, one.consumer) for one in self.bus.subscriptions)
        if ready["database"]:
            with suppress(*UNANSWERED):
                found |= await asyncio.wait_for(self._standings(), MEASURE_SECONDS)
        return metrics.exposition(self.health.meters, found)

    async def _standings(self) -> dict[metrics.Gauge, metrics.Samples]:
        now, rules_now = utc_now(), self.clock.now()
        standings = {
            cases.module.name: await metrics.look(cases.collection, now, rules_now) for cases, _, _ in self._modules
        }
        broken = [((name,), float(await count())) for name, count in self.broken.items()]
        return metrics.of_modules(standings) | {metrics.BROKEN: broken}

    async def _answers(self, asking: Any) -> bool:
        try:
            await asyncio.wait_for(asking, 2.0)
        except UNANSWERED:
            return False
        return True

    async def move_clock(self, offset: timedelta) -> None:
        """Sets the local clock's offset for all services, now and after a restart. `PermissionError` elsewhere."""
        self.clock.set_offset(offset)
        seconds = offset.total_seconds()
        await self._local().update_one({"_id": "clock"}, {"$max": {"seconds": seconds}}, upsert=True)

    def _local(self) -> Any:
        return self.database.collection("local", "settings")

    async def _read_offset(self) -> None:
        found = await self._local().find_one({"_id": "clock"})
        if found is not None:
            self.clock.set_offset(max(self.clock.offset, timedelta(seconds=found["seconds"])))

    async def _follow_offset(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            with suppress(*AWAY):
                await self._read_offset()
