"""What a save leaves for its controller's log, in the document's own outbox: it is moved by the relay, or not lost.

The runtime does not know what a log looks like. It hands over which document changed, by whom and why, never what.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol

from shared.contracts.envelope import Record, as_z
from shared.runtime.request import current

ONE_PERSON = ""
"""Of a document that is about one person: no part needs to be named."""
LOG = "log"
"""Where an outbox entry goes that is not for the broker. No topic has this name."""


@dataclass(frozen=True)
class Change:
    """One save of one document, for one of the persons it is about. Moments: ISO 8601, UTC.

    `kind`: act (HTTP), event (from the bus) or clock (a deadline); `person`: which one, e.g. `victim`.

    `id` stays the same however often it is handed over; it begins with the moment of the save, see `line_id`.
    """

    id: str
    module: str
    case: str
    kind: str
    name: str
    actor: str
    role: str
    purpose: str
    trace_id: str
    started_at: str
    saved_at: str
    person: str = ONE_PERSON


class Journal(Protocol):
    """The log of one controller. Returns when it has the changes; raises when it has not. Known ids change nothing."""

    async def write(self, changes: Sequence[Change], /) -> None: ...


class Logbooks(Protocol):
    """The logs of a service. `prepare` makes their indexes; `run` seals them until it is cancelled."""

    def journal(self, module: str, /) -> Journal: ...
    async def prepare(self) -> None: ...
    async def run(self) -> None: ...


def line_id(at: datetime) -> str:
    """A new id of 32 hexadecimal digits, the first twelve of them the moment in milliseconds: ids sort by time."""
    return f"{int(at.timestamp() * 1000):012x}{uuid.uuid4().hex[:20]}"


def kind_of(handled_id: str) -> str:
    """What sort of input it was, by the id that the inbox remembers."""
    return {"http": "act", "shredding": "act", "clock": "clock"}.get(handled_id.partition(":")[0], "event")


def to_entry(
    module: str, case: str, handled_id: str, *, person: str = ONE_PERSON, actor: str, role: str, name: str,
    saved_at: datetime,
) -> Record:  # fmt: skip
    """The outbox entry of a save."""
    request = current()
    change = Change(
        id=line_id(saved_at),
        module=module,
        case=case,
        kind=kind_of(handled_id),
        name=name,
        actor=actor,
        role=role or (request.role if request else ""),
        purpose=request.purpose if request else "",
        trace_id=request.trace_id if request else "",
        started_at=as_z(min(request.started_at, saved_at) if request else saved_at),
        saved_at=as_z(saved_at),
        person=person,
    )
    return Record(change.id, LOG, case, change.kind, json.dumps(asdict(change), separators=(",", ":")), {})


def to_change(entry: Record) -> Change:
    """The change inside an outbox entry."""
    return Change(**json.loads(entry.body))
