"""How long a message is tried and held: by a clock that the test moves, so that nobody waits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from shared.runtime.environment import Settings
from shared.runtime.failures import LONGEST_HOLD, MOST_TRIES, Health, hold_pauses, try_pauses, with_patience

GIVEN_BACK = 300.0
"""Seconds after which Kafka thinks that a consumer hangs (`max.poll.interval.ms`, which we leave as it is)."""
HOLD_SECONDS = Settings.model_fields["hold_seconds"].default


class Day:
    """A clock that goes on when somebody sleeps, and with each call by what it takes."""

    def __init__(self, *, takes: float = 0.0) -> None:
        self.now, self.takes, self.calls = 0.0, takes, 0
        self.health = Health()

    async def sleep(self, pause: float) -> None:
        self.now += pause

    async def handle(self, failing: Callable[[int], Exception | None]) -> object:
        """Handles a message with a handler that fails with what `failing` gives for the number of its call."""

        async def call() -> str:
            self.calls += 1
            self.now += self.takes
            if (error := failing(self.calls)) is not None:
                raise error
            return "handled"

        return await with_patience(
            call, subscription="a.b.c", health=self.health, longest_pause=HOLD_SECONDS,
            seconds=lambda: self.now, sleep=self.sleep,
        )  # fmt: skip


def test_pauses_while_something_is_away_grow_to_the_longest_and_stay_there() -> None:
    assert list(islice(hold_pauses(5.0), 8)) == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])
    assert list(islice(hold_pauses(0.05), 3)) == [0.05] * 3, "the setting is a limit, also below the first pause"


@pytest.mark.parametrize("takes", [0.0, 5.0, 10.0])
async def test_a_message_is_held_two_minutes_however_long_each_try_takes(takes: float) -> None:
    """A database that is away takes five seconds to say so, one that hangs ten: they count too."""
    day = Day(takes=takes)
    with pytest.raises(ServerSelectionTimeoutError):
        await day.handle(lambda _: ServerSelectionTimeoutError("away"))
    assert LONGEST_HOLD - HOLD_SECONDS - takes < day.now <= LONGEST_HOLD + takes < GIVEN_BACK
    assert day.health.holding == {"a.b.c"}, "readiness is red until it works"


async def test_what_comes_back_in_time_is_handled_and_nothing_is_held_any_more() -> None:
    day = Day(takes=5.0)
    assert await day.handle(lambda number: ServerSelectionTimeoutError("away") if number < 8 else None) == "handled"
    assert not day.health.holding


async def test_the_same_error_three_times_takes_less_than_a_second_beside_the_work() -> None:
    day = Day()
    with pytest.raises(KeyError):
        await day.handle(lambda _: KeyError("bug"))
    assert day.calls == 3
    assert day.now == pytest.approx(sum(try_pauses())) and day.now < 1


async def test_three_errors_that_differ_are_not_the_same_error_three_times() -> None:
    errors = [KeyError("a"), ValueError("b"), KeyError("c"), KeyError("d"), None]
    day = Day()
    assert await day.handle(lambda number: errors[number - 1]) == "handled"


async def test_an_error_that_is_another_one_each_time_does_not_hold_up_the_others_for_ever() -> None:
    day = Day()
    with pytest.raises((KeyError, ValueError)):
        await day.handle(lambda number: (KeyError if number % 2 else ValueError)("flips"))
    assert day.calls == MOST_TRIES and day.now < 5
