"""What happens when a message cannot be handled: one policy for every subscription.

- Database or broker away: hold the partition, try again with growing pauses, say not ready. Never a dead letter.
- Fails the same way three times (a body that does not fit, a bug): to the dead letters, unchanged, with its origin
  and the class of the error. Never the error's text: it can hold personal data.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from shared.contracts.topics import DEAD_LETTERS
from shared.runtime import logs
from shared.runtime.cases import Conflict
from shared.runtime.metrics import Meters
from shared.runtime.mongo import AWAY
from shared.runtime.outbox import BrokerAway

log = logs.logger(__name__)

TRANSIENT: tuple[type[Exception], ...] = (*AWAY, BrokerAway, Conflict)
TRIES = 3
LONGEST_HOLD = 120.0
"""Seconds. Well below the broker's five minutes: past it the message is given back and comes again."""

Send = Callable[[str, bytes | None, bytes | None, list[tuple[str, bytes]]], Awaitable[None]]


class Health:
    """What readiness is made of: which subscriptions hold their partition, and how many dead letters were written."""

    def __init__(self) -> None:
        self.meters = Meters()
        self.holding: set[str] = set()
        self.dead_letters = 0
        self.unknown_types = 0

    def counts(self) -> dict[str, int]:
        """What somebody should look at, since the start of this process."""
        return {"dead_letters": self.dead_letters, "unknown_types": self.unknown_types}


async def with_patience(
    call: Callable[[], Awaitable[Any]], *, subscription: str, health: Health, longest_pause: float
) -> Any:
    """Calls until it works, fails the same way three times (raises that), or held too long (raises)."""
    seen: list[type[Exception]] = []
    held, pause = 0.0, 0.1
    while True:
        try:
            result = await call()
        except TRANSIENT as error:
            health.holding.add(subscription)
            log.warning("holding", subscription=subscription, error=type(error).__name__, seconds=pause)
            if held > LONGEST_HOLD:
                raise
            await asyncio.sleep(pause)
            held, pause = held + pause, min(pause * 2, longest_pause)
        except Exception as error:
            seen = [*seen, type(error)] if seen[-1:] == [type(error)] else [type(error)]
            if len(seen) == TRIES:
                health.holding.discard(subscription)
                raise
            await asyncio.sleep(0.05 * len(seen))
        else:
            health.holding.discard(subscription)
            return result


async def dead_letter(send: Send, record: Any, *, subscription: str, error: str, health: Health) -> None:
    """Writes a record that cannot be handled to the dead letters; body and key unchanged.

    `record` is the raw Kafka record; `error` the class name of what went wrong. Raises what `send` raises: then the
    record is not committed and comes again.
    """
    origin = [
        ("dl_subscription", subscription),
        ("dl_error", error),
        ("dl_topic", record.topic),
        ("dl_partition", str(record.partition)),
        ("dl_offset", str(record.offset)),
    ]
    headers = [(name, value or b"") for name, value in record.headers]
    await send(DEAD_LETTERS.name, record.key, record.value, headers + [(n, v.encode()) for n, v in origin])
    health.dead_letters += 1
    health.meters.dead_letters.labels(subscription).inc()
    log.error(
        "dead_letter", subscription=subscription, error=error, topic=record.topic, partition=record.partition,
        offset=record.offset,
    )  # fmt: skip
