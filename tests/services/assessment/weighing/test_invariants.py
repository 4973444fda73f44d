"""The invariants of this module, whatever the commands and their order."""

from __future__ import annotations

from hypothesis import given, settings

from shared.contracts.vocabulary import TargetType
from tests.services.assessment.weighing.subject import SUBJECT, conclusions, decisions, openings
from tests.services.subjects import pasts, reach


def test_a_decision_of_the_hovj_implies_an_earlier_weighing_that_qualifies():
    """INV-3, by decision time."""
    seen = set()

    @settings(deadline=None, max_examples=150, derandomize=True)
    @given(openings, conclusions, decisions, pasts(SUBJECT))
    def holds(opening, conclusion, decision, steps):
        state = reach(SUBJECT, [opening, conclusion, decision, *steps])
        made, first = state.decision, state.first_weighing
        seen.add(made is not None)
        if made is not None:
            assert first.qualifies
            assert first.target is TargetType.PERSON
            assert first.decided_at <= made.decided_at <= made.recorded_at

    holds()
    assert seen == {True, False}
