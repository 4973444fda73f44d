"""What the safety net can be told: facts of other modules, and acts of people. Moments are UTC, amounts euro cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.funding.safety_net.request import Budget, Line
from shared.contracts.vocabulary import Channel, Continuation, Office


@dataclass(frozen=True)
class NoteIncident:
    """Fact: the incident."""

    case: str
    municipality: str
    office: Office


@dataclass(frozen=True)
class NoteAangifte:
    """Fact: the police confirmed an aangifte."""

    case: str
    filed_on: date


@dataclass(frozen=True)
class NoteAdvice:
    """Fact: police or OM advised measures."""

    case: str
    advised_at: datetime


@dataclass(frozen=True)
class NoteCostLine:
    """Fact: a cost line has a payer, another payer, or an actual amount."""

    case: str
    line: Line


@dataclass(frozen=True)
class AskQuestion:
    """A municipality asks something; no case is needed (R-VAN-13). `noted`: the ministry wrote down a call."""

    case: str
    municipality: str
    channel: Channel
    text: str
    by: str
    at: datetime
    noted: bool = False


@dataclass(frozen=True)
class AnswerQuestion:
    """A person at BZK answers."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True)
class RequestFunding:
    """The municipality asks; a phone call is enough to start (R-VAN-12, R-VAN-13).

    `noted_by`: the account at the ministry that wrote down a call (S-VAN-07).
    """

    case: str
    request: str
    municipality: str
    channel: Channel
    motivation: str
    budget: Budget | None
    at: datetime
    acknowledge_before: datetime
    decide_before: datetime
    continuation: Continuation | None = None
    noted_by: str | None = None


@dataclass(frozen=True)
class SupplementRequest:
    """The municipality adds why the costs are disproportionate, or its figures (R-VAN-08, R-VAN-09)."""

    municipality: str
    motivation: str
    budget: Budget | None
    at: datetime


@dataclass(frozen=True)
class WithdrawRequest:
    """The municipality withdraws, with a reason."""

    municipality: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Object:
    """The municipality disagrees with a decision; another person at BZK decides again."""

    municipality: str
    reason: str
    at: datetime
    decide_before: datetime


@dataclass(frozen=True)
class Acknowledge:
    """BZK told the municipality that its request arrived."""

    by: str
    at: datetime


@dataclass(frozen=True)
class AskSupplement:
    """BZK asks for more."""

    text: str
    by: str
    at: datetime
    supplement_before: datetime


@dataclass(frozen=True)
class AssessDisproportion:
    """A person at BZK writes down how heavy the costs weigh on this municipality (R-VAN-08, R-VAN-10)."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Grant:
    """BZK grants, whole or in part, perhaps with conditions (R-VAN-06)."""

    amount_cents: int
    reason: str
    decided_by: str
    at: datetime
    conditions: str = ""
    on_behalf_of: str | None = None


@dataclass(frozen=True)
class Decline:
    """BZK declines with a reason."""

    reason: str
    decided_by: str
    at: datetime
    on_behalf_of: str | None = None


@dataclass(frozen=True)
class ConfirmDecision:
    """Who decided by word of mouth confirms what a colleague wrote down (INV-10)."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Settle:
    """BZK settles on what it cost in the end (S-VAN-14)."""

    amount_cents: int
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class RecordPaid:
    """BZK paid. `text`: a note for the books."""

    text: str
    by: str
    at: datetime


Fact = NoteIncident | NoteAangifte | NoteAdvice | NoteCostLine
ByTown = SupplementRequest | WithdrawRequest | Object
Deciding = Grant | Decline | ConfirmDecision
ByMinistry = Acknowledge | AskSupplement | AssessDisproportion | Deciding | Settle | RecordPaid
