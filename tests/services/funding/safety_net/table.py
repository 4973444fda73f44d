"""Every command in every state of a request or a question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from services.funding.safety_net import domain
from services.funding.safety_net.request import SafetyNet
from shared.contracts.decisions import DeadlinePassed
from shared.contracts.vocabulary import Continuation
from tests.services.funding.safety_net.test_domain import (
    AANGIFTE,
    ACKNOWLEDGE,
    ACTUAL_COST,
    ADVICE,
    ANSWER,
    ASK_MORE,
    ASSESS,
    CALL,
    CONFIRM,
    DECLINE,
    FACTS,
    GLASS_COST,
    GRANT,
    GRANTED,
    INCIDENT,
    LOCKS_COST,
    OBJECT,
    ORAL,
    PAY,
    QUESTION,
    REMIND,
    REQUEST,
    SETTLE,
    SETTLED,
    SUPPLEMENT,
    TARGET,
    TOMORROW,
    WITHDRAW,
)
from tests.tables import Table

ASKED = (*FACTS, REQUEST)
COLLEAGUE = replace(GRANT, decided_by="bzk-4", amount_cents=4_000_000)


def name_of(state: SafetyNet) -> str:
    """The word for a request; for a question, whether it was answered."""
    if state.question is not None:
        return "question answered" if state.question.answers else "question"
    if state.status is None:
        return "no request"
    return state.status.value.replace("-", " ")


TABLE = Table(
    folder=Path(__file__).parent,
    title="The safety net: a request for a contribution",
    decide=domain.decide,
    name_of=name_of,
    states={
        "unknown": (),
        "no request": FACTS,
        "to be completed": (INCIDENT, CALL),
        "to be completed, only the aangifte is missing": (INCIDENT, ADVICE, GLASS_COST, REQUEST),
        "in treatment": ASKED,
        "in treatment, asked for more": (*ASKED, ASK_MORE),
        "in treatment, after an objection": (*GRANTED, OBJECT),
        "granted": (*GRANTED,),
        "granted, by word of mouth": (*ASKED, ORAL),
        "granted, actual costs known": (*GRANTED, ACTUAL_COST),
        "declined": (*ASKED, DECLINE),
        "withdrawn": (*ASKED, WITHDRAW),
        "settled": SETTLED,
        "paid": (*SETTLED, PAY),
        "question": (QUESTION,),
        "question answered": (QUESTION, ANSWER),
    },
    commands={
        "note-incident": (INCIDENT, "Intake tells municipality and office"),
        "note-aangifte": (AANGIFTE, "The police confirmed an aangifte"),
        "note-advice": (ADVICE, "Police or OM advised measures"),
        "note-eligible-line": (GLASS_COST, "A line above PKVW is the municipality's"),
        "note-other-line": (LOCKS_COST, "A line up to PKVW is the person's"),
        "note-actual-costs": (ACTUAL_COST, "What the eligible line cost in the end"),
        "ask-question": (QUESTION, "The municipality asks something"),
        "answer-question": (ANSWER, "BZK answers"),
        "request": (replace(REQUEST, request="r-2"), "The municipality asks for a contribution, by form"),
        "request-by-phone": (replace(CALL, request="r-2", noted_by="bzk-3"), "BZK notes a call of the municipality"),
        "request-when-stopped": (
            replace(REQUEST, request="r-2", continuation=Continuation.NONE),
            "The municipality asks after it was decided that the safety net ends",
        ),
        "supplement": (SUPPLEMENT, "The municipality adds a motivation"),
        "withdraw": (WITHDRAW, "The municipality withdraws"),
        "object": (OBJECT, "The municipality disagrees with the decision"),
        "acknowledge": (ACKNOWLEDGE, "BZK tells that the request arrived"),
        "ask-supplement": (ASK_MORE, "BZK asks for more"),
        "assess": (ASSESS, "A person at BZK writes how heavy the costs weigh"),
        "grant": (GRANT, "A person at BZK grants 30,000 euros"),
        "grant-by-a-colleague": (COLLEAGUE, "Somebody else at BZK grants 40,000 euros"),
        "grant-on-behalf-of": (ORAL, "A colleague writes down a decision by word of mouth"),
        "confirm": (CONFIRM, "Who decided by word of mouth confirms it"),
        "decline": (DECLINE, "A person at BZK declines"),
        "settle": (SETTLE, "BZK settles on 28,000 euros"),
        "pay": (PAY, "BZK paid"),
        "acknowledgement-is-late": (
            DeadlinePassed(domain.ACKNOWLEDGEMENT, TOMORROW, TOMORROW), "A working day passed since the request",
        ),
        "supplement-is-late": (
            DeadlinePassed(domain.SUPPLEMENT, REMIND, REMIND), "Five working days passed since BZK asked for more",
        ),
        "decision-is-late": (DeadlinePassed(domain.DECISION, TARGET, TARGET), "Ten working days passed"),
    },
    facts=(
        "note-incident", "note-aangifte", "note-advice", "note-eligible-line", "note-other-line", "note-actual-costs",
    ),
)  # fmt: skip
