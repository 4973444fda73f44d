"""The timeline of the real modules: whatever they tell, nobody sees more than the table grants."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.access.roles import Role
from shared.access.timeline import GRANTED, entries_for
from shared.contracts.decisions import Refused
from shared.contracts.envelope import Event
from tests.access.test_timeline import history
from tests.services.subjects import many, pass_deadline
from tests.services.test_every_module import SUBJECTS


def granted_names(role: Role, event: type[Event]) -> set[str]:
    return set(GRANTED[event].get(role, ()))


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
@many
@given(data=st.data())
def test_whatever_a_module_tells_nobody_sees_more_than_granted(subject: Any, data: st.DataObject) -> None:
    told: list[Event] = []
    state = None
    for step in data.draw(st.lists(st.one_of(subject.commands, st.integers(0, 2)), max_size=8)):
        if isinstance(step, int):
            state = pass_deadline(subject, state, step)
            continue
        try:
            decision = subject.domain.decide(state, step)
        except Refused:
            continue
        state, told = decision.state, [*told, *decision.events]
    by_type = {event.type_name(): type(event) for event in told}
    for role in Role:
        for entry in entries_for(role, history(*told)):
            assert set(entry.fields) <= granted_names(role, by_type[entry.event])
            assert "measure" not in str(entry.fields.get("lines"))


def test_modules_that_tell_municipalities_know_whose_case_it_is() -> None:
    """The route compares `state.municipality` with the caller's; without it no municipality sees anything."""
    modules = {str(subject): subject for subject in SUBJECTS}
    for module in ("assessment.measures", "funding.cost_allocation", "funding.safety_net"):
        assert "municipality" in {field.name for field in fields(modules[module].state)}, module
