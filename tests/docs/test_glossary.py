"""The glossary has every name that a reader of the code meets in the domain, and no name that the code lacks."""

from __future__ import annotations

import ast
import inspect
import re
from enum import Enum

import pytest

from shared.access.relations import Relation
from shared.access.roles import Role
from shared.contracts import vocabulary
from shared.contracts.topics import HOME
from tests.stack import ROOT

TEXT = (ROOT / "docs" / "glossary.md").read_text()
NAMES = set(re.findall(r"`([^`]+)`", TEXT))
FIRST_WORDS = {name.split(".")[0] for name in NAMES}
CODE = {
    path: path.read_text()
    for folder in ("services", "shared", "deploy")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".toml", ".html"}
}
OTHERS = {"Act", "Note…"}
"""What every act of a caller has in common; and facts, which are named after the event they note."""

LISTS = [
    name
    for name, thing in inspect.getmembers(vocabulary, inspect.isclass)
    if issubclass(thing, Enum) and thing.__module__ == vocabulary.__name__
]


def commands() -> list[str]:
    """The commands of all modules, without facts."""
    found = set()
    for path in ROOT.glob("services/*/*/commands.py"):
        found |= {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)}
    return sorted(name for name in found - OTHERS if not name.startswith("Note"))


@pytest.mark.parametrize("event", sorted({event.__name__ for event in HOME}))
def test_every_event_is_explained(event: str) -> None:
    assert event in NAMES


@pytest.mark.parametrize("name", commands())
def test_every_command_is_explained(name: str) -> None:
    assert name in NAMES


@pytest.mark.parametrize("name", LISTS)
def test_every_fixed_list_is_explained(name: str) -> None:
    assert name in FIRST_WORDS


@pytest.mark.parametrize("role", Role)
def test_every_role_is_explained(role: Role) -> None:
    assert f"Role.{role.name}" in NAMES


@pytest.mark.parametrize("relation", Relation)
def test_every_relation_to_a_case_is_explained(relation: Relation) -> None:
    assert f"Relation.{relation.name}" in NAMES


@pytest.mark.parametrize("name", sorted(name for name in NAMES if re.fullmatch(r"[A-Za-z_]+(\.[A-Z_]+)?", name)))
def test_a_name_in_the_glossary_is_in_the_code(name: str) -> None:
    owner, _, member = name.partition(".")
    pattern = re.compile(rf"\b{re.escape(owner)}\b")
    holders = [text for text in CODE.values() if pattern.search(text)]
    assert holders, name
    if member:
        assert any(re.search(rf"class {owner}\(.*\n(?:.*\n)*?    {member} = ", text) for text in holders), name


def test_no_dutch_term_stands_twice() -> None:
    terms = [row.split("|")[1].strip() for row in TEXT.splitlines() if row.startswith("| ") and "Dutch" not in row]
    assert {term for term in terms if terms.count(term) > 1} == set()
