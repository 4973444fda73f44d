"""The call back within thirty minutes: one number starts the clock, only contact stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.aftercare.callback.domain import (
    ESCALATE,
    MISSED,
    WARN,
    CareState,
    CloseAftercare,
    NoteIncident,
    NoteScaledDown,
    RecordAttempt,
    RecordContact,
    RequestCallback,
    deadlines,
    decide,
    is_closed,
)
from services.aftercare.callback.policy import terms_on
from shared.contracts.aftercare import (
    AftercareClosed,
    AftercareTriggered,
    IvpCallbackAttempted,
    IvpCallbackDue,
    IvpCallbackEscalated,
    IvpCallbackMade,
    IvpCallbackMissed,
)
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.vocabulary import CareReason, Impact
from tests.given import given, utc

CASE = "c0ffee"
SUNDAY = "2016-03-13"
CALLED = utc(SUNDAY, "02:10")
DUE = utc(SUNDAY, "02:40")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

INCIDENT = NoteIncident(CASE, Impact.ACUTE, utc(SUNDAY, "01:55"))
LIMITED = replace(INCIDENT, impact=Impact.LIMITED)
ENDED = NoteScaledDown(CASE, utc("2016-06-13", "09:00"))
CALL = RequestCallback(CASE, "0000000000", "A. Voorbeeld", CALLED, terms_on(date(2016, 3, 13)))
ATTEMPT = RecordAttempt(utc(SUNDAY, "02:20"))
CONTACT = RecordContact(utc(SUNDAY, "02:31"), utc(SUNDAY, "02:33"))
CLOSE = CloseAftercare(utc("2016-04-01", "10:00"))

WARN_PASSED = DeadlinePassed(WARN, utc(SUNDAY, "02:30"), utc(SUNDAY, "02:30"))
ESCALATE_PASSED = DeadlinePassed(ESCALATE, utc(SUNDAY, "02:35"), utc(SUNDAY, "02:35"))
MISSED_PASSED = DeadlinePassed(MISSED, DUE, DUE)
ALL_PASSED = (WARN_PASSED, ESCALATE_PASSED, MISSED_PASSED)


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
    again = replace(CALL, at=ENDED.at + DAY)
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
    outcome.then(IvpCallbackDue(case=CASE, called_at=CALLED, due_at=DUE)).leaves(status=CareState.TO_CALL)
    assert deadlines(outcome.state) == (
        Deadline(WARN, utc(SUNDAY, "02:30")),
        Deadline(ESCALATE, utc(SUNDAY, "02:35")),
        Deadline(MISSED, DUE),
    )


def test_thirty_minutes_are_thirty_minutes_in_the_night_that_summer_time_starts():
    """R-IVP-04: 27 March 2016, 01:50 in Amsterdam is 00:50 UTC; the hour that is skipped changes nothing."""
    called = utc("2016-03-27", "00:50")
    outcome = given(decide).when(replace(CALL, at=called))
    assert outcome.state.callback.due_at == utc("2016-03-27", "01:20")


def test_one_phone_number_is_enough_before_any_report_arrived():
    """R-IVP-07, R-IVP-03."""
    outcome = given(decide).when(replace(CALL, name=""))
    outcome.then(triggered(CareReason.REQUEST, CALLED, None), IvpCallbackDue(case=CASE, called_at=CALLED, due_at=DUE))
    outcome.leaves(status=CareState.TO_CALL)


def test_the_report_may_arrive_while_the_clock_runs():
    """S-IVP-12: still one call back."""
    known = given(decide, CALL)
    outcome = known.when(INCIDENT).then(triggered(CareReason.ACUTE_INCIDENT, INCIDENT.at))
    outcome.leaves(callback=known.state.callback, status=CareState.TO_CALL)


def test_a_second_call_while_the_clock_runs_is_the_same_call_back():
    """S-IVP-12: known and repeated, and the first call keeps its due time."""
    given(decide, CALL).when(replace(CALL, at=CALLED + MINUTE)).then_nothing()
    given(decide, CALL, *ALL_PASSED).when(replace(CALL, at=DUE + MINUTE)).then_nothing()


def test_another_number_while_the_clock_runs_replaces_the_first_and_the_first_is_kept():
    """S-IVP-12: somebody calls again from another phone; the clock goes on and nobody is told twice."""
    known = given(decide, INCIDENT, CALL, WARN_PASSED)
    outcome = known.when(replace(CALL, phone="0000000009", name="", at=CALLED + 21 * MINUTE)).then()
    expected = replace(known.state.callback, phone="0000000009", earlier_phones=("0000000000",))
    outcome.leaves(callback=expected, status=CareState.TO_CALL)
    assert deadlines(outcome.state) == deadlines(known.state)


def test_a_name_given_later_replaces_the_earlier_one_and_the_number_stays():
    """S-IVP-12."""
    known = given(decide, replace(CALL, name=""))
    known.when(CALL).then().leaves(callback=replace(known.state.callback, name="A. Voorbeeld"))
    known = given(decide, CALL)
    known.when(replace(CALL, name="B. Voorbeeld")).leaves(callback=replace(known.state.callback, name="B. Voorbeeld"))


def test_every_earlier_number_is_kept_in_order_also_after_a_miss():
    """S-IVP-12, INV-11."""
    second, third = replace(CALL, phone="0000000009"), replace(CALL, phone="0000000008", at=DUE + MINUTE)
    outcome = given(decide, CALL, second, *ALL_PASSED).when(third).then().leaves(status=CareState.MISSED)
    callback = outcome.state.callback
    assert (callback.phone, callback.earlier_phones) == ("0000000008", ("0000000000", "0000000009"))
    assert callback.missed_at == DUE


def test_contact_in_time_stops_the_clock_as_met():
    """S-IVP-01."""
    outcome = given(decide, INCIDENT, CALL).when(CONTACT)
    outcome.then(IvpCallbackMade(case=CASE, made_at=utc(SUNDAY, "02:31"), in_time=True))
    outcome.leaves(status=CareState.CALLED)
    assert deadlines(outcome.state) == ()


@pytest.mark.parametrize(("made", "in_time"), [("02:10", True), ("02:40", True), ("02:41", False)])
def test_the_thirtieth_minute_still_counts(made, in_time):
    contact = RecordContact(utc(SUNDAY, made), utc(SUNDAY, "03:00"))
    outcome = given(decide, CALL).when(contact)
    outcome.then(IvpCallbackMade(case=CASE, made_at=utc(SUNDAY, made), in_time=in_time))


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
    late = RecordContact(utc(SUNDAY, "02:52"), utc(SUNDAY, "02:53"))
    outcome = known.when(late).then(IvpCallbackMade(case=CASE, made_at=utc(SUNDAY, "02:52"), in_time=False))
    assert outcome.state.callback.missed_at == DUE
    outcome.leaves(status=CareState.CALLED)


def test_deadlines_all_pass_after_a_restart_whatever_their_order():
    """The timer survives restarts."""
    at = utc(SUNDAY, "03:30")
    past = tuple(replace(one, at=at) for one in reversed(ALL_PASSED))
    state = given(decide, CALL, *past).state
    assert (state.callback.warned, state.callback.missed_at, deadlines(state)) == (True, DUE, ())
    assert state.callback.escalated_minutes == 30


def test_phone_and_name_do_not_travel():
    """INV-6, R-IVP-09."""
    told = given(decide).when(CALL).events
    other = replace(CALL, phone="0000000009")
    for past, command in (((CALL,), other), ((CALL, other), ATTEMPT), ((CALL,), CONTACT), ((CALL, CONTACT), CLOSE)):
        told += given(decide, *past).when(command).events
    text = "".join(event.model_dump_json() for event in told)
    assert CALL.phone not in text
    assert other.phone not in text
    assert CALL.name not in text


@pytest.mark.parametrize("command", [ATTEMPT, CONTACT])
@pytest.mark.parametrize("past", [(), (INCIDENT,)])
def test_nobody_is_called_back_who_did_not_ask(past, command):
    """R-IVP-09: IVP sees a person only after the person's own call."""
    given(decide, *past).when(command).refused("niet gevraagd")


@pytest.mark.parametrize("command", [ATTEMPT, CONTACT])
def test_contact_is_made_once(command):
    given(decide, CALL, CONTACT).when(command).refused("al contact geweest")


def test_contact_lies_between_the_call_and_now():
    known = given(decide, CALL)
    known.when(RecordContact(CALLED - MINUTE, DUE)).refused("na de oproep")
    known.when(RecordContact(DUE + MINUTE, DUE)).refused("niet in de toekomst")


@pytest.mark.parametrize("past", [(INCIDENT,), (CALL, CONTACT), (LIMITED,)])
def test_care_is_closed_by_a_person(past):
    outcome = given(decide, *past).when(CLOSE).then(AftercareClosed(case=CASE, closed_at=CLOSE.at))
    outcome.leaves(status=CareState.CLOSED)
    assert is_closed(outcome.state)
    assert deadlines(outcome.state) == ()


@pytest.mark.parametrize("past", [(CALL,), (CALL, ATTEMPT), (CALL, *ALL_PASSED)])
def test_care_is_not_closed_while_somebody_waits_for_a_call(past):
    """Timer of IVP: never auto-close."""
    given(decide, *past).when(CLOSE).refused("wacht nog iemand")


@pytest.mark.parametrize("past", [(), (INCIDENT, CLOSE)])
def test_care_is_closed_once(past):
    given(decide, *past).when(CLOSE).refused("al afgesloten of niet bekend")


def test_a_new_call_after_contact_starts_a_new_clock_and_keeps_the_old_one():
    """R-IVP-01, INV-11."""
    first = given(decide, CALL, CONTACT).state.callback
    again = replace(CALL, at=CALLED + DAY)
    outcome = given(decide, INCIDENT, CALL, CONTACT, CLOSE).when(again)
    outcome.then(IvpCallbackDue(case=CASE, called_at=again.at, due_at=DUE + DAY))
    outcome.leaves(status=CareState.TO_CALL, earlier=(first,), closed_at=None)
    assert [due.at for due in deadlines(outcome.state)][-1] == DUE + DAY


@pytest.mark.parametrize("fact", [INCIDENT, ENDED])
def test_facts_are_accepted_in_every_state_and_open_closed_care_again(fact):
    """S-IVP-10, S-SBB-14: offered again."""
    for past in ((LIMITED,), (CALL,), (CALL, *ALL_PASSED), (CALL, CONTACT)):
        known = given(decide, *past)
        known.when(fact).leaves(callback=known.state.callback)
    outcome = given(decide, INCIDENT, CLOSE).when(fact).leaves(status=CareState.OFFERED, closed_at=None)
    assert not is_closed(outcome.state)


def test_a_deadline_that_no_longer_holds_changes_nothing():
    """Contact came just before the clock looked; a clock of an earlier call is not this one's."""
    given(decide, CALL, CONTACT).when(MISSED_PASSED).then_nothing()
    given(decide, INCIDENT).when(MISSED_PASSED).then_nothing()
    given(decide, CALL).when(replace(MISSED_PASSED, due=DUE - MINUTE)).then_nothing()
    given(decide, CALL).when(replace(MISSED_PASSED, name="unknown")).then_nothing()
    again = replace(CALL, at=CALLED + DAY)
    given(decide, CALL, CONTACT, again).when(MISSED_PASSED).then_nothing()
