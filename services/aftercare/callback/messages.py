"""What people read about care: Dutch, short, kind. Numbers come from the dated lines, never from here."""

from __future__ import annotations

from services.aftercare.callback.care import Care, CareState
from services.aftercare.callback.policy import Lines
from shared.contracts.vocabulary import CareProgress

EMERGENCY = "Direct gevaar? Bel 112."
FAMILY = "Bent u familie? Vraag het IVP of u ook hulp kunt krijgen, en wie dat betaalt."
"""Q-18, R-IVP-14: said, never promised."""
WHAT_IVP_ASKS = (
    "Het IVP vraagt uw naam, adres, functie en telefoonnummer, en kort wat er is gebeurd. Een telefoonnummer is genoeg "
    "om te beginnen. Wat u bespreekt, hoort niemand anders. De gemeente krijgt een rekening zonder naam. "
    "In een kleine gemeente kan iemand raden om wie het gaat."
)
"""R-IVP-05, R-IVP-07, R-IVP-09, R-IVP-11; that a small municipality may guess is said beforehand (§3.8a)."""
ONLY_IF_THE_PERSON_AGREES = (
    "U hoort alleen hoe ver het is als het IVP de persoon zelf heeft gesproken, en die dat goedvindt."
)
"""The same before the talk, after it and after an objection: it tells nothing."""

PROGRESS = {
    CareProgress.CONTACT_MADE: "Er is contact gelegd.",
    CareProgress.SUPPORT_RUNNING: "Er is hulp afgesproken.",
    CareProgress.ENDED: "De hulp is afgerond.",
}


def call_now(lines: Lines) -> str:
    """What a request over the web says: no promise, a number (R-IVP-04)."""
    return f"Bel zelf nu: {lines.alarm_number}, dag en nacht. Dan belt een hulpverlener u binnen 30 minuten terug."


def apology(lines: Lines) -> str:
    """S-IVP-02."""
    return (
        "Het spijt ons: wij belden niet op tijd. De coördinator is gewaarschuwd en zorgt dat u gebeld wordt. "
        f"U kunt ook zelf bellen: {lines.alarm_number}."
    )


def to_victim(care: Care, lines: Lines) -> str:
    """The one sentence that says how it stands, for the person it is about."""
    match care.status:
        case CareState.OFFERED:
            again = "Het is niet de eerste keer. Juist dan kan praten helpen. " if care.repeated else ""
            return f"{again}Wilt u met iemand praten? Bel {lines.alarm_number}, dag en nacht."
        case CareState.KNOWN:
            return f"Wilt u met iemand praten? Bel {lines.alarm_number}, dag en nacht."
        case CareState.ACCEPTED:
            return f"U wilt graag hulp. {call_now(lines)}"
        case CareState.DECLINED:
            return f"U wilt nu geen hulp. Van gedachten veranderen mag altijd: bel {lines.alarm_number}."
        case CareState.ASKED_BY_WEB:
            return f"Het IVP ziet uw vraag. {call_now(lines)}"
        case CareState.TO_CALL:
            return "Een hulpverlener belt u terug binnen 30 minuten na uw oproep."
        case CareState.MISSED:
            return apology(lines)
        case CareState.CALLED:
            return "Er is contact geweest."
        case CareState.SUPPORT:
            return "De hulp is afgesproken."
        case CareState.CLOSED:
            return f"De hulp is afgerond. Wilt u weer met iemand praten? Bel {lines.alarm_number}, dag en nacht."


def to_caller(care: Care, lines: Lines) -> str:
    """The same for a caller who is not the victim: what was reported to them, and their own call (R-IVP-08)."""
    if care.progress is not None:
        return PROGRESS[care.progress]
    callback = care.callback
    if callback is not None and callback.missed:
        return f"{apology(lines)} {ONLY_IF_THE_PERSON_AGREES}"
    if callback is not None and callback.due_at is None:
        return f"Het IVP ziet uw vraag. {call_now(lines)} {ONLY_IF_THE_PERSON_AGREES}"
    return ONLY_IF_THE_PERSON_AGREES
