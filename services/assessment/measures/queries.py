"""Views of measures: all for police and OM, lines to a municipality for it (S-SBB-06), what is theirs for the person.

Lists put first what is due first.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from services.assessment.measures import messages
from services.assessment.measures.policy import handler_on, payer_words, payers_on, tips_on
from services.assessment.measures.record import Measure, Measures, announced
from shared.access.admission import Scope
from shared.access.relations import Known
from shared.contracts.vocabulary import Addressee
from shared.privacy.references import References
from shared.runtime.cases import Cases
from shared.web.narrowing import Way, beginning, in_field, in_words

SEARCHED = ("state.not_followed_up_since", "state.review_due_since", "state.case")
"""What the lists search by, each with an index."""

ADVICE_WAYS = (
    Way("state", "stand", "Wat is de stand?", in_field("state"), in_words("MeasureState")),
    Way("measureType", "soort", "Welke maatregel?", in_field("type"), in_words("MeasureType")),
    Way("urgency", "spoed", "Is er spoed?", in_field("urgency"), in_words("Urgency")),
)
"""How a municipality narrows what was advised to it."""


def view(measures: Measures) -> dict[str, Any]:
    """All of it; for police and OM."""
    return {
        "case": measures.case,
        "municipality": measures.municipality,
        "measures": [_line(line) for line in measures.lines],
        "state_measures": [asdict(one) | {"confirmed": one.confirmed} for one in measures.taken],
        "measures_needed": measures.measures_needed,
        "advised_at": measures.advised_at,
        "advice_unanswered": bool(measures.unanswered),
        "not_followed_up_since": measures.not_followed_up_since,
        "review_at": measures.review_at,
        "review_due": measures.review_due,
        "linked": [{"case": one.case, "at": one.at} for one in measures.links],
        "announcements": measures.announcements,
        "ended": measures.ended,
        "scaled_down_at": measures.scaled_down_at,
    }


def _line(line: Measure) -> dict[str, Any]:
    return asdict(line) | {"follow_up": messages.follow_up(line)}


def advice(measures: Measures, references: References, today: date) -> list[dict[str, Any]]:
    """What the municipality must carry out: measure, place, urgency, who pays; no threat, no source, no person.

    No moment of review either: what the State takes moves it, and would show by it.
    """
    partner = f"municipality:{measures.municipality}"
    return [
        {
            "case": references.seal(partner, measures.case),
            "measure": references.seal(partner, line.id),
            "type": line.type,
            "place": line.place,
            "above_pkvw": line.above_pkvw,
            "payer": payer_words(today, line.place, line.above_pkvw),
            "urgency": line.urgency,
            "executor": line.executor,
            "handler": handler_on(today, measures.office),
            "state": line.state,
            "answer_before": line.answer_before,
            "unanswered": line in measures.unanswered,
        }
        for line in measures.lines
        if line.addressee is Addressee.MUNICIPALITY
    ]


def own(measures: Measures, today: date) -> dict[str, Any]:
    """What police and OM tell the person: own lines, how far the municipality is, what the State does if it may."""
    return {
        "case": measures.case,
        "message": messages.message(measures),
        "alerts": messages.alerts(measures),
        "tips": {
            "message": messages.TIPS,
            "rows": [tip.model_dump(exclude={"valid_from"}) for tip in tips_on(today)],
        },
        "measures": [_own_line(measures, line, today) for line in measures.lines],
        "state_measures": [
            {"type": one.type, "place": one.place, "running": one.running, "message": payers_on(today).state}
            for one in measures.taken
            if one.told
        ],
    }


def _own_line(measures: Measures, line: Measure, today: date) -> dict[str, Any]:
    told = announced(measures, line.id)
    shown = {
        "type": line.type,
        "place": line.place,
        "addressee": line.addressee,
        "state": line.state,
        "status": messages.STATES[line.state],
        "ends_at": told.ends_at if told else None,
    }
    if line.addressee is Addressee.MUNICIPALITY:
        return shown
    payer = payer_words(today, line.place, line.above_pkvw)
    return shown | {"measure": line.id, "urgency": line.urgency, "payer": payer}


def known(measures: Measures) -> Known:
    """What the measures themselves say of who may see them."""
    return Known(municipality=measures.municipality)


def without_payers(shown: dict[str, Any]) -> dict[str, Any]:
    """The same without who pays which line."""
    lines = [{name: value for name, value in line.items() if name != "payer"} for line in shown["measures"]]
    return shown | {"measures": lines}


async def advice_of(cases: Cases[Measures], scope: Scope, *, skip: int, limit: int) -> list[Measures]:
    """A handler's cases with advice to the municipality, the newest first; the lines of one case stay together."""
    asked: dict[str, Any] = {"state.lines": {"$elemMatch": {"addressee": str(Addressee.MUNICIPALITY)}}}
    asked = scope.narrow(asked, cases.id_for)
    return await _found(cases, asked, ("state.advised_at", -1), skip, limit)


async def not_followed_up(cases: Cases[Measures], scope: Scope, *, skip: int, limit: int) -> list[dict[str, Any]]:
    """Advice that was declined or not answered in time, the longest waiting first (S-SBB-07)."""
    order = ("state.not_followed_up_since", 1)
    asked = scope.narrow({"state.not_followed_up_since": {"$gt": ""}}, cases.id_for, "state.municipality")
    found = await _found(cases, asked, order, skip, limit)
    return [
        {
            "case": one.case,
            "municipality": one.municipality,
            "since": one.not_followed_up_since,
            "measures": [_line(line) for line in one.lines if line.not_followed_up_at is not None],
        }
        | cases.marks(cases.id_for(one.case))
        for one in found
    ]


async def reviews_due(cases: Cases[Measures], scope: Scope, *, skip: int, limit: int) -> list[dict[str, Any]]:
    """Measures that a human must look at again, the longest due first."""
    order = ("state.review_due_since", 1)
    asked = scope.narrow({"state.review_due_since": {"$gt": ""}}, cases.id_for, "state.municipality")
    found = await _found(cases, asked, order, skip, limit)
    return [
        {
            "case": one.case,
            "municipality": one.municipality,
            "due_since": one.review_due_since,
            "linked": [link.case for link in one.links],
            "running": len(one.running_ids),
        }
        | cases.marks(cases.id_for(one.case))
        for one in found
    ]


async def _found(
    cases: Cases[Measures], asked: dict[str, Any], order: tuple[str, int], skip: int, limit: int
) -> list[Measures]:
    cursor = cases.collection.find(asked, {"state": 1}).sort(*order).limit(skip + limit)
    return [cases.read(document) for document in (await cursor.to_list(skip + limit))[skip:]]


async def beginning_with(cases: Cases[Measures], start: str, scope: Scope) -> list[str]:
    """At most two cases in scope with measures, whose reference begins with `start`, also when nothing is due."""
    wanted = scope.narrow(beginning("state.case", start), cases.id_for, "state.municipality")
    found = await cases.collection.find(wanted, {"state.case": 1}).limit(2).to_list(2)
    return [document["state"]["case"] for document in found]
