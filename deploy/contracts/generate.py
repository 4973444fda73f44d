"""`python -m deploy.contracts.generate` writes everything that is published; `--check` only says what differs.

`--release 1.1.0` freezes it under that number: from then on no change may break it (`compatibility.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from deploy.contracts import releases
from deploy.contracts.asyncapi import documents
from deploy.contracts.examples import SCHEMAS
from deploy.contracts.published import index, samples
from deploy.contracts.schemas import all_schemas

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "contracts" / "published"
MEND = "Run `python -m deploy.contracts.generate`, read the difference, and commit it with your change."


def everything() -> dict[str, Any]:
    """All documents by their path: `schemas/...`, `samples/...`, `asyncapi/...` and `index.json`."""
    found: dict[str, Any] = {"index.json": index()}
    found |= {f"schemas/{path}": schema for path, schema in all_schemas(SCHEMAS).items()}
    found |= {f"samples/{path}": one for path, one in samples().items()}
    found |= {f"asyncapi/{name}.json": document for name, document in documents().items()}
    return found


def text_of(document: Any) -> str:
    """As it stands in a file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def differences(folder: Path = FOLDER) -> list[str]:
    """A line per file that is missing, too many, or not what would be written now."""
    wanted = {path: text_of(document) for path, document in everything().items()}
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.json")}
    found = [f"missing: {path}" for path in wanted if path not in there]
    found += [f"not made any more: {path}" for path in there if path not in wanted]
    found += [
        f"differs: {path}" for path, text in wanted.items() if path in there and there[path].read_text() != text
    ]  # fmt: skip
    return sorted(found)


def write(folder: Path = FOLDER) -> None:
    """Writes all files and removes those that are not made any more."""
    wanted = everything()
    for path in folder.rglob("*.json"):
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    for name, document in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(document))


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 1 when `--check` found differences or a release cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m deploy.contracts.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when something differs")
    parser.add_argument("--release", metavar="NUMBER", help="freeze what is published now under this number")
    chosen = parser.parse_args(arguments)
    if chosen.check:
        found = differences()
        sys.stdout.write("".join(f"{line}\n" for line in found) + (f"{MEND}\n" if found else ""))
        return 1 if found else 0
    write()
    if chosen.release:
        try:
            releases.freeze(chosen.release, releases.current())
        except releases.NotReleasedError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
