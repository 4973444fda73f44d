"""What is known of care around one case: who, which call back, how far it is. Never what was said.

There is no field for free text, so that no content of care can be stored (R-IVP-09).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.contracts.decisions import Deadline
from shared.contracts.vocabulary import CareProgress, Impact, SupportForm


class CareState(StrEnum):
    """Where care stands."""

    KNOWN = "known"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ASKED_BY_WEB = "asked-by-web"
    TO_CALL = "to-call"
    MISSED = "missed"
    CALLED = "called"
    SUPPORT = "support"
    CLOSED = "closed"


class Whom(StrEnum):
    """Whom a call is with: the person it is about, or who called for that person."""

    VICTIM = "victim"
    CALLER = "caller"


@dataclass(frozen=True)
class Person:
    """What the IVP asks of a person (R-IVP-07). All of it may follow later; empty: not told yet."""

    name: str = ""
    address: str = ""
    function: str = ""
    phone: str = ""

    def told(self, more: Person) -> Person:
        """With what was told since; what is empty there stays as it was."""
        return Person(
            more.name or self.name, more.address or self.address, more.function or self.function,
            more.phone or self.phone,
        )  # fmt: skip


@dataclass(frozen=True)
class Support:
    """Support that was agreed on (R-IVP-06)."""

    form: SupportForm
    planned_at: datetime


@dataclass(frozen=True)
class Callback:
    """One call back. Without `due_at` nothing was promised: asked for over the web (R-IVP-04).

    `called_at`: when the person called or asked; `entered_at`: when contact was written down; `pending`: the
    deadlines still to come; `corrected_from`: when contact was first said to be made, if that turned out too late.
    """

    called_at: datetime
    due_at: datetime | None = None
    pending: tuple[Deadline, ...] = ()
    attempts: tuple[datetime, ...] = ()
    warned: bool = False
    escalated_minutes: int = 0
    missed_at: datetime | None = None
    made_at: datetime | None = None
    made_with: Whom | None = None
    entered_at: datetime | None = None
    corrected_from: datetime | None = None
    victim_spoken_at: datetime | None = None
    supports: tuple[Support, ...] = ()

    @property
    def in_time(self) -> bool:
        """Whether contact was made within the promise, whenever it was written down."""
        return self.due_at is not None and self.made_at is not None and self.made_at <= self.due_at

    @property
    def missed(self) -> bool:
        """Whether the promise was broken; a miss that was told and corrected afterwards is none (S-IVP-02)."""
        return self.missed_at is not None and not self.in_time


@dataclass(frozen=True)
class Worker:
    """The care worker of a client: registration in the BIG register (R-ACT-14), and the account that sees the client.

    Both stay in this service.
    """

    big: str
    account: str
    assigned_at: datetime


@dataclass(frozen=True)
class Told:
    """What the caller was told, and when."""

    progress: CareProgress
    at: datetime


@dataclass(frozen=True)
class Care:
    """Care around one case. People, numbers and workers stay in this service."""

    case: str
    incidents: tuple[Impact, ...] = ()
    linked: bool = False
    """Whether the report belongs with an earlier one: it is not the first time (R-IVP-13)."""
    endings: int = 0
    """How often measures ended."""
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    declined_at: datetime | None = None
    victim: Person = Person()
    caller: Person | None = None
    """Who called for the victim; None: nobody did (R-IVP-08)."""
    ring_first: Whom = Whom.VICTIM
    earlier_phones: tuple[str, ...] = ()
    """Numbers that were replaced, the oldest first."""
    earlier_callers: tuple[Person, ...] = ()
    callback: Callback | None = None
    earlier: tuple[Callback, ...] = ()
    workers: tuple[Worker, ...] = ()
    """Who was assigned, the newest last."""
    objected_at: datetime | None = None
    """When the victim said that the caller may not be told anything (S-IVP-07)."""
    told: tuple[Told, ...] = ()
    closed_at: datetime | None = None

    @property
    def impact(self) -> Impact | None:
        """Of the newest incident."""
        return self.incidents[-1] if self.incidents else None

    @property
    def repeated(self) -> bool:
        """Whether it happened before."""
        return self.linked or len(self.incidents) > 1

    @property
    def offers(self) -> int:
        """How often care was to be offered: each incident that is heavy or not the first one, each end of measures."""
        heavy = (
            self.linked or number > 0 or impact is not Impact.LIMITED for number, impact in enumerate(self.incidents)
        )
        return sum(heavy) + self.endings

    @property
    def ivp_knows(self) -> bool:
        """Whether the IVP may see the person: after acceptance or an own call, not before (R-IVP-09)."""
        return self.callback is not None or self.accepted_at is not None

    @property
    def waits(self) -> bool:
        """Whether somebody waits for contact."""
        return self.callback is not None and self.callback.made_at is None and self.closed_at is None

    @property
    def accepted(self) -> bool:
        """Whether the person answered yes, and there was no newer offer."""
        return self.accepted_at is not None and (self.offered_at is None or self.accepted_at >= self.offered_at)

    @property
    def offer_stands(self) -> bool:
        """Whether there is an offer that neither was declined nor led to contact."""
        if self.offered_at is None or self.declined_at is not None or self.closed_at is not None:
            return False
        made = self.callback.made_at if self.callback else None
        return not self.waits and (made is None or self.offered_at > made)

    @property
    def status(self) -> CareState:
        """Derived, never stored apart."""
        if self.closed_at is not None:
            return CareState.CLOSED
        if self.declined_at is not None:
            return CareState.DECLINED
        if self.waits:
            return self._waiting()
        if self.offer_stands:
            return CareState.ACCEPTED if self.accepted else CareState.OFFERED
        if self.callback is None:
            return CareState.KNOWN
        return CareState.SUPPORT if self.callback.supports else CareState.CALLED

    def _waiting(self) -> CareState:
        assert self.callback is not None
        if self.callback.due_at is None:
            return CareState.ASKED_BY_WEB
        return CareState.MISSED if self.callback.missed_at is not None else CareState.TO_CALL

    @property
    def phone(self) -> str:
        """The number to ring first."""
        first = self.caller if self.ring_first is Whom.CALLER and self.caller else self.victim
        return first.phone or self.victim.phone or (self.caller.phone if self.caller else "")

    @property
    def progress(self) -> CareProgress | None:
        """What the caller may read: what was told last, and nothing once the victim objects (S-IVP-07)."""
        return self.told[-1].progress if self.told and self.objected_at is None else None


SECRETS = (
    *(f"{who}.{name}" for who in ("victim", "caller", "earlier_callers[]") for name in Person.__dataclass_fields__),
    "earlier_phones[]",
    "workers[].big",
)
"""What is only stored sealed: who it is and how to reach them, and the care worker's registration."""
