"""`veilig dead-letters`: what an operator sees and does, on both brokers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError, TopicAuthorizationFailedError

from deploy.local.temporary import Broker, free_port
from shared.contracts.topics import DEAD_LETTERS, DEAD_LETTERS_HANDLED
from tests.deploy.commands import Ended, veilig
from tests.wire.subscribing import Listener, dead_letters_of, event, eventually, listening, produce, records_of

CANARY = "kanarie-Jansen"


async def bug(_: str) -> None:
    raise KeyError(CANARY)


async def letters(broker: Broker, command: str, *arguments: str) -> Ended:
    return await veilig("dead-letters", command, "--kafka", broker.bootstrap, *arguments)


async def listed(broker: Broker, listener: Listener, *arguments: str) -> list[dict[str, Any]]:
    """What `list` says of this listener's dead letters."""
    ended = await letters(broker, "list", "--subscription", listener.group, "--json", *arguments)
    assert ended.status == 0, ended.err
    found: list[dict[str, Any]] = ended.json
    return found


@asynccontextmanager
async def with_letters(broker: Broker, *bodies: bytes) -> AsyncIterator[tuple[Listener, list[str]]]:
    """A listener that works again, and the ids of the letters that its bug made of these bodies."""
    async with listening(broker) as listener:
        repaired, listener.handle = listener.handle, bug
        await produce(broker, listener.topic, *bodies)
        await dead_letters_of(broker, listener.topic, len(bodies))
        listener.handle = repaired
        yield listener, [row["id"] for row in await listed(broker, listener)]


async def audit(broker: Broker, letter: str, count: int) -> list[dict[str, Any]]:
    """The audit lines of a letter, at least so many."""
    found = await records_of(broker, DEAD_LETTERS_HANDLED, count, lambda record: record.key == letter.encode())
    return [json.loads(record.value) for record in found]


async def test_from_failure_to_replay_as_an_operator_sees_it(broker: Broker) -> None:
    async with with_letters(broker, event(1)) as (listener, [letter]), listening(broker, listener.topic) as other:
        await eventually("the other subscription handles it", lambda: other.handled == ["e1"])
        table = await letters(broker, "list", "--subscription", listener.group)
        assert all(word in table.out for word in (letter, "open", listener.group, "KeyError", "IVP callback attempted"))
        assert (await letters(broker, "list", "--fail-if-any", "--subscription", listener.group)).status == 1

        sent = await letters(broker, "replay", letter, "--as", "op-1", "--reason", "repaired in 0.1.1")
        assert (sent.status, sent.out) == (0, f"{letter} sent again to {listener.group}.\n")
        assert "Never write about a person" in sent.err
        await eventually("it is handled now", lambda: listener.handled == ["e1"])
        assert other.calls == ["e1"]

        assert await listed(broker, listener) == []
        assert [row["state"] for row in await listed(broker, listener, "--all")] == ["replayed"]
        assert (await letters(broker, "list", "--fail-if-any", "--subscription", listener.group)).status == 0
        [line] = await audit(broker, letter, 1)
        assert (line["action"], line["actor"], line["reason"]) == ("replayed", "op-1", "repaired in 0.1.1")


async def test_all_open_letters_of_one_subscription_are_replayed_in_order(broker: Broker) -> None:
    bodies = [event(number) for number in range(1, 4)]
    async with (
        with_letters(broker, *bodies) as (listener, [_, second, _]),
        with_letters(broker, event(9)) as (others, _),
    ):
        await letters(broker, "drop", second, "--as", "op-1", "--reason", "double")
        sent = await letters(broker, "replay", "--all", "--subscription", listener.group, "--as", "op-1")
        assert (sent.status, sent.out.count("sent again")) == (0, 2)
        await eventually("both are handled", lambda: listener.handled == ["e1", "e3"])
        assert len(await listed(broker, others)) == 1 and others.handled == []
        nothing = await letters(broker, "replay", "--all", "--subscription", listener.group, "--as", "op-1")
        assert (nothing.status, nothing.out[:17]) == (0, "Nothing to replay")


async def test_a_dropped_letter_stays_dropped_unless_somebody_insists(broker: Broker) -> None:
    async with with_letters(broker, event(1)) as (listener, [letter]):
        for wrong in ((), ("--as", "op-1"), ("--as", "op-1", "--reason", " "), ("--reason", "x"),
                      ("--as", "Jan Jansen", "--reason", "x"), ("--as", "op-1", "--reason", "x" * 121),
                      ("--as", "op-1", "--reason", "two\nlines")):  # fmt: skip
            assert (await letters(broker, "drop", letter, *wrong)).status == 2, wrong
        assert len(await listed(broker, listener)) == 1
        assert (await letters(broker, "drop", letter, "--as", "op-2", "--reason", "test message")).status == 0
        assert [row["state"] for row in await listed(broker, listener, "--all")] == ["dropped"]
        refused = await letters(broker, "replay", letter, "--as", "op-1")
        assert refused.status == 2 and "was dropped" in refused.err
        assert (await letters(broker, "drop", letter, "--as", "op-1", "--reason", "again")).status == 2
        assert listener.handled == []
        assert (await letters(broker, "replay", letter, "--as", "op-1", "--again")).status == 0
        await eventually("it is handled", lambda: listener.handled == ["e1"])
        assert [line["action"] for line in await audit(broker, letter, 2)] == ["dropped", "replayed"]


async def test_a_body_is_shown_only_when_asked_for_and_that_is_noted(broker: Broker) -> None:
    broken = f"{{not json {CANARY}".encode()
    odd = (("x-odd", CANARY.encode()), ("traceparent", b"\x1b]0;" + CANARY.encode()), (CANARY + "\n", b"1"))
    async with listening(broker) as listener:
        await produce(broker, listener.topic, broken, headers=odd)
        await produce(broker, listener.topic, event(1, data={"case": CANARY}, subject=f"{CANARY} \x1b[2J"))
        await dead_letters_of(broker, listener.topic, 2)
        first, second = [row["id"] for row in await listed(broker, listener)]
        for letter in (first, second):
            for option in ((), ("--json",)):
                seen = await letters(broker, "show", letter, *option)
                assert seen.status == 0 and listener.group in seen.out
                assert CANARY not in seen.out and "\x1b" not in seen.out
        assert (await letters(broker, "show", first, "--body")).status == 2, "who looks?"
        seen = await letters(broker, "show", first, "--body", "--as", "op-1", "--json")
        assert seen.json["body"] == broken.decode()
        assert [line["action"] for line in seen.json["audit"]] == ["shown"]
        assert len(await listed(broker, listener)) == 2, "looking settles nothing"


async def test_what_the_operator_gets_wrong_is_said_in_a_sentence(broker: Broker) -> None:
    async with with_letters(broker, event(1)) as (listener, [letter]):
        lost = await letters(broker, "replay", "nonesuch", "--as", "op-1")
        assert lost.status == 2 and lost.err.startswith("There is no dead letter nonesuch.")
        assert (await letters(broker, "show", "nonesuch")).status == 2
        assert (await letters(broker, "drop", "nonesuch", "--as", "op-1", "--reason", "x")).status == 2
        for wrong in ((letter,), ("--as", "op-1"), ("--all", "--as", "op-1"), (letter, "--all", "--as", "op-1"),
                      (letter, "--subscription", listener.group, "--as", "op-1")):  # fmt: skip
            assert (await letters(broker, "replay", *wrong)).status == 2, wrong
        assert len(await listed(broker, listener)) == 1 and listener.handled == []


async def test_a_letter_of_a_subscription_that_is_gone_is_sent_nowhere(embedded_broker: Broker) -> None:
    origin = {"dl_subscription": "gone.away", "dl_error": "KeyError", "dl_topic": "t"}
    headers = tuple((name, text.encode()) for name, text in origin.items())
    async with listening(embedded_broker):
        await produce(embedded_broker, DEAD_LETTERS, event(1), headers=headers)
    [letter] = (await letters(embedded_broker, "list", "--subscription", "gone.away", "--json")).json
    ended = await letters(embedded_broker, "replay", letter["id"], "--as", "op-1")
    assert ended.status == 2 and "no subscription is called gone.away; nothing was sent" in ended.err


async def test_a_broker_that_is_away_or_another_one_is_said_in_a_sentence(embedded_broker: Broker) -> None:
    address = f"127.0.0.1:{free_port()}"
    for command in (("list",), ("show", "x"), ("replay", "x", "--as", "op-1")):
        ended = await veilig("dead-letters", *command, "--kafka", address)
        assert ended.status == 3 and ended.err.startswith(f"The broker at {address} does not answer"), command


async def test_an_audit_line_that_fails_after_the_send_is_told(
    embedded_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = AIOKafkaProducer.send_and_wait

    async def send(self: AIOKafkaProducer, topic: str, *more: Any, **other: Any) -> Any:
        if topic == DEAD_LETTERS_HANDLED.name:
            raise KafkaTimeoutError
        return await really(self, topic, *more, **other)

    async with with_letters(embedded_broker, event(1)) as (listener, [letter]):
        monkeypatch.setattr(AIOKafkaProducer, "send_and_wait", send)
        ended = await letters(embedded_broker, "replay", letter, "--as", "op-1")
        assert ended.status == 3
        assert "was sent" in ended.err and "audit line could not be written (KafkaTimeoutError)" in ended.err
        await eventually("it is handled", lambda: listener.handled == ["e1"])
        unseen = await letters(embedded_broker, "show", letter, "--body", "--as", "op-1")
        assert unseen.status == 3 and "e1" not in unseen.out, "no look without a line"
        monkeypatch.undo()
        assert len(await listed(embedded_broker, listener)) == 1, "it still counts as open"


async def test_a_broker_that_refuses_is_not_called_away(
    embedded_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        raise TopicAuthorizationFailedError("replay")

    async with with_letters(embedded_broker, event(1)) as (listener, [letter]):
        monkeypatch.setattr(AIOKafkaProducer, "send_and_wait", refuse)
        ended = await letters(embedded_broker, "replay", letter, "--as", "op-1")
        monkeypatch.undo()
        assert ended.status == 2 and "does not let you do this" in ended.err
        assert listener.handled == [] and len(await listed(embedded_broker, listener)) == 1


async def test_without_address_and_stack_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("VEILIG_KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.setattr("deploy.cli.connection.STACK", tmp_path / "stack.json")
    ended = await veilig("dead-letters", "list")
    assert ended.status == 2 and "make run" in ended.err
    (tmp_path / "stack.json").write_text(json.dumps({"kafka": f"127.0.0.1:{free_port()}"}))
    assert (await veilig("dead-letters", "list")).status == 3
