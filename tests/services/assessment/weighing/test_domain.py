"""Weighing: RCCB first, then the HOvJ. People decide; the software times and records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.assessment.weighing.commands import (
    ChooseAuthority,
    ConcludeFirstWeighing,
    ConfirmDecision,
    DecideOnMeasures,
    NoteAangifte,
    NoteLink,
    NoteMutatie,
    NoteWithdrawn,
    OpenWeighing,
    Oral,
    OrderInterpretation,
    RecordThreatProduct,
    Reopen,
)
from services.assessment.weighing.domain import ANALYSIS, CONFIRMATION, FIRST_WEIGHING, deadlines, decide, is_closed
from services.assessment.weighing.record import FirstWeighing, Mark, Marks, Reopening, Ruling
from shared.contracts.assessment import (
    AuthorityChosen,
    CloserInterpretationOrdered,
    DecisionConfirmed,
    FirstWeighingConcluded,
    FirstWeighingOverdue,
    ThreatAssessed,
    ThreatProductRecorded,
    WeighingOpened,
    WeighingReopened,
)
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.vocabulary import (
    Authority,
    IncidentKind,
    LevelClass,
    Office,
    ReopenReason,
    TargetType,
    ThreatProduct,
    Urgency,
)
from tests.given import given, utc

CASE = "c0ffee"
NIGHT = utc("2016-03-13", "23:10")
LATER = utc("2016-03-13", "23:40")
MORNING = utc("2016-03-14", "08:30")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

OPEN = OpenWeighing(
    CASE, Office.MAYOR, IncidentKind.THREAT, Urgency.ACUTE, NIGHT, weigh_within=HOUR, municipality="9901"
)
AANGIFTE = NoteAangifte(CASE, date(2016, 3, 14))
QUALIFIES = ConcludeFirstWeighing(True, TargetType.PERSON, "Concreet en dichtbij.", "rccb-7", LATER, LATER)
DOES_NOT = replace(QUALIFIES, qualifies=False)
DECISION = DecideOnMeasures(True, LevelClass.HIGH, "Advies is nodig.", "hovj-2", LATER + MINUTE, MORNING)
WRITTEN_DOWN = replace(DECISION, oral=Oral(Authority.HOVJ, "rccb-7", confirm_within=24 * HOUR))
CONFIRMED = ConfirmDecision("hovj-2", as_hovj=True, at=MORNING + HOUR)
OBJECT = replace(QUALIFIES, target=TargetType.OBJECT)
EVERYBODY = tuple(Authority)
DEPUTY = ChooseAuthority(Authority.DEPUTY_MAYOR, "Het gaat om de openbare orde.", "rccb-7", LATER, EVERYBODY)
ORDERED = OrderInterpretation("Wie zit hierachter?", "hovj-2", LATER + MINUTE, within=24 * HOUR)
TODAY = date(2016, 3, 14)
PRODUCT = RecordThreatProduct(ThreatProduct.THREAT_ANALYSIS, "DA-9", TODAY, "rccb-7", MORNING, TODAY)
AGAIN = Reopen(ReopenReason.NEW_INFORMATION, "De weging klopte niet.", "rccb-7", MORNING + HOUR, HOUR)


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
    assert (outcome.state.first_weighing, outcome.state.ruling) == (weighing, None)
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
    assert outcome.state.ruling == Ruling(True, LevelClass.HIGH, "Advies is nodig.", "hovj-2", LATER + MINUTE, MORNING)
    assert outcome.state.ruling.confirmed


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
    assert (state.ruling.decided_at, state.ruling.recorded_at) == (NIGHT + 2 * MINUTE, MORNING + MINUTE)


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


@pytest.mark.parametrize("past", [(OPEN,), (OPEN, DOES_NOT)])
def test_the_hovj_decides_only_after_a_weighing_that_qualifies(past):
    """R-SBB-03, R-SBB-04, INV-3."""
    given(decide, *past).when(DECISION).refused("eerste weging die in aanmerking komt")


@pytest.mark.parametrize("target", [TargetType.OBJECT, TargetType.SERVICE])
def test_for_an_object_or_service_a_person_first_notes_the_authority(target):
    """S-SBB-16, R-ACT-09, Q-17."""
    given(decide, OPEN, replace(QUALIFIES, target=target)).when(DECISION).refused("wie bevoegd is")


@pytest.mark.parametrize("past", [(), (AANGIFTE,)])
@pytest.mark.parametrize("act", [DECISION, DEPUTY, ORDERED, PRODUCT, CONFIRMED, AGAIN])
def test_nobody_acts_on_a_case_that_was_not_received(past, act):
    given(decide, *past).when(act).refused("nog niet ontvangen")


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
    outcome.then(FirstWeighingOverdue(case=CASE, due_at=due)).leaves(first_weighing=None)
    assert outcome.state.round.overdue
    assert deadlines(outcome.state) == ()
    assert not is_closed(outcome.state)


def test_a_late_first_weighing_can_still_be_concluded():
    overdue = DeadlinePassed(FIRST_WEIGHING, NIGHT + HOUR, MORNING)
    outcome = given(decide, OPEN, overdue).when(replace(QUALIFIES, at=MORNING))
    outcome.then(FirstWeighingConcluded(case=CASE, qualifies=True, target=TargetType.PERSON, decided_at=LATER))
    assert outcome.state.round.overdue


def test_a_deadline_that_no_longer_holds_changes_nothing():
    passed = DeadlinePassed(FIRST_WEIGHING, NIGHT + HOUR, MORNING)
    given(decide, OPEN, QUALIFIES).when(passed).then_nothing()
    given(decide, OPEN).when(replace(passed, due=NIGHT)).then_nothing()
    given(decide, OPEN).when(replace(passed, name="unknown")).then_nothing()


def test_a_weighing_never_closes_by_itself():
    """S-SBB-03: a new report can always reopen it."""
    assert not is_closed(given(decide, OPEN, DOES_NOT).state)


def test_threat_and_risk_stand_apart_with_marks_and_the_rule_that_applied():
    """R-SBB-02, R-SBB-15, R-SBB-16."""
    marks = Marks(Mark.HIGH, Mark.MEDIUM, Mark.LOW)
    full = replace(QUALIFIES, threat="Brief.", risk="Geen hek.", marks=marks, rule_version="Circulaire 2015")
    first = given(decide, OPEN, full).state.first_weighing
    assert (first.threat, first.risk, first.marks, first.rule_version) == (
        "Brief.",
        "Geen hek.",
        marks,
        "Circulaire 2015",
    )
    assert given(decide, OPEN, replace(full)).state.ruling is None, "a mark is no level"


def test_what_intake_tells_is_kept_in_any_state_and_says_nothing_on():
    """R-MEL-09, R-MEL-10."""
    day = date(2016, 3, 15)
    facts = (NoteMutatie(CASE, day), NoteMutatie(CASE, TODAY), NoteWithdrawn(CASE, MORNING), NoteLink(CASE, "cafe01"))
    for past in ((), (OPEN,), (OPEN, QUALIFIES, DECISION)):
        for fact in facts:
            given(decide, *past).when(fact).then()
            given(decide, *past, *facts).when(fact).then_nothing()
        given(decide, *past, *facts).when(NoteLink(CASE, "beef01")).leaves(
            mutaties=(TODAY, day), withdrawn_at=MORNING, linked=("beef01", "cafe01")
        )


def test_a_withdrawn_report_is_still_weighed():
    """INV-2: every report ends assessed; what the police recorded stays."""
    outcome = given(decide, OPEN, NoteWithdrawn(CASE, LATER)).when(DOES_NOT)
    assert outcome.events


def test_a_case_is_weighed_anew_and_what_was_concluded_stays():
    """S-SBB-03, INV-11."""
    outcome = given(decide, OPEN, DOES_NOT).when(AGAIN)
    outcome.then(WeighingReopened(case=CASE, reason=ReopenReason.NEW_INFORMATION, reopened_at=MORNING + HOUR))
    assert deadlines(outcome.state) == (Deadline(FIRST_WEIGHING, MORNING + 2 * HOUR),)
    assert outcome.state.rounds[0].first_weighing.qualifies is False
    assert outcome.state.first_weighing is None
    assert outcome.state.round.reopened == Reopening(ReopenReason.NEW_INFORMATION, "De weging klopte niet.", "rccb-7")
    second = replace(QUALIFIES, decided_at=MORNING + HOUR, at=MORNING + HOUR)
    done = given(decide, OPEN, DOES_NOT, AGAIN).when(second).state
    assert [one.first_weighing.qualifies for one in done.rounds] == [False, True]
    assert "klopte" not in str(outcome.events)


def test_a_decision_of_an_earlier_round_does_not_count_in_a_new_one():
    second = replace(QUALIFIES, decided_at=MORNING + HOUR, at=MORNING + HOUR)
    state = given(decide, OPEN, QUALIFIES, DECISION, AGAIN, second).state
    assert (state.ruling, state.waits_for) == (None, "decision")
    assert state.rounds[0].ruling is not None


def test_what_still_runs_is_not_opened_again():
    given(decide, OPEN).when(AGAIN).refused("loopt nog")
    given(decide, OPEN, DOES_NOT, AGAIN).when(AGAIN).refused("loopt nog")


def test_a_second_round_has_a_clock_of_its_own():
    late = DeadlinePassed(FIRST_WEIGHING, NIGHT + HOUR, NIGHT + HOUR)
    state = given(decide, OPEN, late, DOES_NOT, AGAIN).state
    assert (state.rounds[0].overdue, state.round.overdue) == (True, False)
    second = DeadlinePassed(FIRST_WEIGHING, MORNING + 2 * HOUR, MORNING + 2 * HOUR)
    given(decide, OPEN, late, DOES_NOT, AGAIN).when(second).then(
        FirstWeighingOverdue(case=CASE, due_at=MORNING + 2 * HOUR)
    )


@pytest.mark.parametrize("target", [TargetType.OBJECT, TargetType.SERVICE])
def test_a_person_chooses_who_decides_about_an_object_or_service(target):
    """R-ACT-09, Q-17, S-SBB-16."""
    known = given(decide, OPEN, replace(QUALIFIES, target=target))
    outcome = known.when(DEPUTY)
    outcome.then(AuthorityChosen(case=CASE, authority=Authority.DEPUTY_MAYOR, chosen_at=LATER))
    assert outcome.state.authority is Authority.DEPUTY_MAYOR
    assert "openbare orde" not in str(outcome.events)


def test_the_choice_may_change_until_the_decision_and_every_choice_stays():
    """INV-11."""
    hovj = replace(DEPUTY, authority=Authority.HOVJ)
    state = given(decide, OPEN, OBJECT, DEPUTY, hovj).state
    assert [one.authority for one in state.round.authorities] == ["deputy-mayor", "hovj"]
    given(decide, OPEN, OBJECT, DEPUTY).when(DEPUTY).refused("staat er al")
    given(decide, OPEN, OBJECT, hovj, DECISION).when(DEPUTY).refused("al beslist")


def test_about_a_person_there_is_nothing_to_choose():
    """R-ACT-06."""
    given(decide, OPEN, QUALIFIES).when(DEPUTY).refused("altijd de officier")
    given(decide, OPEN, replace(OBJECT, qualifies=False)).when(DEPUTY).refused("in aanmerking komt")
    assert given(decide, OPEN, QUALIFIES).state.authority is Authority.HOVJ


def test_a_mayor_does_not_decide_about_an_attack_on_himself():
    """S-SBB-09, Q-8, E2E-10: the deputy does."""
    mayor = replace(DEPUTY, authority=Authority.MAYOR)
    given(decide, OPEN, OBJECT).when(mayor).refused("loco-burgemeester")
    given(decide, replace(OPEN, office=Office.ALDERMAN), OBJECT).when(mayor).leaves(authority=Authority.MAYOR)


def test_only_who_may_be_chosen_on_that_day_is_chosen():
    given(decide, OPEN, OBJECT).when(replace(DEPUTY, may=(Authority.HOVJ,))).refused("kan hier niet beslissen")


def test_what_the_deputy_mayor_decides_a_colleague_writes_down():
    """S-SBB-16, INV-10."""
    known = given(decide, OPEN, OBJECT, DEPUTY)
    known.when(DECISION).refused("namens hen")
    known.when(WRITTEN_DOWN).refused("Iemand anders is hier bevoegd")
    oral = replace(WRITTEN_DOWN, oral=Oral(Authority.DEPUTY_MAYOR, "rccb-7", 24 * HOUR))
    known.when(oral).then(
        ThreatAssessed(
            case=CASE, assessed_at=LATER + MINUTE, level=LevelClass.HIGH, measures_needed=True, confirmed=False
        )
    )
    waiting = given(decide, OPEN, OBJECT, DEPUTY, oral)
    waiting.when(ConfirmDecision("rccb-7", as_hovj=False, at=MORNING)).refused("zelf vast")
    waiting.when(ConfirmDecision("rccb-8", as_hovj=False, at=MORNING)).then(
        DecisionConfirmed(case=CASE, confirmed_at=MORNING)
    )


def test_an_oral_decision_is_written_down_by_a_colleague_and_blocks_nothing():
    """S-SBB-15, INV-10."""
    outcome = given(decide, OPEN, QUALIFIES).when(WRITTEN_DOWN)
    (event,) = outcome.events
    assert event.confirmed is False
    ruling = outcome.state.ruling
    assert (ruling.decided_by, ruling.recorded_by, ruling.confirmed) == ("hovj-2", "rccb-7", False)
    assert outcome.state.waits_for == "confirmation"
    assert deadlines(outcome.state) == (Deadline(CONFIRMATION, MORNING + 24 * HOUR),)


def test_the_hovj_confirms_it_later_and_it_stays_the_same_decision():
    """INV-10."""
    outcome = given(decide, OPEN, QUALIFIES, WRITTEN_DOWN).when(CONFIRMED)
    outcome.then(DecisionConfirmed(case=CASE, confirmed_at=MORNING + HOUR)).leaves(waits_for=None)
    ruling = outcome.state.ruling
    assert (ruling.confirmed, ruling.confirmed_by, ruling.recorded_at) == (True, "hovj-2", MORNING)
    assert deadlines(outcome.state) == ()


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (replace(CONFIRMED, as_hovj=False), "bevestigt de officier zelf"),
        (replace(CONFIRMED, by="rccb-7"), "Laat iemand anders"),
    ],
)
def test_nobody_confirms_for_the_hovj_or_what_they_wrote_down(by, words):
    given(decide, OPEN, QUALIFIES, WRITTEN_DOWN).when(by).refused(words)


@pytest.mark.parametrize("past", [(OPEN,), (OPEN, QUALIFIES, DECISION), (OPEN, QUALIFIES, WRITTEN_DOWN, CONFIRMED)])
def test_only_what_waits_is_confirmed(past):
    given(decide, *past).when(CONFIRMED).refused("geen mondelinge beslissing")


def test_the_hovj_may_decide_anew_over_what_a_colleague_wrote_down():
    """INV-11: it adds; what was written down stays."""
    known = given(decide, OPEN, QUALIFIES, WRITTEN_DOWN)
    known.when(WRITTEN_DOWN).refused("al beslist")
    own = replace(DECISION, measures_needed=False, decided_at=MORNING, at=MORNING + HOUR)
    outcome = known.when(own)
    assert [one.measures_needed for one in outcome.state.round.rulings] == [True, False]
    assert deadlines(outcome.state) == ()


def test_a_missing_confirmation_is_marked_once_and_ends_nothing():
    due = MORNING + 24 * HOUR
    outcome = given(decide, OPEN, QUALIFIES, WRITTEN_DOWN).when(DeadlinePassed(CONFIRMATION, due, due)).then()
    assert outcome.state.ruling.confirmation_overdue
    assert outcome.state.waits_for == "confirmation"
    assert deadlines(outcome.state) == ()


def test_a_confirmation_can_still_come_after_the_case_was_opened_again():
    state = given(decide, OPEN, QUALIFIES, WRITTEN_DOWN, AGAIN).state
    assert Deadline(CONFIRMATION, MORNING + 24 * HOUR) in deadlines(state)
    after = given(decide, OPEN, QUALIFIES, WRITTEN_DOWN, AGAIN).when(CONFIRMED).state
    assert after.rounds[0].ruling.confirmed


def test_the_hovj_orders_a_closer_interpretation():
    """R-SBB-04."""
    outcome = given(decide, OPEN, QUALIFIES).when(ORDERED)
    outcome.then(CloserInterpretationOrdered(case=CASE, ordered_at=LATER + MINUTE))
    assert outcome.state.waits_for == "closer-interpretation"
    assert deadlines(outcome.state) == (Deadline(ANALYSIS, LATER + MINUTE + 24 * HOUR),)
    given(decide, OPEN, QUALIFIES, ORDERED).when(ORDERED).refused("loopt al")
    given(decide, OPEN, DOES_NOT).when(ORDERED).refused("in aanmerking komt")


def test_with_the_analysis_the_decision_is_the_hovj_s_again():
    """S-SBB-05; of the analysis only kind, reference and date are kept, and of those only the kind travels."""
    outcome = given(decide, OPEN, QUALIFIES, ORDERED).when(PRODUCT)
    outcome.then(ThreatProductRecorded(case=CASE, product=ThreatProduct.THREAT_ANALYSIS, recorded_at=MORNING))
    outcome.leaves(waits_for="decision")
    assert deadlines(outcome.state) == ()
    assert [one.reference for one in outcome.state.products] == ["DA-9"]


def test_danger_does_not_wait_for_an_analysis_and_the_analysis_brings_the_decision_back():
    """S-SBB-05, R-SBB-14."""
    state = given(decide, OPEN, QUALIFIES, ORDERED, DECISION).state
    assert (state.ruling.measures_needed, state.waits_for) == (True, "closer-interpretation")
    back = given(decide, OPEN, QUALIFIES, ORDERED, DECISION, PRODUCT)
    assert back.state.waits_for == "decision"
    second = replace(DECISION, level=LevelClass.LOW, decided_at=MORNING, at=MORNING)
    outcome = back.when(second)
    assert [one.level for one in outcome.state.round.rulings] == ["high", "low"]
    assert outcome.state.waits_for is None


def test_an_analysis_comes_after_it_was_asked_for_and_not_from_the_future():
    given(decide, OPEN, QUALIFIES).when(PRODUCT).refused("geen nadere duiding gevraagd")
    given(decide, OPEN, QUALIFIES, ORDERED, PRODUCT).when(PRODUCT).refused("geen nadere duiding gevraagd")
    tomorrow = replace(PRODUCT, dated_on=date(2016, 3, 15))
    given(decide, OPEN, QUALIFIES, ORDERED).when(tomorrow).refused("moet nog komen")


def test_an_analysis_that_stays_away_is_marked_and_can_still_come():
    due = LATER + MINUTE + 24 * HOUR
    passed = DeadlinePassed(ANALYSIS, due, due)
    outcome = given(decide, OPEN, QUALIFIES, ORDERED).when(passed).then()
    assert outcome.state.analysis.overdue
    assert deadlines(outcome.state) == ()
    assert given(decide, OPEN, QUALIFIES, ORDERED, passed).when(PRODUCT).events


def test_a_second_analysis_may_be_asked_for_after_the_first():
    more = replace(ORDERED, at=MORNING + HOUR)
    state = given(decide, OPEN, QUALIFIES, ORDERED, PRODUCT, more).state
    assert len(state.interpretations) == 2
    assert state.waits_for == "closer-interpretation"


def test_of_two_rounds_the_newest_oral_decision_is_confirmed_first():
    """INV-10: each waits for its own confirmation."""
    second = replace(QUALIFIES, decided_at=MORNING + HOUR, at=MORNING + HOUR)
    oral = replace(WRITTEN_DOWN, decided_at=MORNING + HOUR, at=MORNING + 2 * HOUR)
    past = (OPEN, QUALIFIES, WRITTEN_DOWN, AGAIN, second, oral)
    after = given(decide, *past).when(CONFIRMED).state
    assert [one.ruling.confirmed for one in after.rounds] == [False, True]
    assert after.waits_for == "confirmation"
    done = given(decide, *past, CONFIRMED).when(CONFIRMED).state
    assert ([one.ruling.confirmed for one in done.rounds], done.waits_for) == ([True, True], None)
