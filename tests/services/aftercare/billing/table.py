"""Every state of a bill × every command, for a domain expert to read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from services.aftercare.billing.domain import Bill, decide
from tests.services.aftercare.billing.test_domain import CREDIT, MORE, SEND
from tests.tables import Table

ALL_OF_IT = replace(CREDIT, amount_cents=-SEND.amount_cents)


def name_of(bill: Bill | None) -> str:
    """A bill has no state but what is left to pay."""
    if bill is None:
        return "unknown"
    return "billed" if bill.total_cents else "credited in full"


TABLE = Table(
    folder=Path(__file__).parent,
    title="The IVP's bill of a month to a municipality",
    decide=decide,
    name_of=name_of,
    states={
        "unknown": (),
        "billed": (SEND,),
        "billed, with more added": (SEND, MORE),
        "billed, with a part credited": (SEND, CREDIT),
        "credited in full": (SEND, ALL_OF_IT),
    },
    commands={
        "invoice-employer": (SEND, "The IVP bills the month: 1,200 euros"),
        "invoice-nothing": (replace(SEND, amount_cents=0), "The same, with no amount"),
        "correct-upwards": (replace(MORE, invoice="c333"), "A line beside it: 50 euros more"),
        "correct-downwards": (replace(CREDIT, invoice="c444"), "A line beside it: 200 euros less"),
        "correct-all": (replace(ALL_OF_IT, invoice="c555"), "A line beside it: 1,200 euros less"),
        "correct-by-nothing": (replace(MORE, invoice="c666", amount_cents=0), "A line beside it of nothing"),
    },
)
