"""Dead letters at the desk: what they are called, what counts as settled, and what a replay may never do."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError

from deploy.cli.letters import Desk, Letter, Line, NoSuchTopic, NotNoted, letter_of, open_desk, standing
from deploy.local.temporary import Broker, free_port, settings_for
from shared.contracts.topics import DEAD_LETTERS, DEAD_LETTERS_HANDLED, Topic, replay_topic
from shared.runtime.environment import Clock, Keys
from shared.runtime.kafka import topic_exists
from shared.runtime.kafka_access import access_of
from shared.runtime.outbox import BrokerAway
from shared.runtime.service import Service
from tests.wire.subscribing import dead_letters_of, event, eventually, listening, produce, records_of

ORIGIN = {"dl_subscription": "a.b.c", "dl_error": "KeyError", "dl_topic": "t", "dl_partition": "0", "dl_offset": "7"}


def record(value: bytes | None = b"body", *more: tuple[str, bytes | None], **other: str) -> Any:
    """A raw record on the dead letters."""
    headers = (*more, *((name, text.encode()) for name, text in (ORIGIN | other).items()))
    return SimpleNamespace(key=b"key", value=value, headers=headers, timestamp=1_456_833_600_000, offset=3)


def test_an_id_is_made_of_origin_and_body_and_of_nothing_else() -> None:
    one = letter_of(record())
    assert letter_of(record(b"body", ("traceparent", b"x"), dl_error="ValueError")).id == one.id
    others = [letter_of(record(b"other")), letter_of(record(None)), *(
        letter_of(record(**{f"dl_{name}": "8"})) for name in ("subscription", "topic", "partition", "offset")
    )]  # fmt: skip
    assert len({one.id, *(other.id for other in others)}) == 7


def test_a_letter_keeps_the_headers_it_had_before_it_failed() -> None:
    letter = letter_of(record(b"body", ("content-type", b"x"), ("empty", None)))
    assert letter.headers == (("content-type", b"x"), ("empty", b""))
    assert (letter.subscription, letter.error, letter.topic) == ("a.b.c", "KeyError", "t")
    assert letter.at.isoformat() == "2016-03-01T12:00:00+00:00"


def test_what_somebody_else_wrote_among_the_dead_letters_is_a_letter_too() -> None:
    letter = letter_of(SimpleNamespace(key=None, value=None, headers=(("dl_topic", b"\xff"),), timestamp=0))
    assert letter.subscription == "" and letter.id


@pytest.mark.parametrize(
    ("actions", "state"),
    [((), None), (("shown",), None), (("replayed",), "replayed"), (("dropped", "shown"), "dropped"),
     (("dropped", "replayed"), "replayed"), (("invented",), None)],
)  # fmt: skip
def test_the_last_line_that_settles_counts_and_looking_settles_nothing(
    actions: tuple[Any, ...], state: str | None
) -> None:
    settled = standing([Line("x", action, "op-1", "", "") for action in actions])
    assert (settled["x"].action if settled else None) == state


class Producer:
    """A producer that remembers, and fails on one topic."""

    def __init__(self, fails: str = "") -> None:
        self.fails, self.sent = fails, list[tuple[str, Any]]()

    async def send_and_wait(self, topic: str, value: Any, *, key: Any, headers: Any) -> None:
        if topic == self.fails:
            raise KafkaTimeoutError
        self.sent.append((topic, value))


LETTER: Letter = letter_of(record())
REPLAYS = replay_topic("a.b.c").name


def desk(producer: Producer, *topics: str) -> Desk:
    return Desk(None, producer, set(topics))


async def test_the_audit_line_is_written_only_after_the_record_was_acknowledged() -> None:
    fails = Producer(fails=REPLAYS)
    with pytest.raises(BrokerAway):
        await desk(fails, REPLAYS).replay(LETTER, "op-1")
    assert fails.sent == []
    works = Producer()
    await desk(works, REPLAYS).replay(LETTER, "op-1", "fixed")
    assert [topic for topic, _ in works.sent] == [REPLAYS, DEAD_LETTERS_HANDLED.name]
    line = json.loads(works.sent[1][1])
    assert line.keys() == {"letter", "action", "actor", "reason", "at"}
    assert (line["letter"], line["action"], line["actor"], line["reason"]) == (LETTER.id, "replayed", "op-1", "fixed")


async def test_a_replay_that_could_not_be_noted_says_so() -> None:
    producer = Producer(fails=DEAD_LETTERS_HANDLED.name)
    with pytest.raises(NotNoted):
        await desk(producer, REPLAYS).replay(LETTER, "op-1")
    assert [topic for topic, _ in producer.sent] == [REPLAYS]


async def test_a_letter_of_no_known_subscription_is_sent_nowhere() -> None:
    producer = Producer()
    with pytest.raises(NoSuchTopic):
        await desk(producer, REPLAYS).replay(replace(LETTER, subscription="gone"), "op-1")
    assert producer.sent == []


async def bug(_: str) -> None:
    raise KeyError("a bug")


async def test_a_replay_reaches_only_the_subscription_that_failed_and_nothing_of_the_record_changes(
    broker: Broker,
) -> None:
    async with listening(broker) as failing, listening(broker, failing.topic) as other:
        repaired, failing.handle = failing.handle, bug
        await produce(broker, failing.topic, event(1), headers=(("traceparent", b"00-1"),))
        [raw] = await dead_letters_of(broker, failing.topic, 1)
        await eventually("the other has handled it", lambda: other.handled == ["e1"])
        failing.handle = repaired
        async with open_desk(access_of(broker.bootstrap)) as at_desk:
            [letter] = [one for one in await at_desk.letters() if one.topic == failing.topic.name]
            assert letter.id not in standing(await at_desk.lines())
            await at_desk.replay(letter, "op-1", "repaired")
            await eventually("it is handled now", lambda: failing.handled == ["e1"])
            line = standing(await at_desk.lines())[letter.id]
        assert (line.action, line.actor, line.reason) == ("replayed", "op-1", "repaired")
        assert other.calls == ["e1"], "the other subscription hears nothing of it"
        [again] = await records_of(broker, replay_topic(failing.group), 1, lambda _: True)
        assert (again.key, again.value) == (raw.key, raw.value)
        kept = [(name, value) for name, value in raw.headers if not name.startswith("dl_")]
        assert list(again.headers) == [*kept, ("replayed_from", letter.id.encode())]
        assert failing.health.dead_letters == 1


async def test_a_replay_that_fails_again_is_a_new_dead_letter(broker: Broker) -> None:
    async with listening(broker) as listener:
        listener.handle = bug
        await produce(broker, listener.topic, event(1))
        await dead_letters_of(broker, listener.topic, 1)
        async with open_desk(access_of(broker.bootstrap)) as at_desk:
            [first] = [one for one in await at_desk.letters() if one.subscription == listener.group]
            await at_desk.replay(first, "op-1")
            await dead_letters_of(broker, replay_topic(listener.group), 1)
            mine = [one for one in await at_desk.letters() if one.subscription == listener.group]
            assert [one.id in standing(await at_desk.lines()) for one in mine] == [True, False]
            assert (mine[1].topic, mine[1].value) == (replay_topic(listener.group).name, first.value)
            await at_desk.replay(mine[1], "op-1")
            third = (await dead_letters_of(broker, replay_topic(listener.group), 2))[1]
        origins = [value for name, value in third.headers if name == "replayed_from"]
        assert origins == [mine[1].id.encode()], "the last one only"


async def test_many_letters_are_read_to_the_end_each_once(broker: Broker) -> None:
    async with listening(broker) as listener:
        origin = ORIGIN | {"dl_subscription": listener.group}
        headers = tuple((name, text.encode()) for name, text in origin.items())
        bodies = [b"%d" % number for number in range(250)]
        await produce(broker, DEAD_LETTERS, *bodies, bodies[0], headers=headers)
        async with open_desk(access_of(broker.bootstrap)) as at_desk:
            mine = [one.value for one in await at_desk.letters() if one.subscription == listener.group]
    assert mine == bodies


async def test_a_broker_that_is_away_or_not_ours_is_told_apart(embedded_broker: Broker) -> None:
    with pytest.raises(BrokerAway):
        async with open_desk(access_of(f"127.0.0.1:{free_port()}")):
            pass
    async with open_desk(access_of(embedded_broker.bootstrap)) as at_desk:
        at_desk._topics = {"something-else"}
        with pytest.raises(NoSuchTopic):
            await at_desk.letters()


async def test_a_service_makes_the_replay_topics_of_its_subscriptions(broker: Broker) -> None:
    group = f"test.{uuid.uuid4().hex[:8]}.makes"
    service = Service("toy", settings_for(broker), keys=Keys(b"r" * 32, b"p" * 32), clock=Clock())
    service.bus.subscription(Topic("test.made"), group)
    assert not await topic_exists(service.settings, replay_topic(group))
    await service.create_topics()
    assert await topic_exists(service.settings, replay_topic(group))
    await service.database.close()
