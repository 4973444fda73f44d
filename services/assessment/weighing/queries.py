"""Views of weighings for police and OM."""

from __future__ import annotations

from typing import Any

from services.assessment.weighing.domain import Weighing
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
        "next_step": "first-weighing" if first is None else "decision" if first.qualifies and not decision else None,
    }


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
