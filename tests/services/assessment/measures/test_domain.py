"""Measures: advised, carried out, reviewed, ended. Money is nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.assessment.measures.commands import (
    Accept,
    AdviseMeasures,
    AnnounceScaleDown,
    AnswerTerms,
    ConfirmStateMeasures,
    Decline,
    NoteAssessment,
    NoteFirstWeighing,
    NoteIncident,
    NoteLink,
    ReportImplemented,
    ReviewMeasures,
    ScaleDown,
    TakeStateMeasures,
)
from services.assessment.measures.domain import ADVICE, CONFIRMATION, REVIEW, deadlines, decide, is_closed
from services.assessment.measures.record import Ended, Measure, MeasureState, StateMeasure
from shared.contracts.assessment import (
    AdviceAccepted,
    AdviceDeclined,
    AdviceUnanswered,
    AdvisedMeasure,
    MeasureImplemented,
    MeasureReviewDue,
    MeasuresAdvised,
    MeasuresReviewed,
    MeasuresScaledDown,
    ScaleDownAnnounced,
    StateMeasuresTaken,
)
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.vocabulary import Addressee, Executor, MeasureType, Office, Place, Urgency
from tests.given import given, utc

CASE = "c0ffee"
MONDAY = utc("2016-03-14", "10:00")
TUESDAY = utc("2016-03-15", "09:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ACUTE_TERM, OTHER_TERM, REVIEW_TERM = DAY, 5 * DAY, 30 * DAY

INCIDENT = NoteIncident(CASE, "9901", Office.ALDERMAN)
WEIGHED = NoteFirstWeighing(CASE, True, MONDAY - HOUR)
ASSESSED = NoteAssessment(CASE, True, MONDAY)
GLASS = Measure("m-glass", MeasureType.REINFORCED_GLASS, Place.HOME, True, Addressee.MUNICIPALITY, Urgency.ACUTE)
ALARM = Measure("m-alarm", MeasureType.ALARM, Place.HOME, True, Addressee.MUNICIPALITY, Urgency.ACUTE)
LOCKS = Measure("m-locks", MeasureType.LOCKS, Place.HOME, False, Addressee.PERSON, Urgency.OTHER)
ANSWER = AnswerTerms(ACUTE_TERM, OTHER_TERM)
ADVICE_GIVEN = AdviseMeasures((GLASS, LOCKS), MONDAY, ANSWER, REVIEW_TERM)
GLASS_DONE = ReportImplemented("m-glass", "9901", TUESDAY)
ANNOUNCED = AnnounceScaleDown(TUESDAY, MONDAY, notice=HOUR)
SCALED_DOWN = ScaleDown("De dreiging is voorbij.", TUESDAY)
ALL_ENDED = (ANNOUNCED, SCALED_DOWN)
CAMERA = StateMeasure("s-camera", MeasureType.CAMERA, Place.HOME, Executor.POLICE, "Te ernstig.", TUESDAY, TUESDAY)
GUARD = replace(CAMERA, id="s-guard", type=MeasureType.PERSONAL_PROTECTION, lighter="Een camera stopt dit niet.")
MAY = (MeasureType.CAMERA, MeasureType.PERSONAL_PROTECTION)
TAKEN = TakeStateMeasures((CAMERA,), False, TUESDAY, MAY, MAY[1:], REVIEW_TERM, confirm_within=DAY)
AT_ONCE = replace(TAKEN, acute=True)
LINKED = NoteLink(CASE, "cafe01", TUESDAY, review_within=4 * HOUR)


def as_advised(measure, at=MONDAY):
    """The line as it is kept."""
    if measure.addressee is Addressee.PERSON:
        return replace(measure, advised_at=at)
    term = ACUTE_TERM if measure.urgency is Urgency.ACUTE else OTHER_TERM
    return replace(measure, advised_at=at, answer_before=at + term)


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
    given(decide).when(WEIGHED).then().leaves(qualified=(MONDAY - HOUR,))


@pytest.mark.parametrize(
    "past", [(INCIDENT,), (INCIDENT, ADVICE_GIVEN), (INCIDENT, ADVICE_GIVEN, GLASS_DONE, *ALL_ENDED)]
)
def test_facts_are_accepted_in_every_state_and_repeating_them_changes_nothing(past):
    """S-SBB-13."""
    before = given(decide, *past)
    assert before.when(ASSESSED).then().state.measures_needed is True
    given(decide, *past, ASSESSED).when(ASSESSED).then_nothing()
    given(decide, *past).when(INCIDENT).then_nothing()


def test_police_advise_person_and_municipality_in_one_go():
    """S-SBB-06, R-SBB-07, R-SBB-10."""
    outcome = given(decide, INCIDENT, ASSESSED).when(ADVICE_GIVEN).then(advised(GLASS, LOCKS))
    outcome.leaves(lines=(as_advised(GLASS), as_advised(LOCKS)), advised_at=MONDAY)
    assert deadlines(outcome.state) == (
        Deadline(ADVICE, utc("2016-03-15", "10:00")),
        Deadline(REVIEW, utc("2016-04-13", "10:00")),
    )


@pytest.mark.parametrize("past", [(INCIDENT,), (INCIDENT, NoteAssessment(CASE, False, MONDAY))])
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
    lines = (as_advised(GLASS), as_advised(LOCKS), as_advised(ALARM, TUESDAY))
    outcome.leaves(lines=lines, advised_at=TUESDAY)


def test_later_advice_does_not_give_the_municipality_more_time_for_earlier_urgent_advice():
    """S-SBB-07: an urgent term keeps running when something less urgent is advised too."""
    more = AdviseMeasures((replace(ALARM, urgency=Urgency.OTHER),), MONDAY + HOUR, ANSWER, REVIEW_TERM)
    state = given(decide, INCIDENT, ADVICE_GIVEN, more).state
    assert Deadline(ADVICE, MONDAY + ACUTE_TERM) in deadlines(state)


def test_later_urgent_advice_pulls_the_term_forward():
    """S-SBB-07."""
    calm = AdviseMeasures((replace(GLASS, urgency=Urgency.OTHER),), MONDAY, ANSWER, REVIEW_TERM)
    urgent = AdviseMeasures((ALARM,), MONDAY + HOUR, ANSWER, REVIEW_TERM)
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
    done = replace(as_advised(GLASS), state=MeasureState.IMPLEMENTED, implemented_at=TUESDAY)
    outcome.leaves(lines=(done, as_advised(LOCKS)))
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


@pytest.mark.parametrize("before", [(GLASS_DONE,), ALL_ENDED])
@pytest.mark.parametrize(
    "act", [GLASS_DONE, Accept("m-glass", "9901", TUESDAY), Decline("m-glass", "9901", "", TUESDAY)]
)
def test_a_measure_is_carried_out_once(before, act):
    given(decide, INCIDENT, ADVICE_GIVEN, *before).when(act).refused("al uitgevoerd of beëindigd")


def test_silence_on_urgent_advice_is_told_once_and_the_measure_stays():
    """S-SBB-07."""
    due = MONDAY + ACUTE_TERM
    outcome = given(decide, INCIDENT, ADVICE_GIVEN).when(DeadlinePassed(ADVICE, due, due + HOUR))
    outcome.then(AdviceUnanswered(case=CASE, due_at=due)).leaves(not_followed_up_since=due)
    assert [one.state for one in outcome.state.lines] == ["advised", "advised"]
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
    assert given(decide, *past[:-1]).when(GLASS_DONE).state.unanswered
    outcome = given(decide, *past).when(replace(GLASS_DONE, measure="m-alarm")).leaves(not_followed_up_since=None)
    assert not outcome.state.unanswered


def test_advice_that_ended_is_no_longer_unanswered():
    """S-SBB-07: nobody waits for it, and later advice starts clean."""
    unanswered = DeadlinePassed(ADVICE, MONDAY + ACUTE_TERM, TUESDAY)
    given(decide, INCIDENT, ADVICE_GIVEN, unanswered, ANNOUNCED).when(SCALED_DOWN).leaves(not_followed_up_since=None)


def test_more_advice_does_not_hide_that_earlier_advice_is_unanswered():
    """S-SBB-07."""
    unanswered = DeadlinePassed(ADVICE, MONDAY + ACUTE_TERM, TUESDAY)
    more = replace(ADVICE_GIVEN, lines=(ALARM,), at=TUESDAY)
    given(decide, INCIDENT, ADVICE_GIVEN, unanswered).when(more).leaves(not_followed_up_since=MONDAY + ACUTE_TERM)


def test_a_passed_review_date_reminds_and_ends_no_measure():
    """Timer of SBB: "remind; measure stays"."""
    due = MONDAY + REVIEW_TERM
    known = given(decide, INCIDENT, ADVICE_GIVEN, GLASS_DONE)
    outcome = known.when(DeadlinePassed(REVIEW, due, due + HOUR)).then(MeasureReviewDue(case=CASE, due_at=due))
    outcome.leaves(review_due=True, lines=known.state.lines, scaled_down_at=None)
    assert deadlines(outcome.state) == (Deadline(REVIEW, due + HOUR + REVIEW_TERM),)


def test_a_review_that_nobody_does_is_asked_for_again_each_period():
    """Timer of SBB: it never lapses by itself."""
    due = MONDAY + REVIEW_TERM
    past = (INCIDENT, ADVICE_GIVEN, DeadlinePassed(REVIEW, due, due))
    again = DeadlinePassed(REVIEW, due + REVIEW_TERM, due + REVIEW_TERM)
    outcome = given(decide, *past).when(again).then(MeasureReviewDue(case=CASE, due_at=due + REVIEW_TERM))
    outcome.leaves(review_due_since=due, review_at=due + 2 * REVIEW_TERM)


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
    outcome = given(decide, INCIDENT, ADVICE_GIVEN, GLASS_DONE, ANNOUNCED).when(SCALED_DOWN)
    outcome.then(MeasuresScaledDown(case=CASE, scaled_down_at=TUESDAY, municipality="9901"))
    ended = (Ended(TUESDAY, "De dreiging is voorbij.", ("m-glass", "m-locks")),)
    outcome.leaves(scaled_down_at=TUESDAY, ended=ended)
    assert {one.state for one in outcome.state.lines} == {MeasureState.SCALED_DOWN}
    assert outcome.state.lines[0].implemented_at == TUESDAY
    assert deadlines(outcome.state) == ()
    assert "voorbij" not in str(outcome.events)


@pytest.mark.parametrize("command", [ReviewMeasures(TUESDAY, REVIEW_TERM), ANNOUNCED, SCALED_DOWN])
@pytest.mark.parametrize("past", [(INCIDENT,), (INCIDENT, ADVICE_GIVEN, *ALL_ENDED)])
def test_without_running_measures_there_is_nothing_to_review_or_end(past, command):
    given(decide, *past).when(command).refused("Er lopen geen maatregelen")


def test_measures_can_be_advised_again_after_they_ended():
    """State machine of SBB: `Heropend`."""
    again = replace(ADVICE_GIVEN, lines=(ALARM,), at=TUESDAY + DAY)
    past = (INCIDENT, ADVICE_GIVEN, *ALL_ENDED)
    outcome = given(decide, *past).when(again).then(advised(ALARM, at=TUESDAY + DAY))
    outcome.leaves(scaled_down_at=None)
    assert len(outcome.state.ended) == 1
    assert [one.state for one in outcome.state.lines] == ["scaled-down", "scaled-down", "advised"]
    assert deadlines(outcome.state) == (
        Deadline(ADVICE, TUESDAY + DAY + ACUTE_TERM),
        Deadline(REVIEW, TUESDAY + DAY + REVIEW_TERM),
    )
    assert not is_closed(given(decide, *past).state)


def test_each_end_keeps_its_moment_and_its_reason():
    """INV-11: new advice erases no earlier reason."""
    again = replace(ADVICE_GIVEN, lines=(ALARM,), at=TUESDAY + DAY)
    told = AnnounceScaleDown(TUESDAY + 2 * DAY, TUESDAY + DAY, notice=HOUR)
    ended_again = ScaleDown("Verhuisd.", TUESDAY + 2 * DAY)
    outcome = given(decide, INCIDENT, ADVICE_GIVEN, *ALL_ENDED, again, told).when(ended_again)
    assert [(one.at, one.reason) for one in outcome.state.ended] == [
        (TUESDAY, "De dreiging is voorbij."), (TUESDAY + 2 * DAY, "Verhuisd."),
    ]  # fmt: skip
    outcome.leaves(scaled_down_at=TUESDAY + 2 * DAY)


def test_a_deadline_that_no_longer_holds_changes_nothing():
    advice = DeadlinePassed(ADVICE, MONDAY + ACUTE_TERM, TUESDAY + DAY)
    given(decide, INCIDENT, ADVICE_GIVEN, GLASS_DONE).when(advice).then_nothing()
    given(decide, INCIDENT, ADVICE_GIVEN, *ALL_ENDED).when(advice).then_nothing()
    given(decide, INCIDENT, ADVICE_GIVEN).when(replace(advice, due=MONDAY)).then_nothing()
    given(decide, INCIDENT, ADVICE_GIVEN).when(replace(advice, name="unknown")).then_nothing()


def test_the_executor_of_a_measure_travels_with_it():
    """R-SBB-02."""
    by_police = replace(GLASS, executor=Executor.POLICE)
    (event,) = given(decide, INCIDENT).when(replace(ADVICE_GIVEN, lines=(by_police,))).events
    assert event.lines[0].executor is Executor.POLICE


def test_each_line_has_a_term_of_its_own():
    """S-SBB-07: silence on the urgent line is told at its term, on the other one at its own."""
    calm = replace(ALARM, urgency=Urgency.OTHER)
    both = replace(ADVICE_GIVEN, lines=(GLASS, calm))
    first = DeadlinePassed(ADVICE, MONDAY + ACUTE_TERM, TUESDAY + DAY)
    outcome = given(decide, INCIDENT, both).when(first)
    assert [one.id for one in outcome.state.unanswered] == ["m-glass"]
    assert Deadline(ADVICE, MONDAY + OTHER_TERM) in deadlines(outcome.state)
    second = DeadlinePassed(ADVICE, MONDAY + OTHER_TERM, MONDAY + OTHER_TERM)
    outcome = given(decide, INCIDENT, both, first).when(second)
    outcome.then(AdviceUnanswered(case=CASE, due_at=MONDAY + OTHER_TERM)).leaves(
        not_followed_up_since=MONDAY + ACUTE_TERM
    )


def test_a_municipality_that_says_yes_has_answered():
    outcome = given(decide, INCIDENT, ADVICE_GIVEN).when(Accept("m-glass", "9901", TUESDAY))
    outcome.then(AdviceAccepted(case=CASE, measure="m-glass", accepted_at=TUESDAY))
    assert outcome.state.lines[0].state is MeasureState.ACCEPTED
    assert deadlines(outcome.state) == (Deadline(REVIEW, MONDAY + REVIEW_TERM),)


def test_a_municipality_that_says_no_has_not_followed_the_advice_and_its_reason_stays():
    """S-SBB-07."""
    no = Decline("m-glass", "9901", "Het glas past niet.", TUESDAY)
    outcome = given(decide, INCIDENT, ADVICE_GIVEN).when(no)
    outcome.then(AdviceDeclined(case=CASE, measure="m-glass", declined_at=TUESDAY))
    outcome.leaves(not_followed_up_since=TUESDAY)
    assert Deadline(ADVICE, MONDAY + ACUTE_TERM) not in deadlines(outcome.state)
    assert "past niet" not in str(outcome.events)
    yes = given(decide, INCIDENT, ADVICE_GIVEN, no).when(Accept("m-glass", "9901", TUESDAY + HOUR))
    yes.leaves(not_followed_up_since=None)
    assert yes.state.lines[0].decline_reason == "Het glas past niet."
    assert given(decide, INCIDENT, ADVICE_GIVEN, no).when(GLASS_DONE).events


@pytest.mark.parametrize("answer", [Accept("m-glass", "9901", TUESDAY), Decline("m-glass", "9901", "Nee.", TUESDAY)])
def test_the_same_answer_is_given_once(answer):
    given(decide, INCIDENT, ADVICE_GIVEN, answer).when(answer).refused("staat er al")


def test_the_person_answers_for_own_lines_only_and_nobody_hurries_the_person():
    """R-SBB-05: own safety is first one's own; the advice is advice."""
    known = given(decide, INCIDENT, ADVICE_GIVEN)
    known.when(Accept("m-locks", None, TUESDAY)).then(AdviceAccepted(case=CASE, measure="m-locks", accepted_at=TUESDAY))
    known.when(Decline("m-locks", None, "", TUESDAY)).then(
        AdviceDeclined(case=CASE, measure="m-locks", declined_at=TUESDAY)
    )
    known.when(ReportImplemented("m-locks", None, TUESDAY)).then(
        MeasureImplemented(case=CASE, measure="m-locks", implemented_at=TUESDAY)
    )
    known.when(Accept("m-glass", None, TUESDAY)).refused("niet aan u geadviseerd")
    assert known.state.lines[1].answer_before is None


def test_the_state_takes_measures_after_weighing_and_decision():
    """INV-3, R-SBB-08; on the restricted topic, and never to funding."""
    outcome = given(decide, INCIDENT, WEIGHED, ASSESSED).when(TAKEN)
    outcome.then(StateMeasuresTaken(case=CASE, taken_at=TUESDAY, confirmed=True))
    assert deadlines(outcome.state) == (Deadline(REVIEW, TUESDAY + REVIEW_TERM),)
    assert outcome.state.taken[0].confirmed


@pytest.mark.parametrize(
    "past",
    [
        (),
        (ASSESSED,),
        (WEIGHED,),
        (WEIGHED, NoteAssessment(CASE, False, MONDAY)),
        (replace(WEIGHED, qualifies=False), ASSESSED),
        (WEIGHED, replace(ASSESSED, decided_at=TUESDAY + HOUR)),
        (replace(WEIGHED, decided_at=MONDAY + HOUR), ASSESSED),
    ],
    ids=["nothing", "no weighing", "no decision", "not needed", "does not qualify", "decided later", "weighed later"],
)
def test_without_them_in_that_order_the_state_takes_none_but_in_acute_danger(past):
    """INV-3, by decision time; acute action is recorded first."""
    known = given(decide, INCIDENT, *past)
    known.when(TAKEN).refused("Was het acuut")
    outcome = known.when(AT_ONCE).then(StateMeasuresTaken(case=CASE, taken_at=TUESDAY, confirmed=False))
    assert Deadline(CONFIRMATION, TUESDAY + DAY) in deadlines(outcome.state)
    assert not outcome.state.taken[0].confirmed


def test_acute_action_is_confirmed_when_weighing_and_decision_are_there():
    """INV-3, S-SBB-15."""
    confirm = ConfirmStateMeasures("hovj-2", TUESDAY + HOUR)
    given(decide, INCIDENT, AT_ONCE).when(confirm).refused("Leg eerst")
    outcome = given(decide, INCIDENT, AT_ONCE, WEIGHED, ASSESSED).when(confirm)
    outcome.then(StateMeasuresTaken(case=CASE, taken_at=TUESDAY, confirmed=True))
    assert outcome.state.taken[0].confirmed_by == "hovj-2"
    assert CONFIRMATION not in {due.name for due in deadlines(outcome.state)}
    given(decide, INCIDENT, WEIGHED, ASSESSED, TAKEN).when(confirm).refused("geen maatregel die op bevestiging wacht")


def test_a_missing_confirmation_is_marked_once_and_the_measure_stays():
    passed = DeadlinePassed(CONFIRMATION, TUESDAY + DAY, TUESDAY + DAY)
    outcome = given(decide, INCIDENT, AT_ONCE).when(passed).then()
    (one,) = outcome.state.taken
    assert (one.confirmation_overdue, one.running) == (True, True)
    assert deadlines(outcome.state) == (Deadline(REVIEW, TUESDAY + REVIEW_TERM),)


def test_the_last_resort_asks_why_lighter_means_do_not_suffice():
    """R-SBB-09."""
    known = given(decide, INCIDENT, WEIGHED, ASSESSED)
    known.when(replace(TAKEN, measures=(replace(GUARD, lighter=""),))).refused("uiterste middel")
    assert known.when(replace(TAKEN, measures=(GUARD,))).events
    known.when(replace(TAKEN, measures=(replace(CAMERA, type=MeasureType.LOCKS),))).refused("neemt de overheid niet")
    known.when(replace(TAKEN, measures=(replace(CAMERA, taken_at=TUESDAY + HOUR),))).refused("toekomst")


def test_what_the_state_took_is_reviewed_and_ends_as_the_rest_does():
    told = AnnounceScaleDown(TUESDAY + DAY, TUESDAY, notice=HOUR)
    end = ScaleDown("Voorbij.", TUESDAY + DAY)
    outcome = given(decide, INCIDENT, WEIGHED, ASSESSED, TAKEN, told).when(end)
    outcome.then(MeasuresScaledDown(case=CASE, scaled_down_at=TUESDAY + DAY))  # nothing for the municipality to hear
    assert outcome.state.taken[0].ended_at == TUESDAY + DAY


def test_the_person_hears_of_the_end_in_advance():
    """S-SBB-14."""
    known = given(decide, INCIDENT, ADVICE_GIVEN)
    known.when(SCALED_DOWN).refused("Kondig het einde eerst aan")
    known.when(replace(ANNOUNCED, notice=7 * DAY)).refused("ten minste 7 dagen")
    known.when(replace(ANNOUNCED, notice=DAY)).refused("ten minste een dag")
    known.when(ANNOUNCED).then(ScaleDownAnnounced(case=CASE, announced_at=MONDAY, ends_at=TUESDAY))
    given(decide, INCIDENT, ADVICE_GIVEN, ANNOUNCED).when(replace(SCALED_DOWN, at=TUESDAY - HOUR)).refused("nog tot")


def test_a_review_that_keeps_the_measures_takes_the_announcement_back():
    kept = ReviewMeasures(MONDAY + HOUR, REVIEW_TERM)
    given(decide, INCIDENT, ADVICE_GIVEN, ANNOUNCED, kept).when(SCALED_DOWN).refused("Kondig het einde eerst aan")


def test_one_measure_may_end_while_others_stay_and_then_the_municipality_hears_no_end():
    """S-SBB-14: care is offered again also then."""
    told = replace(ANNOUNCED, measures=("m-locks",))
    known = given(decide, INCIDENT, ADVICE_GIVEN, told)
    known.when(SCALED_DOWN).refused("Kondig het einde eerst aan")
    outcome = known.when(replace(SCALED_DOWN, measures=("m-locks",)))
    outcome.then(MeasuresScaledDown(case=CASE, scaled_down_at=TUESDAY)).leaves(scaled_down_at=None)
    assert [one.state for one in outcome.state.lines] == ["advised", "scaled-down"]
    assert REVIEW in {due.name for due in deadlines(outcome.state)}
    known.when(replace(ANNOUNCED, measures=("m-unknown",))).refused("loopt niet")


def test_measures_advised_after_the_announcement_do_not_end_with_it():
    more = replace(ADVICE_GIVEN, lines=(ALARM,), at=MONDAY + HOUR)
    given(decide, INCIDENT, ADVICE_GIVEN, ANNOUNCED, more).when(SCALED_DOWN).refused("Kondig het einde eerst aan")


def test_a_new_incident_pulls_the_review_of_running_measures_forward():
    """S-SBB-11."""
    outcome = given(decide, INCIDENT, ADVICE_GIVEN, GLASS_DONE).when(LINKED).then()
    assert deadlines(outcome.state) == (Deadline(REVIEW, TUESDAY + 4 * HOUR),)
    due = DeadlinePassed(REVIEW, TUESDAY + 4 * HOUR, TUESDAY + 4 * HOUR)
    after = given(decide, INCIDENT, ADVICE_GIVEN, GLASS_DONE, LINKED).when(due)
    after.then(MeasureReviewDue(case=CASE, due_at=TUESDAY + 4 * HOUR)).leaves(review_due=True)
    assert deadlines(after.state) == (Deadline(REVIEW, TUESDAY + 4 * HOUR + REVIEW_TERM),)


def test_the_review_after_a_new_incident_sets_the_usual_date_again():
    looked = ReviewMeasures(TUESDAY + HOUR, REVIEW_TERM)
    state = given(decide, INCIDENT, ADVICE_GIVEN, LINKED, looked).state
    assert Deadline(REVIEW, TUESDAY + HOUR + REVIEW_TERM) in deadlines(state)
    given(decide, INCIDENT, ADVICE_GIVEN, LINKED, looked).when(LINKED).then_nothing()


def test_a_new_incident_that_arrives_late_was_not_seen_by_the_last_review():
    """S-SBB-11: better one look too many."""
    looked = ReviewMeasures(TUESDAY + HOUR, REVIEW_TERM)
    outcome = given(decide, INCIDENT, ADVICE_GIVEN, looked).when(LINKED)
    assert Deadline(REVIEW, TUESDAY + 4 * HOUR) in deadlines(outcome.state)


def test_a_new_incident_without_running_measures_is_kept_and_pulls_nothing():
    for past in ((), (INCIDENT,), (INCIDENT, ADVICE_GIVEN, *ALL_ENDED)):
        state = given(decide, *past).when(LINKED).then().state
        assert (deadlines(state), [one.case for one in state.links]) == ((), ["cafe01"])
    known_before = given(decide, LINKED, INCIDENT, ADVICE_GIVEN).state
    assert Deadline(REVIEW, MONDAY + REVIEW_TERM) in deadlines(known_before)


@pytest.mark.parametrize("act", [ADVICE_GIVEN, TAKEN, ReviewMeasures(TUESDAY, REVIEW_TERM), ANNOUNCED, SCALED_DOWN])
@pytest.mark.parametrize("past", [(), (ASSESSED,), (LINKED,)])
def test_nobody_acts_before_the_incident_is_known(past, act):
    given(decide, *past).when(act).refused("nog niet bekend")
