"""Whatever await a process stops at, the next one ends in the same states with the same events."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from shared.runtime.cases import Act, Cases, Handled
from shared.runtime.mongo import Database
from shared.runtime.outbox import BrokerAway, Relay
from tests.faults.failpoints import Crash, FailingCollection, FailingJournal, FailingPublisher, Failpoints, When
from tests.runtime.toy import START, Bench, RealTime, Remind, Sent, assert_settled

INPUTS = ("i1", "i2", "i3")


def bench_with(database: Database, points: Failpoints, sent: Sent, time: RealTime, **kinds: Any) -> Bench:
    """A process whose every operation on database and broker can fail; a driver's error only where it comes from."""
    elsewhere = Failpoints()
    of_database = elsewhere if points.is_of(BrokerAway) else points
    collection = FailingCollection(database.collection("toy"), of_database)
    publisher = FailingPublisher(sent, elsewhere if points.is_of(AutoReconnect) else points)
    journal = FailingJournal(sent, of_database)
    return Bench(database, collection=collection, publisher=publisher, journal=journal, time=time, **kinds)  # type: ignore[arg-type]


async def handle_all(bench: Bench, *, case: str) -> None:
    """What a process does: three inputs (the second fills more than one pull of the relay), a deadline, the clock."""
    for number, name in enumerate(INPUTS):
        await bench.add(1, name, case=case, events=6 if number == 1 else 1, new=number == 0)
        await bench.send_fresh()
    remind = Remind(case, "call", START + timedelta(minutes=30))
    await bench.cases.update(case, remind, handled=Handled("i4"), act=Act("test"))
    if not bench.time.ahead:
        bench.time.pass_by(minutes=31)
    await bench.deadlines.pass_due()
    await bench.send_fresh()


async def run_to(database: Database, points: Failpoints, case: str, **kinds: Any) -> tuple[Sent, RealTime]:
    """Runs until the failpoint. Returns what was sent, and the time."""
    sent, time = Sent(), RealTime()
    with suppress(Crash, AutoReconnect, BrokerAway):
        await handle_all(bench_with(database, points, sent, time, **kinds), case=case)
    return sent, time


async def check_every_await(
    database: Database, when: When, error: type[BaseException], *, cases: type[Cases[Any]] = Cases,
    relay: type[Relay] = Relay,
) -> int:  # fmt: skip
    """Stops at each await in turn and lets a second process take over. Returns how many awaits there are."""
    await Bench(database).cases.prepare()
    counting = Failpoints(None, when, error())
    await run_to(database, counting, "count", cases=cases, relay=relay)
    for at in range(counting.count):
        case = f"{when}-{error.__name__}-{at}"
        sent, time = await run_to(database, Failpoints(at, when, error()), case, cases=cases, relay=relay)
        after = Bench(database, publisher=sent, time=time, cases=cases, relay=relay)
        stored = await after.raw.find_one({"_id": case}) or {"history": []}
        told = {entry["id"] for entry in stored["history"]}
        assert set(sent.once()) <= told, f"await {at}: an event was sent that nobody decided"
        # Kafka gives the inputs again that were not committed; here all of them.
        await handle_all(after, case=case)
        await after.after_a_crash()
        state = await after.cases.load(case)
        assert state is not None
        assert (state.total, state.told, state.passed) == (3, 9, ("call",)), f"await {at}"
        await assert_settled(after, case)
    return counting.count


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("error", "awaits"), [(Crash, 38), (AutoReconnect, 20), (BrokerAway, 18)])
async def test_a_stop_at_any_await_loses_nothing_and_doubles_nothing(
    database: Database, when: When, error: type[BaseException], awaits: int
) -> None:
    assert await check_every_await(database, when, error) >= awaits
