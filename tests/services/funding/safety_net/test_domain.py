"""The safety net: the municipality asks, a person at BZK decides, nothing is refused for being incomplete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.funding.safety_net import domain
from services.funding.safety_net.commands import (
    Acknowledge,
    AnswerQuestion,
    AskQuestion,
    AskSupplement,
    AssessDisproportion,
    ConfirmDecision,
    Decline,
    Grant,
    NoteAangifte,
    NoteAdvice,
    NoteCostLine,
    NoteIncident,
    Object,
    RecordPaid,
    RequestFunding,
    Settle,
    SupplementRequest,
    WithdrawRequest,
)
from services.funding.safety_net.domain import ACKNOWLEDGEMENT, DECISION, deadlines, decide, is_closed
from services.funding.safety_net.request import Answer, Budget, Line, Motivation, Note, Outcome, Phase, RequestState
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.funding import (
    FundingAcknowledgementDue,
    FundingDecisionDue,
    FundingDeclined,
    FundingGranted,
    FundingRequested,
    FundingSettled,
    FundingSupplementAsked,
    FundingSupplemented,
    FundingWithdrawn,
    RequestedLine,
    SupplementReminderDue,
    VangnetQuestionAnswered,
    VangnetQuestionAsked,
)
from shared.contracts.vocabulary import Channel, Continuation, MeasureType, Office, Payer, Place
from tests.given import given, utc

CASE = "c0ffee"
AT = utc("2016-04-04", "11:00")
TOMORROW = utc("2016-04-05", "11:00")
LATER = utc("2016-04-08", "11:00")
REMIND = utc("2016-04-15", "11:00")
TARGET = utc("2016-04-18", "11:00")

INCIDENT = NoteIncident(CASE, "9901", Office.ALDERMAN)
AANGIFTE = NoteAangifte(CASE, date(2016, 3, 14))
ADVICE = NoteAdvice(CASE, utc("2016-03-14", "10:00"))
GLASS = Line("l-1", MeasureType.REINFORCED_GLASS, Place.HOME, Payer.MUNICIPALITY, True, 4_500_000, eligible=True)
GLASS_COST = NoteCostLine(CASE, GLASS)
LOCKS_COST = NoteCostLine(
    CASE, replace(GLASS, id="l-2", payer=Payer.PERSON, above_pkvw=False, amount_cents=60_000, eligible=False)
)
FACTS = (INCIDENT, AANGIFTE, ADVICE, GLASS_COST, LOCKS_COST)
REQUEST = RequestFunding(
    CASE, "r-1", "9901", Channel.FORM, "Te veel voor een dorp.", None, AT, TOMORROW, TARGET
)  # fmt: skip
CALL = replace(REQUEST, channel=Channel.PHONE, motivation="")
BUDGET = Budget(900_000_000, Answer.NO, Answer.YES, "Kleine gemeente.")
SUPPLEMENT = SupplementRequest("9901", "Te veel voor een dorp.", None, LATER)
ACKNOWLEDGE = Acknowledge("bzk-3", AT)
ASK_MORE = AskSupplement("Hoe groot is de begroting?", "bzk-3", LATER, REMIND)
ASSESS = AssessDisproportion("Vier procent van de begroting.", "bzk-3", LATER)
GRANT = Grant(3_000_000, "Onevenredig beslag.", "bzk-3", LATER)
DECLINE = Decline("De stad kan dit dragen.", "bzk-3", LATER)
WITHDRAW = WithdrawRequest("9901", "Niet meer nodig.", LATER)
OBJECT = Object("9901", "Het is wel te veel.", LATER, utc("2016-04-22", "11:00"))
ORAL = replace(GRANT, on_behalf_of="bzk-9")
CONFIRM = ConfirmDecision("bzk-9", LATER)
ACTUAL_COST = NoteCostLine(CASE, replace(GLASS, actual_cents=2_800_000))
SETTLE = Settle(2_800_000, "Naar de rekening.", "bzk-3", LATER)
PAY = RecordPaid("2016-0117", "bzk-3", LATER)
QUESTION = AskQuestion("q-1", "9901", Channel.PHONE, "Wat valt eronder?", "griffier-1", AT)
ANSWER = AnswerQuestion("Extra beveiliging.", "bzk-3", LATER)

GRANTED = (*FACTS, REQUEST, GRANT)
SETTLED = (*GRANTED, ACTUAL_COST, SETTLE)


def requested(*, office=Office.ALDERMAN, channel=Channel.FORM, cents=4_500_000, missing=(), **other):
    return FundingRequested(
        case=CASE,
        request="r-1",
        municipality="9901",
        office=office,
        channel=channel,
        requested_at=AT,
        lines=asked(cents),
        total_cents=cents,
        missing=missing,
        **other,
    )


def asked(cents):
    return (RequestedLine(type=GLASS.type, place=GLASS.place, amount_cents=cents),) if cents else ()


def supplemented(cents=4_500_000, missing=()):
    return FundingSupplemented(case=CASE, request="r-1", lines=asked(cents), total_cents=cents, missing=missing)


def granted(cents):
    return FundingGranted(case=CASE, request="r-1", municipality="9901", granted_cents=cents, decided_at=LATER)


DECLINED = FundingDeclined(case=CASE, request="r-1", municipality="9901", decided_at=LATER)


def test_a_complete_request_goes_into_treatment():
    """S-VAN-01."""
    outcome = given(decide, *FACTS).when(REQUEST).then(requested())
    outcome.leaves(status=RequestState.IN_TREATMENT, missing=(), eligible_cents=4_500_000, phase=Phase.TO_DECIDE)
    assert deadlines(outcome.state) == (Deadline(ACKNOWLEDGEMENT, TOMORROW), Deadline(DECISION, TARGET))


def test_only_eligible_lines_above_pkvw_for_the_municipality_are_asked_for():
    """R-VAN-07, S-KST-04, INV-5."""
    lines = [
        replace(GLASS, id=f"l-{payer}-{above}-{eligible}", payer=payer, above_pkvw=above, eligible=eligible)
        for payer in Payer
        for above in (True, False)
        for eligible in (True, False)
    ]
    lines.append(replace(GLASS, id="l-care", type=MeasureType.CARE))
    state = given(decide, INCIDENT, AANGIFTE, ADVICE, *(NoteCostLine(CASE, line) for line in lines)).state
    assert [line.id for line in state.requested_lines] == ["l-municipality-True-True"]
    assert state.eligible_cents == 4_500_000


def test_without_aangifte_the_request_is_kept_and_the_missing_aangifte_is_named():
    """S-VAN-02, Q-1."""
    outcome = given(decide, INCIDENT, ADVICE, GLASS_COST).when(REQUEST).then(requested(missing=("aangifte",)))
    outcome.leaves(status=RequestState.TO_BE_COMPLETED, eligible_cents=0, phase=Phase.TO_DECIDE)


def test_a_phone_call_is_enough_to_start():
    """S-VAN-07, R-VAN-12: of an unknown case, everything else is still to come."""
    outcome = given(decide).when(CALL)
    missing = ("aangifte", "advice", "cost-lines", "motivation")
    outcome.then(requested(office=None, channel=Channel.PHONE, cents=0, missing=missing))
    outcome.leaves(status=RequestState.TO_BE_COMPLETED, municipality="9901", missing=missing)


def test_a_call_that_the_ministry_noted_needs_no_acknowledgement():
    """S-VAN-07: they spoke to each other."""
    state = given(decide).when(replace(CALL, noted_by="bzk-3")).state
    assert (state.request.noted_by, state.request.acknowledged_at) == ("bzk-3", AT)
    assert deadlines(state) == (Deadline(DECISION, TARGET),)


NOTED = replace(CALL, noted_by="bzk-3")


@pytest.mark.parametrize(
    ("past", "waits"),
    [((NOTED,), True), ((NOTED, SUPPLEMENT), True), ((CALL,), False), ((NOTED, WITHDRAW), False),
     ((NOTED, DECLINE), False), ((NOTED, DECLINE, OBJECT), False)],
    ids=["noted", "and supplemented", "the municipality's own", "withdrawn", "decided", "objected to"],
)  # fmt: skip
def test_a_noted_call_gives_way_to_a_request_for_the_case_until_it_is_decided_on(past, waits):
    """S-VAN-07: what BZK decided on stands, and asking for the case itself is not refused for it."""
    request = given(decide, *past).state.request
    assert request.waits_for_its_case is waits


@pytest.mark.parametrize("fact", [AANGIFTE, ADVICE, GLASS_COST])
def test_each_missing_item_is_named_and_its_arrival_completes_and_is_told(fact):
    """R-VAN-05, R-VAN-12: to be completed, never rejected; the ministry's topic does not go stale."""
    name = {AANGIFTE: "aangifte", ADVICE: "advice", GLASS_COST: "cost-lines"}[fact]
    others = tuple(one for one in FACTS if one is not fact)
    known = given(decide, *others, REQUEST)
    assert (known.state.missing, known.state.status) == ((name,), RequestState.TO_BE_COMPLETED)
    known.when(fact).then(supplemented()).leaves(missing=(), status=RequestState.IN_TREATMENT)


@pytest.mark.parametrize("past", [FACTS, (*FACTS, REQUEST, GRANT), (*FACTS, REQUEST, WITHDRAW)])
def test_a_fact_is_told_to_the_ministry_only_while_it_must_decide(past):
    given(decide, *past).when(NoteCostLine(CASE, replace(GLASS, amount_cents=1))).then()


def test_a_fact_that_changes_nothing_in_the_request_is_not_told():
    """E2E-7: nor a line that the safety net does not pay for."""
    given(decide, *FACTS, REQUEST).when(GLASS_COST).then_nothing()
    given(decide, *FACTS, REQUEST).when(NoteCostLine(CASE, replace(LOCKS_COST.line, amount_cents=1))).then()
    given(decide, *FACTS, REQUEST).when(replace(AANGIFTE, filed_on=date(2016, 3, 15))).then()
    given(decide, *FACTS, REQUEST).when(ACTUAL_COST).then()


def test_a_reclassified_line_replaces_the_earlier_one_and_is_told():
    """R-KST-01: each line has one payer."""
    again = NoteCostLine(CASE, replace(GLASS, payer=Payer.PERSON))
    outcome = given(decide, *FACTS, REQUEST).when(again).then(supplemented(0, ("cost-lines",)))
    outcome.leaves(eligible_cents=0, status=RequestState.TO_BE_COMPLETED)
    assert [line.id for line in outcome.state.lines] == ["l-1", "l-2"]


def test_a_supplement_tells_the_request_as_it_is_now():
    """R-VAN-08, R-VAN-12."""
    outcome = given(decide, *FACTS, CALL).when(SUPPLEMENT).then(supplemented())
    outcome.leaves(status=RequestState.IN_TREATMENT)
    assert outcome.state.request.channel is Channel.PHONE


def test_budget_and_reservation_may_be_told_and_nothing_is_computed_from_them():
    """R-VAN-08, R-BUD-01, R-VAN-18: asked, never a condition."""
    state = given(decide, *FACTS).when(replace(REQUEST, budget=BUDGET)).then(requested()).state
    assert state.request.budget == BUDGET
    assert given(decide, *FACTS, REQUEST).state.request.budget.acute_and_serious is Answer.UNKNOWN
    more = replace(SUPPLEMENT, motivation="", budget=replace(BUDGET, reservation=Answer.YES))
    budgets = given(decide, *FACTS, replace(REQUEST, budget=BUDGET)).when(more).state.request.budgets
    assert [one.reservation for one in budgets] == [Answer.NO, Answer.YES]


def test_an_empty_supplement_is_refused():
    given(decide, *FACTS, REQUEST).when(replace(SUPPLEMENT, motivation="")).refused("ten minste één")


def test_each_motivation_is_kept_with_its_moment_and_the_last_one_counts():
    """INV-11, R-VAN-08."""
    outcome = given(decide, *FACTS, REQUEST).when(replace(SUPPLEMENT, motivation="Ook de begroting is op."))
    request = outcome.state.request
    assert request.motivations == (
        Motivation("Te veel voor een dorp.", AT), Motivation("Ook de begroting is op.", LATER),
    )  # fmt: skip
    assert request.motivation == "Ook de begroting is op."


def test_what_people_write_does_not_travel():
    """S-VAN-13, INV-6."""
    told = given(decide, *FACTS).when(replace(REQUEST, budget=BUDGET)).events
    for past, command in (
        ((*FACTS, CALL), SUPPLEMENT), ((*FACTS, REQUEST), DECLINE), ((*FACTS, REQUEST), ORAL),
        ((*FACTS, REQUEST), ASK_MORE), ((*FACTS, REQUEST), ASSESS), ((*FACTS, REQUEST), WITHDRAW),
        ((*GRANTED, ACTUAL_COST), SETTLE), (SETTLED, PAY), ((), QUESTION), ((QUESTION,), ANSWER),
    ):  # fmt: skip
        told += given(decide, *past).when(command).events
    text = "".join(event.model_dump_json() for event in told)
    for private in ("dorp", "stad", "Onevenredig", "bzk-", "begroting", "Kleine", "nodig", "valt", "Extra", "griffier"):
        assert private not in text


def test_the_ministry_tells_that_the_request_arrived():
    """Timer of VAN."""
    outcome = given(decide, *FACTS, REQUEST).when(ACKNOWLEDGE).then()
    assert outcome.state.request.acknowledged_at == AT
    assert deadlines(outcome.state) == (Deadline(DECISION, TARGET),)
    given(decide, *FACTS, REQUEST, ACKNOWLEDGE).when(replace(ACKNOWLEDGE, at=LATER)).then_nothing()


def test_an_arrival_that_nobody_told_is_reminded_of_once():
    passed = DeadlinePassed(ACKNOWLEDGEMENT, TOMORROW, LATER)
    outcome = given(decide, *FACTS, REQUEST).when(passed)
    outcome.then(FundingAcknowledgementDue(case=CASE, request="r-1", due_at=TOMORROW))
    assert deadlines(outcome.state) == (Deadline(DECISION, TARGET),)


def test_the_ministry_asks_for_more_and_reminds_of_it():
    """Timer of VAN: five working days; the decision's own target stays."""
    outcome = given(decide, *FACTS, REQUEST).when(ASK_MORE)
    outcome.then(FundingSupplementAsked(case=CASE, request="r-1", municipality="9901", asked_at=LATER))
    assert deadlines(outcome.state) == (Deadline(domain.SUPPLEMENT, REMIND), Deadline(DECISION, TARGET))
    late = given(decide, *FACTS, REQUEST, ASK_MORE).when(DeadlinePassed(domain.SUPPLEMENT, REMIND, REMIND))
    late.then(SupplementReminderDue(case=CASE, request="r-1", municipality="9901", due_at=REMIND))
    assert deadlines(late.state) == (Deadline(DECISION, TARGET),)
    answered = given(decide, *FACTS, REQUEST, ASK_MORE, SUPPLEMENT).state
    assert deadlines(answered) == (Deadline(DECISION, TARGET),)


def test_how_heavy_the_costs_weigh_is_written_by_a_person():
    """R-VAN-08, R-VAN-10: it decides nothing by itself."""
    outcome = given(decide, *FACTS, REQUEST).when(ASSESS).then()
    outcome.leaves(status=RequestState.IN_TREATMENT)
    assert outcome.state.request.assessments == (Note("Vier procent van de begroting.", "bzk-3", LATER),)


def test_a_grant_may_be_a_part_with_conditions_and_the_rest_stays_municipal():
    """S-VAN-08, R-VAN-06, INV-10."""
    known = given(decide, *FACTS, REQUEST)
    outcome = known.when(replace(GRANT, conditions="Stuur de rekening.")).then(granted(3_000_000))
    outcome.leaves(status=RequestState.GRANTED, lines=known.state.lines, phase=Phase.TO_SETTLE)
    assert outcome.state.request.outcome == Outcome(
        3_000_000, "Onevenredig beslag.", "bzk-3", LATER, "Stuur de rekening."
    )  # fmt: skip
    assert deadlines(outcome.state) == ()


def test_a_grant_may_be_the_whole():
    whole = replace(GRANT, amount_cents=4_500_000)
    given(decide, *FACTS, REQUEST).when(whole).leaves(status=RequestState.GRANTED)


def test_a_decline_has_a_reason_and_changes_no_line_or_payer():
    """S-VAN-06, S-VAN-11."""
    known = given(decide, *FACTS, REQUEST)
    outcome = known.when(DECLINE).then(DECLINED)
    outcome.leaves(status=RequestState.DECLINED, lines=known.state.lines, phase=Phase.DECLINED)
    assert outcome.state.request.outcome == Outcome(None, "De stad kan dit dragen.", "bzk-3", LATER)
    assert deadlines(outcome.state) == ()


def test_an_incomplete_request_may_be_declined_by_a_person():
    """R-VAN-10: people decide, the missing item does not."""
    given(decide, CALL).when(DECLINE).then(DECLINED)


@pytest.mark.parametrize("cents", [4_500_001, 0, -1])
def test_a_grant_is_more_than_nothing_and_never_more_than_eligible(cents):
    """INV-5."""
    given(decide, *FACTS, REQUEST).when(replace(GRANT, amount_cents=cents)).refused("45000.00 euro")


@pytest.mark.parametrize("missing", [AANGIFTE, ADVICE, GLASS_COST])
def test_nothing_is_granted_without_aangifte_advice_or_eligible_costs(missing):
    """INV-5, R-VAN-05."""
    others = tuple(one for one in FACTS if one is not missing)
    given(decide, *others, REQUEST).when(replace(GRANT, amount_cents=1)).refused("0.00 euro")


def test_an_oral_decision_counts_and_its_maker_confirms_it():
    """INV-10: written down by a named colleague; unconfirmed is visible and blocks nothing."""
    outcome = given(decide, *FACTS, REQUEST).when(ORAL).then(granted(3_000_000))
    assert not outcome.state.request.outcome.confirmed
    outcome.leaves(status=RequestState.GRANTED)
    known = given(decide, *FACTS, REQUEST, ORAL)
    known.when(replace(CONFIRM, by="bzk-3")).refused("geen mondeling besluit van u")
    assert known.when(CONFIRM).then().state.request.outcome.confirmed_at == LATER
    given(decide, *FACTS, REQUEST, ORAL, CONFIRM).when(replace(CONFIRM, at=TARGET)).then_nothing()
    given(decide, *FACTS, REQUEST).when(replace(ORAL, on_behalf_of="bzk-3")).refused("U beslist zelf")
    given(decide, *GRANTED).when(CONFIRM).refused("geen mondeling besluit")
    assert given(decide, *GRANTED).state.request.outcome.confirmed


@pytest.mark.parametrize("command", [SUPPLEMENT, WITHDRAW, OBJECT, ACKNOWLEDGE, ASK_MORE, ASSESS, GRANT, DECLINE,
                                     CONFIRM, SETTLE, PAY])  # fmt: skip
@pytest.mark.parametrize("past", [(), FACTS])
def test_without_a_request_there_is_nothing_to_do(past, command):
    given(decide, *past).when(command).refused("nog geen aanvraag")


@pytest.mark.parametrize("command", [SUPPLEMENT, WITHDRAW, ACKNOWLEDGE, ASK_MORE, ASSESS, GRANT, DECLINE])
@pytest.mark.parametrize("outcome", [GRANT, DECLINE])
def test_a_decision_is_taken_once(outcome, command):
    """S-VAN-10: one request, one payment."""
    given(decide, *FACTS, REQUEST, outcome).when(command).refused("al beslist")


def test_a_case_has_one_request():
    """S-VAN-10."""
    given(decide, *FACTS, REQUEST).when(replace(REQUEST, request="r-2")).refused("al een aanvraag")
    given(decide, *FACTS, REQUEST, DECLINE).when(replace(REQUEST, request="r-2")).refused("Maak dan bezwaar")


def test_a_municipality_withdraws_and_may_ask_again():
    outcome = given(decide, *FACTS, REQUEST).when(WITHDRAW)
    outcome.then(FundingWithdrawn(case=CASE, request="r-1", municipality="9901", withdrawn_at=LATER))
    outcome.leaves(status=RequestState.WITHDRAWN)
    assert (deadlines(outcome.state), is_closed(outcome.state)) == ((), True)
    again = given(decide, *FACTS, REQUEST, WITHDRAW).when(replace(REQUEST, request="r-2"))
    assert [one.id for one in again.state.earlier] == ["r-1"]
    again.leaves(status=RequestState.IN_TREATMENT)


@pytest.mark.parametrize("command", [SUPPLEMENT, WITHDRAW, ACKNOWLEDGE, GRANT, DECLINE])
def test_after_withdrawal_nothing_is_decided(command):
    given(decide, *FACTS, REQUEST, WITHDRAW).when(command).refused("ingetrokken")


@pytest.mark.parametrize("first", [GRANT, DECLINE])
def test_after_an_objection_somebody_else_decides_and_the_first_decision_is_kept(first):
    """INV-10, INV-11."""
    past = (*FACTS, REQUEST, first, OBJECT)
    known = given(decide, *past)
    assert (known.state.status, known.state.phase) == (RequestState.IN_TREATMENT, Phase.TO_DECIDE)
    assert deadlines(known.state) == (Deadline(DECISION, OBJECT.decide_before),)
    known.when(replace(GRANT, amount_cents=4_000_000)).refused("een collega")
    known.when(replace(GRANT, decided_by="bzk-4", on_behalf_of="bzk-3")).refused("een collega")
    known.when(WITHDRAW).refused("over uw bezwaar")
    outcome = known.when(replace(GRANT, amount_cents=4_000_000, decided_by="bzk-4")).then(granted(4_000_000))
    assert [one.decided_by for one in outcome.state.request.outcomes] == ["bzk-3", "bzk-4"]
    outcome.leaves(status=RequestState.GRANTED)
    assert not outcome.state.request.objected


@pytest.mark.parametrize(
    ("past", "words"),
    [((*FACTS, REQUEST), "nog geen besluit"), ((*GRANTED, OBJECT), "al bekend"), (SETTLED, "al vastgesteld"),
     ((*FACTS, REQUEST, WITHDRAW), "nog geen besluit")],
)  # fmt: skip
def test_an_objection_is_against_one_decision(past, words):
    given(decide, *past).when(OBJECT).refused(words)


def test_what_is_paid_follows_what_it_really_cost():
    """S-VAN-14: measures ended earlier."""
    outcome = given(decide, *GRANTED, ACTUAL_COST).when(SETTLE)
    outcome.then(
        FundingSettled(case=CASE, request="r-1", municipality="9901", settled_cents=2_800_000, settled_at=LATER)
    )
    outcome.leaves(status=RequestState.SETTLED, phase=Phase.TO_PAY, actual_cents=2_800_000)


@pytest.mark.parametrize(("actual", "limit"), [(2_800_000, 2_800_000), (4_500_000, 3_000_000), (0, 0)])
def test_a_settlement_is_at_most_what_was_granted_and_what_it_cost(actual, limit):
    """S-VAN-14, INV-5."""
    known = given(decide, *GRANTED, NoteCostLine(CASE, replace(GLASS, actual_cents=actual)))
    known.when(replace(SETTLE, amount_cents=limit + 1)).refused(f"{limit / 100:.2f} euro")
    known.when(replace(SETTLE, amount_cents=limit)).leaves(status=RequestState.SETTLED)


def test_nothing_is_settled_before_all_actual_costs_are_known():
    more = NoteCostLine(CASE, replace(GLASS, id="l-3"))
    given(decide, *GRANTED).when(SETTLE).refused("wat ze echt waren")
    given(decide, *GRANTED, ACTUAL_COST, more).when(SETTLE).refused("wat ze echt waren")


@pytest.mark.parametrize("past", [(REQUEST,), (REQUEST, DECLINE), (REQUEST, GRANT, OBJECT), (REQUEST, WITHDRAW)])
def test_only_a_grant_is_settled(past):
    given(decide, *FACTS, ACTUAL_COST, *past).when(SETTLE).refused("geen bijdrage toegekend")


def test_a_settlement_may_be_corrected_until_it_is_paid_once():
    """S-VAN-10, INV-11."""
    corrected = replace(SETTLE, amount_cents=1)
    state = given(decide, *SETTLED).when(corrected).state
    assert [one.amount_cents for one in state.request.settlements] == [2_800_000, 1]
    outcome = given(decide, *SETTLED).when(PAY).then()
    outcome.leaves(status=RequestState.PAID, phase=Phase.PAID)
    assert is_closed(outcome.state)
    for command in (PAY, corrected):
        given(decide, *SETTLED, PAY).when(command).refused("al betaald")
    given(decide, *GRANTED).when(PAY).refused("nog niet vastgesteld")


@pytest.mark.parametrize("command", [replace(REQUEST, municipality="9902")])
def test_a_municipality_asks_only_for_its_own_cases(command):
    given(decide, *FACTS).when(command).refused("niet van uw gemeente")
    for act in (SUPPLEMENT, WITHDRAW, OBJECT):
        given(decide, *FACTS, CALL).when(replace(act, municipality="9902")).refused("niet van uw gemeente")


@pytest.mark.parametrize("fact", [AANGIFTE, ADVICE, GLASS_COST])
def test_a_request_that_overtakes_the_incident_still_belongs_to_its_municipality(fact):
    """R-VAN-12: topics have no order among them; the municipality must be able to add, and to hear the outcome."""
    past = (fact, CALL)
    assert given(decide, *past).state.municipality == "9901"
    given(decide, *past).when(SUPPLEMENT).leaves(municipality="9901")
    given(decide, *past).when(DECLINE).then(DECLINED)


@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("past", [(), FACTS, GRANTED, (*FACTS, REQUEST, DECLINE), SETTLED, (*FACTS, REQUEST, WITHDRAW)])
def test_facts_are_accepted_in_every_state_and_repeating_them_changes_nothing(past, fact):
    """S-VAN-10, E2E-7."""
    given(decide, *past).when(fact).then()
    given(decide, *past, fact).when(fact).then_nothing()


def test_the_first_advice_is_the_one_that_counts():
    """R-VAN-05."""
    again = replace(ADVICE, advised_at=ADVICE.advised_at + timedelta(days=1))
    given(decide, ADVICE).when(again).then_nothing()


def test_a_late_decision_is_reminded_once_and_decides_nothing():
    """Timer of VAN; R-VAN-10: no automatic grant or refusal."""
    known = given(decide, *FACTS, REQUEST, ACKNOWLEDGE)
    outcome = known.when(DeadlinePassed(DECISION, TARGET, TARGET))
    outcome.then(FundingDecisionDue(case=CASE, request="r-1", due_at=TARGET))
    outcome.leaves(status=RequestState.IN_TREATMENT, due_by=TARGET)
    assert deadlines(outcome.state) == ()


def test_a_late_request_can_still_be_granted():
    given(decide, *FACTS, REQUEST, DeadlinePassed(DECISION, TARGET, TARGET)).when(GRANT).leaves(
        status=RequestState.GRANTED
    )


def test_a_deadline_that_no_longer_holds_changes_nothing():
    passed = DeadlinePassed(DECISION, TARGET, TARGET)
    for past in (GRANTED, FACTS):
        given(decide, *past).when(passed).then_nothing()
    given(decide, *FACTS, REQUEST).when(replace(passed, due=AT)).then_nothing()
    given(decide, *FACTS, REQUEST).when(replace(passed, name="unknown")).then_nothing()


@pytest.mark.parametrize("future", [None, Continuation.UNDECIDED, Continuation.PROLONGED, Continuation.STRUCTURAL])
def test_as_long_as_nobody_ended_it_a_request_is_accepted_and_marked(future):
    """S-VAN-15, R-VAN-01, R-VAN-11."""
    given(decide, *FACTS).when(replace(REQUEST, continuation=future)).then(requested(continuation=future))


def test_no_scheme_only_after_somebody_decided_so():
    """S-VAN-15."""
    given(decide, *FACTS).when(replace(REQUEST, continuation=Continuation.NONE)).refused("Het vangnet is gestopt")


def test_a_question_needs_no_case_and_gets_an_answer():
    """R-VAN-13, S-VAN-07."""
    asked_ = given(decide).when(QUESTION)
    asked_.then(
        VangnetQuestionAsked(case="q-1", question="q-1", municipality="9901", channel=Channel.PHONE, asked_at=AT)
    )
    asked_.leaves(phase=Phase.TO_ANSWER, status=None)
    outcome = given(decide, QUESTION).when(ANSWER)
    outcome.then(VangnetQuestionAnswered(case="q-1", question="q-1", municipality="9901", answered_at=LATER))
    outcome.leaves(phase=Phase.ANSWERED)
    assert (is_closed(asked_.state), is_closed(outcome.state)) == (False, True)
    again = given(decide, QUESTION, ANSWER).when(replace(ANSWER, text="En ook dit."))
    assert [one.text for one in again.state.question.answers] == ["Extra beveiliging.", "En ook dit."]


def test_questions_and_requests_are_not_the_same_thing():
    given(decide, QUESTION).when(QUESTION).refused("bestaat al")
    given(decide, QUESTION).when(replace(REQUEST, case="q-1")).refused("Dit is een vraag")
    given(decide, *FACTS, REQUEST).when(ANSWER).refused("vraag is niet bekend")


def test_without_a_request_there_is_no_status_and_no_clock():
    state = given(decide, *FACTS).state
    assert (state.status, state.phase, deadlines(state), is_closed(state)) == (None, None, (), False)
