"""What somebody who takes the project over looks for first is there, and says the same everywhere."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.stack import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
STANDARDS = (ROOT / "docs" / "standards.md").read_text()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
CRITERIA = (ROOT / "docs" / "standard-for-public-code.md").read_text()

NEEDED = {
    "README.md": ["make run", "Licence", "What is young or missing"],
    "CONTRIBUTING.md": ["make test", "EUPL-1.2", "review", "SECURITY.md", "GOVERNANCE.md", "CODE_OF_CONDUCT.md"],
    "SECURITY.md": ["Report a weakness", "good faith", "NCSC", "90 days", "public issue"],
    "CODE_OF_CONDUCT.md": ["What we expect", "When it goes wrong", "SECURITY.md"],
    "GOVERNANCE.md": ["Who decides", "maintainer", "controller"],
    "CHANGELOG.md": ["Keep a Changelog", "Semantic Versioning"],
    "docs/decisions/README.md": ["decision"],
}
"""File -> words without which it does not do its work."""


@pytest.mark.parametrize("name", NEEDED)
def test_a_file_that_strangers_look_for_is_there_and_says_what_they_need(name: str) -> None:
    text = (ROOT / name).read_text()
    assert [words for words in NEEDED[name] if words not in text] == []


def test_the_newest_entry_of_the_changelog_is_the_version_of_the_package() -> None:
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (unreleased|\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)
    assert versions[0][0] == PROJECT["version"]
    assert len({version for version, _ in versions}) == len(versions)


ROWS = [row for row in re.findall(r"^\| .+ \|$", STANDARDS, re.MULTILINE) if row.count("|") == 6]
NAMED = [row for row in ROWS if not row.startswith(("| standard", "|---"))]


def test_there_are_standards_to_check() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize("row", NAMED, ids=lambda row: row[2:40])
def test_a_standard_has_a_link_a_status_and_a_place(row: str) -> None:
    name, _version, status, how_far, where = (cell.strip() for cell in row.strip("|").split("|"))
    assert re.search(r"\]\(https://[^)]+\)", name)
    assert re.match(r"mandatory|open|method|not open", status)
    assert re.match(r"followed|partly|prepared|not yet|used inside", how_far)
    assert where


def test_what_the_code_names_as_a_standard_is_on_the_page() -> None:
    """A standard that somebody begins to use shows up by its number in the code."""
    code = "\n".join(path.read_text() for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py"))
    assert set(re.findall(r"RFC \d{4}", code)) <= set(re.findall(r"RFC \d{4}", STANDARDS))


def test_the_sixteen_criteria_are_all_judged_and_what_is_missing_is_named() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (met|partly|not met) \| (.+) \| (.+) \|$", CRITERIA, re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, 17))
    for _, criterion, state, there, missing in rows:
        assert there != "–", criterion
        assert state == "met" or missing != "–", criterion


def test_every_decision_is_listed_once_in_order() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^\| \[(\d{4})\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(), re.MULTILINE)
    assert [name for _, name in listed] == sorted(path.name for path in folder.glob("0*.md"))
    assert all(name.startswith(number) for number, name in listed)
