"""What a person filled in on a page, read into the same bodies as the API takes, with every mistake at its field.

A field's name is its place in the body, with dots: `victim.name`. A moment is asked in two fields, `held_at:date` and
`held_at:time`, in the time of Amsterdam. What is left empty was not sent.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartParser

from shared.access.gate import CSRF_FIELD
from shared.contracts.working_days import AMSTERDAM
from shared.web.once import Once
from shared.web.problems import message

KEY_FIELD = "once"
"""Idempotency key of the form, made when it was drawn."""
OWN = (CSRF_FIELD, KEY_FIELD)
KEY = re.compile(r"^[A-Za-z0-9-]{8,64}$")
RELOAD = "Deze pagina is niet goed geladen. Laad de pagina opnieuw."
UNFIT_MOMENT = "Vul een datum in zoals 14-3-2016, en een tijd zoals 21.40."

MultiPartParser.spool_max_size = 2**40
"""A file that somebody sends stays in memory: by default a large one is written to a folder of the machine, readable.
How large it can be is the budget of its request (headers.py)."""

Model = TypeVar("Model", bound=BaseModel)


def amount(typed: object) -> object:
    """An amount as people type it, `1.250,50` or `30.000`, in the spelling of numbers; other text as it was."""
    text = str(typed).removeprefix("€").strip()
    if not re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d{1,2})?|\d+([.,]\d{1,2})?", text):
        return typed
    return text.replace(".", "").replace(",", ".") if "," in text or re.search(r"\.\d{3}", text) else text


Euros = Annotated[Decimal, BeforeValidator(amount), Field(max_digits=12, decimal_places=2)]
"""Euros with at most two decimals."""


def cents(euros: Decimal | None) -> int:
    """In whole cents; nothing filled in is nothing."""
    return int((euros or 0) * 100)


@dataclass(frozen=True)
class Filled:
    """A form as somebody left it. `values`: per field what stands there; `errors`: per field what is wrong."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str, usual: str = "") -> str:
        """What stands in a field with one value."""
        found = self.values.get(name)
        return found[0] if found else usual

    def has(self, name: str, value: str) -> bool:
        """Whether this choice was made."""
        return value in self.values.get(name, ())

    def error(self, name: str) -> str:
        """What is wrong with a field; empty when nothing is."""
        return self.errors.get(name, "")

    def wrong(self, errors: Mapping[str, str]) -> Filled:
        """The same with more mistakes."""
        return Filled(self.values, {**self.errors, **errors})


@dataclass(frozen=True)
class Read(Generic[Model]):
    """A form that was read. `body` is None when `form` has mistakes. `key`: its idempotency key."""

    form: Filled
    body: Model | None
    key: str


def once_of(read: Read[Any], request: Request, *files: str) -> Once:
    """The idempotency key of a form that was read, with a digest of where it was sent and what it says.

    `files`: the hashes of files that were sent with it.
    """
    values = {name: list(found) for name, found in sorted(read.form.values.items())}
    said = json.dumps([request.url.path, values, *files])
    return Once(key=read.key, digest=hashlib.sha256(said.encode()).hexdigest()[:16])


async def read_form(
    request: Request, model: type[Model], *, lists: Sequence[str] = (), also: Mapping[str, Any] | None = None
) -> Read[Model]:
    """Reads the form of a request. `lists`: fields with any number of values; `also`: what the page itself knows."""
    return read_fields(await request.form(), model, lists=lists, also=also)


async def read_file(request: Request, name: str) -> bytes:
    """The file of a field; empty when none was chosen."""
    found = (await request.form()).get(name)
    return await found.read() if isinstance(found, UploadFile) else b""


def read_fields(
    form: FormData, model: type[Model], *, lists: Sequence[str] = (), also: Mapping[str, Any] | None = None
) -> Read[Model]:
    """As `read_form`, of fields at hand."""
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and name not in OWN:
            values.setdefault(name, []).append(value.strip())
    key = str(form.get(KEY_FIELD, ""))
    sent, errors = _placed(values, lists)
    filled = Filled(values, errors)
    try:
        body = model.model_validate(sent | dict(also or {}))
    except ValidationError as wrong:
        found = {_name(error["loc"]): message(error) for error in wrong.errors()}
        return Read(filled.wrong(found), None, key)
    if not KEY.match(key):
        filled = filled.wrong({"": RELOAD})
    return Read(filled, None if filled.errors else body, key)


def _placed(values: Mapping[str, Sequence[str]], lists: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
    sent: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, found in values.items():
        given = [one for one in found if one]
        place, _, part = name.partition(":")
        if not given or part == "time":
            continue
        if part == "date":
            moment = _moment(given[0], next(iter(values.get(f"{place}:time", ())), ""))
            if moment is None:
                errors[place] = UNFIT_MOMENT
                continue
            _put(sent, place, moment)
        else:
            _put(sent, place, list(given) if place in lists else given[0])
    return sent, errors


def _put(sent: dict[str, Any], place: str, value: Any) -> None:
    *outer, last = place.split(".")
    for name in outer:
        sent = sent.setdefault(name, {})
    sent[last] = value


def _moment(day: str, clock: str) -> str | None:
    for form in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            found = datetime.strptime(f"{day} {clock.replace('.', ':') or '00:00'}", f"{form} %H:%M")  # noqa: DTZ007
        except ValueError:
            continue
        return found.replace(tzinfo=AMSTERDAM).isoformat()
    return None


def _name(place: Sequence[int | str]) -> str:
    return ".".join(part for part in map(str, place) if not part.isdigit())
