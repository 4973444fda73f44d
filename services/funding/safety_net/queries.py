"""Views of requests and questions. BZK never reads a name, address, narrative or threat: funding has none (S-VAN-13).

The municipality never reads an account of the ministry, nor what the ministry wrote for itself.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date
from typing import Any

from services.funding.safety_net.policy import continuation_on
from services.funding.safety_net.request import Note, Outcome, Phase, Request, RequestState, SafetyNet
from shared.contracts.working_days import local_day, working_days_between
from shared.privacy.references import References
from shared.runtime.cases import Cases
from shared.web.narrowing import Way, by_town, in_field, in_words

SEARCHED = ("state.municipality", "state.phase")
"""What the lists search by, each with an index."""
BZK = "bzk"
MOST = 10_000
"""Requests or questions of one municipality that its lists look through."""
REQUESTED = [Phase.TO_DECIDE, Phase.TO_SETTLE, Phase.TO_PAY, Phase.PAID, Phase.DECLINED, Phase.WITHDRAWN]
DECIDED = [Phase.TO_SETTLE, Phase.TO_PAY, Phase.PAID, Phase.DECLINED]
ASKED = [Phase.TO_ANSWER, Phase.ANSWERED]

GOES_ON = "Uw maatregelen gaan door, wat er ook besloten wordt."
STATUS = {
    RequestState.TO_BE_COMPLETED: "De gemeente heeft BZK om een bijdrage gevraagd. Er wordt nog iets aangevuld.",
    RequestState.IN_TREATMENT: "De gemeente heeft BZK om een bijdrage gevraagd. BZK bekijkt de aanvraag.",
    RequestState.GRANTED: "BZK betaalt mee aan de kosten van de gemeente.",
    RequestState.DECLINED: "BZK betaalt niet mee. De kosten blijven voor de gemeente.",
    RequestState.WITHDRAWN: "De gemeente heeft de aanvraag ingetrokken. De kosten blijven voor de gemeente.",
    RequestState.SETTLED: "BZK betaalt mee aan de kosten van de gemeente.",
    RequestState.PAID: "BZK heeft meebetaald aan de kosten van de gemeente.",
}


def ways(towns: Mapping[str, str]) -> tuple[Way, ...]:
    """How the lists of requests are narrowed. `towns`: the name of each municipality; empty for a municipality."""
    found = (
        Way("state", "stand", "Wat is de stand?", in_field("status"), in_words("RequestState")),
        Way("channel", "kanaal", "Hoe kwam de aanvraag binnen?", in_field("channel"), in_words("Channel")),
    )
    return (*found, by_town(towns)) if towns else found


def checks(net: SafetyNet) -> dict[str, Any]:
    """What a request has or would have, and what it still lacks."""
    return {
        "missing": net.missing,
        "lines": [
            {
                "type": line.type,
                "place": line.place,
                "amount_cents": line.amount_cents,
                "actual_cents": line.actual_cents,
            }
            for line in net.requested_lines
        ],
        "eligible_cents": net.eligible_cents,
        "actual_cents": net.actual_cents,
    }


def view(net: SafetyNet, partner: str, references: References) -> dict[str, Any]:
    """A request under the partner's own references."""
    request = net.request
    assert request is not None
    row = (
        checks(net)
        | {
            "case": references.seal(partner, net.case),
            "request": references.seal(partner, request.id),
            "status": net.status,
            "objection": request.objected,
            "channel": request.channel,
            "requested_at": request.requested_at,
            "acknowledged_at": request.acknowledged_at,
            "decide_before": request.target if request.open else None,
            "continuation": continuation_on(local_day(request.requested_at)).words,
            "noted_by_ministry": request.noted_by is not None,
            "motivation": request.motivation,
            "budget_cents": request.budget.budget_cents,
            "reservation": request.budget.reservation,
            "acute_and_serious": request.budget.acute_and_serious,
            "words": request.budget.words,
            "asked": [_note(one, partner) for one in request.asked],
            "supplement_before": request.supplement_before,
            "outcome": request.outcome and _outcome(request.outcome, partner),
            "earlier_outcomes": [_outcome(one, partner) for one in request.outcomes[:-1]],
            "objections": [{"text": one.text, "at": one.at} for one in request.objections],
            "withdrawn_at": request.withdrawn and request.withdrawn.at,
        }
        | _amounts(net, request)
    )
    if partner == BZK:
        row |= {"municipality": net.municipality, "office": net.office}
        row |= {"assessments": [_note(one, partner) for one in request.assessments]}
    return row


def call(net: SafetyNet, partner: str, references: References) -> dict[str, Any]:
    """A call that was noted without a case: when, and why they asked."""
    request = net.request
    assert request is not None
    return {
        "call": references.seal(partner, net.case),
        "requested_at": request.requested_at,
        "motivation": request.motivation,
    }


def _amounts(net: SafetyNet, request: Request) -> dict[str, Any]:
    """What was asked, granted, settled and paid; what is not granted stays with the municipality (S-VAN-08)."""
    granted = request.outcome.granted_cents if request.outcome else None
    settled = request.settlements[-1] if request.settlements else None
    decided = request.outcome is not None and not request.open
    return {
        "asked_cents": net.requested_cents,
        "municipal_cents": max(net.requested_cents - (granted or 0), 0) if decided else None,
        "settled_cents": settled and settled.amount_cents,
        "settled_at": settled and settled.at,
        "paid_at": request.paid and request.paid.at,
    }


def _note(note: Note, partner: str) -> dict[str, Any]:
    return {"text": note.text, "at": note.at} | ({"by": note.by} if partner == BZK else {})


def _outcome(outcome: Outcome, partner: str) -> dict[str, Any]:
    shown = {
        "granted_cents": outcome.granted_cents,
        "reason": outcome.reason,
        "conditions": outcome.conditions,
        "decided_at": outcome.decided_at,
        "confirmed": outcome.confirmed,
    }
    if partner == BZK:  # accounts of the ministry
        shown |= {"decided_by": outcome.decided_by, "on_behalf_of": outcome.on_behalf_of}
    return shown


def for_person(net: SafetyNet) -> dict[str, Any]:
    """How it stands with the money for the person's measures: no amounts, no reasons (R-KST-10)."""
    asked = net.request is not None and net.request.requested_at
    message = STATUS[net.status] if net.status else "De gemeente heeft BZK nog niet om een bijdrage gevraagd."
    return {"case": net.case, "status": net.status, "requested_at": asked or None, "message": f"{message} {GOES_ON}"}


def question(net: SafetyNet, partner: str, references: References) -> dict[str, Any]:
    """A question with its answers, under the partner's own reference."""
    found = net.question
    assert found is not None
    row = {
        "question": references.seal(partner, net.case),
        "status": net.phase,
        "channel": found.channel,
        "text": found.text,
        "asked_at": found.asked_at,
        "noted_by_ministry": found.noted,
        "answers": [_note(one, partner) for one in found.answers],
    }
    return row | ({"municipality": net.municipality} if partner == BZK else {})


async def listed(
    cases: Cases[SafetyNet],
    phases: list[Phase],
    municipality: str | None,
    skip: int,
    limit: int,
    *,
    newest: bool = False,
) -> list[SafetyNet]:
    """Documents in these phases, of a municipality or of all: what is due first, or the newest first."""
    wanted: dict[str, Any] = {"state.phase": {"$in": [phase.value for phase in phases]}}
    if municipality is not None:
        wanted["state.municipality"] = municipality
    # Moments are stored as text in UTC, so their order is the order in time (within one second it may differ).
    found = cases.collection.find(wanted, {"state": 1}).sort("state.due_by", -1 if newest else 1).limit(skip + limit)
    rows = await found.to_list(skip + limit)
    return [cases.read(document) for document in rows[skip:]]


def precedent(net: SafetyNet, references: References) -> dict[str, Any]:
    """A decided case to learn from: no municipality, no office, no date, and a mark that leads nowhere (R-EVA-04)."""
    request = net.request
    assert request is not None and request.outcome is not None
    return {
        "precedent": references.mark(BZK, "precedent", net.case),
        "lines": checks(net)["lines"],
        "asked_cents": net.requested_cents,
        "granted_cents": request.outcome.granted_cents,
        "settled_cents": request.settlements[-1].amount_cents if request.settlements else None,
        "reason": request.outcome.reason,
        "conditions": request.outcome.conditions,
        "assessments": [one.text for one in request.assessments],
        "year": local_day(request.outcome.decided_at).year,
    }


DAYS = {"1-5": 5, "6-10": 10, "11-20": 20, "21-30": 30, "more": None}
"""Groups of working days that a decision may take, and the last day of each."""


def days_group(asked: date, decided: date) -> str:
    """The group of a decision: working days of the Netherlands, of which the day of asking is none."""
    took = working_days_between(asked, decided)
    return next(name for name, last in DAYS.items() if last is None or took <= last)


async def totals(
    cases: Cases[SafetyNet], municipality: str | None, year: int, never: Container[str] = ()
) -> dict[str, Any]:
    """What was asked for in a year, granted and settled, and what stays with municipalities; in cents, no cases.

    `decided_in`: how many first decisions took how many working days, of the requests of that year.

    `never`: cases that the caller is kept out of; a total with them in it would give them away.
    """
    sums = dict.fromkeys(("requests", "asked_cents", "granted_cents", "settled_cents", "municipal_cents"), 0)
    decided_in = dict.fromkeys(DAYS, 0)
    for net in await listed(cases, REQUESTED, municipality, 0, 10**9):
        request = net.request
        if request is None or net.case in never or local_day(request.requested_at).year != year:
            continue
        amounts = _amounts(net, request)
        granted = request.outcome.granted_cents if request.outcome else None
        sums["requests"] += 1
        sums["granted_cents"] += granted or 0
        for name in ("asked_cents", "settled_cents", "municipal_cents"):
            sums[name] += amounts[name] or 0
        if request.outcomes:
            first = request.outcomes[0].decided_at
            decided_in[days_group(local_day(request.requested_at), local_day(first))] += 1
    return {"year": year} | sums | {"decided_in": decided_in}
