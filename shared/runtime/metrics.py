"""What a service tells of itself in numbers, for Prometheus: how old its work is, never whose.

Labels are words of our own source (module, subscription, topic, deadline). No case, account or place is ever one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.runtime.mongo import Collection, Document

AHEAD = timedelta(hours=1)
"""Deadlines this near are told with their name; further ones change nothing yet."""
AT_MOST = 2_000
"""Documents that are read for one answer. More than so many that wait is an alarm by itself."""
FIELDS = {"pending": 1, "pending_since": 1, "saved_at": 1, "due": 1}
LAG_SECONDS = 2.0
DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)


@dataclass(frozen=True)
class Gauge:
    """A number that is looked up when it is asked for."""

    name: str
    says: str
    labels: tuple[str, ...]


READY = Gauge("veilig_ready", "1 when this holds: what readiness is made of", ("check",))
HOLDING = Gauge("veilig_holding", "1 while database or broker are away for it", ("subscription",))
LAG = Gauge("veilig_consumer_lag", "Records that it has not taken yet", ("subscription", "topic", "partition"))
OUTBOX_DEPTH = Gauge("veilig_outbox_documents", "Documents with something to send", ("module",))
OUTBOX_AGE = Gauge("veilig_outbox_age_seconds", "How long the oldest of them waits; 0 without any", ("module",))
OVERDUE = Gauge("veilig_deadline_overdue_seconds", "How long the oldest passed deadline was not told", ("module",))
PENDING = Gauge("veilig_deadline_pending", "Deadlines to come within the hour, by name", ("module", "deadline"))
NEXT = Gauge("veilig_deadline_next_seconds", "Until the nearest of them; below 0: passed", ("module", "deadline"))
BROKEN = Gauge("veilig_promises_broken", "Persons to whom a promise was broken and who still wait", ("promise",))

GAUGES = (READY, HOLDING, LAG, OUTBOX_DEPTH, OUTBOX_AGE, OVERDUE, PENDING, NEXT, BROKEN)
"""Every number that is looked up. What is counted as it happens is in `Meters`."""


class Meters:
    """What is counted as it happens, since the process started. Each service has its own: several may share one."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, says: str, label: str) -> Counter:
            return Counter(name, says, [label], registry=self.registry)

        self.handling = Histogram(
            "veilig_handling_seconds", "Time one record took, tries and pauses included", ["subscription"],
            buckets=DURATIONS,
            registry=self.registry,
        )  # fmt: skip
        self.dead_letters = counter("veilig_dead_letters", "Records that were set apart", "subscription")
        self.unknown_types = counter("veilig_unknown_types", "Records of a type not asked for", "subscription")
        self.known = counter("veilig_inbox_known", "Inputs that were handled before", "module")
        self.parked = counter("veilig_parked_records", "Records that the broker will never take", "module")

    def subscription(self, group: str) -> None:
        """Begins its counts at nothing, so that the first one is seen as one more."""
        for meter in (self.handling, self.dead_letters, self.unknown_types):
            meter.labels(group)

    def module(self, name: str) -> None:
        """As `subscription`, for what is counted by module."""
        for meter in (self.known, self.parked):
            meter.labels(name)


@dataclass(frozen=True)
class Standing:
    """How it stands with the work of one module. Ages in seconds; `next` and `pending` by name of the deadline."""

    waiting: int = 0
    oldest: float = 0.0
    overdue: float = 0.0
    next: Mapping[str, float] = field(default_factory=dict)
    pending: Mapping[str, int] = field(default_factory=dict)


def standing(documents: Iterable[Document], now: datetime, rules_now: datetime) -> Standing:
    """From what is stored. `now`: real time, which outboxes go by; `rules_now`: the time that deadlines go by."""
    waits: list[float] = []
    due: dict[str, list[float]] = {}
    for document in documents:
        if document.get("pending"):
            # Without a moment: it waited before this was written down. Its last save is the least it can be.
            since: datetime = document.get("pending_since") or document["saved_at"]
            waits.append((now - since).total_seconds())
        for one in document.get("due", ()):
            if one["at"] <= rules_now + AHEAD:
                due.setdefault(one["name"], []).append((one["at"] - rules_now).total_seconds())
    nearest = {name: min(seconds) for name, seconds in sorted(due.items())}
    return Standing(
        waiting=len(waits),
        oldest=max([0.0, *waits]),
        overdue=max([0.0, *(-seconds for seconds in nearest.values())]),
        next=nearest,
        pending={name: len(due[name]) for name in nearest},
    )


async def look(collection: Collection, now: datetime, rules_now: datetime) -> Standing:
    """How it stands with the documents of a module: one search, by the index of relay and clock."""
    near = {"look_at": {"$lte": max(now, rules_now) + AHEAD}}
    found = await collection.find(near, FIELDS).sort("look_at").limit(AT_MOST).to_list(AT_MOST)
    return standing(found, now, rules_now)


async def lags(consumers: Iterable[tuple[str, Any]]) -> list[tuple[tuple[str, ...], float]]:
    """Of each subscription's Kafka consumer, per partition: how many records it has not taken yet.

    The broker is asked where the partition ends. What the consumer itself knows of that (its high watermark) is of its
    last fetch, and it fetches nothing while a handler hangs. A broker that does not answer: no number.
    """
    each = await asyncio.gather(*(_lag(group, consumer) for group, consumer in consumers if consumer is not None))
    return [one for found in each for one in found]


async def _lag(group: str, consumer: Any) -> list[tuple[tuple[str, ...], float]]:
    found: list[tuple[tuple[str, ...], float]] = []
    with suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(LAG_SECONDS):
            parts = sorted(consumer.assignment())
            ends = await consumer.end_offsets(parts) if parts else {}
            for part in parts:
                behind = max(0, ends[part] - await consumer.position(part))
                found.append(((group, part.topic, str(part.partition)), float(behind)))
    return found


Samples = Sequence[tuple[tuple[str, ...], float]]
"""Labels and number, of one gauge."""


def of_modules(standings: Mapping[str, Standing]) -> dict[Gauge, Samples]:
    """The numbers of modules."""
    each = standings.items()
    return {
        OUTBOX_DEPTH: [((name,), float(one.waiting)) for name, one in each],
        OUTBOX_AGE: [((name,), one.oldest) for name, one in each],
        OVERDUE: [((name,), one.overdue) for name, one in each],
        PENDING: [((name, deadline), float(count)) for name, one in each for deadline, count in one.pending.items()],
        NEXT: [((name, deadline), seconds) for name, one in each for deadline, seconds in one.next.items()],
    }


class _Looked(Collector):
    def __init__(self, found: Mapping[Gauge, Samples]) -> None:
        self._found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for gauge, samples in self._found.items():
            family = GaugeMetricFamily(gauge.name, gauge.says, labels=gauge.labels)
            for labels, value in samples:
                family.add_metric(labels, value)
            yield family


class Counted(Protocol):
    """Whoever counts things as they happen."""

    @property
    def registry(self) -> CollectorRegistry:
        """What was counted."""
        ...


def exposition(meters: Counted, found: Mapping[Gauge, Samples]) -> bytes:
    """Everything as Prometheus reads it (text format 0.0.4)."""
    looked = CollectorRegistry()
    looked.register(_Looked(found))
    return generate_latest(meters.registry) + generate_latest(looked)
