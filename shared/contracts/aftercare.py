"""Events of `services/aftercare`. They never say who, what was told, or on which number."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.envelope import Event, Moment
from shared.contracts.vocabulary import CareReason, Impact


class AftercareTriggered(Event):
    """Care is offered or asked for. It waits for nothing: no weighing, no money (R-IVP-03, INV-1)."""

    DOMAIN_NAME: ClassVar[str] = "care"
    reason: CareReason
    triggered_at: Moment
    impact: Impact | None = None


class IvpCallbackDue(Event):
    """Somebody called the alarm number and must be called back before `due_at` (R-IVP-04)."""

    DOMAIN_NAME: ClassVar[str] = "care"
    called_at: Moment
    due_at: Moment


class IvpCallbackAttempted(Event):
    """A care worker rang and got no answer. The clock goes on."""

    DOMAIN_NAME: ClassVar[str] = "care"
    attempted_at: Moment


class IvpCallbackEscalated(Event):
    """The next worker (25 minutes) or the coordinator (30 minutes) is rung."""

    DOMAIN_NAME: ClassVar[str] = "care"
    minutes: int
    escalated_at: Moment


class IvpCallbackMade(Event):
    """Contact was made; only this stops the clock."""

    DOMAIN_NAME: ClassVar[str] = "care"
    made_at: Moment
    in_time: bool


class IvpCallbackMissed(Event):
    """The 30 minutes passed without contact (S-IVP-02). Told once; the miss stays in the figures."""

    DOMAIN_NAME: ClassVar[str] = "care"
    due_at: Moment


class AftercareClosed(Event):
    """Care has ended."""

    DOMAIN_NAME: ClassVar[str] = "care"
    closed_at: Moment
