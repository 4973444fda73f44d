"""The call back within thirty minutes: one number starts the clock, only contact stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.aftercare.callback.domain import (
    ESCALATE,
    MISSED,
    WARN,
    AcceptOffer,
    AddDetails,
    AssignCareWorker,
    CareState,
    CloseAftercare,
    DeclineOffer,
    NoteIncident,
    NoteLinked,
    NoteScaledDown,
    Person,
    PlanSupport,
    RecordAttempt,
    RecordContact,
    RecordObjection,
    ReportProgress,
    RequestCallback,
    Whom,
    deadlines,
    decide,
    is_closed,
)
from services.aftercare.callback.policy import terms_on
from shared.contracts.aftercare import (
    AftercareAccepted,
    AftercareClosed,
    AftercareDeclined,
    AftercareTriggered,
    IvpCallbackAttempted,
    IvpCallbackCorrected,
    IvpCallbackDue,
    IvpCallbackEscalated,
    IvpCallbackMade,
    IvpCallbackMissed,
    ProgressReported,
    SupportPlanned,
)
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.vocabulary import CareProgress, CareReason, Impact, SupportForm
from tests.given import given, utc

CASE = "c0ffee"
SUNDAY = "2016-03-13"
CALLED = utc(SUNDAY, "02:10")
DUE = utc(SUNDAY, "02:40")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

INCIDENT = NoteIncident(CASE, Impact.ACUTE, utc(SUNDAY, "01:55"))
LIMITED = replace(INCIDENT, impact=Impact.LIMITED)
ENDED = NoteScaledDown(CASE, utc("2016-06-13", "09:00"))
LINKED = NoteLinked(CASE, utc(SUNDAY, "01:56"))
TERMS = terms_on(date(2016, 3, 13))
ALDERMAN = Person("A. Voorbeeld", "", "", "0000000000")
MANAGER = Person("M. Voorbeeld", "Raadhuisplein 1", "secretaris", "0000000007")
CALL = RequestCallback(CASE, ALDERMAN, None, Whom.VICTIM, True, CALLED, CALLED, TERMS)
WEB = replace(CALL, by_phone=False)
FOR_ANOTHER = replace(CALL, caller=MANAGER, ring_first=Whom.CALLER)
ACCEPT = AcceptOffer(utc(SUNDAY, "02:05"))
DECLINE = DeclineOffer(utc(SUNDAY, "02:06"))
ATTEMPT = RecordAttempt(utc(SUNDAY, "02:20"))
CONTACT = RecordContact(utc(SUNDAY, "02:31"), utc(SUNDAY, "02:33"))
CLOSE = CloseAftercare(utc("2016-04-01", "10:00"))
LATER = utc(SUNDAY, "03:00")
LATE = RecordContact(utc(SUNDAY, "02:52"), utc(SUNDAY, "02:53"))
IN_TIME_ENTERED_LATE = RecordContact(utc(SUNDAY, "02:31"), LATER)
VICTIM_SPOKEN = RecordContact(utc(SUNDAY, "02:50"), LATER, Whom.VICTIM)
ASSIGN = AssignCareWorker("19012345601", "ivp-5", utc(SUNDAY, "02:15"))
ON_SITE = PlanSupport(SupportForm.ON_SITE, LATER)
OBJECTION = RecordObjection(utc(SUNDAY, "03:10"))
TELL = ReportProgress(CareProgress.CONTACT_MADE, utc(SUNDAY, "03:20"))

WARN_PASSED = DeadlinePassed(WARN, utc(SUNDAY, "02:30"), utc(SUNDAY, "02:30"))
ESCALATE_PASSED = DeadlinePassed(ESCALATE, utc(SUNDAY, "02:35"), utc(SUNDAY, "02:35"))
MISSED_PASSED = DeadlinePassed(MISSED, DUE, DUE)
ALL_PASSED = (WARN_PASSED, ESCALATE_PASSED, MISSED_PASSED)


def calls(at, **other):
    return replace(CALL, called_at=at, at=at, **other)


def accepted(at=CALLED):
    return AftercareAccepted(case=CASE, accepted_at=at)


def due(called_at=CALLED):
    return IvpCallbackDue(case=CASE, called_at=called_at, due_at=called_at + 30 * MINUTE)


def triggered(reason, at, impact=Impact.ACUTE):
    return AftercareTriggered(case=CASE, reason=reason, triggered_at=at, impact=impact)


@pytest.mark.parametrize("impact", [Impact.ACUTE, Impact.FAR_REACHING])
def test_a_far_reaching_or_acute_incident_offers_care_at_once(impact):
    """R-IVP-03, R-IVP-15; of an unknown case, for care waits for nothing (S-IVP-09, INV-1)."""
    outcome = given(decide).when(replace(INCIDENT, impact=impact))
    outcome.then(triggered(CareReason.ACUTE_INCIDENT, INCIDENT.at, impact))
    outcome.leaves(status=CareState.OFFERED, offers=1, offered_at=INCIDENT.at, impact=impact)
    assert deadlines(outcome.state) == ()


def test_a_limited_incident_is_kept_and_offers_nothing_by_itself():
    given(decide).when(LIMITED).then().leaves(status=CareState.KNOWN, impact=Impact.LIMITED, offers=0)


def test_a_second_incident_offers_care_again():
    """S-IVP-10, R-IVP-13: repetition raises, not lowers, the offer."""
    again = replace(INCIDENT, at=INCIDENT.at + DAY)
    outcome = given(decide, INCIDENT).when(again).then(triggered(CareReason.REPEAT, again.at))
    outcome.leaves(offers=2, offered_at=again.at)


def test_the_end_of_measures_offers_care_again():
    """S-SBB-14."""
    outcome = given(decide, INCIDENT).when(ENDED).then(triggered(CareReason.SCALE_DOWN, ENDED.at))
    outcome.leaves(offers=2, status=CareState.OFFERED)


def test_the_end_of_measures_is_accepted_of_an_unknown_case():
    """An event is a fact."""
    outcome = given(decide).when(ENDED).then(triggered(CareReason.SCALE_DOWN, ENDED.at, None))
    outcome.leaves(case=CASE, offers=1)


@pytest.mark.parametrize("fact", [replace(INCIDENT, at=CALLED + DAY), ENDED])
def test_an_offer_after_contact_is_an_offer_again(fact):
    """S-IVP-10, S-SBB-14: somebody who was called may be offered care anew; the contact is kept."""
    known = given(decide, INCIDENT, CALL, CONTACT)
    assert known.state.status is CareState.CALLED
    outcome = known.when(fact).leaves(status=CareState.OFFERED, callback=known.state.callback, offers=2)
    assert deadlines(outcome.state) == ()


def test_after_contact_on_an_offer_care_is_called_until_the_next_offer():
    """S-IVP-10."""
    again = calls(ENDED.at + DAY)
    contact = RecordContact(again.at + MINUTE, again.at + MINUTE)
    given(decide, INCIDENT, CALL, CONTACT, ENDED).when(again).leaves(status=CareState.TO_CALL)
    given(decide, INCIDENT, CALL, CONTACT, ENDED, again).when(contact).leaves(status=CareState.CALLED)


def test_an_offer_while_somebody_waits_for_a_call_does_not_hide_that_he_waits():
    """S-IVP-12, S-IVP-02."""
    given(decide, CALL).when(replace(INCIDENT, at=CALLED + MINUTE)).leaves(status=CareState.TO_CALL)
    given(decide, CALL, *ALL_PASSED).when(replace(INCIDENT, at=DUE + MINUTE)).leaves(status=CareState.MISSED)


def test_a_call_at_ten_past_two_is_due_at_twenty_to_three():
    """S-IVP-01, R-IVP-04: wall clock, on a Sunday night too."""
    outcome = given(decide, INCIDENT).when(CALL)
    outcome.then(accepted(), due()).leaves(status=CareState.TO_CALL)
    assert deadlines(outcome.state) == (
        Deadline(WARN, utc(SUNDAY, "02:30")),
        Deadline(ESCALATE, utc(SUNDAY, "02:35")),
        Deadline(MISSED, DUE),
    )


def test_thirty_minutes_are_thirty_minutes_in_the_night_that_summer_time_starts():
    """R-IVP-04: 27 March 2016, 01:50 in Amsterdam is 00:50 UTC; the hour that is skipped changes nothing."""
    called = utc("2016-03-27", "00:50")
    outcome = given(decide).when(calls(called))
    assert outcome.state.callback.due_at == utc("2016-03-27", "01:20")


def test_one_phone_number_is_enough_before_any_report_arrived():
    """R-IVP-07, R-IVP-03."""
    outcome = given(decide).when(replace(CALL, victim=Person(phone="0000000000")))
    outcome.then(triggered(CareReason.REQUEST, CALLED, None), accepted(), due())
    outcome.leaves(status=CareState.TO_CALL)


def test_the_report_may_arrive_while_the_clock_runs():
    """S-IVP-12: still one call back."""
    known = given(decide, CALL)
    outcome = known.when(INCIDENT).then(triggered(CareReason.ACUTE_INCIDENT, INCIDENT.at))
    outcome.leaves(callback=known.state.callback, status=CareState.TO_CALL)


def test_a_second_call_while_the_clock_runs_is_the_same_call_back():
    """S-IVP-12: known and repeated, and the first call keeps its due time."""
    given(decide, CALL).when(calls(CALLED + MINUTE)).then_nothing()
    given(decide, CALL, *ALL_PASSED).when(calls(DUE + MINUTE)).then_nothing()


def test_another_number_while_the_clock_runs_replaces_the_first_and_the_first_is_kept():
    """S-IVP-12: somebody calls again from another phone; the clock goes on and nobody is told twice."""
    known = given(decide, INCIDENT, CALL, WARN_PASSED)
    outcome = known.when(calls(CALLED + 21 * MINUTE, victim=Person(phone="0000000009"))).then()
    outcome.leaves(phone="0000000009", earlier_phones=("0000000000",), victim=replace(ALDERMAN, phone="0000000009"))
    outcome.leaves(callback=known.state.callback, status=CareState.TO_CALL)


def test_every_earlier_number_is_kept_in_order_also_after_a_miss():
    """S-IVP-12, INV-11."""
    second = calls(CALLED, victim=Person(phone="0000000009"))
    third = calls(DUE + MINUTE, victim=Person(phone="0000000008"))
    outcome = given(decide, CALL, second, *ALL_PASSED).when(third).then().leaves(status=CareState.MISSED)
    outcome.leaves(phone="0000000008", earlier_phones=("0000000000", "0000000009"))
    assert outcome.state.callback.missed_at == DUE


def test_name_address_and_function_follow_when_they_are_known():
    """R-IVP-07: the clock started with one number."""
    known = given(decide, replace(CALL, victim=Person(phone="0000000000")))
    details = AddDetails(Person("A. Voorbeeld", "Voorbeeldstraat 1", "wethouder"), None, None)
    outcome = known.when(details).then()
    outcome.leaves(victim=Person("A. Voorbeeld", "Voorbeeldstraat 1", "wethouder", "0000000000"))
    outcome.leaves(callback=known.state.callback, earlier_phones=())


def test_without_any_number_nobody_can_be_called_back():
    given(decide).when(replace(CALL, victim=Person("A. Voorbeeld"))).refused("één telefoonnummer")
    known = given(decide, CALL, CONTACT)
    known.when(calls(LATER, victim=Person())).leaves(status=CareState.TO_CALL, phone="0000000000")


def test_details_of_a_case_that_nobody_knows_are_refused():
    given(decide).when(AddDetails(ALDERMAN, None, None)).refused("nog niet bekend")


def test_a_manager_calls_for_an_alderman_and_is_rung_first():
    """S-IVP-05, R-IVP-08, E2E-3."""
    outcome = given(decide).when(FOR_ANOTHER)
    outcome.leaves(victim=ALDERMAN, caller=MANAGER, phone=MANAGER.phone, status=CareState.TO_CALL)
    given(decide).when(replace(FOR_ANOTHER, ring_first=Whom.VICTIM)).leaves(phone=ALDERMAN.phone)
    given(decide, FOR_ANOTHER).when(AddDetails(Person(), None, Whom.VICTIM)).leaves(phone=ALDERMAN.phone)
    one_number = replace(FOR_ANOTHER, victim=Person())
    given(decide).when(replace(one_number, ring_first=Whom.VICTIM)).leaves(phone=MANAGER.phone)


def test_nobody_is_rung_as_a_caller_who_is_not_there():
    given(decide).when(replace(CALL, ring_first=Whom.CALLER)).refused("belde niemand anders")
    given(decide, CALL).when(AddDetails(Person(), None, Whom.CALLER)).refused("belde niemand anders")
    given(decide, CALL).when(replace(CONTACT, made_with=Whom.CALLER)).refused("belde niemand anders")


def test_what_the_caller_tells_later_is_added_and_another_caller_replaces_the_first_who_is_kept():
    """INV-11."""
    known = given(decide, replace(FOR_ANOTHER, caller=Person(phone=MANAGER.phone)))
    known.when(AddDetails(Person(), replace(MANAGER, phone=""), None)).leaves(caller=MANAGER, earlier_callers=())
    moved = AddDetails(Person(), Person(phone="0000000005"), None)
    outcome = given(decide, FOR_ANOTHER).when(moved)
    outcome.leaves(caller=replace(MANAGER, phone="0000000005"), earlier_phones=(MANAGER.phone,), earlier_callers=())
    partner = Person("P. Voorbeeld", phone="0000000004")
    outcome = given(decide, FOR_ANOTHER).when(AddDetails(Person(), partner, None))
    outcome.leaves(caller=partner, earlier_callers=(MANAGER,), earlier_phones=())


def test_what_is_asked_over_the_web_starts_no_clock_and_stands_among_who_waits():
    """R-IVP-04: no promise that the IVP did not make."""
    outcome = given(decide, INCIDENT).when(WEB).then(accepted()).leaves(status=CareState.ASKED_BY_WEB)
    assert deadlines(outcome.state) == ()
    assert outcome.state.callback.due_at is None
    given(decide, INCIDENT, WEB).when(replace(WEB, called_at=LATER, at=LATER)).then_nothing()
    given(decide, WEB).when(CLOSE).refused("wacht nog iemand")


def test_a_call_after_asking_over_the_web_starts_the_clock_at_the_call():
    """R-IVP-04."""
    outcome = given(decide, WEB).when(calls(LATER)).then(due(LATER)).leaves(status=CareState.TO_CALL, earlier=())
    assert [one.at for one in deadlines(outcome.state)] == [LATER + minutes * MINUTE for minutes in (20, 25, 30)]


def test_asking_over_the_web_leaves_a_running_clock_alone():
    given(decide, CALL).when(replace(WEB, called_at=LATER, at=LATER)).then_nothing()


def test_once_the_ivp_promises_it_what_is_asked_over_the_web_has_the_clock_too():
    """R-IVP-04: a dated row of the terms."""
    promised = TERMS.model_copy(update={"web_request_promised": True})
    given(decide, INCIDENT).when(replace(WEB, terms=promised)).then(accepted(), due())


def test_contact_on_what_was_asked_over_the_web_breaks_no_promise():
    late = RecordContact(CALLED + DAY, CALLED + DAY)
    outcome = given(decide, WEB).when(late)
    outcome.then(IvpCallbackMade(case=CASE, made_at=late.made_at, in_time=True)).leaves(status=CareState.CALLED)
    assert not outcome.state.callback.missed


def test_a_call_that_is_written_down_later_counts_from_the_call():
    """R-IVP-04: `called_at` lies a little before now."""
    outcome = given(decide).when(replace(CALL, at=CALLED + 4 * MINUTE))
    outcome.then(triggered(CareReason.REQUEST, CALLED, None), accepted(CALLED + 4 * MINUTE), due())


def test_a_call_lies_neither_in_the_future_nor_long_ago():
    given(decide).when(replace(CALL, at=CALLED - MINUTE)).refused("niet in de toekomst")
    given(decide).when(replace(CALL, at=CALLED + DAY)).leaves(status=CareState.TO_CALL)
    given(decide).when(replace(CALL, at=CALLED + DAY + MINUTE)).refused("te lang geleden")


def test_contact_in_time_stops_the_clock_as_met():
    """S-IVP-01."""
    outcome = given(decide, INCIDENT, CALL).when(CONTACT)
    outcome.then(IvpCallbackMade(case=CASE, made_at=utc(SUNDAY, "02:31"), in_time=True))
    outcome.leaves(status=CareState.CALLED)
    assert deadlines(outcome.state) == ()


@pytest.mark.parametrize("made", ["02:10", "02:40"])
def test_the_thirtieth_minute_still_counts(made):
    outcome = given(decide, CALL).when(RecordContact(utc(SUNDAY, made), LATER))
    outcome.then(IvpCallbackMade(case=CASE, made_at=utc(SUNDAY, made), in_time=True))


def test_contact_entered_before_the_clock_looked_is_a_miss_all_the_same_and_told_once():
    """S-IVP-02: exactly once, whoever is first."""
    contact = RecordContact(DUE + MINUTE, DUE + MINUTE)
    outcome = given(decide, CALL, WARN_PASSED, ESCALATE_PASSED).when(contact)
    outcome.then(
        IvpCallbackMissed(case=CASE, due_at=DUE), IvpCallbackMade(case=CASE, made_at=contact.made_at, in_time=False)
    )
    assert outcome.state.callback.missed_at == DUE
    given(decide, CALL, WARN_PASSED, ESCALATE_PASSED, contact).when(MISSED_PASSED).then_nothing()


def test_a_call_made_in_time_and_entered_after_the_miss_corrects_it_and_both_stay():
    """The miss that was told did not happen; INV-11."""
    outcome = given(decide, CALL, *ALL_PASSED).when(IN_TIME_ENTERED_LATE)
    made = IN_TIME_ENTERED_LATE.made_at
    outcome.then(
        IvpCallbackMade(case=CASE, made_at=made, in_time=True),
        IvpCallbackCorrected(case=CASE, made_at=made, corrected_at=LATER),
    )
    callback = outcome.state.callback
    assert (callback.missed, callback.missed_at, callback.entered_at) == (False, DUE, LATER)


def test_a_call_in_time_that_turns_up_after_a_late_one_corrects_it_too():
    outcome = given(decide, CALL, *ALL_PASSED, LATE).when(IN_TIME_ENTERED_LATE)
    outcome.then(IvpCallbackCorrected(case=CASE, made_at=IN_TIME_ENTERED_LATE.made_at, corrected_at=LATER))
    assert outcome.state.callback.corrected_from == LATE.made_at
    given(decide, CALL, *ALL_PASSED, LATE, IN_TIME_ENTERED_LATE).when(IN_TIME_ENTERED_LATE).refused("al contact")


def test_an_attempt_without_answer_does_not_stop_the_clock():
    """Timer of IVP: the contact made stops it, not an unanswered attempt."""
    known = given(decide, CALL)
    outcome = known.when(ATTEMPT).then(IvpCallbackAttempted(case=CASE, attempted_at=ATTEMPT.at))
    assert outcome.state.callback.attempts == (ATTEMPT.at,)
    assert deadlines(outcome.state) == deadlines(known.state)
    outcome.leaves(status=CareState.TO_CALL)


def test_at_twenty_minutes_the_board_warns_and_nobody_else_is_told():
    outcome = given(decide, CALL).when(WARN_PASSED).then()
    assert outcome.state.callback.warned
    assert [due.name for due in deadlines(outcome.state)] == [ESCALATE, MISSED]


def test_at_twenty_five_minutes_the_next_worker_is_rung():
    outcome = given(decide, CALL, WARN_PASSED).when(ESCALATE_PASSED)
    outcome.then(IvpCallbackEscalated(case=CASE, minutes=25, escalated_at=utc(SUNDAY, "02:35")))
    assert outcome.state.callback.escalated_minutes == 25
    outcome.leaves(status=CareState.TO_CALL)


def test_at_thirty_minutes_the_miss_is_told_once_and_the_coordinator_is_rung():
    """S-IVP-02."""
    late = DUE + timedelta(seconds=1)
    outcome = given(decide, CALL, WARN_PASSED, ESCALATE_PASSED).when(replace(MISSED_PASSED, at=late))
    outcome.then(
        IvpCallbackMissed(case=CASE, due_at=DUE), IvpCallbackEscalated(case=CASE, minutes=30, escalated_at=late)
    )
    outcome.leaves(status=CareState.MISSED)
    assert deadlines(outcome.state) == ()
    given(decide, CALL, *ALL_PASSED).when(MISSED_PASSED).then_nothing()


def test_a_missed_call_still_waits_for_contact_and_the_miss_is_never_undone():
    """S-IVP-02: in the figures even when the call follows at 02:52; never auto-close."""
    known = given(decide, CALL, *ALL_PASSED)
    assert not is_closed(known.state)
    outcome = known.when(LATE).then(IvpCallbackMade(case=CASE, made_at=utc(SUNDAY, "02:52"), in_time=False))
    assert outcome.state.callback.missed
    outcome.leaves(status=CareState.CALLED)


def test_deadlines_all_pass_after_a_restart_whatever_their_order():
    """The timer survives restarts."""
    at = utc(SUNDAY, "03:30")
    past = tuple(replace(one, at=at) for one in reversed(ALL_PASSED))
    state = given(decide, CALL, *past).state
    assert (state.callback.warned, state.callback.missed_at, deadlines(state)) == (True, DUE, ())
    assert state.callback.escalated_minutes == 30


def test_nothing_personal_travels():
    """INV-6, R-IVP-09, R-ACT-14."""
    told = ()
    state = None
    steps = (INCIDENT, FOR_ANOTHER, ASSIGN, ATTEMPT, CONTACT, VICTIM_SPOKEN, ON_SITE, TELL, OBJECTION, CLOSE)
    for command in steps:
        decision = decide(state, command)
        state, told = decision.state, told + decision.events
    text = "".join(event.model_dump_json() for event in told)
    assert len(told) == 8
    for secret in (*vars(ALDERMAN).values(), *vars(MANAGER).values(), ASSIGN.big, ASSIGN.account):
        assert not secret or secret not in text


@pytest.mark.parametrize("command", [ATTEMPT, CONTACT])
@pytest.mark.parametrize("past", [(), (INCIDENT,)])
def test_nobody_is_called_back_who_did_not_ask(past, command):
    """R-IVP-09: IVP sees a person only after the person's own call."""
    given(decide, *past).when(command).refused("niet gevraagd")


@pytest.mark.parametrize("command", [ATTEMPT, CONTACT])
def test_contact_is_made_once(command):
    given(decide, CALL, CONTACT).when(command).refused("al contact geweest")


def test_after_the_caller_the_victim_is_spoken_to_once():
    """E2E-3: the secretary first, then the mayor; the clock stopped at the first."""
    known = given(decide, FOR_ANOTHER, CONTACT)
    assert (known.state.callback.made_with, known.state.callback.victim_spoken_at) == (Whom.CALLER, None)
    outcome = known.when(VICTIM_SPOKEN).then()
    assert outcome.state.callback.victim_spoken_at == VICTIM_SPOKEN.made_at
    assert outcome.state.callback.made_at == CONTACT.made_at
    given(decide, FOR_ANOTHER, CONTACT, VICTIM_SPOKEN).when(VICTIM_SPOKEN).refused("al contact")


def test_contact_lies_between_the_call_and_now():
    known = given(decide, CALL)
    known.when(RecordContact(CALLED - MINUTE, DUE)).refused("na de oproep")
    known.when(RecordContact(DUE + MINUTE, DUE)).refused("niet in de toekomst")


@pytest.mark.parametrize("past", [(INCIDENT, ACCEPT), (CALL, CONTACT), (INCIDENT, CALL, CONTACT, ENDED)])
def test_care_is_closed_by_a_person(past):
    outcome = given(decide, *past).when(CLOSE).then(AftercareClosed(case=CASE, closed_at=CLOSE.at))
    outcome.leaves(status=CareState.CLOSED)
    assert is_closed(outcome.state)
    assert deadlines(outcome.state) == ()


@pytest.mark.parametrize("past", [(CALL,), (CALL, ATTEMPT), (CALL, *ALL_PASSED)])
def test_care_is_not_closed_while_somebody_waits_for_a_call(past):
    """Timer of IVP: never auto-close."""
    given(decide, *past).when(CLOSE).refused("wacht nog iemand")


@pytest.mark.parametrize("past", [(LIMITED,), (INCIDENT,), (INCIDENT, DECLINE)])
def test_the_ivp_closes_nothing_that_it_may_not_see(past):
    """R-IVP-09."""
    given(decide, *past).when(CLOSE).refused("nog niet om hulp gevraagd")


@pytest.mark.parametrize("past", [(), (CALL, CONTACT, CLOSE)])
def test_care_is_closed_once(past):
    given(decide, *past).when(CLOSE).refused("al afgesloten of niet bekend")


def test_a_new_call_after_contact_starts_a_new_clock_and_keeps_the_old_one():
    """R-IVP-01, INV-11."""
    first = given(decide, CALL, CONTACT).state.callback
    again = calls(CALLED + DAY)
    outcome = given(decide, INCIDENT, CALL, CONTACT, CLOSE).when(again)
    outcome.then(accepted(again.at), due(again.at))
    outcome.leaves(status=CareState.TO_CALL, earlier=(first,), closed_at=None)
    assert [due.at for due in deadlines(outcome.state)][-1] == DUE + DAY


@pytest.mark.parametrize("fact", [INCIDENT, ENDED])
def test_facts_are_accepted_in_every_state_and_open_closed_care_again(fact):
    """S-IVP-10, S-SBB-14: offered again."""
    for past in ((LIMITED,), (CALL,), (CALL, *ALL_PASSED), (CALL, CONTACT)):
        known = given(decide, *past)
        known.when(fact).leaves(callback=known.state.callback)
    outcome = (
        given(decide, INCIDENT, ACCEPT, CLOSE)
        .when(replace(fact, at=ENDED.at))
        .leaves(status=CareState.OFFERED, closed_at=None)
    )
    assert not is_closed(outcome.state)


def test_a_deadline_that_no_longer_holds_changes_nothing():
    """Contact came just before the clock looked; a clock of an earlier call is not this one's."""
    given(decide, CALL, CONTACT).when(MISSED_PASSED).then_nothing()
    given(decide, INCIDENT).when(MISSED_PASSED).then_nothing()
    given(decide, CALL).when(replace(MISSED_PASSED, due=DUE - MINUTE)).then_nothing()
    given(decide, CALL).when(replace(MISSED_PASSED, name="unknown")).then_nothing()
    again = calls(CALLED + DAY)
    given(decide, CALL, CONTACT, again).when(MISSED_PASSED).then_nothing()


def test_an_offer_is_accepted_once_without_a_number_and_nothing_is_promised():
    outcome = given(decide, INCIDENT).when(ACCEPT).then(accepted(ACCEPT.at)).leaves(status=CareState.ACCEPTED)
    assert deadlines(outcome.state) == ()
    given(decide, INCIDENT, ACCEPT).when(ACCEPT).then_nothing()
    given(decide, INCIDENT, ACCEPT).when(CALL).then(due())
    given(decide, INCIDENT, CALL).when(ACCEPT).then_nothing()


@pytest.mark.parametrize("past", [(), (LIMITED,), (INCIDENT, ACCEPT, CLOSE), (INCIDENT, CALL, CONTACT)])
@pytest.mark.parametrize("answer", [ACCEPT, DECLINE])
def test_where_nothing_is_offered_nothing_is_accepted_or_declined(past, answer):
    given(decide, *past).when(answer).refused("geen aanbod")


def test_an_offer_is_declined_once_and_may_be_accepted_after_all():
    outcome = given(decide, INCIDENT).when(DECLINE)
    outcome.then(AftercareDeclined(case=CASE, declined_at=DECLINE.at)).leaves(status=CareState.DECLINED)
    given(decide, INCIDENT, DECLINE).when(DECLINE).then_nothing()
    given(decide, INCIDENT, DECLINE).when(ACCEPT).then(accepted(ACCEPT.at)).leaves(status=CareState.ACCEPTED)
    given(decide, INCIDENT, DECLINE).when(CALL).then(accepted(), due()).leaves(status=CareState.TO_CALL)


def test_who_waits_for_a_call_tells_the_care_worker():
    """Only contact stops the clock."""
    given(decide, INCIDENT, CALL).when(DECLINE).refused("wacht nog op een telefoontje")
    given(decide, INCIDENT, WEB).when(DECLINE).refused("wacht nog op een telefoontje")


@pytest.mark.parametrize(
    ("fact", "reason"), [(INCIDENT, CareReason.REPEAT), (LIMITED, CareReason.REPEAT), (ENDED, CareReason.SCALE_DOWN)]
)
def test_who_declined_is_offered_care_again_at_a_second_incident_or_the_end_of_measures(fact, reason):
    """S-IVP-10; a second incident counts whatever its impact (R-IVP-13)."""
    again = replace(fact, at=CALLED + DAY)
    outcome = given(decide, INCIDENT, DECLINE).when(again).leaves(status=CareState.OFFERED, declined_at=None)
    assert [(event.reason, event.triggered_at) for event in outcome.events] == [(reason, again.at)]


def test_a_link_to_an_earlier_report_offers_care_even_after_a_limited_incident():
    """R-IVP-13: habituation lowers nothing."""
    outcome = given(decide, LIMITED).when(LINKED)
    outcome.then(triggered(CareReason.REPEAT, LINKED.at, Impact.LIMITED)).leaves(status=CareState.OFFERED, offers=1)


def test_a_link_that_arrives_before_its_report_waits_for_it():
    known = given(decide, LINKED)
    assert known.state.status is CareState.KNOWN
    known.when(INCIDENT).then(triggered(CareReason.REPEAT, INCIDENT.at)).leaves(offers=1)
    known.when(LIMITED).then(triggered(CareReason.REPEAT, LIMITED.at, Impact.LIMITED)).leaves(offers=1)


def test_a_link_raises_an_offer_that_nobody_answered_and_leaves_an_answer_alone():
    """R-IVP-13, S-IVP-10, S-IVP-12: told again, still one offer and one call back."""
    outcome = given(decide, INCIDENT).when(LINKED).then(triggered(CareReason.REPEAT, LINKED.at))
    outcome.leaves(offers=1, repeated=True, status=CareState.OFFERED)
    given(decide, INCIDENT, DECLINE).when(LINKED).then().leaves(status=CareState.DECLINED)
    given(decide, INCIDENT, CALL).when(LINKED).then().leaves(status=CareState.TO_CALL)
    given(decide, INCIDENT, LINKED).when(LINKED).then_nothing()


def test_a_care_worker_is_assigned_with_a_big_number_and_the_clock_goes_on():
    """R-ACT-14; the assignment does not stop the timer."""
    known = given(decide, CALL)
    outcome = known.when(ASSIGN).then().leaves(callback=known.state.callback)
    assert [worker.big for worker in outcome.state.workers] == [ASSIGN.big]
    given(decide, CALL, ASSIGN).when(replace(ASSIGN, at=LATER)).then_nothing()
    other = replace(ASSIGN, big="19012345602")
    assert len(given(decide, CALL, ASSIGN).when(other).state.workers) == 2


def test_nobody_is_assigned_to_somebody_who_did_not_ask():
    """§3.2: the IVP sees a person after acceptance or an own call."""
    given(decide).when(ASSIGN).refused("nog niet om hulp gevraagd")
    given(decide, INCIDENT).when(ASSIGN).refused("nog niet om hulp gevraagd")
    given(decide, INCIDENT, ACCEPT).when(ASSIGN).then()
    given(decide, CALL, CONTACT, CLOSE).when(ASSIGN).refused("afgesloten")


def test_support_is_planned_with_the_victim_by_phone_or_on_site():
    """R-IVP-06: in consultation."""
    outcome = given(decide, CALL, CONTACT).when(ON_SITE)
    outcome.then(SupportPlanned(case=CASE, form=SupportForm.ON_SITE, planned_at=LATER))
    outcome.leaves(status=CareState.SUPPORT)
    by_phone = replace(ON_SITE, form=SupportForm.PHONE)
    twice = given(decide, CALL, CONTACT, ON_SITE).when(by_phone).state.callback.supports
    assert [support.form for support in twice] == [SupportForm.ON_SITE, SupportForm.PHONE]


@pytest.mark.parametrize("past", [(), (INCIDENT,), (CALL,), (FOR_ANOTHER, CONTACT)])
def test_no_support_is_planned_before_the_victim_was_spoken_to(past):
    given(decide, *past).when(ON_SITE).refused("Spreek eerst met de persoon")


def test_no_support_is_planned_after_the_end():
    given(decide, CALL, CONTACT, CLOSE).when(ON_SITE).refused("afgesloten")


def test_the_caller_is_told_how_far_it_is_after_the_victim_was_spoken_to():
    """R-IVP-08, S-IVP-05."""
    spoken = (FOR_ANOTHER, CONTACT, VICTIM_SPOKEN)
    outcome = given(decide, *spoken).when(TELL)
    outcome.then(ProgressReported(case=CASE, progress=CareProgress.CONTACT_MADE, reported_at=TELL.at))
    outcome.leaves(progress=CareProgress.CONTACT_MADE)
    given(decide, *spoken, TELL).when(replace(TELL, at=LATER + DAY)).then_nothing()
    given(decide, FOR_ANOTHER, CONTACT).when(TELL).refused("Spreek eerst met de persoon")
    given(decide, FOR_ANOTHER).when(TELL).refused("Spreek eerst met de persoon")


def test_who_is_the_victim_has_nobody_to_be_told():
    given(decide).when(TELL).refused("nog niet bekend")
    given(decide, CALL, CONTACT).when(TELL).refused("niemand om het aan te vertellen")


def test_the_caller_is_told_only_what_is_so():
    running = replace(TELL, progress=CareProgress.SUPPORT_RUNNING)
    ended = replace(TELL, progress=CareProgress.ENDED)
    known = (FOR_ANOTHER, CONTACT, VICTIM_SPOKEN)
    given(decide, *known).when(running).refused("nu niet hoe het ervoor staat")
    given(decide, *known, ON_SITE).when(running).leaves(progress=CareProgress.SUPPORT_RUNNING)
    given(decide, *known, ON_SITE).when(ended).refused("nu niet hoe het ervoor staat")
    given(decide, *known, ON_SITE, CLOSE).when(ended).leaves(progress=CareProgress.ENDED)
    given(decide, *known, ON_SITE, CLOSE).when(running).refused("nu niet hoe het ervoor staat")


@pytest.mark.parametrize("progress", CareProgress)
def test_the_objection_of_the_victim_stops_it_at_once(progress):
    """S-IVP-07, Q-7: also what was told before is not read any more."""
    known = (FOR_ANOTHER, CONTACT, VICTIM_SPOKEN, TELL)
    outcome = given(decide, *known).when(OBJECTION).then().leaves(progress=None)
    assert len(outcome.state.told) == 1
    given(decide, *known, OBJECTION).when(replace(TELL, progress=progress)).refused("wil niet")
    given(decide, *known, OBJECTION).when(OBJECTION).then_nothing()


def test_an_objection_may_come_before_anything_was_told():
    given(decide).when(OBJECTION).refused("nog niet bekend")
    given(decide, INCIDENT, OBJECTION, FOR_ANOTHER, CONTACT, VICTIM_SPOKEN).when(TELL).refused("wil niet")


def test_a_new_call_asks_for_a_new_talk_before_anything_new_is_told():
    again = replace(FOR_ANOTHER, called_at=CALLED + DAY, at=CALLED + DAY)
    known = given(decide, FOR_ANOTHER, CONTACT, VICTIM_SPOKEN, TELL, CLOSE, again)
    known.when(replace(TELL, progress=CareProgress.ENDED)).refused("Spreek eerst")


def test_a_call_that_is_noted_after_its_contact_breaks_no_promise():
    """S-IVP-12: two workers write down the same call, or one does so late; nobody waits any more."""
    noted_late = replace(CALL, at=CONTACT.at + MINUTE)
    given(decide, INCIDENT, CALL, CONTACT).when(noted_late).then_nothing()
    given(decide, INCIDENT, CALL, CONTACT).when(replace(noted_late, called_at=CONTACT.made_at)).then_nothing()
    next_call = replace(noted_late, called_at=CONTACT.made_at + MINUTE)
    given(decide, INCIDENT, CALL, CONTACT).when(next_call).then(accepted(noted_late.at), due(next_call.called_at))


def test_contact_with_the_one_does_not_answer_the_call_of_the_other():
    """R-IVP-04: the manager was called back; the alderman, who called too, still waits."""
    noted_late = replace(CALL, at=CONTACT.at + MINUTE)
    past = (INCIDENT, FOR_ANOTHER, CONTACT)
    given(decide, *past).when(noted_late).then(accepted(noted_late.at), due())
    given(decide, *past).when(replace(FOR_ANOTHER, at=noted_late.at)).then_nothing()
    other = Person("B. Voorbeeld", "", "griffier", "0000000008")
    call = replace(FOR_ANOTHER, caller=other, at=noted_late.at)
    given(decide, *past).when(call).then(accepted(call.at), due())
