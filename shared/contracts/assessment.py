"""Events of `services/assessment`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import Event, Moment
from shared.contracts.vocabulary import Addressee, LevelClass, MeasureType, Place, TargetType, Urgency


class WeighingOpened(Event):
    """RCCB received the report and will weigh it (R-SBB-03)."""

    DOMAIN_NAME: ClassVar[str] = "assessments"
    opened_at: Moment


class FirstWeighingConcluded(Event):
    """RCCB concluded whether the threat qualifies for measures (R-SBB-03)."""

    DOMAIN_NAME: ClassVar[str] = "assessments"
    qualifies: bool
    target: TargetType
    decided_at: Moment


class FirstWeighingOverdue(Event):
    """The first weighing is late; the team lead is told. Nothing closes by itself."""

    DOMAIN_NAME: ClassVar[str] = "assessments"
    due_at: Moment


class ThreatAssessed(Event):
    """The HOvJ decided on the threat (R-SBB-04). `level` was set by a human and is for the restricted topic only."""

    DOMAIN_NAME: ClassVar[str] = "assessments"
    assessed_at: Moment
    level: LevelClass
    measures_needed: bool


class AdvisedMeasure(BaseModel):
    """One line of advice: what, where, for whom. Never why."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    measure: str
    type: MeasureType
    place: Place
    above_pkvw: bool
    addressee: Addressee
    urgency: Urgency


class MeasuresAdvised(Event):
    """Police or OM advised measures to the person or the municipality (R-SBB-07, R-SBB-10)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    municipality: str
    advised_at: Moment
    lines: tuple[AdvisedMeasure, ...]


class AdviceUnanswered(Event):
    """Advice to the municipality was not followed up in time (S-SBB-07)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    due_at: Moment


class MeasureImplemented(Event):
    """An advised measure is in place."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    measure: str
    implemented_at: Moment


class MeasureReviewDue(Event):
    """A measure must be looked at again; it stays until a human decides."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    due_at: Moment


class MeasuresReviewed(Event):
    """A human looked at the measures again and keeps them (INV-10)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    reviewed_at: Moment


class MeasuresScaledDown(Event):
    """Measures were ended by a human; care is offered again (S-SBB-14)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    scaled_down_at: Moment
