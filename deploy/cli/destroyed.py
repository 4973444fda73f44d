"""What was destroyed since a backup was made, from wherever it is still known; and destroying it again.

Known are: the keys that are stored now, the events on the topics (thirty days), and the keys of a newer backup.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError
from bson.json_util import CANONICAL_JSON_OPTIONS, dumps, loads

from deploy.cli.dumping import READING, Dump, every
from deploy.cli.letters import SECONDS, end
from deploy.cli.retention import SHREDDABLE, ByPolicy
from shared.contracts.topics import HOME
from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.keyring import keys_of
from shared.runtime.environment import Settings
from shared.runtime.mongo import Database, Document
from shared.runtime.outbox import BrokerAway

BY = "restore"
"""The account that destroyed it again, where nobody knows any more who did."""
REMEMBERED = "destroyed.json"
QUIET_POLLS = 3
"""A topic ended when its end was passed and so many looks brought nothing."""

Destroyed = dict[str, Document]
"""By owner of the key, `<module>:<document>`: what is written about it, `destroyed_at` and `shredding`."""


def _told(key: Document) -> Document:
    return {"destroyed_at": key["destroyed_at"], "shredding": key.get("shredding", {})}


async def in_store(database: Database) -> Destroyed:
    """What the keys say that are stored now."""
    found: Destroyed = {}
    for controller in Controller:
        async for key in every(keys_of(database, controller)):
            if "destroyed_at" in key:
                found[key["_id"]] = _told(key)
    return found


def in_dump(keys: Dump) -> Destroyed:
    """What the keys of a backup say."""
    return {
        key["_id"]: _told(key)
        for file in keys.files if file.endswith("/keys.jsonl")
        for key in keys.documents(file) if "destroyed_at" in key
    }  # fmt: skip


def remember(keys: Dump, known: Destroyed) -> None:
    """Writes it beside the keys, before anything is taken away: who stops halfway must not forget it."""
    fresh = (keys.folder / REMEMBERED).with_suffix(".new")
    fresh.write_text(dumps(remembered(keys) | known, json_options=CANONICAL_JSON_OPTIONS))
    fresh.replace(keys.folder / REMEMBERED)


def remembered(keys: Dump) -> Destroyed:
    """What an earlier restore wrote beside these keys; nothing when there was none."""
    file = keys.folder / REMEMBERED
    found: Destroyed = loads(file.read_text(), json_options=READING) if file.exists() else {}
    return found


async def on_topics(settings: Settings, modules: Iterable[str]) -> Destroyed:
    """What the events of these modules say, as far back as the topics go. Raises `BrokerAway`.

    The record's key is the document.
    """
    wanted = {name: SHREDDABLE[name].shredded for name in modules if name in SHREDDABLE}
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)
    module_of = {event.type_name(): name for name, event in wanted.items()}  # type: ignore[union-attr]
    topics = {HOME[event] for event in wanted.values()}  # type: ignore[index]
    found: Destroyed = {}
    try:
        async for record in _records(settings, {topic.name: topic.partitions for topic in topics}):
            type_name, owner, told = _event(record, module_of)
            if type_name:
                found[owner] = told
    except (KafkaError, OSError) as error:
        raise BrokerAway(type(error).__name__) from error
    return found


def _event(record: Any, module_of: dict[str, str]) -> tuple[str, str, Document]:
    try:
        body = json.loads(record.value)
        owner = f"{module_of[body['type']]}:{record.key.decode()}"
        at, reason = datetime.fromisoformat(body["data"]["shredded_at"]), str(body["data"]["reason"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", "", {}
    shredding = {"asked_by": BY, "confirmed_by": BY, "at": at, "reason": reason}
    return body["type"], owner, {"destroyed_at": at, "shredding": shredding}


async def _records(settings: Settings, topics: dict[str, int]) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers, enable_auto_commit=False, auto_offset_reset="earliest",
        fetch_max_wait_ms=50, request_timeout_ms=int(SECONDS * 1000),
    )  # fmt: skip
    try:
        await consumer.start()
        there = await consumer.topics()
        parts = [TopicPartition(name, one) for name, many in topics.items() if name in there for one in range(many)]
        if not parts:
            return
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        ends, quiet, last = await consumer.end_offsets(parts), 0, time.monotonic()
        while quiet < QUIET_POLLS:
            batches = (await consumer.getmany(timeout_ms=300)).values()
            for batch in batches:
                for record in batch:
                    yield record
            passed = all([await consumer.position(part) >= ends[part] for part in parts])
            quiet = 0 if batches or not passed else quiet + 1
            last = time.monotonic() if batches else last
            if time.monotonic() - last > SECONDS:
                raise KafkaTimeoutError
    finally:
        await end(consumer.stop())


async def only_keys(database: Database, known: Destroyed) -> int:
    """Destroys these keys where they came back; returns how many had."""
    back = 0
    for owner, told in known.items():
        module = owner.partition(":")[0]
        if module in CONTROLLERS:
            gone = {"$set": told, "$unset": {"wrapped": "", "hold": ""}}
            alive = {"_id": owner, "destroyed_at": {"$exists": False}}
            back += (await keys_of(database, CONTROLLERS[module]).update_one(alive, gone)).matched_count
    return back


async def finish(database: Database, settings: Settings, known: Destroyed) -> None:
    """Takes away what is stored still of cases whose keys were destroyed, and tells it. Twice is harmless."""
    by_policy = ByPolicy(database, settings)
    for owner in sorted(known):
        module, _, document = owner.partition(":")
        if module in SHREDDABLE:
            await by_policy.finish(module, document)
