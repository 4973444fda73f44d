"""Who sees which event on the timeline of a case: role by event by field. Deny by default.

A column a role, a row an event, so that the table can be read and judged as a whole. A new event or role is not seen
by anybody until somebody has filled in its row or column (`tests/access/test_timeline.py` fails until then).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.access.roles import Role
from shared.contracts import aftercare, assessment, funding, intake
from shared.contracts.envelope import Event
from shared.contracts.topics import ASSESSMENT_MEASURES, EVENTS, HOME
from shared.contracts.vocabulary import Addressee

COLUMNS = (
    Role.OFFICE_HOLDER, Role.REPORTER, Role.POLICE, Role.RCCB, Role.HOVJ, Role.MUNICIPALITY, Role.BZK, Role.IVP,
)  # fmt: skip

Fields = tuple[str, ...]

LINE = ("type", "place", "above_pkvw", "addressee", "urgency", "executor", "amount_cents")
"""What is shown of a line of advice or of a request, where lines are granted."""

_PAYER = "type place payer"
_COST = f"{_PAYER} rule amount_cents eligible"
_REQUEST = "channel requested_at lines total_cents missing continuation"
_GRANT = "granted_cents decided_at"
_SETTLED = "settled_cents settled_at"
_THREAT = "level measures_needed confirmed assessed_at"
_INCIDENT = "report_type kind office municipality urgency impact context reporter_is_victim reported_at"

# `.` nothing; `x` the fields of the row; `p` only those of the second list, which may be none: then the fact alone.
# In the order of COLUMNS: own (office holder), rep(orter), pol(ice), rccb, hovj, mun(icipality), bzk, ivp.
_ROWS: dict[type[Event], tuple[str, str, str]] = {
    #                                       own rep pol rccb hovj mun bzk ivp
    intake.SignalRecorded:                 ("x   .   .   .    .    .   .   .", "kind recorded_at", ""),
    intake.SignalJudged:                   ("x   .   .   .    .    .   .   .", "outcome judged_at", ""),
    intake.TalkRequested:                  ("x   .   x   .    .    .   .   .", "requested_at", ""),
    intake.PoliceConsulted:                ("x   .   x   .    .    .   .   .", "consulted_at", ""),
    intake.FilingAdvised:                  ("x   .   x   .    .    .   .   .", "advice advised_at", ""),
    intake.CaseShredded:                   ("x   .   .   .    .    .   .   .", "shredded_at reason", ""),
    intake.IncidentReported:               ("x   p   x   x    x    .   .   .", _INCIDENT, "reported_at"),
    intake.MutatieRegistered:              ("x   .   x   x    x    .   .   .", "registered_on", ""),
    intake.AangifteFiled:                  ("x   .   x   x    x    .   .   .", "filed_on", ""),
    intake.CriminalTrackOpened:            ("x   .   x   x    x    .   .   .", "opened_on", ""),
    intake.IncidentsLinked:                ("x   .   x   x    x    .   .   .", "linked_at", ""),
    intake.IncidentWithdrawn:              ("x   .   x   x    x    .   .   .", "withdrawn_at", ""),
    intake.RccbNotified:                   ("x   x   x   x    x    .   .   .", "notified_at", ""),
    intake.RccbReceiptOverdue:             ("x   x   x   x    x    .   .   .", "due_at", ""),
    intake.RelationChanged:                (".   .   .   .    .    .   .   .", "", ""),
    #                                       own rep pol rccb hovj mun bzk ivp
    assessment.WeighingOpened:             (".   .   .   x    x    .   .   .", "opened_at", ""),
    assessment.FirstWeighingConcluded:     (".   .   .   x    x    .   .   .", "qualifies target decided_at", ""),
    assessment.FirstWeighingOverdue:       (".   .   .   x    x    .   .   .", "due_at", ""),
    assessment.AuthorityChosen:            (".   .   .   x    x    .   .   .", "authority chosen_at", ""),
    assessment.WeighingReopened:           (".   .   .   x    x    .   .   .", "reason reopened_at", ""),
    assessment.CloserInterpretationOrdered:(".   .   .   x    x    .   .   .", "ordered_at", ""),
    assessment.ThreatProductRecorded:      (".   .   .   x    x    .   .   .", "product recorded_at", ""),
    assessment.ThreatAssessed:             (".   .   .   x    x    .   .   .", _THREAT, ""),
    assessment.DecisionConfirmed:          (".   .   .   x    x    .   .   .", "confirmed_at", ""),
    assessment.StateMeasuresTaken:         (".   .   .   x    x    .   .   .", "confirmed taken_at", ""),
    assessment.CaseShredded:               (".   .   .   x    x    .   .   .", "shredded_at reason", ""),
    assessment.MeasuresAdvised:            ("x   .   .   x    x    x   .   .", "lines advised_at", ""),
    assessment.AdviceAccepted:             ("x   .   .   x    x    x   .   .", "measure accepted_at", ""),
    assessment.AdviceDeclined:             ("x   .   .   x    x    x   .   .", "measure declined_at", ""),
    assessment.AdviceUnanswered:           ("x   .   .   x    x    x   .   .", "due_at", ""),
    assessment.MeasureImplemented:         ("x   .   .   x    x    x   .   .", "measure implemented_at", ""),
    assessment.MeasureReviewDue:           ("x   .   .   x    x    .   .   .", "due_at", ""),
    assessment.MeasuresReviewed:           ("x   .   .   x    x    .   .   .", "reviewed_at", ""),
    assessment.ScaleDownAnnounced:         ("x   .   .   x    x    .   .   .", "announced_at ends_at", ""),
    assessment.HandlerAssigned:            (".   .   .   .    .    .   .   .", "", ""),
    assessment.MeasuresScaledDown:         ("x   .   .   x    x    x   .   .", "scaled_down_at", ""),
    assessment.MeasuresShredded:           (".   .   .   x    x    .   .   .", "shredded_at reason", ""),
    #                                       own rep pol rccb hovj mun bzk ivp
    funding.CostLineClassified:            ("p   .   .   .    .    x   .   .", _COST, _PAYER),
    funding.CostLineToBeJudged:            (".   .   .   .    .    x   .   .", "entered_at", ""),
    funding.ClassificationOverdue:         (".   .   .   .    .    x   .   .", "due_at", ""),
    funding.CostLineDisputed:              ("x   .   .   .    .    x   .   .", "disputed_at", ""),
    funding.CostLineReclassified:          ("p   .   .   .    .    x   .   .", _COST, _PAYER),
    funding.CostsShredded:                 ("x   .   .   .    .    x   .   .", "shredded_at reason", ""),
    funding.VangnetQuestionAsked:          (".   .   .   .    .    x   x   .", "channel asked_at", ""),
    funding.VangnetQuestionAnswered:       (".   .   .   .    .    x   x   .", "answered_at", ""),
    funding.FundingRequested:              ("p   .   .   .    .    x   x   .", _REQUEST, "requested_at"),
    funding.FundingSupplementAsked:        ("x   .   .   .    .    x   x   .", "asked_at", ""),
    funding.FundingSupplemented:           ("p   .   .   .    .    x   x   .", "lines total_cents missing", ""),
    funding.FundingGranted:                ("p   .   .   .    .    x   x   .", _GRANT, "decided_at"),
    funding.FundingDeclined:               ("x   .   .   .    .    x   x   .", "decided_at", ""),
    funding.FundingWithdrawn:              ("x   .   .   .    .    x   x   .", "withdrawn_at", ""),
    funding.FundingSettled:                ("p   .   .   .    .    x   x   .", _SETTLED, "settled_at"),
    funding.FundingAcknowledgementDue:     (".   .   .   .    .    .   x   .", "due_at", ""),
    funding.SupplementReminderDue:         (".   .   .   .    .    x   x   .", "due_at", ""),
    funding.FundingDecisionDue:            (".   .   .   .    .    .   x   .", "due_at", ""),
    funding.CaseShredded:                  ("x   .   .   .    .    x   x   .", "shredded_at reason", ""),
    #                                       own rep pol rccb hovj mun bzk ivp
    aftercare.AftercareTriggered:          ("x   .   .   .    .    .   .   x", "reason impact triggered_at", ""),
    aftercare.AftercareAccepted:           ("x   .   .   .    .    .   .   x", "accepted_at", ""),
    aftercare.AftercareDeclined:           ("x   .   .   .    .    .   .   x", "declined_at", ""),
    aftercare.IvpCallbackDue:              ("x   .   .   .    .    .   .   x", "called_at due_at", ""),
    aftercare.IvpCallbackAttempted:        ("x   .   .   .    .    .   .   x", "attempted_at", ""),
    aftercare.IvpCallbackEscalated:        (".   .   .   .    .    .   .   x", "minutes escalated_at", ""),
    aftercare.IvpCallbackMade:             ("x   .   .   .    .    .   .   x", "in_time made_at", ""),
    aftercare.IvpCallbackMissed:           ("x   .   .   .    .    .   .   x", "due_at", ""),
    aftercare.IvpCallbackCorrected:        ("x   .   .   .    .    .   .   x", "made_at corrected_at", ""),
    aftercare.SupportPlanned:              ("x   .   .   .    .    .   .   x", "form planned_at", ""),
    aftercare.ProgressReported:            ("x   x   .   .    .    .   .   x", "progress reported_at", ""),
    aftercare.AftercareClosed:             ("x   .   .   .    .    .   .   x", "closed_at", ""),
    aftercare.CaseShredded:                ("x   .   .   .    .    .   .   x", "shredded_at reason", ""),
    aftercare.EmployerInvoiced:            (".   .   .   .    .    .   .   .", "", ""),
    aftercare.ConfidentialContactCounted:  (".   .   .   .    .    .   .   .", "", ""),
}  # fmt: skip

GRANTED: dict[type[Event], dict[Role, Fields]] = {
    event: {
        role: tuple({"x": fields, "p": part}[mark].split())
        for role, mark in zip(COLUMNS, marks.split(), strict=True)
        if mark != "."
    }
    for event, (marks, fields, part) in _ROWS.items()
}  # fmt: skip
"""The table: event -> role -> the fields it sees. A role that is not there does not see the event."""

OPENS: dict[Role, frozenset[type[Event]]] = {
    Role.IVP: frozenset({aftercare.AftercareAccepted, aftercare.IvpCallbackDue}),
}
"""Roles to whom a case is nothing before one of these: care is the person's own choice (R-IVP-09)."""


@dataclass(frozen=True)
class Entry:
    """An event on a timeline. `at`: when it was recorded (UTC)."""

    event: str
    at: datetime
    fields: dict[str, Any]


def services_of(role: Role) -> tuple[str, ...]:
    """The services that may have something to tell this role."""
    return tuple(dict.fromkeys(HOME[event].name.split(".")[0] for event, roles in GRANTED.items() if role in roles))


def entries_for(role: Role, history: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """What this role sees of the history of one case, in the order it was recorded; perhaps nothing."""
    told = [(EVENTS[entry["type"]], entry) for entry in history if entry["type"] in EVENTS]
    if role in OPENS and OPENS[role].isdisjoint(event for event, _ in told):
        return []
    advised = _advised(role, [entry["data"] for event, entry in told if event is assessment.MeasuresAdvised])
    found = []
    for event, entry in told:
        granted = GRANTED.get(event, {}).get(role)
        if granted is None or (role is Role.MUNICIPALITY and _of_others(event, entry["data"], bool(advised))):
            continue
        fields = _cut(role, granted, entry["data"], advised)
        if fields is not None:
            found.append(Entry(entry["type"], entry["at"], fields))
    return found


def _of_others(event: type[Event], data: Mapping[str, Any], advised: bool) -> bool:
    """Whether this is about measures that a municipality does not know of: its moment would show that there are any."""
    if event is assessment.MeasuresScaledDown and data.get("municipality") is None:
        return True
    return HOME[event] is ASSESSMENT_MEASURES and not advised


def _seen_lines(role: Role, lines: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A municipality sees the lines that are addressed to it, and never those to the person (S-SBB-06)."""
    own = Addressee.MUNICIPALITY
    return [line for line in lines if role is not Role.MUNICIPALITY or line.get("addressee", own) == own]


def _advised(role: Role, advice: list[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Class and place of each measure that this role sees, by its internal id, which nobody sees."""
    lines = (line for data in advice for line in _seen_lines(role, data["lines"]))
    return {line["measure"]: {"type": line["type"], "place": line["place"]} for line in lines}


def _cut(
    role: Role, granted: Fields, data: Mapping[str, Any], advised: Mapping[str, dict[str, Any]]
) -> dict[str, Any] | None:
    """The granted fields; None when this is about another's measures."""
    fields = {name: data[name] for name in granted if name in data}
    if "measure" in fields:
        measure = advised.get(fields.pop("measure"))
        if measure is None and role is Role.MUNICIPALITY:
            return None
        fields |= {"measure": measure} if measure else {}
    if "lines" in fields:
        seen = _seen_lines(role, fields["lines"])
        if fields["lines"] and not seen:
            return None
        fields["lines"] = [{name: line[name] for name in LINE if name in line} for line in seen]
    return fields
