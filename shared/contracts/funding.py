"""Events of `services/funding`. Amounts are whole euro cents, VAT included."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import Event, Moment
from shared.contracts.vocabulary import Channel, MeasureType, Office, Payer, Place


class CostLineClassified(Event):
    """Who pays one line, by which rule of which version (R-KST-01, INV-4)."""

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


class RequestedLine(BaseModel):
    """One line of a request to the safety net."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    type: MeasureType
    place: Place
    amount_cents: int


class FundingRequested(Event):
    """The municipality asks for a contribution (R-VAN-13). Office and municipality travel to BZK only."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    municipality: str
    office: Office | None = None
    channel: Channel
    requested_at: Moment
    lines: tuple[RequestedLine, ...]
    total_cents: int
    missing: tuple[str, ...] = ()


class FundingSupplemented(Event):
    """The municipality added to its request; the request as it is now (R-VAN-12)."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    lines: tuple[RequestedLine, ...]
    total_cents: int
    missing: tuple[str, ...] = ()


class FundingGranted(Event):
    """BZK granted all or part (R-VAN-06). Never more than what is eligible (INV-5)."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    municipality: str
    granted_cents: int
    decided_at: Moment


class FundingDeclined(Event):
    """BZK declined with a reason that stays in funding. No measure or payer changes (S-VAN-11)."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    municipality: str
    decided_at: Moment


class FundingDecisionDue(Event):
    """A request waits longer than its target; somebody is reminded."""

    DOMAIN_NAME: ClassVar[str] = "contributions"
    request: str
    due_at: Moment
