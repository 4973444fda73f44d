"""Gives your reader the recorded samples: each is handled, twice is once, and unknown fields do no harm."""

import json
import sys
from pathlib import Path
from typing import Any

import consumer
from jsonschema import Draft202012Validator

HERE = Path(__file__).resolve().parent.parent


def main() -> int:
    """0 when your reader is right, 1 when it is not; a line for each thing that is wrong."""
    schemas = {
        one["type"]: json.loads((HERE / "schemas" / one["schema"]).read_text())
        for one in json.loads((HERE / "events.json").read_text())
    }
    wrong = [problem for file in sorted((HERE / "samples").glob("*.json")) for problem in judged(file, schemas)]
    print("\n".join(wrong) or f"Your reader is right: {len(consumer.seen)} samples handled once.")
    return 1 if wrong else 0


def judged(file: Path, schemas: dict[str, Any]) -> list[str]:
    """What is wrong with a sample, or with how it is handled."""
    event = json.loads(file.read_text())
    event["id"] = f"check-{file.name}"  # the samples of one type share an id
    found = [
        f"{file.name}: {one.message}" for one in Draft202012Validator(schemas[event["type"]]).iter_errors(event["data"])
    ]
    try:
        if not consumer.once(event):
            found.append(f"{file.name}: it was not handled")
        if consumer.once(event):
            found.append(f"{file.name}: it came twice and was handled twice")
        later = event | {"id": f"later-{file.name}", "data": event["data"] | {"a_field_of_later": 1}}
        if not consumer.once(later):
            found.append(f"{file.name}: a field that you do not know kept it from being handled")
    except Exception as error:
        found.append(f"{file.name}: your reader failed with {type(error).__name__}: {error}")
    return found


if __name__ == "__main__":
    sys.exit(main())
