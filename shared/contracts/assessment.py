"""Events of `services/assessment`. None says why: reasons, sources and suspects stay with police and OM."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import Event, Moment
from shared.contracts.vocabulary import (
    Addressee,
    Authority,
    Executor,
    LevelClass,
    MeasureType,
    Place,
    ReopenReason,
    ShredReason,
    TargetType,
    ThreatProduct,
    Urgency,
)


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


class AuthorityChosen(Event):
    """For an object or service a person chose and noted who decides: the mayor or the HOvJ (R-ACT-09, Q-17)."""

    DOMAIN_NAME: ClassVar[str] = "assessments"
    authority: Authority
    chosen_at: Moment


class CloserInterpretationOrdered(Event):
    """The HOvJ wants the threat interpreted further before deciding (R-SBB-04)."""

    DOMAIN_NAME: ClassVar[str] = "assessments"
    ordered_at: Moment


class ThreatProductRecorded(Event):
    """The analysis is in and the decision is the HOvJ's again (S-SBB-05). Its content is kept nowhere."""

    DOMAIN_NAME: ClassVar[str] = "assessments"
    product: ThreatProduct
    recorded_at: Moment


class ThreatAssessed(Event):
    """The HOvJ decided on the threat (R-SBB-04). `level` was set by a human and is for the restricted topic only.

    `confirmed` is false for an oral decision that a colleague wrote down and the HOvJ has not confirmed yet (INV-10).
    """

    DOMAIN_NAME: ClassVar[str] = "assessments"
    assessed_at: Moment
    level: LevelClass
    measures_needed: bool
    confirmed: bool = True


class DecisionConfirmed(Event):
    """The HOvJ confirmed an oral decision that a colleague had written down (S-SBB-15, INV-10)."""

    DOMAIN_NAME: ClassVar[str] = "assessments"
    confirmed_at: Moment


class WeighingReopened(Event):
    """The case is weighed anew; earlier weighings and decisions stay (S-SBB-03)."""

    DOMAIN_NAME: ClassVar[str] = "assessments"
    reason: ReopenReason
    reopened_at: Moment


class AdvisedMeasure(BaseModel):
    """One line of advice: what, where, for whom, carried out by whom. Never why."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    measure: str
    type: MeasureType
    place: Place
    above_pkvw: bool
    addressee: Addressee
    urgency: Urgency
    executor: Executor | None = None


class MeasuresAdvised(Event):
    """Police or OM advised measures to the person or the municipality (R-SBB-07, R-SBB-10)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    municipality: str
    advised_at: Moment
    lines: tuple[AdvisedMeasure, ...]


class AdviceAccepted(Event):
    """The addressee will carry out an advised measure."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    measure: str
    accepted_at: Moment


class AdviceDeclined(Event):
    """The addressee will not carry out an advised measure; police and OM are told (S-SBB-07)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    measure: str
    declined_at: Moment


class AdviceUnanswered(Event):
    """Advice to the municipality was not followed up in time (S-SBB-07)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    due_at: Moment


class MeasureImplemented(Event):
    """An advised measure is in place."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    measure: str
    implemented_at: Moment


class StateMeasuresTaken(Event):
    """Police or OM took measures themselves (R-SBB-08, R-SBB-09). The fact alone; funding never hears of it."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    taken_at: Moment
    confirmed: bool = True


class MeasureReviewDue(Event):
    """The measures must be looked at again; they stay until a human decides."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    due_at: Moment


class MeasuresReviewed(Event):
    """A human looked at the measures again and keeps them (INV-10)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    reviewed_at: Moment


class ScaleDownAnnounced(Event):
    """The person is told beforehand that the measures will end (S-SBB-14)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    announced_at: Moment
    ends_at: Moment


class MeasuresScaledDown(Event):
    """Measures were ended by a human; care is offered again (S-SBB-14)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    scaled_down_at: Moment
    municipality: str | None = None


class HandlerAssigned(Event):
    """A municipality put a handler on the case, or took one off. `account` is an opaque reference."""

    DOMAIN_NAME: ClassVar[str] = "relations"
    account: str
    holds: bool
    changed_at: Moment


class CaseShredded(Event):
    """Two people at police or OM had what was written of a weighing destroyed; class and dates stay (INV-11)."""

    DOMAIN_NAME: ClassVar[str] = "assessments"
    shredded_at: Moment
    reason: ShredReason


class MeasuresShredded(Event):
    """Two people at police or OM had what was written of measures destroyed; class and dates stay (INV-11)."""

    DOMAIN_NAME: ClassVar[str] = "measures"
    shredded_at: Moment
    reason: ShredReason
