"""Looks for the doctor: asks broker, database and services, and changes nothing. Each look has a limit of time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError
from aiokafka.protocol.admin import DescribeAclsRequest
from cryptography import x509
from pymongo.errors import PyMongoError

from deploy.cli.findings import Forwarding, Position, Positions, Rule, Wrapped
from deploy.cli.letters import end, open_desk, standing
from deploy.partners.forwarder.store import Store
from shared.contracts.topics import DEAD_LETTERS
from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.keyring import keys_of
from shared.privacy.vaults import wrapping_keys
from shared.runtime.environment import Clock, Keys, Settings, utc_now
from shared.runtime.metrics import Standing, look
from shared.runtime.mongo import Database, connect
from shared.runtime.outbox import BrokerAway
from shared.runtime.strength import check_keys

SECONDS = 8.0
"""For one answer of one part."""
BETWEEN_LOOKS = 2.0
"""Seconds between two looks at a group that is behind."""
PAUSE = 0.2
APART = ("aftercare.confidential_line", "intake.drafts")
"""Not looked at: the line has a place and keys of its own; what was not sent yet has no outbox and no deadline."""
MODULES = tuple(name for name in CONTROLLERS if name not in APART)
TOPICS, ANY, MATCHING = 2, 1, 1
"""Words of Kafka's protocol for access rules: a resource that is a topic, whatever it is, any kind of pattern."""
ALLOW = 3


@dataclass
class BrokerSeen:
    """`away`: why it does not answer. `letters`: the subscription of each open dead letter, None: not seen."""

    away: str = ""
    topics: set[str] = field(default_factory=set)
    acl_code: int = -1
    rules: list[Rule] = field(default_factory=list)
    first: Positions = field(default_factory=dict)
    then: Positions = field(default_factory=dict)
    letters: list[str] | None = None


@dataclass
class StoreSeen:
    """`away`: why it does not answer; `refused`: it does, and does not let this account look.

    `forwarding`: partners over HTTP; None, not seen.
    """

    away: str = ""
    refused: str = ""
    ahead: float | None = None
    standings: dict[str, Standing] = field(default_factory=dict)
    parked: dict[str, int] = field(default_factory=dict)
    key_trouble: str = ""
    wrapped: list[Wrapped] = field(default_factory=list)
    forwarding: list[Forwarding] | None = None


@dataclass
class ServicesSeen:
    """Of each service its readiness, or why it does not answer. `security_txt`: until when it counts."""

    answers: dict[str, dict[str, bool] | str] = field(default_factory=dict)
    ahead: float | None = None
    security_txt: datetime | None = None
    certificates: dict[str, datetime | None] = field(default_factory=dict)


# The broker


async def broker(settings: Settings, groups: dict[str, list[str]]) -> BrokerSeen:
    """Topics, rules, positions and dead letters. `groups`: of each Kafka group the topics it reads."""
    seen = BrokerSeen()
    try:
        access = settings.client()
    except ValueError as error:  # no text of ours holds a key
        return BrokerSeen(away=str(error))
    admin = AIOKafkaAdminClient(**access, request_timeout_ms=int(SECONDS * 1000))
    try:
        async with asyncio.timeout(SECONDS):
            await admin.start()
            seen.topics = set(await admin.list_topics())
            await _rules(admin, seen)
        if settings.kafka_end_offsets:
            await _positions(settings, admin, groups, seen)
    except (KafkaError, OSError) as error:
        seen.away = type(error).__name__
    finally:
        with suppress(TimeoutError, KafkaError):
            await asyncio.wait_for(end(admin.close()), SECONDS)
    if not seen.away and DEAD_LETTERS.name in seen.topics:
        with suppress(BrokerAway, LookupError):
            async with open_desk(settings) as desk:
                letters, settled = await desk.letters(), standing(await desk.lines())
            seen.letters = [one.subscription for one in letters if one.id not in settled]
    return seen


async def _rules(admin: AIOKafkaAdminClient, seen: BrokerSeen) -> None:
    # aiokafka knows the words of the protocol and has no method for them.
    asked = DescribeAclsRequest(TOPICS, None, ANY, None, None, ANY, ANY)
    with suppress(KafkaError):
        answer = await admin._send_request(asked)
        seen.acl_code = answer.error_code
        seen.rules = [
            Rule(resource[1], entry[0], entry[3] == ALLOW) for resource in answer.resources for entry in resource[-1]
        ]


async def _positions(
    settings: Settings, admin: AIOKafkaAdminClient, groups: dict[str, list[str]], seen: BrokerSeen
) -> None:
    consumer = AIOKafkaConsumer(**settings.client(), enable_auto_commit=False)
    async with asyncio.timeout(3 * SECONDS):
        try:
            await consumer.start()
            seen.first = seen.then = await _once(admin, consumer, groups, seen.topics)
            if any(one.behind for one in seen.first.values()):
                await asyncio.sleep(BETWEEN_LOOKS)
                seen.then = await _once(admin, consumer, groups, seen.topics)
        finally:
            await end(consumer.stop())


async def _once(
    admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, groups: dict[str, list[str]], there: set[str]
) -> Positions:
    found: dict[tuple[str, str, int], Position] = {}
    wanted = sorted({topic for topics in groups.values() for topic in topics} & there)
    known = {one["topic"]: one["partitions"] for one in await admin.describe_topics(wanted)} if wanted else {}
    for group, topics in groups.items():
        parts = [TopicPartition(topic, one["partition"]) for topic in topics for one in known.get(topic, ())]
        committed = await _committed(admin, group, parts)
        ends = await consumer.end_offsets(parts)
        for part in parts:
            offset = committed[part].offset if part in committed else -1
            found[group, part.topic, part.partition] = Position(offset if offset >= 0 else None, ends[part])
    return found


async def _committed(admin: AIOKafkaAdminClient, group: str, parts: list[TopicPartition]) -> dict[TopicPartition, Any]:
    while True:
        try:
            return dict(await admin.list_consumer_group_offsets(group, partitions=parts))
        except GroupCoordinatorNotAvailableError:  # a broker makes its book of groups when the first one asks
            await asyncio.sleep(PAUSE)


# The database


async def store(settings: Settings) -> StoreSeen:
    """Clock, outboxes, deadlines and keys."""
    seen = StoreSeen()
    database = connect(
        settings.mongo_url.get_secret_value(), driver=settings.mongo_driver, prefix=settings.database_prefix,
        wait_ms=int(SECONDS * 500),
    )  # fmt: skip
    try:
        seen.ahead = (await database.now() - utc_now()).total_seconds()
    except (PyMongoError, OSError) as error:
        seen.away = type(error).__name__
    try:
        if not seen.away:
            await _cases(settings, database, seen)
            await _keys(settings, database, seen)
            with suppress(PyMongoError):  # it is a database of its own, for an account of its own
                seen.forwarding = list(await Store(database).standings(utc_now()))
    except (PyMongoError, OSError) as error:
        seen.refused = type(error).__name__
    finally:
        await database.close()
    return seen


async def _cases(settings: Settings, database: Database, seen: StoreSeen) -> None:
    clock = Clock(movable=settings.local)
    if settings.local and (moved := await database.collection("local", "settings").find_one({"_id": "clock"})):
        clock = Clock(real=lambda: datetime.fromtimestamp(utc_now().timestamp() + moved["seconds"], UTC))
    for module in MODULES:
        cases = database.collection(module)
        seen.standings[module] = await look(cases, utc_now(), clock.now())
        seen.parked[module] = await cases.count_documents({"parked": {"$exists": True}})


async def _keys(settings: Settings, database: Database, seen: StoreSeen) -> None:
    try:
        keys = settings.keys()
        check_keys(keys.named())
    except ValueError as error:  # no text of ours holds a part of a key
        seen.key_trouble = str(error)
        return
    if settings.secrets_file is None:
        return  # nothing was kept: keys of a process that is gone
    seen.wrapped = [
        await _wrapped(database, one, keys, settings) for one in Controller if one is not Controller.CONFIDENTIAL_LINE
    ]


async def _wrapped(database: Database, controller: Controller, keys: Keys, settings: Settings) -> Wrapped:
    versions = sorted(wrapping_keys(keys, controller, local=settings.local))
    count, alive = keys_of(database, controller).count_documents, {"wrapped": {"$exists": True}}
    if not versions:  # another place keeps this controller's keys
        return Wrapped(controller)
    unknown = await count(alive | {"wrapping_version": {"$nin": versions}})
    old = await count(alive | {"wrapping_version": {"$ne": versions[-1]}})
    return Wrapped(controller, unknown, old - unknown)


# The services


async def services(url: str, names: Iterable[str], also: Iterable[str] = ()) -> ServicesSeen:
    """Readiness of each service under `url`, its clock, and what will end. `also`: more addresses with certificates."""
    seen = ServicesSeen()
    async with httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client:
        for name in names:
            seen.answers[name] = await _ready(client, f"{url}/{name}/health/ready", seen)
        with suppress(httpx2.HTTPError, httpx2.InvalidURL, ValueError):
            answer = await client.get(f"{url}/.well-known/security.txt")
            if answer.status_code == 200:
                seen.security_txt = _expires(answer.text)
    for address in sorted({one for one in (url, *also) if one.startswith("https://")}):
        seen.certificates[urlsplit(address).netloc] = await _certificate(address)
    return seen


async def _ready(client: httpx2.AsyncClient, address: str, seen: ServicesSeen) -> dict[str, bool] | str:
    try:
        answer = await client.get(address)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return type(error).__name__
    with suppress(KeyError, ValueError):
        told = parsedate_to_datetime(answer.headers["date"])
        # The header says whole seconds: half a second is its middle.
        seen.ahead = (told - utc_now()).total_seconds() + 0.5
    try:
        checks = {str(check): bool(good) for check, good in answer.json()["checks"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        checks = {}
    return checks or f"something else answers {answer.status_code}"


def _expires(text: str) -> datetime | None:
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "expires":
            return datetime.fromisoformat(value.strip()).astimezone(UTC)
    return None


async def _certificate(address: str) -> datetime | None:
    """Until when the certificate at this address counts; None when nobody shows one. Whose it is, is not judged."""
    parts, context = urlsplit(address), ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or 443, ssl=context, server_hostname=parts.hostname
            )
            shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.close()
    except OSError:
        return None
    return x509.load_der_x509_certificate(shown).not_valid_after_utc if shown else None
