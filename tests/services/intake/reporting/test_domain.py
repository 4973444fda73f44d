"""Reporting: signal, melding, aangifte; what the police confirm and what RCCB receives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.intake.reporting.domain import (
    RCCB_RECEIPT,
    SIGNAL_UNJUDGED,
    ConfirmAangifte,
    Incident,
    MakeMelding,
    NoteFirstWeighing,
    NoteWeighingOpened,
    Person,
    RecordSignal,
    Reporter,
    ReportIncident,
    deadlines,
    decide,
    is_closed,
)
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.intake import AangifteFiled, IncidentReported, RccbNotified, RccbReceiptOverdue, SignalRecorded
from shared.contracts.vocabulary import Impact, IncidentKind, Office, ReportType, Urgency
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
MELDING = MakeMelding(MORNING, receipt_within=HOUR)
AANGIFTE = ConfirmAangifte("PL-0000", date(2016, 3, 14), MORNING)
RECEIVED = NoteWeighingOpened(CASE, MORNING)
DOES_NOT_QUALIFY = NoteFirstWeighing(CASE, qualifies=False)


def reported(at=NIGHT, incident=INCIDENT, reporter_is_victim=True):
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
    outcome = given(decide, SIGNAL).when(MELDING).then(reported(at=MORNING))
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
