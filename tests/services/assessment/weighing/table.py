"""Every state of a weighing and every command: the decision table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from services.assessment.weighing.commands import NoteLink, NoteMutatie, NoteWithdrawn, Oral
from services.assessment.weighing.domain import ANALYSIS, CONFIRMATION, FIRST_WEIGHING, decide
from shared.contracts.decisions import DeadlinePassed
from shared.contracts.vocabulary import Authority, Office
from tests.services.assessment.weighing.test_domain import (
    AANGIFTE,
    AGAIN,
    CASE,
    CONFIRMED,
    DECISION,
    DEPUTY,
    DOES_NOT,
    HOUR,
    LATER,
    MINUTE,
    MORNING,
    NIGHT,
    OBJECT,
    OPEN,
    ORDERED,
    PRODUCT,
    QUALIFIES,
    TODAY,
    WRITTEN_DOWN,
)
from tests.tables import Table

SECOND = replace(QUALIFIES, decided_at=MORNING + HOUR, at=MORNING + HOUR)
LATE = DeadlinePassed(FIRST_WEIGHING, NIGHT + HOUR, NIGHT + HOUR)
FOR_DEPUTY = replace(WRITTEN_DOWN, oral=Oral(Authority.DEPUTY_MAYOR, "rccb-7", timedelta(days=1)))
OF_ALDERMAN = replace(OPEN, office=Office.ALDERMAN)
AFTERWARDS = MORNING + 2 * HOUR


def name_of(state) -> str:
    """What the case waits for, and in which round."""
    if state is None or state.round is None:
        return "not received"
    number = "" if len(state.rounds) == 1 else "opened again: "
    if state.waits_for:
        return f"{number}waits for {state.waits_for}"
    if not state.first_weighing.qualifies:
        return f"{number}does not qualify"
    return f"{number}decided"


TABLE = Table(
    folder=Path(__file__).parent,
    title="Weighing",
    decide=decide,
    states={
        "unknown": (),
        "not received, but an aangifte is known": (AANGIFTE,),
        "waits for first-weighing": (OPEN,),
        "waits for first-weighing, late": (OPEN, LATE),
        "does not qualify": (OPEN, DOES_NOT),
        "waits for decision": (OPEN, QUALIFIES),
        "waits for choose-authority, an object and the mayor is the victim": (OPEN, OBJECT),
        "waits for choose-authority, an object and an alderman is the victim": (OF_ALDERMAN, OBJECT),
        "waits for decision, an object and the deputy mayor decides": (OPEN, OBJECT, DEPUTY),
        "waits for closer-interpretation": (OPEN, QUALIFIES, ORDERED),
        "waits for closer-interpretation, and decided meanwhile": (OPEN, QUALIFIES, ORDERED, DECISION),
        "waits for decision, with the analysis": (OPEN, QUALIFIES, ORDERED, PRODUCT),
        "waits for decision, again because the analysis came after it": (OPEN, QUALIFIES, ORDERED, DECISION, PRODUCT),
        "waits for confirmation": (OPEN, QUALIFIES, WRITTEN_DOWN),
        "waits for confirmation, of the deputy mayor": (OPEN, OBJECT, DEPUTY, FOR_DEPUTY),
        "decided": (OPEN, QUALIFIES, DECISION),
        "decided, and confirmed": (OPEN, QUALIFIES, WRITTEN_DOWN, CONFIRMED),
        "opened again: waits for first-weighing": (OPEN, QUALIFIES, DECISION, AGAIN),
        "opened again: waits for decision": (OPEN, DOES_NOT, AGAIN, SECOND),
    },
    commands={
        "report": (replace(OPEN, at=AFTERWARDS), "An incident was reported"),
        "aangifte": (AANGIFTE, "The police confirmed an aangifte"),
        "mutatie": (NoteMutatie(CASE, TODAY), "The police stored it as mutatie"),
        "withdrawn": (NoteWithdrawn(CASE, LATER), "The person took the report back"),
        "linked": (NoteLink(CASE, "cafe01"), "Another case belongs with this one"),
        "qualifies": (replace(SECOND, at=AFTERWARDS), "RCCB concludes: a person, and it qualifies for measures"),
        "does-not-qualify": (replace(SECOND, qualifies=False, at=AFTERWARDS), "RCCB concludes: it does not qualify"),
        "object-qualifies": (replace(OBJECT, at=AFTERWARDS), "RCCB concludes: an object, and it qualifies"),
        "choose-deputy-mayor": (replace(DEPUTY, at=AFTERWARDS), "Somebody notes that the deputy mayor decides"),
        "choose-mayor": (replace(DEPUTY, authority=Authority.MAYOR), "Somebody notes that the mayor decides"),
        "choose-hovj": (replace(DEPUTY, authority=Authority.HOVJ), "Somebody notes that the HOvJ decides"),
        "order-interpretation": (replace(ORDERED, at=AFTERWARDS), "The HOvJ orders a closer interpretation"),
        "threat-product": (replace(PRODUCT, at=AFTERWARDS), "The analysis is in"),
        "decide": (replace(DECISION, decided_at=AFTERWARDS, at=AFTERWARDS), "The HOvJ decides in person"),
        "write-down": (
            replace(WRITTEN_DOWN, decided_at=AFTERWARDS, at=AFTERWARDS),
            "A colleague writes down what the HOvJ decided orally",
        ),
        "write-down-deputy-mayor": (
            replace(FOR_DEPUTY, decided_at=AFTERWARDS, at=AFTERWARDS),
            "A colleague writes down what the deputy mayor decided orally",
        ),
        "confirm": (replace(CONFIRMED, at=AFTERWARDS), "The HOvJ confirms"),
        "confirm-by-colleague": (
            replace(CONFIRMED, by="rccb-8", as_hovj=False, at=AFTERWARDS),
            "A colleague notes that it was confirmed on paper",
        ),
        "reopen": (replace(AGAIN, at=AFTERWARDS), "RCCB or the HOvJ opens the case again"),
        "first-weighing-late": (LATE, "The term of the first weighing passes"),
        "interpretation-late": (
            DeadlinePassed(ANALYSIS, LATER + MINUTE + 24 * HOUR, AFTERWARDS),
            "The term of the closer interpretation passes",
        ),
        "confirmation-late": (
            DeadlinePassed(CONFIRMATION, MORNING + 24 * HOUR, AFTERWARDS),
            "The term of the confirmation passes",
        ),
    },
    name_of=name_of,
    facts=("report", "aangifte", "mutatie", "withdrawn", "linked"),
)
