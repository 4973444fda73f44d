"""Events of `services/intake`."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.contracts.envelope import Event, Moment
from shared.contracts.vocabulary import (
    FilingAdvice,
    Impact,
    IncidentKind,
    Office,
    ReportType,
    ShredReason,
    SignalOutcome,
    Tie,
    Urgency,
)


class SignalRecorded(Event):
    """A feeling of unease was written down (R-MEL-01). It stays with the person."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    kind: IncidentKind
    recorded_at: Moment


class SignalJudged(Event):
    """The person judged a signal on the need for action (R-MEL-14). Why, and with whom, stays in intake."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    outcome: SignalOutcome
    judged_at: Moment


class TalkRequested(Event):
    """The person doubts, or wants to talk first; the local police are asked for a talk (R-MEL-06, R-MEL-07)."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    requested_at: Moment


class PoliceConsulted(Event):
    """The talk with the local police took place (R-MEL-07)."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    consulted_at: Moment


class FilingAdvised(Event):
    """The police advised to file an aangifte or not; the person chooses (R-MEL-08)."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    advice: FilingAdvice
    advised_at: Moment


class IncidentReported(Event):
    """A melding was made; the chain starts (R-MEL-03, R-MEL-05). Who it is about is not in it.

    `person`: an opaque reference, the same for each report of one account, by which earlier reports are found
    (R-MEL-10); absent when somebody else reported. `reporter`: that of the account that reported for somebody else.
    """

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
    person: str | None = None
    reporter: str | None = None


class MutatieRegistered(Event):
    """The police stored a melding as mutatie (R-MEL-09). The police's own number does not travel."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    registered_on: date


class AangifteFiled(Event):
    """The police confirmed an aangifte (R-VAN-05, INV-7). The police's own number does not travel."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    filed_on: date


class CriminalTrackOpened(Event):
    """The police opened a criminal investigation beside the protection (R-MEL-11)."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    opened_on: date


class IncidentsLinked(Event):
    """This report belongs with an `earlier` one of the same person (R-MEL-10, R-MEL-15, S-SBB-11)."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    earlier: str
    linked_at: Moment


class IncidentWithdrawn(Event):
    """The person withdrew before an aangifte; a mutatie stays with the police."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    withdrawn_at: Moment


class RccbNotified(Event):
    """RCCB has received the report (R-ACT-05)."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    notified_at: Moment


class RccbReceiptOverdue(Event):
    """RCCB did not confirm receipt in time; the person is told to phone the police (S-MEL-14)."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    due_at: Moment


class RelationChanged(Event):
    """An account got or lost a relation to the case: own, trusted by the victim, or excluded.

    `account` is an opaque reference; whose it is, no event says.
    """

    DOMAIN_NAME: ClassVar[str] = "relations"
    account: str
    relation: Tie
    holds: bool
    changed_at: Moment


class CaseShredded(Event):
    """Two people at police or OM had what intake held of a case destroyed; class and dates stay (INV-11)."""

    DOMAIN_NAME: ClassVar[str] = "incidents"
    shredded_at: Moment
    reason: ShredReason
