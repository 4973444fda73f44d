"""Fixtures that more than one folder uses."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from deploy.local.temporary import Broker, Mongo
from deploy.local.temporary import embedded_broker as start_embedded_broker
from shared.access import wall
from shared.runtime import logs
from shared.runtime.mongo import Database, connect
from tests import backends

USED: list[str] = []
os.environ["VEILIG_LINE_CODE_COST"] = "16"
"""Return codes of the confidential line are slow on purpose; tests count the work, they need not wait for it."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Every run says what it ran on."""
    used = sorted(set(USED))
    terminalreporter.write_line("Ran on: " + (", ".join(used) if used else "no broker, no database"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker beside others tells the one that sums up what it ran on."""
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told["used"] = USED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes what a worker ran on; one that broke down told nothing."""
    USED.extend(getattr(node, "workeroutput", {}).get("used", []))


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> None:
    """Log lines as in production, from warnings on."""
    logs.configure("WARNING")


@pytest.fixture(autouse=True)
def nothing_held_back(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that shows a field which nobody classified, or which the matrix does not grant, fails every test."""
    if "held_back" in request.keywords:
        return

    def fail(module: str, route: str, name: str, why: str) -> None:
        raise AssertionError(f"{route}: {module}.{name} was held back ({why}); see shared/access/fields.toml")

    monkeypatch.setattr(wall, "held_back", fail)


@pytest.fixture(scope="session")
def mongo() -> Iterator[Mongo]:
    """The database of this run."""
    with backends.database() as mongo:
        USED.append(mongo.name)
        yield mongo


@pytest.fixture(scope="session")
def embedded_broker() -> Iterator[Broker]:
    """The embedded broker."""
    with start_embedded_broker() as broker:
        USED.append(broker.name)
        yield broker


@pytest.fixture(scope="session")
def real_kafka() -> Iterator[Broker]:
    """A real Kafka; its absence is a failure in CI and a skip with the reason elsewhere."""
    try:
        with backends.real_kafka() as broker:
            USED.append(broker.name)
            yield broker
    except LookupError as reason:
        backends.missing(f"no real Kafka here: {reason}")


@pytest.fixture(params=["embedded_broker", "real_kafka"])
def broker(request: pytest.FixtureRequest) -> Broker:
    """Both brokers, one after the other."""
    found: Broker = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["motor", "pymongo"])
async def database(request: pytest.FixtureRequest, mongo: Mongo) -> AsyncIterator[Database]:
    """An empty database of this test's own, through each driver."""
    connection = connect(mongo.url, driver=request.param, prefix=f"t{uuid.uuid4().hex[:12]}")
    yield connection
    await connection.close()
