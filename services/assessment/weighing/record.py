"""What is kept of a case at police and OM. Reasons, words and accounts stay here; nothing is ever overwritten (INV-11).

A case is weighed in rounds. Reopening starts a new one; the earlier ones stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from shared.contracts.vocabulary import (
    Authority,
    IncidentKind,
    LevelClass,
    Office,
    ReopenReason,
    TargetType,
    ThreatProduct,
    Urgency,
)


class Mark(StrEnum):
    """How an assessor marks severity, likelihood or resistance. Helps to think; decides nothing."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Step(StrEnum):
    """What a case waits for, from a person."""

    FIRST_WEIGHING = "first-weighing"
    CHOOSE_AUTHORITY = "choose-authority"
    DECISION = "decision"
    CONFIRMATION = "confirmation"
    CLOSER_INTERPRETATION = "closer-interpretation"


@dataclass(frozen=True)
class Marks:
    """An assessor's marks, each optional: how bad, how likely, and how well person and employer can resist it."""

    severity: Mark | None = None
    likelihood: Mark | None = None
    resistance: Mark | None = None


NO_MARKS = Marks()


@dataclass(frozen=True)
class FirstWeighing:
    """R-SBB-03. `threat` and `risk`: what is known of each, in words (R-SBB-02, R-SBB-16)."""

    qualifies: bool
    target: TargetType
    reason: str
    assessor: str
    decided_at: datetime
    recorded_at: datetime
    threat: str = ""
    risk: str = ""
    marks: Marks = NO_MARKS
    rule_version: str = ""
    """The circular that applied (R-SBB-15)."""


@dataclass(frozen=True)
class AuthorityChoice:
    """Who decides about an object or service, chosen by a person (R-ACT-09, Q-17)."""

    authority: Authority
    reason: str
    chosen_by: str
    chosen_at: datetime


@dataclass(frozen=True)
class Product:
    """An analysis that came in: kind, reference and date, never its content."""

    kind: ThreatProduct
    reference: str
    dated_on: date
    recorded_by: str
    recorded_at: datetime
    marks: Marks = NO_MARKS


@dataclass(frozen=True)
class Interpretation:
    """A closer interpretation that the HOvJ ordered (R-SBB-04). `due_at`: when somebody asks how far it is."""

    reason: str
    ordered_by: str
    ordered_at: datetime
    due_at: datetime
    overdue: bool = False
    product: Product | None = None


@dataclass(frozen=True)
class Ruling:
    """A decision on measures (R-SBB-04). `level` is chosen by a person; `products`: how many analyses were known.

    An oral one was written down by `recorded_by` and waits for confirmation, which holds up nothing (INV-10).
    """

    measures_needed: bool
    level: LevelClass
    reason: str
    decided_by: str
    decided_at: datetime
    recorded_at: datetime
    authority: Authority = Authority.HOVJ
    recorded_by: str = ""
    products: int = 0
    rule_version: str = ""
    confirm_before: datetime | None = None
    confirmation_overdue: bool = False
    confirmed_at: datetime | None = None
    confirmed_by: str = ""

    @property
    def oral(self) -> bool:
        """Whether a colleague wrote it down."""
        return bool(self.recorded_by)

    @property
    def confirmed(self) -> bool:
        """Whether who decided wrote it down, or confirmed it."""
        return not self.oral or self.confirmed_at is not None


@dataclass(frozen=True)
class Reopening:
    """Why a case is weighed anew."""

    reason: ReopenReason
    words: str
    by: str


@dataclass(frozen=True)
class Round:
    """One time through the weighing. `weigh_before` stays when it has passed; `overdue` says that this was told."""

    opened_at: datetime
    weigh_before: datetime
    reopened: Reopening | None = None
    overdue: bool = False
    first_weighing: FirstWeighing | None = None
    authorities: tuple[AuthorityChoice, ...] = ()
    rulings: tuple[Ruling, ...] = ()

    @property
    def ruling(self) -> Ruling | None:
        """The decision that holds."""
        return self.rulings[-1] if self.rulings else None


@dataclass(frozen=True)
class Weighing:
    """One case at the police and OM. `person`: the same for each report of one account, and only then known."""

    case: str
    received_at: datetime | None = None
    office: Office | None = None
    kind: IncidentKind | None = None
    urgency: Urgency = Urgency.OTHER
    person: str | None = None
    municipality: str | None = None
    """CBS code: it says which police unit the case is of."""
    aangifte_on: date | None = None
    mutaties: tuple[date, ...] = ()
    withdrawn_at: datetime | None = None
    linked: tuple[str, ...] = ()
    """Other cases that belong with this one, earlier or later (R-MEL-10)."""
    rounds: tuple[Round, ...] = ()
    interpretations: tuple[Interpretation, ...] = ()
    waits_for: Step | None = None
    waits_until: datetime | None = None
    """When the step is due, or since when it waits: the order of the lists."""

    @property
    def round(self) -> Round | None:
        """The round that runs."""
        return self.rounds[-1] if self.rounds else None

    @property
    def first_weighing(self) -> FirstWeighing | None:
        """That of this round."""
        return self.round.first_weighing if self.round else None

    @property
    def authority(self) -> Authority | None:
        """Who decides: for a person always the HOvJ (R-ACT-06), otherwise whom a person chose."""
        if self.round is None or self.first_weighing is None:
            return None
        if self.first_weighing.target is TargetType.PERSON:
            return Authority.HOVJ
        return self.round.authorities[-1].authority if self.round.authorities else None

    @property
    def ruling(self) -> Ruling | None:
        """The decision of this round that holds."""
        return self.round.ruling if self.round else None

    @property
    def products(self) -> tuple[Product, ...]:
        """The analyses that are in."""
        return tuple(one.product for one in self.interpretations if one.product)

    @property
    def analysis(self) -> Interpretation | None:
        """The closer interpretation that still runs."""
        return next((one for one in self.interpretations if one.product is None), None)


SECRETS = (
    "rounds[].reopened.words",
    *(f"rounds[].first_weighing.{name}" for name in ("reason", "threat", "risk")),
    "rounds[].authorities[].reason",
    "rounds[].rulings[].reason",
    "interpretations[].reason",
    "interpretations[].product.reference",
)
"""What is only stored sealed: everything in own words, and the numbers of analyses."""


def with_round(state: Weighing, current: Round) -> Weighing:
    """The same with the running round as it is now."""
    return replace(state, rounds=(*state.rounds[:-1], current))


def unconfirmed(state: Weighing) -> int | None:
    """The number of the newest round whose decision waits for confirmation."""
    waiting = (number for number, one in enumerate(state.rounds) if one.ruling and not one.ruling.confirmed)
    return max(waiting, default=None)


def returned(state: Weighing) -> bool:
    """Whether an analysis came in after the decision: then it is the decider's again (S-SBB-05)."""
    return state.ruling is not None and len(state.products) > state.ruling.products


def settled(state: Weighing) -> Weighing:
    """The same, with what it waits for."""
    step, until = _next(state)
    return replace(state, waits_for=step, waits_until=until)


def _next(state: Weighing) -> tuple[Step | None, datetime | None]:
    current, first = state.round, state.first_weighing
    if current is None:
        return None, None
    if first is None:
        return Step.FIRST_WEIGHING, current.weigh_before
    if first.qualifies:
        if state.authority is None:
            return Step.CHOOSE_AUTHORITY, first.recorded_at
        if (state.ruling is None and state.analysis is None) or returned(state):
            return Step.DECISION, max([first.recorded_at, *(one.recorded_at for one in state.products[-1:])])
    number = unconfirmed(state)
    ruling = state.rounds[number].ruling if number is not None else None
    if ruling is not None:
        return Step.CONFIRMATION, ruling.confirm_before
    if state.analysis is not None:
        return Step.CLOSER_INTERPRETATION, state.analysis.due_at
    return None, None
