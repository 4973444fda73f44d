"""Which broker and database the tests run on: the first that is there, and the run prints which.

Database: `MONGO_URL`, Docker, the embedded one. Broker: always the embedded one, and beside it real Kafka:
`KAFKA_BOOTSTRAP_SERVERS`, Docker, Apache Kafka from Maven Central with Java 17. In CI neither may be missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
import yaml

from deploy.kafka import apache
from deploy.local.embedded import HOST, broker_answers, wait_for
from deploy.local.temporary import Broker, Mongo, apache_kafka, embedded_database, free_port

CI = os.environ.get("CI") == "true"
COMPOSE = Path(__file__).resolve().parents[1] / "docker-compose.yml"
START_SECONDS = 120
"""How long a container may take, its image not counted."""


def missing(reason: str) -> NoReturn:
    """What a test needs is not here: the test is skipped with the reason, and in CI, which must have it, fails."""
    if CI:
        pytest.fail(f"CI must have this: {reason}")
    pytest.skip(reason)


def docker_runs() -> bool:
    """Whether a Docker daemon answers."""
    try:
        import docker

        return bool(docker.from_env(timeout=3).ping())
    except Exception:  # whatever the reason: there is none to use
        return False


@contextmanager
def real_kafka() -> Iterator[Broker]:
    """The first Kafka that is there. Raises `LookupError` with the reason when there is none."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield Broker("Kafka (KAFKA_BOOTSTRAP_SERVERS)", given, apache.SETTINGS)
    elif docker_runs():
        with kafka_container() as broker:
            yield broker
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

        with MongoDbContainer(image("database")) as container:
            address = f"{container.get_connection_url()}/?w=majority&journal=true"
            yield Mongo(f"{image('database')} (Docker)", address)
    else:
        with embedded_database() as mongo:
            yield mongo


def image(part: str) -> str:
    """The image, with its version, that docker compose uses for this part."""
    name: str = _composed(part)["image"]
    return name


def _composed(part: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"][part]
    return found


@contextmanager
def kafka_container() -> Iterator[Broker]:
    """The Kafka of docker compose, with the settings that it has here without Docker. Raises `LookupError`.

    Not the `KafkaContainer` of testcontainers: that one is made for the images of one company, with an older Kafka.
    """
    from testcontainers.core.container import DockerContainer

    port = free_port()
    told = apache.PROPERTIES.format(host="localhost", port=port, controller_port=9093, logs="/var/lib/kafka/data")
    known = dict(line.split("=", 1) for line in told.splitlines())
    # In there it listens to everybody, and calls itself by the address that it has outside.
    known |= {"listeners": f"PLAINTEXT://:{port},CONTROLLER://:9093"}
    known |= {"advertised.listeners": f"PLAINTEXT://{HOST}:{port}"}
    container = DockerContainer(image("kafka")).with_bind_ports(port, port)
    container.with_env("CLUSTER_ID", _composed("kafka")["environment"]["CLUSTER_ID"])
    for name, value in known.items():
        container.with_env(f"KAFKA_{name.upper().replace('.', '_')}", value)
    with container:
        if not wait_for(lambda: broker_answers(f"{HOST}:{port}"), seconds=START_SECONDS):
            raise LookupError(f"{image('kafka')} does not answer in its container")
        yield Broker(f"{image('kafka')} (Docker)", f"{HOST}:{port}", apache.SETTINGS)
