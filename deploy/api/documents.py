"""Writes the OpenAPI document of each service: `python -m deploy.api.documents <folder>`. Starts nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI

from services.aftercare.app import build as aftercare
from services.aftercare.confidential_line.app import build as confidential_line
from services.assessment.app import build as assessment
from services.funding.app import build as funding
from services.intake.app import build as intake
from shared.runtime.environment import Settings

SERVICES: dict[str, Callable[[Settings], FastAPI]] = {
    "intake": intake, "assessment": assessment, "funding": funding, "aftercare": aftercare,
    "confidential-line": confidential_line,
}  # fmt: skip
RULES = Path(__file__).with_name("rules.yaml")
"""Spectral rules after the NL API Design Rules, in our words."""

PUBLIC_URL = "https://veiligbestuur.example"


def write(name: str, folder: Path, public_url: str = PUBLIC_URL) -> Path:
    """Takes the name of a service. Returns the file with its document; `public_url` is where it is reached."""
    app = SERVICES[name](Settings(environment="local", public_url=public_url))
    file = folder / f"{name}.json"
    file.write_text(json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n")
    return file


def main() -> int:
    """Returns the exit code."""
    if len(sys.argv) != 2:
        sys.stderr.write("Usage: python -m deploy.api.documents <folder>\n")
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in SERVICES:
        print(write(name, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
