"""Whether today's contracts still keep what was promised in a release: old readers can read new events, and new readers
old ones, against every release there ever was.

Inside a version only this may change: an optional field more, a word more in a growing list, another explanation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from deploy.contracts.releases import Contracts

Schema = dict[str, Any]

FREE = {"$id", "title", "description", "x-requirements", "x-known-words", "properties", "required", "items"}
"""Keywords that may change, or that are looked into below. Every other one is a promise."""


def breaks(old: Contracts, new: Contracts) -> list[str]:
    """A sentence per broken promise; none when all are kept."""
    return [*_schemas(old, new), *_samples(old, new), *_topics(old, new)]


def _schemas(old: Contracts, new: Contracts) -> Iterator[str]:
    for path, was in old.schemas.items():
        if path not in new.schemas:
            yield f"{path}: a released schema is gone"
        else:
            yield from (f"{path}: {what}" for what in schema_breaks(was, new.schemas[path]))


def schema_breaks(old: Schema, new: Schema, at: str = "") -> Iterator[str]:
    """What a reader of the old schema or of the new one would trip over. `at`: where in the schema."""
    here = at or "the object"
    for keyword in sorted((set(old) | set(new)) - FREE):
        if old.get(keyword) != new.get(keyword):
            yield f"{here}: {keyword} was {old.get(keyword)!r} and is {new.get(keyword)!r}"
    if gone := set(old.get("x-known-words", ())) - set(new.get("x-known-words", ())):
        yield f"{here}: words were taken away: {sorted(gone)}"
    if ("x-known-words" in old) != ("x-known-words" in new):
        yield f"{here}: a growing list must stay one, and no other may become one"
    yield from _field_breaks(old, new, at)
    if ("items" in old) != ("items" in new):
        yield f"{here}: items must stay described"
    elif "items" in old:
        yield from schema_breaks(old["items"], new["items"], f"{at}[]")


def _field_breaks(old: Schema, new: Schema, at: str) -> Iterator[str]:
    fields, now = old.get("properties", {}), new.get("properties", {})
    for name in fields:
        place = f"{at}.{name}" if at else name
        if name not in now:
            yield f"{place}: a field was taken away"
        else:
            yield from schema_breaks(fields[name], now[name], place)
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{at}.{name}: a field became required".lstrip(".")
    for name in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
        yield f"{at}.{name}: a field is no longer required".lstrip(".")


def _samples(old: Contracts, new: Contracts) -> Iterator[str]:
    """Every released sample under today's schema, and today's samples under the released one."""
    for whose, samples, judged_by in (("released", old.samples, new), ("current", new.samples, old)):
        for path, sample in samples.items():
            schema = judged_by.schemas.get(schema_path(sample))
            if schema is None:
                continue  # a schema that is gone is told above; a type of a later release had none
            for what in misfits(schema, sample["data"]):
                yield f"{path}: the {whose} sample does not fit: {what}"


def schema_path(sample: dict[str, Any]) -> str:
    """The path of the schema that a sample names, below the address of the schemas."""
    _, _, path = sample["dataschema"].partition("/schemas/")
    return str(path)


def misfits(schema: Schema, data: Any) -> list[str]:
    """What of the data does not fit, without the values: field and rule."""
    errors = Draft202012Validator(schema).iter_errors(data)
    return [f"{'.'.join(map(str, error.absolute_path)) or 'the object'}: {error.validator}" for error in errors]


def _topics(old: Contracts, new: Contracts) -> Iterator[str]:
    for name, was in old.topics.items():
        now = new.topics.get(name)
        if now is None:
            yield f"topic {name}: it is gone"
        elif now["partitions"] != was["partitions"]:
            yield f"topic {name}: partitions never change, for the order per case rests on them"
        elif now["retention_days"] < was["retention_days"]:
            yield f"topic {name}: it forgets sooner than was promised"
    for name, topics in old.homes.items():
        if name in new.homes and new.homes[name] != topics:
            yield f"{name}: it moved to another topic"
