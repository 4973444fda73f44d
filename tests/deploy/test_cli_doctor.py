"""`veilig doctor` on a place that is in order, and on places where one thing is wrong: that one is named."""

from __future__ import annotations

import json
import secrets
import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.cli import examining, findings
from deploy.cli.doctor import BROKER_CURE
from deploy.cli.findings import NO_AUTHORIZER, Position, Rule, Sign
from deploy.contracts.subscriptions import readings
from deploy.local.server import MUNICIPALITIES
from deploy.local.temporary import Broker, Mongo, embedded_broker, free_port, settings_for
from shared.contracts.topics import DEAD_LETTERS, Topic, internal_topics, partner_topics, replay_topic
from shared.privacy.controllers import Controller
from shared.privacy.keyring import Keyring, keys_of
from shared.runtime.environment import utc_now
from shared.runtime.kafka import ensure_topics
from shared.runtime.mongo import Database, connect
from tests.access.signing import ISSUER, jwks_file
from tests.deploy.commands import Ended, veilig
from tests.wire.subscribing import event, produce

SERVICES = ("intake", "assessment", "funding", "aftercare")
GROUPS = {one.group for one in readings()}
EVERY = (*internal_topics(), *partner_topics(MUNICIPALITIES), *(replay_topic(group) for group in sorted(GROUPS)))
READY = {"database": True, "broker": True, "consuming": True, "loops": True}


@dataclass
class Answers:
    """What the services say. `apart`: how far their clock is from ours."""

    checks: dict[str, dict[str, bool]] = field(default_factory=lambda: {name: dict(READY) for name in SERVICES})
    apart: timedelta = timedelta(0)
    security_ends: datetime = field(default_factory=lambda: utc_now() + timedelta(days=180))


@contextmanager
def answering(answers: Answers) -> Iterator[str]:
    """Four services behind one address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.split("/")[1]
            told = f"Contact: mailto:x\nExpires: {answers.security_ends:%Y-%m-%dT%H:%M:%SZ}\n"
            self.send_response(200 if name in answers.checks or name == ".well-known" else 404)
            self.end_headers()
            body = json.dumps({"checks": answers.checks.get(name, {})})
            self.wfile.write((told if name == ".well-known" else body).encode())

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(utc_now() + answers.apart, usegmt=True)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Place:
    """One place with everything in order, until a test spoils it."""

    broker: Broker
    database: Database
    answers: Answers
    secrets_file: Path
    monkeypatch: pytest.MonkeyPatch
    wrapping: dict[str, dict[str, str]]

    def set(self, **settings: object) -> None:
        for name, value in settings.items():
            self.monkeypatch.setenv(f"VEILIG_{name.upper()}", str(value))

    def write_keys(self, **other: object) -> None:
        keys = {"reference_key": secrets.token_hex(32), "partner_key": secrets.token_hex(32)}
        self.secrets_file.write_text(json.dumps(keys | {"wrapping_keys": self.wrapping} | other))

    async def put(self, module: str, **fields: Any) -> None:
        document = {"_id": "kanarie-case", "saved_at": utc_now(), "look_at": utc_now(), "due": [], "state": {}}
        await self.database.collection(module).insert_one(document | fields)


@pytest.fixture(scope="module")
def kafka() -> Iterator[Broker]:
    """A broker of this file's own, with no topic yet."""
    with embedded_broker() as made:
        yield made


@pytest.fixture
async def place(kafka: Broker, mongo: Mongo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    prefix = f"t{uuid.uuid4().hex[:12]}"
    await ensure_topics(settings_for(kafka), EVERY)
    answers = Answers()
    with answering(answers) as url:
        database = connect(mongo.url, prefix=prefix)
        wrapping = {one.value: {"1": secrets.token_hex(32)} for one in Controller}
        made = Place(kafka, database, answers, tmp_path / "secrets.json", monkeypatch, wrapping)
        made.set(
            environment="production", mongo_url=mongo.url, database_prefix=prefix, url=url,
            kafka_bootstrap_servers=kafka.bootstrap, kafka_end_offsets="false", secrets_file=made.secrets_file,
            municipalities=json.dumps(MUNICIPALITIES), oin="00000001234567890000", issuer=ISSUER,
            jwks_file=jwks_file(),
        )  # fmt: skip
        made.write_keys()
        monkeypatch.setattr(examining, "services", without_issuer(examining.services))
        yield made
        await database.close()


def without_issuer(really: Any) -> Any:
    """The test issuer has no address on any network."""
    return lambda url, names, also: really(url, names, [one for one in also if one != ISSUER])


def wrong(ended: Ended) -> dict[str, dict[str, str]]:
    """What is named as wrong, by check."""
    return {one["check"]: one for one in ended.json["findings"] if one["sign"] in ("problem", "away")}


async def test_a_place_in_order_says_so_line_by_line_and_without_colour(place: Place) -> None:
    ended = await veilig("doctor")
    assert (ended.status, ended.err) == (0, ""), ended.out
    lines = ended.out.splitlines()
    assert lines[-1] == "All in order." and all(line[0] in "✓-" for line in lines[:-1])
    for name in ("broker", "database", "topics", "outbox", "deadlines", "dead letters", "keys", "clocks", *SERVICES):
        assert any(line.startswith(f"✓ {name}") for line in lines), name
    assert any(line.startswith("- lag") for line in lines), "this broker counts wrong: not looked at is not fine"


async def missing_topic(place: Place) -> None:
    place.set(municipalities=json.dumps([*MUNICIPALITIES, "9903"]))


async def missing_replay(place: Place) -> None:
    gone = sorted(GROUPS)[0]
    really = examining.broker

    async def without(*told: Any) -> Any:
        seen = await really(*told)
        seen.topics.discard(replay_topic(gone).name)
        return seen

    place.monkeypatch.setattr(examining, "broker", without)


async def stuck_outbox(place: Place) -> None:
    await place.put("intake.reporting", pending=True, pending_since=utc_now() - timedelta(seconds=7_200))


async def overdue(place: Place) -> None:
    due = [{"name": "missed", "at": utc_now() - timedelta(hours=5)}]
    await place.put("aftercare.callback", due=due)


async def parked(place: Place) -> None:
    await place.put("funding.safety_net", parked=[{"id": "x", "topic": "t", "type": "y"}])


async def away_service(place: Place) -> None:
    del place.answers.checks["funding"]


async def not_ready(place: Place) -> None:
    place.answers.checks["aftercare"]["loops"] = False


async def clock_off(place: Place) -> None:
    place.answers.apart = timedelta(minutes=1)


async def security_ends(place: Place) -> None:
    place.answers.security_ends = utc_now() + timedelta(days=9)


async def weak_key(place: Place) -> None:
    place.write_keys(partner_key=(b"a" * 32).hex())
    place.set(environment="local")


async def lost_version(place: Place) -> None:
    keyring = Keyring(Controller.IVP, keys_of(place.database, Controller.IVP), {7: secrets.token_bytes(32)})
    await keyring.obtain("aftercare.callback:kanarie-case")


async def half_rotated(place: Place) -> None:
    old = bytes.fromhex(place.wrapping["police"]["1"])
    await Keyring(Controller.POLICE, keys_of(place.database, Controller.POLICE), {1: old}).obtain("toy:1")
    place.wrapping["police"]["2"] = secrets.token_hex(32)
    place.write_keys()


async def broker_gone(place: Place) -> None:
    place.set(kafka_bootstrap_servers=f"127.0.0.1:{free_port()}")


async def database_gone(place: Place) -> None:
    place.set(mongo_url=f"mongodb://127.0.0.1:{free_port()}/")
    place.monkeypatch.setattr(examining, "SECONDS", 2.0)


async def not_taken(place: Place) -> None:
    known = {"_id": "bzk", "name": "bzk-3f9a02", "url": "https://kanarie.example", "agreed_at": utc_now()}
    await place.database.collection("forwarder", "subscribers").insert_one(known)
    await place.database.collection("forwarder", "deliveries").insert_one(
        {
            "_id": "x", "partner": "bzk", "event": "e1", "case": "kanarie", "state": "waiting", "tried": 3,
            "next_at": utc_now(), "since": utc_now() - timedelta(minutes=6), "offset": 1,
        }
    )  # fmt: skip


async def gone_over_http(place: Place) -> None:
    known = {"_id": "bzk", "name": "bzk-3f9a02", "url": "https://kanarie.example", "stopped_at": utc_now()}
    await place.database.collection("forwarder", "subscribers").insert_one(known)


@pytest.mark.parametrize(
    ("spoil", "check", "status", "says", "cure"),
    [
        (missing_topic, "topics", 1, "partner.municipality.9903.measures", "make them"),
        (missing_replay, "replays", 1, "replay.aftercare.", "make them"),
        (stuck_outbox, "outbox", 1, "intake.reporting 72", "sending_waits"),
        (overdue, "deadlines", 1, "aftercare.callback 18", "clock_waits"),
        (parked, "parked", 1, "funding.safety_net 1", "veilig republish"),
        (away_service, "funding", 3, "something else answers 404", "start it"),
        (not_ready, "aftercare", 1, "is not ready: loops", "restart"),
        (clock_off, "clocks", 1, "services +", "time server"),
        (security_ends, "security.txt", 1, "ends on", "date that is to come"),
        (weak_key, "keys", 1, "partner_key", "draw the key anew"),
        (lost_version, "keys", 1, "no wrapping key here for: ivp 1", "put back the wrapping key"),
        (half_rotated, "keys", 1, "a rotation was not finished: police", "veilig keys rotate police"),
        (not_taken, "forwarding", 1, "bzk-3f9a02 ", "veilig forward list"),
        (gone_over_http, "forwarding", 1, "bzk-3f9a02 stopped", "then `again`"),
        (broker_gone, "broker", 3, "does not answer (KafkaConnectionError)", BROKER_CURE),
        (database_gone, "database", 3, "does not answer (ServerSelectionTimeoutError)", "VEILIG_MONGO_URL"),
    ],
)
async def test_what_is_wrong_is_named_with_its_cure_and_nothing_else(
    place: Place, spoil: Any, check: str, status: int, says: str, cure: str
) -> None:
    await spoil(place)
    ended = await veilig("doctor", "--json")
    found = wrong(ended)
    assert (ended.status, set(found)) == (status, {check}), ended.out
    assert says in found[check]["says"] and cure in found[check]["cure"]
    assert "kanarie" not in ended.out, "no case is named"
    line = next(one for one in (await veilig("doctor")).out.splitlines() if one.startswith(f"! {check}"))
    assert " → " in line


async def test_an_open_dead_letter_is_named_until_somebody_settles_it(place: Place) -> None:
    origin = {"dl_subscription": sorted(GROUPS)[0], "dl_error": "KeyError", "dl_topic": "t"}
    headers = tuple((name, text.encode()) for name, text in origin.items())
    await produce(place.broker, DEAD_LETTERS, event(1), headers=headers)
    ended = await veilig("doctor", "--json")
    assert (ended.status, set(wrong(ended))) == (1, {"dead letters"})
    assert sorted(GROUPS)[0] in wrong(ended)["dead letters"]["says"]
    [letter] = (await veilig("dead-letters", "list", "--json")).json
    await veilig("dead-letters", "drop", letter["id"], "--as", "op-1", "--reason", "test")
    assert (await veilig("doctor")).status == 0


async def test_records_that_nobody_takes_are_named_on_a_broker_that_counts_right(real_kafka: Broker) -> None:
    settings, group = settings_for(real_kafka), f"test.{uuid.uuid4().hex[:8]}"
    topic = Topic(f"test.{uuid.uuid4().hex[:8]}", partitions=1)
    await ensure_topics(settings, (topic,))
    await produce(real_kafka, topic, event(1), event(2))
    seen = await examining.broker(settings, {group: [topic.name, "not-there"]})
    assert seen.away == "" and seen.then == {(group, topic.name, 0): Position(None, 2)}
    assert findings.lag(seen.first, seen.then).says == f"records wait and nobody takes them: {group} 2"
    assert seen.acl_code == NO_AUTHORIZER
    assert findings.access(seen.acl_code, seen.rules, {topic.name}, local=False).sign is Sign.PROBLEM


KEY = ("g", "t", 0)


@pytest.mark.parametrize(
    ("before", "after", "sign"),
    [
        ({}, {}, Sign.OK),
        ({KEY: Position(5, 5)}, {KEY: Position(5, 5)}, Sign.OK),
        ({KEY: Position(5, 9)}, {KEY: Position(7, 12)}, Sign.OK),
        ({KEY: Position(5, 9)}, {KEY: Position(5, 9)}, Sign.PROBLEM),
        ({KEY: Position(None, 9)}, {KEY: Position(None, 9)}, Sign.PROBLEM),
        ({KEY: Position(5, 5)}, {KEY: Position(5, 6)}, Sign.OK),
    ],
)
def test_only_who_is_behind_and_does_not_move_on_is_stuck(before: Any, after: Any, sign: Sign) -> None:
    assert findings.lag(before, after).sign is sign


@pytest.mark.parametrize(
    ("code", "rules", "local", "sign"),
    [
        (0, [], False, Sign.UNSEEN),
        (31, [], False, Sign.UNSEEN),
        (NO_AUTHORIZER, [], True, Sign.OK),
        (0, [Rule("secret", "User:intake", True)], False, Sign.OK),
        (0, [Rule("secret", "User:*", False)], False, Sign.OK),
        (0, [Rule("secret", "User:*", True)], False, Sign.PROBLEM),
        (0, [Rule("*", "User:*", True)], False, Sign.PROBLEM),
        (0, [Rule("other", "User:*", True)], False, Sign.OK),
    ],
)
def test_a_topic_for_few_eyes_that_everybody_may_read_is_a_problem(
    code: int, rules: list[Rule], local: bool, sign: Sign
) -> None:
    assert findings.access(code, rules, {"secret"}, local=local).sign is sign


def test_of_many_the_first_few_are_named() -> None:
    assert findings.some("edcba") == "a, b, c and 2 more"


# Certificates


def certificate(folder: Path, days: int) -> Path:
    """A self-signed certificate with its key, that ends after so many days."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    begun, ends = datetime.now(UTC) - timedelta(days=90), datetime.now(UTC) + timedelta(days=days)
    signed = made.not_valid_before(begun).not_valid_after(ends).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / f"{days}.pem"
    file.write_bytes(private + signed.public_bytes(pem))
    return file


@pytest.mark.parametrize(("days", "sign"), [(60, Sign.OK), (5, Sign.PROBLEM), (-5, Sign.PROBLEM)])
async def test_a_certificate_that_ends_is_told_before_and_after(tmp_path: Path, days: int, sign: Sign) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path, days))
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        ends = await examining._certificate(f"https://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
    found = findings.ending("certificate", ends, utc_now(), "renew")
    assert found.sign is sign


async def test_no_certificate_where_nobody_answers() -> None:
    assert await examining._certificate(f"https://127.0.0.1:{free_port()}") is None


async def test_without_stack_and_settings_it_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("VEILIG_MONGO_URL", "VEILIG_MONGO_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("deploy.cli.connection.STACK", tmp_path / "stack.json")
    ended = await veilig("doctor")
    assert ended.status == 2 and "make run" in ended.err
