"""The decision tables hold: every command in every state does what its row says."""

from __future__ import annotations

import importlib
import typing

import pytest

from tests.tables import ROOT, tables

TABLES = {str(table.folder.relative_to(table.folder.parents[1])): table for table in tables()}
every_table = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
ROWS = [(name, *pair) for name, table in TABLES.items() for pair in table.pairs()]


@pytest.mark.parametrize(("name", "command", "state"), ROWS, ids="/".join)
def test_a_command_in_a_state_does_what_its_row_says(name, command, state):
    written = TABLES[name].written()
    assert (command, state) in written, "run `python -m tests.tables` and read what it wrote"
    assert TABLES[name].run(command, state) == written[command, state]


WITHOUT_STATE = {"intake/guidance"}
"""Rules without states or commands: what they say follows from the moment alone."""


def test_every_module_that_decides_has_a_table():
    modules = {str(one.parent.relative_to(ROOT / "services")) for one in ROOT.glob("services/*/*/domain.py")}
    modules -= WITHOUT_STATE
    assert {str(table.folder.relative_to(ROOT / "tests" / "services")) for table in TABLES.values()} == modules


def kinds(union):
    """The classes of a union of unions."""
    parts = typing.get_args(union)
    return {union} if not parts else set().union(*map(kinds, parts))


@every_table
def test_every_command_of_the_module_has_a_section(table):
    module = importlib.import_module(f"services.{'.'.join(table.folder.parts[-2:])}.domain")
    assert {type(command) for command, _ in table.commands.values()} == kinds(module.Command)


@every_table
def test_no_row_is_about_something_that_is_gone(table):
    assert set(table.written()) <= set(table.pairs())


@every_table
def test_each_state_is_what_its_name_says(table):
    for name in table.states:
        if name != "unknown":
            assert name.partition(",")[0] == table.name_of(table.state(name)), name


@every_table
def test_a_fact_is_refused_in_no_state(table):
    hears_nothing = ("billing", "confidential_line")  # on purpose: S-IVP-08, INV-8
    assert table.facts or table.folder.name in hears_nothing
    for fact in table.facts:
        assert not [state for state in table.states if table.run(fact, state).refused]
