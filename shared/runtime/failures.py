"""What happens when a message cannot be handled: one policy for every subscription.

- Database or broker away: hold the partition, try again with growing pauses, say not ready. Never a dead letter.
- Fails the same way three times (a body that does not fit, a bug), or thirty times in different ways: to the dead
  letters, unchanged, with its origin and the class of the error. Never the error's text: it can hold personal data.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
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
MOST_TRIES = 30
"""Of a message that fails in another way each time: it must not hold the others up for ever."""
BETWEEN_TRIES = 0.05
"""Seconds before the second try of a message that failed; before the third twice as long."""
FIRST_PAUSE = 0.1
LONGEST_HOLD = 120.0
"""Seconds, the tries themselves included: a database that is away takes its time to say so. Well below the broker's
five minutes: past it the message is given back and comes again."""

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


def hold_pauses(longest: float) -> Iterator[float]:
    """Seconds between tries while database or broker are away: doubled each time, at most `longest`. Never ends."""
    pause = min(FIRST_PAUSE, longest)
    while True:
        yield pause
        pause = min(pause * 2, longest)


def try_pauses() -> list[float]:
    """Seconds between tries of a message that fails the same way each time."""
    return [BETWEEN_TRIES * number for number in range(1, TRIES)]


async def with_patience(
    call: Callable[[], Awaitable[Any]],
    *,
    subscription: str,
    health: Health,
    longest_pause: float,
    seconds: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Any:
    """Calls until it works, failed the same way three times or too often (raises that), or held too long (raises)."""
    seen: list[type[Exception]] = []
    failed = 0
    began, pauses = seconds(), hold_pauses(longest_pause)
    while True:
        try:
            result = await call()
        except TRANSIENT as error:
            health.holding.add(subscription)
            pause = next(pauses)
            log.warning("holding", subscription=subscription, error=type(error).__name__, seconds=pause)
            if seconds() - began + pause > LONGEST_HOLD:
                raise
            await sleep(pause)
        except Exception as error:
            seen = [*seen, type(error)] if seen[-1:] == [type(error)] else [type(error)]
            failed += 1
            if len(seen) == TRIES or failed == MOST_TRIES:
                raise
            await sleep(try_pauses()[len(seen) - 1])
        else:
            health.holding.discard(subscription)
            return result


async def dead_letter(
    send: Send,
    record: Any,
    *,
    subscription: str,
    error: str,
    health: Health,
    pause: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Writes a record that cannot be handled to the dead letters; body and key unchanged.

    `record` is the raw Kafka record; `error` the class name of what went wrong. Raises what `send` raises, after a
    `pause` in seconds and not ready meanwhile: then the record is not committed and comes again.
    """
    origin = [
        ("dl_subscription", subscription),
        ("dl_error", error),
        ("dl_topic", record.topic),
        ("dl_partition", str(record.partition)),
        ("dl_offset", str(record.offset)),
    ]
    headers = [(name, value or b"") for name, value in record.headers]
    try:
        await send(DEAD_LETTERS.name, record.key, record.value, headers + [(n, v.encode()) for n, v in origin])
    except Exception as away:
        health.holding.add(subscription)
        log.error("dead_letter_waits", subscription=subscription, error=type(away).__name__, seconds=pause)
        await sleep(pause)
        raise
    health.holding.discard(subscription)
    health.dead_letters += 1
    health.meters.dead_letters.labels(subscription).inc()
    log.error(
        "dead_letter", subscription=subscription, error=error, topic=record.topic, partition=record.partition,
        offset=record.offset,
    )  # fmt: skip
