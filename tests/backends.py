"""Which broker and database the tests run on: the first that is there, and the run prints which.

Database: `MONGO_URL`, Docker, the embedded one. Broker: always the embedded one, and beside it real Kafka:
`KAFKA_BOOTSTRAP_SERVERS`, Docker, Apache Kafka from Maven Central with Java 17. In CI neither may be missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from deploy.kafka import apache
from deploy.local.temporary import Broker, Mongo, apache_kafka, embedded_database

CI = os.environ.get("CI") == "true"


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
