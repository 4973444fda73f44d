"""Which accounts stand where to a case: given what was told, when something is told or done, then who holds what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from shared.access.ties import ChangeTie, NoteAdvised, NoteCase, NoteTie, NoteToJudge, Ties, decide
from shared.contracts.assessment import HandlerAssigned
from shared.contracts.decisions import Refused
from shared.contracts.intake import RelationChanged
from shared.contracts.vocabulary import Office, Tie

AT = datetime(2016, 3, 14, 2, 10, tzinfo=UTC)
CASE, VICTIM, HANDLER, DEPUTY, OTHER = "c0ffee", "ref-victim", "ref-handler", "ref-deputy", "ref-other"
REPORTED = NoteCase(CASE, "9901", Office.ALDERMAN, own=VICTIM)
ADVISED = NoteAdvised(CASE, "9901", ((Office.ALDERMAN, (HANDLER, DEPUTY)), (Office.COUNCILLOR, (OTHER,))))


def after(*commands: Any) -> Ties:
    state = None
    for command in commands:
        state = decide(state, command).state
    assert state is not None
    return state


def change(tie: Tie, account: str, *, holds: bool = True) -> ChangeTie:
    return ChangeTie(CASE, account, tie, holds, AT)


def test_a_report_makes_the_case_the_victims_own() -> None:
    state = after(REPORTED)
    assert state.holds(Tie.OWN, VICTIM)
    assert not state.holds(Tie.OWN, OTHER)


def test_who_reported_for_somebody_else_only_wrote_it() -> None:
    state = after(NoteCase(CASE, "9901", Office.MAYOR, wrote=OTHER))
    assert (state.own, state.wrote) == ((), (OTHER,))


def test_own_municipality_opens_nothing_before_the_first_measure_addressed_to_it() -> None:
    """R-ACT-04."""
    assert after(REPORTED).assigned == ()
    assert after(REPORTED, ADVISED).assigned == (HANDLER, DEPUTY)


@pytest.mark.parametrize("order", permutations((replace(REPORTED, rota=ADVISED.rota), NoteToJudge(CASE))))
def test_costs_that_a_person_must_judge_have_a_handler_without_advice_too(order: tuple[Any, ...]) -> None:
    """S-KST-05: a wish of one's own is disputed, and nothing was advised."""
    assert after(*order).assigned == (HANDLER, DEPUTY)
    assert after(order[0]).assigned == ()


def test_the_rota_is_used_once_and_a_hand_over_stays() -> None:
    handed_over = (change(Tie.ASSIGNED, OTHER), change(Tie.ASSIGNED, HANDLER, holds=False))
    state = after(REPORTED, ADVISED, *handed_over, ADVISED)
    assert state.assigned == (DEPUTY, OTHER)


def test_a_case_is_never_left_without_a_handler() -> None:
    state = after(REPORTED, ADVISED, change(Tie.ASSIGNED, DEPUTY, holds=False))
    with pytest.raises(Refused):
        decide(state, change(Tie.ASSIGNED, HANDLER, holds=False))


@pytest.mark.parametrize("tie", [Tie.OWN, Tie.WROTE, Tie.TRUSTED, Tie.ASSIGNED])
def test_excluded_beats_every_other_tie(tie: Tie) -> None:
    state = replace(Ties(CASE), **{tie.value: (OTHER,), "excluded": (OTHER,)})
    assert not state.holds(tie, OTHER)
    assert state.holds(Tie.EXCLUDED, OTHER)


def test_nobody_can_be_kept_out_of_their_own_case() -> None:
    with pytest.raises(Refused):
        decide(after(REPORTED), change(Tie.EXCLUDED, VICTIM))


def test_a_change_by_a_person_is_told_once_and_a_fact_never() -> None:
    state, events = (decision := decide(after(REPORTED), change(Tie.TRUSTED, OTHER))).state, decision.events
    assert events == (
        RelationChanged(case=CASE, account=OTHER, relation=Tie.TRUSTED, holds=True, changed_at=AT),
    )  # fmt: skip
    assert decide(state, change(Tie.TRUSTED, OTHER)).events == ()
    assert decide(None, NoteTie(CASE, OTHER, Tie.TRUSTED, True)).events == ()


def test_a_handler_put_on_a_case_is_told_as_such() -> None:
    (event,) = decide(after(REPORTED, ADVISED), change(Tie.ASSIGNED, OTHER)).events
    assert event == HandlerAssigned(case=CASE, account=OTHER, holds=True, changed_at=AT)


def test_what_is_taken_back_no_longer_holds() -> None:
    state = after(REPORTED, change(Tie.TRUSTED, OTHER), change(Tie.TRUSTED, OTHER, holds=False))
    assert not state.holds(Tie.TRUSTED, OTHER)


FACTS = (
    REPORTED, ADVISED, NoteTie(CASE, OTHER, Tie.TRUSTED, True), NoteTie(CASE, DEPUTY, Tie.EXCLUDED, True),
)  # fmt: skip


@pytest.mark.parametrize(
    "order", list(permutations(FACTS)), ids=lambda order: "-".join(str(FACTS.index(one)) for one in order)
)
def test_facts_of_different_topics_in_any_order_and_twice_end_the_same(order: tuple[Any, ...]) -> None:
    assert after(*order, *order) == after(*FACTS)
