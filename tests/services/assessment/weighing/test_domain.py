"""Weighing: RCCB first, then the HOvJ. People decide; the software times and records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.assessment.weighing.domain import (
    FIRST_WEIGHING,
    ConcludeFirstWeighing,
    DecideOnMeasures,
    FirstWeighing,
    HovjDecision,
    NoteAangifte,
    OpenWeighing,
    deadlines,
    decide,
    is_closed,
)
from shared.contracts.assessment import FirstWeighingConcluded, FirstWeighingOverdue, ThreatAssessed, WeighingOpened
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.vocabulary import IncidentKind, LevelClass, Office, TargetType, Urgency
from tests.given import given, utc

CASE = "c0ffee"
NIGHT = utc("2016-03-13", "23:10")
LATER = utc("2016-03-13", "23:40")
MORNING = utc("2016-03-14", "08:30")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

OPEN = OpenWeighing(CASE, Office.MAYOR, IncidentKind.THREAT, Urgency.ACUTE, NIGHT, weigh_within=HOUR)
AANGIFTE = NoteAangifte(CASE, date(2016, 3, 14))
QUALIFIES = ConcludeFirstWeighing(True, TargetType.PERSON, "Concreet en dichtbij.", "rccb-7", LATER, LATER)
DOES_NOT = replace(QUALIFIES, qualifies=False)
DECISION = DecideOnMeasures(True, LevelClass.HIGH, "Advies is nodig.", "hovj-2", LATER + MINUTE, MORNING)


def test_every_reported_incident_opens_a_weighing_with_its_clock():
    """R-MEL-05, R-SBB-03."""
    outcome = given(decide).when(OPEN).then(WeighingOpened(case=CASE, opened_at=NIGHT))
    outcome.leaves(received_at=NIGHT, office=Office.MAYOR, kind=IncidentKind.THREAT, urgency=Urgency.ACUTE)
    assert deadlines(outcome.state) == (Deadline(FIRST_WEIGHING, utc("2016-03-14", "00:10")),)


def test_a_report_known_and_repeated_gives_no_events():
    """S-SBB-13."""
    given(decide, OPEN).when(replace(OPEN, at=MORNING, urgency=Urgency.OTHER)).then_nothing()


def test_a_repeated_report_after_the_first_weighing_starts_no_new_clock():
    """S-SBB-13."""
    outcome = given(decide, OPEN, QUALIFIES).when(replace(OPEN, at=MORNING)).then_nothing()
    assert deadlines(outcome.state) == ()


def test_an_aangifte_that_arrives_before_its_report_is_kept():
    """An event is a fact, the unknown case included."""
    outcome = given(decide).when(AANGIFTE).then()
    outcome.leaves(case=CASE, aangifte_on=date(2016, 3, 14), received_at=None)
    assert deadlines(outcome.state) == ()
    after = given(decide, AANGIFTE).when(OPEN).then(WeighingOpened(case=CASE, opened_at=NIGHT))
    after.leaves(aangifte_on=date(2016, 3, 14), received_at=NIGHT)


@pytest.mark.parametrize("past", [(OPEN,), (OPEN, QUALIFIES), (OPEN, DOES_NOT), (OPEN, QUALIFIES, DECISION)])
def test_an_aangifte_is_accepted_in_every_state_and_moves_nothing_else(past):
    before = given(decide, *past)
    outcome = before.when(AANGIFTE).then()
    assert outcome.state == replace(before.state, aangifte_on=date(2016, 3, 14))
    given(decide, *past, AANGIFTE).when(AANGIFTE).then_nothing()


def test_a_weighing_that_qualifies_opens_the_way_to_the_hovj_and_makes_no_measure():
    """S-SBB-01."""
    outcome = given(decide, OPEN).when(QUALIFIES)
    outcome.then(FirstWeighingConcluded(case=CASE, qualifies=True, target=TargetType.PERSON, decided_at=LATER))
    weighing = FirstWeighing(True, TargetType.PERSON, "Concreet en dichtbij.", "rccb-7", LATER, LATER)
    outcome.leaves(first_weighing=weighing, decision=None)
    assert deadlines(outcome.state) == ()


def test_a_weighing_that_does_not_qualify_ends_at_rccb():
    """S-SBB-03, INV-3."""
    outcome = given(decide, OPEN).when(DOES_NOT)
    outcome.then(FirstWeighingConcluded(case=CASE, qualifies=False, target=TargetType.PERSON, decided_at=LATER))
    given(decide, OPEN, DOES_NOT).when(DECISION).refused("eerste weging die in aanmerking komt")


def test_reasons_and_assessors_do_not_travel():
    """INV-6: sources and reasons stay with police and OM."""
    told = given(decide, OPEN).when(QUALIFIES).events
    told += given(decide, OPEN, QUALIFIES).when(DECISION).events
    text = "".join(event.model_dump_json() for event in told)
    for private in ("Concreet", "rccb-7", "Advies is nodig", "hovj-2"):
        assert private not in text


def test_the_hovj_decides_with_a_level_that_a_person_chose():
    """R-SBB-04, INV-10."""
    outcome = given(decide, OPEN, QUALIFIES).when(DECISION)
    outcome.then(
        ThreatAssessed(case=CASE, assessed_at=LATER + MINUTE, level=LevelClass.HIGH, measures_needed=True),
    )
    outcome.leaves(
        decision=HovjDecision(True, LevelClass.HIGH, "Advies is nodig.", "hovj-2", LATER + MINUTE, MORNING),
    )


def test_the_hovj_may_decide_that_no_measures_are_needed():
    """R-SBB-04: "indien nodig"."""
    outcome = given(decide, OPEN, QUALIFIES).when(replace(DECISION, measures_needed=False, level=LevelClass.LOW))
    outcome.then(
        ThreatAssessed(case=CASE, assessed_at=LATER + MINUTE, level=LevelClass.LOW, measures_needed=False),
    )


def test_oral_decisions_at_night_are_recorded_afterwards_with_both_moments():
    """S-SBB-15."""
    weighing = replace(QUALIFIES, decided_at=NIGHT + MINUTE, at=MORNING)
    decision = replace(DECISION, decided_at=NIGHT + 2 * MINUTE, at=MORNING + MINUTE)
    state = given(decide, OPEN, weighing, decision).state
    assert (state.first_weighing.decided_at, state.first_weighing.recorded_at) == (NIGHT + MINUTE, MORNING)
    assert (state.decision.decided_at, state.decision.recorded_at) == (NIGHT + 2 * MINUTE, MORNING + MINUTE)


def test_a_weighing_may_have_been_decided_before_the_report_arrived():
    """S-SBB-15: acute danger first, paper afterwards."""
    weighing = replace(QUALIFIES, decided_at=NIGHT - HOUR, at=MORNING)
    given(decide, OPEN).when(weighing).then(
        FirstWeighingConcluded(case=CASE, qualifies=True, target=TargetType.PERSON, decided_at=NIGHT - HOUR)
    )


def test_a_decision_at_the_very_moment_of_the_weighing_stands():
    decision = replace(DECISION, decided_at=LATER, at=LATER)
    given(decide, OPEN, QUALIFIES).when(decision).then(
        ThreatAssessed(case=CASE, assessed_at=LATER, level=LevelClass.HIGH, measures_needed=True)
    )


@pytest.mark.parametrize("past", [(), (AANGIFTE,)])
def test_nothing_is_weighed_before_it_was_received(past):
    given(decide, *past).when(QUALIFIES).refused("nog niet ontvangen")


def test_the_first_weighing_is_concluded_once():
    """INV-11: no overwriting."""
    given(decide, OPEN, QUALIFIES).when(DOES_NOT).refused("al afgerond")


def test_a_weighing_does_not_lie_in_the_future():
    given(decide, OPEN).when(replace(QUALIFIES, decided_at=LATER + MINUTE)).refused("toekomst")


@pytest.mark.parametrize("past", [(), (AANGIFTE,), (OPEN,), (OPEN, DOES_NOT)])
def test_the_hovj_decides_only_after_a_weighing_that_qualifies(past):
    """R-SBB-03, R-SBB-04, INV-3."""
    given(decide, *past).when(DECISION).refused("eerste weging die in aanmerking komt")


@pytest.mark.parametrize("target", [TargetType.OBJECT, TargetType.SERVICE])
def test_for_an_object_or_service_a_person_first_notes_the_authority(target):
    """S-SBB-16, R-ACT-09, Q-17."""
    given(decide, OPEN, replace(QUALIFIES, target=target)).when(DECISION).refused("wie bevoegd is")


def test_the_hovj_decides_once():
    given(decide, OPEN, QUALIFIES, DECISION).when(DECISION).refused("al beslist")


def test_a_decision_lies_between_the_weighing_and_now():
    """INV-3: by decision time."""
    known = given(decide, OPEN, QUALIFIES)
    known.when(replace(DECISION, decided_at=LATER - MINUTE)).refused("na de eerste weging")
    known.when(replace(DECISION, decided_at=MORNING + MINUTE)).refused("niet in de toekomst")


def test_a_late_first_weighing_is_told_once_and_closes_nothing():
    """Timer of SBB; INV-2."""
    due = NIGHT + HOUR
    outcome = given(decide, OPEN).when(DeadlinePassed(FIRST_WEIGHING, due, MORNING))
    outcome.then(FirstWeighingOverdue(case=CASE, due_at=due)).leaves(overdue=True, first_weighing=None)
    assert deadlines(outcome.state) == ()
    assert not is_closed(outcome.state)


def test_a_late_first_weighing_can_still_be_concluded():
    overdue = DeadlinePassed(FIRST_WEIGHING, NIGHT + HOUR, MORNING)
    outcome = given(decide, OPEN, overdue).when(replace(QUALIFIES, at=MORNING))
    outcome.then(FirstWeighingConcluded(case=CASE, qualifies=True, target=TargetType.PERSON, decided_at=LATER))
    outcome.leaves(overdue=True)


def test_a_deadline_that_no_longer_holds_changes_nothing():
    passed = DeadlinePassed(FIRST_WEIGHING, NIGHT + HOUR, MORNING)
    given(decide, OPEN, QUALIFIES).when(passed).then_nothing()
    given(decide, OPEN).when(replace(passed, due=NIGHT)).then_nothing()
    given(decide, OPEN).when(replace(passed, name="unknown")).then_nothing()


def test_a_weighing_never_closes_by_itself():
    """S-SBB-03: a new report can always reopen it."""
    assert not is_closed(given(decide, OPEN, DOES_NOT).state)
