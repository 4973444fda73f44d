"""What cost allocation keeps of a case: measures, cost lines, and each line's history, to which is only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.contracts.vocabulary import Addressee, Executor, MeasureType, Payer, Place


class Answer(StrEnum):
    """To a simple question of fact. Who does not know says so."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    """Where a line comes from."""

    ADVISED = "advised"
    OWN_WISH = "own-wish"
    OFFERED = "offered"
    INVOICED = "invoiced"


class Kind(StrEnum):
    """Kinds of costs."""

    MEASURE = "measure"
    CARE = "care"
    TRAINING = "training"


def kind_of(measure: MeasureType) -> Kind:
    """The kind of cost that a measure is."""
    return {MeasureType.CARE: Kind.CARE, MeasureType.TRAINING: Kind.TRAINING}.get(measure, Kind.MEASURE)


class LineState(StrEnum):
    """Where a line stands."""

    CLASSIFIED = "classified"
    TO_JUDGE = "to-judge"
    DISPUTED = "disputed"
    INVOICED = "invoiced"
    SETTLED = "settled"


@dataclass(frozen=True)
class Party:
    """Who acts: a handler of a municipality, or the person (without municipality)."""

    account: str
    municipality: str | None = None


@dataclass(frozen=True)
class KnownMeasure:
    """An advised measure, as funding needs it."""

    id: str
    type: MeasureType
    place: Place
    above_pkvw: bool
    addressee: Addressee
    executor: Executor | None = None

    @property
    def by_the_state(self) -> bool:
        """K7: the State pays, and funding keeps no line of it."""
        return self.executor in (Executor.POLICE, Executor.OM)


@dataclass(frozen=True)
class Classification:
    """Who pays, by a rule (`by` is empty) or by a handler's account (rule `handler`, version the day)."""

    payer: Payer
    rule: str
    rule_version: str
    eligible: bool
    reason: str
    at: datetime
    by: str = ""


@dataclass(frozen=True)
class Dispute:
    """Somebody disagrees (S-KST-08). Open until another handler has decided."""

    reason: str
    by: str
    at: datetime
    decided_at: datetime | None = None


@dataclass(frozen=True)
class Actual:
    """What it cost in the end, as the bill says. Corrections add."""

    amount_cents: int
    by: str
    at: datetime


@dataclass(frozen=True)
class CostLine:
    """Whole euro cents, VAT included. `own`: the person entered it. Without payer: a person must look at it."""

    id: str
    measure: str
    type: MeasureType
    place: Place
    origin: Origin
    amount_cents: int
    above_pkvw: bool
    entered_by: str
    entered_at: datetime
    own: bool = False
    additional: Answer = Answer.UNKNOWN
    employers_care: Answer = Answer.UNKNOWN
    invoice: str = ""
    hint: str = ""
    """Why a person must decide, when a rule says so."""
    classifications: tuple[Classification, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    actuals: tuple[Actual, ...] = ()
    judge_before: datetime | None = None
    overdue: bool = False
    settled_at: datetime | None = None

    @property
    def classification(self) -> Classification | None:
        """The one that counts: the last."""
        return self.classifications[-1] if self.classifications else None

    @property
    def payer(self) -> Payer | None:
        """Who pays, when that is known."""
        return self.classification.payer if self.classification else None

    @property
    def disputed(self) -> bool:
        """Whether a dispute is open."""
        return bool(self.disputes) and self.disputes[-1].decided_at is None

    @property
    def actual_cents(self) -> int | None:
        """What it cost in the end, when that is known."""
        return self.actuals[-1].amount_cents if self.actuals else None

    @property
    def status(self) -> LineState:
        """Where it stands."""
        if self.settled_at is not None:
            return LineState.SETTLED
        if self.disputed:
            return LineState.DISPUTED
        if self.payer is None:
            return LineState.TO_JUDGE
        return LineState.INVOICED if self.actuals else LineState.CLASSIFIED

    @property
    def waits_since(self) -> datetime | None:
        """Since when a handler must look at it."""
        if self.status is LineState.DISPUTED:
            return self.disputes[-1].at
        return self.entered_at if self.status is LineState.TO_JUDGE else None

    @property
    def shown_to_town(self) -> bool:
        """What a person entered is the person's own, unless a handler is needed or was."""
        asked = self.payer is None or bool(self.disputes)
        return not self.own or asked or any(one.by for one in self.classifications)


@dataclass(frozen=True)
class Costs:
    """All costs of one case, or one bill of the IVP, which is a case of its own."""

    case: str
    municipality: str | None = None
    """The first that is known of the next three; kept for the lists."""
    advised_to: str | None = None
    reported_in: str | None = None
    billed_to: str | None = None
    measures: tuple[KnownMeasure, ...] = ()
    lines: tuple[CostLine, ...] = ()
    waits_since: datetime | None = None
    """Since when a handler must look at a line; kept for the lists."""


SECRETS = ("lines[].invoice", "lines[].classifications[].reason", "lines[].disputes[].reason")
"""What is only stored sealed: everything that a person wrote."""
