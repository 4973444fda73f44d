"""The witness reads what is no event too: dead letters, what an operator did with them, and whatever else is there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.stories.checks import _check_canaries, _check_partners
from deploy.stories.stage import Broken
from deploy.stories.witness import Received, Witness, received

AUDIT_LINE = {"letter": "53858ae9b67f", "action": "replayed", "actor": "op-1", "reason": "repaired in 0.1.1"}
NO_EVENTS = [
    json.dumps(AUDIT_LINE).encode(), b"no json", b'"text"', b"[]", b'{"type": 5, "data": "text"}', b'{"type": ""}',
    b'{"type": "x", "data": null}', b"\xff\xfe", None,
]  # fmt: skip


@dataclass(frozen=True)
class Raw:
    """A record as aiokafka gives it."""

    value: bytes | None
    topic: str = "dead-letters.handled"
    partition: int = 0
    key: bytes | None = b"\xff"
    headers: tuple[tuple[str, bytes], ...] = (("letter", b"\xff"),)


def witness_of(*records: Any) -> Witness:
    witness = Witness("127.0.0.1:1", ())
    witness.received = [received(record) for record in records]
    return witness


@pytest.mark.parametrize("value", NO_EVENTS, ids=str)
def test_a_record_that_is_no_event_breaks_no_story(value: bytes | None) -> None:
    witness = witness_of(Raw(value))
    (one,) = witness.received
    assert isinstance(one.name, str)
    assert witness.about({"some-case"}) == []
    _check_canaries(witness.received, ("kanarie",))
    _check_partners(witness.once())


def test_what_is_personal_is_found_in_such_a_record_too() -> None:
    said = Raw(json.dumps(AUDIT_LINE | {"reason": "het ging om Kanarie"}).encode())
    with pytest.raises(Broken, match=r"dead-letters\.handled"):
        _check_canaries(witness_of(said).received, ("Kanarie",))


def test_an_event_is_named_in_kebab_case_and_found_by_its_case() -> None:
    body = {"id": "e1", "type": "nl.veiligbestuur.incidents.incident-reported.v1", "data": {"case": "some-case"}}
    (one,) = witness_of(Raw(json.dumps(body).encode(), topic="intake.reporting", key=b"some-case")).about({"some-case"})
    assert (one.name, one.data, one.key) == ("incident-reported", {"case": "some-case"}, "some-case")
    assert isinstance(one, Received)
