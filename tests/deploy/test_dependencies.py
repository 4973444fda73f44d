"""What we depend on: the audit never takes silence for good news, and the bill of materials is whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from deploy.dependencies.audit import LOCK, Ask, Outcome, audit, first_of, in_words, main, read
from tests.stack import ROOT

GOOD = {"name": "good", "version": "1.0", "vulns": []}
WEAK = {"name": "weak", "version": "2.0", "vulns": [{"id": "PYSEC-0-1", "fix_versions": ["2.1", "3.0"]}]}
UNFIXED = {"name": "weak", "version": "2.0", "vulns": [{"id": "PYSEC-0-2", "fix_versions": []}]}
UNKNOWN = {"name": "strange", "skip_reason": "Dependency not found on PyPI and could not be audited: strange (1.0)"}


def answers(*reports: list[dict[str, Any]] | None) -> tuple[Ask, list[Path]]:
    """A registry that gives these reports one after the other, and a list of what it was asked."""
    asked: list[Path] = []
    left = iter(reports)

    def ask(requirements: Path) -> dict[str, Any] | None:
        asked.append(requirements)
        rows = next(left)
        return None if rows is None else {"dependencies": rows}

    return ask, asked


@pytest.mark.parametrize(
    ("rows", "status", "said"),
    [
        ([GOOD], 0, "1 packages judged, 0 known weaknesses."),
        ([GOOD, WEAK], 1, "weak 2.0: PYSEC-0-1, fixed in 2.1 or 3.0"),
        ([UNFIXED], 1, "weak 2.0: PYSEC-0-2, no fix yet"),
        ([GOOD, UNKNOWN], 2, "Not judged, the registry does not know them: strange."),
        ([WEAK, UNKNOWN], 1, "Not judged, the registry does not know them: strange."),
        ([UNKNOWN], 2, "Not audited: the registry of this machine does not tell which weaknesses are known."),
        ([], 2, "Not audited: the registry of this machine does not tell which weaknesses are known."),
    ],
)
def test_what_was_not_judged_is_never_called_clean(rows: list[dict[str, Any]], status: int, said: str) -> None:
    outcome = read({"dependencies": rows})
    assert outcome.status == status
    assert said in in_words(outcome)


@pytest.mark.parametrize("silence", [None, [UNKNOWN]])
def test_without_an_answer_about_the_first_package_the_others_are_not_asked(silence: list[dict[str, Any]]) -> None:
    ask, asked = answers(silence)
    assert audit(LOCK, ask) == Outcome(0)
    assert len(asked) == 1 and asked[0] != LOCK


def test_with_an_answer_everything_is_asked() -> None:
    ask, asked = answers([GOOD], [GOOD, WEAK])
    assert audit(LOCK, ask).status == 1
    assert asked[1] == LOCK


def test_silence_may_be_no_failure_but_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], answers(None)[0]) == 2
    assert main(["--where-possible"], answers(None)[0]) == 0
    assert capsys.readouterr().out.count("Not audited") == 2
    assert main(["--where-possible"], answers([GOOD], [WEAK])[0]) == 1, "a known weakness always is one"


def test_the_package_that_is_asked_about_first_is_one_of_the_lock_file() -> None:
    first = first_of(LOCK.read_text().splitlines())
    assert f"{first} \\" in LOCK.read_text().splitlines()


def test_the_lock_file_holds_no_address() -> None:
    assert "://" not in LOCK.read_text()


@pytest.mark.slow
def test_the_bill_of_materials_has_every_direct_dependency_and_no_path_of_this_machine(tmp_path: Path) -> None:
    target = tmp_path / "made" / "sbom.json"
    command = ["make", "-o", "environment", "sbom", f"BIN={Path(sys.executable).parent}", f"SBOM={target}"]
    subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300, check=True)
    bill = json.loads(target.read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert bill["bomFormat"] == "CycloneDX"
    assert (bill["metadata"]["component"]["name"], bill["metadata"]["component"]["version"]) == (
        project["name"], project["version"],
    )  # fmt: skip
    listed = {_plain(component["name"]) for component in bill["components"]}
    asked = {_plain(re.split(r"[\[<>=~; ]", text)[0]) for text in project["dependencies"]}
    assert asked <= listed
    assert str(ROOT) not in target.read_text()


def _plain(name: str) -> str:
    """A package name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("made", ["dist/sbom.cdx.json", ".cache/anything"])
def test_what_is_made_does_not_end_up_in_the_repository(made: str) -> None:
    assert subprocess.run(["git", "check-ignore", "-q", made], cwd=ROOT, check=False).returncode == 0
