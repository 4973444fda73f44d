"""What the forwarder tells of itself in numbers: how old the oldest undelivered event is, never whose."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter

from deploy.partners.forwarder.domain import Answer
from deploy.partners.forwarder.store import Standing
from shared.runtime.metrics import Gauge, Samples

OLDEST = Gauge(
    "veilig_forward_oldest_seconds", "How long the oldest undelivered event is on the topic; 0 without", ("subscriber",)
)
WAITING = Gauge("veilig_forward_waiting", "Events that are tried again", ("subscriber",))
PARKED = Gauge("veilig_forward_parked", "Events that wait for an operator", ("subscriber",))
ON = Gauge("veilig_forward_on", "1: events are sent; 0: the address did not agree, or wants no more", ("subscriber",))
GAUGES = (OLDEST, WAITING, PARKED, ON)


class Meters:
    """What is counted as it happens, since the process started."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._tries = Counter(
            "veilig_forward_tries", "Events posted, by answer: 2xx to 5xx, or none", ["subscriber", "answer"],
            registry=self.registry,
        )  # fmt: skip

    def tried(self, subscriber: str, answer: Answer) -> None:
        """One more try. `subscriber`: the name that does not tell which municipality."""
        self._tries.labels(subscriber, "none" if answer.status is None else f"{answer.status // 100}xx").inc()


def numbers(standings: Sequence[Standing]) -> dict[Gauge, Samples]:
    """The numbers of partners that are looked up."""
    return {
        OLDEST: [((one.name,), one.oldest) for one in standings],
        WAITING: [((one.name,), float(one.waiting)) for one in standings],
        PARKED: [((one.name,), float(one.parked)) for one in standings],
        ON: [((one.name,), float(one.state == "on")) for one in standings],
    }
