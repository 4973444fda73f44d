"""docs/operations.md: its commands can be given, and what it says of signs, statuses and events is so."""

from __future__ import annotations

import re
import shlex

import pytest
import typer.main

from deploy.cli import tail
from deploy.cli.connection import Exit
from deploy.cli.dead_letters import LONGEST_REASON
from deploy.cli.main import app
from deploy.cli.words import in_words
from shared.contracts.topics import DEAD_LETTERS_HANDLED, EVENTS
from tests.stack import ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text()
PARTNERS = (ROOT / "docs" / "partners.md").read_text()
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TEXT + PARTNERS, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_can_be_given_as_it_stands(line: str) -> None:
    name, *arguments = shlex.split(line)
    assert name == "veilig"
    command = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    context = command.make_context(name, arguments)
    assert not context.args


def test_a_command_that_cannot_be_given_is_found() -> None:
    command = typer.main.get_command(app).commands["tail"]
    with pytest.raises(Exception, match="No such option"):
        command.make_context("tail", ["--invented"])


def test_the_events_and_signs_that_are_shown_exist() -> None:
    names = {in_words(name) for name in EVENTS}
    shown = re.findall(r"^\S+ \S+  [○●◆] \S+ +(.+?)  |^  \d\d:\d\d  \w+ +(.+?)  ", TEXT, re.MULTILINE)
    assert len(shown) == 5
    for pair in shown:
        assert "".join(pair) in names
    assert [mark.sign for mark in tail.LEGEND] == re.findall(r"^\| ([●○◆!]) \|", TEXT, re.MULTILINE)


def test_numbers_and_names_are_those_of_the_code() -> None:
    assert [int(status) for status in re.findall(r"^\| (\d) \|", TEXT, re.MULTILINE)] == [0, *Exit]
    assert f"at most {LONGEST_REASON} characters" in TEXT
    assert DEAD_LETTERS_HANDLED.name in TEXT and DEAD_LETTERS_HANDLED.retention_ms == 365 * 24 * 3600 * 1000
    for type_name in re.findall(r"--type (\S+)", TEXT):
        assert tail._event(type_name) == type_name
