"""A stack for each broker, shared by all scenarios."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from deploy.kafka import apache
from deploy.local.server import MUNICIPALITIES
from deploy.stories.stage import Stage
from deploy.stories.witness import Witness
from tests import backends
from tests.conftest import USED
from tests.scenarios.scene import Scene
from tests.stack import Stack


@asynccontextmanager
async def scene_on(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    stack = Stack(tmp_path_factory.mktemp(f"scenarios-{kafka}"), "--kafka", kafka)
    try:
        stack.start()
        url, address = f"http://127.0.0.1:{stack.ports['--port']}", stack.state()["kafka"]
        async with Stage(url, patience=30.0) as stage, Witness(address, MUNICIPALITIES) as witness:
            yield Scene(kafka, stage, witness, stack.data, stack.state()["mongo"])
        assert stack.stop() == 0, stack.said()
    finally:
        stack.clean()


@pytest.fixture(scope="package", params=["embedded", "apache"])
async def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """All scenarios on the one, then all on the other, so that only one stack runs at a time. One: `-k embedded`."""
    reason = apache.why_not() if request.param == "apache" else None
    if reason is not None:
        backends.missing(reason)
    broker = {"embedded": "Tansu", "apache": f"Apache Kafka {apache.VERSION} (Maven)"}[request.param]
    USED.append(f"scenarios: {broker} and SecantusDB (embedded)")
    async with scene_on(request.param, tmp_path_factory) as found:
        yield found
