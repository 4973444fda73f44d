"""The whole of docker-compose.yml on a Docker daemon: built, brought up, healthy, stopped. Where there is none: not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator

import pytest

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
    place = {"OIN": "00000001234567890000", "OFFICER_MAIL": "officer@example.test", "SMTP_HOST": "mail.example.test",
             "COMPOSE_PROJECT_NAME": f"veilig-{uuid.uuid4().hex[:8]}"}  # fmt: skip

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
        run("down", "--volumes", "--timeout", "30")


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


def test_it_comes_back_with_its_data(compose: Compose) -> None:
    compose("restart", "kafka", "database")
    assert eventually(lambda: {name for name, health in states(compose).items() if health == "healthy"} >= RUNS, 300)
