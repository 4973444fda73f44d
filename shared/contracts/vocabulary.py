"""Fixed words that travel: the same for every case, so they identify nobody. The glossary gives the Dutch.

A list that may grow is a `Growing` one: who reads a word it does not know yet reads `unknown`, and goes on. A closed
list never gets a word within a version.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Growing(StrEnum):
    """Base of the lists that may get more words within a version; each has an `UNKNOWN`, which nobody may choose."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls("unknown") if isinstance(value, str) and value != "unknown" else None


class Office(Growing):
    """R-ACT-01. The office of the threatened person."""

    MAYOR = "mayor"
    ALDERMAN = "alderman"
    COUNCILLOR = "councillor"
    UNKNOWN = "unknown"


class IncidentKind(Growing):
    """R-MEL-12, R-MEL-13."""

    AGGRESSION = "aggression"
    VIOLENCE = "violence"
    INTIMIDATION = "intimidation"
    THREAT = "threat"
    INFLUENCING = "influencing"
    UNKNOWN = "unknown"


class ReportType(StrEnum):
    """R-MEL-03, R-MEL-07. `aangifte` is only ever set by the police (INV-7)."""

    SIGNAL = "signal"
    TALK = "talk"
    MELDING = "melding"
    AANGIFTE = "aangifte"


class Urgency(StrEnum):
    """R-SBB-17: acute is a class of its own."""

    ACUTE = "acute"
    OTHER = "other"


class Impact(StrEnum):
    """R-IVP-15: what starts an offer of care."""

    LIMITED = "limited"
    FAR_REACHING = "far-reaching"
    ACUTE = "acute"


class TargetType(StrEnum):
    """R-SBB-01."""

    PERSON = "person"
    OBJECT = "object"
    SERVICE = "service"


class LevelClass(StrEnum):
    """Five levels, set by a human, never computed (domain: level model)."""

    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Place(Growing):
    """Where a measure is taken."""

    HOME = "home"
    WORK = "work"
    TRANSPORT = "transport"
    ONLINE = "online"
    OFFICIAL_RESIDENCE = "official-residence"
    UNKNOWN = "unknown"


class MeasureType(Growing):
    """Classes of measures, without detail."""

    LOCKS = "locks"
    ALARM = "alarm"
    REINFORCED_GLASS = "reinforced-glass"
    CAMERA = "camera"
    TRANSPORT = "transport"
    PERSONAL_PROTECTION = "personal-protection"
    SURVEILLANCE = "surveillance"
    ACCESS_CONTROL = "access-control"
    CARE = "care"
    TRAINING = "training"
    UNKNOWN = "unknown"


class Tie(StrEnum):
    """How an account stands to a case. `excluded` beats every other, unseen by who is excluded."""

    OWN = "own"
    WROTE = "wrote"
    """Reported it, or asked for care, for somebody else."""
    TRUSTED = "trusted"
    ASSIGNED = "assigned"
    EXCLUDED = "excluded"


class Addressee(StrEnum):
    """R-SBB-07: advice goes to the person or to the employer (the municipality)."""

    PERSON = "person"
    MUNICIPALITY = "municipality"


class Payer(StrEnum):
    """R-KST-01, R-KST-08. What police and OM take themselves the State pays; funding never hears of it (K7)."""

    PERSON = "person"
    MUNICIPALITY = "municipality"
    BZK = "bzk"


class Channel(Growing):
    """R-VAN-13: how a question or request came in."""

    PHONE = "phone"
    MAIL = "mail"
    FORM = "form"
    UNKNOWN = "unknown"


class CareReason(Growing):
    """Why care was set in motion."""

    REQUEST = "request"
    ACUTE_INCIDENT = "acute-incident"
    SCALE_DOWN = "scale-down"
    REPEAT = "repeat"
    UNKNOWN = "unknown"


class SignalOutcome(StrEnum):
    """R-MEL-14. What the person decides about a signal: nothing now, talk about it, or report it."""

    LET_REST = "let-rest"
    TALK = "talk"
    REPORT = "report"


class DoubtReason(StrEnum):
    """R-MEL-06. Why somebody doubts about an aangifte; stays in intake."""

    PUNISHABLE = "is-it-punishable"
    TAKE_A_KNOCK = "take-a-knock"
    COSTS = "costs"
    OTHER = "other"


class FilingAdvice(StrEnum):
    """R-MEL-08. What the police advise; the person chooses."""

    FILE = "file"
    DO_NOT_FILE = "do-not-file"


class Authority(StrEnum):
    """R-ACT-09. Who decides."""

    MAYOR = "mayor"
    DEPUTY_MAYOR = "deputy-mayor"
    HOVJ = "hovj"


class Executor(StrEnum):
    """R-SBB-02. Who carries a measure out."""

    PERSON = "person"
    MUNICIPALITY = "municipality"
    POLICE = "police"
    OM = "om"


class ThreatProduct(Growing):
    """What kind of analysis came in; its content is kept nowhere."""

    THREAT_ASSESSMENT = "threat-assessment"
    THREAT_ANALYSIS = "threat-analysis"
    RISK_ANALYSIS = "risk-analysis"
    UNKNOWN = "unknown"


class ReopenReason(Growing):
    """Why a case is weighed anew."""

    NEW_REPORT = "new-report"
    NEW_INFORMATION = "new-information"
    REQUEST = "request"
    UNKNOWN = "unknown"


class SupportForm(StrEnum):
    """R-IVP-06."""

    PHONE = "phone"
    ON_SITE = "on-site"


class CareProgress(StrEnum):
    """R-IVP-08. What a caller who is not the victim may be told."""

    CONTACT_MADE = "contact-made"
    SUPPORT_RUNNING = "support-running"
    ENDED = "ended"


class Continuation(StrEnum):
    """R-EVA-03, S-VAN-15. Whether the safety net goes on after its year."""

    UNDECIDED = "undecided"
    PROLONGED = "prolonged"
    STRUCTURAL = "structural"
    NONE = "none"


class ShredReason(Growing):
    """Why what was kept of a case was destroyed before or after its term."""

    TERM_PASSED = "term-passed"
    PERSON_ASKED = "person-asked"
    NOT_LAWFUL = "not-lawful"
    MISTAKE = "mistake"
    UNKNOWN = "unknown"


class ContactBucket(StrEnum):
    """How many contacts the Vertrouwenslijn had in a week or month, coarsely."""

    FEW = "0-9"
    UP_TO_24 = "10-24"
    UP_TO_49 = "25-49"
    MANY = "50-or-more"
