"""What every message on the bus looks like: CloudEvents 1.0 with the NL GOV profile, structured JSON.

Nothing here names a person. `data` is one of the event models of this package; `case` in it is the opaque
reference of the case in intake, which the four services share inside their own walls. Partners get another one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer

DOMAIN = "nl.veiligbestuur"
CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
LARGEST_MESSAGE = 65_536
"""Bytes. NL GOV: intermediaries must forward events up to this size; larger ones are parked, never sent."""


def in_utc(moment: datetime) -> datetime:
    """The same moment, refused when it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment


def as_z(moment: datetime) -> str:
    """ISO 8601 in UTC, ending in Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[datetime, AfterValidator(in_utc), PlainSerializer(as_z, when_used="json")]
"""A point in time with a zone; on the wire always UTC with a Z."""


class Event(BaseModel):
    """Base of everything that travels: frozen, tolerant of fields it does not know, silent about its input.

    Inside a version only optional fields may be added. `DOMAIN_NAME` is the plural noun in the type.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    DOMAIN_NAME: ClassVar[str] = "cases"
    VERSION: ClassVar[int] = 1

    case: str

    @classmethod
    def type_name(cls) -> str:
        """`IncidentReported` -> `nl.veiligbestuur.incidents.incident-reported.v1`."""
        kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        return f"{DOMAIN}.{cls.DOMAIN_NAME}.{kebab}.v{cls.VERSION}"

    def data(self) -> dict[str, Any]:
        """The JSON object that goes into the envelope; what is not known is left out."""
        return self.model_dump(mode="json", exclude_none=True)


Data = TypeVar("Data")


class Envelope(BaseModel, Generic[Data]):
    """One CloudEvent; `Envelope[IncidentReported]` is one of a known type.

    `time` is when it was recorded (UTC), not when the incident happened.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    specversion: str = "1.0"
    id: str
    source: str
    type: str
    time: Moment
    subject: str
    datacontenttype: str = "application/json"
    dataschema: str
    data: Data

    @property
    def handled_id(self) -> str:
        """What an inbox remembers: source and id together are unique."""
        return f"{self.source}:{self.id}"


@dataclass(frozen=True)
class Record:
    """A message ready for Kafka: what an outbox holds. `key` decides the partition, so one case keeps its order."""

    id: str
    topic: str
    key: str
    type: str
    body: str
    headers: dict[str, str]


def dataschema(type_name: str, base: str) -> str:
    """Address of the JSON Schema of a type, e.g. `https://.../incidents.incident-reported/v1.json`."""
    name, version = type_name.removeprefix(f"{DOMAIN}.").rsplit(".", 1)
    return f"{base}/{name}/{version}.json"


def partner_dataschema(address: str, kind: str) -> str:
    """Address of the schema of a partner's copy, which holds fewer fields, e.g. `https://.../partners/bzk/...`.

    `address`: that of the whole event; `kind`: `municipality`, `bzk` or `ivp`.
    """
    base, name, version = address.rsplit("/", 2)
    return f"{base}/partners/{kind}/{name}/{version}"


def to_record(envelope: Envelope[dict[str, Any]], *, topic: str, key: str) -> Record:
    """The envelope as a structured-mode Kafka record.

    No `ce_...` headers beside it: the official CloudEvents SDK takes a record with one of them for binary mode.
    """
    body = json.dumps(envelope.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    return Record(envelope.id, topic, key, envelope.type, body, {"content-type": CONTENT_TYPE})
