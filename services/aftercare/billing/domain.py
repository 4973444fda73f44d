"""The IVP's bill of one month to one municipality, under a pseudonym of its own (R-KST-06, R-KST-07, R-IVP-11).

It knows no person and no care: nothing leads from a bill to a case, and no care waits for a bill (INV-1, S-IVP-08).
What was wrong is put right with a line beside it, never by changing one (INV-11).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from shared.contracts.aftercare import EmployerInvoiced
from shared.contracts.decisions import Deadline, Decision, Refused


@dataclass(frozen=True)
class Invoice:
    """One amount in whole euro cents, VAT included; below zero: a credit. `id`: its own pseudonym."""

    id: str
    amount_cents: int
    at: datetime


@dataclass(frozen=True)
class Bill:
    """Everything that was billed to a municipality (CBS code) for a month, such as `2016-03`."""

    case: str
    municipality: str
    month: str
    invoices: tuple[Invoice, ...]

    @property
    def total_cents(self) -> int:
        """What is left to pay after credits."""
        return sum(invoice.amount_cents for invoice in self.invoices)


@dataclass(frozen=True)
class InvoiceEmployer:
    """The bill of a month. `case`: its pseudonym, which says nothing to anybody without our key."""

    case: str
    municipality: str
    month: str
    amount_cents: int
    at: datetime


@dataclass(frozen=True)
class CorrectInvoice:
    """More, or less (below zero). `invoice`: the pseudonym of the line that is added."""

    invoice: str
    amount_cents: int
    at: datetime


Command = InvoiceEmployer | CorrectInvoice


def decide(state: Bill | None, command: Command) -> Decision[Bill]:
    """People's commands only; there are no facts and no deadlines here."""
    match command:
        case InvoiceEmployer():
            return _invoice(state, command)
        case CorrectInvoice():
            return _correct(state, command)
        case _:
            assert_never(command)


def _invoice(state: Bill | None, command: InvoiceEmployer) -> Decision[Bill]:
    if state is not None:
        raise Refused("Deze maand is al in rekening gebracht. Voeg een correctie toe.")
    if command.amount_cents <= 0:
        raise Refused("Een rekening begint met een bedrag boven nul.")
    bill = Bill(command.case, command.municipality, command.month, ())
    return _added(bill, Invoice(command.case, command.amount_cents, command.at))


def _correct(state: Bill | None, command: CorrectInvoice) -> Decision[Bill]:
    if state is None:
        raise Refused("Deze rekening is niet bekend.")
    if command.amount_cents == 0:
        raise Refused("Een correctie van nul verandert niets.")
    if state.total_cents + command.amount_cents < 0:
        raise Refused("Er kan niet meer terug dan er in rekening is gebracht.")
    return _added(state, Invoice(command.invoice, command.amount_cents, command.at))


def _added(bill: Bill, invoice: Invoice) -> Decision[Bill]:
    event = EmployerInvoiced(
        case=bill.case, invoice=invoice.id, municipality=bill.municipality, month=bill.month,
        amount_cents=invoice.amount_cents,
    )  # fmt: skip
    return Decision(replace(bill, invoices=(*bill.invoices, invoice)), (event,))


def deadlines(state: Bill) -> tuple[Deadline, ...]:
    """None: how long a municipality may take to pay is between it and the IVP."""
    return ()


def is_closed(state: Bill) -> bool:
    """Never: a correction may follow."""
    return False
