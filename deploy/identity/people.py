"""The people that the local sign-in page shows, read from `people.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

PEOPLE_FILE = Path(__file__).with_name("people.toml")


@dataclass(frozen=True)
class Who:
    """Somebody a token can be about. `level`: one of `low`, `substantial`, `high`."""

    role: str
    account: str
    municipality: str = ""
    unit: str = ""
    level: str = "substantial"


@dataclass(frozen=True)
class Example:
    """An invented person on the page. `does`: in a sentence or two, what this person does (Dutch)."""

    name: str
    does: str
    who: Who

    @property
    def account(self) -> str:
        """The account id, which is also the choice on the page."""
        return self.who.account


def people() -> tuple[Example, ...]:
    """All of them, in the order of the file."""
    rows = tomllib.loads(PEOPLE_FILE.read_text())["person"]
    return tuple(
        Example(row["name"], row["does"], Who(**{name: row[name] for name in row if name not in ("name", "does")}))
        for row in rows
    )
