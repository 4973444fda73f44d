"""Cost allocation: each line one payer and one rule, or a person who looks at it. The measure goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.funding.cost_allocation.commands import (
    Bill,
    Classify,
    DisputeLine,
    EnterCost,
    EnterOwnWish,
    NoteAdvice,
    NoteIncident,
    NoteInvoice,
    RecordActual,
    SettleLine,
)
from services.funding.cost_allocation.costs import Answer, KnownMeasure, LineState, Party
from services.funding.cost_allocation.domain import CLASSIFICATION, deadlines, decide, is_closed
from services.funding.cost_allocation.policy import rules_on
from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.contracts.funding import (
    ClassificationOverdue,
    CostLineClassified,
    CostLineDisputed,
    CostLineReclassified,
    CostLineToBeJudged,
)
from shared.contracts.vocabulary import Addressee, Executor, MeasureType, Payer, Place
from tests.given import given, utc

CASE = "c0ffee"
AT = utc("2016-03-21", "14:00")
LATER = utc("2016-03-22", "09:00")
BEFORE = utc("2016-03-23", "14:00")
REVIEW = utc("2016-03-24", "09:00")
RULES = rules_on(date(2016, 3, 21))

TOWN, PERSON = Party("griffier-1", "9901"), Party("account-117")
COLLEAGUE = Party("griffier-2", "9901")
MUNICIPALITY, OWN = Addressee.MUNICIPALITY, Addressee.PERSON
GLASS = KnownMeasure("m-glass", MeasureType.REINFORCED_GLASS, Place.HOME, True, MUNICIPALITY, Executor.MUNICIPALITY)
LOCKS = KnownMeasure("m-locks", MeasureType.LOCKS, Place.HOME, False, OWN)
CAR = KnownMeasure("m-car", MeasureType.TRANSPORT, Place.TRANSPORT, True, MUNICIPALITY)
GUARD = KnownMeasure("m-guard", MeasureType.SURVEILLANCE, Place.HOME, True, MUNICIPALITY, Executor.POLICE)
INCIDENT = NoteIncident(CASE, "9901")
ADVICE = NoteAdvice(CASE, "9901", (CAR, GLASS, GUARD, LOCKS))
BILL = Bill(0, 0, RULES, BEFORE)
GLASS_COST = EnterCost("l-1", "m-glass", TOWN, replace(BILL, up_to_pkvw_cents=50_000, above_pkvw_cents=4_500_000), AT)
LOCKS_COST = EnterCost("l-2", "m-locks", PERSON, replace(BILL, up_to_pkvw_cents=60_000), AT)
CAR_COST = EnterCost("l-3", "m-car", TOWN, replace(BILL, above_pkvw_cents=90_000), AT)
ALARM_WISH = EnterOwnWish(
    "l-4", "w-alarm", MeasureType.ALARM, Place.HOME, PERSON, replace(BILL, above_pkvw_cents=80_000), AT
)  # fmt: skip
INVOICE = NoteInvoice(CASE, "l-5", "i-1", "9901", 120_000, RULES, AT, BEFORE)
BY_HAND = Classify("l-1-1", COLLEAGUE, Payer.PERSON, False, "Dat is zo afgesproken.", "2016-03-22", LATER)
CAR_BY_HAND = replace(BY_HAND, line="l-3-1", payer=Payer.MUNICIPALITY, eligible=True)
DISPUTE = DisputeLine("l-1-0", PERSON, "Dit hoort bij het werk.", LATER, REVIEW)
REVIEWED = replace(BY_HAND, line="l-1-0", payer=Payer.MUNICIPALITY)
ACTUAL = RecordActual("l-1-1", TOWN, 4_400_000, LATER)
SETTLE = SettleLine("l-1-1", TOWN, LATER)


def told(line, measure, payer, rule, above, cents, *, eligible=False, event=CostLineClassified, **other):
    values = {"type": measure.type, "place": measure.place, "rule_version": "2016.1"} | other
    return event(
        case=CASE, line=line, measure=measure.id, payer=payer, rule=rule, above_pkvw=above, amount_cents=cents,
        eligible=eligible, **values,
    )  # fmt: skip


GLASS_LINES = (
    told("l-1-0", GLASS, Payer.PERSON, "K1", False, 50_000),
    told("l-1-1", GLASS, Payer.MUNICIPALITY, "K2", True, 4_500_000, eligible=True),
)


def line(outcome, name):
    return next(one for one in outcome.state.lines if one.id == name)


def test_advice_makes_measures_known_even_of_an_unknown_case():
    """An event is a fact; whoever it was addressed to."""
    given(decide).when(ADVICE).then().leaves(case=CASE, municipality="9901", measures=(CAR, GLASS, GUARD, LOCKS))


@pytest.mark.parametrize("fact", [INCIDENT, ADVICE, INVOICE])
def test_a_fact_known_and_repeated_changes_nothing(fact):
    """E2E-7."""
    given(decide, fact).when(fact).then_nothing()


def test_more_advice_adds_what_is_new_and_leaves_costs_as_they_are():
    camera = KnownMeasure("m-camera", MeasureType.CAMERA, Place.WORK, True, MUNICIPALITY)
    known = given(decide, ADVICE, GLASS_COST)
    outcome = known.when(NoteAdvice(CASE, "9901", (GLASS, camera))).then()
    outcome.leaves(measures=(camera, CAR, GLASS, GUARD, LOCKS), lines=known.state.lines)


def test_locks_advised_to_the_person_are_the_persons_own():
    """S-KST-01 (K1), R-KST-02: a line that the person sees; nothing here can stop the measure."""
    outcome = given(decide, ADVICE).when(LOCKS_COST)
    outcome.then(told("l-2-0", LOCKS, Payer.PERSON, "K1", False, 60_000))
    assert line(outcome, "l-2-0").own
    assert not line(outcome, "l-2-0").shown_to_town


def test_advised_glass_above_the_pkvw_level_is_the_municipalitys():
    """S-KST-02 (K2): and the safety net may pay for it."""
    bill = replace(GLASS_COST.bill, up_to_pkvw_cents=0)
    given(decide, ADVICE).when(replace(GLASS_COST, bill=bill)).then(GLASS_LINES[1])


def test_one_measure_can_have_two_lines_that_together_are_the_bill():
    """INV-4: allocation is per line; each line has one payer and one rule version."""
    outcome = given(decide, ADVICE).when(GLASS_COST).then(*GLASS_LINES)
    assert sum(one.amount_cents for one in outcome.state.lines) == 4_550_000
    assert [len(one.classifications) for one in outcome.state.lines] == [1, 1]


@pytest.mark.parametrize("total", [4_550_000, None])
def test_a_total_may_be_given_to_check_the_split(total):
    bill = replace(GLASS_COST.bill, total_cents=total, invoice="2016-17")
    outcome = given(decide, ADVICE).when(replace(GLASS_COST, bill=bill)).then(*GLASS_LINES)
    assert {one.invoice for one in outcome.state.lines} == {"2016-17"}


@pytest.mark.parametrize("total", [4_549_999, 4_550_001, 0])
def test_parts_that_are_not_the_whole_bill_are_refused(total):
    """INV-4."""
    bill = replace(GLASS_COST.bill, total_cents=total)
    given(decide, ADVICE).when(replace(GLASS_COST, bill=bill)).refused("samen niet hetzelfde")


@pytest.mark.parametrize("executor", [Executor.POLICE, Executor.OM])
@pytest.mark.parametrize("by", [TOWN, PERSON])
def test_what_the_state_does_itself_is_no_cost_and_never_a_line(executor, by):
    """S-KST-04 (K7), R-KST-05: refused in clear words; there is no such payer."""
    advice = NoteAdvice(CASE, "9901", (replace(GUARD, executor=executor),))
    cost = EnterCost("l-9", "m-guard", by, replace(BILL, above_pkvw_cents=1), AT)
    given(decide, advice).when(cost).refused("Het Rijk betaalt")
    assert {payer.value for payer in Payer} == {"person", "municipality", "bzk"}


@pytest.mark.parametrize("by", [PERSON, TOWN])
def test_what_was_bought_without_advice_is_the_persons_and_not_for_the_safety_net(by):
    """S-KST-05 (K3), whoever enters it."""
    wish = KnownMeasure("w-alarm", MeasureType.ALARM, Place.HOME, True, OWN)
    outcome = given(decide, INCIDENT).when(replace(ALARM_WISH, by=by))
    outcome.then(told("l-4-1", wish, Payer.PERSON, "K3", True, 80_000))


def test_the_municipality_may_pay_an_own_wish_all_the_same_but_not_from_the_safety_net():
    """S-KST-05: by a handler's decision; R-VAN-08 asks for needed measures."""
    asked = (INCIDENT, ALARM_WISH, replace(DISPUTE, line="l-4-1"))
    choice = replace(BY_HAND, line="l-4-1", payer=Payer.MUNICIPALITY)
    given(decide, *asked).when(replace(choice, eligible=True)).refused("alleen voor maatregelen die politie of OM")
    outcome = given(decide, *asked).when(choice)
    assert (outcome.events[0].payer, outcome.events[0].eligible) == (Payer.MUNICIPALITY, False)


def test_a_line_that_no_rule_fits_waits_for_a_person_who_is_told():
    """R-KST-01: no payer is guessed."""
    outcome = given(decide, ADVICE).when(CAR_COST)
    outcome.then(CostLineToBeJudged(case=CASE, line="l-3-1", entered_at=AT))
    found = line(outcome, "l-3-1")
    assert (found.payer, found.status, found.judge_before) == (None, LineState.TO_JUDGE, BEFORE)
    outcome.leaves(waits_since=AT)
    assert deadlines(outcome.state) == (Deadline(CLASSIFICATION, BEFORE),)


def test_a_rule_without_payer_says_why_a_person_decides():
    """K10: the letter names the official residence, but no payer."""
    wish = replace(ALARM_WISH, place=Place.OFFICIAL_RESIDENCE)
    outcome = given(decide, INCIDENT).when(wish)
    outcome.then(CostLineToBeJudged(case=CASE, line="l-4-1", entered_at=AT))
    assert "ambtswoning" in line(outcome, "l-4-1").hint


def test_without_rules_in_force_nothing_is_guessed():
    outcome = given(decide, ADVICE).when(replace(GLASS_COST, bill=replace(GLASS_COST.bill, rules=())))
    assert [type(event) for event in outcome.events] == [CostLineToBeJudged, CostLineToBeJudged]
    assert [one.payer for one in outcome.state.lines] == [None, None]


def test_a_line_without_payer_is_reminded_of_once():
    """Timer of KST: two working days; nothing waits for it."""
    outcome = given(decide, ADVICE, CAR_COST).when(DeadlinePassed(CLASSIFICATION, BEFORE, BEFORE))
    outcome.then(ClassificationOverdue(case=CASE, line="l-3-1", due_at=BEFORE))
    assert line(outcome, "l-3-1").overdue
    assert deadlines(outcome.state) == ()


def test_each_line_has_its_own_reminder_the_first_one_first():
    wish = replace(ALARM_WISH, place=Place.ONLINE, bill=replace(ALARM_WISH.bill, judge_before=REVIEW))
    known = given(decide, ADVICE, CAR_COST, wish)
    outcome = known.when(DeadlinePassed(CLASSIFICATION, BEFORE, BEFORE))
    assert [event.line for event in outcome.events] == ["l-3-1"]
    assert deadlines(outcome.state) == (Deadline(CLASSIFICATION, REVIEW),)


def test_a_deadline_that_no_longer_holds_changes_nothing():
    given(decide, ADVICE, CAR_COST).when(DeadlinePassed(CLASSIFICATION, AT, AT)).then_nothing()
    given(decide, ADVICE, CAR_COST).when(DeadlinePassed("other", BEFORE, BEFORE)).then_nothing()
    given(decide, ADVICE, CAR_COST, CAR_BY_HAND).when(DeadlinePassed(CLASSIFICATION, BEFORE, BEFORE)).then_nothing()


def test_a_handler_classifies_with_a_reason_and_the_day_as_version():
    """R-KST-01: the rule is `handler`."""
    outcome = given(decide, ADVICE, CAR_COST).when(CAR_BY_HAND)
    by_hand = {"rule_version": "2016-03-22", "eligible": True}
    outcome.then(told("l-3-1", CAR, Payer.MUNICIPALITY, "handler", True, 90_000, **by_hand))
    found = line(outcome, "l-3-1").classification
    assert (found.by, found.reason, found.at) == ("griffier-2", "Dat is zo afgesproken.", LATER)
    outcome.leaves(waits_since=None)
    assert deadlines(outcome.state) == ()


def test_a_handler_may_decide_otherwise_than_the_rule_and_both_are_kept():
    """INV-11."""
    outcome = given(decide, ADVICE, GLASS_COST).when(BY_HAND)
    by_hand = {"rule_version": "2016-03-22", "event": CostLineReclassified}
    outcome.then(told("l-1-1", GLASS, Payer.PERSON, "handler", True, 4_500_000, **by_hand))
    assert [one.rule for one in line(outcome, "l-1-1").classifications] == ["K2", "handler"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"payer": Payer.BZK}, "Vraag dat aan bij het vangnet"),
        ({"reason": "  "}, "waarom"),
        ({"by": PERSON}, "medewerker van de gemeente beslist"),
        ({"payer": Payer.PERSON, "eligible": True}, "Het vangnet is alleen"),
        ({"line": "l-1-0", "payer": Payer.MUNICIPALITY, "eligible": True}, "Het vangnet is alleen"),
        ({"line": "l-9"}, "niet bekend"),
        ({"by": Party("griffier-9", "9902")}, "niet bekend"),
    ],
    ids=["BZK pays", "no reason", "the person", "eligible person", "eligible below PKVW", "unknown", "other town"],
)
def test_a_handlers_decision_that_cannot_be_is_refused(change, words):
    """INV-5: eligible means above PKVW, advised, and for the municipality."""
    given(decide, ADVICE, GLASS_COST).when(replace(BY_HAND, **change)).refused(words)


def test_a_dispute_is_told_and_changes_no_payer():
    """S-KST-08."""
    known = given(decide, ADVICE, GLASS_COST)
    outcome = known.when(DISPUTE).then(CostLineDisputed(case=CASE, line="l-1-0", disputed_at=LATER))
    found = line(outcome, "l-1-0")
    assert (found.payer, found.status) == (Payer.PERSON, LineState.DISPUTED)
    assert deadlines(outcome.state) == (Deadline(CLASSIFICATION, REVIEW),)


@pytest.mark.parametrize("by", [TOWN, PERSON])
def test_who_entered_or_disputed_a_line_does_not_review_the_dispute(by):
    """S-KST-08: another handler."""
    disputed = replace(DISPUTE, by=COLLEAGUE if by is TOWN else TOWN)
    review = replace(REVIEWED, by=Party(by.account, "9901"))
    past = (ADVICE, GLASS_COST, disputed) if by is TOWN else (ADVICE, GLASS_COST, replace(disputed, by=PERSON))
    given(decide, *past).when(review).refused("Een collega")


def test_who_decided_before_does_not_review_the_dispute():
    """S-KST-08."""
    past = (ADVICE, GLASS_COST, replace(REVIEWED, payer=Payer.PERSON), replace(DISPUTE, at=REVIEW))
    given(decide, *past).when(REVIEWED).refused("Een collega")


@pytest.mark.parametrize("payer", [Payer.PERSON, Payer.MUNICIPALITY])
def test_another_handler_decides_a_dispute_either_way(payer):
    """S-KST-08: also when nothing changes, so that the person hears of it."""
    outcome = given(decide, ADVICE, GLASS_COST, DISPUTE).when(replace(REVIEWED, payer=payer))
    by_hand = {"rule_version": "2016-03-22", "event": CostLineReclassified}
    outcome.then(told("l-1-0", GLASS, payer, "handler", False, 50_000, **by_hand))
    found = line(outcome, "l-1-0")
    assert (found.disputed, found.disputes[0].decided_at, found.status) == (False, LATER, LineState.CLASSIFIED)
    assert deadlines(outcome.state) == ()


def test_a_line_is_disputed_once_at_a_time_and_again_after_a_decision():
    given(decide, ADVICE, GLASS_COST, DISPUTE).when(DISPUTE).refused("kijkt al iemand")
    given(decide, ADVICE, GLASS_COST, DISPUTE, REVIEWED).when(DISPUTE).leaves(waits_since=LATER)
    given(decide, ADVICE, CAR_COST).when(replace(DISPUTE, line="l-3-1")).refused("nog niet beslist")


def test_an_own_line_is_shown_to_the_municipality_only_when_a_handler_is_needed():
    """R-KST-10: what the person pays is the person's own."""
    own = given(decide, ADVICE, LOCKS_COST)
    own.when(replace(REVIEWED, line="l-2-0")).refused("niet bekend")
    disputed = own.when(replace(DISPUTE, line="l-2-0"))
    assert line(disputed, "l-2-0").shown_to_town
    unknown = given(decide, INCIDENT).when(replace(ALARM_WISH, place=Place.ONLINE))
    assert line(unknown, "l-4-1").shown_to_town


def test_the_actual_amount_is_told_and_corrections_are_kept():
    """S-VAN-14, INV-11."""
    known = given(decide, ADVICE, GLASS_COST)
    actual = told("l-1-1", GLASS, Payer.MUNICIPALITY, "K2", True, 4_500_000, eligible=True, actual_cents=4_400_000)
    outcome = known.when(ACTUAL).then(actual)
    assert line(outcome, "l-1-1").status is LineState.INVOICED
    again = given(decide, ADVICE, GLASS_COST, ACTUAL).when(replace(ACTUAL, amount_cents=0))
    assert [one.amount_cents for one in line(again, "l-1-1").actuals] == [4_400_000, 0]
    assert again.events[0].actual_cents == 0
    given(decide, ADVICE, GLASS_COST, ACTUAL).when(ACTUAL).then()


def test_an_actual_amount_of_an_unknown_line_is_kept_until_somebody_says_who_pays():
    """Nothing accepted is lost."""
    early = replace(ACTUAL, line="l-3-1")
    outcome = given(decide, ADVICE, CAR_COST).when(early).then()
    assert line(outcome, "l-3-1").actual_cents == 4_400_000
    told_then = given(decide, ADVICE, CAR_COST, early).when(CAR_BY_HAND).events
    assert told_then[0].actual_cents == 4_400_000


@pytest.mark.parametrize("command", [ACTUAL, SETTLE])
def test_the_person_keeps_the_books_of_own_lines_only(command):
    given(decide, ADVICE, GLASS_COST, ACTUAL).when(replace(command, by=PERSON)).refused("De gemeente houdt")
    own = replace(ACTUAL, line="l-2-0", by=PERSON)
    given(decide, ADVICE, LOCKS_COST).when(own).leaves(waits_since=None)


def test_a_line_is_settled_when_payer_and_amount_are_known():
    outcome = given(decide, ADVICE, GLASS_COST, ACTUAL).when(SETTLE).then()
    assert line(outcome, "l-1-1").status is LineState.SETTLED
    disputed = replace(DISPUTE, line="l-1-1")
    for past in ((GLASS_COST,), (GLASS_COST, ACTUAL, disputed)):
        given(decide, ADVICE, *past).when(SETTLE).refused("kan pas als")


@pytest.mark.parametrize("command", [ACTUAL, SETTLE, BY_HAND, replace(DISPUTE, line="l-1-1")])
def test_a_settled_line_is_done(command):
    given(decide, ADVICE, GLASS_COST, ACTUAL, SETTLE).when(command).refused("afgerond")


def test_a_bill_of_the_ivp_is_the_municipalitys_and_never_for_the_safety_net():
    """K8, R-KST-06, R-KST-07, Q-6: a case of its own, care without a place."""
    care = KnownMeasure("i-1", MeasureType.CARE, Place.UNKNOWN, False, MUNICIPALITY)
    outcome = given(decide).when(INVOICE)
    outcome.then(told("l-5", care, Payer.MUNICIPALITY, "K8", False, 120_000))
    outcome.leaves(case=CASE, municipality="9901")


def test_a_bill_from_before_the_ivps_contract_goes_to_a_person():
    """K8 is dated."""
    early = replace(INVOICE, rules=rules_on(date(2016, 2, 1)))
    given(decide).when(early).then(CostLineToBeJudged(case=CASE, line="l-5", entered_at=AT))


def test_more_facts_of_one_case_say_whose_it_is_and_advice_goes_first():
    facts = (replace(INVOICE, municipality="9903"), replace(INCIDENT, municipality="9902"), ADVICE)
    towns = [given(decide, *facts[:number]).state.municipality for number in (1, 2, 3)]
    assert towns == ["9903", "9902", "9901"]
    assert given(decide, *reversed(facts)).state.municipality == "9901"


@pytest.mark.parametrize(
    ("past", "command", "words"),
    [
        ((), GLASS_COST, "niet van uw gemeente"),
        ((), LOCKS_COST, "niet bekend"),
        ((), ALARM_WISH, "niet bekend"),
        ((ADVICE,), replace(GLASS_COST, measure="m-unknown"), "niet aan uw gemeente geadviseerd"),
        ((ADVICE,), replace(GLASS_COST, by=replace(TOWN, municipality="9902")), "niet van uw gemeente"),
        ((ADVICE,), replace(LOCKS_COST, by=TOWN), "niet aan uw gemeente geadviseerd"),
        ((ADVICE,), replace(GLASS_COST, by=PERSON), "niet aan u geadviseerd"),
        ((ADVICE,), replace(ALARM_WISH, by=replace(TOWN, municipality="9902")), "niet van uw gemeente"),
    ],
)
def test_costs_are_entered_by_who_was_advised(past, command, words):
    given(decide, *past).when(command).refused(words)


def test_costs_of_a_measure_are_entered_once():
    given(decide, ADVICE, GLASS_COST).when(replace(GLASS_COST, line="l-9")).refused("al kosten ingevoerd")


def test_a_measure_within_the_pkvw_level_has_no_costs_above_it():
    """R-VAN-07: otherwise it would slip into the safety net."""
    bill = replace(LOCKS_COST.bill, above_pkvw_cents=1)
    given(decide, ADVICE).when(replace(LOCKS_COST, bill=bill)).refused("Politiekeurmerk")


@pytest.mark.parametrize("command", [GLASS_COST, ALARM_WISH])
def test_an_empty_bill_is_refused(command):
    bill = replace(command.bill, up_to_pkvw_cents=0, above_pkvw_cents=0)
    given(decide, ADVICE).when(replace(command, bill=bill)).refused("Vul een bedrag in")


def test_asked_facts_are_kept_with_the_line():
    bill = replace(CAR_COST.bill, additional=Answer.YES)
    outcome = given(decide, ADVICE).when(replace(CAR_COST, bill=bill))
    outcome.then(told("l-3-1", CAR, Payer.MUNICIPALITY, "K5", True, 90_000, eligible=True))
    assert line(outcome, "l-3-1").additional is Answer.YES


def test_nothing_private_travels():
    """INV-6: no reasons, no bill numbers, no accounts."""
    bill = replace(CAR_COST.bill, invoice="2016-17")
    entered = given(decide, ADVICE).when(replace(CAR_COST, bill=bill)).events
    entered += given(decide, ADVICE, CAR_COST).when(CAR_BY_HAND).events
    entered += given(decide, ADVICE, GLASS_COST).when(DISPUTE).events
    text = "".join(event.model_dump_json() for event in entered)
    for private in ("afgesproken", "griffier", "werk.", "2016-17", "account-117"):
        assert private not in text


def test_costs_can_always_be_added():
    """INV-1: no closing can hold anything up."""
    assert not is_closed(given(decide, ADVICE, GLASS_COST, ACTUAL, SETTLE).state)
    assert deadlines(given(decide, ADVICE, GLASS_COST).state) == ()
