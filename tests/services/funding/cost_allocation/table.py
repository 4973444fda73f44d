"""Every command in every state of a case's costs. The line of a state is the glass above PKVW, unless it says other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from services.funding.cost_allocation.commands import EnterCost, NoteAdvice
from services.funding.cost_allocation.costs import Costs, LineState
from services.funding.cost_allocation.domain import CLASSIFICATION, decide
from shared.contracts.decisions import DeadlinePassed
from shared.contracts.vocabulary import Payer
from tests.services.funding.cost_allocation.test_domain import (
    ACTUAL,
    ADVICE,
    ALARM_WISH,
    AT,
    BEFORE,
    BILL,
    BY_HAND,
    COLLEAGUE,
    DISPUTE,
    GLASS,
    GLASS_COST,
    INCIDENT,
    INVOICE,
    PERSON,
    REVIEW,
    SETTLE,
    TOWN,
)
from tests.tables import Table

COST = replace(GLASS_COST, bill=replace(GLASS_COST.bill, up_to_pkvw_cents=0))
UNKNOWN_COST = replace(COST, bill=replace(COST.bill, rules=()))
LINE_DISPUTE = replace(DISPUTE, line="l-1-1")
OVERDUE = DeadlinePassed(CLASSIFICATION, BEFORE, BEFORE)
REVIEW_LATE = DeadlinePassed(CLASSIFICATION, REVIEW, REVIEW)


def name_of(state: Costs) -> str:
    """The word for a case: that of its glass, or that there are no costs yet."""
    line = next((line for line in state.lines if line.id == "l-1-1"), None)
    if line is None:
        return "costs of something else" if state.lines else "advised" if state.measures else "without advice"
    return {
        LineState.CLASSIFIED: "payer known",
        LineState.TO_JUDGE: "to be judged",
        LineState.DISPUTED: "disputed",
        LineState.INVOICED: "billed",
        LineState.SETTLED: "settled",
    }[line.status]


TABLE = Table(
    folder=Path(__file__).parent,
    title="Cost allocation: who pays",
    decide=decide,
    name_of=name_of,
    states={
        "unknown": (),
        "without advice": (INCIDENT,),
        "advised": (ADVICE,),
        "costs of something else": (ADVICE, INVOICE),
        "payer known": (ADVICE, COST),
        "payer known, by a handler": (ADVICE, COST, BY_HAND),
        "to be judged": (ADVICE, UNKNOWN_COST),
        "to be judged, late": (ADVICE, UNKNOWN_COST, OVERDUE),
        "disputed": (ADVICE, COST, LINE_DISPUTE),
        "disputed, billed": (ADVICE, COST, ACTUAL, LINE_DISPUTE),
        "billed": (ADVICE, COST, ACTUAL),
        "settled": (ADVICE, COST, ACTUAL, SETTLE),
    },
    commands={
        "note-incident": (INCIDENT, "Intake tells in which municipality it happened"),
        "note-advice": (ADVICE, "Police or OM advised measures, glass among them"),
        "note-more-advice": (
            NoteAdvice(ADVICE.case, "9901", (replace(GLASS, id="m-more"),)),
            "Police or OM advised one measure more",
        ),
        "note-invoice": (INVOICE, "The IVP sent a bill"),
        "enter-cost": (COST, "The municipality enters what the advised glass costs"),
        "enter-unknown-cost": (UNKNOWN_COST, "The same, when no rule says who pays"),
        "enter-cost-of-the-police": (
            EnterCost("l-9", "m-guard", TOWN, replace(BILL, above_pkvw_cents=1), AT),
            "The municipality enters costs of what the police do themselves",
        ),
        "enter-own-wish": (ALARM_WISH, "The person enters an alarm that nobody advised"),
        "classify": (BY_HAND, "A handler who did not treat the line yet says that the person pays"),
        "classify-eligible": (
            replace(BY_HAND, payer=Payer.MUNICIPALITY, eligible=True),
            "The same handler says that the municipality pays and may ask the safety net",
        ),
        "classify-again": (replace(BY_HAND, by=TOWN), "The handler who entered the line says who pays"),
        "classify-by-the-ministry": (replace(BY_HAND, payer=Payer.BZK), "A handler says that BZK pays"),
        "dispute-by-the-person": (LINE_DISPUTE, "The person disagrees with who pays"),
        "dispute-by-the-municipality": (replace(LINE_DISPUTE, by=COLLEAGUE), "The municipality disagrees"),
        "record-actual": (ACTUAL, "The municipality enters what it cost in the end"),
        "record-actual-by-the-person": (replace(ACTUAL, by=PERSON), "The person does"),
        "settle": (SETTLE, "The municipality paid the line"),
        "judgement-is-late": (OVERDUE, "Two working days passed since a line without payer was entered"),
        "review-is-late": (REVIEW_LATE, "Two working days passed since the dispute"),
    },
    facts=("note-incident", "note-advice", "note-more-advice", "note-invoice"),
)
