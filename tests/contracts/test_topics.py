"""Every event has one home, every topic one name."""

from __future__ import annotations

import inspect

import pytest

from deploy.contracts.subscriptions import readings
from shared.contracts import aftercare, assessment, funding, intake
from shared.contracts.audiences import GRANTS
from shared.contracts.envelope import Event
from shared.contracts.topics import (
    CONTENTS,
    DEAD_LETTERS,
    DEAD_LETTERS_HANDLED,
    EVENTS,
    HOME,
    INTAKE_OWN,
    Topic,
    internal_topics,
    municipality_invoices,
    municipality_topic,
    partner_topics,
)

MODULES = {"intake": intake, "assessment": assessment, "funding": funding, "aftercare": aftercare}


def events_of(module):
    """The event classes that a contract module makes itself."""
    classes = [thing for _, thing in inspect.getmembers(module, inspect.isclass) if thing.__module__ == module.__name__]
    return {one for one in classes if issubclass(one, Event)}


def test_every_event_of_every_contract_has_a_home():
    """What is not in the table cannot be sent."""
    assert set(HOME) == set().union(*map(events_of, MODULES.values()))


@pytest.mark.parametrize("name", MODULES)
def test_the_topics_of_a_service_carry_its_own_events_only(name):
    for event in events_of(MODULES[name]):
        assert HOME[event].name.split(".")[0] == name


@pytest.mark.parametrize(
    "name", ["IncidentReported", "ThreatAssessed", "MeasuresAdvised", "FundingRequested", "AftercareTriggered"]
)
def test_the_names_that_the_user_gave_exist(name):
    assert name in {event.__name__ for event in HOME}


def test_topic_names_are_unique_among_all_topics():
    topics = [*internal_topics(), *partner_topics(("9901", "9902"))]
    names = [topic.name for topic in topics]
    assert len(names) == len(set(names))
    assert set(HOME.values()) | {DEAD_LETTERS, DEAD_LETTERS_HANDLED} == set(internal_topics())


def test_no_internal_topic_looks_like_a_partners():
    """Access rules go by the prefix `partner.`."""
    assert not [topic for topic in internal_topics() if topic.name.startswith("partner.")]
    assert all(topic.name.startswith("partner.") for topic in partner_topics(("9901",)))


def test_types_are_unique_and_lead_back_to_their_event():
    assert len(EVENTS) == len(HOME)
    assert all(EVENTS[event.type_name()] is event for event in HOME)


def test_the_level_of_a_threat_travels_on_the_restricted_topic_alone():
    """§3.1 note 4: assessment detail is never on a topic that the municipality or BZK can read."""
    levels = [event for event in HOME if "level" in event.model_fields]
    assert levels == [assessment.ThreatAssessed]
    assert HOME[assessment.ThreatAssessed].name.endswith(".restricted")


def test_what_a_decision_was_is_on_restricted_topics_and_reaches_no_partner():
    restricted = {event for event, topic in HOME.items() if topic.name.endswith(".restricted")}
    assert restricted == {
        assessment.CloserInterpretationOrdered,
        assessment.ThreatProductRecorded,
        assessment.ThreatAssessed,
        assessment.DecisionConfirmed,
        assessment.StateMeasuresTaken,
    }
    assert not restricted & set(GRANTS)


def test_what_stays_with_the_person_has_a_topic_of_its_own():
    """R-MEL-01, R-MEL-06: signals, talks and doubt."""
    own = {event for event, topic in HOME.items() if topic == INTAKE_OWN}
    assert {intake.SignalRecorded, intake.SignalJudged, intake.TalkRequested} <= own
    assert intake.IncidentReported not in own
    assert not own & set(GRANTS)


def test_funding_reads_nothing_restricted_and_nobody_else_reads_funding():
    """K7: what the State takes itself funding never hears of. INV-1: no measure and no care hears of money."""
    for one in readings():
        if one.service == "funding":
            assert not one.topic.name.endswith(".restricted")
        else:
            assert not one.topic.name.startswith("funding.")


def test_a_service_asks_a_topic_only_for_types_that_are_on_it():
    """Otherwise it would wait for ever."""
    for one in readings():
        assert one.events, one.group
        assert set(one.events) <= set(CONTENTS[one.topic]), one.group


def test_a_group_reads_one_topic_and_is_named_after_its_service():
    groups = [one.group for one in readings()]
    assert len(groups) == len(set(groups))
    assert all(one.group.startswith(f"{one.service}.") for one in readings())


def test_a_municipality_has_topics_of_its_own():
    assert municipality_topic("9901") == Topic("partner.municipality.9901.measures", partitions=1)
    assert municipality_invoices("9901") == Topic("partner.municipality.9901.invoices", partitions=1)
    assert municipality_topic("9901") != municipality_topic("9902")
    assert [topic.name for topic in partner_topics(())] == ["partner.bzk.safety-net", "partner.ivp.callbacks"]


def test_partitions_and_safety_of_each_topic_stay_as_they_were_released():
    """Partitions are never changed: it would break the order per case. A change here must be meant."""
    table = {topic.name: (topic.partitions, topic.retention_ms // 86_400_000, topic.min_in_sync)
             for topic in (*internal_topics(), *partner_topics(("9901",)))}  # fmt: skip
    assert table == {
        "intake.reporting": (3, 30, 2),
        "intake.reporting.own": (3, 30, 2),
        "intake.relations": (3, 30, 2),
        "assessment.handlers": (3, 30, 2),
        "assessment.weighing": (3, 30, 2),
        "assessment.weighing.restricted": (3, 30, 2),
        "assessment.measures": (3, 30, 2),
        "assessment.measures.restricted": (3, 30, 2),
        "funding.cost-allocation": (3, 30, 2),
        "funding.safety-net": (3, 30, 2),
        "aftercare.callback": (3, 30, 2),
        "aftercare.callback.invoices": (3, 30, 2),
        "aftercare.confidential-line": (1, 30, 2),
        "dead-letters": (1, 365, 2),
        "dead-letters.handled": (1, 365, 2),
        "partner.municipality.9901.measures": (1, 30, 2),
        "partner.municipality.9901.invoices": (1, 30, 2),
        "partner.bzk.safety-net": (1, 30, 2),
        "partner.ivp.callbacks": (1, 30, 2),
    }
