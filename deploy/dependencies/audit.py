"""Is a weakness known in a package of `requirements.lock`? Run: `make audit`.

pip-audit asks the package registry for the known weaknesses of each version. It passes over what the registry does not
know and then says that nothing was found. Here a package that was not judged counts as not judged: no answer is not
good news. First one package is asked about; when that gets no answer the others are not asked.

Status 0: all judged, nothing found. 1: a weakness is known. 2: not all could be judged. With `--where-possible`, for
machines without such a registry, 2 becomes 0 and the line stays.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
OPTIONS = ("--disable-pip", "--progress-spinner", "off", "--timeout", "15", "--format", "json")
"""`--disable-pip`: nothing is resolved or downloaded; the lock file says all there is."""

Ask = Callable[[Path], dict[str, Any] | None]
"""Takes a file of requirements. Returns pip-audit's report, or None when it could not make one."""


class Status(IntEnum):
    """What the command ends with."""

    CLEAN = 0
    FOUND = 1
    NOT_JUDGED = 2


@dataclass(frozen=True)
class Outcome:
    """`judged`: how many packages got an answer. `known`: a sentence for each weakness. `unjudged`: names without."""

    judged: int
    known: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """A known weakness goes before what is not known."""
        if self.known:
            return Status.FOUND
        return Status.CLEAN if self.judged and not self.unjudged else Status.NOT_JUDGED


def read(report: dict[str, Any]) -> Outcome:
    """Takes pip-audit's report as JSON gives it. Returns what it says."""
    rows = report["dependencies"]
    unjudged = tuple(row["name"] for row in rows if "skip_reason" in row)
    known = tuple(_sentence(row["name"], row["version"], weakness) for row in rows for weakness in row.get("vulns", ()))
    return Outcome(len(rows) - len(unjudged), known, unjudged)


def _sentence(name: str, version: str, weakness: dict[str, Any]) -> str:
    fixed = " or ".join(weakness["fix_versions"])
    return f"{name} {version}: {weakness['id']}, " + (f"fixed in {fixed}" if fixed else "no fix yet")


def first_of(lock: Iterable[str]) -> str:
    """Takes the lines of a lock file. Returns its first package with its version, without hashes."""
    return next(found[0] for line in lock if (found := re.match(r"[a-z0-9][\w.-]*==[\w.]+", line)))


def audit(lock: Path, ask: Ask) -> Outcome:
    """Takes a lock file and how to ask. Asks about its first package, and about all when that got an answer."""
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.txt"
        one.write_text(first_of(lock.read_text().splitlines()) + "\n")
        for requirements in (one, lock):
            report = ask(requirements)
            if report is None:
                return Outcome(0)
            outcome = read(report)
            if not outcome.judged:
                return Outcome(0)
    return outcome


def ask_pip_audit(requirements: Path) -> dict[str, Any] | None:
    """pip-audit's report of a file of requirements; None when it ended without one, as it does without a network."""
    hashes = "--require-hashes" if requirements == LOCK else "--no-deps"
    command = [sys.executable, "-m", "pip_audit", *OPTIONS, hashes, "-r", str(requirements)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        report = json.loads(ran.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return report if isinstance(report, dict) else None


def in_words(outcome: Outcome) -> Iterable[str]:
    """What the command prints, line by line."""
    yield from outcome.known
    if not outcome.judged:
        yield "Not audited: the registry of this machine does not tell which weaknesses are known."
    elif outcome.unjudged:
        yield f"Not judged, the registry does not know them: {', '.join(outcome.unjudged)}."
    if outcome.judged:
        yield f"{outcome.judged} packages judged, {len(outcome.known)} known weaknesses."


def main(arguments: list[str] | None = None, ask: Ask = ask_pip_audit) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description="Known weaknesses in the packages of requirements.lock.")
    parser.add_argument("--where-possible", action="store_true", help="no answer from a registry is no failure")
    chosen = parser.parse_args(arguments)
    outcome = audit(LOCK, ask)
    print(*in_words(outcome), sep="\n")
    if outcome.status is Status.NOT_JUDGED and chosen.where_possible:
        return Status.CLEAN
    return outcome.status


if __name__ == "__main__":
    sys.exit(main())
