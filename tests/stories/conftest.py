"""One stack for each broker, on which the story is told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.kafka import apache
from tests import backends
from tests.conftest import USED
from tests.stack import Stack
from tests.stories.telling import outcome, tell


@dataclass(frozen=True)
class Told:
    """A stack after the story, and what came of it."""

    stack: Stack
    outcome: dict[str, Any]


def told_on(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Starts a stack, tells the story, and stops it with the folder: an idle one takes half a core."""
    stack = Stack(tmp_path_factory.mktemp(kafka), "--kafka", kafka)
    try:
        stack.start()
        yield Told(stack, outcome(tell(stack, "--json")))
        assert stack.stop() == 0, stack.said()
    finally:
        stack.clean()


@pytest.fixture(scope="package")
def on_embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The story on the embedded pair."""
    USED.append("story: Tansu and SecantusDB (embedded)")
    yield from told_on("embedded", tmp_path_factory)


@pytest.fixture(scope="package")
def on_apache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The story on Apache Kafka; in CI it must be there."""
    reason = apache.why_not()
    if reason is not None:
        backends.missing(reason)
    USED.append(f"story: Apache Kafka {apache.VERSION} (Maven) and SecantusDB (embedded)")
    yield from told_on("apache", tmp_path_factory)


@pytest.fixture(params=["on_embedded", "on_apache"])
def told(request: pytest.FixtureRequest) -> Told:
    """Both, one after the other."""
    found: Told = request.getfixturevalue(request.param)
    return found
