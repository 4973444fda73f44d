"""Measures: advised, carried out, reviewed, ended. Money is nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.assessment.measures.domain import (
    ADVICE,
    REVIEW,
    AdviseMeasures,
    Ended,
    Measure,
    MeasureState,
    NoteAssessment,
    NoteIncident,
    ReportImplemented,
    ReviewMeasures,
    ScaleDown,
    deadlines,
    decide,
    is_closed,
)
from shared.contracts.assessment import (
    AdviceUnanswered,
    AdvisedMeasure,
    MeasureImplemented,
    MeasureReviewDue,
    MeasuresAdvised,
    MeasuresReviewed,
    MeasuresScaledDown,
)
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.vocabulary import Addressee, MeasureType, Office, Place, Urgency
from tests.given import given, utc

CASE = "c0ffee"
MONDAY = utc("2016-03-14", "10:00")
TUESDAY = utc("2016-03-15", "09:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ACUTE_TERM, OTHER_TERM, REVIEW_TERM = DAY, 5 * DAY, 30 * DAY

INCIDENT = NoteIncident(CASE, "9901", Office.ALDERMAN)
ASSESSED = NoteAssessment(CASE, measures_needed=True)
GLASS = Measure("m-glass", MeasureType.REINFORCED_GLASS, Place.HOME, True, Addressee.MUNICIPALITY, Urgency.ACUTE)
ALARM = Measure("m-alarm", MeasureType.ALARM, Place.HOME, True, Addressee.MUNICIPALITY, Urgency.ACUTE)
LOCKS = Measure("m-locks", MeasureType.LOCKS, Place.HOME, False, Addressee.PERSON, Urgency.OTHER)
ADVICE_GIVEN = AdviseMeasures((GLASS, LOCKS), MONDAY, ACUTE_TERM, REVIEW_TERM)
GLASS_DONE = ReportImplemented("m-glass", "9901", TUESDAY)
SCALED_DOWN = ScaleDown("De dreiging is voorbij.", TUESDAY)


def line(measure):
    return AdvisedMeasure(
        measure=measure.id,
        type=measure.type,
        place=measure.place,
        above_pkvw=measure.above_pkvw,
        addressee=measure.addressee,
        urgency=measure.urgency,
    )


def advised(*measures, at=MONDAY):
    return MeasuresAdvised(case=CASE, municipality="9901", advised_at=at, lines=tuple(map(line, measures)))


def test_the_incident_tells_the_municipality_and_makes_no_measure():
    """S-SBB-01."""
    given(decide).when(INCIDENT).then().leaves(municipality="9901", office=Office.ALDERMAN, lines=())


def test_the_hovj_s_decision_is_kept_even_of_an_unknown_case():
    """An event is a fact; restricted and open topics have no order among them."""
    given(decide).when(ASSESSED).then().leaves(case=CASE, measures_needed=True, municipality=None, lines=())
    given(decide, ASSESSED).when(INCIDENT).then().leaves(measures_needed=True, municipality="9901")


@pytest.mark.parametrize(
    "past", [(INCIDENT,), (INCIDENT, ADVICE_GIVEN), (INCIDENT, ADVICE_GIVEN, GLASS_DONE, SCALED_DOWN)]
)
def test_facts_are_accepted_in_every_state_and_repeating_them_changes_nothing(past):
    """S-SBB-13."""
    before = given(decide, *past)
    assert before.when(ASSESSED).then().state == replace(before.state, measures_needed=True)
    given(decide, *past, ASSESSED).when(ASSESSED).then_nothing()
    given(decide, *past).when(INCIDENT).then_nothing()


def test_police_advise_person_and_municipality_in_one_go():
    """S-SBB-06, R-SBB-07, R-SBB-10."""
    outcome = given(decide, INCIDENT, ASSESSED).when(ADVICE_GIVEN).then(advised(GLASS, LOCKS))
    outcome.leaves(lines=(GLASS, LOCKS), advised_at=MONDAY)
    assert deadlines(outcome.state) == (
        Deadline(ADVICE, utc("2016-03-15", "10:00")),
        Deadline(REVIEW, utc("2016-04-13", "10:00")),
    )


@pytest.mark.parametrize("past", [(INCIDENT,), (INCIDENT, NoteAssessment(CASE, measures_needed=False))])
def test_advice_waits_for_no_decision_of_the_hovj(past):
    """INV-3: advice needs neither weighing nor decision; police alone may advise."""
    given(decide, *past).when(ADVICE_GIVEN).then(advised(GLASS, LOCKS))


def test_advice_to_the_person_alone_waits_for_no_municipality():
    """R-SBB-05."""
    outcome = given(decide, INCIDENT).when(replace(ADVICE_GIVEN, lines=(LOCKS,))).then(advised(LOCKS))
    assert deadlines(outcome.state) == (Deadline(REVIEW, MONDAY + REVIEW_TERM),)


def test_more_advice_is_added_to_what_was_advised_before():
    """S-SBB-11, INV-11."""
    more = replace(ADVICE_GIVEN, lines=(ALARM,), at=TUESDAY)
    outcome = given(decide, INCIDENT, ADVICE_GIVEN).when(more).then(advised(ALARM, at=TUESDAY))
    outcome.leaves(lines=(GLASS, LOCKS, ALARM), advised_at=TUESDAY)


def test_later_advice_does_not_give_the_municipality_more_time_for_earlier_urgent_advice():
    """S-SBB-07: an urgent term keeps running when something less urgent is advised too."""
    more = AdviseMeasures((replace(ALARM, urgency=Urgency.OTHER),), MONDAY + HOUR, OTHER_TERM, REVIEW_TERM)
    state = given(decide, INCIDENT, ADVICE_GIVEN, more).state
    assert Deadline(ADVICE, MONDAY + ACUTE_TERM) in deadlines(state)


def test_later_urgent_advice_pulls_the_term_forward():
    """S-SBB-07."""
    calm = AdviseMeasures((replace(GLASS, urgency=Urgency.OTHER),), MONDAY, OTHER_TERM, REVIEW_TERM)
    urgent = AdviseMeasures((ALARM,), MONDAY + HOUR, ACUTE_TERM, REVIEW_TERM)
    state = given(decide, INCIDENT, calm, urgent).state
    assert Deadline(ADVICE, MONDAY + HOUR + ACUTE_TERM) in deadlines(state)


def test_later_advice_does_not_put_off_the_review_of_earlier_measures():
    """Timer of SBB: active measures are looked at again after thirty days."""
    more = replace(ADVICE_GIVEN, lines=(ALARM,), at=MONDAY + 29 * DAY)
    state = given(decide, INCIDENT, ADVICE_GIVEN, more).state
    assert Deadline(REVIEW, MONDAY + REVIEW_TERM) in deadlines(state)


@pytest.mark.parametrize("past", [(), (ASSESSED,)])
def test_nothing_is_advised_before_the_municipality_is_known(past):
    given(decide, *past).when(ADVICE_GIVEN).refused("nog niet bekend")


def test_the_municipality_carries_out_what_was_advised_to_it():
    """R-SBB-02; the term for an answer stops, the review goes on."""
    outcome = given(decide, INCIDENT, ADVICE_GIVEN).when(GLASS_DONE)
    outcome.then(MeasureImplemented(case=CASE, measure="m-glass", implemented_at=TUESDAY))
    done = replace(GLASS, state=MeasureState.IMPLEMENTED, implemented_at=TUESDAY)
    outcome.leaves(lines=(done, LOCKS))
    assert deadlines(outcome.state) == (Deadline(REVIEW, MONDAY + REVIEW_TERM),)


def test_the_term_runs_until_the_last_measure_is_in_place():
    """S-SBB-07."""
    both = replace(ADVICE_GIVEN, lines=(GLASS, ALARM))
    outcome = given(decide, INCIDENT, both).when(GLASS_DONE)
    assert Deadline(ADVICE, MONDAY + ACUTE_TERM) in deadlines(outcome.state)
    last = given(decide, INCIDENT, both, GLASS_DONE).when(replace(GLASS_DONE, measure="m-alarm"))
    assert deadlines(last.state) == (Deadline(REVIEW, MONDAY + REVIEW_TERM),)


@pytest.mark.parametrize(
    "report",
    [
        replace(GLASS_DONE, measure="m-unknown"),
        replace(GLASS_DONE, municipality="9902"),
        replace(GLASS_DONE, measure="m-locks"),
    ],
    ids=["unknown measure", "another municipality", "addressed to the person"],
)
def test_a_municipality_reports_only_what_was_advised_to_it(report):
    """S-SBB-06: and every "no" sounds the same."""
    given(decide, INCIDENT, ADVICE_GIVEN).when(report).refused("niet aan uw gemeente geadviseerd")


def test_nothing_is_carried_out_in_an_unknown_case():
    given(decide).when(GLASS_DONE).refused("niet aan uw gemeente geadviseerd")


@pytest.mark.parametrize("before", [GLASS_DONE, SCALED_DOWN])
def test_a_measure_is_carried_out_once(before):
    given(decide, INCIDENT, ADVICE_GIVEN, before).when(GLASS_DONE).refused("al uitgevoerd of beëindigd")


def test_silence_on_urgent_advice_is_told_once_and_the_measure_stays():
    """S-SBB-07."""
    due = MONDAY + ACUTE_TERM
    outcome = given(decide, INCIDENT, ADVICE_GIVEN).when(DeadlinePassed(ADVICE, due, due + HOUR))
    outcome.then(AdviceUnanswered(case=CASE, due_at=due)).leaves(advice_unanswered=True, lines=(GLASS, LOCKS))
    assert deadlines(outcome.state) == (Deadline(REVIEW, MONDAY + REVIEW_TERM),)


def test_unanswered_advice_can_still_be_carried_out():
    unanswered = DeadlinePassed(ADVICE, MONDAY + ACUTE_TERM, TUESDAY)
    given(decide, INCIDENT, ADVICE_GIVEN, unanswered).when(GLASS_DONE).then(
        MeasureImplemented(case=CASE, measure="m-glass", implemented_at=TUESDAY)
    )


def test_advice_is_no_longer_unanswered_when_the_last_measure_is_in_place():
    """S-SBB-07."""
    unanswered = DeadlinePassed(ADVICE, MONDAY + ACUTE_TERM, TUESDAY)
    both = replace(ADVICE_GIVEN, lines=(GLASS, ALARM, LOCKS))
    past = (INCIDENT, both, unanswered, GLASS_DONE)
    given(decide, *past[:-1]).when(GLASS_DONE).leaves(advice_unanswered=True)
    given(decide, *past).when(replace(GLASS_DONE, measure="m-alarm")).leaves(advice_unanswered=False)


def test_advice_that_ended_is_no_longer_unanswered():
    """S-SBB-07: nobody waits for it, and later advice starts clean."""
    unanswered = DeadlinePassed(ADVICE, MONDAY + ACUTE_TERM, TUESDAY)
    given(decide, INCIDENT, ADVICE_GIVEN, unanswered).when(SCALED_DOWN).leaves(advice_unanswered=False)


def test_more_advice_does_not_hide_that_earlier_advice_is_unanswered():
    """S-SBB-07."""
    unanswered = DeadlinePassed(ADVICE, MONDAY + ACUTE_TERM, TUESDAY)
    more = replace(ADVICE_GIVEN, lines=(ALARM,), at=TUESDAY)
    given(decide, INCIDENT, ADVICE_GIVEN, unanswered).when(more).leaves(advice_unanswered=True)


def test_a_passed_review_date_reminds_and_ends_no_measure():
    """Timer of SBB: "remind; measure stays"."""
    due = MONDAY + REVIEW_TERM
    known = given(decide, INCIDENT, ADVICE_GIVEN, GLASS_DONE)
    outcome = known.when(DeadlinePassed(REVIEW, due, due + HOUR)).then(MeasureReviewDue(case=CASE, due_at=due))
    outcome.leaves(review_due=True, lines=known.state.lines, scaled_down_at=None)
    assert deadlines(outcome.state) == ()


def test_a_review_keeps_the_measures_sets_the_next_date_and_is_told():
    """INV-10: the event leaves the decision, its moment and its actor in the history."""
    due = MONDAY + REVIEW_TERM
    past = (INCIDENT, ADVICE_GIVEN, GLASS_DONE, DeadlinePassed(REVIEW, due, due))
    known = given(decide, *past)
    outcome = known.when(ReviewMeasures(due + HOUR, REVIEW_TERM))
    outcome.then(MeasuresReviewed(case=CASE, reviewed_at=due + HOUR))
    outcome.leaves(review_due=False, lines=known.state.lines)
    assert deadlines(outcome.state) == (Deadline(REVIEW, due + HOUR + REVIEW_TERM),)


def test_measures_end_by_a_person_with_a_reason_that_stays_here():
    """S-SBB-14; the event makes aftercare offer care again."""
    outcome = given(decide, INCIDENT, ADVICE_GIVEN, GLASS_DONE).when(SCALED_DOWN)
    outcome.then(MeasuresScaledDown(case=CASE, scaled_down_at=TUESDAY))
    outcome.leaves(scaled_down_at=TUESDAY, ended=(Ended(TUESDAY, "De dreiging is voorbij."),))
    assert {one.state for one in outcome.state.lines} == {MeasureState.SCALED_DOWN}
    assert outcome.state.lines[0].implemented_at == TUESDAY
    assert deadlines(outcome.state) == ()
    assert "voorbij" not in str(outcome.events)


@pytest.mark.parametrize("command", [ReviewMeasures(TUESDAY, REVIEW_TERM), SCALED_DOWN])
@pytest.mark.parametrize("past", [(), (INCIDENT,), (INCIDENT, ADVICE_GIVEN, SCALED_DOWN)])
def test_without_running_measures_there_is_nothing_to_review_or_end(past, command):
    given(decide, *past).when(command).refused("Er lopen geen maatregelen")


def test_measures_can_be_advised_again_after_they_ended():
    """State machine of SBB: `Heropend`."""
    again = replace(ADVICE_GIVEN, lines=(ALARM,), at=TUESDAY + DAY)
    past = (INCIDENT, ADVICE_GIVEN, SCALED_DOWN)
    outcome = given(decide, *past).when(again).then(advised(ALARM, at=TUESDAY + DAY))
    outcome.leaves(scaled_down_at=None, ended=(Ended(TUESDAY, "De dreiging is voorbij."),))
    assert [one.state for one in outcome.state.lines] == ["scaled-down", "scaled-down", "advised"]
    assert deadlines(outcome.state) == (
        Deadline(ADVICE, TUESDAY + DAY + ACUTE_TERM),
        Deadline(REVIEW, TUESDAY + DAY + REVIEW_TERM),
    )
    assert not is_closed(given(decide, *past).state)


def test_each_end_keeps_its_moment_and_its_reason():
    """INV-11: new advice erases no earlier reason."""
    again = replace(ADVICE_GIVEN, lines=(ALARM,), at=TUESDAY + DAY)
    ended_again = ScaleDown("Verhuisd.", TUESDAY + 2 * DAY)
    outcome = given(decide, INCIDENT, ADVICE_GIVEN, SCALED_DOWN, again).when(ended_again)
    periods = (Ended(TUESDAY, "De dreiging is voorbij."), Ended(TUESDAY + 2 * DAY, "Verhuisd."))
    outcome.leaves(ended=periods, scaled_down_at=TUESDAY + 2 * DAY)


def test_a_deadline_that_no_longer_holds_changes_nothing():
    advice = DeadlinePassed(ADVICE, MONDAY + ACUTE_TERM, TUESDAY + DAY)
    given(decide, INCIDENT, ADVICE_GIVEN, GLASS_DONE).when(advice).then_nothing()
    given(decide, INCIDENT, ADVICE_GIVEN, SCALED_DOWN).when(advice).then_nothing()
    given(decide, INCIDENT, ADVICE_GIVEN).when(replace(advice, due=MONDAY)).then_nothing()
    given(decide, INCIDENT, ADVICE_GIVEN).when(replace(advice, name="unknown")).then_nothing()
