"""What people read about their report: Dutch, short, kind. Nothing here says that it comes with the job (R-MEL-17)."""

from __future__ import annotations

from services.intake.reporting.report import Report, open_talk
from shared.access.roles import Role
from shared.contracts.vocabulary import FilingAdvice, IncidentKind, ReportType, Urgency

EMERGENCY = "Direct gevaar? Bel 112."
NOT_READ_AT_ONCE = "Direct gevaar? Bel 112. Dit bericht wordt niet meteen gelezen."
OVERDUE = "De politie heeft de ontvangst nog niet bevestigd. Bel de politie. Direct gevaar? Bel 112."
PROMPT = "U schreef gisteren een signaal op. Wilt u er iets mee doen? U kunt het melden, bespreken of laten rusten."
"""For the person only (R-MEL-14)."""
FOLLOW_UP = (
    "Een paar dagen geleden vroeg u om een gesprek. Is het er al van gekomen? Praten, melden of laten rusten: alles "
    "mag. Wilt u deze vraag niet meer? Dan kunt u hem uitzetten."
)
"""For the person only, once (R-MEL-16)."""
BEFORE_THE_TALK = (
    "Goed om vooraf te weten: de politie bewaart een gesprek als mutatie. Dat is een korte notitie in haar systeem.",
    "Wilt u dat er niets wordt opgeschreven? Praat dan met de Vertrouwenslijn. Een gesprek kunt u altijd afzeggen.",
    "Na het gesprek kiest u zelf: melden, aangifte doen of laten rusten.",
)
"""Q-16: said before the talk, never after it."""
ENCOURAGE = "Een aangifte helpt: de politie kan dan ook onderzoek doen naar wie dit deed. U beslist zelf."
JUDGE = (
    "Wilt u binnen een dag kijken wat u hiermee wilt? Dat kan alleen, of met iemand die u kiest: de griffier, de "
    "secretaris, de lokale politie of uw beroepsvereniging."
)
ASYLUM = "Ging het over de opvang van asielzoekers? OTAV en de Handreiking kunnen u helpen."
NOTED = "De politie schreef dit op tijdens een telefoontje. Klopt er iets niet? Bel de politie."
TRACK = "De politie doet ook strafrechtelijk onderzoek. Dat staat los van uw bescherming."
NO_AANGIFTE_YET = "U hebt nog géén aangifte gedaan. De politie neemt die op."
CONCRETE = frozenset({IncidentKind.THREAT, IncidentKind.INTIMIDATION, IncidentKind.VIOLENCE})
"""R-MEL-02: kinds at which an aangifte is encouraged, never forced."""


def emergency(report: Report) -> str:
    """What stands above everything else (S-MEL-13)."""
    acute = report.incident is not None and report.incident.urgency is Urgency.ACUTE
    return NOT_READ_AT_ONCE if acute else EMERGENCY


def message(report: Report, role: Role) -> str:
    """The one sentence that says how it stands."""
    if report.withdrawn_at is not None:
        return _withdrawn(report, role)
    if report.receipt_missed_at is not None and report.rccb_notified_at is None:
        return OVERDUE
    if report.type is ReportType.SIGNAL:
        return _signal(report, role)
    if report.type is ReportType.TALK:
        return _talk(report) if role is Role.OFFICE_HOLDER else "De persoon vroeg om een gesprek, en kiest zelf."
    if report.type is ReportType.AANGIFTE:
        return "De politie heeft de aangifte bevestigd."
    if role is Role.OFFICE_HOLDER and report.followed_up_at is not None and open_talk(report) is not None:
        return FOLLOW_UP
    return NO_AANGIFTE_YET if report.aangifte_wished else "Uw melding is ontvangen."


def _withdrawn(report: Report, role: Role) -> str:
    if role is not Role.OFFICE_HOLDER:
        return "Dit is ingetrokken."
    kept = " De mutatie blijft bij de politie bewaard." if report.mutaties else ""
    return f"U hebt dit ingetrokken.{kept} U kunt altijd een nieuwe melding maken."


def _signal(report: Report, role: Role) -> str:
    if report.rested_at is not None:
        return "U laat dit signaal rusten. U kunt er altijd op terugkomen."
    if report.prompted_at is not None and role is Role.OFFICE_HOLDER:
        return PROMPT
    return "Uw signaal is bewaard. Niemand anders leest het. U beslist wat u ermee doet."


def _talk(report: Report) -> str:
    if report.rested_at is not None:
        return "U laat dit rusten. U kunt altijd nog melden of om een gesprek vragen."
    talk = report.talks[-1]
    if talk.held_at is None and report.followed_up_at is not None:
        return FOLLOW_UP
    if talk.held_at is None:
        return _waits(report)
    if not talk.advice:
        return "U hebt met de politie gepraat. U kiest zelf wat u nu doet."
    if talk.advice[-1].advice is FilingAdvice.FILE:
        return "De politie raadt u aan om aangifte te doen. U kiest zelf, en melden zonder aangifte kan ook."
    return "De politie raadt u aan om geen aangifte te doen. U kunt het wel melden: dan wordt het bewaard en gewogen."


def _waits(report: Report) -> str:
    doubts = "U twijfelt, en dat mag. " if report.doubts else ""
    if report.incident is not None and not report.incident.victim.phone:
        return doubts + "U gaf geen telefoonnummer. Wilt u zelf de politie in uw buurt bellen voor een gesprek?"
    return doubts + "De politie in uw buurt belt u voor een gesprek."


def advice(report: Report, role: Role) -> list[str]:
    """What else helps the person, or who reported for the person, now."""
    incident = report.incident
    if incident is None or report.withdrawn_at is not None or role not in (Role.OFFICE_HOLDER, Role.REPORTER):
        return []
    asylum = [ASYLUM] if incident.context else []
    if role is Role.REPORTER:
        return ["De politie vertelt het ook aan de persoon over wie het gaat. U kunt dat zelf al doen.", *asylum]
    found = [NOTED] if report.noted_by is not None else []
    found += [f"Iemand heeft dit voor u gemeld: {incident.reporter.relation}."] if incident.reporter else []
    if report.type is ReportType.SIGNAL and report.rested_at is None:
        found.append(JUDGE)
    if open_talk(report) is not None:
        found += BEFORE_THE_TALK
    if encourages(report):
        found.append(ENCOURAGE)
    if report.criminal_track_on is not None:
        found.append(TRACK)
    return found + asylum


def encourages(report: Report) -> bool:
    """R-MEL-02. Not when the police advised otherwise, and not while the person lets it rest."""
    if report.incident is None or report.incident.kind not in CONCRETE or report.rested_at is not None:
        return False
    said = report.talks[-1].advice[-1:] if report.talks else ()
    otherwise = any(one.advice is FilingAdvice.DO_NOT_FILE for one in said)
    return report.type in (ReportType.TALK, ReportType.MELDING) and not otherwise


def topics(report: Report, role: Role) -> set[str]:
    """About what a pointer helps now."""
    incident = report.incident
    if incident is None or report.withdrawn_at is not None or role not in (Role.OFFICE_HOLDER, Role.REPORTER):
        return set()
    found = {incident.context} if incident.context else set()
    if role is Role.OFFICE_HOLDER:
        found |= {"aangifte"} if encourages(report) or report.aangifte_wished else set()
        found |= {"no-record"} if open_talk(report) is not None else set()
    return found
