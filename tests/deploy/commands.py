"""The command `veilig` inside the test's process; in a thread, because it has an event loop of its own."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from deploy.cli.main import app


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


async def veilig(*arguments: str) -> Ended:
    """Runs `veilig` with these arguments until it ends."""
    ended = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)
