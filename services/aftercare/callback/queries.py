"""Views of care: the IVP's board with minutes left; progress without content for the caller."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.aftercare.callback.domain import Care
from shared.privacy.references import References
from shared.runtime.cases import Cases

MOST = 100


def progress(care: Care) -> dict[str, Any]:
    """What the caller sees: whether and when, never what was said."""
    callback = care.callback
    return {
        "case": care.case,
        "status": care.status,
        "due_at": callback and callback.due_at,
        "made_at": callback and callback.made_at,
        "missed": bool(callback and callback.missed_at),
        "message": _message(care),
    }


def _message(care: Care) -> str:
    callback = care.callback
    if callback is None:
        return "Wilt u met iemand praten? Bel het alarmnummer of vraag om een telefoontje."
    if callback.made_at is not None:
        return "Er is contact geweest."
    if callback.missed_at is not None:
        return "Het spijt ons: wij belden niet op tijd. De coördinator is gewaarschuwd. U kunt ook zelf bellen."
    return "Een hulpverlener belt u terug binnen 30 minuten na uw oproep."


def row(care: Care, now: datetime, references: References) -> dict[str, Any]:
    """A line on the IVP's board."""
    callback = care.callback
    left = (callback.due_at - now).total_seconds() / 60 if callback and callback.made_at is None else None
    return {
        "case": references.seal("ivp", care.case),
        "status": care.status,
        "impact": care.impact,
        "phone": callback and callback.phone,
        "name": callback and callback.name,
        "called_at": callback and callback.called_at,
        "due_at": callback and callback.due_at,
        "minutes_left": None if left is None else round(left, 1),
        "warned": bool(callback and callback.warned),
        "escalated_minutes": callback.escalated_minutes if callback else 0,
        "attempts": callback.attempts if callback else (),
        "made_at": callback and callback.made_at,
        "missed": bool(callback and callback.missed_at),
        "offers": care.offers,
    }


async def board(cases: Cases[Care], references: References) -> list[dict[str, Any]]:
    """Who waits for a call, the most pressing first. A person appears only after an own call (R-IVP-09)."""
    asked = {"state.callback": {"$ne": None}, "closed": False}
    found = await cases.collection.find(asked, {"state": 1}).limit(MOST).to_list(MOST)
    now = cases.clock.now()
    rows = [row(cases.read(document), now, references) for document in found]
    return sorted(rows, key=lambda one: (one["minutes_left"] is None, one["minutes_left"] or 0))
