"""Views of a report, cut to the reader's role; the police's work; counts without cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.intake.reporting import messages
from services.intake.reporting.evidence import is_stored
from services.intake.reporting.incident import Evidence, Reporter
from services.intake.reporting.policy import Pointer
from services.intake.reporting.report import Report, police_may_read, waits_for
from shared.access.admission import Scope
from shared.access.relations import Known, Relation
from shared.access.roles import Caller, Role
from shared.contracts.vocabulary import DoubtReason, ReportType
from shared.runtime.cases import Cases
from shared.runtime.mongo import Document
from shared.web.narrowing import Way, beginning, in_field, in_words

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MOST = 100
SEARCHED = ("state.person", "state.waits_since")
"""What the lists search by, each with an index."""
SMALL = 5
"""Numbers below this could point to a person (R-MEL-18)."""
WAYS = (
    Way("waitsFor", "wacht", "Wat moet er gebeuren?", in_field("waits_for"), in_words("WaitsFor")),
    Way("kind", "soort", "Welke soort?", in_field("kind"), in_words("IncidentKind")),
    Way("urgency", "spoed", "Is er spoed?", in_field("urgency"), in_words("Urgency")),
)
"""How the police's work is narrowed."""
COUNTED = ("signal", "talk", "melding", "aangifte", "withdrawn", "doubt", "doubt-costs", "asielinstroom")


def known(report: Report, caller: Caller) -> Known:
    """What the report itself says of the caller."""
    incident = report.incident
    wrote = incident is not None and incident.reporter is not None and report.sent_by == caller.actor
    own = report.owner is not None and report.owner == caller.actor
    return Known(own=own, wrote=wrote, municipality=incident.municipality if incident else None)


def persons(report: Report) -> tuple[str, ...]:
    """Whom a report is about: the victim, and who reported it for them."""
    other = report.incident is not None and report.incident.reporter is not None
    return ("victim", "reporter") if other else ("victim",)


def view_role(report: Report, role: Role, relation: Relation) -> Role | None:
    """The role in which a caller who was let in reads the report; None: to this caller it is not there."""
    if report.incident is None:
        return None
    if relation is Relation.WROTE:
        return Role.REPORTER
    if relation in (Relation.OWN, Relation.TRUSTED):
        return Role.OFFICE_HOLDER
    reported = report.reported_at is not None
    may = {Role.POLICE: police_may_read(report), Role.RCCB: reported, Role.HOVJ: reported}
    return role if may.get(role, False) else None


def view(
    report: Report, role: Role, *, pointers: Iterable[Pointer] = (), earlier: Sequence[Report] = ()
) -> dict[str, Any]:
    """What `role` sees. A reporter who is not the victim sees own text, receipt and progress, never what others add."""
    topics = messages.topics(report, role)
    shown = {
        "emergency": messages.emergency(report),
        "case": report.case,
        "type": report.type,
        "message": messages.message(report, role),
        "advice": messages.advice(report, role),
        "pointers": [pointer.model_dump(exclude={"valid_from"}) for pointer in pointers if pointer.topic in topics],
        "recorded_at": report.recorded_at,
        "noted_by_police": report.noted_by is not None,
        "rccb_notified_at": report.rccb_notified_at,
        "rccb_overdue": report.rccb_overdue,
    }
    match role:
        case Role.OFFICE_HOLDER:
            return shown | _report(report, role, earlier) | _own(report)
        case Role.POLICE:
            return shown | _report(report, role, earlier) | _police(report)
        case Role.RCCB | Role.HOVJ:
            return shown | _report(report, role, earlier)
        case _:
            return shown | _typed(report)


def without(shown: Any, names: Collection[str]) -> Any:
    """The same without fields of these names, however deep."""
    if isinstance(shown, dict):
        return {name: without(value, names) for name, value in shown.items() if name not in names}
    return [without(one, names) for one in shown] if isinstance(shown, list | tuple) else shown


def for_handler(report: Report, reference: str) -> dict[str, Any]:
    """Whom measures are for, to carry them out: name and number; the address only if the person shared it."""
    incident = report.incident
    assert incident is not None
    victim = {"name": incident.victim.name, "phone": incident.victim.phone}
    victim |= {"address": incident.victim.address} if incident.address_shared else {}
    return {"case": reference, "victim": victim}


def _report(report: Report, role: Role, earlier: Sequence[Report]) -> dict[str, Any]:
    return {
        "incident": asdict(report.incident) if report.incident else None,
        "reported_at": report.reported_at,
        "withdrawn_at": report.withdrawn_at,
        "aangifte_wished": report.aangifte_wished,
        "aangifte_on": report.aangifte_on,
        "criminal_track_on": report.criminal_track_on,
        "mutaties": [{"registered_on": one.registered_on} for one in report.mutaties],
        "evidence": [_evidence(one, role) for one in report.evidence],
        "earlier": [_earlier(one) for one in earlier],
    } | ({} if role is Role.POLICE else {"qualifies": report.qualifies})


def _own(report: Report) -> dict[str, Any]:
    """For the person alone: prompts, judgements, doubt."""
    judgements = [asdict(one) for one in report.judgements]
    return {
        "judge_before": report.judge_before,
        "prompted_at": report.prompted_at,
        "followed_up_at": report.followed_up_at,
        "follow_up_wanted": not report.follow_up_off,
        "judgements": [{name: one[name] for name in ("outcome", "reason", "company", "at")} for one in judgements],
        "withdrawal_reason": report.withdrawal_reason,
        "rested_at": report.rested_at,
    } | _talks(report)


def _police(report: Report) -> dict[str, Any]:
    """For the police alone: their own numbers, the doubt to talk about, and what they have to do."""
    return {
        "noted_by": report.noted_by,
        "aangifte_reference": report.aangifte_reference,
        "mutaties": [asdict(one) for one in report.mutaties],
        "withdrawal_reason": report.withdrawal_reason,
        "victim_told_at": report.victim_told_at,
        "waits_for": [name for name, _ in waits_for(report)],
    } | _talks(report)


def _talks(report: Report) -> dict[str, Any]:
    return {"doubts": [asdict(one) for one in report.doubts], "talks": [asdict(one) for one in report.talks]}


def _typed(report: Report) -> dict[str, Any]:
    incident = report.incident
    reporter = incident.reporter if incident else None
    if incident is None or reporter is None:
        return {}
    own = [one for one in report.evidence if one.custody[0].by == report.sent_by]
    return {
        "narrative": incident.narrative,
        "reporter": _without_address(reporter),
        "evidence": [_evidence(one, Role.REPORTER) for one in own],
        "victim_told": report.victim_told_at is not None,
    }


def _without_address(reporter: Reporter) -> dict[str, Any]:
    person = reporter.person
    return {"person": {"name": person.name, "phone": person.phone}, "relation": reporter.relation}


def _evidence(evidence: Evidence, role: Role) -> dict[str, Any]:
    shown = asdict(evidence) | {"stored": is_stored(evidence)}
    if role not in (Role.POLICE, Role.RCCB, Role.HOVJ):
        shown.pop("custody")  # accounts of those who handled it
    return shown


def _earlier(report: Report) -> dict[str, Any]:
    return {
        "case": report.case,
        "type": report.type,
        "recorded_at": report.recorded_at,
        "reported_at": report.reported_at,
        "aangifte_on": report.aangifte_on,
        "mutatie": bool(report.mutaties),
        "withdrawn_at": report.withdrawn_at,
    }


async def earlier_of(cases: Cases[Report], report: Report, role: Role, never: Container[str]) -> list[Report]:
    """The cases linked to this one that `role` may know of, the oldest first; the person's own for the person.

    `never`: cases that the caller is kept out of. Police see those of other units too (R-MEL-10).
    """
    wanted = [case for case in report.linked if case not in never]
    if not wanted or role is Role.REPORTER:
        return []
    found = await cases.collection.find({"_id": {"$in": wanted}}, {"state": 1}).to_list(None)
    known = [cases.read(document) for document in found]
    if role is Role.OFFICE_HOLDER:
        may = [one for one in known if one.owner is not None and one.owner == report.owner]
    else:
        may = [one for one in known if view_role(one, role, Relation.OWN_UNIT) is role]
    return sorted(may, key=lambda one: (str(one.recorded_at), one.case))


async def reported_by(cases: Cases[Report], person: str | None) -> tuple[str, ...]:
    """The cases of a person that were reported, the oldest first (R-MEL-10); the newest hundred of them."""
    if person is None:
        return ()
    wanted = {"state.person": person, "state.reported_at": {"$gt": ""}}
    found = await cases.collection.find(wanted, {"_id": 1}).sort("state.reported_at", -1).limit(MOST).to_list(MOST)
    return tuple(document["_id"] for document in reversed(found))


async def own_cases(cases: Cases[Report], person: str, caller: Caller) -> list[str]:
    """The caller's own cases, not those reported for somebody else, the newest first; a hundred of them."""
    found = await cases.collection.find({"state.person": person}, {"state": 1}).limit(MOST).to_list(MOST)
    mine = [report for report in map(cases.read, found) if known(report, caller).own]
    return [report.case for report in sorted(mine, key=lambda one: str(one.recorded_at), reverse=True)]


async def work(cases: Cases[Report], scope: Scope, skip: int, limit: int) -> list[dict[str, Any]]:
    """What the police have to do, what waits longest first: a receipt that did not come, a talk, a victim to tell."""
    # Moments are stored as text in UTC, so their order is the order in time (within one second it may differ).
    wanted = scope.narrow({"state.waits_since": {"$gt": ""}}, str, "state.incident.municipality")
    found = cases.collection.find(wanted, {"state": 1}).sort("state.waits_since")
    rows = await found.limit(skip + limit).to_list(skip + limit)
    return [_row(cases.read(document)) | cases.marks(document["_id"]) for document in rows[skip:]]


async def beginning_with(cases: Cases[Report], start: str, scope: Scope) -> list[Report]:
    """At most two cases in scope whose reference begins with `start`: more than one is not the one that is meant."""
    wanted = {"$and": [
        beginning("_id", start), scope.narrow({}, str, "state.incident.municipality"),
    ]}  # fmt: skip
    found = await cases.collection.find(wanted, {"state": 1}).limit(2).to_list(2)
    return [cases.read(document) for document in found]


def _row(report: Report) -> dict[str, Any]:
    incident = report.incident
    return {
        "case": report.case,
        "type": report.type,
        "kind": incident and incident.kind,
        "urgency": incident and incident.urgency,
        "municipality": incident and incident.municipality,
        "since": report.waits_since,
        "waits_for": [name for name, _ in waits_for(report)],
    }


async def counts(cases: Cases[Report], year: int, never: Container[str] = ()) -> list[dict[str, Any]]:
    """Per month of recording (Amsterdam): how far reports came, and doubts. No case; few or none is `<5` (R-MEL-18).

    Every month of the year has a row, so that a month without reports and one with a single one look the same.

    `never`: cases that the caller is kept out of; a month that is there for their sake would give them away.
    """
    names = ("recorded_at", "type", "withdrawn_at", "doubts.reasons", "incident.context")
    wanted = {"state.recorded_at": {"$gte": f"{year - 1}-12-31", "$lt": f"{year + 1}-01-01"}}
    fields = {f"state.{name}": 1 for name in names}
    months: dict[str, Counter[str]] = {f"{year}-{number:02}": Counter() for number in range(1, 13)}
    for document in await cases.collection.find(wanted, fields).to_list(None):
        if document["_id"] in never:
            continue
        month = datetime.fromisoformat(document["state"]["recorded_at"]).astimezone(AMSTERDAM).strftime("%Y-%m")
        if month in months:
            months[month].update(_counted(document["state"]))
    return [{"month": month} | {name: _rough(counted[name]) for name in COUNTED} for month, counted in months.items()]


def _counted(state: Document) -> set[str]:
    doubts = state.get("doubts") or []
    found = {state["type"] or ReportType.SIGNAL.value}
    found |= {"withdrawn"} if state.get("withdrawn_at") else set()
    found |= {"doubt"} if doubts else set()
    found |= {"doubt-costs"} if any(DoubtReason.COSTS in one["reasons"] for one in doubts) else set()
    found |= {"asielinstroom"} if state["incident"].get("context") == "asielinstroom" else set()
    return found


def _rough(number: int) -> int | str:
    return number if number >= SMALL else f"<{SMALL}"
