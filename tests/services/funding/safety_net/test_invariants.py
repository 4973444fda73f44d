"""The invariants of this module, whatever the commands and their order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.funding.safety_net import domain as safety_net
from shared.contracts.vocabulary import Channel, Office, Payer
from tests.services.funding.safety_net.subject import SUBJECT
from tests.services.subjects import CASE, DAY, START, apply, pass_deadline, pasts, reach


def test_no_grant_is_higher_than_what_was_eligible_when_it_was_decided():
    """INV-5: eligible means above PKVW, for the municipality, advised, aangifte confirmed."""
    seen = set()
    facts = [
        safety_net.NoteIncident(CASE, "9901", Office.ALDERMAN),
        safety_net.NoteAangifte(CASE, DAY),
        safety_net.NoteAdvice(CASE, START),
        safety_net.RequestFunding(CASE, "a", "9901", Channel.FORM, "", START, timedelta(days=14)),
    ]

    @settings(deadline=None, max_examples=120, derandomize=True)
    @given(st.sets(st.sampled_from(range(4))), pasts(SUBJECT))
    def holds(left_out, steps):
        before = reach(SUBJECT, [fact for number, fact in enumerate(facts) if number not in left_out])
        for step in steps:
            after = pass_deadline(SUBJECT, before, step) if isinstance(step, int) else apply(SUBJECT, before, step)
            if isinstance(step, safety_net.Grant) and after != before:
                seen.add("granted")
                assert before.aangifte_on is not None
                assert before.advised_at is not None
                eligible = [
                    line.amount_cents for line in before.lines if line.above_pkvw and line.payer is Payer.MUNICIPALITY
                ]
                assert 0 < after.request.outcome.granted_cents <= sum(eligible)
            before = after

    holds()
    assert seen == {"granted"}
