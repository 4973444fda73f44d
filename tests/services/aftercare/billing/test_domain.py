"""The monthly bill: an amount and a pseudonym, and nothing that leads to a person."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from services.aftercare.billing import domain
from services.aftercare.billing.domain import Bill, CorrectInvoice, InvoiceEmployer, decide
from shared.contracts.aftercare import EmployerInvoiced
from shared.contracts.decisions import Refused
from tests.given import given, utc

AT = utc("2016-04-04", "10:00")
SEND = InvoiceEmployer("b111", "9901", "2016-03", 120_000, AT)
MORE = CorrectInvoice("c111", 5_000, AT)
CREDIT = CorrectInvoice("c222", -20_000, AT)


def told(invoice, cents):
    return EmployerInvoiced(case="b111", invoice=invoice, municipality="9901", month="2016-03", amount_cents=cents)


def test_a_bill_is_one_amount_under_its_own_pseudonym():
    """R-KST-06, R-KST-07, R-IVP-11."""
    given(decide).when(SEND).then(told("b111", 120_000)).leaves(total_cents=120_000)


def test_a_month_is_billed_once():
    given(decide, SEND).when(replace(SEND, amount_cents=1)).refused("al in rekening gebracht")


@pytest.mark.parametrize("cents", [0, -1])
def test_a_bill_starts_above_nothing(cents):
    given(decide).when(replace(SEND, amount_cents=cents)).refused("boven nul")


def test_what_was_wrong_is_put_right_with_a_line_beside_it():
    """INV-11."""
    outcome = given(decide, SEND, MORE).when(CREDIT).then(told("c222", -20_000)).leaves(total_cents=105_000)
    assert [invoice.amount_cents for invoice in outcome.state.invoices] == [120_000, 5_000, -20_000]


def test_no_more_goes_back_than_was_billed():
    given(decide, SEND).when(replace(CREDIT, amount_cents=-120_000)).leaves(total_cents=0)
    given(decide, SEND).when(replace(CREDIT, amount_cents=-120_001)).refused("niet meer terug")
    given(decide, SEND).when(replace(CREDIT, amount_cents=0)).refused("verandert niets")


def test_an_unknown_bill_is_not_corrected():
    given(decide).when(MORE).refused("niet bekend")


@for_any(st.lists(st.integers(-200_000, 200_000), max_size=8))
def test_the_bill_is_the_sum_of_what_was_told_and_never_below_nothing(amounts):
    state, events = decide(None, SEND).state, list(decide(None, SEND).events)
    for number, cents in enumerate(amounts):
        try:
            decision = decide(state, CorrectInvoice(f"c{number}", cents, AT))
        except Refused:
            continue
        state, events = decision.state, events + list(decision.events)
    assert state.total_cents == sum(event.amount_cents for event in events) >= 0
    assert len({event.invoice for event in events}) == len(events) == len(state.invoices)
    assert {event.case for event in events} == {"b111"}
    assert domain.deadlines(state) == () and not domain.is_closed(state)


def test_a_bill_has_no_field_for_a_person_a_case_or_care():
    """S-IVP-08: what is not there cannot be read."""
    names = {field.name for field in fields(Bill)} | {field.name for field in fields(domain.Invoice)}
    assert names == {"case", "municipality", "month", "invoices", "id", "amount_cents", "at"}
