"""What holds of a contact, whatever is asked in whatever order."""

from __future__ import annotations

import ast
import copy
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.aftercare.confidential_line import app, domain
from services.aftercare.confidential_line.contact import Contact, Step
from services.aftercare.confidential_line.domain import deadlines, decide
from shared.contracts.decisions import DeadlinePassed, Refused
from tests.services.aftercare.confidential_line.table import TABLE

COMMANDS = [command for command, _ in TABLE.commands.values()]
pasts = st.lists(st.sampled_from(COMMANDS), max_size=14).map(lambda acts: [*TABLE.states["talking"], *acts])
FOLDER = Path(domain.__file__).parent


def walk(acts):
    """Each state with the act that led to it; a refusal changes nothing."""
    state = None
    for act in acts:
        try:
            decision = decide(state, act)
        except Refused:
            continue
        yield state, act, decision
        state = decision.state


@settings(deadline=None)
@given(pasts)
def test_nothing_that_is_decided_reaches_the_bus(acts):
    """INV-8: there is no event to tell."""
    assert all(decision.events == () for _, _, decision in walk(acts))


@settings(deadline=None)
@given(pasts)
def test_nobody_of_the_network_and_no_other_confidant_without_a_yes(acts):
    """R-VTL-06, §3.8a."""
    for before, _, decision in walk(acts):
        after = decision.state
        said_yes = [one.step for one in after.consents if one.agreed]
        assert len(after.peers) == said_yes.count(Step.NETWORK)
        if before is not None and before.confidant and after.confidant not in ("", before.confidant):
            assert said_yes[-1] is Step.TRANSFER


@settings(deadline=None)
@given(pasts)
def test_every_contact_ends_and_what_ends_leaves_nothing(acts):
    for _, _, decision in walk(acts):
        state = decision.state
        for due in deadlines(state):
            after = decide(state, DeadlinePassed(due.name, due.at, due.at)).state
            assert after == Contact(state.ends_on, destroyed=True)
        assert bool(deadlines(state)) is not state.destroyed


@settings(deadline=None)
@given(pasts)
def test_deciding_is_pure_and_a_state_survives_being_stored(acts):
    adapter = TypeAdapter(Contact)
    for before, act, decision in walk(acts):
        held, asked = copy.deepcopy(before), copy.deepcopy(act)
        assert decide(before, act) == decision
        assert (before, act) == (held, asked)
        assert adapter.validate_json(adapter.dump_json(decision.state)) == decision.state


def test_the_line_imports_nothing_of_the_chain():
    """INV-8, R-VTL-08: no other module, no references, no fan-out to partners."""
    files = sorted(FOLDER.glob("*.py"))
    assert len(files) > 10
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                own = name.startswith("services.aftercare.confidential_line")
                assert own or not name.startswith(("services.", "shared.privacy.references")), f"{file.name}: {name}"


def test_decisions_have_no_clock_and_no_chance():
    for name in ("domain", "consenting", "contact", "commands", "counting"):
        tree = ast.parse((FOLDER / f"{name}.py").read_text())
        calls = {getattr(node.func, "attr", "") for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not calls & {"now", "utcnow", "today", "token_hex", "randbelow"}, name


def test_its_module_has_a_controller_of_its_own():
    from shared.privacy.controllers import CONTROLLERS, Controller

    owner = CONTROLLERS[app.WEEKS.name]
    assert owner is Controller.CONFIDENTIAL_LINE
    assert [name for name, one in CONTROLLERS.items() if one is owner] == [app.WEEKS.name]
