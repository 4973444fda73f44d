"""What the IVP sends about a bill. There is no field for a person, a case or a number of cases (R-IVP-11)."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from shared.contracts.working_days import AMSTERDAM
from shared.web.http import Body

MOST_CENTS = 10**12
"""Beyond this an amount is a slip of the hand."""
TOWN, MONTH = r"^\d{4}$", r"^\d{4}-(0[1-9]|1[0-2])$"
NOT_OVER = "Deze maand is nog niet voorbij."


class InvoiceBody(Body):
    """One month, all of it at once; no name and no number of cases. Whole euro cents, VAT included."""

    municipality: str = Field(pattern=TOWN, description="CBS code.")
    month: str = Field(pattern=MONTH, description="Year and month, such as 2016-03.")
    amount_cents: int = Field(gt=0, le=MOST_CENTS)


class CorrectionBody(Body):
    """More, or less (below zero). Whole euro cents, VAT included."""

    amount_cents: int = Field(ge=-MOST_CENTS, le=MOST_CENTS)


def is_over(month: str, now: datetime) -> bool:
    """Whether this month has ended. Only whole months: an amount in between would tell when somebody got care."""
    return month < now.astimezone(AMSTERDAM).strftime("%Y-%m")
