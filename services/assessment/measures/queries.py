"""Views of measures: all for police and OM, only lines addressed to it for a municipality (S-SBB-06)."""

from __future__ import annotations

from typing import Any

from services.assessment.measures.domain import Measures
from shared.contracts.vocabulary import Addressee
from shared.privacy.references import References
from shared.runtime.cases import Cases

MOST = 100


def view(measures: Measures) -> dict[str, Any]:
    """All of it; for police and OM."""
    return {
        "case": measures.case,
        "municipality": measures.municipality,
        "measures": measures.lines,
        "measures_needed": measures.measures_needed,
        "advised_at": measures.advised_at,
        "advice_unanswered": measures.advice_unanswered,
        "review_at": measures.review_at,
        "review_due": measures.review_due,
        "scaled_down_at": measures.scaled_down_at,
    }


def advice(measures: Measures, references: References) -> list[dict[str, Any]]:
    """What the municipality must carry out: measure, place, urgency; no threat, no source, no person."""
    partner = f"municipality:{measures.municipality}"
    return [
        {
            "case": references.seal(partner, measures.case),
            "measure": references.seal(partner, line.id),
            "type": line.type,
            "place": line.place,
            "above_pkvw": line.above_pkvw,
            "urgency": line.urgency,
            "state": line.state,
            "answer_before": measures.answer_before,
            "review_at": measures.review_at,
        }
        for line in measures.lines
        if line.addressee is Addressee.MUNICIPALITY
    ]


async def advice_for(cases: Cases[Measures], municipality: str, references: References) -> list[dict[str, Any]]:
    """What was advised to one municipality, the newest first; at most a hundred cases."""
    advised = {"state.municipality": municipality, "state.advised_at": {"$ne": None}}
    found = cases.collection.find(advised, {"state": 1}).sort("state.advised_at", -1).limit(MOST)
    return [row for document in await found.to_list(MOST) for row in advice(cases.read(document), references)]
