"""Every state of care × every command, for a domain expert to read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from services.aftercare.callback.domain import decide
from shared.contracts.vocabulary import CareProgress
from tests.services.aftercare.callback import test_domain as known
from tests.services.aftercare.callback.test_domain import (
    ACCEPT,
    ALL_PASSED,
    ASSIGN,
    ATTEMPT,
    CALL,
    CLOSE,
    CONTACT,
    DECLINE,
    ENDED,
    ESCALATE_PASSED,
    FOR_ANOTHER,
    IN_TIME_ENTERED_LATE,
    INCIDENT,
    LATE,
    LIMITED,
    LINKED,
    MISSED_PASSED,
    OBJECTION,
    ON_SITE,
    TELL,
    VICTIM_SPOKEN,
    WARN_PASSED,
    WEB,
)
from tests.tables import Table

AFTERWARDS = known.utc("2016-07-01", "09:00")
"""What comes later than all that happened in the states."""
SUPPORTED = (INCIDENT, FOR_ANOTHER, CONTACT, VICTIM_SPOKEN, ON_SITE)
DETAILS = known.AddDetails(known.Person("A. Voorbeeld", "Voorbeeldstraat 1", "wethouder"), None, None)

TABLE = Table(
    folder=Path(__file__).parent,
    title="Care: offer, call back, support",
    decide=decide,
    name_of=lambda state: "unknown" if state is None else state.status.value,
    states={
        "unknown": (),
        "known, a report of limited impact": (LIMITED,),
        "known, only a link arrived": (LINKED,),
        "offered": (INCIDENT,),
        "offered, not the first time": (INCIDENT, LINKED),
        "accepted": (INCIDENT, ACCEPT),
        "declined": (INCIDENT, DECLINE),
        "asked-by-web": (INCIDENT, WEB),
        "to-call": (INCIDENT, CALL),
        "to-call, warned": (INCIDENT, CALL, WARN_PASSED),
        "to-call, next worker rung": (INCIDENT, CALL, WARN_PASSED, ESCALATE_PASSED),
        "to-call, for another": (INCIDENT, FOR_ANOTHER),
        "missed": (INCIDENT, CALL, *ALL_PASSED),
        "called": (INCIDENT, CALL, CONTACT),
        "called, after the miss": (INCIDENT, CALL, *ALL_PASSED, LATE),
        "called, in time and entered after the miss": (INCIDENT, CALL, *ALL_PASSED, IN_TIME_ENTERED_LATE),
        "called, only the caller": (INCIDENT, FOR_ANOTHER, CONTACT),
        "called, caller and victim": (INCIDENT, FOR_ANOTHER, CONTACT, VICTIM_SPOKEN),
        "called, the caller was told": (INCIDENT, FOR_ANOTHER, CONTACT, VICTIM_SPOKEN, TELL),
        "called, the victim objects": (INCIDENT, FOR_ANOTHER, CONTACT, VICTIM_SPOKEN, OBJECTION),
        "support": SUPPORTED,
        "offered, after measures ended": (*SUPPORTED, ENDED),
        "closed": (*SUPPORTED, CLOSE),
        "closed, accepted and never called": (INCIDENT, ACCEPT, CLOSE),
    },
    commands={
        "incident": (replace(INCIDENT, at=AFTERWARDS), "An acute incident was reported"),
        "limited-incident": (replace(LIMITED, at=AFTERWARDS), "An incident of limited impact was reported"),
        "linked": (replace(LINKED, at=AFTERWARDS), "The report belongs with an earlier one"),
        "measures-ended": (replace(ENDED, at=AFTERWARDS), "Measures were scaled down"),
        "accept": (replace(ACCEPT, at=AFTERWARDS), "The person wants care"),
        "decline": (replace(DECLINE, at=AFTERWARDS), "The person does not want care now"),
        "call": (known.calls(AFTERWARDS), "The IVP notes a call of the victim to the alarm number"),
        "call-for-another": (
            replace(FOR_ANOTHER, called_at=AFTERWARDS, at=AFTERWARDS), "The IVP notes a call of a manager",
        ),
        "ask-by-web": (replace(WEB, called_at=AFTERWARDS, at=AFTERWARDS), "The victim asks over the web"),
        "details": (DETAILS, "Name, address and function of the victim"),
        "assign": (ASSIGN, "A care worker takes the client"),
        "attempt": (ATTEMPT, "Rang without answer"),
        "contact": (CONTACT, "Contact at 02:31, entered at 02:33"),
        "contact-late": (LATE, "Contact at 02:52, entered at 02:53"),
        "contact-in-time-entered-late": (IN_TIME_ENTERED_LATE, "Contact at 02:31, entered at 03:00"),
        "contact-victim": (VICTIM_SPOKEN, "Contact with the victim at 02:50"),
        "support": (ON_SITE, "Support on site was agreed on"),
        "objection": (OBJECTION, "The victim wants the caller to be told nothing"),
        "tell-contact": (TELL, "The caller is told that there was contact"),
        "tell-running": (
            replace(TELL, progress=CareProgress.SUPPORT_RUNNING), "The caller is told that there is support",
        ),
        "tell-ended": (replace(TELL, progress=CareProgress.ENDED), "The caller is told that it ended"),
        "close": (CLOSE, "The care worker closes it"),
        "warn-passed": (WARN_PASSED, "20 minutes after the call"),
        "escalate-passed": (ESCALATE_PASSED, "25 minutes after the call"),
        "missed-passed": (MISSED_PASSED, "30 minutes after the call"),
    },
    facts=("incident", "limited-incident", "linked", "measures-ended"),
)  # fmt: skip
