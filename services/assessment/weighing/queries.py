"""Views of weighings for police and OM."""

from __future__ import annotations

from typing import Any

from services.assessment.weighing.domain import Weighing
from shared.contracts.vocabulary import TargetType
from shared.runtime.cases import Cases

MOST = 100


def view(weighing_id: str, weighing: Weighing) -> dict[str, Any]:
    """All of a weighing; only RCCB and HOvJ may ask."""
    first, decision = weighing.first_weighing, weighing.decision
    return {
        "id": weighing_id,
        "case": weighing.case,
        "received_at": weighing.received_at,
        "office": weighing.office,
        "kind": weighing.kind,
        "urgency": weighing.urgency,
        "aangifte_on": weighing.aangifte_on,
        "weigh_before": weighing.weigh_before,
        "overdue": weighing.overdue,
        "first_weighing": first,
        "decision": decision,
        "next_step": _next_step(weighing),
    }


def _next_step(weighing: Weighing) -> str | None:
    first = weighing.first_weighing
    if first is None:
        return "first-weighing"
    if not first.qualifies or weighing.decision is not None:
        return None
    return "decision" if first.target is TargetType.PERSON else "choose-authority"


WAITS = {
    "state.received_at": {"$ne": None},
    "$or": [
        {"state.first_weighing": None},
        {"state.first_weighing.qualifies": True, "state.decision": None},
    ],
}


async def waiting(cases: Cases[Weighing]) -> list[dict[str, Any]]:
    """What waits for a person, the longest waiting first; at most a hundred."""
    found = await cases.collection.find(WAITS, {"state": 1}).sort("state.received_at").limit(MOST).to_list(MOST)
    views = [view(document["_id"], cases.read(document)) for document in found]
    return sorted(views, key=lambda row: str(row["weigh_before"] or "9999"))
