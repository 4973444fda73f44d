"""Cost allocation: each line one payer and one rule, or a person who looks at it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.funding.cost_allocation.domain import (
    CostLine,
    EnterCost,
    KnownMeasure,
    NoteAdvice,
    classify,
    deadlines,
    decide,
    is_closed,
)
from services.funding.cost_allocation.policy import rules_on
from shared.contracts.decisions import DeadlinePassed
from shared.contracts.funding import CostLineClassified
from shared.contracts.vocabulary import MeasureType, Payer, Place
from tests.given import given, utc

CASE = "c0ffee"
AT = utc("2016-03-21", "14:00")
RULES = rules_on(date(2016, 3, 21))

GLASS = KnownMeasure("m-glass", MeasureType.REINFORCED_GLASS, Place.HOME, above_pkvw=True)
LOCKS = KnownMeasure("m-locks", MeasureType.LOCKS, Place.HOME, above_pkvw=False)
CAR = KnownMeasure("m-car", MeasureType.TRANSPORT, Place.TRANSPORT, above_pkvw=True)
ADVICE = NoteAdvice(CASE, "9901", (GLASS, LOCKS, CAR))
GLASS_COST = EnterCost("l-1", "m-glass", "9901", 50_000, 4_500_000, RULES, AT)
LOCKS_COST = EnterCost("l-2", "m-locks", "9901", 60_000, 0, RULES, AT)
CAR_COST = EnterCost("l-3", "m-car", "9901", 0, 90_000, RULES, AT)


def classified(line, measure, payer, rule, above, cents):
    return CostLineClassified(
        case=CASE,
        line=line,
        measure=measure.id,
        type=measure.type,
        place=measure.place,
        payer=payer,
        rule=rule,
        rule_version="2016.1",
        above_pkvw=above,
        amount_cents=cents,
    )


def test_advice_makes_measures_known_even_of_an_unknown_case():
    """An event is a fact."""
    given(decide).when(ADVICE).then().leaves(case=CASE, municipality="9901", measures=(GLASS, LOCKS, CAR), lines=())


def test_advice_known_and_repeated_changes_nothing():
    """E2E-7."""
    given(decide, ADVICE).when(ADVICE).then_nothing()


def test_more_advice_adds_what_is_new_and_leaves_costs_as_they_are():
    camera = KnownMeasure("m-camera", MeasureType.CAMERA, Place.WORK, above_pkvw=True)
    known = given(decide, ADVICE, GLASS_COST)
    outcome = known.when(NoteAdvice(CASE, "9901", (GLASS, camera))).then()
    outcome.leaves(measures=(GLASS, LOCKS, CAR, camera), lines=known.state.lines)


def test_locks_up_to_the_pkvw_level_are_the_persons_own():
    """S-KST-01 (K1), R-KST-02."""
    given(decide, ADVICE).when(LOCKS_COST).then(classified("l-2-0", LOCKS, Payer.PERSON, "K1", False, 60_000))


def test_advised_glass_above_the_pkvw_level_is_the_municipalitys():
    """S-KST-02 (K2)."""
    outcome = given(decide, ADVICE).when(replace(GLASS_COST, up_to_pkvw_cents=0))
    outcome.then(classified("l-1-1", GLASS, Payer.MUNICIPALITY, "K2", True, 4_500_000))


def test_one_measure_can_have_two_lines_that_together_are_the_bill():
    """INV-4: allocation is per line; each line has one payer and one rule version."""
    outcome = given(decide, ADVICE).when(GLASS_COST)
    outcome.then(
        classified("l-1-0", GLASS, Payer.PERSON, "K1", False, 50_000),
        classified("l-1-1", GLASS, Payer.MUNICIPALITY, "K2", True, 4_500_000),
    )
    assert sum(line.amount_cents for line in outcome.state.lines) == 4_550_000
    assert {line.rule_version for line in outcome.state.lines} == {"2016.1"}


def test_a_line_that_no_rule_fits_waits_for_a_person_and_is_not_told():
    """R-KST-01: no payer is guessed."""
    outcome = given(decide, ADVICE).when(CAR_COST).then()
    outcome.leaves(lines=(CostLine("l-3-1", "m-car", 90_000, above_pkvw=True),))


def test_without_rules_in_force_nothing_is_guessed():
    outcome = given(decide, ADVICE).when(replace(GLASS_COST, rules=())).then()
    assert [line.payer for line in outcome.state.lines] == [None, None]


def test_costs_of_several_measures_add_up():
    state = given(decide, ADVICE, GLASS_COST, LOCKS_COST, CAR_COST).state
    assert [line.id for line in state.lines] == ["l-1-0", "l-1-1", "l-2-0", "l-3-1"]


@pytest.mark.parametrize(
    ("past", "command"),
    [
        ((), GLASS_COST),
        ((ADVICE,), replace(GLASS_COST, measure="m-unknown")),
        ((ADVICE,), replace(GLASS_COST, municipality="9902")),
    ],
    ids=["unknown case", "unadvised measure", "another municipality"],
)
def test_only_what_was_advised_to_the_municipality_has_costs(past, command):
    """S-KST-05: what the councillor bought without advice is not municipal by default."""
    given(decide, *past).when(command).refused("niet aan uw gemeente geadviseerd")


def test_costs_of_a_measure_are_entered_once():
    given(decide, ADVICE, GLASS_COST).when(replace(GLASS_COST, line="l-9")).refused("al kosten ingevoerd")


def test_a_measure_within_the_pkvw_level_has_no_costs_above_it():
    """R-VAN-07: otherwise it would slip into the safety net."""
    given(decide, ADVICE).when(replace(LOCKS_COST, above_pkvw_cents=1)).refused("Politiekeurmerk")


def test_an_empty_bill_is_refused():
    given(decide, ADVICE).when(replace(GLASS_COST, up_to_pkvw_cents=0, above_pkvw_cents=0)).refused("Vul een bedrag in")


def test_the_first_rule_that_fits_decides_and_its_reason_is_kept():
    rule = RULES[0]
    other = rule.model_copy(update={"id": "K0", "payer": Payer.STATE, "reason": "Eerste."})
    line = classify("l", LOCKS, 1, False, (other, rule))
    assert line == CostLine("l", "m-locks", 1, False, Payer.STATE, "K0", "2016.1", "Eerste.")


def test_cost_allocation_waits_for_nothing_and_never_closes():
    """INV-1: no clock and no closing can hold anything up."""
    state = given(decide, ADVICE, GLASS_COST).state
    assert deadlines(state) == ()
    assert not is_closed(state)
    given(decide, ADVICE, GLASS_COST).when(DeadlinePassed("any", AT, AT)).then_nothing()
