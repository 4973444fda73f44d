"""Two relays, two clocks and two writers on one document, in any order of their operations."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.runtime.cases import Act, Conflict, Handled
from shared.runtime.mongo import Database
from shared.runtime.outbox import Relay
from tests.faults.failpoints import FailingCollection, FailingJournal, FailingPublisher
from tests.runtime.toy import START, Bench, RealTime, Remind, Sent, assert_settled

ORDERS = 25
"""Orders tried for each driver; the seed of a failing one is in the message."""


class Turns:
    """Lets one operation happen at a time, chosen by a seeded dice among all who want one."""

    def __init__(self, seed: int, between: Callable[[], Awaitable[None]]) -> None:
        self._dice = random.Random(seed)
        self._between = between
        self._waiting: list[asyncio.Future[None]] = []
        self._busy = 0

    async def around(self, operation: Callable[[], Awaitable[Any]]) -> Any:
        """Waits for its turn, then does the operation."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._busy -= 1
        await turn
        return await operation()

    async def run(self, *actors: Callable[[], Awaitable[None]]) -> None:
        """Runs all actors to their end."""
        self._busy = len(actors)
        tasks = [asyncio.ensure_future(self._act(actor)) for actor in actors]
        while not all(task.done() for task in tasks):
            if self._busy or not self._waiting:
                await asyncio.sleep(0)
                continue
            await self._between()
            self._busy += 1
            self._waiting.pop(self._dice.randrange(len(self._waiting))).set_result(None)
        for task in tasks:
            task.result()

    async def _act(self, actor: Callable[[], Awaitable[None]]) -> None:
        try:
            await actor()
        finally:
            self._busy -= 1


async def play(database: Database, seed: int, relay: type[Relay] = Relay) -> None:
    """One order of everything, and the checks afterwards."""
    sent, time, raw, case = Sent(), RealTime(), database.collection("toy"), f"case-{seed}"

    async def nothing_strands() -> None:
        found = await raw.find_one({"_id": case}, {"outbox": 1, "pending": 1, "look_at": 1, "due_at": 1, "lease": 1})
        if found is not None:
            assert not found["outbox"] or found.get("pending"), f"seed {seed}: outbox without pending"
            looks = [found["due_at"]] if "due_at" in found else []
            looks += [found["lease"]["until"]] if found.get("pending") else []
            assert all(found["look_at"] <= moment for moment in looks), f"seed {seed}: nobody will look in time"

    turns = Turns(seed, nothing_strands)

    def bench() -> Bench:
        collection = FailingCollection(raw, turns)
        return Bench(
            database, collection=collection, publisher=FailingPublisher(sent, turns),  # type: ignore[arg-type]
            journal=FailingJournal(sent, turns), time=time, relay=relay,
        )  # fmt: skip

    one, two, clock = bench(), bench(), bench()

    async def write(own: Bench, name: str) -> None:
        for number in range(2):
            while True:
                try:
                    await own.add(1, f"{name}{number}", case=case, events=2, new=number == 0)
                    break
                except Conflict:
                    continue
            await own.send_fresh()

    async def sweep(own: Bench) -> None:
        for _ in range(2):
            time.pass_by(seconds=20)  # leases run out while their holders are still at it
            await own.relay.sweep()

    async def remind() -> None:
        command = Remind(case, "call", START + timedelta(seconds=1))
        while True:
            try:
                await clock.cases.update(case, command, handled=Handled("remind"), act=Act("test"))
                return
            except Conflict:
                continue

    async def look(own: Bench) -> None:
        for _ in range(2):
            await own.deadlines.pass_due()

    await turns.run(
        lambda: write(one, "x"), lambda: write(two, "y"), lambda: sweep(one), lambda: sweep(two), remind,
        lambda: look(one), lambda: look(clock),
    )  # fmt: skip
    after = Bench(database, publisher=sent, time=time)
    await after.after_a_crash()
    await after.deadlines.pass_due()
    await after.after_a_crash()
    state = await after.cases.load(case)
    assert state is not None
    assert (state.total, state.told, state.passed) == (4, 9, ("call",)), f"seed {seed}"
    await assert_settled(after, case)


@pytest.mark.parametrize("seed", range(ORDERS))
async def test_any_order_of_two_relays_two_clocks_and_two_writers_ends_well(database: Database, seed: int) -> None:
    await play(database, seed)
