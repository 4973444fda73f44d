"""`veilig tail`: who may read what, what is shown of a record, and that it starts, waits and stops as it says."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError

from deploy.cli import tail
from deploy.cli.following import Follower
from deploy.local.temporary import Broker, embedded_broker, free_port, settings_for
from shared.contracts.topics import (
    DEAD_LETTERS,
    DEAD_LETTERS_HANDLED,
    INTAKE_REPORTING,
    Topic,
    internal_topics,
    partner_topics,
    replay_topic,
)
from shared.runtime.kafka import ensure_topics
from tests.deploy.commands import veilig
from tests.stack import ROOT
from tests.stack import eventually as wait
from tests.wire.subscribing import event, eventually, produce

CANARY = "kanarie-Jansen"
OURS = {topic.name for topic in (*internal_topics(), *partner_topics(("9901", "9902")), replay_topic("a.b.c"))}
STRANGE = {"local.reminded", "somebody-elses", "__consumer_offsets", "intake.reporting.extra"}


@pytest.mark.parametrize(
    ("reader", "topics"),
    [
        ("", OURS),
        ("bzk", {"partner.bzk.safety-net"}),
        ("ivp", {"partner.ivp.callbacks"}),
        ("municipality:9901", {"partner.municipality.9901.measures", "partner.municipality.9901.invoices"}),
        ("operator", OURS - {"assessment.weighing.restricted", "assessment.measures.restricted",
                             "intake.reporting.own", "aftercare.callback", "aftercare.callback.invoices"}),
    ],
)  # fmt: skip
def test_each_reader_has_topics_of_its_own_and_nobody_those_of_others(reader: str, topics: set[str]) -> None:
    may = tail.readable_as(reader)
    assert {name for name in OURS | STRANGE if may(name)} == topics


@pytest.mark.parametrize("reader", ["municipality", "municipality:99", "municipality:9901x", "police", "BZK", " "])
def test_an_unknown_reader_reads_nothing(reader: str) -> None:
    with pytest.raises(ValueError):
        tail.readable_as(reader)


@pytest.mark.parametrize("topic", sorted(OURS))
def test_every_topic_of_ours_has_a_mark(topic: str) -> None:
    assert (mark := tail.mark_of(topic)) in tail.LEGEND
    assert (mark is tail.PARTNER) == topic.startswith("partner.")
    assert (mark is tail.RESTRICTED) >= topic.endswith(".restricted")


def record(topic: str, value: bytes, *headers: tuple[str, bytes]) -> Any:
    return SimpleNamespace(
        topic=topic, value=value, key=b"k", headers=headers, timestamp=1_456_833_600_000, partition=0, offset=1
    )


def test_a_known_event_is_shown_with_its_own_fields_only() -> None:
    data = {"case": "c" * 32, "attempted_at": "2026-03-01T12:00:00Z", "name": CANARY}
    one = tail.seen(record("aftercare.callback", event(1, data=data)))
    assert (one.event, one.case, one.text) == ("ivp-callback-attempted", "c" * 32, "attempted 13:00")
    assert (one.mark, one.moment.isoformat()) == (tail.RESTRICTED, "2026-03-01T13:00:00+01:00")


@pytest.mark.parametrize(
    "value",
    [CANARY.encode(), b"\xff\xfe", b"[]", b'"x"', b"null", event(1, type=CANARY), event(1, data=CANARY),
     event(1, data=[CANARY]), json.dumps({"type": [CANARY], "data": {}}).encode(),
     event(1, data={"case": "c", "attempted_at": CANARY * 9}), event(1, time=None, data={CANARY: 1})],
)  # fmt: skip
def test_what_is_not_an_event_we_know_is_not_shown(value: bytes) -> None:
    one = tail.seen(record("aftercare.callback", value))
    assert CANARY not in str(one)


@pytest.mark.parametrize("topic", [DEAD_LETTERS.name, "replay.a.b.c", DEAD_LETTERS_HANDLED.name])
def test_of_what_was_set_apart_no_body_is_shown(topic: str) -> None:
    body = event(1, data={"case": CANARY, "attempted_at": "2026-03-01T12:00:00Z"})
    one = tail.seen(record(topic, body, ("dl_subscription", b"a.b.c\x1b[2J"), ("dl_error", b"KeyError")))
    assert CANARY not in str(one) and one.text.isprintable() and one.mark is tail.APART
    assert one.data == {} and one.event == ""


def test_an_audit_line_is_told_without_its_reason() -> None:
    line = {"letter": "0a1b2c", "action": "dropped", "actor": "op-1", "reason": CANARY, "at": ""}
    one = tail.seen(record(DEAD_LETTERS_HANDLED.name, json.dumps(line).encode()))
    assert one.text == "dead letter 0a1b2c dropped by op-1"


@pytest.mark.parametrize(
    "wrong",
    [("--as", "police"), ("--as", "bzk", "--topic", "intake.reporting"), ("--topic", "nonesuch"),
     ("--type", "incident-report"), ("--since", "10"), ("--since", "-1m"), ("--since", "10w")],
)  # fmt: skip
async def test_what_the_reader_gets_wrong_is_said_in_a_sentence(wrong: tuple[str, ...]) -> None:
    ended = await veilig("tail", "--kafka", f"127.0.0.1:{free_port()}", *wrong)
    assert ended.status == 2 and len(ended.err.strip().splitlines()) == 1, ended


async def test_an_event_may_be_named_in_every_way_people_do() -> None:
    names = {"incident-reported", "IncidentReported", "nl.veiligbestuur.incidents.incident-reported.v1"}
    assert {tail._event(name) for name in names} == {"incident-reported"}
    ended = await veilig("tail", "--type", "incident-report")
    assert "incident-reported" in ended.err


class Following:
    """A follower of one topic that notes what it gets and says."""

    def __init__(self, address: str, topics: set[str], since: datetime) -> None:
        self.got: list[bytes] = []
        self.said: list[str] = []
        self._follower = Follower(address, lambda there: topics & set(there), since, self.said.append)

    async def run(self) -> None:
        async for one in self._follower.records():
            self.got.append(one.value)


@asynccontextmanager
async def following(address: str, *topics: Topic, since: datetime | None = None) -> AsyncIterator[Following]:
    made = Following(address, {topic.name for topic in topics}, since or datetime.now(UTC))
    task = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def produce_at(broker: Broker, topic: Topic, moment: datetime, *values: bytes) -> None:
    """Sends values as if they were made at `moment`."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic.name, value, key=value, timestamp_ms=int(moment.timestamp() * 1000))
    finally:
        await producer.stop()


async def test_it_shows_what_comes_from_now_on_and_with_since_what_was_before(broker: Broker) -> None:
    topic, now = Topic(f"test.{uuid.uuid4().hex[:8]}"), datetime.now(UTC)
    ten, hour = now - timedelta(minutes=10), now - timedelta(hours=1)
    await ensure_topics(settings_for(broker), (topic,))
    await produce_at(broker, topic, hour, b"long ago", b"too")
    await produce_at(broker, topic, ten, b"before")
    async with (
        following(broker.bootstrap, topic, since=now) as live, following(broker.bootstrap, topic, since=ten) as recent,
        following(broker.bootstrap, topic, since=hour) as old,
    ):  # fmt: skip
        await produce(broker, topic, b"after")
        await eventually("all have it", lambda: all(b"after" in one.got for one in (live, recent, old)))
        await eventually("the oldest has all", lambda: len(old.got) == 4)
    assert (live.got, sorted(recent.got)) == ([b"after"], [b"after", b"before"])
    assert sorted(old.got) == [b"after", b"before", b"long ago", b"too"]


async def test_a_topic_that_comes_later_is_followed_too_without_losing_or_repeating(broker: Broker) -> None:
    first, second = (Topic(f"test.{uuid.uuid4().hex[:8]}", partitions=1) for _ in range(2))
    await ensure_topics(settings_for(broker), (first,))
    async with following(broker.bootstrap, first, second) as live:
        await produce(broker, first, b"1", b"2")
        await eventually("it is read", lambda: live.got == [b"1", b"2"])
        await ensure_topics(settings_for(broker), (second,))
        await produce(broker, second, b"3")
        await eventually("the new one is read", lambda: b"3" in live.got)
        await produce(broker, first, b"4")
        await eventually("the old one still is", lambda: live.got == [b"1", b"2", b"3", b"4"])


@pytest.mark.parametrize("refused", ["a.b", {"a.b"}, frozenset({"a.b"})], ids=str)
def test_what_the_broker_refuses_is_told_once_and_left_out(refused: Any) -> None:
    said: list[str] = []
    follower = Follower("", set, datetime.now(UTC), said.append)
    for _ in range(3):  # once for each partition
        follower._leave_out(TopicAuthorizationFailedError(refused))
    assert said == ["You may not read a.b."]
    with pytest.raises(TopicAuthorizationFailedError):
        follower._leave_out(TopicAuthorizationFailedError())


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, Callable[[], Any]]]:
    """The command as a process, and a function that reads its next line. Killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.cli.main", "tail", *arguments, cwd=ROOT, env=os.environ | {"COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip

    async def line() -> str:
        assert process.stdout is not None
        return (await asyncio.wait_for(process.stdout.readline(), 30)).decode()

    try:
        yield process, line
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


REPORTED = {
    "case": "d" * 32, "report_type": "melding", "kind": "threat", "office": "alderman", "municipality": "9901",
    "urgency": "acute", "impact": "limited", "reporter_is_victim": True, "reported_at": "2026-03-01T12:00:00Z",
}  # fmt: skip
TYPE = "nl.veiligbestuur.incidents.incident-reported.v1"


async def test_the_command_shows_a_line_for_each_event_and_ends_well_at_ctrl_c(broker: Broker) -> None:
    await ensure_topics(settings_for(broker), (INTAKE_REPORTING,))
    address = ("--kafka", broker.bootstrap, "--topic", INTAKE_REPORTING.name, "--case", "dddd")
    async with running(*address, "--since", "1h") as (people, line), running(*address, "--json", "--since", "1h") as (
        machine, json_line,
    ):  # fmt: skip
        other = event(1, type=TYPE, data=REPORTED | {"case": "e" * 32})
        await produce(broker, INTAKE_REPORTING, other, event(2, type=TYPE, data=REPORTED))
        shown = await line()
        assert shown.startswith("2026-03-01 13:00:00  ○ intake.reporting") and "\x1b" not in shown
        assert "Incident reported" in shown and "kind threat, office alderman" in shown and "dddddddd…" in shown
        told = json.loads(await json_line())
        assert (told["event"], told["case"], told["data"]["kind"]) == ("incident-reported", "d" * 32, "threat")
        assert told["sensitivity"] == "internal"
        for process in (people, machine):
            process.send_signal(signal.SIGINT)
            _, said = await asyncio.wait_for(process.communicate(), 20)
            assert process.returncode == 0 and b"Traceback" not in said, said


async def test_a_reader_that_has_seen_enough_is_no_error(embedded_broker: Broker) -> None:
    await ensure_topics(settings_for(embedded_broker), (INTAKE_REPORTING,))
    async with running("--kafka", embedded_broker.bootstrap, "--since", "1h", "--json") as (process, line):
        await produce(embedded_broker, INTAKE_REPORTING, event(1, type=TYPE, data=REPORTED))
        await line()
        assert process.stdout is not None and process.stderr is not None
        process.stdout._transport.close()
        await produce(embedded_broker, INTAKE_REPORTING, *(event(n, type=TYPE, data=REPORTED) for n in range(2, 9)))
        assert await asyncio.wait_for(process.wait(), 20) == 0
        assert b"Traceback" not in await process.stderr.read()


def test_a_broker_that_goes_away_is_told_and_waited_for(tmp_path: Path) -> None:
    # Without an event loop of its own: brokers are started from the main thread, and wait in a loop of theirs.
    port, out, err = free_port(), tmp_path / "out", tmp_path / "err"
    command = [sys.executable, "-m", "deploy.cli.main", "tail", "--json", "--kafka", f"127.0.0.1:{port}"]

    def said() -> list[bool]:
        return ["is away" in line for line in err.read_text().splitlines()]

    async def tell(broker: Broker, number: int) -> None:
        await ensure_topics(settings_for(broker), (INTAKE_REPORTING,))
        await produce(broker, INTAKE_REPORTING, event(number, type=TYPE, data=REPORTED))

    def ids() -> list[str]:
        return [json.loads(line)["id"] for line in out.read_text().splitlines()]

    with out.open("w") as output, err.open("w") as messages:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=messages)
        try:
            wait(lambda: said() == [True], 30)
            for number, sentences in ((1, 3), (2, 5)):
                with embedded_broker(port) as broker:
                    asyncio.run(tell(broker, number))
                    wait(lambda expected=f"e{number}": ids()[-1:] == [expected], 30)
                wait(lambda expected=sentences: len(said()) == expected, 30)
            assert (ids(), said()) == (["e1", "e2"], [True, False, True, False, True])
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0, "also while it waits"
        finally:
            process.kill()
            process.wait()
