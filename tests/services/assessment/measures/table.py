"""Every state of measures and every command: the decision table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from services.assessment.measures.commands import (
    Accept,
    AnnounceScaleDown,
    ConfirmStateMeasures,
    Decline,
    ReportImplemented,
    ReviewMeasures,
    ScaleDown,
)
from services.assessment.measures.domain import ADVICE, CONFIRMATION, REVIEW, decide
from shared.contracts.decisions import DeadlinePassed
from tests.services.assessment.measures.test_domain import (
    ACUTE_TERM,
    ADVICE_GIVEN,
    ALARM,
    ALL_ENDED,
    ANNOUNCED,
    ASSESSED,
    AT_ONCE,
    CAMERA,
    DAY,
    GLASS_DONE,
    GUARD,
    HOUR,
    INCIDENT,
    LINKED,
    MONDAY,
    REVIEW_TERM,
    TAKEN,
    TUESDAY,
    WEIGHED,
)
from tests.tables import Table

NOW = TUESDAY + 2 * HOUR
YES = Accept("m-glass", "9901", TUESDAY)
NO = Decline("m-glass", "9901", "Past niet.", TUESDAY)
SILENT = DeadlinePassed(ADVICE, MONDAY + ACUTE_TERM, MONDAY + ACUTE_TERM)
DUE = DeadlinePassed(REVIEW, MONDAY + REVIEW_TERM, MONDAY + REVIEW_TERM)
BASIS = (INCIDENT, WEIGHED, ASSESSED)


def name_of(state) -> str:
    """How far the advice to the municipality is, or what the State did."""
    if state is None or state.municipality is None:
        return "incident not known"
    if not state.lines and not state.taken:
        return "no measures"
    if not state.running:
        return "ended"
    due = " with review due" if state.review_due else ""
    if not any(one.running for one in state.lines):
        return ("taken" if all(one.confirmed for one in state.taken) else "taken and to be confirmed") + due
    glass = next(one for one in state.lines if one.running)
    word = "not answered" if glass in state.unanswered else str(glass.state)
    taken = " and taken" if any(one.running for one in state.taken) else ""
    return f"{word}{taken}{due}"


TABLE = Table(
    folder=Path(__file__).parent,
    title="Measures: glass advised to the municipality and locks to the person",
    decide=decide,
    states={
        "unknown": (),
        "incident not known, but a decision is": (ASSESSED,),
        "no measures": (INCIDENT,),
        "no measures, weighed and decided": BASIS,
        "advised": (INCIDENT, ADVICE_GIVEN),
        "not answered": (INCIDENT, ADVICE_GIVEN, SILENT),
        "accepted": (INCIDENT, ADVICE_GIVEN, YES),
        "declined": (INCIDENT, ADVICE_GIVEN, NO),
        "implemented": (INCIDENT, ADVICE_GIVEN, GLASS_DONE),
        "implemented, and a new incident": (INCIDENT, ADVICE_GIVEN, GLASS_DONE, LINKED),
        "implemented with review due": (INCIDENT, ADVICE_GIVEN, GLASS_DONE, DUE),
        "implemented, and the end was announced": (INCIDENT, ADVICE_GIVEN, GLASS_DONE, ANNOUNCED),
        "taken": (*BASIS, TAKEN),
        "taken and to be confirmed": (INCIDENT, AT_ONCE),
        "taken and to be confirmed, with weighing and decision": (*BASIS, AT_ONCE),
        "ended": (INCIDENT, ADVICE_GIVEN, *ALL_ENDED),
    },
    commands={
        "incident": (INCIDENT, "An incident was reported"),
        "weighed": (WEIGHED, "RCCB concluded that it qualifies"),
        "decided": (ASSESSED, "It was decided that measures are needed"),
        "linked": (LINKED, "A new incident of the same person was reported"),
        "advise": (replace(ADVICE_GIVEN, lines=(ALARM,), at=NOW), "Police or OM advise an alarm to the municipality"),
        "take": (replace(TAKEN, measures=(replace(CAMERA, id="s-2"),), at=NOW), "Police or OM place a camera"),
        "take-acute": (
            replace(AT_ONCE, measures=(replace(CAMERA, id="s-2"),), at=NOW),
            "Police record a camera that they placed in acute danger",
        ),
        "take-last-resort": (
            replace(TAKEN, measures=(replace(GUARD, lighter=""),), at=NOW),
            "Personal protection, without saying why lighter means do not suffice",
        ),
        "confirm": (ConfirmStateMeasures("hovj-2", NOW), "The HOvJ confirms acute action"),
        "accept": (replace(YES, at=NOW), "The municipality will place the glass"),
        "decline": (replace(NO, at=NOW), "The municipality will not place the glass"),
        "implemented": (ReportImplemented("m-glass", "9901", NOW), "The municipality has placed the glass"),
        "implemented-elsewhere": (ReportImplemented("m-glass", "9902", NOW), "Another municipality says so"),
        "person-accepts": (Accept("m-locks", None, NOW), "The person will place locks"),
        "person-declines": (Decline("m-locks", None, "", NOW), "The person will not place locks"),
        "person-glass": (ReportImplemented("m-glass", None, NOW), "The person says that the glass is there"),
        "review": (ReviewMeasures(NOW, REVIEW_TERM), "Somebody looked again and keeps the measures"),
        "announce": (AnnounceScaleDown(NOW + 7 * DAY, NOW, 7 * DAY), "The person is told that all ends in a week"),
        "announce-too-short": (AnnounceScaleDown(NOW + DAY, NOW, 7 * DAY), "The person is told that all ends tomorrow"),
        "scale-down": (ScaleDown("De dreiging is voorbij.", NOW), "Somebody ends all measures"),
        "scale-down-one": (ScaleDown("Verhuisd.", NOW, ("m-locks",)), "Somebody ends the locks alone"),
        "advice-late": (replace(SILENT, at=NOW), "The municipality's term for an answer passes"),
        "review-late": (replace(DUE, at=NOW), "The review date passes"),
        "confirmation-late": (
            DeadlinePassed(CONFIRMATION, TUESDAY + DAY, TUESDAY + DAY),
            "The term for a confirmation passes",
        ),
    },
    name_of=name_of,
    facts=("incident", "weighed", "decided", "linked"),
)
