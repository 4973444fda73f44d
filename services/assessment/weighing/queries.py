"""Views of weighings for police and OM; lists with what is due first."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from services.assessment.weighing import messages
from services.assessment.weighing.policy import authorities_on, suggestion_on
from services.assessment.weighing.record import Marks, Round, Ruling, Step, Weighing
from shared.access.admission import Scope
from shared.access.relations import Known
from shared.contracts.vocabulary import Authority, Office, Urgency
from shared.runtime.cases import Cases
from shared.runtime.mongo import Document
from shared.web.narrowing import Way, beginning, in_field, in_words

MOST = 100
SEARCHED = ("state.waits_for", "state.person", "state.case")
"""What the lists search by, each with an index."""
WAYS = (
    Way("step", "wacht", "Wat moet er gebeuren?", in_field("next_step"), in_words("Step")),
    Way("kind", "soort", "Welke soort?", in_field("kind"), in_words("IncidentKind")),
    Way("urgency", "spoed", "Is er spoed?", in_field("urgency"), in_words("Urgency")),
)
"""How the lists are narrowed."""
HOVJ_STEPS = (Step.DECISION, Step.CHOOSE_AUTHORITY, Step.CONFIRMATION, Step.CLOSER_INTERPRETATION)


def view(
    weighing_id: str, weighing: Weighing, today: date, earlier: Sequence[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """All of a weighing; only RCCB and HOvJ may ask. `earlier`: other cases of the person, left out of lists."""
    current, ruling = weighing.round, weighing.ruling
    told_late = current is None or current.overdue or current.first_weighing is not None
    shown = {
        "id": weighing_id,
        "case": weighing.case,
        "received_at": weighing.received_at,
        "office": weighing.office,
        "kind": weighing.kind,
        "urgency": weighing.urgency,
        "aangifte_on": weighing.aangifte_on,
        "mutaties": weighing.mutaties,
        "withdrawn_at": weighing.withdrawn_at,
        "linked": weighing.linked,
        "weigh_before": current.weigh_before if current and not told_late else None,
        "overdue": current.overdue if current else False,
        "first_weighing": weighing.first_weighing,
        "message": _message(weighing),
        "authority": weighing.authority,
        "authorities": _authorities(weighing, today),
        "conflict": messages.conflict(weighing),
        "interpretations": [asdict(one) for one in weighing.interpretations],
        "decision": _ruling(ruling) if ruling else None,
        "assessments": _assessments(weighing, today),
        "rounds": [_round(one) for one in weighing.rounds],
        "next_step": weighing.waits_for,
        "waits_until": weighing.waits_until,
    }
    return shown if earlier is None else shown | {"earlier": list(earlier)}


def _message(weighing: Weighing) -> str | None:
    first = weighing.first_weighing
    return messages.NOT_QUALIFIED if first and not first.qualifies else messages.split(weighing)


def _authorities(weighing: Weighing, today: date) -> list[Authority]:
    """Who can be chosen now."""
    if weighing.first_weighing is None or weighing.waits_for is not Step.CHOOSE_AUTHORITY:
        return []
    may = authorities_on(today, weighing.first_weighing.target)
    return [one for one in may if one is not Authority.MAYOR or weighing.office is not Office.MAYOR]


def _ruling(ruling: Ruling) -> dict[str, Any]:
    return vars(ruling) | {"confirmed": ruling.confirmed, "oral": messages.oral(ruling)}


def _round(one: Round) -> dict[str, Any]:
    return vars(one) | {"rulings": [_ruling(ruling) for ruling in one.rulings]}


def _assessments(weighing: Weighing, today: date) -> list[dict[str, Any]]:
    """Old and new side by side (S-SBB-05): first weighings and analyses, the oldest first."""
    firsts = [one.first_weighing for one in weighing.rounds if one.first_weighing]
    rows: list[dict[str, Any]] = [
        {
            "from": "first-weighing", "at": one.recorded_at, "qualifies": one.qualifies, "threat": one.threat,
            "risk": one.risk, "reason": one.reason, **_marks(one.marks, today),
        }
        for one in firsts
    ]  # fmt: skip
    rows += [
        {
            "from": "threat-product", "at": one.recorded_at, "kind": one.kind, "reference": one.reference,
            "dated_on": one.dated_on, **_marks(one.marks, today),
        }
        for one in weighing.products
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row["at"])


def _marks(marks: Marks, today: date) -> dict[str, Any]:
    level = suggestion_on(today, marks)
    return {"marks": marks, "suggestion": level and {"level": level, "message": messages.SUGGESTION}}


def known(weighing: Weighing) -> Known:
    """What the weighing itself says of who may see it."""
    return Known(municipality=weighing.municipality)


async def earlier_of(
    cases: Cases[Weighing], weighing_id: str, weighing: Weighing, never: Container[str]
) -> list[dict[str, Any]]:
    """Other cases of the same person, and those that were linked, the newest first; at most a hundred (R-MEL-10).

    Those of other police units too; not those that the caller is kept out of.
    """
    ways: list[dict[str, Any]] = [{"_id": {"$in": [cases.id_for(case) for case in weighing.linked]}}]
    if weighing.person is not None:
        ways.append({"state.person": weighing.person})
    asked = {"_id": {"$ne": weighing_id}, "$or": ways}
    found = await cases.collection.find(asked, {"state": 1}).sort("state.received_at", -1).limit(MOST).to_list(MOST)
    others = ((document["_id"], cases.read(document)) for document in found)
    return [_earlier(number, other) | cases.marks(number) for number, other in others if other.case not in never]


def _earlier(weighing_id: str, other: Weighing) -> dict[str, Any]:
    first = next((one.first_weighing for one in reversed(other.rounds) if one.first_weighing), None)
    ruling = next((one.ruling for one in reversed(other.rounds) if one.ruling), None)
    return {
        "id": weighing_id,
        "case": other.case,
        "received_at": other.received_at,
        "kind": other.kind,
        "first_weighing": {"qualifies": first.qualifies, "decided_at": first.decided_at} if first else None,
        "decision": {"measures_needed": ruling.measures_needed, "level": ruling.level} if ruling else None,
        "mutaties": other.mutaties,
        "aangifte_on": other.aangifte_on,
        "withdrawn_at": other.withdrawn_at,
    }


async def waiting(
    cases: Cases[Weighing], scope: Scope, today: date, *, skip: int, limit: int, steps: tuple[Step, ...] = tuple(Step)
) -> list[dict[str, Any]]:
    """What waits for a person: acute first, then what is due first. `steps`: only these."""
    found: list[Document] = []
    for urgency in (Urgency.ACUTE, Urgency.OTHER):
        asked = {"state.waits_for": {"$in": [str(step) for step in steps]}, "state.urgency": str(urgency)}
        asked = scope.narrow(asked, cases.id_for, "state.municipality")
        most = skip + limit - len(found)
        if most:
            cursor = cases.collection.find(asked, {"state": 1}).sort("state.waits_until").limit(most)
            found += await cursor.to_list(most)
    numbered = ((document["_id"], cases.read(document)) for document in found[skip:])
    return [view(number, weighing, today) | cases.marks(number) for number, weighing in numbered]


async def beginning_with(cases: Cases[Weighing], start: str, scope: Scope) -> list[tuple[str, Weighing]]:
    """At most two weighings in scope of a case whose reference begins with `start`, also when nothing waits there."""
    wanted = scope.narrow(beginning("state.case", start), cases.id_for, "state.municipality")
    found = await cases.collection.find(wanted, {"state": 1}).limit(2).to_list(2)
    return [(document["_id"], cases.read(document)) for document in found]
