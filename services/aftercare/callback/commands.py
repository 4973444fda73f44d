"""What may be asked of care, and what it is told. Moments are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.aftercare.callback.care import Person, Whom
from services.aftercare.callback.policy import Terms
from shared.contracts.vocabulary import CareProgress, Impact, SupportForm


@dataclass(frozen=True)
class NoteIncident:
    """Fact: an incident was reported. Far-reaching or acute: care is offered at once (R-IVP-15)."""

    case: str
    impact: Impact
    at: datetime


@dataclass(frozen=True)
class NoteLinked:
    """Fact: the report belongs with an earlier one, so care is offered whatever the impact (R-IVP-13)."""

    case: str
    at: datetime


@dataclass(frozen=True)
class NoteScaledDown:
    """Fact: measures ended; care is offered again (S-SBB-14)."""

    case: str
    at: datetime


@dataclass(frozen=True)
class RequestCallback:
    """Somebody called the alarm number (`by_phone`: the IVP noted it) or asked over the web; that accepts an offer.

    One phone number is enough (R-IVP-07). `called_at`: the moment of the call; `at`: when it was noted.
    `caller`: who called for the victim, if somebody did (R-ACT-13).
    """

    case: str
    victim: Person
    caller: Person | None
    ring_first: Whom
    by_phone: bool
    called_at: datetime
    at: datetime
    terms: Terms


@dataclass(frozen=True)
class AddDetails:
    """Name, address, function or another number, after the clock started (R-IVP-07, R-IVP-08)."""

    victim: Person
    caller: Person | None
    ring_first: Whom | None


@dataclass(frozen=True)
class AcceptOffer:
    """The person wants care. Without a number: the person will call."""

    at: datetime


@dataclass(frozen=True)
class DeclineOffer:
    """The person does not want care now (S-IVP-10)."""

    at: datetime


@dataclass(frozen=True)
class AssignCareWorker:
    """Who takes care of this client (R-ACT-14). It does not stop the clock."""

    big: str
    account: str
    at: datetime


@dataclass(frozen=True)
class RecordAttempt:
    """A care worker rang without answer."""

    at: datetime


@dataclass(frozen=True)
class RecordContact:
    """Contact was made at `made_at`, entered at `at`. With `None`: with whom is rung first."""

    made_at: datetime
    at: datetime
    made_with: Whom | None = None


@dataclass(frozen=True)
class PlanSupport:
    """Care worker and victim agreed on support (R-IVP-06)."""

    form: SupportForm
    at: datetime


@dataclass(frozen=True)
class RecordObjection:
    """The victim does not want the caller to be told anything (S-IVP-07, Q-7)."""

    at: datetime


@dataclass(frozen=True)
class ReportProgress:
    """The caller who is not the victim is told how far it is (R-IVP-08)."""

    progress: CareProgress
    at: datetime


@dataclass(frozen=True)
class CloseAftercare:
    """The care worker closes it."""

    at: datetime
