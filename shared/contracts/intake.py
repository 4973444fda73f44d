"""Events of `services/intake`."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.contracts.envelope import Event, Moment
from shared.contracts.vocabulary import Impact, IncidentKind, Office, ReportType, Urgency


class SignalRecorded(Event):
    """A feeling of unease was written down (R-MEL-01). It stays with the person."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    kind: IncidentKind
    recorded_at: Moment


class IncidentReported(Event):
    """A melding was made; the chain starts (R-MEL-03, R-MEL-05). Who it is about is not in it."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    report_type: ReportType
    kind: IncidentKind
    office: Office
    municipality: str
    urgency: Urgency
    impact: Impact
    reporter_is_victim: bool
    reported_at: Moment
    context: str | None = None


class AangifteFiled(Event):
    """The police confirmed an aangifte (R-VAN-05, INV-7). The police's own number does not travel."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    filed_on: date


class RccbNotified(Event):
    """RCCB has received the report (R-ACT-05)."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    notified_at: Moment


class RccbReceiptOverdue(Event):
    """RCCB did not confirm receipt in time; the person is told to phone the police (S-MEL-14)."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    due_at: Moment
