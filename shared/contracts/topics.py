"""Every topic once: its name, partitions (never changed afterwards), retention and who fills it.

One internal topic per producing module and sensitivity; one topic per partner purpose. Nothing is made by itself:
a topic that is not in this file does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts import aftercare, assessment, funding, intake
from shared.contracts.envelope import Event

DAY = 24 * 3600 * 1000


@dataclass(frozen=True)
class Topic:
    """`retention_ms` in milliseconds; `min_in_sync` replicas that must have a message before it counts."""

    name: str
    partitions: int = 3
    retention_ms: int = 30 * DAY
    min_in_sync: int = 2


INTAKE_REPORTING = Topic("intake.reporting")
ASSESSMENT_WEIGHING = Topic("assessment.weighing")
ASSESSMENT_RESTRICTED = Topic("assessment.weighing.restricted")
ASSESSMENT_MEASURES = Topic("assessment.measures")
FUNDING_COSTS = Topic("funding.cost-allocation")
FUNDING_SAFETY_NET = Topic("funding.safety-net")
AFTERCARE_CALLBACK = Topic("aftercare.callback")

HOME: dict[type[Event], Topic] = {
    intake.SignalRecorded: INTAKE_REPORTING,
    intake.IncidentReported: INTAKE_REPORTING,
    intake.AangifteFiled: INTAKE_REPORTING,
    intake.RccbNotified: INTAKE_REPORTING,
    intake.RccbReceiptOverdue: INTAKE_REPORTING,
    assessment.WeighingOpened: ASSESSMENT_WEIGHING,
    assessment.FirstWeighingConcluded: ASSESSMENT_WEIGHING,
    assessment.FirstWeighingOverdue: ASSESSMENT_WEIGHING,
    assessment.ThreatAssessed: ASSESSMENT_RESTRICTED,
    assessment.MeasuresAdvised: ASSESSMENT_MEASURES,
    assessment.AdviceUnanswered: ASSESSMENT_MEASURES,
    assessment.MeasureImplemented: ASSESSMENT_MEASURES,
    assessment.MeasureReviewDue: ASSESSMENT_MEASURES,
    assessment.MeasuresReviewed: ASSESSMENT_MEASURES,
    assessment.MeasuresScaledDown: ASSESSMENT_MEASURES,
    funding.CostLineClassified: FUNDING_COSTS,
    funding.FundingRequested: FUNDING_SAFETY_NET,
    funding.FundingSupplemented: FUNDING_SAFETY_NET,
    funding.FundingGranted: FUNDING_SAFETY_NET,
    funding.FundingDeclined: FUNDING_SAFETY_NET,
    funding.FundingDecisionDue: FUNDING_SAFETY_NET,
    aftercare.AftercareTriggered: AFTERCARE_CALLBACK,
    aftercare.IvpCallbackDue: AFTERCARE_CALLBACK,
    aftercare.IvpCallbackAttempted: AFTERCARE_CALLBACK,
    aftercare.IvpCallbackEscalated: AFTERCARE_CALLBACK,
    aftercare.IvpCallbackMade: AFTERCARE_CALLBACK,
    aftercare.IvpCallbackMissed: AFTERCARE_CALLBACK,
    aftercare.AftercareClosed: AFTERCARE_CALLBACK,
}
"""The internal topic of each event. An event that is not in this table cannot be sent."""

EVENTS: dict[str, type[Event]] = {event.type_name(): event for event in HOME}
"""Every event by its CloudEvents type."""

DEAD_LETTERS = Topic("dead-letters", partitions=1, retention_ms=365 * DAY)
"""Records that failed three times the same way, unchanged, with where they came from in the headers."""


def municipality_topic(code: str) -> Topic:
    """The topic of one municipality, by its CBS code; made when it joins."""
    return Topic(f"partner.municipality.{code}.measures", partitions=1)


BZK_SAFETY_NET = Topic("partner.bzk.safety-net", partitions=1)
IVP_CALLBACKS = Topic("partner.ivp.callbacks", partitions=1)


def internal_topics() -> tuple[Topic, ...]:
    """All topics that only our own services read."""
    return (*dict.fromkeys(HOME.values()), DEAD_LETTERS)


def partner_topics(municipalities: tuple[str, ...]) -> tuple[Topic, ...]:
    """All topics that partners read, given the CBS codes of the municipalities that joined."""
    return (*(municipality_topic(code) for code in municipalities), BZK_SAFETY_NET, IVP_CALLBACKS)
