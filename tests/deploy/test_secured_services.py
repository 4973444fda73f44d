"""Our own services and the operator on Apache Kafka with TLS and access rules: each does its whole work as itself."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.cli import examining
from deploy.cli.following import Follower
from deploy.contracts.examples import partner_samples, sample
from deploy.contracts.subscriptions import BUILDERS, readings
from deploy.kafka import apache
from deploy.local.temporary import secured_kafka
from deploy.partners import authority, files, rules
from deploy.partners.broker import AccessDesk
from shared.contracts.aftercare import IvpCallbackDue
from shared.contracts.audiences import GRANTS, topic_of
from shared.contracts.envelope import Envelope, Event, Record
from shared.contracts.intake import IncidentReported
from shared.contracts.topics import DEAD_LETTERS, HOME, IVP_CALLBACKS, internal_topics, partner_topics, replay_topic
from shared.runtime.environment import Settings
from shared.runtime.failures import Health
from shared.runtime.kafka import Bus, ensure_topics
from shared.runtime.metrics import lags
from shared.web.catalogue import CONSUMER
from tests import backends
from tests.deploy.commands import veilig
from tests.wire.subscribing import eventually

TOWN = "9901"
HOST = apache.HOST
OIN = "00000001234567890000"
PATIENCE = 90.0
GROUPS = {one.group: [one.topic.name, replay_topic(one.group).name] for one in readings()}


class Place:
    """A broker with the rules of our own accounts."""

    def __init__(self, keys: Path, ports: apache.Ports) -> None:
        self.keys, self.ports = keys, ports

    def environment(self, name: str) -> dict[str, str]:
        """Of a client with the certificate of this name."""
        return files.access_settings(self.keys, name, f"{HOST}:{self.ports.internal}")

    def settings(self, name: str, **more: object) -> Settings:
        """As a service has them; the idempotent producer on, as in production."""
        fields: dict[str, object] = {
            key.removeprefix("VEILIG_").lower(): one for key, one in self.environment(name).items()
        }
        known = {"environment": "local", "kafka_replication": 1, "hold_seconds": 0.2, "graceful_seconds": 1.0}
        return Settings.model_validate(fields | known | more)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Apache Kafka from Maven Central. In CI it may not be missing."""
    if (reason := apache.why_not()) is not None:
        backends.missing(reason)
    keys = tmp_path_factory.mktemp("keys")
    files.make_keys(keys, ("localhost", HOST), datetime.now(UTC))
    with secured_kafka(keys) as ports:
        found = Place(keys, ports)
        administrator = found.settings(rules.ADMINISTRATOR)
        replays = [replay_topic(group) for group in GROUPS]
        asyncio.run(ensure_topics(administrator, (*internal_topics(), *partner_topics((TOWN,)), *replays)))
        AccessDesk(administrator).allow(rules.of_services((TOWN,)))
        yield found


Heard = set[tuple[str, str, str]]
"""Service, group, and id of the event."""


class Service:
    """What a service is to the broker: its subscriptions, each with a handler that notes, and its producer."""

    def __init__(self, name: str, settings: Settings, heard: Heard) -> None:
        self.name, self.health, self.heard, self.broken = name, Health(), heard, set[str]()
        self.bus = Bus(settings, self.health)
        for one in readings():
            if one.service == name:
                subscription = self.bus.subscription(one.topic, one.group)
                for event in one.events:
                    subscription.on(event)(self._handler(one.group, event))

    def _handler(self, group: str, event: type[Event]):  # type: ignore[no-untyped-def]
        async def handle(message) -> None:  # type: ignore[no-untyped-def]
            if group in self.broken:
                raise KeyError("a bug")
            self.heard.add((self.name, group, message.id))

        handle.__annotations__["message"] = Envelope[event]  # type: ignore[valid-type]
        return handle


@asynccontextmanager
async def running(place: Place, *names: str) -> AsyncIterator[tuple[dict[str, Service], Heard]]:
    """These services on the broker, until the end."""
    heard: Heard = set()
    made = {name: Service(name, place.settings(name), heard) for name in names}
    async with AsyncExitStack() as stack:
        for one in made.values():
            stack.push_async_callback(one.bus.stop)
            stack.push_async_callback(one.bus.stop_consuming)
        await asyncio.gather(*(one.bus.start() for one in made.values()))
        yield made, heard


def as_record(event: type[Event], topic: str, body: dict[str, object]) -> Record:
    """A record with an id of its own."""
    found = body | {"id": uuid.uuid4().hex}
    headers = {"content-type": "application/cloudevents+json; charset=UTF-8"}
    return Record(str(found["id"]), topic, "case", event.type_name(), json.dumps(found), headers)


async def test_each_service_sends_what_it_decides_and_hears_what_it_subscribed_to(place: Place) -> None:
    async with running(place, *BUILDERS) as (services, heard):
        expected: Heard = set()
        for event in sorted({one for reading in readings() for one in reading.events}, key=lambda one: one.__name__):
            topic = HOME[event]
            record = as_record(event, topic.name, sample(event, "complete"))
            await services[topic.name.partition(".")[0]].bus.publish(record)
            expected |= {
                (one.service, one.group, record.id) for one in readings() if one.topic == topic and event in one.events
            }
        for event, grants in GRANTS.items():
            for grant in grants:
                copy = as_record(event, topic_of(grant, TOWN).name, partner_samples(event, "complete")[grant.partner])
                await services[HOME[event].name.partition(".")[0]].bus.publish(copy)
        await eventually("all is heard", lambda: expected <= heard, PATIENCE)
        assert heard == expected
        for service in services.values():
            assert await service.bus.ping(5.0)
            assert not service.health.dead_letters
            told = await lags((one.group, one.consumer) for one in service.bus.subscriptions)
            assert {labels[0] for labels, _ in told} == {one.group for one in readings() if one.service == service.name}


async def test_what_a_service_cannot_handle_the_operator_finds_and_sends_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = "assessment.weighing.reports"
    for name, value in place.environment(rules.OPERATOR).items():
        monkeypatch.setenv(name, value)
    async with running(place, "intake", "assessment") as (services, heard):
        broken = services["assessment"].broken
        broken.add(group)
        record = as_record(IncidentReported, HOME[IncidentReported].name, sample(IncidentReported, "complete"))
        await services["intake"].bus.publish(record)
        await eventually("it is set apart", lambda: services["assessment"].health.dead_letters == 1, PATIENCE)
        (row,) = (await veilig("dead-letters", "list", "--json", "--subscription", group)).json
        broken.clear()
        ended = await veilig("dead-letters", "replay", row["id"], "--as", "op-1", "--reason", "mended")
        assert ended.status == 0, ended.err
        await eventually("it is handled", lambda: ("assessment", group, record.id) in heard, PATIENCE)
        assert (await veilig("dead-letters", "list", "--fail-if-any", "--subscription", group)).status == 0


async def test_the_doctor_sees_as_the_operator_how_far_each_group_is_and_what_was_set_apart(place: Place) -> None:
    seen = await examining.broker(place.settings(rules.OPERATOR), GROUPS)
    assert not seen.away
    assert {group for group, _, _ in seen.then} == set(GROUPS)
    assert seen.letters is not None, "the dead letters can be read"


async def test_the_doctor_says_what_is_wrong_with_the_keys(place: Place) -> None:
    settings = place.settings(rules.OPERATOR, kafka_key_file=place.keys / "intake.key")
    assert "do not fit together" in (await examining.broker(settings, GROUPS)).away


async def test_the_operator_follows_what_passes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in place.environment(rules.OPERATOR).items():
        monkeypatch.setenv(name, value)
    record = as_record(IncidentReported, HOME[IncidentReported].name, sample(IncidentReported, "complete"))
    said: list[str] = []
    follower = Follower(
        f"{HOST}:{place.ports.internal}", lambda there: {one for one in there if one.startswith("intake.")},
        datetime.now(UTC) - timedelta(minutes=1), said.append,
    )  # fmt: skip
    async with running(place, "intake") as (services, _):
        await services["intake"].bus.publish(record)
    async with asyncio.timeout(PATIENCE):
        async for one in follower.records():
            if json.loads(one.value)["id"] == record.id:
                break
    assert not said, "nothing is refused and the broker is there"


async def test_the_operator_joins_no_group_of_a_service_and_sends_no_event(place: Place) -> None:
    """Whoever joins a group takes part of what is read away from the service."""
    may = {rule for rule in rules.of_services((TOWN,)) if rule.principal == rules.OPERATOR}
    assert not [
        rule for rule in may if rule.resource is rules.Resource.GROUP and rule.operation is rules.Operation.READ
    ]
    writable = {rule.name for rule in may if rule.operation is rules.Operation.WRITE}
    assert writable == {rules.REPLAY, "dead-letters.handled"} and DEAD_LETTERS.name not in writable


@pytest.mark.parametrize("by", ["certificate", "password"])
async def test_the_consumer_on_the_partners_page_reads_with_an_account(place: Place, tmp_path: Path, by: str) -> None:
    """The page is there for everybody; what it asks for is in the folder that a partner gets."""
    desk = AccessDesk(place.settings(rules.ADMINISTRATOR))
    if by == "certificate":
        pair = authority.partner_certificate(files.partner_authority(place.keys), "ivp", OIN, datetime.now(UTC))
        authority.write_pair(tmp_path, "client", pair)
        account, port = rules.oin_principal(OIN), place.ports.partners
        shown = {"KAFKA_CERT_FILE": str(tmp_path / "client.crt"), "KAFKA_KEY_FILE": str(tmp_path / "client.key")}
    else:
        account, port, password = "ivp", place.ports.accounts, uuid.uuid4().hex
        desk.set_password(account, password)
        shown = {"KAFKA_USER": account, "KAFKA_PASSWORD": password}
    desk.allow(rules.of_partner("ivp", account))
    copy = as_record(IvpCallbackDue, IVP_CALLBACKS.name, partner_samples(IvpCallbackDue, "complete")["ivp"])
    async with running(place, "aftercare") as (services, _):
        await services["aftercare"].bus.publish(copy)
    environment = shown | {
        "KAFKA_ADDRESS": f"{HOST}:{port}", "KAFKA_CA_FILE": str(place.keys / f"{files.INTERNAL}.crt"),
        "KAFKA_GROUP": f"{rules.group_prefix('ivp')}{by}",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(CONSUMER), env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            said = (await process.stdout.readline()).decode()
    finally:
        process.kill()
        await process.wait()
    assert said.startswith(IvpCallbackDue.type_name()), said


async def test_a_service_comes_in_with_a_password_where_a_place_wants_that(place: Place, tmp_path: Path) -> None:
    """SCRAM-SHA-512 over TLS, with the same rules: the account has the name that the certificate has elsewhere."""
    password = uuid.uuid4().hex
    AccessDesk(place.settings(rules.ADMINISTRATOR)).set_password("intake", password)
    (tmp_path / "password").write_text(password)
    settings = place.settings("intake").model_copy(
        update={
            "kafka_bootstrap_servers": f"{HOST}:{place.ports.accounts}", "kafka_security": "scram",
            "kafka_user": "intake", "kafka_password_file": tmp_path / "password",
        }
    )  # fmt: skip
    heard: Heard = set()
    intake = Service("intake", settings, heard)
    try:
        await intake.bus.start()
        record = as_record(IncidentReported, HOME[IncidentReported].name, sample(IncidentReported, "complete"))
        await intake.bus.publish(record)
        await eventually("it is heard", lambda: ("intake", "intake.access.reports", record.id) in heard, PATIENCE)
    finally:
        await intake.bus.stop_consuming()
        await intake.bus.stop()
