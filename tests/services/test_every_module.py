"""What holds for each decision module, whatever the commands and their order (Hypothesis)."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.contracts.decisions import DeadlinePassed, Refused
from tests.services.aftercare.callback.subject import SUBJECT as CALLBACK
from tests.services.assessment.measures.subject import SUBJECT as MEASURES
from tests.services.assessment.weighing.subject import SUBJECT as WEIGHING
from tests.services.funding.cost_allocation.subject import SUBJECT as COSTS
from tests.services.funding.safety_net.subject import SUBJECT as SAFETY_NET
from tests.services.intake.reporting.subject import SUBJECT as REPORTING
from tests.services.subjects import CASE, START, for_all, pasts, reach

ROOT = Path(__file__).resolve().parents[2]
SUBJECTS = (REPORTING, WEIGHING, MEASURES, COSTS, SAFETY_NET, CALLBACK)
every_module = pytest.mark.parametrize("subject", SUBJECTS, ids=str)


@every_module
def test_a_passed_deadline_is_always_removed_or_moved(subject):
    """Otherwise it would fire forever. Every deadline that the module has was seen."""
    seen = set()

    @settings(deadline=None, max_examples=1500, derandomize=True)
    @given(pasts(subject))
    def holds(steps):
        state = reach(subject, steps)
        if state is None:
            return
        for due in subject.domain.deadlines(state):
            seen.add(due.name)
            after = subject.domain.decide(state, DeadlinePassed(due.name, due.at, due.at + timedelta(minutes=1))).state
            assert due not in subject.domain.deadlines(after)

    holds()
    assert seen == subject.deadlines


@every_module
def test_a_deadline_passes_once(subject):
    """INV-9: told again, nothing happens."""

    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        assume(state is not None)
        for due in subject.domain.deadlines(state):
            passed = DeadlinePassed(due.name, due.at, due.at)
            once = subject.domain.decide(state, passed).state
            again = subject.domain.decide(once, passed)
            assert (again.state, again.events) == (once, ())

    if subject.deadlines:
        for_all(holds)
    else:
        assert subject is COSTS


@every_module
def test_deadlines_have_unique_names_within_a_case(subject):
    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        if state is not None:
            names = Counter(due.name for due in subject.domain.deadlines(state))
            assert set(names.values()) <= {1}

    for_all(holds)


@every_module
def test_a_deadline_of_an_unknown_case_makes_no_case(subject):
    with pytest.raises(Refused, match="niet bekend"):
        subject.domain.decide(None, DeadlinePassed("any", START, START))


@every_module
def test_facts_in_any_order_that_keeps_each_topic_end_in_the_same_state(subject):
    def holds(data):
        past = reach(subject, data.draw(pasts(subject)))
        topics = {name: data.draw(st.lists(facts, max_size=4)) for name, facts in subject.facts.items()}
        one = [fact for facts in topics.values() for fact in facts]
        order = data.draw(st.permutations([name for name, facts in topics.items() for _ in facts]))
        queues = {name: list(facts) for name, facts in topics.items()}
        other = [queues[name].pop(0) for name in order]
        ends = []
        for facts in (one, other):
            state = past
            for fact in facts:
                state = subject.domain.decide(state, fact).state  # never refused
            ends.append(state)
        assert ends[0] == ends[1]

    for_all(holds)


@every_module
def test_an_act_and_a_fact_that_both_fit_end_in_the_same_state_in_either_order(subject):
    """A fact may arrive just before or just after somebody's click."""

    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        act = data.draw(subject.acts)
        fact = data.draw(st.one_of(*subject.facts.values()))
        assume(not isinstance(act, subject.reopening))
        try:
            act_first = subject.domain.decide(subject.domain.decide(state, act).state, fact).state
            fact_first = subject.domain.decide(subject.domain.decide(state, fact).state, act).state
        except Refused:
            return
        assert act_first == fact_first

    for_all(holds)


@every_module
def test_facts_are_never_refused(subject):
    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        fact = data.draw(st.one_of(*subject.facts.values()))
        assert subject.domain.decide(state, fact).state.case == CASE

    for_all(holds)


@every_module
def test_deciding_is_pure(subject):
    """The same twice, and the state that went in is untouched."""

    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        command = data.draw(subject.commands)
        before, asked = copy.deepcopy(state), copy.deepcopy(command)
        answers = []
        for _ in range(2):
            try:
                answers.append(subject.domain.decide(state, command))
            except Refused as refusal:
                answers.append(refusal.reason)
        assert answers[0] == answers[1]
        assert (state, command) == (before, asked)

    for_all(holds)


@every_module
def test_every_event_is_about_the_case(subject):
    """Order per case on the bus rests on it."""

    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        try:
            decision = subject.domain.decide(state, data.draw(subject.commands))
        except Refused:
            return
        assert {event.case for event in decision.events} <= {CASE}
        assert decision.state.case == CASE

    for_all(holds)


@every_module
def test_a_state_survives_being_stored(subject):
    """What the runtime writes as JSON is read back as the same state, to the microsecond."""
    adapter: TypeAdapter[Any] = TypeAdapter(subject.state)

    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        assume(state is not None)
        assert adapter.validate_python(adapter.dump_python(state, mode="json")) == state

    for_all(holds)


MONEY = ("funding", "budget", "cost", "invoice", "payer", "grant", "council")


@pytest.mark.parametrize("folder", ["services/assessment", "services/aftercare", "services/intake"])
def test_no_code_of_safety_or_care_knows_money(folder):
    """INV-1, structurally: nothing of funding is imported, so no money command or event can move a measure or care."""
    files = sorted((ROOT / folder).rglob("*.py"))
    assert any(file.name == "domain.py" for file in files)
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found = [name for name in names if "funding" in name.lower()]
            assert not found, f"{file.relative_to(ROOT)} imports {found}"


@pytest.mark.parametrize("subject", [MEASURES, CALLBACK, WEIGHING, REPORTING], ids=str)
def test_no_state_of_safety_or_care_holds_money(subject):
    """INV-1: what is not in the state cannot be a guard."""
    classes = [thing for thing in vars(subject.domain).values() if isinstance(thing, type)]
    folder = subject.domain.__name__.rpartition(".")[0]
    own = [one for one in classes if one.__module__.startswith(folder) and hasattr(one, "__dataclass_fields__")]
    assert subject.state in own
    names = [field.name for one in own for field in fields(one)]
    assert names
    assert not [name for name in names if any(word in name for word in MONEY)]


def test_domains_have_no_clock_no_chance_and_no_settings():
    """Pure core: time, ids and policy come inside the command."""
    forbidden = {"os", "random", "secrets", "time", "uuid", "asyncio", "pathlib", "logging"}
    calls = {"now", "utcnow", "today", "open", "print", "input"}
    for subject in SUBJECTS:
        tree = ast.parse(Path(subject.domain.__file__).read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert not {alias.name for alias in node.names} & forbidden, str(subject)
            if isinstance(node, ast.ImportFrom):
                assert node.module not in forbidden, str(subject)
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                assert name not in calls, f"{subject} calls {name}"
