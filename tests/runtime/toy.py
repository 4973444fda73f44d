"""A decision module as small as can be, and a bench to run it on: cases, relay and clock over one database.

Events are real ones, because only events with a topic can be sent: `IvpCallbackAttempted` carries the running number
as minutes after `START`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from pymongo.errors import AutoReconnect

from shared.contracts.aftercare import IvpCallbackAttempted
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.envelope import Envelope, Event, Record, to_record
from shared.runtime.cases import Act, Cases, Handled, Module, Origin, Saved
from shared.runtime.deadlines import Deadlines
from shared.runtime.environment import Clock
from shared.runtime.journal import Change
from shared.runtime.mongo import Collection, Database
from shared.runtime.outbox import BrokerAway, NeverAccepted, Relay
from shared.runtime.tracing import OFF, Tracing

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
PARTNER = "partner.ivp.callbacks"


@dataclass(frozen=True)
class Tally:
    """The sum of everything added, how many events were told, and what is due."""

    case: str
    total: int = 0
    told: int = 0
    due: tuple[Deadline, ...] = ()
    passed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Add:
    """Adds, telling `events` events. Negative amounts are refused."""

    case: str
    amount: int
    events: int = 1


@dataclass(frozen=True)
class Remind:
    """Sets a deadline."""

    case: str
    name: str
    at: datetime


def decide(state: Tally | None, command: Add | Remind | DeadlinePassed) -> Decision[Tally]:
    """Pure, like the real ones."""
    match command:
        case Add():
            if command.amount < 0:
                raise Refused("negative")
            known = state or Tally(command.case)
            return tell(replace(known, total=known.total + command.amount), command.events)
        case Remind():
            known = state or Tally(command.case)
            return Decision(replace(known, due=(*known.due, Deadline(command.name, command.at))))
        case DeadlinePassed():
            assert state is not None
            if command.name == "broken":
                raise RuntimeError("a bug with kanarie-data in its text")
            left = tuple(one for one in state.due if one.name != command.name)
            if len(left) == len(state.due):
                return Decision(state)
            return tell(replace(state, due=left, passed=(*state.passed, command.name)), 1)
        case _:
            assert_never(command)


def tell(state: Tally, count: int) -> Decision[Tally]:
    """So many events, numbered on."""
    events = tuple(
        IvpCallbackAttempted(case=state.case, attempted_at=START + timedelta(minutes=state.told + number))
        for number in range(1, count + 1)
    )
    return Decision(replace(state, told=state.told + count), events)


MODULE = Module("toy", Tally, decide, lambda state: state.due, lambda state: False)


@dataclass
class Sent:
    """A publisher and a log that remember. `away`: raises `BrokerAway`; `never`: topics that are never accepted.

    `lines`: what the log has, by id; `log_away`: it does not answer.
    """

    records: list[Record] = field(default_factory=list)
    lines: dict[str, Change] = field(default_factory=dict)
    away: bool = False
    log_away: bool = False
    never: frozenset[str] = frozenset()

    async def publish(self, record: Record, /) -> None:
        """Takes a record, or refuses it."""
        if self.away:
            raise BrokerAway("away")
        if record.topic in self.never:
            raise NeverAccepted("no right")
        self.records.append(record)

    async def write(self, changes: Sequence[Change], /) -> None:
        """Takes changes into the log; those it knows change nothing."""
        if self.log_away:
            raise AutoReconnect("away")
        self.lines = {one.id: one for one in changes} | self.lines

    def once(self, topic: str = "aftercare.callback") -> list[str]:
        """Ids on a topic in order of their first arrival."""
        return list(dict.fromkeys(record.id for record in self.records if record.topic == topic))


@dataclass
class RealTime:
    """Real time that a test can push on."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        """Now (UTC)."""
        return START + self.ahead

    def pass_by(self, **amount: float) -> None:
        """Lets time pass."""
        self.ahead += timedelta(**amount)


def to_partner(envelope: Envelope[dict[str, Any]], event: Event) -> tuple[Record, ...]:
    """A fan-out to one partner, under ids of its own."""
    copy = envelope.model_copy(update={"id": f"partner-{envelope.id}"})
    return (to_record(copy, topic=PARTNER, key=envelope.subject),)


class Bench:
    """Cases, relay and clock of the toy module on one collection. Make a second one for a second process."""

    def __init__(
        self,
        database: Database,
        *,
        collection: Collection | None = None,
        publisher: Any = None,
        journal: Any = None,
        time: RealTime | None = None,
        cases: type[Cases[Any]] = Cases,
        relay: type[Relay] = Relay,
        fan_out: Any = to_partner,
        tracing: Tracing = OFF,
    ) -> None:
        self.time = time or RealTime()
        self.clock = Clock(movable=True, real=self.time)
        self.raw = database.collection("toy")
        self.sent = publisher if publisher is not None else Sent()
        self.cases: Cases[Tally] = cases(
            MODULE, collection or self.raw, key=b"k" * 32, clock=self.clock, origin=Origin("urn:x", "https://x"),
            fan_out=fan_out, now=self.time, journal=journal or self.sent, tracing=tracing,
        )  # fmt: skip
        self.relay = relay(self.cases, self.sent, now=self.time)
        self.deadlines = Deadlines(self.cases)
        self.fresh: list[Saved] = []
        self.cases.saved = self.fresh.append

    async def add(self, amount: int, input_id: str, *, case: str = "a", events: int = 1, new: bool = False) -> Tally:
        """Handles an input once."""
        command = Add(case, amount, events)
        return await self.cases.update(case, command, handled=Handled(input_id), act=Act("test"), new=new)

    async def send_fresh(self) -> None:
        """What the relay's workers do with what this process saved."""
        while self.fresh:
            await self.relay.send([self.fresh.pop(0)])

    async def after_a_crash(self) -> None:
        """What another process does later: leases have expired, the sweep finds everything."""
        self.time.pass_by(minutes=2)
        for _ in range(10):
            if not await self.relay.sweep():
                break

    async def document(self, case: str = "a") -> dict[str, Any]:
        """The whole document as it is stored."""
        found = await self.raw.find_one({"_id": case})
        assert found is not None
        return found

    async def told(self, case: str = "a") -> list[str]:
        """Ids of the events in the history, in order."""
        return [entry["id"] for entry in (await self.document(case))["history"]]


async def assert_settled(bench: Bench, case: str = "a") -> None:
    """Nothing waits, nobody holds it; what was sent is exactly the history in order, on both topics, and each save
    left one line in the log."""
    document = await bench.document(case)
    assert document["outbox"] == []
    assert "pending" not in document and "lease" not in document
    told = [entry["id"] for entry in document["history"]]
    assert bench.sent.once() == told
    assert bench.sent.once(PARTNER) == [f"partner-{event}" for event in told]
    assert len([one for one in bench.sent.lines.values() if one.case == case]) == document["version"]
