"""Views of a report, cut to the reader's role."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from services.intake.reporting.domain import Report
from shared.access.roles import Role
from shared.contracts.vocabulary import ReportType

PROMPT = "U schreef gisteren een signaal op. Wilt u er iets mee doen? U kunt het melden, bespreken of laten rusten."
"""For the person only (R-MEL-14)."""

SEES_ALL = frozenset({Role.OFFICE_HOLDER, Role.POLICE, Role.RCCB, Role.HOVJ})


def view(report: Report, role: Role) -> dict[str, Any]:
    """What `role` sees. A reporter who is not the victim sees receipt and progress, never the victim's data."""
    progress = {
        "case": report.case,
        "type": report.type,
        "recorded_at": report.recorded_at,
        "rccb_notified_at": report.rccb_notified_at,
        "rccb_overdue": report.rccb_overdue,
        "message": _message(report, role),
    }
    if role not in SEES_ALL:
        return progress
    incident = asdict(report.incident) if report.incident else None
    own = {"prompted_at": report.prompted_at} if role is Role.OFFICE_HOLDER else {}
    return (
        progress
        | own
        | {
            "incident": incident,
            "reported_at": report.reported_at,
            "aangifte_wished": report.aangifte_wished,
            "aangifte_on": report.aangifte_on,
            "qualifies": report.qualifies,
        }
    )


def _message(report: Report, role: Role) -> str:
    if report.rccb_overdue and report.rccb_notified_at is None:
        return "De politie heeft de ontvangst nog niet bevestigd. Bel de politie. Direct gevaar? Bel 112."
    if report.type is ReportType.SIGNAL and report.prompted_at is not None and role is Role.OFFICE_HOLDER:
        return PROMPT
    if report.type is ReportType.SIGNAL:
        return "Uw signaal is bewaard. Niemand anders leest het. U beslist wat u ermee doet."
    if report.aangifte_wished and report.type is not ReportType.AANGIFTE:
        return "U hebt nog géén aangifte gedaan. De politie neemt die op."
    return "Uw melding is ontvangen."
