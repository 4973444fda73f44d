"""Log lines: JSON, with only the fields on the list."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from shared.runtime import logs

CANARY = "kanarie-Jansen"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """A function that gives the lines written since the last call."""
    logs.configure("INFO")
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logs.configure("WARNING")


def test_a_line_is_json_with_the_time_in_utc(lines: Any) -> None:
    logs.logger("here").info("case_saved", case="abc", count=2)
    (line,) = lines()
    assert (line["event"], line["origin"], line["case"], line["count"]) == ("case_saved", "here", "abc", 2)
    assert line["timestamp"].endswith("Z")


def test_a_field_that_is_not_on_the_list_does_not_get_out(lines: Any) -> None:
    logs.logger("here").info("case_saved", name=CANARY, body={"phone": CANARY})
    (line,) = lines()
    assert CANARY not in str(line)
    assert line["error"] == "field_not_allowed_in_log", "and somebody can see that it happened"


def test_a_library_says_what_and_where_but_not_with_what(lines: Any) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("faststream.kafka").exception("cannot handle %s", CANARY)
    (line,) = lines()
    assert CANARY not in str(line)
    assert (line["origin"], line["error"], line["level"]) == ("faststream.kafka", "ValueError", "error")


def test_a_library_without_message_content_may_say_its_text(lines: Any) -> None:
    logging.getLogger("aiokafka.conn").warning("Unable connect to node with id %s", 111)
    (line,) = lines()
    assert line["text"] == "Unable connect to node with id 111"


def test_what_a_library_keeps_repeating_is_counted_and_not_written(lines: Any) -> None:
    noisy = logging.getLogger("aiokafka.noisy")
    for number in range(1_000):
        noisy.warning("Unable connect to node with id %s", number)
    assert len(lines()) == 1
    record = noisy.makeRecord("aiokafka.noisy", logging.WARNING, "", 0, "Unable connect to node with id %s", (1,), None)
    record.created += logs.REPEAT_SECONDS + 1
    noisy.handle(record)
    (line,) = lines()
    assert line["count"] == 999
