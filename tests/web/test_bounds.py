"""Everything that people send has a longest length: one request cannot fill a case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.api.documents import SERVICES, write


def unbounded(schema: Any, document: dict[str, Any], at: str) -> Iterator[str]:
    """Where a schema takes a text or a list without end."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for one in schema.get("anyOf", ()):
        yield from unbounded(one, document, at)
    for name, one in schema.get("properties", {}).items():
        yield from unbounded(one, document, f"{at}.{name}")
    if schema.get("type") == "array":
        yield from [at] if "maxItems" not in schema else []
        yield from unbounded(schema["items"], document, f"{at}[]")
    if schema.get("type") == "string" and not {"maxLength", "enum", "const", "format", "pattern"} & set(schema):
        yield at


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_text_and_list_in_a_body_has_an_end(name: str, tmp_path: Path) -> None:
    document = json.loads(write(name, tmp_path).read_text())
    seen = 0
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                assert list(unbounded(body["schema"], document, path)) == []
                seen += 1
    assert seen
