"""docs/delivery-guarantees.md: its numbers are those of the code and of the broker's settings."""

from __future__ import annotations

import inspect
import re
from datetime import timedelta
from itertools import accumulate

import pytest
from aiokafka import AIOKafkaProducer

from deploy.kafka.apache import SECURED
from deploy.partners.forwarder.domain import LONGEST_ASKED, PAUSES
from deploy.partners.forwarder.settings import ForwarderSettings
from deploy.partners.forwarder.store import LEFT_DAYS, LOG_DAYS
from shared.contracts.topics import DAY, DEAD_LETTERS, DEAD_LETTERS_HANDLED, internal_topics, partner_topics
from shared.runtime.environment import Settings
from shared.runtime.failures import BETWEEN_TRIES, FIRST_PAUSE, LONGEST_HOLD, MOST_TRIES, TRIES, try_pauses
from tests.stack import ROOT

TEXT = (ROOT / "docs" / "delivery-guarantees.md").read_text()
DECISION = (ROOT / "docs" / "decisions" / "0025-events-over-http.md").read_text()
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


SECONDS = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}


def seconds(text: str) -> int:
    """`1 d 3 h 48 min 40 s` in seconds."""
    return sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+) (d|h|min|s)\b", text))


def test_when_an_event_over_http_is_tried_again_and_how_long_that_takes_in_all() -> None:
    told = re.findall(r"^\| (\d+) \| ([^|]*) ?\| ([^|]+) \|$", TEXT, re.MULTILINE)
    pauses = [0, *(pause.total_seconds() for pause in PAUSES)]
    assert [int(number) for number, _, _ in told] == list(range(1, len(PAUSES) + 2))
    assert [seconds(pause) for _, pause, _ in told] == pauses
    assert [seconds(total) for _, _, total in told] == list(accumulate(pauses))


def test_what_a_partner_over_http_is_given_time_for() -> None:
    assert numbers(row("`429` or `503`")[1]) == [LONGEST_ASKED.total_seconds() / 3600]
    assert numbers(row("anything else: another")[0]) == [ForwarderSettings.model_fields["forward_seconds"].default]
    assert numbers(row("what waits for a partner over HTTP")[1]) == [LEFT_DAYS]
    assert numbers(row("the log of tries over HTTP")[1]) == [LOG_DAYS]
    assert len(PAUSES) + 1 == 15 and sum(PAUSES, timedelta(0)).days == 3
    assert "fifteen tries in three days" in DECISION
