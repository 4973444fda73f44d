"""Fixed words that travel: the same for every case, so they identify nobody. The glossary gives the Dutch."""

from __future__ import annotations

from enum import StrEnum


class Office(StrEnum):
    """R-ACT-01. The office of the threatened person."""

    MAYOR = "mayor"
    ALDERMAN = "alderman"
    COUNCILLOR = "councillor"


class IncidentKind(StrEnum):
    """R-MEL-12, R-MEL-13."""

    AGGRESSION = "aggression"
    VIOLENCE = "violence"
    INTIMIDATION = "intimidation"
    THREAT = "threat"
    INFLUENCING = "influencing"


class ReportType(StrEnum):
    """R-MEL-03. `aangifte` is only ever set by the police (INV-7)."""

    SIGNAL = "signal"
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


class Place(StrEnum):
    """Where a measure is taken."""

    HOME = "home"
    WORK = "work"
    TRANSPORT = "transport"


class MeasureType(StrEnum):
    """Classes of measures, without detail."""

    LOCKS = "locks"
    ALARM = "alarm"
    REINFORCED_GLASS = "reinforced-glass"
    CAMERA = "camera"
    TRANSPORT = "transport"


class Addressee(StrEnum):
    """R-SBB-07: advice goes to the person or to the employer (the municipality)."""

    PERSON = "person"
    MUNICIPALITY = "municipality"


class Payer(StrEnum):
    """R-KST-01."""

    PERSON = "person"
    MUNICIPALITY = "municipality"
    STATE = "state"


class Channel(StrEnum):
    """R-VAN-13: how a question or request came in."""

    PHONE = "phone"
    MAIL = "mail"
    FORM = "form"


class CareReason(StrEnum):
    """Why care was set in motion."""

    REQUEST = "request"
    ACUTE_INCIDENT = "acute-incident"
    SCALE_DOWN = "scale-down"
    REPEAT = "repeat"
