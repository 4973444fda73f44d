"""Runs the story as a user does: the command, against a stack that is up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import Any

from deploy.stories.checks import plain
from tests.stack import ROOT, Stack


def command(stack: Stack, *options: str) -> list[str]:
    """`veilig story village-alderman` for this stack."""
    url = f"http://127.0.0.1:{stack.ports['--port']}"
    return [sys.executable, "-m", "deploy.cli.main", "story", "village-alderman", "--url", url, *options]


def tell(stack: Stack, *options: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
    """Runs it to its end."""
    return subprocess.run(
        command(stack, *options), cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
    )


def outcome(told: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What `--json` printed; fails with the first broken expectation."""
    assert told.returncode == 0, told.stderr[-2000:]
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def same(outcome: dict[str, Any]) -> tuple[Counter[str], Any]:
    """Events and states apart from ids and moments."""
    events = Counter(
        f"{one['topic']} {one['event']['type']} {plain(one['event']['data'])}" for one in outcome["events"]
    )
    return events, outcome["states"]
