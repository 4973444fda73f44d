"""What is committed is what the tables say: schemas, samples, AsyncAPI documents, index."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deploy.contracts import generate
from tests.stack import ROOT


def test_what_is_committed_is_what_the_tables_say():
    """Red after a change of an event, a topic, a grant or a subscription: see what `generate.MEND` says."""
    assert generate.differences() == [], generate.MEND


def test_the_command_says_in_one_sentence_how_to_mend(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generate, "differences", lambda: ["differs: schemas/x/v1.json"])
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().out == f"differs: schemas/x/v1.json\n{generate.MEND}\n"


def test_the_command_is_silent_when_all_is_well():
    done = subprocess.run(
        [sys.executable, "-m", "deploy.contracts.generate", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("published")
    generate.write(made)
    return made


def test_writing_leaves_no_difference_and_takes_away_what_is_gone(folder):
    (folder / "schemas" / "gone").mkdir()
    (folder / "schemas" / "gone" / "v1.json").write_text("{}")
    (folder / "index.json").write_text("{}")
    (folder / "asyncapi" / "bzk.json").unlink()
    assert generate.differences(folder) == [
        "differs: index.json", "missing: asyncapi/bzk.json", "not made any more: schemas/gone/v1.json",
    ]  # fmt: skip
    generate.write(folder)
    assert generate.differences(folder) == []
