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
INTAKE_OWN = Topic("intake.reporting.own")
"""What stays with the person and intake: signals, talks, doubt; and that a case was shredded, reported or not."""
INTAKE_RELATIONS = Topic("intake.relations")
"""Which accounts may see a case, or may not; opaque references, for our services alone."""
ASSESSMENT_WEIGHING = Topic("assessment.weighing")
ASSESSMENT_RESTRICTED = Topic("assessment.weighing.restricted")
ASSESSMENT_MEASURES = Topic("assessment.measures")
ASSESSMENT_STATE_MEASURES = Topic("assessment.measures.restricted")
ASSESSMENT_HANDLERS = Topic("assessment.handlers")
FUNDING_COSTS = Topic("funding.cost-allocation")
FUNDING_SAFETY_NET = Topic("funding.safety-net")
AFTERCARE_CALLBACK = Topic("aftercare.callback")
AFTERCARE_INVOICES = Topic("aftercare.callback.invoices")
CONFIDENTIAL_LINE = Topic("aftercare.confidential-line", partitions=1)
"""The weekly count of the Vertrouwenslijn, and never anything else."""

CONTENTS: dict[Topic, tuple[type[Event], ...]] = {
    INTAKE_OWN: (
        intake.SignalRecorded, intake.SignalJudged, intake.TalkRequested, intake.PoliceConsulted, intake.FilingAdvised,
        intake.CaseShredded,
    ),
    INTAKE_REPORTING: (
        intake.IncidentReported, intake.MutatieRegistered, intake.AangifteFiled, intake.CriminalTrackOpened,
        intake.IncidentsLinked, intake.IncidentWithdrawn, intake.RccbNotified, intake.RccbReceiptOverdue,
    ),
    INTAKE_RELATIONS: (intake.RelationChanged,),
    ASSESSMENT_WEIGHING: (
        assessment.WeighingOpened, assessment.FirstWeighingConcluded, assessment.FirstWeighingOverdue,
        assessment.AuthorityChosen, assessment.WeighingReopened, assessment.CaseShredded,
    ),
    ASSESSMENT_RESTRICTED: (
        assessment.CloserInterpretationOrdered, assessment.ThreatProductRecorded, assessment.ThreatAssessed,
        assessment.DecisionConfirmed,
    ),
    ASSESSMENT_MEASURES: (
        assessment.MeasuresAdvised, assessment.AdviceAccepted, assessment.AdviceDeclined, assessment.AdviceUnanswered,
        assessment.MeasureImplemented, assessment.MeasureReviewDue, assessment.MeasuresReviewed,
        assessment.ScaleDownAnnounced, assessment.MeasuresScaledDown, assessment.MeasuresShredded,
    ),
    ASSESSMENT_STATE_MEASURES: (assessment.StateMeasuresTaken,),
    ASSESSMENT_HANDLERS: (assessment.HandlerAssigned,),
    FUNDING_COSTS: (
        funding.CostLineClassified, funding.CostLineToBeJudged, funding.ClassificationOverdue,
        funding.CostLineDisputed, funding.CostLineReclassified, funding.CostsShredded,
    ),
    FUNDING_SAFETY_NET: (
        funding.VangnetQuestionAsked, funding.VangnetQuestionAnswered, funding.FundingRequested,
        funding.FundingSupplementAsked, funding.FundingSupplemented, funding.FundingGranted, funding.FundingDeclined,
        funding.FundingWithdrawn, funding.FundingSettled, funding.FundingAcknowledgementDue,
        funding.SupplementReminderDue, funding.FundingDecisionDue, funding.CaseShredded,
    ),
    AFTERCARE_CALLBACK: (
        aftercare.AftercareTriggered, aftercare.AftercareAccepted, aftercare.AftercareDeclined,
        aftercare.IvpCallbackDue, aftercare.IvpCallbackAttempted, aftercare.IvpCallbackEscalated,
        aftercare.IvpCallbackMade, aftercare.IvpCallbackMissed, aftercare.IvpCallbackCorrected,
        aftercare.SupportPlanned, aftercare.ProgressReported, aftercare.AftercareClosed, aftercare.CaseShredded,
    ),
    AFTERCARE_INVOICES: (aftercare.EmployerInvoiced,),
    CONFIDENTIAL_LINE: (aftercare.ConfidentialContactCounted,),
}  # fmt: skip
"""What is on each internal topic."""

HOME: dict[type[Event], Topic] = {event: topic for topic, events in CONTENTS.items() for event in events}
"""The internal topic of each event. An event that is not in this table cannot be sent."""

EVENTS: dict[str, type[Event]] = {event.type_name(): event for event in HOME}
"""Every event by its CloudEvents type."""

DEAD_LETTERS = Topic("dead-letters", partitions=1, retention_ms=365 * DAY)
"""Records that failed three times the same way, unchanged, with where they came from in the headers."""

DEAD_LETTERS_HANDLED = Topic("dead-letters.handled", partitions=1, retention_ms=365 * DAY)
"""Who did what with which dead letter, and why: the audit lines."""


def replay_topic(group: str) -> Topic:
    """Where dead letters go again that this one subscription could not handle. `group` is its Kafka group."""
    return Topic(f"replay.{group}", partitions=1)


def municipality_topic(code: str) -> Topic:
    """The topic of one municipality, by its CBS code; made when it joins."""
    return Topic(f"partner.municipality.{code}.measures", partitions=1)


def municipality_invoices(code: str) -> Topic:
    """The bills of one municipality: apart from its measures, for other eyes there."""
    return Topic(f"partner.municipality.{code}.invoices", partitions=1)


BZK_SAFETY_NET = Topic("partner.bzk.safety-net", partitions=1)
IVP_CALLBACKS = Topic("partner.ivp.callbacks", partitions=1)


def internal_topics() -> tuple[Topic, ...]:
    """All topics that only our own services read."""
    return (*CONTENTS, DEAD_LETTERS, DEAD_LETTERS_HANDLED)


def partner_topics(municipalities: tuple[str, ...]) -> tuple[Topic, ...]:
    """All topics that partners read, given the CBS codes of the municipalities that joined."""
    return (
        *(topic for code in municipalities for topic in (municipality_topic(code), municipality_invoices(code))),
        BZK_SAFETY_NET,
        IVP_CALLBACKS,
    )
