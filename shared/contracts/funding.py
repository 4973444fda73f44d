"""Events of `services/funding`. Amounts are whole euro cents, VAT included."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import Event, Moment
from shared.contracts.vocabulary import Channel, Continuation, MeasureType, Office, Payer, Place, ShredReason


class CostLineClassified(Event):
    """A cost line has a payer, by a rule of a version or by a person's decision (R-KST-01, INV-4).

    Told again, with `actual_cents`, when the bill says what it cost in the end (S-VAN-14).
    """

    DOMAIN_NAME: ClassVar[str] = "costs"
    line: str
    measure: str
    type: MeasureType
    place: Place
    payer: Payer
    rule: str
    rule_version: str
    above_pkvw: bool
    amount_cents: int
    eligible: bool = False
    actual_cents: int | None = None


class CostLineToBeJudged(Event):
    """No rule fits this line: a person must say who pays. Nothing waits for it."""

    DOMAIN_NAME: ClassVar[str] = "costs"
    line: str
    entered_at: Moment


class ClassificationOverdue(Event):
    """A line still has no payer, or a dispute no decision; the handler is reminded. The measure goes on."""

    DOMAIN_NAME: ClassVar[str] = "costs"
    line: str
    due_at: Moment


class CostLineDisputed(Event):
    """Somebody disagrees with who pays; another handler looks again and the measure goes on (S-KST-08)."""

    DOMAIN_NAME: ClassVar[str] = "costs"
    line: str
    disputed_at: Moment


class CostLineReclassified(Event):
    """Another handler decided on a dispute or an unknown line; the line's payer is this one now (S-KST-08)."""

    DOMAIN_NAME: ClassVar[str] = "costs"
    line: str
    measure: str
    type: MeasureType
    place: Place
    payer: Payer
    rule: str
    rule_version: str
    above_pkvw: bool
    amount_cents: int
    eligible: bool = False
    actual_cents: int | None = None


class RequestedLine(BaseModel):
    """A line as the ministry sees it: class and amount, no person."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    type: MeasureType
    place: Place
    amount_cents: int


class VangnetQuestionAsked(Event):
    """A municipality asked the ministry something about the safety net (R-VAN-13). The words stay in funding."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    question: str
    municipality: str
    channel: Channel
    asked_at: Moment


class VangnetQuestionAnswered(Event):
    """The ministry answered; the words stay in funding."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    question: str
    municipality: str
    answered_at: Moment


class FundingRequested(Event):
    """A municipality asks the ministry's safety net for a contribution (R-VAN-13).

    `missing` names preconditions that are not met yet; such a request is kept, never refused (R-VAN-12).
    """

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    municipality: str
    office: Office | None = None
    channel: Channel
    requested_at: Moment
    lines: tuple[RequestedLine, ...]
    total_cents: int
    missing: tuple[str, ...] = ()
    continuation: Continuation | None = None


class FundingSupplementAsked(Event):
    """The ministry asks the municipality for what is missing (R-VAN-12)."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    municipality: str
    asked_at: Moment


class FundingSupplemented(Event):
    """The municipality added what was missing, or a fact that was missing became known."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    lines: tuple[RequestedLine, ...]
    total_cents: int
    missing: tuple[str, ...] = ()


class FundingGranted(Event):
    """The ministry grants a contribution, whole or in part (R-VAN-06, INV-5)."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    municipality: str
    granted_cents: int
    decided_at: Moment


class FundingDeclined(Event):
    """The ministry declines with a reason that stays in funding. No measure changes by it (S-VAN-11)."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    municipality: str
    decided_at: Moment


class FundingWithdrawn(Event):
    """The municipality withdrew its request."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    municipality: str
    withdrawn_at: Moment


class FundingSettled(Event):
    """The contribution follows the actual costs that were eligible, never above what was granted (S-VAN-14)."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    municipality: str
    settled_cents: int
    settled_at: Moment


class FundingAcknowledgementDue(Event):
    """Nobody at the ministry has told the municipality yet that its request arrived."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    due_at: Moment


class SupplementReminderDue(Event):
    """The municipality has not answered the ministry's question for more yet; it is reminded."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    municipality: str
    due_at: Moment


class FundingDecisionDue(Event):
    """The target date for a decision passed; somebody is reminded, nothing is decided."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    due_at: Moment


class CostsShredded(Event):
    """Two handlers of the municipality had what was written about costs destroyed; amounts stay (INV-11)."""

    DOMAIN_NAME: ClassVar[str] = "costs"
    shredded_at: Moment
    reason: ShredReason


class CaseShredded(Event):
    """Two people at the ministry had what was written of a request destroyed; amounts and dates stay (INV-11)."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    shredded_at: Moment
    reason: ShredReason
