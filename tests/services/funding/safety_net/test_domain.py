"""The safety net: the municipality asks, a person at BZK decides, nothing is refused for being incomplete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.funding.safety_net.domain import (
    DECISION,
    Decline,
    Grant,
    Line,
    Motivation,
    NoteAangifte,
    NoteAdvice,
    NoteCostLine,
    NoteIncident,
    Outcome,
    RequestFunding,
    RequestState,
    SupplementRequest,
    deadlines,
    decide,
    is_closed,
)
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.funding import (
    FundingDecisionDue,
    FundingDeclined,
    FundingGranted,
    FundingRequested,
    FundingSupplemented,
    RequestedLine,
)
from shared.contracts.vocabulary import Channel, MeasureType, Office, Payer, Place
from tests.given import given, utc

CASE = "c0ffee"
AT = utc("2016-04-04", "11:00")
LATER = utc("2016-04-08", "11:00")
TERM = timedelta(days=14)

INCIDENT = NoteIncident(CASE, "9901", Office.ALDERMAN)
AANGIFTE = NoteAangifte(CASE, date(2016, 3, 14))
ADVICE = NoteAdvice(CASE, utc("2016-03-14", "10:00"))
GLASS = Line("l-1", MeasureType.REINFORCED_GLASS, Place.HOME, Payer.MUNICIPALITY, True, 4_500_000)
GLASS_COST = NoteCostLine(CASE, GLASS)
LOCKS_COST = NoteCostLine(CASE, replace(GLASS, id="l-2", payer=Payer.PERSON, above_pkvw=False, amount_cents=60_000))
FACTS = (INCIDENT, AANGIFTE, ADVICE, GLASS_COST, LOCKS_COST)
REQUEST = RequestFunding(CASE, "r-1", "9901", Channel.FORM, "Te veel voor een dorp.", AT, TERM)
CALL = replace(REQUEST, channel=Channel.PHONE, motivation="")
SUPPLEMENT = SupplementRequest("9901", "Te veel voor een dorp.", LATER)
GRANT = Grant(3_000_000, "Onevenredig beslag.", "bzk-3", LATER)
DECLINE = Decline("De stad kan dit dragen.", "bzk-3", LATER)


def requested(*, office=Office.ALDERMAN, channel=Channel.FORM, cents=4_500_000, missing=()):
    lines = (RequestedLine(type=GLASS.type, place=GLASS.place, amount_cents=cents),) if cents else ()
    return FundingRequested(
        case=CASE,
        request="r-1",
        municipality="9901",
        office=office,
        channel=channel,
        requested_at=AT,
        lines=lines,
        total_cents=cents,
        missing=missing,
    )


def test_a_complete_request_goes_into_treatment():
    """S-VAN-01."""
    outcome = given(decide, *FACTS).when(REQUEST).then(requested())
    outcome.leaves(status=RequestState.IN_TREATMENT, missing=(), eligible_cents=4_500_000)
    assert deadlines(outcome.state) == (Deadline(DECISION, utc("2016-04-18", "11:00")),)


def test_only_lines_above_pkvw_for_the_municipality_are_asked_for():
    """R-VAN-07, S-KST-04, INV-5."""
    lines = [
        replace(GLASS, id=f"l-{payer}-{above}", payer=payer, above_pkvw=above) for payer in Payer for above in (1, 0)
    ]
    state = given(decide, INCIDENT, AANGIFTE, ADVICE, *(NoteCostLine(CASE, line) for line in lines)).state
    assert [line.id for line in state.requested_lines] == ["l-municipality-1"]
    assert state.eligible_cents == 4_500_000


def test_without_aangifte_the_request_is_kept_and_the_missing_aangifte_is_named():
    """S-VAN-02, Q-1."""
    outcome = given(decide, INCIDENT, ADVICE, GLASS_COST).when(REQUEST).then(requested(missing=("aangifte",)))
    outcome.leaves(status=RequestState.TO_BE_COMPLETED, eligible_cents=0)


def test_a_phone_call_is_enough_to_start():
    """S-VAN-07, R-VAN-12: of an unknown case, everything else is still to come."""
    outcome = given(decide).when(CALL)
    missing = ("aangifte", "advice", "cost-lines", "motivation")
    outcome.then(requested(office=None, channel=Channel.PHONE, cents=0, missing=missing))
    outcome.leaves(status=RequestState.TO_BE_COMPLETED, municipality="9901", missing=missing)


@pytest.mark.parametrize(
    ("fact", "name"),
    [(AANGIFTE, "aangifte"), (ADVICE, "advice"), (GLASS_COST, "cost-lines")],
)
def test_each_missing_item_is_named_and_its_arrival_completes_the_request(fact, name):
    """R-VAN-05, R-VAN-12: to be completed, never rejected."""
    others = tuple(one for one in FACTS if one is not fact)
    known = given(decide, *others, REQUEST)
    assert (known.state.missing, known.state.status) == ((name,), RequestState.TO_BE_COMPLETED)
    known.when(fact).then().leaves(missing=(), status=RequestState.IN_TREATMENT)


def test_a_supplement_tells_the_request_as_it_is_now():
    """R-VAN-08, R-VAN-12."""
    outcome = given(decide, *FACTS, CALL).when(SUPPLEMENT)
    line = RequestedLine(type=GLASS.type, place=GLASS.place, amount_cents=4_500_000)
    outcome.then(FundingSupplemented(case=CASE, request="r-1", lines=(line,), total_cents=4_500_000, missing=()))
    outcome.leaves(status=RequestState.IN_TREATMENT)
    assert outcome.state.request.channel is Channel.PHONE


def test_each_motivation_is_kept_with_its_moment_and_the_last_one_counts():
    """INV-11, R-VAN-08."""
    outcome = given(decide, *FACTS, REQUEST).when(replace(SUPPLEMENT, motivation="Ook de begroting is op."))
    request = outcome.state.request
    assert request.motivations == (
        Motivation("Te veel voor een dorp.", AT), Motivation("Ook de begroting is op.", LATER),
    )  # fmt: skip
    assert request.motivation == "Ook de begroting is op."


def test_a_request_by_phone_has_no_motivation_yet():
    """S-VAN-07."""
    request = given(decide, CALL).state.request
    assert (request.motivations, request.motivation) == ((), "")


def test_the_motivation_does_not_travel():
    """S-VAN-13, INV-6."""
    told = given(decide, *FACTS).when(REQUEST).events
    told += given(decide, *FACTS, CALL).when(SUPPLEMENT).events
    told += given(decide, *FACTS, REQUEST).when(DECLINE).events
    told += given(decide, *FACTS, REQUEST).when(GRANT).events
    text = "".join(event.model_dump_json() for event in told)
    for private in ("dorp", "stad", "Onevenredig", "bzk-3"):
        assert private not in text


def test_a_grant_may_be_a_part_and_the_rest_stays_municipal():
    """S-VAN-08, R-VAN-06, INV-10."""
    known = given(decide, *FACTS, REQUEST)
    outcome = known.when(GRANT)
    outcome.then(
        FundingGranted(case=CASE, request="r-1", municipality="9901", granted_cents=3_000_000, decided_at=LATER)
    )
    outcome.leaves(status=RequestState.GRANTED, lines=known.state.lines, eligible_cents=4_500_000)
    assert outcome.state.request.outcome == Outcome(3_000_000, "Onevenredig beslag.", "bzk-3", LATER)
    assert deadlines(outcome.state) == ()


def test_a_grant_may_be_the_whole():
    whole = replace(GRANT, amount_cents=4_500_000)
    given(decide, *FACTS, REQUEST).when(whole).leaves(status=RequestState.GRANTED)


def test_a_decline_has_a_reason_and_changes_no_line_or_payer():
    """S-VAN-06, S-VAN-11."""
    known = given(decide, *FACTS, REQUEST)
    outcome = known.when(DECLINE)
    outcome.then(FundingDeclined(case=CASE, request="r-1", municipality="9901", decided_at=LATER))
    outcome.leaves(status=RequestState.DECLINED, lines=known.state.lines)
    assert outcome.state.request.outcome == Outcome(None, "De stad kan dit dragen.", "bzk-3", LATER)
    assert deadlines(outcome.state) == ()


def test_an_incomplete_request_may_be_declined_by_a_person():
    """R-VAN-10: people decide, the missing item does not."""
    given(decide, CALL).when(DECLINE).then(
        FundingDeclined(case=CASE, request="r-1", municipality="9901", decided_at=LATER)
    )


@pytest.mark.parametrize("cents", [4_500_001, 0, -1])
def test_a_grant_is_more_than_nothing_and_never_more_than_eligible(cents):
    """INV-5."""
    given(decide, *FACTS, REQUEST).when(replace(GRANT, amount_cents=cents)).refused("45000.00 euro")


@pytest.mark.parametrize("missing", [AANGIFTE, ADVICE, GLASS_COST])
def test_nothing_is_granted_without_aangifte_advice_or_eligible_costs(missing):
    """INV-5, R-VAN-05."""
    others = tuple(one for one in FACTS if one is not missing)
    given(decide, *others, REQUEST).when(replace(GRANT, amount_cents=1)).refused("0.00 euro")


@pytest.mark.parametrize("command", [SUPPLEMENT, GRANT, DECLINE])
@pytest.mark.parametrize("past", [(), FACTS])
def test_without_a_request_there_is_nothing_to_add_or_decide(past, command):
    given(decide, *past).when(command).refused("nog geen aanvraag")


@pytest.mark.parametrize("command", [SUPPLEMENT, GRANT, DECLINE])
@pytest.mark.parametrize("outcome", [GRANT, DECLINE])
def test_a_decision_is_taken_once(outcome, command):
    """S-VAN-10: one request, one payment."""
    given(decide, *FACTS, REQUEST, outcome).when(command).refused("al beslist")


def test_a_case_has_one_request():
    """S-VAN-10."""
    given(decide, *FACTS, REQUEST).when(replace(REQUEST, request="r-2")).refused("al een aanvraag")


def test_a_municipality_asks_only_for_its_own_cases():
    given(decide, *FACTS).when(replace(REQUEST, municipality="9902")).refused("niet van uw gemeente")
    given(decide, *FACTS, CALL).when(replace(SUPPLEMENT, municipality="9902")).refused("niet van uw gemeente")


@pytest.mark.parametrize("fact", [AANGIFTE, ADVICE, GLASS_COST])
def test_a_request_that_overtakes_the_incident_still_belongs_to_its_municipality(fact):
    """R-VAN-12: topics have no order among them; the municipality must be able to add, and to hear the outcome."""
    past = (fact, CALL)
    assert given(decide, *past).state.municipality == "9901"
    given(decide, *past).when(SUPPLEMENT).leaves(municipality="9901")
    given(decide, *past).when(DECLINE).then(
        FundingDeclined(case=CASE, request="r-1", municipality="9901", decided_at=LATER)
    )


@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("past", [(), FACTS, (*FACTS, REQUEST), (*FACTS, REQUEST, GRANT), (*FACTS, REQUEST, DECLINE)])
def test_facts_are_accepted_in_every_state_and_repeating_them_changes_nothing(past, fact):
    """S-VAN-10, E2E-7."""
    given(decide, *past).when(fact).then()
    given(decide, *past, fact).when(fact).then_nothing()


def test_the_first_advice_is_the_one_that_counts():
    """R-VAN-05."""
    again = replace(ADVICE, advised_at=ADVICE.advised_at + TERM)
    given(decide, ADVICE).when(again).then_nothing()


def test_a_reclassified_line_replaces_the_earlier_one():
    """R-KST-01: each line has one payer."""
    again = NoteCostLine(CASE, replace(GLASS, payer=Payer.PERSON))
    outcome = given(decide, *FACTS).when(again).then()
    outcome.leaves(eligible_cents=0)
    assert [line.id for line in outcome.state.lines] == ["l-1", "l-2"]


def test_a_late_decision_is_reminded_once_and_decides_nothing():
    """Timer of VAN; R-VAN-10: no automatic grant or refusal."""
    due = AT + TERM
    outcome = given(decide, *FACTS, REQUEST).when(DeadlinePassed(DECISION, due, due + TERM))
    outcome.then(FundingDecisionDue(case=CASE, request="r-1", due_at=due))
    outcome.leaves(status=RequestState.IN_TREATMENT)
    assert deadlines(outcome.state) == ()


def test_a_late_request_can_still_be_granted():
    overdue = DeadlinePassed(DECISION, AT + TERM, AT + TERM)
    given(decide, *FACTS, REQUEST, overdue).when(GRANT).leaves(status=RequestState.GRANTED)


def test_a_deadline_that_no_longer_holds_changes_nothing():
    passed = DeadlinePassed(DECISION, AT + TERM, AT + TERM)
    given(decide, *FACTS, REQUEST, GRANT).when(passed).then_nothing()
    given(decide, *FACTS).when(passed).then_nothing()
    given(decide, *FACTS, REQUEST).when(replace(passed, due=AT)).then_nothing()
    given(decide, *FACTS, REQUEST).when(replace(passed, name="unknown")).then_nothing()


def test_without_a_request_there_is_no_status_and_no_clock():
    state = given(decide, *FACTS).state
    assert (state.status, deadlines(state), is_closed(state)) == (None, (), False)
