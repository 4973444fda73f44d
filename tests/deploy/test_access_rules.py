"""The broker's access rules, in the table and on Apache Kafka with the very file that docker compose mounts.

Each partner reads its own topics and nothing else, writes nothing, and has its own groups; each service does its work.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from deploy.contracts.subscriptions import readings
from deploy.docker.certificates import Pair
from deploy.kafka import apache
from deploy.local.temporary import secured_kafka
from deploy.partners import authority, files, rules
from deploy.partners.broker import AccessDesk, BrokerRefuses
from deploy.partners.rules import Operation, Resource, Rule
from shared.contracts.topics import BZK_SAFETY_NET, IVP_CALLBACKS, internal_topics, partner_topics, replay_topic
from shared.runtime.environment import Settings
from shared.runtime.kafka import ensure_topics
from shared.runtime.kafka_access import KafkaAccess
from tests import backends

TOWNS = ("9901", "9902")
HOST = apache.HOST
OIN = "00000001234567890000"
OTHER_OIN = "00000009876543210000"
EVERY = rules.of_services(TOWNS)


def may(principal: str, operation: Operation) -> set[str]:
    return {rule.name for rule in EVERY if (rule.principal, rule.operation) == (principal, operation)}


def test_a_service_reads_what_it_subscribed_to_and_fills_its_own_topics_alone() -> None:
    for one in readings():
        assert {one.topic.name, replay_topic(one.group).name} <= may(one.service, Operation.READ)
    for topic in (*internal_topics(), *partner_topics(TOWNS)):
        writers = {rule.principal for rule in EVERY if rule.name == topic.name and rule.operation is Operation.WRITE}
        home = topic.name.partition(".")[0]
        if topic.name in ("dead-letters", "dead-letters.handled"):
            continue
        assert writers, f"nobody may fill {topic.name}"
        assert home == "partner" or writers <= {home, rules.LINE}, topic.name
    assert may(rules.LINE, Operation.WRITE) == {"aftercare.confidential-line"}
    assert not may(rules.LINE, Operation.READ), "the line hears nothing"


@pytest.mark.parametrize("partner", ["bzk", "ivp", "municipality:9901", "municipality:9901:invoices"])
def test_a_partner_only_reads_its_own(partner: str) -> None:
    found = rules.of_partner(partner, "somebody")
    assert {rule.name for rule in found if rule.resource is Resource.TOPIC} == {
        topic.name for topic in rules.topics_of(partner)
    }
    assert {rule.operation for rule in found} == {Operation.DESCRIBE, Operation.READ}
    (group,) = [rule for rule in found if rule.resource is Resource.GROUP]
    assert group.prefixed and group.name.endswith(".") and group.name.startswith("partner.")


@pytest.mark.parametrize(
    "name", ["", "press", "municipality", "municipality:99", "municipality:9901:measures", "bzk:x"]
)
def test_nobody_else_is_a_partner(name: str) -> None:
    with pytest.raises(ValueError, match="a partner is"):
        rules.topics_of(name)


def test_prefixes_of_groups_do_not_overlap() -> None:
    """9901 must not be let into the groups of its own bills' readers, nor 990 into those of 9901."""
    partners = ("bzk", "ivp", "municipality:9901", "municipality:9902")
    prefixes = [rules.group_prefix(one) for one in partners]
    assert not [(a, b) for a in prefixes for b in prefixes if a != b and b.startswith(a)]


@dataclass(frozen=True)
class Secured:
    """A broker with all rules written, and two partners: one by certificate, one by password."""

    folder: Path
    ports: apache.Ports
    desk: AccessDesk
    password: str

    def inside(self, name: str) -> KafkaAccess:
        """As one of our own."""
        values = files.access_settings(self.folder, name, f"{HOST}:{self.ports.internal}")
        return KafkaAccess.model_validate({key.removeprefix("VEILIG_").lower(): one for key, one in values.items()})

    def partner(self) -> KafkaAccess:
        """The ministry, with its certificate."""
        return KafkaAccess(
            kafka_bootstrap_servers=f"{HOST}:{self.ports.partners}", kafka_security="tls",
            kafka_ca_file=self.folder / "internal-ca.crt", kafka_cert_file=self.folder / "bzk.crt",
            kafka_key_file=self.folder / "bzk.key",
        )  # fmt: skip

    def account(self) -> KafkaAccess:
        """The IVP, with a password."""
        file = self.folder / "ivp.password"
        return KafkaAccess(
            kafka_bootstrap_servers=f"{HOST}:{self.ports.accounts}", kafka_security="scram",
            kafka_ca_file=self.folder / "internal-ca.crt", kafka_user="ivp", kafka_password_file=file,
        )  # fmt: skip


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Apache Kafka from Maven Central. In CI it may not be missing."""
    if (reason := apache.why_not()) is not None:
        backends.missing(reason)
    folder = tmp_path_factory.mktemp("secrets")
    now = datetime.now(UTC)
    files.make_keys(folder, ("localhost", "kafka", HOST), now)
    bzk = authority.partner_certificate(files.partner_authority(folder), "Ministerie Voorbeeld", OIN, now)
    authority.write_pair(folder, "bzk", bzk)
    with secured_kafka(folder) as ports:
        administrator = KafkaAccess.model_validate(
            {
                key.removeprefix("VEILIG_").lower(): one
                for key, one in files.access_settings(folder, rules.ADMINISTRATOR, f"{HOST}:{ports.internal}").items()
            }
        )
        desk, password = AccessDesk(administrator), uuid.uuid4().hex
        topics = (*internal_topics(), *partner_topics(TOWNS))
        settings = Settings.model_validate(
            administrator.model_dump() | {"environment": "local", "kafka_replication": 1}
        )
        asyncio.run(ensure_topics(settings, topics))
        desk.allow(EVERY)
        desk.allow(rules.of_partner("bzk", rules.oin_principal(OIN)))
        (folder / "ivp.password").write_text(password)
        desk.set_password("ivp", password)
        desk.allow(rules.of_partner("ivp", "ivp"))
        yield Secured(folder, ports, desk, password)


async def writes(access: KafkaAccess, topic: str, value: bytes = b"{}") -> None:
    async with AIOKafkaProducer(**access.client(), acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def reads(access: KafkaAccess, topic: str, group: str) -> bytes | None:
    """The first record that this account gets of the topic."""
    consumer = AIOKafkaConsumer(topic, **access.client(), group_id=group, auto_offset_reset="earliest")
    async with asyncio.timeout(60), consumer:
        record = await consumer.getone()
        await consumer.commit()
        return record.value


async def test_what_the_broker_has_is_what_the_table_says(secured: Secured) -> None:
    assert [rule for rule in secured.desk.rules() if rule.principal in files.CLIENTS] == EVERY


async def test_a_partner_reads_its_topic_with_its_certificate(secured: Secured) -> None:
    await writes(secured.inside("funding"), BZK_SAFETY_NET.name, b"for the ministry")
    assert await reads(secured.partner(), BZK_SAFETY_NET.name, "partner.bzk.desk") == b"for the ministry"


async def test_a_partner_reads_its_topic_with_a_password(secured: Secured) -> None:
    await writes(secured.inside("aftercare"), IVP_CALLBACKS.name, b"for the ivp")
    assert await reads(secured.account(), IVP_CALLBACKS.name, "partner.ivp.desk") == b"for the ivp"


@pytest.mark.parametrize("topic", ["partner.ivp.callbacks", "intake.reporting", "partner.municipality.9901.measures"])
async def test_a_partner_is_refused_anothers_topic(secured: Secured, topic: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        await reads(secured.partner(), topic, "partner.bzk.desk")


async def test_a_partner_is_refused_any_write_and_anothers_group(secured: Secured) -> None:
    with pytest.raises(KafkaError):
        await writes(secured.partner(), BZK_SAFETY_NET.name)
    with pytest.raises(GroupAuthorizationFailedError):
        await reads(secured.partner(), BZK_SAFETY_NET.name, "partner.ivp.desk")


async def test_a_service_is_refused_what_is_not_its_own(secured: Secured) -> None:
    """INV-6: even our own service cannot look where it has nothing to do."""
    with pytest.raises(TopicAuthorizationFailedError):
        await reads(secured.inside("funding"), "assessment.weighing.restricted", "funding.curious")
    with pytest.raises(KafkaError):
        await writes(secured.inside("intake"), "partner.bzk.safety-net")


async def test_who_has_no_certificate_of_ours_gets_no_connection(secured: Secured) -> None:
    """A partner's certificate opens nothing on the inside, and nobody comes in without one."""
    inside = secured.partner().model_copy(update={"kafka_bootstrap_servers": f"{HOST}:{secured.ports.internal}"})
    for access in (inside, KafkaAccess(kafka_bootstrap_servers=f"{HOST}:{secured.ports.partners}")):
        with pytest.raises(KafkaError):
            await writes(access, BZK_SAFETY_NET.name)


LIKE_A_NUMBER = f"2.5.4.5=#1314{OIN.encode().hex()}"


@pytest.mark.parametrize(
    "beside",
    [
        (NameOID.COMMON_NAME, f"x{LIKE_A_NUMBER}"),
        (NameOID.COMMON_NAME, f"x,{LIKE_A_NUMBER}"),
        (NameOID.COMMON_NAME, f"x+{LIKE_A_NUMBER}"),
        (NameOID.COMMON_NAME, f"x\\\\,{LIKE_A_NUMBER}"),
        (x509.ObjectIdentifier("1.2.5.4.5"), OIN),
    ],
    ids=["name", "comma", "plus", "backslash", "attribute"],
)
async def test_another_partners_number_elsewhere_in_ones_own_certificate_opens_nothing(
    secured: Secured, tmp_path: Path, beside: tuple[x509.ObjectIdentifier, str]
) -> None:
    """An authority vouches for the number; what stands beside it may look like one."""
    by, key, now = files.partner_authority(secured.folder), ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    kind, text = beside
    subject = [
        x509.NameAttribute(NameOID.SERIAL_NUMBER, OTHER_OIN, _ASN1Type.PrintableString),
        x509.NameAttribute(kind, text, _ASN1Type.PrintableString if text == OIN else _ASN1Type.UTF8String),
    ]
    for number, order in enumerate((subject, subject[::-1])):
        made = (
            x509.CertificateBuilder().subject_name(x509.Name(order)).issuer_name(by.certificate.subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5)).not_valid_after(now + timedelta(days=1))
            .sign(by.key, hashes.SHA256())
        )  # fmt: skip
        authority.write_pair(tmp_path, f"{number}", Pair(made, key))
        access = secured.partner().model_copy(
            update={"kafka_cert_file": tmp_path / f"{number}.crt", "kafka_key_file": tmp_path / f"{number}.key"}
        )
        with pytest.raises(TopicAuthorizationFailedError):
            await reads(access, BZK_SAFETY_NET.name, "partner.bzk.desk")


async def test_a_partner_that_left_reads_nothing_any_more(secured: Secured) -> None:
    account = "leaver"
    (secured.folder / "leaver.password").write_text("voorbeeld-wachtwoord-1")
    secured.desk.set_password(account, "voorbeeld-wachtwoord-1")
    secured.desk.allow(rules.of_partner("ivp", account))
    access = secured.account().model_copy(
        update={"kafka_user": account, "kafka_password_file": secured.folder / "leaver.password"}
    )
    await writes(secured.inside("aftercare"), IVP_CALLBACKS.name, b"once")
    assert await reads(access, IVP_CALLBACKS.name, "partner.ivp.leaver")
    secured.desk.drop(rules.of_partner("ivp", account))
    with pytest.raises(TopicAuthorizationFailedError):
        await reads(access, IVP_CALLBACKS.name, "partner.ivp.leaver")
    secured.desk.drop_password(account)
    with pytest.raises(KafkaError):
        await reads(access, IVP_CALLBACKS.name, "partner.ivp.leaver")


def test_whoever_is_not_the_administrator_writes_no_rules(secured: Secured) -> None:
    with pytest.raises(BrokerRefuses, match="refuses"):
        AccessDesk(secured.inside("operator")).allow([Rule("x", Resource.TOPIC, "intake.reporting", Operation.READ)])
