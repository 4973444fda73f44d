"""Events of `services/aftercare`. They never say who, what was told, or on which number."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.envelope import Event, Moment
from shared.contracts.vocabulary import CareProgress, CareReason, ContactBucket, Impact, ShredReason, SupportForm


class AftercareTriggered(Event):
    """Care is offered or asked for. It waits for nothing: no weighing, no money (R-IVP-03, INV-1)."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    reason: CareReason
    triggered_at: Moment
    impact: Impact | None = None


class AftercareAccepted(Event):
    """The person wants care, or called: from now on the IVP may know of the case."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    accepted_at: Moment


class AftercareDeclined(Event):
    """The person does not want care now; a next incident offers it again (S-IVP-10)."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    declined_at: Moment


class IvpCallbackDue(Event):
    """Somebody called the alarm number and must be called back before `due_at` (R-IVP-04)."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    called_at: Moment
    due_at: Moment


class IvpCallbackAttempted(Event):
    """A care worker rang and got no answer. The clock goes on."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    attempted_at: Moment


class IvpCallbackEscalated(Event):
    """The next worker (25 minutes) or the coordinator (30 minutes) is rung."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    minutes: int
    escalated_at: Moment


class IvpCallbackMade(Event):
    """Contact was made; only this stops the clock."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    made_at: Moment
    in_time: bool


class IvpCallbackMissed(Event):
    """The 30 minutes passed without contact (S-IVP-02). Told once; the miss stays in the figures."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    due_at: Moment


class IvpCallbackCorrected(Event):
    """A call made in time was entered late: the miss that was told did not happen. Both stay in the history."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    made_at: Moment
    corrected_at: Moment


class SupportPlanned(Event):
    """The care worker and the person agreed on support, by phone or on site (R-IVP-06)."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    form: SupportForm
    planned_at: Moment


class ProgressReported(Event):
    """The caller who is not the victim was told how far it is, never what was said (R-IVP-08, R-IVP-09)."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    progress: CareProgress
    reported_at: Moment


class AftercareClosed(Event):
    """Care has ended."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    closed_at: Moment


class EmployerInvoiced(Event):
    """The IVP's bill of one month to a municipality (R-KST-06, R-KST-07).

    `case` and `invoice` are the bill's own pseudonym: no other event has it, so that no bill leads to a case.
    """

    DOMAIN_NAME: ClassVar[str] = "invoices"
    invoice: str
    municipality: str
    month: str
    amount_cents: int


class CaseShredded(Event):
    """Two people at the IVP had what was known of a client destroyed; class and dates stay (INV-11)."""

    DOMAIN_NAME: ClassVar[str] = "care-cases"
    shredded_at: Moment
    reason: ShredReason


class ConfidentialContactCounted(Event):
    """How many contacts the Vertrouwenslijn had in a week, told once at a fixed hour (R-VTL-04, INV-8).

    `case` is the week itself: no contact and no case has it. No region, no moment of a call, no exact number.
    """

    DOMAIN_NAME: ClassVar[str] = "confidential-contacts"
    week: str
    bucket: ContactBucket
