"""The list of scenarios and their tests are the same list."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LISTED = re.findall(r"^\| (S-[A-Z]+-\d\d) \|", (ROOT / "docs" / "scenarios.md").read_text(), re.M)


def ids_of_tests() -> list[str]:
    """Ids that tests are named after."""
    found = []
    for file in sorted((ROOT / "tests" / "scenarios").glob("test_*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.AsyncFunctionDef) and (name := re.match(r"test_s_([a-z]+)_(\d\d)_", node.name)):
                found.append(f"S-{name[1].upper()}-{name[2]}")
    return found


@pytest.mark.parametrize("scenario", LISTED)
def test_each_scenario_has_a_test_of_its_name(scenario):
    assert scenario in ids_of_tests()


def test_no_scenario_is_tested_that_is_not_on_the_list():
    assert set(ids_of_tests()) <= set(LISTED)


def test_each_scenario_stands_on_the_list_once():
    assert len(LISTED) == len(set(LISTED)) == 53
