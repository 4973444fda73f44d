"""Samples ever released can be read with today's models; today's are read by whoever reads tolerantly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.contracts.published import samples
from deploy.contracts.releases import released
from shared.contracts.envelope import DOMAIN, Envelope, Event
from shared.contracts.topics import EVENTS, HOME

RELEASED = [
    pytest.param(sample, id=f"{number}-{path}")
    for number, contracts in released()
    for path, sample in contracts.samples.items()
    if not path.startswith("partners/")  # our own models read internal topics only
]
NOW = samples()
every_released = pytest.mark.parametrize("body", RELEASED)
every_event = pytest.mark.parametrize("event", HOME, ids=lambda event: event.__name__)


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


@every_released
def test_a_released_sample_is_read_with_nothing_lost(body):
    assert holds_all(read(body).data(), body["data"])


@every_released
def test_a_released_sample_with_fields_of_a_later_version_is_read_the_same(body):
    assert read(with_unknown(body)) == read(body)


@pytest.mark.parametrize("path", NOW)
def test_a_sample_bears_the_type_that_its_file_is_named_after(path):
    body = NOW[path]
    assert path.rpartition("/")[2].removeprefix(body["type"]) in (".complete.json", ".only-required.json")
    assert body["type"].startswith(f"{DOMAIN}.")


@every_event
def test_the_only_required_sample_holds_what_is_required_and_nothing_else(event):
    required = {field for field, about in event.model_fields.items() if about.is_required()}
    assert set(NOW[f"{event.type_name()}.only-required.json"]["data"]) == required


@every_event
def test_the_complete_sample_holds_every_field(event):
    """Of its lines too."""
    data = NOW[f"{event.type_name()}.complete.json"]["data"]
    assert set(data) == set(event.model_fields)
    for line in data.get("lines", ()):
        (model,) = (one for one in event.model_fields["lines"].annotation.__args__ if one is not Ellipsis)
        assert set(line) == set(model.model_fields)
