"""The one document per case: load, decide, save, in one conditional update.

    { _id, version, state, history: [...], outbox: [...], pending?, pending_since?, lease?, inbox: [...],
      due_at?, due: [...], look_at?, closed, saved_at, shredded?, trace? }

State, history, outgoing records, handled inputs and deadlines change together or not at all, so no transaction over
several documents is needed. Whoever loses a race loads again and decides again. `look_at` is when relay or clock must
look at it, the earlier of the lease's end and the next deadline: one index serves both, for each slows every write.
`trace`: what the last save that was traced goes on from.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar, cast

from pydantic import TypeAdapter

from shared.contracts.decisions import Deadline, Decision, Refused
from shared.contracts.envelope import Envelope, Event, Record, dataschema, to_record
from shared.contracts.topics import HOME
from shared.runtime import logs
from shared.runtime.environment import Clock, utc_now
from shared.runtime.journal import ONE_PERSON, Journal, to_entry
from shared.runtime.mongo import Collection, Document, DuplicateKeyError
from shared.runtime.request import current
from shared.runtime.tracing import OFF, Step, Tracing, carrying

State = TypeVar("State")
Command = TypeVar("Command", contravariant=True)

TRIES = 5
"""Somebody who reports again makes all earlier cases change at once; nobody should read of that."""
MANY_EVENTS = 1_000
"""A push into an array grows dearer with its length; a case this long is told to the log."""

SHREDDED = "Dit dossier is vernietigd."
"""What a person is told who wants to do something with a case that was shredded."""

log = logs.logger(__name__)


def pause(attempt: int) -> float:
    """Seconds before another attempt, after somebody else saved first; `attempt` counts from 0, up to `TRIES`."""
    return 0.02 * 3.0**attempt


class Decide(Protocol[State, Command]):
    """A pure decision module."""

    def __call__(self, state: State | None, command: Command, /) -> Decision[State]: ...


class Conflict(Exception):
    """Others changed the case at each try. Nothing was saved; try again."""


class KeyUsed(Exception):
    """The same Idempotency-Key was sent with another body. Nothing was saved."""


class Unreadable(Exception):
    """What is stored of a case cannot be opened. Nothing was saved; an operator must look at it."""


class Shredded(Exception):
    """The key of this case was destroyed while we decided. Nothing was saved."""


@dataclass(frozen=True)
class Handled:
    """What an inbox remembers of one input. `digest` tells a repeated body from another one under the same key."""

    id: str
    digest: str = ""

    @property
    def entry(self) -> str:
        """The inbox entry."""
        return f"{self.id}#{self.digest}" if self.digest else self.id

    @property
    def by_person(self) -> bool:
        """Whether a person asked for it, over HTTP: facts and deadlines are never refused."""
        return self.id.startswith("http:")

    def is_known(self, inbox: list[str]) -> bool:
        """Whether this input was handled before. Raises `KeyUsed` when its key came with another body."""
        if self.entry in inbox:
            return True
        if self.digest and any(entry.startswith(f"{self.id}#") for entry in inbox):
            raise KeyUsed(self.id.rpartition(":")[2])
        return False


@dataclass(frozen=True)
class Act:
    """Who did it and why, for history and log. `actor` is a staff or system id, never a name; `role` as it was then.

    Without `role`, and in a request, the log takes that of the request.
    """

    actor: str
    purpose: str = ""
    role: str = ""


@dataclass(frozen=True)
class Saved:
    """A document that this save made pending: the relay can send it without reading it first."""

    id: str
    version: int
    token: str
    records: tuple[Record, ...]
    due_at: datetime | None = None


@dataclass(frozen=True)
class Module(Generic[State]):
    """A decision module as the runtime knows it."""

    name: str
    state: type[State]
    decide: Decide[State, Any]
    deadlines: Callable[[State], tuple[Deadline, ...]]
    is_closed: Callable[[State], bool]
    indexes: tuple[str, ...] = ()
    """Fields that its lists search by, e.g. `state.person`; each slows every write."""
    secrets: tuple[str, ...] = ()
    """Fields of the state that may only be stored sealed, e.g. `incident.victim.name`, `talks[].advice[].words`."""
    shredded: Callable[..., Event] | None = None
    """Makes the event of a case of this module that was shredded; None: it keeps nothing that could be."""
    persons: Callable[[State], tuple[str, ...]] = lambda _: (ONE_PERSON,)
    """Whom a case is about, by their part in it, e.g. `victim` and `reporter`: each has an own line in the log."""
    lists: tuple[str, ...] = ()
    """Fields of the state that put a case on somebody's list or tie it to a person; None in what shredding leaves."""


@dataclass(frozen=True)
class Origin:
    """What every envelope of a service says of its origin."""

    source: str
    schemas: str


FanOut = Callable[[Envelope[dict[str, Any]], Event], tuple[Record, ...]]
"""Further records of an event, for partners; each with an id of its own."""


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of the moments that are known; None when none is."""
    return min((moment for moment in moments if moment is not None), default=None)


def document_id(key: bytes, module: str, *parts: str) -> str:
    """The opaque id (32 hexadecimal digits) of the document of `module` about `parts`."""
    return hmac.new(key, "\x00".join((module, *parts)).encode(), hashlib.sha256).hexdigest()[:32]


def only_internal(envelope: Envelope[dict[str, Any]], event: Event) -> tuple[Record, ...]:
    """Fan-out to nobody."""
    return ()


class Cases(Generic[State]):
    """All cases of one module. `saved` is called with each document that has something to send, `known` when an input
    was handled before.
    """

    def __init__(
        self,
        module: Module[State],
        collection: Collection,
        *,
        key: bytes,
        clock: Clock,
        origin: Origin,
        fan_out: FanOut = only_internal,
        lease: timedelta = timedelta(seconds=30),
        now: Callable[[], datetime] = utc_now,
        journal: Journal | None = None,
        tracing: Tracing = OFF,
    ) -> None:
        self.module = module
        self.collection = collection
        self.clock = clock
        self.journal = journal
        self.tracing = tracing
        self.saved: Callable[[Saved], None] = lambda _: None
        self.known: Callable[[], None] = lambda: None
        self._key = key
        self._origin = origin
        self._fan_out = fan_out
        self._lease = lease
        self._now = now
        self._adapter: TypeAdapter[State] = TypeAdapter(module.state)

    def id_for(self, *parts: str) -> str:
        """The opaque id of the document about `parts`, e.g. a case of another service: always the same one.

        A redelivery or a repeated request therefore cannot make a second document.
        """
        return document_id(self._key, self.module.name, *parts)

    async def prepare(self) -> None:
        """Makes the index that relay and clock search by, and those of the module's lists."""
        for field in ("look_at", *self.module.indexes):
            await self.collection.create_index([(field, 1)], sparse=True)

    async def load(self, case_id: str) -> State | None:
        """The state of a case, or None."""
        document = await self.collection.find_one({"_id": case_id}, {"state": 1})
        return None if document is None else self.read(document)

    def read(self, document: Document) -> State:
        """The state inside a document."""
        state = self._adapter.validate_python(document["state"])
        if (request := current()) and "_id" in document:
            request.persons[self.module.name, document["_id"]] = self.module.persons(state)
        return state

    def marks(self, case_id: str) -> dict[str, Any]:
        """What a row of a list says beside its fields: `unreadable` when this request could not open all of it."""
        request = current()
        return {"unreadable": True} if request and (self.module.name, case_id) in request.unreadable else {}

    async def update(self, case_id: str, command: object, *, handled: Handled, act: Act, new: bool = False) -> State:
        """Decides on `command` and saves the outcome; an input handled before changes nothing.

        `new`: the case is probably not there yet, so try to insert it before reading; saves one read of three steps.
        Returns the state afterwards. Raises `Refused` from the decision, `Conflict` or `KeyUsed`: then nothing was
        saved. After an error of the database nobody knows; the same input again settles it.
        """
        handled = self._unguessable(handled)
        for attempt in range(TRIES):
            if attempt > new:
                await asyncio.sleep(pause(attempt))
            unread = new and not attempt
            document = None if unread else await self.collection.find_one({"_id": case_id}, {"history": 0, "outbox": 0})
            if document is not None and handled.is_known(document["inbox"]):
                self.known()
                return self.read(document)
            decision = self._decide(document, command, handled)
            if await self._save(case_id, document, decision, handled, act):
                return decision.state
        raise Conflict(case_id)

    def _unguessable(self, handled: Handled) -> Handled:
        # A plain digest of a short body, such as a phone number, is found by trying all of them.
        return replace(handled, digest=self.id_for("digest", handled.digest)[:16]) if handled.digest else handled

    def _decide(self, document: Document | None, command: object, handled: Handled) -> Decision[State]:
        before = None if document is None else self.read(document)
        if before is None or not (document or {}).get("shredded"):
            return self.module.decide(before, command)
        if handled.by_person:
            raise Refused(SHREDDED)
        return Decision(before)  # facts are accepted and change nothing any more

    async def shred(self, case_id: str, *, at: datetime, reason: str, act: Act) -> None:
        """Stores what is left of a case whose key was destroyed at `at` (UTC), once, and tells it (INV-11).

        From here on it has no deadlines and stands as closed. Raises `Conflict`; then call it again.
        """
        assert self.module.shredded is not None
        handled = Handled("shredding")
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(pause(attempt))
            document = await self.collection.find_one({"_id": case_id}, {"history": 0, "outbox": 0})
            if document is None or handled.is_known(document["inbox"]):
                return
            state: Any = replace(cast(Any, self.read(document)), **dict.fromkeys(self.module.lists))
            event = self.module.shredded(case=state.case, shredded_at=at, reason=reason)
            document["shredded"] = {"at": at, "reason": reason}
            if await self._save(case_id, document, Decision(state, (event,)), handled, act):
                return
        raise Conflict(case_id)

    async def _save(
        self, case_id: str, document: Document | None, decision: Decision[State], handled: Handled, act: Act
    ) -> bool:
        with self.tracing.span("save", {"veilig.module": self.module.name}) as step:
            # Another person's act, days later, or a deadline: a trace of its own that says what it follows.
            step.follows((document or {}).get("trace", ""))
            return await self._save_within(step, case_id, document, decision, handled, act)

    async def _save_within(
        self, step: Step, case_id: str, document: Document | None, decision: Decision[State], handled: Handled, act: Act
    ) -> bool:
        version = 1 if document is None else document["version"] + 1
        history, records = self._tell(case_id, version, decision.events, act, step.traceparent)
        records += self._log_entries(case_id, decision.state, handled, act)
        fields: Document = {"state": self._adapter.dump_python(decision.state, mode="json")}
        fields |= {"closed": self.module.is_closed(decision.state), "saved_at": self._now()}
        fields |= {"trace": step.traceparent} if step.traceparent else {}
        fields |= self._due(decision.state)
        if (document or {}).get("shredded"):
            fields |= {"shredded": (document or {})["shredded"], "closed": True, "due": [], "due_at": None}
        token = uuid.uuid4().hex if records and not (document or {}).get("pending") else None
        lease = (document or {}).get("lease")
        if token is not None:
            lease = {"token": token, "until": self._now() + self._lease}
            fields |= {"pending": True, "pending_since": self._now(), "lease": lease}
        fields["look_at"] = earliest(fields["due_at"], lease and lease["until"])
        saved = await self._write(case_id, document, fields, history, records, handled)
        if saved and (request := current()):
            request.saved.add((self.module.name, case_id))
        if saved and token is not None:
            self.saved(Saved(case_id, version, token, records, fields["due_at"]))
        if saved and version == MANY_EVENTS:
            log.warning("case_is_long", module=self.module.name, case=case_id, count=version)
        return saved

    async def _write(
        self,
        case_id: str,
        document: Document | None,
        fields: Document,
        history: list[Document],
        records: tuple[Record, ...],
        handled: Handled,
    ) -> bool:
        try:
            if document is None:
                return await self._insert(case_id, fields, history, records, handled)
            return await self._change(case_id, document, fields, history, records, handled)
        except Shredded:
            if handled.by_person:
                raise Refused(SHREDDED) from None
            return False

    async def _insert(
        self, case_id: str, fields: Document, history: list[Document], records: tuple[Record, ...], handled: Handled
    ) -> bool:
        entries = [asdict(record) for record in records]
        whole = {"_id": case_id, "version": 1, "history": history, "outbox": entries, "inbox": [handled.entry]}
        try:
            await self.collection.insert_one(
                whole | {name: value for name, value in fields.items() if value is not None}
            )
        except DuplicateKeyError:
            return False
        return True

    async def _change(
        self,
        case_id: str,
        document: Document,
        fields: Document,
        history: list[Document],
        records: tuple[Record, ...],
        handled: Handled,
    ) -> bool:
        # The lease that was read is part of the filter: were the relay to release between our reading and our
        # writing, we would push into an outbox that nobody holds and nobody sweeps.
        found = {"_id": case_id, "version": document["version"], "inbox": {"$ne": handled.entry}}
        found["lease.token"] = document.get("lease", {}).get("token")
        push: Document = {"inbox": handled.entry}
        if records:
            push["outbox"] = {"$each": [asdict(record) for record in records]}
        if history:
            push["history"] = {"$each": history}
        change: Document = {
            "$set": {name: value for name, value in fields.items() if value is not None},
            "$unset": {"due_failures": ""} | {name: "" for name, value in fields.items() if value is None},
            "$inc": {"version": 1},
            "$push": push,
        }
        return (await self.collection.update_one(found, change)).matched_count == 1

    def _log_entries(self, case_id: str, state: State, handled: Handled, act: Act) -> tuple[Record, ...]:
        """One line for each person of each save, behind its events: a log that is away holds up no event."""
        if self.journal is None:
            return ()
        name, now = act.purpose or act.actor, self._now()
        return tuple(
            to_entry(self.module.name, case_id, handled.id, person=person, actor=act.actor, role=act.role, name=name,
                     saved_at=now)
            for person in self.module.persons(state)
        )  # fmt: skip

    def _due(self, state: State) -> Document:
        due = sorted(self.module.deadlines(state), key=lambda deadline: (deadline.at, deadline.name))
        return {
            "due": [{"name": deadline.name, "at": deadline.at} for deadline in due],
            "due_at": due[0].at if due else None,
        }

    def _tell(
        self, case_id: str, version: int, events: tuple[Event, ...], act: Act, traceparent: str = ""
    ) -> tuple[list[Document], tuple[Record, ...]]:
        recorded = self.clock.now()
        history: list[Document] = []
        records: list[Record] = []
        for index, event in enumerate(events):
            entry = {
                "id": self.id_for("event", case_id, str(version), str(index)),
                "type": event.type_name(),
                "version": version,
                "data": event.data(),
                "actor": act.actor,
                "at": recorded,
                "recorded_at": self._now(),
                "purpose": act.purpose,
            }
            history.append(entry)
            internal, *copies = self.records(case_id, entry, event)
            # Not the copies: two partners must not find one value on both their topics.
            records += [carrying(internal, traceparent), *copies]
        return history, tuple(records)

    def records(self, case_id: str, entry: Document, event: Event) -> tuple[Record, ...]:
        """The records of one history entry, the internal one first: the same ones however often it is asked.

        Raises `ValueError` when a fan-out reuses an id: the relay takes records out of the outbox by their ids.
        """
        envelope = Envelope[dict[str, Any]](
            id=entry["id"],
            source=self._origin.source,
            type=entry["type"],
            time=entry["at"],
            subject=case_id,
            dataschema=dataschema(entry["type"], self._origin.schemas),
            data=entry["data"],
        )
        internal = to_record(envelope, topic=HOME[type(event)].name, key=case_id)
        records = (internal, *self._fan_out(envelope, event))
        if len({record.id for record in records}) < len(records):
            raise ValueError("each record needs an id of its own")
        return records
