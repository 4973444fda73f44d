"""How far a subscription is behind, on a broker that tells rightly where a topic ends."""

from __future__ import annotations

import asyncio

from deploy.local.temporary import Broker
from shared.runtime.metrics import lags
from tests.wire.subscribing import Listener, event, eventually, listening, produce


async def behind(listener: Listener) -> float:
    """Records of its topic that it has not taken yet."""
    found = await lags((one.group, one.consumer) for one in listener.bus.subscriptions)
    assert all(labels[0] == listener.group for labels, _ in found)
    return sum(count for labels, count in found if labels[1] == listener.topic.name)


async def test_what_was_not_taken_yet_is_counted_and_nothing_once_it_was(real_kafka: Broker) -> None:
    gate = asyncio.Event()

    async def wait(_: str) -> None:
        await gate.wait()

    async with listening(real_kafka) as listener:
        listener.handle = wait
        await produce(real_kafka, listener.topic, *(event(number) for number in range(1, 5)))
        await eventually("the first is taken", lambda: listener.calls == ["e1"])
        assert await behind(listener) == 3, "also while a handler hangs"
        gate.set()
        await eventually("all are handled", lambda: len(listener.handled) == 4)
        assert await behind(listener) == 0
        taken = listener.health.meters.handling.labels(listener.group)
        assert sum(bucket.get() for bucket in taken._buckets) == 4


async def test_a_consumer_that_does_not_run_has_no_number() -> None:
    assert await lags([("group", None)]) == []
