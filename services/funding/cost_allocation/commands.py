"""What cost allocation can be told: facts of other services, acts of people. Moments are UTC, amounts euro cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.funding.cost_allocation.costs import Answer, KnownMeasure, Party
from services.funding.cost_allocation.policy import Rule
from shared.contracts.vocabulary import MeasureType, Payer, Place


@dataclass(frozen=True)
class NoteIncident:
    """Fact: the incident, for the municipality."""

    case: str
    municipality: str


@dataclass(frozen=True)
class NoteAdvice:
    """Fact: measures were advised, whoever they were addressed to."""

    case: str
    municipality: str
    measures: tuple[KnownMeasure, ...]


@dataclass(frozen=True)
class NoteInvoice:
    """Fact: the IVP sent a municipality a bill (R-KST-06). `case` is the bill's own, `rules` those of its month."""

    case: str
    line: str
    invoice: str
    municipality: str
    amount_cents: int
    rules: tuple[Rule, ...]
    at: datetime
    judge_before: datetime


@dataclass(frozen=True)
class Bill:
    """What it costs, split at the PKVW level, with the facts that the rules ask. `total_cents`: to check the split.

    `rules`: those of the day of the costs.
    """

    up_to_pkvw_cents: int
    above_pkvw_cents: int
    rules: tuple[Rule, ...]
    judge_before: datetime
    additional: Answer = Answer.UNKNOWN
    employers_care: Answer = Answer.UNKNOWN
    total_cents: int | None = None
    invoice: str = ""


@dataclass(frozen=True)
class EnterCost:
    """The addressee of an advised measure enters what it costs."""

    line: str
    measure: str
    by: Party
    bill: Bill
    at: datetime


@dataclass(frozen=True)
class EnterOwnWish:
    """The person or the municipality enters what was bought without advice (K3, S-KST-05)."""

    line: str
    measure: str
    type: MeasureType
    place: Place
    by: Party
    bill: Bill
    at: datetime


@dataclass(frozen=True)
class Classify:
    """A handler says who pays, with a reason: of an unknown line, of a dispute, or otherwise than the rule.

    `version`: the day of the decision, in the Netherlands.
    """

    line: str
    by: Party
    payer: Payer
    eligible: bool
    reason: str
    version: str
    at: datetime


@dataclass(frozen=True)
class DisputeLine:
    """Somebody disagrees; another handler will look (S-KST-08)."""

    line: str
    by: Party
    reason: str
    at: datetime
    judge_before: datetime


@dataclass(frozen=True)
class RecordActual:
    """The bill is there: what the line cost in the end."""

    line: str
    by: Party
    amount_cents: int
    at: datetime


@dataclass(frozen=True)
class SettleLine:
    """The line is paid."""

    line: str
    by: Party
    at: datetime


Fact = NoteIncident | NoteAdvice | NoteInvoice
Entering = EnterCost | EnterOwnWish
Handling = Classify | DisputeLine | RecordActual | SettleLine
