"""The broker of docker-compose.yml on a real Apache Kafka: its settings are read as the image reads them, and hold.

Certificates are those of `make secrets`. Only addresses and folders are other than in a container.
"""

from __future__ import annotations

import os
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError

from deploy.docker import certificates, secrets
from deploy.kafka import apache
from deploy.local import embedded
from deploy.local.children import Child
from deploy.local.temporary import listens
from deploy.partners import authority, files, rules
from shared.runtime.environment import utc_now
from shared.runtime.kafka_access import KafkaAccess
from tests import backends
from tests.deploy.commands import veilig
from tests.stack import ROOT, free_port

pytestmark = pytest.mark.slow
OIN = "00000001234567890000"
PROPERTIES = apache.SECURED
CLUSTER = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["kafka"]["environment"]["CLUSTER_ID"]


@dataclass(frozen=True)
class Running:
    """The broker, its doors for our services and for partners, and what `make secrets` made."""

    internal: str
    partners: str
    keys: Path

    def known_as(self, name: str) -> dict[str, Any]:
        """Options of one of our own, with the certificate of this name."""
        values = files.access_settings(self.keys, name, self.internal)
        fields = {key.removeprefix("VEILIG_").lower(): one for key, one in values.items()}
        return KafkaAccess.model_validate(fields).client()

    def partner(self, certificate: Path | None) -> dict[str, Any]:
        """Options of who comes by the partners' door, with this certificate and key in one file, or none."""
        context = ssl.create_default_context(cafile=str(self.keys / "internal-ca.crt"))
        if certificate is not None:
            context.load_cert_chain(certificate)
        return {"bootstrap_servers": self.partners, "security_protocol": "SSL", "ssl_context": context}


def java(main: str, *arguments: str) -> list[str]:
    return [apache.java() or "java", "-Xmx256m", "-cp", f"{apache.JARS}{os.sep}*", main, *arguments]


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    if (reason := apache.why_not()) is not None:
        backends.missing(f"no Apache Kafka here: {reason}")
    apache.fetch_jars()
    folder = tmp_path_factory.mktemp("compose-kafka")
    made = folder / "made"
    secrets.write(made, secrets.Place("localhost"))
    internal, partners, accounts, controller = (free_port() for _ in range(4))
    parts = {name: folder / name for name in ("default", "mounted", "final")}
    for part in parts.values():
        part.mkdir()
    text = PROPERTIES.read_text().replace("/etc/kafka/secrets", str(made / "kafka"))
    text = text.replace("/var/lib/kafka/data", str(folder / "data")).replace(
        "127.0.0.1:9091", f"127.0.0.1:{controller}"
    )
    (parts["mounted"] / "server.properties").write_text(text)
    (parts["default"] / "server.properties").write_text("")
    for name in ("log4j2.yaml", "tools-log4j2.yaml"):
        (parts["default"] / name).write_text("Configuration:\n  Loggers:\n    Root:\n      level: warn\n")
    ports = {"INTERNAL": internal, "PARTNERS": partners, "ACCOUNTS": accounts}
    shown = [f"{name}://127.0.0.1:{port}" for name, port in ports.items()]
    doors = {
        "KAFKA_LISTENERS": ",".join([f"CONTROLLER://127.0.0.1:{controller}", *shown]),
        "KAFKA_ADVERTISED_LISTENERS": ",".join(shown),
        "CLUSTER_ID": CLUSTER,
    }
    env = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA")} | doors
    folders = [f"--{option}-configs-dir={path}" for option, path in parts.items()]
    setup = java("kafka.docker.KafkaDockerWrapper", "setup", *folders)
    answer = subprocess.run(setup, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr[-800:]
    command = java("kafka.Kafka", str(parts["final"] / "server.properties"))
    child = Child("kafka", command, log=folder / "kafka.log", env=env, cwd=folder)
    child.start()
    try:
        there = (internal, partners, accounts)
        assert embedded.wait_for(lambda: not child.alive() or all(map(listens, there)), seconds=90), child.last_line()
        assert child.alive(), child.last_line()
        yield Running(f"127.0.0.1:{internal}", f"127.0.0.1:{partners}", made / "kafka")
    finally:
        child.stop(15)


@pytest.fixture
async def ready(kafka: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the service `init` makes; given again it changes nothing."""
    for name, value in files.access_settings(kafka.keys, rules.ADMINISTRATOR, kafka.internal).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VEILIG_KAFKA_REPLICATION", "1")
    monkeypatch.setenv("VEILIG_MUNICIPALITIES", '["9901"]')
    for _ in range(2):
        ended = await veilig("init")
        assert ended.status == 0, ended.err
    assert "0 added, 0 taken away" in ended.out


async def test_init_makes_the_topics_and_each_service_is_let_in_to_its_own(kafka: Running, ready: None) -> None:
    consumer = AIOKafkaConsumer(**kafka.known_as("assessment"))
    await consumer.start()
    try:
        there = await consumer.topics()
    finally:
        await consumer.stop()
    assert {"intake.reporting", "assessment.measures"} <= there and "funding.safety-net" not in there
    assert [one for one in there if one.startswith("replay.assessment")]


async def test_a_partner_with_a_certificate_and_no_grant_may_do_nothing(
    kafka: Running, ready: None, tmp_path: Path
) -> None:
    pair = authority.partner_certificate(files.partner_authority(kafka.keys), "bzk", OIN, utc_now())
    (tmp_path / "both.pem").write_text(pair.certificate_pem + pair.key_pem)
    known = kafka.partner(tmp_path / "both.pem")
    consumer = AIOKafkaConsumer(**known)
    await consumer.start()
    try:
        assert await consumer.topics() == set(), "it is not even told which topics there are"
    finally:
        await consumer.stop()
    producer = AIOKafkaProducer(request_timeout_ms=5_000, **known)
    await producer.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("partner.bzk.safety-net", b"x")
    finally:
        await producer.stop()


async def test_the_operator_is_known_by_the_certificate_and_may_look(kafka: Running, ready: None) -> None:
    consumer = AIOKafkaConsumer(**kafka.known_as(rules.OPERATOR))
    await consumer.start()
    try:
        assert "intake.reporting" in await consumer.topics()
    finally:
        await consumer.stop()


@pytest.mark.parametrize("certificate", ["none", "of another authority", "of our own services"])
async def test_without_a_partners_certificate_nobody_comes_in(kafka: Running, tmp_path: Path, certificate: str) -> None:
    file: Path | None = None
    if certificate != "none":
        file = tmp_path / "both.pem"
        if certificate == "of our own services":
            names = ("intake.crt", "intake.key")
            file.write_text("".join((kafka.keys / name).read_text() for name in names))
        else:
            stranger = authority.partner_certificate(certificates.authority("other", utc_now()), "x", OIN, utc_now())
            file.write_text(stranger.certificate_pem + stranger.key_pem)
    consumer = AIOKafkaConsumer(request_timeout_ms=5_000, **kafka.partner(file))
    try:
        with pytest.raises(KafkaConnectionError):
            await consumer.start()
    finally:
        await consumer.stop()
