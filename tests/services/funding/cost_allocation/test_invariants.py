"""The invariants of this module, whatever the commands and their order."""

from __future__ import annotations

from services.funding.cost_allocation import domain as costs
from shared.contracts.decisions import Refused
from tests.services.funding.cost_allocation.subject import SUBJECT
from tests.services.subjects import for_all, reach


def test_the_cost_lines_of_a_measure_are_its_bill_and_each_has_one_payer_and_one_rule():
    """INV-4."""

    def holds(data):
        state = reach(SUBJECT, [data.draw(SUBJECT.facts["assessment.measures"])])
        command = data.draw(SUBJECT.acts)
        try:
            decision = costs.decide(state, command)
        except Refused:
            return
        new = decision.state.lines[len(state.lines) :]
        assert sum(line.amount_cents for line in new) == command.up_to_pkvw_cents + command.above_pkvw_cents
        for line in new:
            assert (line.payer is None) == (line.rule is None) == (line.rule_version is None)
        assert [event.line for event in decision.events] == [line.id for line in new if line.payer is not None]

    for_all(holds)
