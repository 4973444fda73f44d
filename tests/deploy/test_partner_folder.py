"""A stranger with only the partner's folder reads a first event: with kcat, in Python and in Java."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.contracts.examples import partner_samples
from deploy.kafka import apache
from deploy.local import embedded
from deploy.local.temporary import secured_kafka
from deploy.partners import files, rules
from shared.contracts.funding import FundingRequested
from shared.contracts.topics import internal_topics, partner_topics
from shared.runtime.environment import Settings
from shared.runtime.kafka import ensure_topics
from shared.runtime.kafka_access import KafkaAccess
from tests import backends

OIN = "00000001234567890000"
HOST = apache.HOST
RUNNER = CliRunner()
EVENT = partner_samples(FundingRequested, "complete")["bzk"]


class Place:
    """A broker, its keys, and the folders of partners."""

    def __init__(self, folder: Path, ports: apache.Ports) -> None:
        self.keys, self.partners, self.ports = folder / "keys", folder / "partners", ports
        self.environment = files.access_settings(self.keys, rules.ADMINISTRATOR, f"{HOST}:{ports.internal}")

    def veilig(self, *words: str, status: int = 0) -> str:
        """The command, as the administrator."""
        where = ["--folder", str(self.partners)] if words[0] == "partner" else []
        keys = ["--keys", str(self.keys)] if words[:2] in (("partner", "add"), ("partner", "rotate")) else []
        ran = RUNNER.invoke(app, [*words, *where, *keys], env=self.environment)
        assert ran.exit_code == status, ran.output
        return ran.output

    async def sends(self, name: str, topic: str, event: dict[str, Any]) -> None:
        """One of our services sends an event."""
        values = files.access_settings(self.keys, name, f"{HOST}:{self.ports.internal}")
        access = KafkaAccess.model_validate({key.removeprefix("VEILIG_").lower(): one for key, one in values.items()})
        async with AIOKafkaProducer(**access.client(), acks="all") as producer:
            await producer.send_and_wait(topic, json.dumps(event).encode(), key=b"case")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Apache Kafka with access rules, and an event on the ministry's topic. In CI it may not be missing."""
    if (reason := apache.why_not()) is not None:
        backends.missing(reason)
    folder = tmp_path_factory.mktemp("place")
    files.make_keys(folder / "keys", ("localhost", HOST), datetime.now(UTC))
    with secured_kafka(folder / "keys") as ports:
        found = Place(folder, ports)
        fields = {key.removeprefix("VEILIG_").lower(): one for key, one in found.environment.items()}
        settings = Settings.model_validate(fields | {"environment": "local", "kafka_replication": 1})
        asyncio.run(ensure_topics(settings, (*internal_topics(), *partner_topics(("9901",)))))
        found.veilig("acls", "apply", "--municipality", "9901")
        asyncio.run(found.sends("funding", "partner.bzk.safety-net", EVENT))
        found.veilig("partner", "add", "bzk", "--oin", OIN, "--address", f"{HOST}:{ports.partners}")
        yield found


def first_line(command: list[str], folder: Path, **environment: str) -> str:
    """What a reader prints first, or what went wrong; then it is stopped."""
    with (folder / "said").open("w+") as said, (folder / "wrong").open("w+") as wrong:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(os.environ) | environment, stdout=said, stderr=wrong, start_new_session=True
        )
        try:
            embedded.wait_for(lambda: "\n" in (folder / "said").read_text() or process.poll() is not None, seconds=120)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
    return (folder / "said").read_text() or (folder / "wrong").read_text()[-2_000:]


def needs(*commands: str) -> None:
    for command in commands:
        if shutil.which(command) is None:
            backends.missing(f"no {command} here")


def in_python(folder: Path) -> str:
    return first_line([sys.executable, "consumer.py"], folder / "python", PYTHONPATH="")


def with_kcat(folder: Path) -> str:
    needs("kcat")
    return first_line(["sh", "kcat.sh"], folder)


def in_java(folder: Path) -> str:
    needs("mvn", "javac")
    return first_line(["mvn", "-q", "-B", "compile", "exec:java"], folder / "java")


@pytest.mark.parametrize("read", [in_python, with_kcat, in_java])
def test_a_first_event_with_a_certificate(place: Place, tmp_path: Path, read: Callable[[Path], str]) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(place.partners / "bzk", folder)
    assert FundingRequested.type_name() in read(folder)


@pytest.mark.parametrize("read", [in_python, in_java])  # kcat only with a newer librdkafka than Debian has
async def test_a_first_event_with_a_password(place: Place, tmp_path: Path, read: Callable[[Path], str]) -> None:
    there = place.partners / "ivp"
    if not there.exists():
        place.veilig("partner", "add", "ivp", "--password", "--address", f"{HOST}:{place.ports.accounts}")
        await place.sends("aftercare", "partner.ivp.callbacks", EVENT)
    folder = tmp_path / "elsewhere"
    shutil.copytree(there, folder)
    assert FundingRequested.type_name() in await asyncio.to_thread(read, folder)


def test_the_check_finds_a_reader_that_handles_twice(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(place.partners / "bzk", folder)

    def check() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "check.py"], cwd=folder / "python", capture_output=True, text=True, timeout=60, check=False
        )

    good = check()
    assert good.returncode == 0 and "Your reader is right" in good.stdout, good.stdout + good.stderr
    reader = folder / "python" / "consumer.py"
    reader.write_text(reader.read_text().replace("    seen.add(known)\n", ""))
    bad = check()
    assert bad.returncode == 1 and "handled twice" in bad.stdout


def test_the_folder_has_this_partners_contracts_alone_and_keys_that_only_the_owner_reads(place: Place) -> None:
    folder = place.partners / "bzk"
    document = json.loads((folder / "asyncapi.json").read_text())
    assert {one["address"] for one in document["channels"].values()} == {"partner.bzk.safety-net"}
    assert all("bzk" in key for key in document["components"]["messages"])
    for sample in (folder / "samples").glob("*.json"):
        event = json.loads(sample.read_text())
        (listed,) = [one for one in json.loads((folder / "events.json").read_text()) if one["type"] == event["type"]]
        schema = json.loads((folder / "schemas" / listed["schema"]).read_text())
        Draft202012Validator(schema).validate(event["data"])
    for name in ("client.key", "client.pem", "partner.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert "@FOLDER@" not in (folder / "README.md").read_text() and "{" not in (folder / "kcat.sh").read_text()


def test_a_municipality_has_its_own_topic_and_not_its_bills(place: Place) -> None:
    place.veilig(
        "partner",
        "add",
        "municipality:9901",
        "--oin",
        "00000001001234567000",
        "--address",
        f"{HOST}:{place.ports.partners}",
    )
    document = json.loads((place.partners / "municipality.9901" / "asyncapi.json").read_text())
    assert {one["address"] for one in document["channels"].values()} == {"partner.municipality.9901.measures"}


def test_list_rotate_and_remove(place: Place) -> None:
    place.veilig("partner", "add", "municipality:9901:invoices", "--password", "--address", "kafka.example:9095")
    folder = place.partners / "municipality.9901.invoices"
    before = (folder / "password.txt").read_text()
    rows = json.loads(place.veilig("partner", "list", "--json"))
    mine = next(row for row in rows if row["partner"] == "municipality:9901:invoices")
    assert mine["topics"] == ["partner.municipality.9901.invoices"] and mine["as_it_should_be"]
    place.veilig("partner", "rotate", "municipality:9901:invoices")
    assert (folder / "password.txt").read_text() != before
    place.veilig("partner", "remove", "municipality:9901:invoices")
    assert not folder.exists() and "9901.invoices" not in place.veilig("partner", "list", "--json")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "press", "--oin", OIN, "--address", "x:1"), "a partner is"),
        (("add", "bzk", "--oin", "12", "--address", "x:1"), "twenty digits"),
        (("add", "bzk", "--oin", OIN, "--address", "x:1"), "has a folder already"),
        (("add", "ivp", "--password", "--oin", OIN, "--address", "x:1"), "Choose one"),
        (("rotate", "municipality:1234"), "not known here"),
        (("remove", "municipality:1234"), "not known here"),
    ],
)
def test_wrong_input_changes_nothing_and_is_one_sentence(place: Place, words: tuple[str, ...], said: str) -> None:
    before = place.veilig("partner", "list", "--json")
    told = place.veilig("partner", *words, status=2)
    assert said in told and len(told.strip().splitlines()) <= 2
    assert place.veilig("partner", "list", "--json") == before


def test_applying_twice_changes_nothing_and_a_rule_too_many_goes(place: Place) -> None:
    place.veilig("acls", "apply", "--municipality", "9901")
    assert place.veilig("acls", "apply", "--municipality", "9901").startswith("0 added, 0 taken away")
    assert "intake" in place.veilig("acls", "show", "--municipality", "9901")
    place.veilig("acls", "apply", "--municipality", "9901", "--municipality", "9902")
    assert "taken away" in place.veilig("acls", "apply", "--municipality", "9901")
