"""Events in words: readable, and never able to steer a terminal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from deploy.cli.words import AMSTERDAM, fields_in_words, in_words, moment_of, name_of, plain, shortened
from shared.contracts.topics import EVENTS


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nl.veiligbestuur.incidents.incident-reported.v1", "Incident reported"),
        ("ivp-callback-due", "IVP callback due"),
        ("rccb-notified", "RCCB notified"),
    ],
)
def test_an_event_is_called_in_plain_english(name: str, words: str) -> None:
    assert in_words(name) == words


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_has_a_name_in_words(name: str) -> None:
    assert "-" not in in_words(name) and "." not in in_words(name)
    assert name_of(name_of(name)) == name_of(name)


DAY = datetime(2016, 3, 13, 21, 40, tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "threat", "reporter_is_victim": True, "qualifies": False},
         "kind threat, reporter is victim, not qualifies"),
        ({"total_cents": 4_500_000}, "total € 45,000.00"),
        ({"due_at": "2016-03-13T21:10:00Z"}, "due 22:10"),
        ({"due_at": "2016-03-14T21:10:00Z"}, "due 2016-03-14 22:10"),
        ({"filed_on": "2016-03-14"}, "filed on 2016-03-14"),
        ({"lines": [{"measure": "x" * 32, "type": "alarm", "place": "home", "above_pkvw": True, "amount_cents": 100}]},
         "lines alarm at home, above pkvw, amount € 1.00"),
        ({"missing": ["aangifte", "advice"], "channel": "phone"}, "channel phone, missing aangifte; advice"),
        ({"missing": []}, "missing none"),
        ({"measure": {"type": "alarm", "place": "home"}, "case": "y" * 32}, "alarm at home"),
        ({"measure": "z" * 32, "case": "y" * 32}, ""),
        ({"minutes": 25, "context": None}, "minutes 25"),
    ],
)  # fmt: skip
def test_fields_are_said_short(fields: dict[str, Any], words: str) -> None:
    assert fields_in_words(fields, DAY) == words


@pytest.mark.parametrize("text", ["2016-03-13", "2016-03-13T21:10:00", "Threat", "T", 5, None])
def test_what_is_not_a_moment_is_not_read_as_one(text: Any) -> None:
    assert moment_of(text) is None


def test_nothing_in_a_field_can_steer_a_terminal() -> None:
    said = fields_in_words({"kind\x1b[2J": "a\x1b]0;x\x07\u202eb", "lines": [{"type": "\x9b31m"}], "missing": ["\r\n"]})
    assert said.isprintable() and "�" in said
    assert plain("café – €") == "café – €"


def test_a_reference_is_shortened() -> None:
    assert (shortened("0123456789"), shortened("012345678")) == ("01234567…", "012345678")
