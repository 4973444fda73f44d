"""What people tell about an incident. Everything here stays in this service, apart from the fixed words of a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.contracts.vocabulary import DoubtReason, FilingAdvice, Impact, IncidentKind, Office, SignalOutcome, Urgency


class Medium(StrEnum):
    """How it reached the person (data dictionary: incident facts)."""

    IN_PERSON = "in-person"
    LETTER = "letter"
    MAIL = "mail"
    PHONE = "phone"
    SOCIAL_MEDIA = "social-media"


class Company(StrEnum):
    """R-MEL-14. With whom a signal was judged: alone, or with somebody the person chose."""

    ALONE = "alone"
    GRIFFIER = "griffier"
    SECRETARIS = "secretaris"
    LOCAL_POLICE = "local-police"
    ASSOCIATION = "association"
    OTHER = "other"


@dataclass(frozen=True)
class Person:
    """Contact data."""

    name: str
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Reporter:
    """Somebody else than the victim who reports (R-ACT-13), with own contact data."""

    person: Person
    relation: str


@dataclass(frozen=True)
class Facts:
    """The seven W's; each may be left open."""

    who: str = ""
    what: str = ""
    where: str = ""
    with_what: str = ""
    how: str = ""
    when: str = ""
    why: str = ""


@dataclass(frozen=True)
class Effects:
    """What it does to the person (R-MEL-20, R-MEL-21, R-MEL-22). Only the class of impact ever travels."""

    health: bool = False
    functioning: bool = False
    surroundings: bool = False
    pressure_on_decisions: bool = False
    not_standing_again: bool = False
    avoiding_decisions: bool = False
    words: str = ""


@dataclass(frozen=True)
class Incident:
    """What a report says. `family`: the victim is a family member of the office holder, in own right (R-ACT-03)."""

    kind: IncidentKind
    office: Office
    municipality: str
    urgency: Urgency
    impact: Impact
    narrative: str
    victim: Person
    reporter: Reporter | None = None
    context: str | None = None
    family: bool = False
    medium: Medium | None = None
    facts: Facts = Facts()
    witnesses: tuple[str, ...] = ()
    effects: Effects = Effects()
    address_shared: bool = False
    """Whether the municipality may know the home address to carry out measures; the person's choice."""


@dataclass(frozen=True)
class Doubt:
    """Why somebody doubts about an aangifte, as far as told (R-MEL-06)."""

    reasons: tuple[DoubtReason, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Judgement:
    """What the person decided about a signal, who that was (an account), with whom, and why (R-MEL-14)."""

    outcome: SignalOutcome
    reason: str
    company: Company
    assessor: str
    at: datetime


@dataclass(frozen=True)
class Advice:
    """What the local police advise, and why in their words (R-MEL-08)."""

    advice: FilingAdvice
    words: str
    at: datetime


@dataclass(frozen=True)
class Talk:
    """A talk with the local police: asked for, held, and the advice that came of it, the newest last (R-MEL-07)."""

    requested_at: datetime
    held_at: datetime | None = None
    dropped_at: datetime | None = None
    """When the person no longer wanted it."""
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True)
class Mutatie:
    """The police's record of a melding or talk (R-MEL-09). `reference` is the police's own."""

    reference: str
    registered_on: date


@dataclass(frozen=True)
class Custody:
    """Who had a piece of evidence and what was done with it; lines are only added (INV-11)."""

    by: str
    words: str
    at: datetime


@dataclass(frozen=True)
class Evidence:
    """What is known of a piece of evidence; the thing itself is not here. `sha256` says which file it was."""

    sha256: str
    medium: Medium
    size_bytes: int
    source: str
    custody: tuple[Custody, ...]
    """The first line says who added it."""
    made_at: datetime | None = None
