"""What people send over HTTP: bodies of requests, with the limits of each field."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from services.funding.cost_allocation.costs import Answer
from shared.contracts.vocabulary import MeasureType, Payer, Place
from shared.web.http import Body

MOST_CENTS = 10**10
WORDS = 5_000
REFERENCE = 200


class BillBody(Body):
    """What it costs, in whole euro cents with VAT, split at the PKVW level. Only an amount is needed to start."""

    up_to_pkvw_cents: int = Field(0, ge=0, le=MOST_CENTS)
    above_pkvw_cents: int = Field(0, ge=0, le=MOST_CENTS)
    total_cents: int | None = Field(None, ge=0, le=MOST_CENTS, description="To check that the parts are the whole.")
    additional: Answer = Field(Answer.UNKNOWN, description="Is it more than what is usual at this work place?")
    employers_care: Answer = Field(Answer.UNKNOWN, description="Does it belong to the care of an employer?")
    invoice: str = Field("", max_length=40, description="Number of the bill; no names. Stays in funding.")
    cost_on: date | None = Field(None, description="Day of the costs: the rules of that day hold. Without: today.")


class CostBody(BillBody):
    """The costs of an advised measure."""

    case: str = Field(max_length=REFERENCE)
    measure: str = Field(max_length=REFERENCE)


class OwnWishBody(BillBody):
    """What was bought without advice of police or OM."""

    type: MeasureType
    place: Place


class ClassificationBody(Body):
    """Who pays, and why: a handler's decision."""

    line: str = Field(max_length=REFERENCE)
    payer: Payer
    eligible: bool = Field(False, description="May the municipality ask the safety net for it?")
    reason: str = Field(min_length=1, max_length=WORDS)


class DisputeBody(Body):
    """Why somebody disagrees."""

    line: str = Field(max_length=REFERENCE)
    reason: str = Field(min_length=1, max_length=WORDS)


class ActualBody(Body):
    """What a line cost in the end, in whole euro cents with VAT; 0 when it was never made."""

    line: str = Field(max_length=REFERENCE)
    amount_cents: int = Field(ge=0, le=MOST_CENTS)


class SettlementBody(Body):
    """The line is paid."""

    line: str = Field(max_length=REFERENCE)
