"""Full transitive compatibility: nothing ever released may break, and a seeded break in each contract shows."""

from __future__ import annotations

import copy
import enum
import types
import typing
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import pytest
from pydantic import create_model

from deploy.contracts import examples, releases
from deploy.contracts.compatibility import breaks, misfits, schema_breaks, schema_path
from deploy.contracts.releases import NotReleasedError, current, freeze, numbers, released
from deploy.contracts.schemas import event_schema, path_of
from shared.contracts.envelope import Event
from shared.contracts.fields import MEANINGS, Meaning
from shared.contracts.promises import RELEASE
from shared.contracts.topics import HOME
from shared.contracts.vocabulary import Growing

NOW = current()
RELEASED = released()
BASE = examples.SCHEMAS
every_release = pytest.mark.parametrize(("number", "contracts"), RELEASED, ids=[number for number, _ in RELEASED])
every_event = pytest.mark.parametrize("event", HOME, ids=lambda event: event.__name__)
every_schema = pytest.mark.parametrize("path", NOW.schemas)


@every_release
def test_nothing_that_was_released_is_broken(number, contracts):
    """Red? Keep the old field or type as it was, and add an optional field or a type that ends in .v2."""
    assert breaks(contracts, NOW) == []


def test_there_is_a_release_and_the_contracts_bear_its_number():
    assert numbers()[0] == "1.0.0"
    assert numbers()[-1] == RELEASE


def test_every_schema_of_now_was_released_or_is_new():
    """The record is complete: the first release holds everything there was."""
    first = RELEASED[0][1]
    assert len(first.schemas) >= 79
    assert {schema_path(sample) for sample in first.samples.values()} == set(first.schemas) - {"envelope/v1.json"}


# Seeded breaks in schemas: of every event, every partner's copy and the envelope, at every depth.


def seeded(schema: dict[str, Any]):
    """Every break of a schema, as what was done and the broken schema."""
    for name, change in _broken_here(schema):
        yield name, change
    for field, one in schema.get("properties", {}).items():
        for name, broken in seeded(one):
            yield f"{field} {name}", schema | {"properties": schema["properties"] | {field: broken}}
    if "items" in schema:
        for name, broken in seeded(schema["items"]):
            yield f"line {name}", schema | {"items": broken}


def _broken_here(schema: dict[str, Any]):
    other = {"string": "integer"}.get(schema["type"], "string")
    yield "type changed", schema | {"type": other}
    if "properties" in schema:
        yield from _broken_object(schema)
    if "enum" in schema:
        yield "closed list widened", schema | {"enum": [*schema["enum"], "of-a-later-version"]}
        yield "closed list narrowed", schema | {"enum": schema["enum"][:-1]}
        yield "closed list opened", {key: value for key, value in schema.items() if key != "enum"}
    if "x-known-words" in schema:
        yield "growing list narrowed", schema | {"x-known-words": schema["x-known-words"][1:]}
        yield "growing list closed", schema | {"enum": schema["x-known-words"]}
    for keyword, value in (("format", "time"), ("pattern", "^x$"), ("const", "2.0"), ("default", "x")):
        if keyword in schema:
            yield f"{keyword} changed", schema | {keyword: value}
            yield f"{keyword} dropped", {key: one for key, one in schema.items() if key != keyword}
    for keyword in ("maxLength", "maxItems", "minLength"):
        if keyword in schema:
            yield f"{keyword} raised", schema | {keyword: schema[keyword] + 1}
            yield f"{keyword} lowered", schema | {keyword: schema[keyword] - 1}


def _broken_object(schema: dict[str, Any]):
    fields, required = schema["properties"], schema.get("required", [])
    new = {"brand_new": {"type": "string", "maxLength": 40}}
    yield "required field added", schema | {"properties": fields | new, "required": [*required, "brand_new"]}
    yield "closed to more fields", schema | {"additionalProperties": False}
    for name in fields:
        rest = {key: value for key, value in fields.items() if key != name}
        still = [one for one in required if one != name]
        yield f"{name} removed", schema | {"properties": rest, "required": still}
        if name in required:
            yield f"{name} no longer required", schema | {"required": still}
        else:
            yield f"{name} became required", schema | {"required": [*required, name]}


@every_schema
def test_a_seeded_break_in_each_schema_turns_it_red(path):
    done = 0
    for name, broken in seeded(NOW.schemas[path]):
        new = replace(NOW, schemas=NOW.schemas | {path: broken})
        found = breaks(replace(NOW, samples={}), replace(new, samples={}))
        assert found, name
        assert all(what.startswith(path) for what in found)
        done += 1
    assert done >= 8
    gone = {name: one for name, one in NOW.schemas.items() if name != path}
    assert breaks(NOW, replace(NOW, schemas=gone)) == [f"{path}: a released schema is gone"]


@every_schema
def test_what_is_allowed_within_a_version_stays_green(path):
    schema = copy.deepcopy(NOW.schemas[path])
    schema["properties"]["brand_new"] = {"type": "string", "maxLength": 40}
    schema["description"] = schema["title"] = "Said better."
    for one in schema["properties"].values():
        one["description"] = "Said better."
        if "x-known-words" in one:
            one["x-known-words"] = [*one["x-known-words"], "of-a-later-version"]
    assert breaks(NOW, replace(NOW, schemas=NOW.schemas | {path: schema})) == []


# Seeded breaks in the models themselves: the generator must carry them into the schema.


def remade(event: type[Event], **fields: Any) -> type[Event]:
    """The same event with fields replaced; None takes one away."""
    kept = {
        name: (field.annotation, field)
        for name, field in event.model_fields.items()
        if name not in fields and name != "case"
    }
    given = {name: field for name, field in fields.items() if field is not None}
    made = create_model(event.__name__, __base__=Event, __doc__=event.__doc__, **kept, **given)
    made.DOMAIN_NAME, made.VERSION = event.DOMAIN_NAME, event.VERSION
    return made


def bare(kind: Any) -> Any:
    """What a field holds when it is there."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return next(one for one in typing.get_args(kind) if one is not type(None))
    return kind


def own_fields(event: type[Event]):
    return [(name, field, bare(field.annotation)) for name, field in event.model_fields.items() if name != "case"]


def model_breaks(event: type[Event]):
    """What a careless programmer could do to an event, as a name and the broken model."""
    yield "required field added", remade(event, brand_new=(str, ...))
    for name, field, kind in own_fields(event):
        yield f"{name} removed", remade(event, **{name: None})
        yield f"{name} of another type", remade(event, **{name: (int if kind is not int else bool, field.default)})
        if field.is_required():
            yield f"{name} made optional", remade(event, **{name: (kind | None, None)})
        else:
            yield f"{name} made required", remade(event, **{name: (kind, ...)})
        if isinstance(kind, type) and issubclass(kind, StrEnum) and not issubclass(kind, Growing):
            words = {word.name: word.value for word in kind}
            wider = enum.StrEnum(kind.__name__, words | {"LATER": "of-a-later-version"})
            narrower = enum.StrEnum(kind.__name__, dict(list(words.items())[:-1]))
            yield f"{name} widened", remade(event, **{name: (wider, field.default)})
            yield f"{name} narrowed", remade(event, **{name: (narrower, field.default)})
        if kind in (datetime, date):
            yield f"{name} in another format", remade(event, **{name: (date if kind is datetime else datetime, ...)})


@every_event
def test_a_seeded_break_in_each_model_turns_it_red(event, monkeypatch):
    monkeypatch.setitem(MEANINGS, "brand_new", Meaning("New.", longest=40))
    path, names = path_of(event), []
    for name, broken in model_breaks(event):
        new = replace(NOW, schemas=NOW.schemas | {path: event_schema(broken, BASE)})
        assert breaks(NOW, new), name
        names.append(name)
    assert "required field added" in names
    assert len(names) >= 4


@every_event
def test_a_model_made_anew_without_a_change_is_the_same_contract(event):
    """So that what turns red above is the break, not the making."""
    made = event_schema(remade(event), BASE)
    assert list(schema_breaks(NOW.schemas[path_of(event)], made)) == []


@every_event
def test_an_optional_field_more_is_allowed(event, monkeypatch):
    monkeypatch.setitem(MEANINGS, "brand_new", Meaning("New.", longest=40))
    wider = event_schema(remade(event, brand_new=(str | None, None)), BASE)
    assert "brand_new" in wider["properties"]
    assert breaks(NOW, replace(NOW, schemas=NOW.schemas | {path_of(event): wider})) == []


@every_event
def test_samples_alone_show_a_required_field_that_was_added(event, monkeypatch):
    """A second pair of eyes: without the comparison of schemas it shows too."""
    monkeypatch.setitem(MEANINGS, "brand_new", Meaning("New.", longest=40))
    broken = event_schema(remade(event, brand_new=(str, ...)), BASE)
    for part in examples.PARTS:
        sample = NOW.samples[f"{event.type_name()}.{part}.json"]
        assert misfits(broken, sample["data"]) == ["the object: required"]
        assert misfits(NOW.schemas[path_of(event)], sample["data"]) == []


# Topics.


@pytest.mark.parametrize("name", NOW.topics)
def test_a_topic_never_changes_its_partitions_is_never_gone_and_never_forgets_sooner(name):
    topic = NOW.topics[name]
    for change, shown in (("partitions", "partitions never change"), ("retention_days", "forgets sooner")):
        broken = replace(NOW, topics=NOW.topics | {name: topic | {change: topic[change] - 1}})
        assert any(shown in what for what in breaks(NOW, broken))
    gone = {key: value for key, value in NOW.topics.items() if key != name}
    assert breaks(NOW, replace(NOW, topics=gone)) == [f"topic {name}: it is gone"]
    longer = NOW.topics | {name: topic | {"retention_days": 366}, "new.topic": topic}
    assert breaks(NOW, replace(NOW, topics=longer)) == []


@pytest.mark.parametrize("name", NOW.homes)
def test_a_type_never_moves_to_another_topic(name):
    moved = replace(NOW, homes=NOW.homes | {name: ["elsewhere"]})
    assert breaks(NOW, moved) == [f"{name}: it moved to another topic"]


# The record.


def test_a_release_holds_only_what_is_new_or_different(tmp_path, monkeypatch):
    monkeypatch.setattr(releases, "RELEASE", "1.0.0")
    freeze("1.0.0", NOW, tmp_path)
    path = "incidents.aangifte-filed/v1.json"
    changed = NOW.schemas[path] | {"description": "Said better."}
    monkeypatch.setattr(releases, "RELEASE", "1.10.0")
    freeze("1.10.0", replace(NOW, schemas=NOW.schemas | {path: changed}), tmp_path)
    monkeypatch.setattr(releases, "RELEASE", "1.9.0")
    assert numbers(tmp_path) == ["1.0.0", "1.10.0"]
    (_, first), (_, second) = released(tmp_path)
    assert first == NOW
    assert (second.schemas, second.samples, second.topics, second.homes) == ({path: changed}, {}, {}, {})


@pytest.mark.parametrize("number", ["1.0.0", "1.1", "2.0.0"])
def test_a_release_is_never_made_twice_nor_under_a_number_that_is_not_ours(number, tmp_path, monkeypatch):
    monkeypatch.setattr(releases, "RELEASE", "1.0.0")
    freeze("1.0.0", NOW, tmp_path)
    before = (tmp_path / "1.0.0.json").read_text()
    with pytest.raises(NotReleasedError):
        freeze(number, NOW, tmp_path)
    assert (tmp_path / "1.0.0.json").read_text() == before


def test_a_model_of_lines_is_looked_into():
    """A break inside a line shows with its place."""
    path = "measures.measures-advised/v1.json"
    schema = copy.deepcopy(NOW.schemas[path])
    schema["properties"]["lines"]["items"]["properties"]["addressee"]["enum"].append("neighbour")
    (found,) = schema_breaks(NOW.schemas[path], schema)
    assert found.startswith("lines[].addressee: enum was ['person', 'municipality']")
