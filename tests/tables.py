"""Tables of decisions that a domain expert can read: every state × every command of a module, one Markdown file each.

A table stands beside the tests of its module, in `table.md`: a section per command, a row per state.

    ### make-melding: The victim makes a melding of a signal

    | given | becomes | tells | or is refused |
    |---|---|---|---|
    | signal | melding | IncidentReported | |
    | melding | | | Dit is al een melding. |

The file is the specification and is read by the test; `python -m tests.tables` adds the rows that are missing (and
never changes one that is there), so that a new command or state asks for somebody's eyes.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.contracts.decisions import Decision, Refused

HEAD = "| given | becomes | tells | or is refused |\n|---|---|---|---|\n"
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Row:
    """What a command does in a state. `tells`: event names in order, joined by commas."""

    becomes: str = ""
    tells: str = ""
    refused: str = ""

    def __str__(self) -> str:
        return f"{self.becomes} | {self.tells} | {self.refused} |"


@dataclass(frozen=True)
class Table:
    """A module's states and commands.

    `states`: name -> the commands that lead there (none: unknown). `commands`: name -> (the command, what it means).
    `name_of`: a word for a state; the name of each listed state must be the word for it, or start with it followed
    by a comma ("melding, received by RCCB").
    """

    folder: Path
    title: str
    decide: Callable[[Any, Any], Decision[Any]]
    states: Mapping[str, tuple[object, ...]]
    commands: Mapping[str, tuple[object, str]]
    name_of: Callable[[Any], str]
    facts: tuple[str, ...] = field(default=())
    """Names of the commands that are facts: never refused."""

    @property
    def path(self) -> Path:
        """Where it is written."""
        return self.folder / "table.md"

    def state(self, name: str) -> Any:
        """The state of that name."""
        state = None
        for command in self.states[name]:
            state = self.decide(state, command).state
        return state

    def run(self, command: str, given: str) -> Row:
        """What really happens."""
        before = self.state(given)
        try:
            decision = self.decide(before, self.commands[command][0])
        except Refused as refusal:
            return Row(refused=refusal.reason)
        tells = ", ".join(type(event).__name__ for event in decision.events)
        if decision.state == before:
            return Row("no change", tells)
        return Row(self.name_of(decision.state), tells)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every command with every state."""
        return ((command, state) for command in self.commands for state in self.states)

    def written(self) -> dict[tuple[str, str], Row]:
        """The rows of the file. Raises `ValueError` for a row that stands there twice."""
        found: dict[tuple[str, str], Row] = {}
        command = ""
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            if line.startswith("### "):
                command = line.removeprefix("### ").partition(":")[0]
            cells = [cell.strip() for cell in line.split("|")[1:-1]]
            if len(cells) == 4 and cells[0] not in ("given", "---"):
                pair = (command, cells[0])
                if pair in found:
                    raise ValueError(f"{self.path.name}: {pair} stands there twice")
                found[pair] = Row(*cells[1:])
        return found

    def complete(self) -> int:
        """Writes the file with the rows that are missing; returns how many."""
        known = self.written()
        missing = [pair for pair in self.pairs() if pair not in known]
        parts = [f"# {self.title}\n\nEvery command in every state. `no change`: accepted, and nothing happens.\n"]
        for command, (_, meaning) in self.commands.items():
            fact = " (a fact: never refused)" if command in self.facts else ""
            parts.append(f"\n### {command}: {meaning}{fact}\n\n{HEAD}")
            for state in self.states:
                parts.append(f"| {state} | {known.get((command, state)) or self.run(command, state)}\n")
        self.path.write_text("".join(parts))
        return len(missing)


def tables() -> list[Table]:
    """All tables: each `tests/services/*/*/table.py` has one as `TABLE`."""
    files = sorted((ROOT / "tests" / "services").glob("*/*/table.py"))
    return [importlib.import_module(".".join(f.relative_to(ROOT).with_suffix("").parts)).TABLE for f in files]


if __name__ == "__main__":
    for one in tables():
        sys.stdout.write(f"{one.path.relative_to(ROOT)}: {one.complete()} rows added\n")
