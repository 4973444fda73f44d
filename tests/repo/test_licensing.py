"""Of every file it is known whose it is and under which licence it may be used (REUSE 3)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests import backends
from tests.stack import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def reuse_lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `reuse lint` says of a folder; skips with the reason where it is not installed, which CI must not."""
    command = shutil.which("reuse", path=str(Path(sys.executable).parent))
    if command is None:
        backends.missing("reuse is not in this environment; `make environment` renews it")
    return subprocess.run([command, "lint"], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_reuse_finds_a_licence_and_an_owner_for_every_file() -> None:
    ran = reuse_lint(ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_reuse_finds_a_file_that_nobody_licensed(tmp_path: Path) -> None:
    (tmp_path / "LICENSES").mkdir()
    shutil.copy(ROOT / "LICENSES" / "EUPL-1.2.txt", tmp_path / "LICENSES")
    (tmp_path / "stray.py").write_text("print()\n")
    ran = reuse_lint(tmp_path)
    assert ran.returncode == 1 and "stray.py" in ran.stdout


def test_the_licence_is_the_same_wherever_it_is_named() -> None:
    assert [file.name for file in (ROOT / "LICENSES").iterdir()] == [f"{PROJECT['license']}.txt"]
    assert f"license: {PROJECT['license']}" in (ROOT / "publiccode.yml").read_text()
    assert f"(LICENSES/{PROJECT['license']}.txt)" in (ROOT / "README.md").read_text()
