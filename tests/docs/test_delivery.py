"""docs/delivery-guarantees.md: its numbers are those of the code and of the broker's settings."""

from __future__ import annotations

import inspect
import re

import pytest
from aiokafka import AIOKafkaProducer

from deploy.kafka.apache import SECURED
from shared.contracts.topics import DAY, DEAD_LETTERS, DEAD_LETTERS_HANDLED, internal_topics, partner_topics
from shared.runtime.environment import Settings
from shared.runtime.failures import BETWEEN_TRIES, FIRST_PAUSE, LONGEST_HOLD, MOST_TRIES, TRIES, try_pauses
from tests.stack import ROOT

TEXT = (ROOT / "docs" / "delivery-guarantees.md").read_text()
HOLD = Settings.model_fields["hold_seconds"].default


def row(words: str) -> list[str]:
    """The cells of the one line of a table that begins with these words."""
    (found,) = [line for line in TEXT.splitlines() if line.startswith(f"| {words}")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"[\d.]*\d", text)]


def test_how_long_a_message_is_held_while_something_is_away() -> None:
    _, _, pauses, in_all, _ = row("database or broker away")
    assert numbers(pauses) == [FIRST_PAUSE, HOLD]
    assert numbers(in_all) == [LONGEST_HOLD]


def test_how_often_and_how_long_a_message_that_fails_is_tried() -> None:
    _, tries, pauses, in_all, _ = row("the same kind of error")
    assert numbers(tries) == [TRIES]
    assert numbers(pauses) == try_pauses()
    assert numbers(in_all) == [pytest.approx(sum(try_pauses()))]
    _, tries, pauses, in_all, _ = row("another kind of error")
    assert numbers(tries) == [MOST_TRIES]
    assert numbers(pauses) == [BETWEEN_TRIES, max(try_pauses())]
    (bound,) = numbers(in_all)
    assert (MOST_TRIES - 1) * max(try_pauses()) < bound


def test_how_long_the_client_tries_to_write_a_dead_letter() -> None:
    _, _, pauses, _, _ = row("the dead letter itself")
    client = inspect.signature(AIOKafkaProducer).parameters["request_timeout_ms"].default
    assert numbers(pauses) == [client / 1000, HOLD]


def test_how_long_what_stays() -> None:
    events = {one.retention_ms // DAY for one in (*internal_topics(), *partner_topics(("9901",)))}
    letters = {one.retention_ms // DAY for one in (DEAD_LETTERS, DEAD_LETTERS_HANDLED)}
    assert set(numbers(row("an event on its topic")[1])) == events - letters
    assert set(numbers(row("a dead letter, and")[1])) == letters
    kept = re.search(r"^offsets.retention.minutes=(\d+)$", SECURED.read_text(), re.MULTILINE)
    assert kept is not None
    assert numbers(row("the place of a group")[1]) == [int(kept[1]) / 60 / 24] == [max(events - letters)]
