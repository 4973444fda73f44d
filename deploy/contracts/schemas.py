"""JSON Schemas (2020-12) from the models: one per event, one per partner's copy, one for the envelope.

They are open: what a reader does not know it ignores. A closed list is an `enum`; a growing one is a text with its
words in `x-known-words`. Only what JSON Schema draft-07 knows too is used, so that AsyncAPI documents can quote them.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from pydantic import BaseModel

from shared.contracts.audiences import GRANTS, REFERENCES, Grant
from shared.contracts.envelope import Event
from shared.contracts.fields import LONGEST_PARTNER_REFERENCE, LONGEST_REFERENCE, meaning
from shared.contracts.topics import HOME
from shared.contracts.vocabulary import Growing

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE_PATH = "envelope/v1.json"
MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$"
DAY = r"^\d{4}-\d\d-\d\d$"
SOURCE = r"^urn:nld:oin:\d{20}:systeem:[a-z0-9-]+$"
TYPE = r"^nl\.[a-z0-9-]+(\.[a-z0-9-]+)+\.v[1-9]\d*$"
GROWING = {one.__name__: one for one in Growing.__subclasses__()}
REQUIREMENT = r"(?:R|S|INV|Q|K)-?[A-Z]*-?\d+"


def path_of(event: type[Event], kind: str = "") -> str:
    """Where its schema stands below the address of the schemas. `kind`: of the partner whose copy it is."""
    name, version = event.type_name().split(".", 2)[2].rsplit(".", 1)
    return f"{'partners/' + kind + '/' if kind else ''}{name}/{version}.json"


def all_schemas(base: str) -> dict[str, Schema]:
    """Every schema by its path. `base`: the address they are published at."""
    found = {ENVELOPE_PATH: envelope_schema(base)}
    for event in HOME:
        found[path_of(event)] = event_schema(event, base)
    for event, grants in GRANTS.items():
        for grant in grants:
            found[path_of(event, grant.partner)] = partner_schema(event, grant, base)
    return found


def event_schema(event: type[Event], base: str) -> Schema:
    """The schema of an event's `data` on the internal topic."""
    return _head(event, f"{base}/{path_of(event)}", event.__name__) | object_schema(event)


def partner_schema(event: type[Event], grant: Grant, base: str) -> Schema:
    """The schema of `data` on a partner's topic: the granted fields, with references of that partner's own."""
    whole = object_schema(event)
    fields = {name: whole["properties"][name] for name in grant.fields}
    if grant.line_fields:
        fields["lines"] = fields["lines"] | {"items": _cut(fields["lines"]["items"], grant.line_fields)}
    cut = {
        "type": "object",
        "properties": _as_partners_own({"case": whole["properties"]["case"]} | fields) | {"detail": DETAIL},
        "required": ["case", *(name for name in grant.fields if name in whole["required"]), "detail"],
    }
    title = f"{event.__name__}, as {grant.partner} gets it"
    return _head(event, f"{base}/{path_of(event, grant.partner)}", title) | cut


DETAIL: Schema = {
    "type": "string",
    "maxLength": 200,
    "pattern": "^https?://",
    "description": "Address of the service that holds the details; the documentation says which path follows.",
}


def _cut(line: Schema, names: tuple[str, ...]) -> Schema:
    properties = {name: line["properties"][name] for name in names}
    return line | {"properties": properties, "required": [name for name in line["required"] if name in names]}


def _as_partners_own(properties: dict[str, Schema]) -> dict[str, Schema]:
    own = {}
    for name, schema in properties.items():
        if name in ("case", *REFERENCES):
            about = f"{schema['description']} Your own: nobody else has the same, and it never changes."
            own[name] = schema | {"maxLength": LONGEST_PARTNER_REFERENCE, "description": about}
        elif "items" in schema and "properties" in schema["items"]:
            items = schema["items"] | {"properties": _as_partners_own(schema["items"]["properties"])}
            own[name] = schema | {"items": items}
        else:
            own[name] = schema
    return own


def _head(event: type[Event], address: str, title: str) -> Schema:
    text, requirements = prose(event)
    head: Schema = {"$schema": DRAFT, "$id": address, "title": title, "description": text}
    head["x-cloudevents-type"] = event.type_name()
    return head | ({"x-requirements": requirements} if requirements else {})


def prose(model: type[BaseModel]) -> tuple[str, list[str]]:
    """The docstring as plain text, and the requirement ids that stood in it."""
    text = inspect.getdoc(model) or ""
    ids = sorted(set(re.findall(rf"\b{REQUIREMENT}\b", text)))
    text = re.sub(rf"\s*\((?:{REQUIREMENT}(?:, )?)+\)", "", text)
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text).replace("\n\n", " ").strip(), ids


def object_schema(model: type[BaseModel]) -> Schema:
    """The schema of a model, with what it refers to written out and every field explained."""
    made = model.model_json_schema(mode="validation")
    return _object(model.__name__, made, made.get("$defs", {}))


def _object(model: str, made: Schema, named: dict[str, Schema]) -> Schema:
    properties = {name: _property(model, name, one, named) for name, one in made["properties"].items()}
    return {"type": "object", "properties": properties, "required": list(made.get("required", ()))}


def _property(model: str, name: str, made: Schema, named: dict[str, Schema]) -> Schema:
    known = meaning(model, name)
    schema = _written_out(made, named)
    text = schema if schema["type"] != "array" else schema["items"]
    if text["type"] == "string" and not {"enum", "x-known-words", "format"} & set(text):
        if known.longest is None:
            raise LookupError(f"{model}.{name}: say how long it may be in shared/contracts/fields.py")
        text["maxLength"] = known.longest
        if known.pattern:
            text["pattern"] = known.pattern
    if schema["type"] == "array":
        if known.most is None:
            raise LookupError(f"{model}.{name}: say how many there may be in shared/contracts/fields.py")
        schema["maxItems"] = known.most
    return schema | {"description": " ".join(filter(None, [known.text, _how(schema)]))}


def _how(schema: Schema) -> str:
    if schema.get("format") == "date-time":
        return "UTC, ISO 8601, ending in Z."
    if schema.get("format") == "date":
        return "ISO 8601."
    if "x-known-words" in schema:
        return "This list may grow: read a word you do not know as unknown, and go on."
    return ""


def _written_out(made: Schema, named: dict[str, Schema]) -> Schema:
    """Without references, titles and nulls: what is not known is left out of a message, never null."""
    if "$ref" in made:
        name = made["$ref"].rsplit("/", 1)[1]
        if name in GROWING:
            return {"type": "string", "maxLength": 40, "x-known-words": _words(name)} | _default(made)
        target = named[name]
        if "properties" in target:
            return _object(name, target, named)
        return {"type": "string", "enum": list(target["enum"])} | _default(made)
    if "anyOf" in made:
        (only,) = [one for one in made["anyOf"] if one != {"type": "null"}]
        return _written_out(only | _default(made), named)
    kept = {key: value for key, value in made.items() if key not in ("title", "description")}
    if "items" in kept:
        kept["items"] = _written_out(kept["items"], named)
    if kept.get("default", ...) is None:
        del kept["default"]
    patterns = {"date-time": MOMENT, "date": DAY}
    return kept | ({"pattern": patterns[kept["format"]]} if kept.get("format") in patterns else {})


def _default(made: Schema) -> Schema:
    return {"default": made["default"]} if made.get("default") is not None else {}


def _words(name: str) -> list[str]:
    return [word.value for word in GROWING[name] if word.value != "unknown"]


def envelope_schema(base: str) -> Schema:
    """The schema of the whole record: CloudEvents 1.0 as the NL GOV profile 1.1 has it."""
    text = "Every message, on every topic: CloudEvents 1.0 in structured JSON, with the NL GOV profile 1.1."
    return {
        "$schema": DRAFT,
        "$id": f"{base}/{ENVELOPE_PATH}",
        "title": "Envelope",
        "description": text,
        "type": "object",
        "properties": ATTRIBUTES,
        "required": list(ATTRIBUTES),
        "propertyNames": {"pattern": "^[a-z0-9]{1,20}$"},
    }


ATTRIBUTES: dict[str, Schema] = {
    "specversion": {"type": "string", "const": "1.0", "description": "Version of CloudEvents."},
    "id": {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_REFERENCE,
        "description": "Unique together with source. Sent again, an event has the id it had.",
    },
    "source": {
        "type": "string",
        "maxLength": 100,
        "pattern": SOURCE,
        "description": "Who sends: organisation number (OIN) and service. Not an address.",
    },
    "type": {
        "type": "string",
        "maxLength": 100,
        "pattern": TYPE,
        "description": "What happened, with the version. Ignore types you do not know.",
    },
    "time": {
        "type": "string",
        "format": "date-time",
        "pattern": MOMENT,
        "description": "When the event was recorded; when it happened is in data. UTC, ISO 8601, ending in Z. "
        "On partner topics cut to the minute.",
    },
    "subject": {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_REFERENCE,
        "description": "Which case: the same as the record key. On partner topics your own mark, in nobody else's "
        "messages.",
    },
    "datacontenttype": {"type": "string", "const": "application/json", "description": "Media type of data."},
    "dataschema": {
        "type": "string",
        "format": "uri",
        "maxLength": 300,
        "pattern": r"^https?://.+/v[1-9]\d*\.json$",
        "description": "Address of the JSON Schema of data.",
    },
    "data": {"type": "object", "description": "What happened; see the schema of the type."},
}
