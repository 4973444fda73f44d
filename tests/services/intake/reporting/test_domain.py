"""Reporting: signal, melding, aangifte; what the police confirm and what RCCB receives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.intake.reporting.commands import (
    AddCustody,
    AddEvidence,
    AdviseFiling,
    ConfirmAangifte,
    JudgeSignal,
    LetRest,
    LinkIncidents,
    MakeMelding,
    NoteChosen,
    NoteFirstWeighing,
    NoteWeighingOpened,
    OpenCriminalTrack,
    RecordSignal,
    RecordTalk,
    RecordVictimTold,
    RegisterMutatie,
    ReportDoubt,
    ReportIncident,
    RequestTalk,
    SetFollowUp,
    WishAangifte,
    Withdraw,
)
from services.intake.reporting.domain import (
    DOUBT_FOLLOW_UP,
    RCCB_RECEIPT,
    SIGNAL_UNJUDGED,
    deadlines,
    decide,
    is_closed,
)
from services.intake.reporting.incident import (
    Advice,
    Company,
    Custody,
    Doubt,
    Evidence,
    Incident,
    Judgement,
    Medium,
    Mutatie,
    Person,
    Reporter,
    Talk,
)
from services.intake.reporting.report import Chosen, police_may_read, waits_for
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.intake import (
    AangifteFiled,
    CriminalTrackOpened,
    FilingAdvised,
    IncidentReported,
    IncidentsLinked,
    IncidentWithdrawn,
    MutatieRegistered,
    PoliceConsulted,
    RccbNotified,
    RccbReceiptOverdue,
    SignalJudged,
    SignalRecorded,
    TalkRequested,
)
from shared.contracts.vocabulary import (
    DoubtReason,
    FilingAdvice,
    Impact,
    IncidentKind,
    Office,
    ReportType,
    SignalOutcome,
    Tie,
    Urgency,
)
from tests.given import given, utc

CASE = "c0ffee"
NIGHT = utc("2016-03-13", "21:40")
MORNING = utc("2016-03-14", "09:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

INCIDENT = Incident(
    kind=IncidentKind.THREAT,
    office=Office.ALDERMAN,
    municipality="9901",
    urgency=Urgency.ACUTE,
    impact=Impact.FAR_REACHING,
    narrative="Er ligt een brief met een bedreiging.",
    victim=Person("A. Voorbeeld", "0000000000", "Voorbeeldstraat 1"),
)
SIGNAL = RecordSignal(CASE, INCIDENT, NIGHT, judge_within=DAY)
REPORT = ReportIncident(CASE, INCIDENT, NIGHT, receipt_within=HOUR)
MELDING = MakeMelding(MORNING, receipt_within=HOUR, reason="Het houdt niet op.", account="account-1")
DOUBT = Doubt((DoubtReason.TAKE_A_KNOCK,), "Een politicus moet tegen een stootje kunnen.")
DOUBTS = ReportDoubt(CASE, INCIDENT, DOUBT, NIGHT, follow_up_after=3 * DAY, account="account-1", person="p")
HELD = RecordTalk(MORNING, MORNING)
FILE = AdviseFiling(FilingAdvice.FILE, "Dit is strafbaar.", MORNING)
DO_NOT_FILE = AdviseFiling(FilingAdvice.DO_NOT_FILE, "", MORNING)
MUTATIE = RegisterMutatie("PL-MUT-1", date(2016, 3, 14))
REST = LetRest(MORNING)
WITHDRAW = Withdraw("Het is uitgepraat.", "account-1", MORNING)
OTHER = replace(INCIDENT, reporter=Reporter(Person("B. Voorbeeld", "1111111111"), "leidinggevende"))
FOR_OTHER = ReportIncident(CASE, OTHER, NIGHT, receipt_within=HOUR, account="account-2")


def judge(outcome, reason="Ik wil er niet alleen mee zitten.", **more):
    return JudgeSignal(outcome, reason, Company.GRIFFIER, "account-1", MORNING, HOUR, 3 * DAY, **more)


JUDGED = SignalJudged(case=CASE, outcome=SignalOutcome.REPORT, judged_at=MORNING)
AANGIFTE = ConfirmAangifte("PL-0000", date(2016, 3, 14), MORNING)
RECEIVED = NoteWeighingOpened(CASE, MORNING)
DOES_NOT_QUALIFY = NoteFirstWeighing(CASE, qualifies=False)


def reported(at=NIGHT, incident=INCIDENT, reporter_is_victim=True, person=None, reporter=None):
    return IncidentReported(
        case=CASE,
        report_type=ReportType.MELDING,
        kind=incident.kind,
        office=incident.office,
        municipality="9901",
        urgency=incident.urgency,
        impact=incident.impact,
        reporter_is_victim=reporter_is_victim,
        reported_at=at,
        context=incident.context,
        person=person,
        reporter=reporter,
    )


def test_a_feeling_of_unease_becomes_a_signal_that_must_be_judged_within_a_day():
    """R-MEL-01, R-MEL-14, S-MEL-08."""
    outcome = given(decide).when(SIGNAL)
    outcome.then(SignalRecorded(case=CASE, kind=IncidentKind.THREAT, recorded_at=NIGHT))
    outcome.leaves(type=ReportType.SIGNAL, incident=INCIDENT, recorded_at=NIGHT, reported_at=None)
    assert deadlines(outcome.state) == (Deadline(SIGNAL_UNJUDGED, utc("2016-03-14", "21:40")),)


def test_a_signal_does_not_start_the_chain():
    """R-MEL-14: a signal stays with the person, so no `IncidentReported` and no receipt of RCCB to wait for."""
    outcome = given(decide).when(SIGNAL)
    assert not [event for event in outcome.events if isinstance(event, IncidentReported)]
    outcome.leaves(receipt_before=None)


def test_an_unjudged_signal_prompts_the_person_and_tells_nobody_else():
    """R-MEL-14, R-MEL-16."""
    late = utc("2016-03-14", "21:41")
    outcome = given(decide, SIGNAL).when(DeadlinePassed(SIGNAL_UNJUDGED, NIGHT + DAY, late))
    outcome.then().leaves(prompted_at=late, type=ReportType.SIGNAL)
    assert deadlines(outcome.state) == ()


def test_a_report_starts_the_chain_at_once():
    """R-MEL-03, R-MEL-05."""
    outcome = given(decide).when(REPORT).then(reported())
    outcome.leaves(type=ReportType.MELDING, recorded_at=NIGHT, reported_at=NIGHT)
    assert deadlines(outcome.state) == (Deadline(RCCB_RECEIPT, utc("2016-03-13", "22:40")),)


@pytest.mark.parametrize("kind", IncidentKind)
@pytest.mark.parametrize("impact", Impact)
def test_every_melding_reaches_rccb_however_light_it_looks(kind, impact):
    """R-MEL-05: none is filtered out before."""
    incident = replace(INCIDENT, kind=kind, impact=impact, urgency=Urgency.OTHER)
    given(decide).when(replace(REPORT, incident=incident)).then(reported(incident=incident))


def test_wishing_for_aangifte_is_not_yet_an_aangifte():
    """S-MEL-01, INV-7."""
    outcome = given(decide).when(replace(REPORT, aangifte_wished=True)).then(reported())
    outcome.leaves(type=ReportType.MELDING, aangifte_wished=True, aangifte_on=None, aangifte_reference=None)


def test_only_the_police_make_it_an_aangifte_and_their_number_does_not_travel():
    """S-MEL-01, R-VAN-05, INV-7."""
    outcome = given(decide, REPORT).when(AANGIFTE)
    outcome.then(AangifteFiled(case=CASE, filed_on=date(2016, 3, 14)))
    outcome.leaves(type=ReportType.AANGIFTE, aangifte_on=date(2016, 3, 14), aangifte_reference="PL-0000")
    assert "PL-0000" not in str(outcome.events)


def test_a_melding_that_becomes_an_aangifte_keeps_its_case():
    """State machine of MEL: the same case id."""
    given(decide, SIGNAL, MELDING).when(AANGIFTE).leaves(case=CASE, type=ReportType.AANGIFTE)


def test_a_signal_becomes_a_melding_when_the_victim_says_so():
    """INV-7: the victim's act raises it; the judging clock stops, RCCB's clock starts."""
    outcome = given(decide, SIGNAL).when(MELDING).then(JUDGED, reported(at=MORNING))
    outcome.leaves(type=ReportType.MELDING, recorded_at=NIGHT, reported_at=MORNING)
    assert deadlines(outcome.state) == (Deadline(RCCB_RECEIPT, utc("2016-03-14", "10:00")),)


def test_a_report_by_somebody_else_says_so_and_names_nobody():
    """S-MEL-06, R-ACT-13, INV-6."""
    reporter = Reporter(Person("B. Voorbeeld", "1111111111"), "leidinggevende")
    incident = replace(INCIDENT, reporter=reporter)
    outcome = given(decide).when(replace(REPORT, incident=incident))
    outcome.then(reported(reporter_is_victim=False)).leaves(incident=incident)


def test_the_event_holds_no_name_address_phone_or_narrative():
    """INV-6."""
    reporter = Reporter(Person("B. Voorbeeld", "1111111111", "Dorpsplein 2"), "leidinggevende")
    outcome = given(decide).when(replace(REPORT, incident=replace(INCIDENT, reporter=reporter)))
    told = "".join(event.model_dump_json() for event in outcome.events)
    private = (INCIDENT.victim.name, INCIDENT.victim.phone, INCIDENT.victim.address, INCIDENT.narrative)
    for value in (*private, reporter.person.name, reporter.person.phone, reporter.person.address, reporter.relation):
        assert value not in told


def test_the_context_of_the_asylum_inflow_travels_as_a_tag():
    """S-MEL-12, R-MEL-19."""
    incident = replace(INCIDENT, context="asielinstroom")
    outcome = given(decide).when(replace(REPORT, incident=incident)).then(reported(incident=incident))
    assert outcome.events[0].context == "asielinstroom"


def test_the_receipt_of_rccb_is_told_once_and_stops_its_clock():
    """R-ACT-05, R-MEL-05."""
    outcome = given(decide, REPORT).when(RECEIVED).then(RccbNotified(case=CASE, notified_at=MORNING))
    outcome.leaves(rccb_notified_at=MORNING)
    assert deadlines(outcome.state) == ()


def test_the_receipt_of_rccb_known_and_repeated_gives_no_events():
    """S-MEL-09."""
    given(decide, REPORT, RECEIVED).when(NoteWeighingOpened(CASE, MORNING + HOUR)).then_nothing()


def test_silence_of_rccb_is_told_once_and_the_report_stays():
    """S-MEL-14."""
    due = NIGHT + HOUR
    outcome = given(decide, REPORT).when(DeadlinePassed(RCCB_RECEIPT, due, due + HOUR))
    outcome.then(RccbReceiptOverdue(case=CASE, due_at=due)).leaves(rccb_overdue=True, type=ReportType.MELDING)
    assert deadlines(outcome.state) == ()


def test_a_late_receipt_is_still_told_and_the_lateness_is_not_forgotten():
    """S-MEL-14, INV-11."""
    overdue = DeadlinePassed(RCCB_RECEIPT, NIGHT + HOUR, MORNING)
    outcome = given(decide, REPORT, overdue).when(RECEIVED).then(RccbNotified(case=CASE, notified_at=MORNING))
    outcome.leaves(rccb_overdue=True, rccb_notified_at=MORNING)


def test_the_first_weighing_is_kept_for_the_person_and_changes_nothing_else():
    """S-SBB-03: the case stays a melding."""
    before = given(decide, REPORT).state
    outcome = given(decide, REPORT).when(DOES_NOT_QUALIFY).then()
    assert outcome.state == replace(before, qualifies=False)


def test_the_first_weighing_known_and_repeated_gives_no_events():
    given(decide, REPORT, DOES_NOT_QUALIFY).when(DOES_NOT_QUALIFY).then_nothing()


def test_facts_about_an_unknown_case_are_kept():
    """An event is a fact, the unknown case included."""
    given(decide).when(RECEIVED).then(RccbNotified(case=CASE, notified_at=MORNING)).leaves(incident=None)
    given(decide).when(DOES_NOT_QUALIFY).then().leaves(qualifies=False, incident=None)


def test_a_report_after_an_early_receipt_starts_no_clock():
    """Topics have no order among them."""
    outcome = given(decide, RECEIVED, DOES_NOT_QUALIFY).when(REPORT).then(reported())
    outcome.leaves(weighing_opened_at=MORNING, qualifies=False)
    assert deadlines(outcome.state) == ()


def test_facts_are_accepted_in_every_state():
    for past in ((SIGNAL,), (REPORT,), (SIGNAL, MELDING), (REPORT, AANGIFTE)):
        given(decide, *past).when(RECEIVED).then(RccbNotified(case=CASE, notified_at=MORNING))
        given(decide, *past).when(DOES_NOT_QUALIFY).then()


@pytest.mark.parametrize("command", [SIGNAL, REPORT])
@pytest.mark.parametrize("past", [(SIGNAL,), (REPORT,), (REPORT, AANGIFTE)])
def test_a_case_is_reported_only_once(past, command):
    """S-MEL-09."""
    given(decide, *past).when(command).refused("bestaat al")


def test_nobody_makes_a_melding_of_what_does_not_exist():
    given(decide).when(MELDING).refused("niet bekend")
    given(decide, RECEIVED).when(MELDING).refused("niet bekend")


@pytest.mark.parametrize("past", [(REPORT,), (SIGNAL, MELDING), (REPORT, AANGIFTE)])
def test_a_melding_is_made_once(past):
    given(decide, *past).when(MELDING).refused("al een melding")


@pytest.mark.parametrize("past", [(), (SIGNAL,), (RECEIVED,)])
def test_the_police_confirm_no_aangifte_without_a_melding(past):
    """INV-7: from signal to melding is the victim's act only."""
    given(decide, *past).when(AANGIFTE).refused("eerst een melding")


def test_an_aangifte_is_confirmed_once():
    given(decide, REPORT, AANGIFTE).when(AANGIFTE).refused("al bevestigd")


def test_a_deadline_that_no_longer_holds_changes_nothing():
    """The receipt came, or the melding was made, just before the clock looked."""
    receipt = DeadlinePassed(RCCB_RECEIPT, NIGHT + HOUR, MORNING)
    given(decide, REPORT, RECEIVED).when(receipt).then_nothing()
    given(decide, SIGNAL, MELDING).when(DeadlinePassed(SIGNAL_UNJUDGED, NIGHT + DAY, MORNING + DAY)).then_nothing()
    given(decide, REPORT).when(replace(receipt, due=NIGHT)).then_nothing()
    given(decide, REPORT).when(replace(receipt, name="unknown")).then_nothing()


def test_a_report_never_closes_by_itself():
    assert not is_closed(given(decide, REPORT, RECEIVED, DOES_NOT_QUALIFY, AANGIFTE).state)


# Signals


@pytest.mark.parametrize("outcome", SignalOutcome)
def test_a_signal_is_judged_with_who_why_and_with_whom(outcome):
    """R-MEL-14, S-MEL-08."""
    found = given(decide, SIGNAL).when(judge(outcome))
    assert found.events[0] == SignalJudged(case=CASE, outcome=outcome, judged_at=MORNING)
    reason = "Ik wil er niet alleen mee zitten."
    found.leaves(judgements=(Judgement(outcome, reason, Company.GRIFFIER, "account-1", MORNING),), judge_before=None)
    assert reason not in str(found.events) and "account-1" not in str(found.events)


def test_a_signal_let_rest_is_told_to_nobody_else_and_may_be_judged_again():
    found = given(decide, SIGNAL).when(judge(SignalOutcome.LET_REST))
    found.then(SignalJudged(case=CASE, outcome=SignalOutcome.LET_REST, judged_at=MORNING))
    found.leaves(type=ReportType.SIGNAL, rested_at=MORNING)
    assert deadlines(found.state) == ()
    again = given(decide, SIGNAL, judge(SignalOutcome.LET_REST)).when(judge(SignalOutcome.REPORT))
    again.then(JUDGED, reported(at=MORNING)).leaves(type=ReportType.MELDING, rested_at=None)
    assert len(again.state.judgements) == 2


def test_a_signal_judged_as_talk_asks_the_police_for_a_talk_and_reports_nothing():
    found = given(decide, SIGNAL).when(judge(SignalOutcome.TALK))
    judged = SignalJudged(case=CASE, outcome=SignalOutcome.TALK, judged_at=MORNING)
    found.then(judged, TalkRequested(case=CASE, requested_at=MORNING)).leaves(type=ReportType.TALK, doubts=())


@pytest.mark.parametrize("reason", ["", "  "])
def test_no_signal_ends_without_a_reason(reason):
    """R-MEL-14, S-MEL-08: not by judging, not by a melding, not by taking it back."""
    for outcome in SignalOutcome:
        given(decide, SIGNAL).when(judge(outcome, reason)).refused("waarom")
    given(decide, SIGNAL).when(replace(MELDING, reason=reason)).refused("waarom")
    given(decide, SIGNAL).when(replace(WITHDRAW, reason=reason)).refused("waarom")


def test_a_signal_ends_by_a_judgement_and_by_nothing_else():
    given(decide, SIGNAL).when(RequestTalk(MORNING, DAY)).refused("wat u met dit signaal wilt")
    given(decide, SIGNAL).when(REST).refused("wat u met dit signaal wilt")
    for past in ((DOUBTS,), (REPORT,), (REPORT, AANGIFTE)):
        given(decide, *past).when(judge(SignalOutcome.LET_REST)).refused("geen signaal meer")


def test_taking_a_signal_back_judges_it_and_tells_the_chain_nothing():
    outcome = given(decide, SIGNAL).when(WITHDRAW)
    outcome.then(SignalJudged(case=CASE, outcome=SignalOutcome.LET_REST, judged_at=MORNING))
    outcome.leaves(withdrawn_at=MORNING, withdrawal_reason="Het is uitgepraat.")
    assert deadlines(outcome.state) == ()
    given(decide, SIGNAL, judge(SignalOutcome.LET_REST)).when(WITHDRAW).then()


def test_the_police_never_read_a_mere_signal():
    """R-MEL-14."""
    for past in ((SIGNAL,), (SIGNAL, judge(SignalOutcome.LET_REST)), (SIGNAL, WITHDRAW)):
        assert not police_may_read(given(decide, *past).state)
    assert police_may_read(given(decide, SIGNAL, judge(SignalOutcome.TALK)).state)


# Doubt and the talk with the local police


def test_doubt_is_accepted_as_it_is_and_asks_the_local_police_for_a_talk():
    """R-MEL-06, R-MEL-07, S-MEL-02: no `IncidentReported`, so RCCB does not hear."""
    outcome = given(decide).when(DOUBTS).then(TalkRequested(case=CASE, requested_at=NIGHT))
    outcome.leaves(type=ReportType.TALK, doubts=(DOUBT,), talks=(Talk(NIGHT),), reported_at=None, receipt_before=None)
    assert deadlines(outcome.state) == (Deadline(DOUBT_FOLLOW_UP, NIGHT + 3 * DAY),)
    assert police_may_read(outcome.state)
    given(decide).when(replace(DOUBTS, doubt=Doubt())).leaves(doubts=(Doubt(),))


def test_after_three_days_the_person_is_asked_once_and_nobody_else_hears():
    """R-MEL-16."""
    late = NIGHT + 3 * DAY + HOUR
    passed = DeadlinePassed(DOUBT_FOLLOW_UP, NIGHT + 3 * DAY, late)
    outcome = given(decide, DOUBTS).when(passed).then().leaves(followed_up_at=late, type=ReportType.TALK)
    assert deadlines(outcome.state) == ()


def test_the_person_switches_the_question_off_and_on():
    off, on = SetFollowUp(False, MORNING, 3 * DAY), SetFollowUp(True, MORNING, 3 * DAY)
    outcome = given(decide, DOUBTS).when(off).then()
    assert deadlines(outcome.state) == ()
    given(decide, DOUBTS, off).when(off).then_nothing()
    assert deadlines(given(decide, DOUBTS, off, on).state) == (Deadline(DOUBT_FOLLOW_UP, MORNING + 3 * DAY),)
    given(decide, DOUBTS).when(on).then_nothing()
    again = given(decide, DOUBTS, off, HELD).when(RequestTalk(MORNING, DAY))
    assert deadlines(again.state) == ()


def test_switching_on_asks_no_second_time_about_the_same_talk():
    passed = DeadlinePassed(DOUBT_FOLLOW_UP, NIGHT + 3 * DAY, NIGHT + 3 * DAY)
    off, on = SetFollowUp(False, MORNING, DAY), SetFollowUp(True, MORNING, DAY)
    assert deadlines(given(decide, DOUBTS, passed, off, on).state) == ()


@pytest.mark.parametrize("after", [HELD, REST, MELDING, WITHDRAW])
def test_a_doubt_that_was_followed_up_is_not_asked_about(after):
    names = [due.name for due in deadlines(given(decide, DOUBTS, after).state)]
    assert DOUBT_FOLLOW_UP not in names


def test_the_police_record_the_talk_and_their_advice():
    """R-MEL-08."""
    given(decide, DOUBTS).when(HELD).then(PoliceConsulted(case=CASE, consulted_at=MORNING))
    outcome = given(decide, DOUBTS, HELD).when(FILE)
    outcome.then(FilingAdvised(case=CASE, advice=FilingAdvice.FILE, advised_at=MORNING))
    said = Advice(FilingAdvice.FILE, "Dit is strafbaar.", MORNING)
    outcome.leaves(type=ReportType.TALK, talks=(Talk(NIGHT, MORNING, advice=(said,)),))
    assert "strafbaar" not in str(outcome.events)


def test_other_advice_is_added_and_the_first_is_not_forgotten():
    """INV-11."""
    outcome = given(decide, DOUBTS, HELD, FILE).when(DO_NOT_FILE)
    assert [one.advice for one in outcome.state.talks[-1].advice] == [FilingAdvice.FILE, FilingAdvice.DO_NOT_FILE]
    given(decide, DOUBTS, HELD, FILE).when(replace(FILE, at=MORNING + HOUR)).refused("staat er al")


def test_there_is_no_advice_without_a_talk_and_no_talk_that_nobody_asked_for():
    given(decide, DOUBTS).when(FILE).refused("Eerst het gesprek")
    given(decide, REPORT).when(FILE).refused("Eerst het gesprek")
    given(decide, REPORT).when(HELD).refused("geen gesprek gevraagd")
    given(decide, DOUBTS, HELD).when(HELD).refused("geen gesprek gevraagd")
    given(decide, DOUBTS).when(RecordTalk(MORNING + HOUR, MORNING)).refused("toekomst")


def test_following_advice_not_to_file_makes_a_melding_with_its_mutatie_and_rccb_hears_of_it():
    """S-MEL-03, R-MEL-05, R-MEL-09."""
    stored = MutatieRegistered(case=CASE, registered_on=date(2016, 3, 14))
    given(decide, DOUBTS, HELD, DO_NOT_FILE).when(MUTATIE).then()
    outcome = given(decide, DOUBTS, HELD, DO_NOT_FILE, MUTATIE).when(MELDING)
    outcome.then(reported(at=MORNING, person="p"), stored).leaves(type=ReportType.MELDING, aangifte_wished=False)
    given(decide, DOUBTS, HELD, DO_NOT_FILE, MELDING).when(MUTATIE).then(stored)


def test_advice_to_file_makes_no_aangifte():
    """S-MEL-04, INV-7."""
    past = (DOUBTS, HELD, FILE)
    assert given(decide, *past).state.type is ReportType.TALK
    outcome = given(decide, *past).when(MELDING).then(reported(at=MORNING, person="p"))
    outcome.leaves(type=ReportType.MELDING, aangifte_wished=False, aangifte_on=None)


def test_the_person_may_let_a_talk_rest_and_come_back():
    outcome = given(decide, DOUBTS).when(REST).then()
    outcome.leaves(type=ReportType.TALK, rested_at=MORNING, talks=(Talk(NIGHT, dropped_at=MORNING),))
    assert not police_may_read(outcome.state)
    assert police_may_read(given(decide, DOUBTS, HELD, REST).state)
    given(decide, DOUBTS, REST).when(REST).then_nothing()
    asked = given(decide, DOUBTS, REST).when(RequestTalk(MORNING, DAY))
    asked.then(TalkRequested(case=CASE, requested_at=MORNING)).leaves(rested_at=None, doubts=(DOUBT,))
    given(decide, DOUBTS, REST).when(MELDING).then(reported(at=MORNING, person="p")).leaves(rested_at=None)
    given(decide, REPORT).when(REST).refused("al een melding")
    given(decide, REPORT, AANGIFTE).when(REST).refused("aangifte gedaan")


def test_a_melding_may_also_be_talked_about():
    """R-MEL-07: the type stays."""
    ask = RequestTalk(MORNING, DAY, DOUBT)
    outcome = given(decide, REPORT).when(ask).then(TalkRequested(case=CASE, requested_at=MORNING))
    outcome.leaves(type=ReportType.MELDING, doubts=(DOUBT,))
    given(decide, REPORT, ask).when(ask).refused("al om een gesprek")
    given(decide, REPORT, AANGIFTE).when(ask).refused("al bevestigd")
    given(decide, REPORT, ask, HELD, AANGIFTE).when(FILE).refused("al bevestigd")


# Aangifte, mutatie, criminal track


def test_a_wish_for_aangifte_may_come_later_and_go():
    """S-MEL-04: the person chooses."""
    wish = WishAangifte(True, MORNING)
    given(decide, REPORT).when(wish).then().leaves(aangifte_wished=True, aangifte_wished_at=MORNING)
    given(decide, REPORT, wish).when(wish).then_nothing()
    given(decide, REPORT, wish).when(WishAangifte(False, MORNING)).leaves(aangifte_wished=False, waits_since=None)
    given(decide, DOUBTS).when(wish).refused("eerst een melding")
    given(decide, REPORT, AANGIFTE).when(wish).refused("al bevestigd")


def test_the_criminal_track_opens_with_an_aangifte_or_later():
    """R-MEL-11, S-MEL-01."""
    filed = AangifteFiled(case=CASE, filed_on=date(2016, 3, 14))
    track = CriminalTrackOpened(case=CASE, opened_on=date(2016, 3, 15))
    given(decide, REPORT).when(replace(AANGIFTE, criminal_track_on=date(2016, 3, 15))).then(filed, track)
    later = OpenCriminalTrack(date(2016, 3, 15))
    given(decide, REPORT, AANGIFTE).when(later).then(track).leaves(criminal_track_on=date(2016, 3, 15))
    given(decide, REPORT).when(later).refused("begint hier met een aangifte")
    given(decide, REPORT, AANGIFTE, later).when(later).refused("staat er al")


def test_a_mutatie_is_kept_with_the_polices_number_which_does_not_travel():
    """R-MEL-09."""
    outcome = given(decide, REPORT).when(MUTATIE)
    outcome.then(MutatieRegistered(case=CASE, registered_on=date(2016, 3, 14)))
    outcome.leaves(mutaties=(Mutatie("PL-MUT-1", date(2016, 3, 14)),))
    assert "PL-MUT-1" not in str(outcome.events)
    given(decide, REPORT, MUTATIE).when(MUTATIE).refused("staat er al")
    given(decide, DOUBTS).when(MUTATIE).refused("nog geen melding of gesprek")
    given(decide, SIGNAL).when(MUTATIE).refused("nog geen melding of gesprek")


# Taking back


def test_a_melding_is_taken_back_with_a_reason_and_keeps_its_mutatie():
    outcome = given(decide, REPORT, MUTATIE).when(WITHDRAW)
    outcome.then(IncidentWithdrawn(case=CASE, withdrawn_at=MORNING))
    outcome.leaves(mutaties=(Mutatie("PL-MUT-1", date(2016, 3, 14)),), type=ReportType.MELDING, withdrawn_at=MORNING)
    assert deadlines(outcome.state) == ()
    assert "uitgepraat" not in str(outcome.events)
    given(decide, REPORT).when(replace(WITHDRAW, reason=" ")).refused("waarom")


def test_a_talk_is_taken_back_without_telling_the_chain_and_the_police_no_longer_read_it():
    outcome = given(decide, DOUBTS).when(WITHDRAW).then().leaves(withdrawn_at=MORNING)
    assert not police_may_read(outcome.state)
    assert police_may_read(given(decide, DOUBTS, HELD, WITHDRAW).state)


def test_after_an_aangifte_it_cannot_be_taken_back():
    given(decide, REPORT, AANGIFTE).when(WITHDRAW).refused("aangifte gedaan")


@pytest.mark.parametrize("past", [(SIGNAL, WITHDRAW), (DOUBTS, WITHDRAW), (REPORT, WITHDRAW)])
def test_what_was_taken_back_stays_so_and_a_new_melding_is_a_new_case(past):
    for command in (MELDING, WITHDRAW, RequestTalk(MORNING, DAY), REST, WishAangifte(True, MORNING)):
        given(decide, *past).when(command).refused("nieuwe melding")
    for command in (AANGIFTE, HELD, FILE):
        given(decide, *past).when(command).refused("Alleen een mutatie")


def test_the_police_may_still_record_the_mutatie_of_what_was_taken_back():
    stored = MutatieRegistered(case=CASE, registered_on=date(2016, 3, 14))
    given(decide, REPORT, WITHDRAW).when(MUTATIE).then(stored)


# The same person, earlier


def test_a_report_is_linked_to_each_earlier_report_of_the_person():
    """R-MEL-10, R-MEL-15."""
    report = replace(REPORT, account="account-1", person="p", earlier=("a", "b", CASE))
    links = [IncidentsLinked(case=CASE, earlier=one, linked_at=NIGHT) for one in ("a", "b")]
    outcome = given(decide).when(report).then(reported(person="p"), *links)
    outcome.leaves(owner="account-1", person="p", linked=("a", "b"))
    assert "account-1" not in str(outcome.events)


def test_a_signal_or_talk_that_becomes_a_melding_is_linked_then():
    link = IncidentsLinked(case=CASE, earlier="a", linked_at=MORNING)
    given(decide, SIGNAL).when(replace(MELDING, earlier=("a",))).then(JUDGED, reported(at=MORNING), link)
    given(decide, SIGNAL).when(judge(SignalOutcome.REPORT, earlier=("a",))).then(JUDGED, reported(at=MORNING), link)


def test_cases_are_linked_by_hand_once():
    """S-SBB-11."""
    link = LinkIncidents("a", True, MORNING)
    told = IncidentsLinked(case=CASE, earlier="a", linked_at=MORNING)
    given(decide, REPORT).when(link).then(told).leaves(linked=("a",))
    given(decide, REPORT, link).when(link).then_nothing()
    given(decide, replace(REPORT, earlier=("a",))).when(link).then_nothing()
    given(decide, REPORT).when(LinkIncidents(CASE, True, MORNING)).refused("aan zichzelf")


def test_what_was_never_reported_is_linked_without_telling():
    """A signal stays with the person: its reference goes nowhere."""
    unreported = LinkIncidents("a", False, MORNING)
    given(decide, REPORT).when(unreported).then().leaves(linked=("a",), linked_reported=())
    told = IncidentsLinked(case=CASE, earlier="a", linked_at=MORNING)
    given(decide, REPORT, unreported).when(LinkIncidents("a", True, MORNING)).then(told)
    given(decide, DOUBTS).when(LinkIncidents("a", True, MORNING)).then()
    outcome = given(decide, DOUBTS, LinkIncidents("a", True, MORNING)).when(MELDING)
    outcome.then(reported(at=MORNING, person="p"), told)


# Somebody else reported


def test_a_reporter_is_not_the_victim_and_has_no_reference_of_the_victim():
    """S-MEL-06: account and person of the reporter never count as the victim's."""
    outcome = given(decide).when(replace(FOR_OTHER, person="p"))
    outcome.then(reported(incident=OTHER, reporter_is_victim=False, reporter="p"))
    outcome.leaves(owner=None, sent_by="account-2", person=None, victim_told_at=None)


def test_the_victim_is_to_be_told_by_the_police_until_somebody_did():
    """S-MEL-06."""
    assert waits_for(given(decide, FOR_OTHER).state) == (("tell-victim", NIGHT),)
    told = RecordVictimTold(MORNING)
    outcome = given(decide, FOR_OTHER).when(told).then().leaves(victim_told_at=MORNING)
    assert waits_for(outcome.state) == ()
    given(decide, FOR_OTHER, told).when(RecordVictimTold(MORNING + HOUR)).then_nothing()
    given(decide, REPORT).when(told).refused("zelf gemeld")


@pytest.mark.parametrize("act", [WishAangifte(False, MORNING), RequestTalk(MORNING, DAY), WITHDRAW, AANGIFTE])
def test_whoever_acts_as_victim_knows_of_the_report(act):
    given(decide, FOR_OTHER).when(act).leaves(victim_told_at=MORNING)
    assert given(decide, REPORT).when(act).state.victim_told_at is None


# What the police have to do


def test_what_waits_for_the_police_has_a_first_moment():
    """S-MEL-14."""
    due = NIGHT + HOUR
    overdue = DeadlinePassed(RCCB_RECEIPT, due, due + HOUR)
    wished = replace(REPORT, aangifte_wished=True)
    talk = RequestTalk(MORNING, DAY)
    outcome = given(decide, wished, overdue).when(talk)
    assert waits_for(outcome.state) == (("rccb-receipt", due), ("talk", MORNING), ("aangifte", NIGHT))
    outcome.leaves(waits_since=NIGHT)
    given(decide, wished, overdue, talk, AANGIFTE).when(RECEIVED).leaves(waits_since=MORNING)
    given(decide, wished, overdue, talk, AANGIFTE, RECEIVED).when(HELD).leaves(waits_since=None)
    given(decide, wished, overdue, talk).when(WITHDRAW).leaves(waits_since=None)


# Evidence

HASH = "0" * 64
ADDED = Custody("account-1", "added", NIGHT)
SCAN = Evidence(HASH, Medium.LETTER, 1_024, "In de brievenbus.", (ADDED,))


def test_evidence_is_noted_once_and_nobody_is_told():
    """S-MEL-01, data dictionary."""
    given(decide, REPORT).when(AddEvidence(SCAN)).then().leaves(evidence=(SCAN,))
    given(decide, REPORT, AddEvidence(SCAN)).when(AddEvidence(SCAN)).refused("staat er al")
    given(decide, SIGNAL).when(AddEvidence(SCAN)).then()


def test_the_custody_of_evidence_only_grows():
    """INV-11."""
    line = AddCustody(HASH, "agent-1", "Veiliggesteld.", MORNING)
    other = replace(SCAN, sha256="1" * 64)
    outcome = given(decide, REPORT, AddEvidence(SCAN), AddEvidence(other)).when(line).then()
    kept = replace(SCAN, custody=(ADDED, Custody("agent-1", "Veiliggesteld.", MORNING)))
    outcome.leaves(evidence=(kept, other))
    given(decide, REPORT).when(line).refused("niet bekend")


def test_whom_the_victim_trusts_or_keeps_out_is_known_again_until_that_ends():
    """Domain 3.8a: what was chosen last counts, and what is chosen again keeps its moment."""

    def chosen(account, relation, holds, at):
        return NoteChosen(CASE, account, relation, holds, at)

    known = given(decide, REPORT, chosen("vriend-1", Tie.TRUSTED, True, NIGHT), chosen("b", Tie.EXCLUDED, True, NIGHT))
    friend, kept_out = Chosen("vriend-1", Tie.TRUSTED, NIGHT), Chosen("b", Tie.EXCLUDED, NIGHT)
    known.when(chosen("vriend-1", Tie.TRUSTED, True, MORNING)).then().leaves(chosen=(friend, kept_out))
    known.when(chosen("vriend-1", Tie.TRUSTED, False, MORNING)).then().leaves(chosen=(kept_out,))
    known.when(chosen("vriend-1", Tie.EXCLUDED, False, MORNING)).then().leaves(chosen=(friend, kept_out))


def test_whom_the_victim_trusts_can_still_be_chosen_when_all_is_withdrawn():
    withdrawn = given(decide, SIGNAL, WITHDRAW)
    outcome = withdrawn.when(NoteChosen(CASE, "vriend-1", Tie.TRUSTED, True, MORNING)).then()
    outcome.leaves(chosen=(Chosen("vriend-1", Tie.TRUSTED, MORNING),))
