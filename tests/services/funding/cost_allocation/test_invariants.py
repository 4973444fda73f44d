"""The invariants of this module, whatever the commands and their order."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.funding.cost_allocation import commands, costs
from services.funding.cost_allocation.domain import decide
from shared.contracts.decisions import Refused
from shared.contracts.vocabulary import MeasureType, Payer
from tests.services.funding.cost_allocation.subject import ENTERING, HANDLING, SUBJECT
from tests.services.funding.cost_allocation.test_domain import ADVICE, CAR_COST, COLLEAGUE, GLASS_COST, TOWN
from tests.services.subjects import apply, for_all, moments, pass_deadline, pasts, reach, some

BY_HANDLERS = st.builds(
    commands.Classify, st.sampled_from(["glass-0", "glass-1", "car-1"]), st.sampled_from([TOWN, COLLEAGUE]),
    some(Payer), st.booleans(), st.just("Omdat het zo is."), st.just("2016-03-14"), moments,
)  # fmt: skip


def test_the_lines_of_a_bill_are_together_what_was_entered_and_each_has_one_payer_and_rule_or_none():
    """INV-4."""

    def holds(data):
        state = reach(SUBJECT, [data.draw(facts) for facts in SUBJECT.facts.values()])
        command = data.draw(ENTERING)
        try:
            decision = decide(state, command)
        except Refused:
            return
        old = {line.id for line in state.lines}
        new = [line for line in decision.state.lines if line.id not in old]
        assert sum(line.amount_cents for line in new) == command.bill.up_to_pkvw_cents + command.bill.above_pkvw_cents
        assert all(len(line.classifications) <= 1 for line in new)
        assert sorted(event.line for event in decision.events) == sorted(line.id for line in new)

    for_all(holds)


def test_whatever_happens_history_grows_and_only_what_may_be_is_eligible():
    """INV-4, INV-5, INV-11; K7: a measure of police or OM never becomes a line."""
    seen = set()

    @settings(deadline=None, max_examples=250, derandomize=True)
    @given(st.booleans(), pasts(SUBJECT), st.lists(HANDLING | BY_HANDLERS, max_size=4))
    def holds(entered, steps, handled):
        before = reach(
            SUBJECT, [ADVICE, replace(GLASS_COST, line="glass"), replace(CAR_COST, line="car")] if entered else []
        )
        for step in (*steps, *handled):
            after = pass_deadline(SUBJECT, before, step) if isinstance(step, int) else apply(SUBJECT, before, step)
            old = {line.id: line for line in before.lines} if before else {}
            for line in after.lines if after else ():
                _check(line, after, old.get(line.id), seen)
            before = after

    holds()
    assert seen >= {"by rule", "by a handler", "disputed", "unknown"}


def _check(line: costs.CostLine, state: costs.Costs, old: costs.CostLine | None, seen: set[str]) -> None:
    if old is not None:
        for name in ("classifications", "actuals"):
            assert getattr(line, name)[: len(getattr(old, name))] == getattr(old, name)
        assert len(line.disputes) >= len(old.disputes)
        kept = ("amount_cents", "measure", "entered_by", "origin")
        assert [getattr(line, name) for name in kept] == [getattr(old, name) for name in kept]
    found = line.classification
    seen |= {"unknown"} if found is None else {"by a handler" if found.by else "by rule"}
    seen |= {"disputed"} if line.disputed else set()
    if found and found.eligible:
        assert found.payer is Payer.MUNICIPALITY and line.above_pkvw and line.origin is costs.Origin.ADVISED
    if found and line.type is MeasureType.CARE and not found.by:
        assert not found.eligible
    by_the_state = {one.id for one in state.measures if one.by_the_state}
    assert line.origin is not costs.Origin.ADVISED or line.measure not in by_the_state
