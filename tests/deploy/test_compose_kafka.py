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

import pytest
import yaml
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError

from deploy.docker import certificates, secrets
from deploy.kafka import apache
from deploy.local import embedded
from deploy.local.children import Child
from shared.runtime.environment import utc_now
from tests import backends
from tests.deploy.commands import veilig
from tests.stack import ROOT, free_port

pytestmark = pytest.mark.slow
PROPERTIES = ROOT / "deploy" / "docker" / "server.properties"
CLUSTER = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["kafka"]["environment"]["CLUSTER_ID"]


@dataclass(frozen=True)
class Running:
    """The broker, its doors, and what `make secrets` made."""

    bus: str
    partners: str
    made: Path

    def known_as(self, name: str) -> ssl.SSLContext:
        """Who shows the certificate of this name."""
        context = ssl.create_default_context(cafile=str(self.made / "kafka" / "trusted.pem"))
        context.load_cert_chain(self.made / "kafka" / f"{name}.pem", self.made / "kafka" / f"{name}-key.pem")
        return context


def java(main: str, *arguments: str) -> list[str]:
    return [apache.java() or "java", "-Xmx256m", "-cp", f"{apache.JARS}{os.sep}*", main, *arguments]


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    if (reason := apache.why_not()) is not None:
        if backends.CI:
            pytest.fail(f"CI must have a real Kafka: {reason}")
        pytest.skip(f"no Apache Kafka here: {reason}")
    apache.fetch_jars()
    folder = tmp_path_factory.mktemp("compose-kafka")
    made = folder / "made"
    secrets.write(made, secrets.Place("localhost"))
    bus, partners, controller = free_port(), free_port(), free_port()
    parts = {name: folder / name for name in ("default", "mounted", "final")}
    for part in parts.values():
        part.mkdir()
    text = PROPERTIES.read_text().replace("/etc/kafka/secrets", str(made / "kafka"))
    text = text.replace("/var/lib/kafka/data", str(folder / "data")).replace(
        "127.0.0.1:9093", f"127.0.0.1:{controller}"
    )
    (parts["mounted"] / "server.properties").write_text(text)
    (parts["default"] / "server.properties").write_text("")
    for name in ("log4j2.yaml", "tools-log4j2.yaml"):
        (parts["default"] / name).write_text("Configuration:\n  Loggers:\n    Root:\n      level: warn\n")
    doors = {
        "KAFKA_LISTENERS": f"BUS://127.0.0.1:{bus},CONTROLLER://127.0.0.1:{controller},PARTNERS://127.0.0.1:{partners}",
        "KAFKA_ADVERTISED_LISTENERS": f"BUS://127.0.0.1:{bus},PARTNERS://localhost:{partners}",
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
        answers = embedded.wait_for(lambda: embedded.broker_answers(f"127.0.0.1:{bus}"), seconds=90)
        assert answers, child.last_line()
        yield Running(f"127.0.0.1:{bus}", f"localhost:{partners}", made)
    finally:
        child.stop(15)


@pytest.fixture
async def topics(kafka: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the service `init` makes; given again it changes nothing."""
    monkeypatch.setenv("VEILIG_KAFKA_BOOTSTRAP_SERVERS", kafka.bus)
    monkeypatch.setenv("VEILIG_KAFKA_REPLICATION", "1")
    monkeypatch.setenv("VEILIG_MUNICIPALITIES", '["9901"]')
    for _ in range(2):
        assert (await veilig("init")).status == 0


async def test_init_makes_the_topics_by_the_bus(kafka: Running, topics: None) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bus)
    await admin.start()
    try:
        there = set(await admin.list_topics())
    finally:
        await admin.close()
    assert {"intake.reporting", "partner.municipality.9901.measures", "dead-letters"} <= there
    assert [one for one in there if one.startswith("replay.assessment")]


async def test_a_partner_with_a_certificate_and_no_grant_may_do_nothing(kafka: Running, topics: None) -> None:
    root = certificates.Pair(
        certificates.x509.load_pem_x509_certificate((kafka.made / "kafka" / "authority.pem").read_bytes()),
        certificates.serialization.load_pem_private_key(  # type: ignore[arg-type]
            (kafka.made / "kafka" / "authority-key.pem").read_bytes(), None
        ),
    )
    partner = certificates.signed(root, "partner.bzk", utc_now())
    (kafka.made / "kafka" / "partner.bzk.pem").write_text(partner.certificate_pem)
    (kafka.made / "kafka" / "partner.bzk-key.pem").write_text(partner.key_pem)
    known = {"security_protocol": "SSL", "ssl_context": kafka.known_as("partner.bzk")}
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.partners, **known)
    await consumer.start()
    try:
        assert await consumer.topics() == set(), "it is not even told which topics there are"
    finally:
        await consumer.stop()
    producer = AIOKafkaProducer(bootstrap_servers=kafka.partners, request_timeout_ms=5_000, **known)
    await producer.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("partner.bzk.safety-net", b"x")
    finally:
        await producer.stop()


async def test_the_operator_is_known_by_the_certificate_and_may_look(kafka: Running, topics: None) -> None:
    known = {"security_protocol": "SSL", "ssl_context": kafka.known_as("operator")}
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.partners, **known)
    await consumer.start()
    try:
        assert "intake.reporting" in await consumer.topics()
    finally:
        await consumer.stop()


@pytest.mark.parametrize("certificate", ["none", "of another authority"])
async def test_without_a_certificate_of_ours_nobody_comes_in(kafka: Running, tmp_path: Path, certificate: str) -> None:
    context = ssl.create_default_context(cafile=str(kafka.made / "kafka" / "trusted.pem"))
    if certificate != "none":
        stranger = certificates.signed(certificates.authority("other", utc_now()), "operator", utc_now())
        (tmp_path / "c.pem").write_text(stranger.certificate_pem + stranger.key_pem)
        context.load_cert_chain(tmp_path / "c.pem")
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.partners, security_protocol="SSL", ssl_context=context, request_timeout_ms=5_000
    )
    try:
        with pytest.raises(KafkaConnectionError):
            await consumer.start()
    finally:
        await consumer.stop()
