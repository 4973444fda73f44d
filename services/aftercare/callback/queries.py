"""Views of care, cut to who reads: the IVP its clients, the victim whether and when, the caller what was reported."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from services.aftercare.callback import figures, messages
from services.aftercare.callback.care import Callback, Care, Person, Whom
from services.aftercare.callback.policy import Lines, lines_on
from shared.access.admission import Scope
from shared.access.relations import Known, Relation
from shared.privacy.references import References
from shared.runtime.cases import Cases
from shared.runtime.mongo import Document

COORDINATOR, NEXT_WORKER = "coordinator", "next-worker"
PARTNER = "ivp"


def known(care: Care) -> Known:
    """What care itself says of who may see it: the IVP only after acceptance or an own call (R-IVP-09)."""
    return Known(client=care.ivp_knows)


def persons(care: Care) -> tuple[str, ...]:
    """Whom care is about: the victim, and who called for them."""
    return ("victim",) if care.caller is None else ("victim", "caller")


def view(care: Care, relation: Relation, now: datetime, references: References) -> dict[str, Any]:
    """What is seen of one case in this relation."""
    if relation is Relation.CLIENT:
        return row(care, now, references)
    lines = lines_on(now.date())
    return for_caller(care, lines) if relation is Relation.WROTE else for_victim(care, lines)


def for_victim(care: Care, lines: Lines) -> dict[str, Any]:
    """Whether and when, never what was said."""
    callback = care.callback
    return {
        "case": care.case,
        "status": care.status,
        "due_at": callback and callback.due_at,
        "made_at": callback and callback.made_at,
        "missed": bool(callback and callback.missed),
        "support": [support.form for support in callback.supports] if callback else [],
        "caller_is_told": care.caller is not None and care.objected_at is None,
        "message": messages.to_victim(care, lines),
        "family": messages.FAMILY,
    }


def for_caller(care: Care, lines: Lines) -> dict[str, Any]:
    """The caller's own call, and what the IVP reported; nothing else changes with the victim's care (R-IVP-08).

    The status does not go from `asked` to `called` when the victim was called: that would be progress nobody reported.
    """
    callback = care.callback
    own = callback is not None and callback.made_with is Whom.CALLER
    missed = bool(callback and callback.missed)
    return {
        "case": care.case,
        "status": "missed" if missed else "called" if own else "asked",
        "due_at": callback and callback.due_at,
        "made_at": callback.made_at if callback and own else None,
        "missed": missed,
        "progress": care.progress,
        "message": messages.to_caller(care, lines),
    }


def row(care: Care, now: datetime, references: References) -> dict[str, Any]:
    """A line on one of the IVP's lists."""
    callback = care.callback
    due = callback.due_at if callback and callback.made_at is None else None
    worker = care.workers[-1] if care.workers else None
    return {
        "case": references.seal(PARTNER, care.case),
        "status": care.status,
        "impact": care.impact,
        "repeated": care.repeated,
        "phone": care.phone,
        "ring_first": care.ring_first,
        "earlier_phones": care.earlier_phones,
        "name": care.victim.name,
        "victim": asdict(care.victim),
        "caller": care.caller and asdict(care.caller),
        "still_to_ask": [*_missing("victim", care.victim), *_missing("caller", care.caller)],
        "caller_may_be_told": care.caller is not None and care.objected_at is None,
        "progress": care.progress,
        "big": worker and worker.big,
        "called_at": callback and callback.called_at,
        "due_at": callback and callback.due_at,
        "minutes_left": None if due is None else round((due - now).total_seconds() / 60, 1),
        "warned": bool(callback and callback.warned),
        "escalated_minutes": callback.escalated_minutes if callback else 0,
        "ring": _ring(care),
        "attempts": callback.attempts if callback else (),
        "made_at": callback and callback.made_at,
        "victim_spoken_at": callback and callback.victim_spoken_at,
        "missed": bool(callback and callback.missed),
        "support": [asdict(support) for support in callback.supports] if callback else [],
        "offers": care.offers,
        "offered_at": care.offered_at,
    }


def _missing(whose: str, person: Person | None) -> list[str]:
    """What is still to be asked (R-IVP-07, R-IVP-08); none of it is a condition."""
    return [] if person is None else [f"{whose}.{name}" for name, value in asdict(person).items() if not value]


def _ring(care: Care) -> str | None:
    """Who of the IVP must ring now, when the worker on call did not."""
    callback = care.callback
    if not care.waits or callback is None or not callback.escalated_minutes:
        return None
    return COORDINATOR if callback.missed_at is not None else NEXT_WORKER


def help_lines(question: bool, now: datetime) -> dict[str, Any]:
    """Where to go: with a question that can wait the office, else the alarm number (R-IVP-02, R-IVP-12, S-IVP-13)."""
    lines = lines_on(now.date())
    common = {"emergency": messages.EMERGENCY, "family": messages.FAMILY, "asks": messages.WHAT_IVP_ASKS}
    if not question:
        return {"message": messages.call_now(lines), "phone": lines.alarm_number, "mail": None} | common
    opens, closes = lines.office_opens.strftime("%H.%M"), lines.office_closes.strftime("%H.%M")
    hours = f"op werkdagen van {opens} tot {closes} uur"
    if lines.office_is_open(now):
        message = f"Bel {lines.office_number} ({hours}), of mail naar {lines.office_mail}."
        return {"message": message, "phone": lines.office_number, "mail": lines.office_mail} | common
    message = f"Het kantoor is nu dicht. Mail naar {lines.office_mail}, of bel {hours}: {lines.office_number}."
    return {"message": message, "phone": None, "mail": lines.office_mail} | common


# Moments are stored as text in UTC, so their order is the order in time (within one second it may differ).
PROMISED = {"state.callback.due_at": {"$gt": ""}, "state.callback.made_at": None, "closed": False}
BY_WEB = {"state.callback": {"$ne": None}, "state.callback.due_at": None, "state.callback.made_at": None,
          "closed": False}  # fmt: skip
OFFERED = {
    "state.declined_at": None,
    "closed": False,
    "$or": [
        {"state.callback": None, "state.accepted_at": {"$gt": ""}},
        {
            "state.callback.made_at": {"$gt": ""},
            "$expr": {"$gt": ["$state.offered_at", "$state.callback.made_at"]},
        },
    ],
}


CALLED = ("state.callback", "state.earlier")
"""Where calls stand: the last one, and those before it."""
SEARCHED = ("closed", *(f"{part}.called_at" for part in CALLED))
"""What the lists and figures search by, each with an index: every list is of open cases."""
MOMENTS = ("called_at", "due_at", "made_at", "entered_at")
CALLBACK = TypeAdapter(Callback)
MOST_WAITING = 100
"""Rows of the board on one page: the first of them are called first."""


async def still_waiting(cases: Cases[Care]) -> int:
    """How many were promised a call that did not come in time, and wait for it still."""
    missed = {"state.callback.missed_at": {"$ne": None}, "state.callback.made_at": None}
    return await cases.collection.count_documents({"closed": False} | missed)


async def board(cases: Cases[Care], scope: Scope, skip: int, limit: int) -> list[Care]:
    """Who waits for contact: promises first, the longest overdue on top; then who asked over the web, oldest first."""
    rows: list[Document] = []
    for wanted, order in ((PROMISED, "state.callback.due_at"), (BY_WEB, "state.callback.called_at")):
        rows += await _found(cases, scope.narrow(wanted, cases.id_for), order, 1, skip + limit)
    return [cases.read(document) for document in rows[skip : skip + limit]]


async def offers(cases: Cases[Care], scope: Scope, skip: int, limit: int) -> list[Care]:
    """Whom the IVP knows and who was offered care since: accepted, or called before. The newest offer first.

    A person appears only after acceptance or an own call (R-IVP-09): a first offer is not here.
    """
    found = await _found(cases, scope.narrow(OFFERED, cases.id_for), "state.offered_at", -1, skip + limit)
    return [cases.read(document) for document in found[skip:]]


async def clients(cases: Cases[Care], scope: Scope, account: str, skip: int, limit: int) -> list[Care]:
    """A care worker's own clients whose care is open, who was called longest ago first."""
    mine = scope.narrow({"state.workers.account": account, "closed": False}, cases.id_for)
    found = await _found(cases, mine, "state.callback.called_at", 1, 0)
    own = [document for document in found if document["state"]["workers"][-1]["account"] == account]
    return [cases.read(document) for document in own[skip : skip + limit]]


async def _found(cases: Cases[Care], wanted: Document, order: str, direction: int, most: int) -> list[Document]:
    found = cases.collection.find(wanted, {"state": 1}).sort(order, direction)
    return await (found.limit(most) if most else found).to_list(most or None)


async def promise_figures(cases: Cases[Care], year: int, never: Container[str] = ()) -> list[dict[str, Any]]:
    """How the promise was kept, in each month of a year; no persons. `never`: cases the caller is kept out of.

    Only moments are read, so nothing is opened for it.
    """
    called = {"$gte": f"{year - 1}-12-31", "$lt": f"{year + 1}-01-02"}
    fields = {f"{part}.{moment}": 1 for part in CALLED for moment in MOMENTS} | {"state.case": 1}
    found = {
        document["_id"]: document["state"]
        for part in CALLED  # two searches, each with its index; one with `$or` may read all there is
        for document in await cases.collection.find({f"{part}.called_at": called}, fields).to_list(None)
    }
    counted = [state for state in found.values() if state["case"] not in never]
    told = [one for state in counted for one in (*state.get("earlier", ()), state.get("callback")) if one]
    callbacks = [CALLBACK.validate_python(one) for one in told]
    return [asdict(figure) for figure in figures.of_year(year, callbacks, cases.clock.now())]
