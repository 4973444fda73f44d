"""The invariants of this module, whatever the commands and their order."""

from __future__ import annotations

from hypothesis import given, settings

from services.assessment.weighing.domain import decide
from shared.contracts.decisions import Refused
from shared.contracts.vocabulary import Authority, Office, TargetType
from tests.services.assessment.weighing.subject import SUBJECT, choices, conclusions, decisions, openings
from tests.services.subjects import for_all, pasts, reach


def test_a_decision_of_the_hovj_implies_an_earlier_weighing_that_qualifies():
    """INV-3, by decision time; R-ACT-06: about a person only the HOvJ, about the rest whom a person chose."""
    seen = set()

    @settings(deadline=None, max_examples=400, derandomize=True)
    @given(openings, conclusions, decisions, pasts(SUBJECT))
    def holds(opening, conclusion, decision, steps):
        state = reach(SUBJECT, [opening, conclusion, decision, *steps])
        for one in state.rounds:
            for made in one.rulings:
                seen.add(made.confirmed)
                first = one.first_weighing
                assert first.qualifies
                assert first.decided_at <= made.decided_at <= made.recorded_at
                if first.target is TargetType.PERSON:
                    assert made.authority is Authority.HOVJ
                else:
                    assert made.authority in {choice.authority for choice in one.authorities}
                assert made.authority is not Authority.MAYOR or state.office is not Office.MAYOR
                assert made.oral or made.authority is Authority.HOVJ

    holds()
    assert seen == {True, False}


def test_each_decision_has_who_when_and_why():
    """INV-10: whatever happens, and a confirmation has who and when too."""
    seen = set()

    @settings(deadline=None, max_examples=400, derandomize=True)
    @given(openings, conclusions, choices, decisions, pasts(SUBJECT))
    def holds(opening, conclusion, choice, decision, steps):
        state = reach(SUBJECT, [opening, conclusion, choice, decision, *steps])
        for each in state.rounds:
            made = [*each.rulings, *([each.first_weighing] if each.first_weighing else [])]
            seen.update(type(decision).__name__ for decision in (*made, *each.authorities))
            assert all(decision.reason and decision.decided_at <= decision.recorded_at for decision in made)
            assert all(choice.reason and choice.chosen_by and choice.chosen_at for choice in each.authorities)
            assert all(ruling.decided_by and ruling.level for ruling in each.rulings)
            assert all(bool(ruling.confirmed_by) == (ruling.confirmed_at is not None) for ruling in each.rulings)
            assert each.first_weighing is None or each.first_weighing.assessor

    holds()
    assert seen == {"Ruling", "FirstWeighing", "AuthorityChoice"}


def test_what_was_recorded_stays():
    """INV-11: whatever happens next, no conclusion, choice, decision or analysis goes or changes its words."""

    def records(state):
        found = []
        for one in state.rounds:
            found += [one.first_weighing, *one.authorities]
            found += [(made.reason, made.level, made.decided_at, made.recorded_by) for made in one.rulings]
        found += [(one.ordered_at, one.reason) for one in state.interpretations]
        return [one for one in (*found, *state.products) if one is not None]

    def holds(data):
        before = reach(SUBJECT, data.draw(pasts(SUBJECT)))
        if before is None:
            return
        try:
            after = decide(before, data.draw(SUBJECT.commands)).state
        except Refused:
            return
        kept = records(after)
        assert all(one in kept for one in records(before))

    for_all(holds)


def test_nothing_that_was_received_waits_for_nobody_without_an_end():
    """INV-2: without a conclusion a case is on a list; with one that needs a decision too."""

    def holds(data):
        state = reach(SUBJECT, data.draw(pasts(SUBJECT)))
        if state is None or state.received_at is None:
            return
        ended = state.first_weighing and (not state.first_weighing.qualifies or state.ruling)
        assert ended or state.waits_for is not None
        assert (state.waits_for is None) == (state.waits_until is None)

    for_all(holds)
