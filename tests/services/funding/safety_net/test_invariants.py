"""The invariants of this module, whatever the commands and their order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.funding.safety_net import commands
from services.funding.safety_net.domain import decide
from services.funding.safety_net.request import SafetyNet
from shared.contracts.decisions import Refused
from shared.contracts.funding import FundingSupplemented
from shared.contracts.vocabulary import Payer
from tests.services.funding.safety_net.subject import BY_MINISTRY, BY_TOWN, SUBJECT, accounts
from tests.services.funding.safety_net.test_domain import ACTUAL_COST, FACTS, REQUEST
from tests.services.subjects import apply, for_all, moments, pass_deadline, pasts, reach, reasons

PREFIX = (*FACTS, ACTUAL_COST, REQUEST)
FEW_CENTS = st.sampled_from([1, 2_000_000, 2_800_001, 4_500_001])
DECIDING = st.one_of(
    st.builds(commands.Grant, FEW_CENTS, reasons, accounts, moments),
    st.builds(commands.Settle, FEW_CENTS, reasons, accounts, moments),
)

ACTS = BY_TOWN | BY_MINISTRY | DECIDING


def eligible(state: SafetyNet) -> int:
    """INV-5, in other words than the module's own."""
    if state.aangifte_on is None or state.advised_at is None:
        return 0
    lines = [one for one in state.lines if one.eligible and one.above_pkvw and one.payer is Payer.MUNICIPALITY]
    return sum(one.amount_cents for one in lines if one.type != "care")


def test_no_grant_and_no_settlement_is_higher_than_it_may_be_when_it_is_decided():
    """INV-5: eligible means above PKVW, for the municipality, advised, aangifte confirmed. INV-11: history grows."""
    seen = set()

    @settings(deadline=None, max_examples=300, derandomize=True)
    @given(
        st.sets(st.sampled_from(range(len(PREFIX))), max_size=2),
        pasts(SUBJECT),
        st.lists(BY_TOWN | BY_MINISTRY | DECIDING, max_size=6),
    )
    def holds(left_out, steps, more):
        before = reach(SUBJECT, [step for number, step in enumerate(PREFIX) if number not in left_out])
        for step in (*steps, *more):
            after = pass_deadline(SUBJECT, before, step) if isinstance(step, int) else apply(SUBJECT, before, step)
            if isinstance(step, commands.Grant) and after != before:
                seen.add("granted")
                assert after.request.outcome.reason and after.request.outcome.decided_by
                assert 0 < after.request.outcome.granted_cents <= eligible(before)
            if isinstance(step, commands.Settle) and after != before:
                seen.add("settled")
                actual = [line.actual_cents for line in before.requested_lines]
                assert after.request.settlements[-1].amount_cents <= min(
                    sum(actual), before.request.outcome.granted_cents
                )
            _check_history(before, after)
            before = after

    holds()
    assert seen == {"granted", "settled"}


def _check_history(before: SafetyNet | None, after: SafetyNet | None) -> None:
    if before is None or before.request is None or after is None:
        return
    if after.request.id != before.request.id or (before.request.withdrawn and not after.request.withdrawn):
        assert after.earlier[-1] == before.request
        return
    for name in ("motivations", "budgets", "asked", "assessments", "objections", "settlements"):
        assert getattr(after.request, name)[: len(getattr(before.request, name))] == getattr(before.request, name)
    assert len(after.request.outcomes) >= len(before.request.outcomes)


def test_each_decision_has_who_when_and_why():
    """INV-10: granted, declined or settled, whatever came before."""
    seen = set()

    @settings(deadline=None, max_examples=200, derandomize=True)
    @given(st.lists(BY_MINISTRY | DECIDING, min_size=1, max_size=6))
    def holds(steps):
        request = reach(SUBJECT, [*PREFIX, *steps]).request
        for one in request.outcomes:
            seen.add("declined" if one.granted_cents is None else "granted")
            assert one.reason and one.decided_by and one.decided_at
        for one in request.settlements:
            seen.add("settled")
            assert one.reason and one.by and one.at

    holds()
    assert seen == {"granted", "declined", "settled"}


def test_no_fact_and_no_deadline_decides():
    """R-VAN-10, INV-10: outcome, settlement and payment change by an act of a person at BZK only."""

    def holds(data):
        state = reach(SUBJECT, [*PREFIX, *data.draw(pasts(SUBJECT))])
        number = data.draw(st.integers(0, 2))
        fact = data.draw(st.one_of(*SUBJECT.facts.values()))
        for after in (pass_deadline(SUBJECT, state, number), apply(SUBJECT, state, fact)):
            for name in ("outcomes", "settlements", "paid", "withdrawn"):
                assert getattr(after.request, name) == getattr(state.request, name)

    for_all(holds)


def test_the_last_that_the_ministry_heard_is_how_the_request_is_now():
    """Whatever the order of facts: what the ministry's topic said last of an open request is not stale."""

    def holds(data):
        facts = data.draw(st.lists(st.one_of(*SUBJECT.facts.values()), max_size=6))
        state, heard = None, None
        for step in (*facts[:3], REQUEST, *facts[3:]):
            try:
                decision = decide(state, step)
            except Refused:
                return
            state = decision.state
            for event in decision.events:
                heard = (event.total_cents, event.missing, len(event.lines))
                assert step is REQUEST or isinstance(event, FundingSupplemented)
        assert heard == (state.requested_cents, state.missing, len(state.requested_lines))

    for_all(holds)
