"""The whole of docker-compose.yml on a Docker daemon: built, brought up, healthy, stopped. Where there is none: not."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError

from deploy.docker import secrets
from tests import backends
from tests.stack import ROOT, eventually

pytestmark = pytest.mark.docker
RUNS = {"intake", "assessment", "funding", "aftercare", "line", "kafka", "database", "line-database", "identity",
        "identity-database", "proxy"}  # fmt: skip
Compose = Callable[..., str]


def why_not() -> str:
    """Why it cannot be brought up here; empty when it can."""
    docker = shutil.which("docker")
    if docker is None:
        return "no docker client"
    if not backends.docker_runs():
        return "no Docker daemon answers"
    version = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
    return "" if version.returncode == 0 else "the docker client has no compose"


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """Runs `docker compose` on a copy of the project, in a place of its own that is gone afterwards."""
    if reason := why_not():
        pytest.skip(f"not brought up: {reason}")
    folder = tmp_path_factory.mktemp("place") / "project"
    left_out = shutil.ignore_patterns(".git", ".cache", ".venv", ".data", ".secrets", "tests")
    shutil.copytree(ROOT, folder, ignore=left_out)
    secrets.write(folder / ".secrets", secrets.Place())
    place = {
        "OIN": "00000001234567890000", "OFFICER_MAIL": "officer@example.test", "SMTP_HOST": "mail.example.test",
        "MUNICIPALITIES": '["9901", "9902"]', "COMPOSE_PROJECT_NAME": f"veilig-{uuid.uuid4().hex[:8]}",
    }  # fmt: skip

    def run(*arguments: str, seconds: float = 1800.0) -> str:
        command = ["docker", "compose", *arguments]
        answer = subprocess.run(
            command, cwd=folder, env=os.environ | place, capture_output=True, text=True, timeout=seconds, check=False
        )
        assert answer.returncode == 0, answer.stderr[-2000:]
        return answer.stdout

    try:
        run("build")
        run("up", "--detach", "--wait", "--wait-timeout", "600")
        yield run
    finally:
        run("--profile", "*", "down", "--volumes", "--timeout", "30")


def states(compose: Compose) -> dict[str, str]:
    """Each part that runs -> what its health check says."""
    lines = [json.loads(line) for line in compose("ps", "--format", "json").splitlines()]
    return {one["Service"]: one["Health"] for one in lines}


def test_everything_is_healthy_and_people_reach_the_start_page(compose: Compose) -> None:
    assert eventually(lambda: {name for name, health in states(compose).items() if health == "healthy"} >= RUNS, 300)
    page = compose(
        "exec", "-T", "proxy", "wget", "-q", "-O", "-", "--no-check-certificate", "https://127.0.0.1/intake/"
    )
    assert "<html" in page


def test_nothing_in_a_service_can_be_written_but_its_temporary_folder(compose: Compose) -> None:
    said = compose(
        "exec", "-T", "intake", "python", "-c",
        "import pathlib\ntry:\n pathlib.Path('/app/x').touch()\nexcept OSError as e: print(e.errno)\n"
        "pathlib.Path('/tmp/x').touch()",
    )  # fmt: skip
    assert said.strip() == "30", "a read-only file system"


def test_everything_is_healthy_again_after_kafka_and_database_started_anew(compose: Compose) -> None:
    compose("restart", "kafka", "database")
    assert eventually(lambda: {name for name, health in states(compose).items() if health == "healthy"} >= RUNS, 300)


OWN, OTHER = "partner.municipality.9901.measures", "partner.municipality.9902.measures"
SENDS = f"""
import asyncio
from aiokafka import AIOKafkaProducer
from shared.runtime.environment import Settings

async def main():
    async with AIOKafkaProducer(**Settings().client()) as producer:
        await producer.send_and_wait("{OWN}", b"rehearsal")

asyncio.run(main())
"""


@pytest.fixture
def as_partner(compose: Compose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """How a municipality connects with the folder that `tools partner add` made, from outside every network."""
    compose(
        "run", "--rm", "-T", "tools", "partner", "add", "municipality:9901", "--oin", "00000001001234567000",
        "--address", f"{secrets.HOST}:9094",
    )  # fmt: skip
    packed = "tar -C /desk/.secrets/partners/municipality.9901 -c . | base64"
    folder = compose("run", "--rm", "-T", "--entrypoint", "sh", "tools", "-c", packed)
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(folder))) as files:
        files.extractall(tmp_path, filter="data")
    context = ssl.create_default_context(cafile=tmp_path / "broker-ca.crt")
    context.load_cert_chain(tmp_path / "client.crt", tmp_path / "client.key")
    found = socket.getaddrinfo  # a name server may not know the name of the example, which is this machine
    here = {secrets.HOST: "127.0.0.1"}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: found(here.get(host, host), *more, **named))
    return {"bootstrap_servers": f"{secrets.HOST}:9094", "security_protocol": "SSL", "ssl_context": context}


async def test_a_partner_reads_its_own_topic_and_neither_anothers_nor_writes(
    compose: Compose, as_partner: dict[str, Any]
) -> None:
    compose("exec", "-T", "funding", "python", "-c", SENDS)
    async with asyncio.timeout(120):
        assert await first(OWN, as_partner) == b"rehearsal"
        with pytest.raises(TopicAuthorizationFailedError):
            await first(OTHER, as_partner)
        async with AIOKafkaProducer(**as_partner) as writer:
            with pytest.raises(TopicAuthorizationFailedError):
                await writer.send_and_wait(OWN, b"mine")


async def first(topic: str, known: dict[str, Any]) -> bytes | None:
    """The first record of a topic, read in a group of this partner's own."""
    group = "partner.municipality.9901.desk"
    async with AIOKafkaConsumer(topic, **known, group_id=group, auto_offset_reset="earliest") as reader:
        value: bytes | None = (await reader.getone()).value
        return value


def test_the_story_holds_against_the_demonstration(compose: Compose) -> None:
    compose("up", "--detach", "--wait", "--wait-timeout", "300", "demo")
    told = subprocess.run(
        [sys.executable, "-m", "deploy.cli.main", "story", "village-alderman", "--url", "http://127.0.0.1:8080"],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]
