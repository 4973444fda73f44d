"""The record of what was ever released: a file per release in `released/`, never changed afterwards.

A file holds what is new or different since the releases before it, so that the record stays small.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.contracts import published, schemas
from deploy.contracts.examples import SCHEMAS
from shared.contracts.promises import RELEASE

FOLDER = Path(__file__).with_name("released")


class NotReleasedError(Exception):
    """The release cannot be made; the text says why."""


@dataclass(frozen=True)
class Contracts:
    """What is promised at one moment: schemas and samples by path, partitions and types by topic."""

    schemas: dict[str, dict[str, Any]]
    samples: dict[str, dict[str, Any]]
    topics: dict[str, dict[str, int]]
    homes: dict[str, list[str]]
    """The topics of each sample's type, by the sample's folder and type."""


def current() -> Contracts:
    """What the tables say now."""
    return Contracts(schemas.all_schemas(SCHEMAS), published.samples(), published.topics(), _homes())


def _homes() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in published.index()["events"]:
        found[entry["type"]] = [entry["topic"]]
        for partner in entry["partners"]:
            found[f"partners/{partner['kind']}/{entry['type']}"] = [partner["topic"]]
    return found


def numbers(folder: Path = FOLDER) -> list[str]:
    """The releases there were, oldest first."""
    return sorted((path.stem for path in folder.glob("*.json")), key=lambda text: [int(n) for n in text.split(".")])


def released(folder: Path = FOLDER) -> list[tuple[str, Contracts]]:
    """Every release, oldest first; each with what was new or different in it."""
    return [(number, Contracts(**json.loads((folder / f"{number}.json").read_text()))) for number in numbers(folder)]


def freeze(number: str, now: Contracts, folder: Path = FOLDER) -> Path:
    """Writes a release. Raises `NotReleasedError` when the number is taken, or is not `RELEASE`."""
    if number != RELEASE:
        raise NotReleasedError(f"shared/contracts/promises.py says {RELEASE}: make RELEASE {number} first")
    if not re.fullmatch(r"\d+\.\d+\.\d+", number) or number in numbers(folder):
        raise NotReleasedError(f"{number} was released before, or is no number: a release is never changed")
    seen = [one for _, one in released(folder)]
    new = Contracts(
        _news("schemas", now.schemas, seen), _news("samples", now.samples, seen),
        _news("topics", now.topics, seen), _news("homes", now.homes, seen),
    )  # fmt: skip
    folder.mkdir(exist_ok=True)
    path = folder / f"{number}.json"
    path.write_text(json.dumps(vars(new), indent=1, ensure_ascii=False) + "\n")
    return path


def _news(part: str, now: dict[str, Any], seen: list[Contracts]) -> dict[str, Any]:
    latest: dict[str, Any] = {}
    for one in seen:
        latest |= getattr(one, part)
    return {name: value for name, value in now.items() if latest.get(name) != value}
