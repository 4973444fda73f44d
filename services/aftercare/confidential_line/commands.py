"""What may be asked of a contact. `at` is UTC; `ends_on` is the last day it is kept when this is the last act in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.aftercare.confidential_line.contact import About, Chosen, Peer, Side, Voice, Window
from services.aftercare.confidential_line.policy import Hours


@dataclass(frozen=True)
class Act:
    """What every act has."""

    at: datetime
    ends_on: date


@dataclass(frozen=True)
class OpenContact(Act):
    """A new contact, anonymous. `confidant`: who opens it for somebody on the telephone, or nothing."""

    confidant: str = ""


@dataclass(frozen=True)
class LeaveMessage(Act):
    """One side says something. `by`: the account of a confidant."""

    side: Side
    text: str
    by: str = ""


@dataclass(frozen=True)
class TellAbout(Act):
    """The caller tells something of themselves, or takes it back by leaving it empty. Never needed (S-VTL-04)."""

    about: About


@dataclass(frozen=True)
class RequestCallback(Act):
    """The caller wants to be rung within a time span. `hours`: those of that day."""

    window: Window
    hours: Hours


@dataclass(frozen=True)
class AskAnother(Act):
    """The caller wants another confidant. That is a wish, so nobody has to agree (§3.8a)."""


@dataclass(frozen=True)
class Answer(Act):
    """The caller's yes or no to what the confidant proposed.

    `elsewhere`: the caller read where the peer is from, and says that it is not the own municipality or council group.
    `by`: the confidant who notes an answer that was given on the telephone.
    """

    agreed: bool
    elsewhere: bool = False
    voice: Voice = Voice.CODE
    by: str = ""


@dataclass(frozen=True)
class HandOver(Act):
    """The caller takes a report along. `words`: numbers of own messages, from 1."""

    consent: bool
    chosen: tuple[Chosen, ...]
    words: tuple[int, ...]


@dataclass(frozen=True)
class TakeContact(Act):
    """A confidant takes a contact that waits."""

    by: str


@dataclass(frozen=True)
class RecordCall(Act):
    """The confidant rang; the number is forgotten."""

    by: str


@dataclass(frozen=True)
class Advise(Act):
    """Advice, with what the caller can do (R-VTL-02)."""

    by: str
    text: str


@dataclass(frozen=True)
class ProposePeer(Act):
    """Somebody of the network could help (R-VTL-06)."""

    by: str
    peer: Peer


@dataclass(frozen=True)
class ProposeTransfer(Act):
    """Another confidant could go on with this contact."""

    by: str
    to: str


@dataclass(frozen=True)
class CloseContact(Act):
    """Either side ends it. `by`: the account of a confidant, or nothing for the caller."""

    by: str = ""


@dataclass(frozen=True)
class ForgetContact(Act):
    """The caller wants everything destroyed, now."""
