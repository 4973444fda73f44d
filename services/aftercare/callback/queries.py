"""Views of care: who waits for the IVP and who was offered care again; progress without content for the caller."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.aftercare.callback.domain import Care, CareState
from shared.privacy.references import References
from shared.runtime.cases import Cases
from shared.runtime.mongo import Document

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
    if callback is None or care.status is CareState.OFFERED:
        return "Wilt u met iemand praten? Bel het alarmnummer of vraag om een telefoontje."
    if callback.made_at is not None:
        return "Er is contact geweest."
    if callback.missed_at is not None:
        return "Het spijt ons: wij belden niet op tijd. De coördinator is gewaarschuwd. U kunt ook zelf bellen."
    return "Een hulpverlener belt u terug binnen 30 minuten na uw oproep."


def row(care: Care, now: datetime, references: References) -> dict[str, Any]:
    """A line on one of the IVP's lists."""
    callback = care.callback
    left = (callback.due_at - now).total_seconds() / 60 if callback and callback.made_at is None else None
    return {
        "case": references.seal("ivp", care.case),
        "status": care.status,
        "impact": care.impact,
        "phone": callback and callback.phone,
        "earlier_phones": callback.earlier_phones if callback else (),
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
        "offered_at": care.offered_at,
    }


# Moments are stored as text in UTC, so their order is the order in time (within one second it may differ).
WAITS = {"state.callback": {"$ne": None}, "state.callback.made_at": None, "closed": False}
OFFERED = {
    "state.callback.made_at": {"$ne": None},
    "$expr": {"$gt": ["$state.offered_at", "$state.callback.made_at"]},
    "closed": False,
}


async def board(cases: Cases[Care], references: References) -> list[dict[str, Any]]:
    """Who waits for contact, the longest overdue first, then who is due first; at most a hundred."""
    found = cases.collection.find(WAITS, {"state": 1}).sort("state.callback.due_at").limit(MOST)
    return _rows(await found.to_list(MOST), cases, references)


async def offers(cases: Cases[Care], references: References) -> list[dict[str, Any]]:
    """Who was offered care again since the last contact, the newest offer first; at most a hundred.

    A person appears only after an own call (R-IVP-09): a first offer is not here.
    """
    found = cases.collection.find(OFFERED, {"state": 1}).sort("state.offered_at", -1).limit(MOST)
    return _rows(await found.to_list(MOST), cases, references)


def _rows(found: list[Document], cases: Cases[Care], references: References) -> list[dict[str, Any]]:
    now = cases.clock.now()
    return [row(cases.read(document), now, references) for document in found]
