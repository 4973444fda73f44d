"""Every sample ever released can be read with today's models: inside a version only optional fields may be added.

`python -m tests.contracts.test_samples --write` adds the samples of new events. It never changes one that is there.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.envelope import DOMAIN, Envelope, Event, to_record
from shared.contracts.topics import EVENTS, HOME
from tests.contracts.examples import envelope, example

SAMPLES = Path(__file__).with_name("samples")
COMPLETE, ONLY_REQUIRED = "complete", "only-required"


def sample(event: type[Event], part: str) -> dict[str, Any]:
    """The CloudEvent of an example, as JSON."""
    one = example(event, complete=part == COMPLETE)
    data = one.data() if part == COMPLETE else one.model_dump(mode="json", exclude_unset=True)
    record = to_record(envelope(one, data=data), topic=HOME[event].name, key=one.case)
    return json.loads(record.body)


def path_of(event: type[Event], part: str, folder: Path = SAMPLES) -> Path:
    return folder / f"{event.type_name()}.{part}.json"


def write(folder: Path = SAMPLES) -> list[Path]:
    """Writes the samples that are not there yet; returns them."""
    wanted = [(event, part) for event in HOME for part in (COMPLETE, ONLY_REQUIRED)]
    new = {path_of(*one, folder): sample(*one) for one in wanted if not path_of(*one, folder).exists()}
    for path, body in new.items():
        path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    return list(new)


released = pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)


def read(body: dict[str, Any]) -> Event:
    """As a subscriber reads it."""
    return Envelope[EVENTS[body["type"]]].model_validate_json(json.dumps(body)).data


def holds_all(read_back: Any, released_value: Any) -> bool:
    """Whether nothing of the released value was lost or changed; new fields may have come."""
    if isinstance(released_value, dict):
        return all(name in read_back and holds_all(read_back[name], one) for name, one in released_value.items())
    if isinstance(released_value, list):
        return len(read_back) == len(released_value) and all(map(holds_all, read_back, released_value))
    return read_back == released_value


def with_unknown(value: Any) -> Any:
    """The same, with a field of a later version in every object."""
    if isinstance(value, dict):
        return {name: with_unknown(one) for name, one in value.items()} | {"of_a_later_version": {"new": [1]}}
    return [with_unknown(one) for one in value] if isinstance(value, list) else value


@released
def test_a_released_sample_is_read_with_nothing_lost(path):
    body = json.loads(path.read_text())
    assert holds_all(read(body).data(), body["data"])


@released
def test_a_released_sample_with_fields_of_a_later_version_is_read_the_same(path):
    body = json.loads(path.read_text())
    assert read(with_unknown(body)) == read(body)


@released
def test_a_sample_bears_the_type_that_its_file_is_named_after(path):
    body = json.loads(path.read_text())
    assert path.name.removeprefix(body["type"]) in (f".{COMPLETE}.json", f".{ONLY_REQUIRED}.json")
    assert body["type"].startswith(f"{DOMAIN}.")


@pytest.mark.parametrize("part", [COMPLETE, ONLY_REQUIRED])
@pytest.mark.parametrize("event", HOME, ids=lambda event: event.__name__)
def test_every_event_has_its_samples(event, part):
    """Red after a new event: run `python -m tests.contracts.test_samples --write` and commit what it made."""
    assert path_of(event, part).exists()


@pytest.mark.parametrize("event", HOME, ids=lambda event: event.__name__)
def test_the_only_required_sample_holds_what_today_is_required_and_nothing_else(event):
    """A field that becomes required, or stops being so, is a new version."""
    required = {field for field, about in event.model_fields.items() if about.is_required()}
    assert set(json.loads(path_of(event, ONLY_REQUIRED).read_text())["data"]) == required


@pytest.mark.parametrize("event", HOME, ids=lambda event: event.__name__)
def test_no_field_of_a_released_sample_was_taken_away(event):
    released_fields = set(json.loads(path_of(event, COMPLETE).read_text())["data"])
    assert released_fields <= set(event.model_fields)


def test_writing_adds_what_is_missing_and_never_changes_what_was_released(tmp_path):
    assert len(write(tmp_path)) == 2 * len(HOME)
    changed, removed = sorted(tmp_path.glob("*.json"))[:2]
    changed.write_text("released long ago")
    removed.unlink()
    assert write(tmp_path) == [removed]
    assert changed.read_text() == "released long ago"


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.contracts.test_samples --write")
    for written in write():
        sys.stdout.write(f"{written.name}\n")
