"""Every state of a report × every command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from services.intake.reporting.commands import (
    AddCustody,
    AddEvidence,
    LinkIncidents,
    NoteChosen,
    OpenCriminalTrack,
    RecordVictimTold,
    RequestTalk,
    SetFollowUp,
    WishAangifte,
)
from services.intake.reporting.domain import DOUBT_FOLLOW_UP, RCCB_RECEIPT, SIGNAL_UNJUDGED, decide
from services.intake.reporting.report import Report, open_talk
from shared.contracts.decisions import DeadlinePassed
from shared.contracts.vocabulary import ReportType, SignalOutcome, Tie
from tests.services.intake.reporting.test_domain import (
    AANGIFTE,
    DAY,
    DO_NOT_FILE,
    DOES_NOT_QUALIFY,
    DOUBT,
    DOUBTS,
    FILE,
    FOR_OTHER,
    HASH,
    HELD,
    HOUR,
    MELDING,
    MORNING,
    MUTATIE,
    NIGHT,
    RECEIVED,
    REPORT,
    REST,
    SCAN,
    SIGNAL,
    WITHDRAW,
    judge,
)
from tests.tables import Table

OVERDUE = DeadlinePassed(RCCB_RECEIPT, NIGHT + HOUR, NIGHT + HOUR)
UNJUDGED = DeadlinePassed(SIGNAL_UNJUDGED, NIGHT + DAY, NIGHT + DAY)
ASK = RequestTalk(MORNING, 3 * DAY, DOUBT)
TRACK = OpenCriminalTrack(AANGIFTE.filed_on)
WISH = WishAangifte(True, MORNING)
TRUST = NoteChosen(REPORT.case, "vriend-1", Tie.TRUSTED, True, MORNING)


def name_of(report: Report) -> str:
    """A word for where it stands."""
    if report.incident is None:
        return "heard of before the report"
    if report.withdrawn_at is not None:
        return f"withdrawn {report.type}"
    if report.rested_at is not None:
        return f"{report.type} at rest"
    if report.type is ReportType.TALK:
        return "talk asked for" if open_talk(report) else "talk held"
    return str(report.type)


TABLE = Table(
    folder=Path(__file__).parent,
    title="Reporting",
    decide=decide,
    states={
        "unknown": (),
        "heard of before the report": (RECEIVED,),
        "signal": (SIGNAL,),
        "signal, prompted": (SIGNAL, UNJUDGED),
        "signal at rest": (SIGNAL, judge(SignalOutcome.LET_REST)),
        "talk asked for": (DOUBTS,),
        "talk held": (DOUBTS, HELD),
        "talk held, advised to file": (DOUBTS, HELD, FILE),
        "talk held, advised not to file, with mutatie": (DOUBTS, HELD, DO_NOT_FILE, MUTATIE),
        "talk at rest": (DOUBTS, REST),
        "melding": (REPORT,),
        "melding, by somebody else": (FOR_OTHER,),
        "melding, aangifte wished": (replace(REPORT, aangifte_wished=True),),
        "melding, received by RCCB": (REPORT, RECEIVED),
        "melding, receipt overdue": (REPORT, OVERDUE),
        "melding, with mutatie": (REPORT, MUTATIE),
        "melding, talk asked for": (REPORT, ASK),
        "melding, with evidence": (REPORT, AddEvidence(SCAN)),
        "aangifte": (REPORT, AANGIFTE),
        "aangifte, criminal track": (REPORT, AANGIFTE, TRACK),
        "withdrawn signal": (SIGNAL, WITHDRAW),
        "withdrawn talk": (DOUBTS, WITHDRAW),
        "withdrawn melding": (REPORT, WITHDRAW),
    },
    commands={
        "record-signal": (SIGNAL, "The person writes down unease"),
        "report-incident": (REPORT, "The victim, or somebody for the victim, reports"),
        "report-doubt": (DOUBTS, "The person tells what happened and doubts about an aangifte"),
        "judge-let-rest": (judge(SignalOutcome.LET_REST), "The person judges the signal: let it rest"),
        "judge-talk": (judge(SignalOutcome.TALK), "The person judges the signal: talk about it"),
        "judge-report": (judge(SignalOutcome.REPORT), "The person judges the signal: report it"),
        "make-melding": (MELDING, "The victim makes a melding of a signal or a talk"),
        "request-talk": (ASK, "The person asks the local police for a talk"),
        "let-rest": (REST, "The person lets a talk rest, before or after it took place"),
        "follow-up-off": (SetFollowUp(False, MORNING, DAY), "The person wants no question about a doubt"),
        "wish-aangifte": (WISH, "The person wishes the police to take an aangifte"),
        "withdraw": (WITHDRAW, "The person takes it back, with a reason"),
        "record-talk": (HELD, "The police: the talk took place"),
        "advise-filing": (FILE, "The police advise to file; the person chooses"),
        "register-mutatie": (MUTATIE, "The police stored it as mutatie"),
        "confirm-aangifte": (AANGIFTE, "The police: the person made an aangifte with us"),
        "open-criminal-track": (TRACK, "The police opened a criminal investigation"),
        "record-victim-told": (RecordVictimTold(MORNING), "The police: the victim knows of the report"),
        "add-evidence": (AddEvidence(SCAN), "Somebody involved adds what is known of a piece of evidence"),
        "add-custody": (AddCustody(HASH, "agent-1", "Bewaard.", MORNING), "The police note who had the evidence"),
        "link-incidents": (LinkIncidents("a", True, MORNING), "Victim or police link an earlier, reported case"),
        "note-weighing-opened": (RECEIVED, "RCCB received the report"),
        "note-first-weighing": (DOES_NOT_QUALIFY, "RCCB concluded the first weighing"),
        "note-chosen": (TRUST, "The victim trusts somebody with the case"),
        "signal-unjudged": (UNJUDGED, "A day has passed since the signal"),
        "doubt-follow-up": (
            DeadlinePassed(DOUBT_FOLLOW_UP, NIGHT + 3 * DAY, NIGHT + 3 * DAY), "Three days have passed since the doubt"
        ),
        "rccb-receipt": (OVERDUE, "RCCB's term to confirm receipt has passed"),
    },
    name_of=name_of,
    facts=("note-weighing-opened", "note-first-weighing", "note-chosen"),
)  # fmt: skip
