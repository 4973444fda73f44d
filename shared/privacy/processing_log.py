"""The processing log of one controller, after the Logboek Dataverwerkingen: who did what with whose data, and why.

One line for each read or change of a person's data: a document about two persons gives two. No sampling; the writing is
acknowledged. A line names nobody: whom it is about is the opaque reference of the document and the person's part in it,
who did it an account id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from shared.privacy.activities import ACTIVITIES
from shared.privacy.append_log import AppendLog, whole_milliseconds
from shared.privacy.controllers import CONTROLLERS, Controller
from shared.runtime.environment import utc_now
from shared.runtime.journal import Change, line_id
from shared.runtime.mongo import Collection, Document
from shared.runtime.request import current

Action = Literal["read", "change"]
REGISTER = "urn:veiligbestuur:processing-register"
"""Before the id and version of an activity in the standard's form; a controller gives its own address."""


@dataclass(frozen=True)
class Line:
    """One line. `subject`: reference of the document, within `subject_type`; `person`: which of those it is about,
    such as `victim`; empty when there is one. Moments in UTC.

    `purpose` is what a partner stated; `classes` are the data classes that were shown. `status`: `Ok`, `Error`, or
    `Unset` when the rules of the business said no. Raises `LookupError` for an activity that nobody registered.
    """

    id: str
    activity: str
    action: Action
    subject: str
    subject_type: str
    name: str
    actor: str
    role: str
    started_at: datetime
    ended_at: datetime
    purpose: str = ""
    classes: tuple[str, ...] = ()
    status: Literal["Unset", "Ok", "Error"] = "Ok"
    trace_id: str = ""
    person: str = ""

    def __post_init__(self) -> None:
        if self.activity not in ACTIVITIES:
            raise LookupError(f"{self.activity} is not in the register of processing activities")

    def document(self) -> Document:
        """The line as it is stored."""
        stored = asdict(self) | {"_id": self.id, "version": ACTIVITIES[self.activity].version}
        stored |= {"classes": list(self.classes), "span_id": self.id[-16:], "trace_id": self.trace_id or self.id}
        stored |= {name: whole_milliseconds(stored[name]) for name in ("started_at", "ended_at")}
        del stored["id"]
        return stored


def read_of(
    module: str, case: str, *, actor: str, role: str, name: str, classes: Sequence[str] = (), kind: str = "read",
    person: str = "",
) -> Line:  # fmt: skip
    """The line of a look at a document, now. `name`: what the look is for, a fixed word of the route.

    Purpose, trace and start come from the current request when there is one. `kind`: another activity of the same
    controller that shows data, such as `export`.
    """
    now, request = utc_now(), current()
    own = f"{module}.{kind}"
    return Line(
        id=line_id(now),
        activity=own if own in ACTIVITIES else f"{CONTROLLERS[module]}.{kind}",
        action="read",
        subject=case,
        subject_type=module,
        name=name,
        actor=actor,
        role=role,
        started_at=request.started_at if request else now,
        ended_at=now,
        purpose=request.purpose if request else "",
        classes=tuple(classes),
        trace_id=request.trace_id if request else "",
        person=person,
    )


def line_of(change: Change) -> Line:
    """The line of a save that the relay hands over."""
    return Line(
        id=change.id,
        activity=f"{change.module}.{change.kind}",
        action="change",
        subject=change.case,
        subject_type=change.module,
        name=change.name,
        actor=change.actor,
        role=change.role,
        started_at=datetime.fromisoformat(change.started_at),
        ended_at=datetime.fromisoformat(change.saved_at),
        purpose=change.purpose,
        trace_id=change.trace_id,
        person=change.person,
    )


class ProcessingLog:
    """The log of one controller, in a database of its own."""

    def __init__(
        self, controller: Controller, collection: Collection, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.controller = controller
        self.collection = collection
        self._lines = AppendLog(collection, now=now)

    async def prepare(self) -> None:
        """Makes the indexes: for the sealer, and for who asks what was read about them."""
        await self._lines.prepare()
        await self.collection.create_index([("subject", 1)])

    async def write(self, lines: Sequence[Line]) -> None:
        """Writes lines; returns when all are stored. A line with a known id changes nothing.

        Raises an error of the database when one may not be stored: then give no answer to what it is about. Raises
        `ValueError` for a line of another controller.
        """
        for line in lines:
            if ACTIVITIES[line.activity].controller != self.controller:
                raise ValueError(f"{line.activity} is not an activity of {self.controller}")
        await self._lines.add([line.document() for line in lines])


class ChangeJournal:
    """What the runtime hands the saves of a controller's modules to."""

    def __init__(self, log: ProcessingLog) -> None:
        self._log = log

    async def write(self, changes: Sequence[Change], /) -> None:
        """Writes one line for each change."""
        await self._log.write([line_of(change) for change in changes])


def as_ldv(stored: Document, register: str = REGISTER) -> dict[str, Any]:
    """A stored line in the names of the Logboek Dataverwerkingen; moments in milliseconds since 1970."""
    return {
        "trace_id": stored["trace_id"],
        "span_id": stored["span_id"],
        "status": stored["status"],
        "name": stored["name"],
        "start_time": _milliseconds(stored["started_at"]),
        "end_time": _milliseconds(stored["ended_at"]),
        "attributes": {
            "dpl.core.processing_activity_id": f"{register}:{stored['activity']}:v{stored['version']}",
            "dpl.core.data_subject_id": stored["subject"],
            "dpl.core.data_subject_id_type": stored["subject_type"],
            "veilig.person": stored.get("person", ""),
            "veilig.action": stored["action"],
            "veilig.actor": stored["actor"],
            "veilig.role": stored["role"],
            "veilig.purpose": stored["purpose"],
            "veilig.classes": stored["classes"],
        },
    }


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
