"""Broker or database away, at start and later: nobody pretends to work, and nothing accepted is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.error import HTTPError

import pytest

from deploy.local.temporary import Broker, Mongo, free_port
from tests.stack import REPORT, ROOT, Stack, eventually

pytestmark = pytest.mark.slow


def start_alone(service: str, kafka: str, mongo: str) -> subprocess.CompletedProcess[str]:
    """Runs one service until it ends by itself."""
    settings = {
        "VEILIG_ENVIRONMENT": "local", "VEILIG_KAFKA_BOOTSTRAP_SERVERS": kafka, "VEILIG_MONGO_URL": mongo,
        "VEILIG_PORT": str(free_port()), "VEILIG_KAFKA_IDEMPOTENCE": "false",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", f"services.{service}"], cwd=ROOT, env=os.environ | settings,
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("service", ["intake", "assessment", "funding", "aftercare"])
def test_a_service_without_broker_ends_instead_of_pretending(service: str, mongo: Mongo) -> None:
    ended = start_alone(service, f"127.0.0.1:{free_port()}", mongo.url)
    assert ended.returncode == 3
    assert "cannot_start" in ended.stdout and "KafkaConnectionError" in ended.stdout


def test_a_service_without_database_ends_instead_of_pretending(embedded_broker: Broker) -> None:
    ended = start_alone("intake", embedded_broker.bootstrap, f"mongodb://127.0.0.1:{free_port()}/")
    assert ended.returncode == 3
    assert "cannot_start" in ended.stdout and "ServerSelectionTimeoutError" in ended.stdout


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of this file's own."""
    made = Stack(tmp_path_factory.mktemp("away"))
    try:
        made.start()
        yield made
        assert made.stop() == 0
    finally:
        made.clean()


@contextmanager
def hanging(stack: Stack, part: str) -> Iterator[None]:
    """The part is there and does not answer, as after a broken network."""
    pid = stack.state()["pids"][part]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def ready(stack: Stack) -> bool:
    """Whether the services say they can take work."""
    with suppress(OSError):
        return bool(stack.call("/health/ready", "", "x"))
    return False


def status_of_report(stack: Stack) -> Any:
    """Reports; the case, or the status when it is refused."""
    try:
        return stack.call("/intake/v1/reports", "office-holder", "demo-1", REPORT)["case"]
    except HTTPError as refused:
        return refused.code


def test_while_the_database_hangs_people_are_told_and_afterwards_all_goes_on(stack: Stack) -> None:
    with hanging(stack, "database"):
        eventually(lambda: not ready(stack), 30)
        assert status_of_report(stack) == 503
    eventually(lambda: ready(stack), 60)
    case = stack.report()
    eventually(lambda: stack.weighing_of(case), 60)


def test_while_the_broker_hangs_reports_are_accepted_and_arrive_later(stack: Stack) -> None:
    with hanging(stack, "broker"):
        eventually(lambda: not ready(stack), 30)
        cases = [stack.report() for _ in range(3)]
    eventually(lambda: ready(stack), 60)
    for case in cases:
        eventually(lambda case=case: stack.weighing_of(case), 60)
