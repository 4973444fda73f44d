"""`kill -9` of services, database and broker at random moments of stories: same states, same events."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.stack import ROOT, Stack, eventually
from tests.stories.telling import command, outcome, same, tell

pytestmark = pytest.mark.slow
PARTS = ("services", "services", "database", "broker")
"""Services twice: most of what can go wrong is theirs."""
KILLS = 20
PATIENCE = "400"
"""Seconds. The services may be killed each time before they are ready: a story waits as long as all kills take."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of this file's own."""
    made = Stack(tmp_path_factory.mktemp("kills"))
    try:
        made.start()
        yield made
        made.stop()
    finally:
        made.clean()


@pytest.fixture(scope="module")
def undisturbed(stack: Stack) -> Any:
    """The story without kills."""
    return same(outcome(tell(stack, "--json")))


class Teller:
    """Stories one after the other, each in a process."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        self.told: list[dict[str, Any]] = []
        self.running: subprocess.Popen[bytes] | None = None

    def go_on(self) -> None:
        """Takes in a story that ended, and sees to it that one runs."""
        if self.running is not None and self.running.poll() is None:
            return
        self.take_in()
        with (self.folder / "story.json").open("wb") as out, (self.folder / "story.txt").open("wb") as progress:
            self.running = subprocess.Popen(
                command(self.stack, "--json", "--patience", PATIENCE), cwd=ROOT, stdout=out, stderr=progress
            )

    def take_in(self) -> None:
        """Waits for the story that runs; it must have held."""
        if self.running is not None:
            code = self.running.wait(2 * float(PATIENCE))
            assert code == 0, (self.folder / "story.txt").read_text()[-1500:] + self.stack.said()[-1500:]
            self.told.append(json.loads((self.folder / "story.json").read_text()))
            self.running = None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twenty_kills_lose_nothing_and_double_nothing(
    stack: Stack, undisturbed: Any, tmp_path: Path, seed: int
) -> None:
    dice, teller, killed = random.Random(seed), Teller(stack, tmp_path), set[int]()
    for _ in range(KILLS):
        part = dice.choice(PARTS)
        # Whatever else is still starting: this part must only be there to be killed.
        pid = eventually(lambda part=part: fresh_pid(stack, part, killed), 90)
        teller.go_on()
        assert teller.running is not None
        with suppress(subprocess.TimeoutExpired):  # a random moment, or the story's end when that comes first
            teller.running.wait(dice.uniform(0.0, 3.0))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        killed.add(pid)
    teller.take_in()
    assert len(killed) == KILLS
    for told in teller.told:
        assert same(told) == undisturbed


def fresh_pid(stack: Stack, part: str, killed: set[int]) -> int:
    """The process of a part, when it is not one that was killed before; otherwise 0."""
    pid: int = stack.state()["pids"].get(part, 0)
    return 0 if pid in killed else pid
