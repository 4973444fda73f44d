"""Made-up samples of each event and of each partner's copy: complete, or with nothing but what is required.

No real person or place. Texts come from `shared/contracts/fields.py`, references of partners from a key of zeros.
"""

from __future__ import annotations

import json
import types
import typing
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel

from shared.contracts.envelope import Envelope, Event, dataschema, to_record
from shared.contracts.fields import meaning
from shared.contracts.topics import HOME
from shared.privacy.references import PartnerCopies, References

SCHEMAS = "https://veiligbestuur.example/schemas"
SERVICES = "https://veiligbestuur.example"
MOMENT = datetime(2016, 3, 13, 1, 10, 30, 250_000, tzinfo=UTC)
MUNICIPALITY = "9901"
EVENT_ID = "00000000000000000000000000000005"

Part = Literal["complete", "only-required"]
PARTS: tuple[Part, ...] = ("complete", "only-required")

REFERENCES = References(bytes(32))


def example(model: type[BaseModel], *, complete: bool) -> Any:
    """An instance of `model`. A text field without an example in the table of fields raises `LookupError`."""
    values = {
        name: _value(model, name, field.annotation, complete)
        for name, field in model.model_fields.items()
        if complete or field.is_required()
    }
    return model(**values)


def _value(model: type[BaseModel], name: str, kind: Any, complete: bool) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _value(model, name, next(one for one in arguments if one is not type(None)), complete)
    if origin is typing.Annotated:
        return _value(model, name, arguments[0], complete)
    if origin is tuple:
        return (_value(model, name, arguments[0], complete),)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return example(kind, complete=complete)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [word for word in kind if word != "unknown"][-1]
    if kind is str:
        return _text(model.__name__, name)
    return {bool: True, int: 4_500_000, datetime: MOMENT, date: date(2016, 3, 14)}[kind]


def _text(model: str, name: str) -> str:
    found = meaning(model, name).example
    if found is None:
        raise LookupError(f"{model}.{name}: give it an example in shared/contracts/fields.py")
    return found


def envelope(event: Event, *, data: dict[str, Any] | None = None) -> Envelope[dict[str, Any]]:
    """The event as its service would send it."""
    return Envelope[dict[str, Any]](
        id=EVENT_ID,
        source=f"urn:nld:oin:00000000000000000000:systeem:{HOME[type(event)].name.split('.')[0]}",
        type=event.type_name(),
        time=MOMENT,
        subject=event.case,
        dataschema=dataschema(event.type_name(), SCHEMAS),
        data=event.data() if data is None else data,
    )


def sample(event: type[Event], part: Part) -> dict[str, Any]:
    """The CloudEvent on the internal topic, as JSON."""
    one = example(event, complete=part == "complete")
    data = one.data() if part == "complete" else one.model_dump(mode="json", exclude_unset=True)
    return _body(to_record(envelope(one, data=data), topic=HOME[event].name, key=one.case).body)


def partner_samples(event: type[Event], part: Part) -> dict[str, dict[str, Any]]:
    """The CloudEvents on partner topics, by kind of partner."""
    one = example(event, complete=part == "complete")
    if "municipality" in event.model_fields:  # without it there is no copy to show
        one = one.model_copy(update={"municipality": MUNICIPALITY})
    service = HOME[event].name.split(".")[0]
    fan_out = PartnerCopies(REFERENCES, (MUNICIPALITY,), f"{SERVICES}/{service}/v1")
    found = {}
    for record in fan_out(envelope(one), one):
        body = _body(record.body)
        kind = record.topic.split(".")[1]
        found[kind] = body if part == "complete" else body | {"data": _required(one, body["data"])}
    return found


def _required(event: Event, data: dict[str, Any]) -> dict[str, Any]:
    fields = type(event).model_fields
    return {name: value for name, value in data.items() if name not in fields or fields[name].is_required()}


def _body(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
