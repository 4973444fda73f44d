"""Every event has one home, every topic one name."""

from __future__ import annotations

import inspect

import pytest

from shared.contracts import aftercare, assessment, funding, intake
from shared.contracts.envelope import Event
from shared.contracts.topics import (
    DEAD_LETTERS,
    EVENTS,
    HOME,
    Topic,
    internal_topics,
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
    assert set(HOME.values()) | {DEAD_LETTERS} == set(internal_topics())


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
    restricted = HOME[assessment.ThreatAssessed]
    assert restricted.name.endswith(".restricted")
    assert [event for event, topic in HOME.items() if topic == restricted] == levels


def test_a_municipality_has_one_topic_of_its_own():
    assert municipality_topic("9901") == Topic("partner.municipality.9901.measures", partitions=1)
    assert municipality_topic("9901") != municipality_topic("9902")
    assert [topic.name for topic in partner_topics(())] == ["partner.bzk.safety-net", "partner.ivp.callbacks"]


def test_partitions_and_safety_of_each_topic_stay_as_they_were_released():
    """Partitions are never changed: it would break the order per case. A change here must be meant."""
    table = {topic.name: (topic.partitions, topic.retention_ms // 86_400_000, topic.min_in_sync)
             for topic in (*internal_topics(), *partner_topics(("9901",)))}  # fmt: skip
    assert table == {
        "intake.reporting": (3, 30, 2),
        "assessment.weighing": (3, 30, 2),
        "assessment.weighing.restricted": (3, 30, 2),
        "assessment.measures": (3, 30, 2),
        "funding.cost-allocation": (3, 30, 2),
        "funding.safety-net": (3, 30, 2),
        "aftercare.callback": (3, 30, 2),
        "dead-letters": (1, 365, 2),
        "partner.municipality.9901.measures": (1, 30, 2),
        "partner.bzk.safety-net": (1, 30, 2),
        "partner.ivp.callbacks": (1, 30, 2),
    }
