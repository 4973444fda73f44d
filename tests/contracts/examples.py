"""One made-up example of each event: complete, or with nothing but what is required. No real person or place."""

from __future__ import annotations

import types
import typing
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from shared.contracts.envelope import Envelope, Event, dataschema
from shared.contracts.topics import HOME

SCHEMAS = "https://veiligbestuur.example/schemas"
MOMENT = datetime(2016, 3, 13, 1, 10, 30, 250_000, tzinfo=UTC)
WORDS = {
    "case": "00000000000000000000000000000001",
    "measure": "00000000000000000000000000000002",
    "line": "00000000000000000000000000000003",
    "request": "00000000000000000000000000000004",
    "municipality": "9901",
    "context": "asielinstroom",
    "rule": "K2",
    "rule_version": "2016.1",
    "missing": "aangifte",
    "person": "00000000000000000000000000000006",
    "earlier": "00000000000000000000000000000007",
    "question": "00000000000000000000000000000008",
    "invoice": "00000000000000000000000000000001",
    "month": "2016-03",
}


def example(model: type[BaseModel], *, complete: bool) -> Any:
    """An instance of `model`. A text field with an unknown name fails: free text must not travel unseen."""
    values = {
        name: _value(name, field.annotation, complete)
        for name, field in model.model_fields.items()
        if complete or field.is_required()
    }
    return model(**values)


def _value(name: str, kind: Any, complete: bool) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _value(name, next(one for one in arguments if one is not type(None)), complete)
    if origin is typing.Annotated:
        return _value(name, arguments[0], complete)
    if origin is tuple:
        return (_value(name, arguments[0], complete),)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return example(kind, complete=complete)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [word for word in kind if word != "unknown"][-1]
    simple: dict[Any, Any] = {bool: True, int: 4_500_000, datetime: MOMENT, date: date(2016, 3, 14)}
    return WORDS[name] if kind is str else simple[kind]


def envelope(event: Event, *, data: dict[str, Any] | None = None) -> Envelope[dict[str, Any]]:
    """The event as its service would send it."""
    return Envelope[dict[str, Any]](
        id="00000000000000000000000000000005",
        source=f"urn:nld:oin:00000000000000000000:systeem:{HOME[type(event)].name.split('.')[0]}",
        type=event.type_name(),
        time=MOMENT,
        subject=WORDS["case"],
        dataschema=dataschema(event.type_name(), SCHEMAS),
        data=event.data() if data is None else data,
    )
