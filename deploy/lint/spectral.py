"""Spectral on a document: `spectral(document, ruleset)` gives what it found.

The packages stand in `package.json` beside this file, with their hashes but no addresses in `package-lock.json`, so
that any npm registry will do. They are installed into `.cache/lint` on first use; after that no network is needed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "lint"
PINNED = ("package.json", "package-lock.json", ".npmrc")
SEVERITIES = ("error", "warning", "information", "hint")


class NotLintedError(Exception):
    """The linter itself could not run; the text says why and what to do."""


@dataclass(frozen=True)
class Finding:
    """Something the linter found. `path`: where in the document, with dots. `line`: in the file, from 1."""

    severity: str
    rule: str
    path: str
    message: str
    line: int

    def __str__(self) -> str:
        return f"{self.severity} {self.rule} line {self.line} at {self.path}: {self.message}"


def why_not() -> str | None:
    """Why the linter cannot run here, or None when it can."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    return f"{' and '.join(missing)} not found (Debian, Ubuntu: `apt install nodejs npm`)" if missing else None


def spectral(document: Path, ruleset: Path) -> list[Finding]:
    """Everything from warnings up that Spectral finds in a JSON or YAML document. Raises `NotLintedError`."""
    command = [
        str(installed() / "node_modules" / ".bin" / "spectral"), "lint", str(document.resolve()),
        "--ruleset", str(ruleset.resolve()), "--format", "json", "--quiet", "--fail-severity", "warn",
    ]  # fmt: skip
    ran = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, timeout=300, check=False)
    if ran.returncode not in (0, 1) or not ran.stdout.strip().startswith("["):
        raise NotLintedError(f"spectral ended with {ran.returncode}: {(ran.stderr or ran.stdout).strip()[-500:]}")
    found = [_finding(one) for one in json.loads(ran.stdout) if one["severity"] <= SEVERITIES.index("warning")]
    if bool(found) != bool(ran.returncode):
        raise NotLintedError(f"spectral ended with {ran.returncode} and {len(found)} findings")
    return found


def _finding(one: dict[str, object]) -> Finding:
    path, place = one["path"], one["range"]
    assert isinstance(path, list)
    assert isinstance(place, dict)
    severity = SEVERITIES[int(str(one["severity"]))]
    line = int(place["start"]["line"]) + 1
    return Finding(severity, str(one["code"]), ".".join(map(str, path)), str(one["message"]), line)


def installed() -> Path:
    """The folder with the packages, installed when they are not there or not these. Raises `NotLintedError`."""
    reason = why_not()
    if reason is not None:
        raise NotLintedError(reason)
    wanted = hashlib.sha256(b"\x00".join((HERE / name).read_bytes() for name in PINNED)).hexdigest()
    stamp = CACHE / "installed"
    CACHE.mkdir(parents=True, exist_ok=True)
    with _alone():
        if not (stamp.exists() and stamp.read_text() == wanted):
            stamp.unlink(missing_ok=True)
            _install()
            stamp.write_text(wanted)
    return CACHE


@contextmanager
def _alone() -> Iterator[None]:
    """Two test runs may want to install at the same time."""
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install() -> None:
    for name in PINNED:
        shutil.copyfile(HERE / name, CACHE / name)
    ran = subprocess.run(
        ["npm", "ci", "--loglevel=error"], cwd=CACHE, capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    if ran.returncode:
        raise NotLintedError(f"npm could not install the linter (is there a network?): {ran.stderr.strip()[-500:]}")
