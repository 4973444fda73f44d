"""What is known of one contact with the Vertrouwenslijn. All of it is stored as one sealed text (R-VTL-04).

Nothing here is needed to be helped: a contact without a name, a number or a municipality is a whole one (R-VTL-05).
There is no field for a case, an address of a computer, or whom the caller is related to (INV-8, S-VTL-08).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ContactState(StrEnum):
    """Where a contact stands."""

    OPENED = "opened"
    TALKING = "talking"
    ADVISED = "advised"
    NETWORK = "network"
    HANDED_OVER = "handed-over"
    CLOSED = "closed"
    DESTROYED = "destroyed"


class Audience(StrEnum):
    """For whom the line is (R-VTL-01, R-VTL-09). Nobody has to say which."""

    ADMINISTRATOR = "administrator"
    POLITICIAN = "politician"
    FAMILY = "family"
    UNDER_PRESSURE = "under-pressure"


class Side(StrEnum):
    """Who says something."""

    CALLER = "caller"
    CONFIDANT = "confidant"


class Step(StrEnum):
    """What happens only when the caller says yes."""

    NETWORK = "network"
    TRANSFER = "transfer"
    HANDOVER = "handover"


class Voice(StrEnum):
    """How the caller said yes or no: with the return code, or on the telephone, noted by the confidant."""

    CODE = "code"
    PHONE = "phone"


class Chosen(StrEnum):
    """What a caller may take along to a report; each is chosen apart."""

    NAME = "name"
    PHONE = "phone"
    MUNICIPALITY = "municipality"
    WORDS = "words"


@dataclass(frozen=True)
class Message:
    """What one side said."""

    side: Side
    text: str
    at: datetime


@dataclass(frozen=True)
class About:
    """What a caller chose to tell. All of it may stay empty, and may be taken back.

    `municipality` (CBS code) and `group` serve one purpose: to keep peers from there away. `near_is_fine`: the caller
    does not mind a peer from the own municipality or council group.
    """

    name: str = ""
    municipality: str = ""
    group: str = ""
    audience: Audience | None = None
    near_is_fine: bool = False


@dataclass(frozen=True)
class Window:
    """When the caller wants to be rung, and on which number. Forgotten when the call was made."""

    phone: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Peer:
    """Somebody of the network: a first name or office, and where from (R-VTL-06)."""

    name: str
    municipality: str
    group: str


@dataclass(frozen=True)
class Proposal:
    """What the confidant proposes and the caller has not answered. Of a transfer `to` is the other's account."""

    step: Step
    peer: Peer | None = None
    to: str = ""


@dataclass(frozen=True)
class Consent:
    """What the caller answered, and what was chosen to take along."""

    step: Step
    agreed: bool
    voice: Voice
    at: datetime
    chosen: tuple[Chosen, ...] = ()
    words: tuple[int, ...] = ()


@dataclass(frozen=True)
class Contact:
    """One contact. `ends_on`: the last day on which it can be read; after that day it is destroyed (Q-10).

    `confidant`: the account in charge, or nothing. `without`: accounts that the caller does not want any more.
    """

    ends_on: date
    confidant: str = ""
    without: tuple[str, ...] = ()
    about: About = About()
    messages: tuple[Message, ...] = ()
    window: Window | None = None
    proposal: Proposal | None = None
    peers: tuple[Peer, ...] = ()
    consents: tuple[Consent, ...] = ()
    outcome: ContactState | None = None
    """The last of advised, network and handed over."""
    closed: bool = False
    destroyed: bool = False

    @property
    def used(self) -> bool:
        """Whether anything was said; only then it is counted and waits for somebody."""
        return bool(self.messages) or self.window is not None or self.outcome is not None

    @property
    def waits(self) -> bool:
        """Whether it waits for a confidant to take it."""
        return self.used and not self.confidant and not self.closed and not self.destroyed

    @property
    def state(self) -> ContactState:
        """Derived, never stored apart."""
        if self.destroyed:
            return ContactState.DESTROYED
        if self.closed:
            return ContactState.CLOSED
        if self.outcome is not None:
            return self.outcome
        return ContactState.TALKING if self.confidant or self.without else ContactState.OPENED
