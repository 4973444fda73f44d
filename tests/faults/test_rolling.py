"""Two instances of a service, replaced one after the other while events flow: nothing is lost, doubled or refused."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.local.temporary import Broker, Mongo, free_port, settings_for
from shared.contracts.aftercare import AftercareTriggered
from shared.contracts.intake import IncidentReported
from shared.contracts.topics import AFTERCARE_CALLBACK, INTAKE_REPORTING, internal_topics, partner_topics
from shared.runtime.kafka import ensure_topics
from shared.runtime.mongo import Database, connect
from tests.stack import ROOT
from tests.wire.subscribing import eventually

pytestmark = pytest.mark.slow
PATIENCE = 60.0
LEAST = 40
"""Events that must have flowed before each step."""


async def until(what: str, good: Callable[[], Awaitable[bool]]) -> None:
    """Asks until the answer is yes, with a limit."""
    end = time.monotonic() + PATIENCE
    while not await good():
        assert time.monotonic() < end, f"not within {PATIENCE:.0f} s: {what}"
        await asyncio.sleep(0.1)


class Instance:
    """One process of aftercare."""

    def __init__(self, name: str, settings: dict[str, str], folder: Path) -> None:
        self.name, self.port = name, free_port()
        self.log = folder / f"{name}-{uuid.uuid4().hex[:6]}.log"
        env = os.environ | settings | {"VEILIG_INSTANCE": name, "VEILIG_PORT": str(self.port)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.aftercare"], cwd=ROOT, env=env, stdout=log, stderr=log
            )

    async def ready(self, client: httpx2.AsyncClient) -> bool:
        """Whether it can take work."""
        assert self.process.poll() is None, self.log.read_text()[-1500:]
        with suppress(httpx2.HTTPError):
            return (await client.get(f"http://127.0.0.1:{self.port}/health/ready")).status_code == 200
        return False

    async def until_ready(self, client: httpx2.AsyncClient) -> None:
        """Waits for it, with a limit."""
        await until("it is ready", lambda: self.ready(client))

    async def stop(self) -> None:
        """Asks it to stop, and waits until it has, in order."""
        self.process.send_signal(signal.SIGTERM)
        # The server hands the signal on when all is done, so the status may be that of the signal.
        assert await asyncio.to_thread(self.process.wait, 40) in (0, -signal.SIGTERM)
        assert "service_stopped" in self.log.read_text()


@pytest.fixture
def place(real_kafka: Broker, mongo: Mongo, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings that all instances share."""
    keys = {"reference_key": secrets.token_hex(32), "partner_key": secrets.token_hex(32)}
    (tmp_path / "secrets.json").write_text(json.dumps(keys))
    yield real_kafka.environment | {
        "VEILIG_ENVIRONMENT": "local", "VEILIG_MONGO_URL": mongo.url, "VEILIG_LOG_LEVEL": "INFO",
        "VEILIG_KAFKA_BOOTSTRAP_SERVERS": real_kafka.bootstrap, "VEILIG_KAFKA_CREATE_TOPICS": "true",
        "VEILIG_DATABASE_PREFIX": f"t{uuid.uuid4().hex[:12]}", "VEILIG_SECRETS_FILE": str(tmp_path / "secrets.json"),
    }  # fmt: skip


def reported(case: str) -> bytes:
    """A report, as intake tells it."""
    data = {
        "case": case, "report_type": "melding", "kind": "threat", "office": "mayor", "municipality": "9901",
        "urgency": "acute", "impact": "acute", "reporter_is_victim": True, "reported_at": "2026-03-01T12:00:00Z",
    }  # fmt: skip
    body = {
        "specversion": "1.0", "id": f"event-{case}", "source": "urn:test:rolling", "time": "2026-03-01T12:00:00Z",
        "type": IncidentReported.type_name(), "subject": case, "dataschema": "https://x", "data": data,
    }  # fmt: skip
    return json.dumps(body).encode()


class Flow:
    """Reports that keep coming, one case each and every fifth twice, until it is told to end."""

    def __init__(self, broker: Broker) -> None:
        self.broker, self.cases, self.ends = broker, list[str](), False

    async def run(self) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.broker.bootstrap, acks="all")
        headers = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
        await producer.start()
        try:
            while not self.ends:
                case = uuid.uuid4().hex
                for _ in range(1 + (len(self.cases) % 5 == 0)):
                    await producer.send_and_wait(
                        INTAKE_REPORTING.name, reported(case), key=case.encode(), headers=headers
                    )
                self.cases.append(case)
                await asyncio.sleep(0.02)
        finally:
            await producer.stop()

    async def goes_on(self) -> None:
        """Waits until more of them came."""
        wanted = len(self.cases) + LEAST
        await eventually("events flow", lambda: len(self.cases) >= wanted)


async def told(broker: Broker, cases: set[str]) -> dict[str, list[str]]:
    """Of each case the ids of what care told of it, in order, repeats too; waits until all cases are there."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    consumer.assign([TopicPartition(AFTERCARE_CALLBACK.name, one) for one in range(AFTERCARE_CALLBACK.partitions)])
    found: dict[str, list[str]] = {}
    try:
        async with asyncio.timeout(PATIENCE):
            while set(found) != cases:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    for body in (json.loads(record.value) for record in batch):
                        case = body["data"].get("case")
                        if case in cases and body["type"] == AftercareTriggered.type_name():
                            found.setdefault(case, []).append(body["id"])
    finally:
        await consumer.stop()
    return found


async def stored(database: Database) -> list[Any]:
    """What each case of care has told, and what it still has to send."""
    found = database.collection("aftercare.callback").find({}, {"history": 1, "outbox": 1, "state.case": 1})
    return list(await found.to_list(None))


async def test_one_after_the_other_is_replaced_while_events_flow(
    place: dict[str, str], real_kafka: Broker, mongo: Mongo, tmp_path: Path
) -> None:
    await ensure_topics(settings_for(real_kafka), (*internal_topics(), *partner_topics(())))
    database = connect(mongo.url, prefix=place["VEILIG_DATABASE_PREFIX"])
    running = {name: Instance(name, place, tmp_path) for name in ("a", "b")}
    flow, client = Flow(real_kafka), httpx2.AsyncClient(trust_env=False, timeout=10)
    flowing = asyncio.create_task(flow.run())
    try:
        for instance in running.values():
            await instance.until_ready(client)
        for name, other in (("a", "b"), ("b", "a")):
            await flow.goes_on()
            await running[name].stop()
            assert await running[other].ready(client), "somebody takes work all the time"
            await flow.goes_on()
            running[name] = Instance(name, place, tmp_path)
            await running[name].until_ready(client)
        await flow.goes_on()
        flow.ends = True
        await flowing
        cases = set(flow.cases)
        heard = await told(real_kafka, cases)
        assert {case for case, ids in heard.items() if len(set(ids)) != 1} == set(), "none is told as two events"

        async def settled() -> bool:
            mine = [one for one in await stored(database) if one["state"]["case"] in cases]
            return len(mine) == len(cases) and not any(one["outbox"] for one in mine)

        await until("all of it is settled", settled)
        for one in await stored(database):
            if one["state"]["case"] in cases:
                assert len(one["history"]) == 1 and one["history"][0]["id"] in heard[one["state"]["case"]]
        letters = [await client.get(f"http://127.0.0.1:{one.port}/health/ready") for one in running.values()]
        assert [one.json()["counts"]["dead_letters"] for one in letters] == [0, 0]
        for instance in running.values():
            await instance.stop()
    finally:
        flow.ends = True
        flowing.cancel()
        await asyncio.gather(flowing, return_exceptions=True)
        for instance in running.values():
            if instance.process.poll() is None:
                instance.process.kill()
                instance.process.wait(10)
        await client.aclose()
        await database.close()
