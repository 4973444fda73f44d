"""The OpenAPI document of each service follows the NL API Design Rules, and the rules can see when one does not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.api.documents import RULES, SERVICES, main, write
from deploy.lint.spectral import spectral, why_not
from tests import backends


@pytest.fixture(scope="module", autouse=True)
def linter() -> None:
    """The linter needs Node; its absence is a failure in CI and a skip with the reason elsewhere."""
    reason = why_not()
    if reason is not None:
        backends.missing(reason)


@pytest.mark.parametrize("name", SERVICES)
def test_a_document_has_no_errors_and_no_warnings(name: str, tmp_path: Path) -> None:
    """RE-1."""
    assert [str(found) for found in spectral(write(name, tmp_path), RULES)] == []


def test_all_documents_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["documents", str(tmp_path / "new")])
    assert main() == 0
    assert {file.stem for file in (tmp_path / "new").iterdir()} == set(SERVICES)


def post(document: Any) -> Any:
    return document["paths"]["/reports"]["post"]


def get(document: Any) -> Any:
    return document["paths"]["/reports/{case}"]["get"]


def component(document: Any, kind: str, name: str) -> Any:
    return document["components"][kind][name]


def add_path(name: str) -> Callable[[Any], None]:
    return lambda document: document["paths"].update({name: {"get": get(document) | {"operationId": name}}})


def add_field(name: str, schema: dict[str, Any]) -> Callable[[Any], None]:
    return lambda document: component(document, "schemas", "Problem")["properties"].update({name: schema})


TEXT = {"type": "string"}
PLAIN = {"description": "No.", "content": {"application/json": {"schema": {"type": "object"}}}}
BREAKS: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("core-doc-openapi", "openapi", lambda d: d.update(openapi="3")),
    ("core-doc-openapi-contact", "info", lambda d: d["info"].pop("contact")),
    ("core-semver", "info.version", lambda d: d["info"].update(version="1.0")),
    ("core-uri-version", "servers.0.url", lambda d: d["servers"][0].update(url="http://a.example/api")),
    ("core-no-trailing-slash", "paths./reports/", add_path("/reports/")),
    ("core-path-segments-kebab-case", "paths./all_reports", add_path("/all_reports")),
    ("core-path-segments-kebab-case", "paths./Reports", add_path("/Reports")),
    ("core-path-segments-kebab-case", "paths./reports.json", add_path("/reports.json")),
    ("core-uri-version-not-in-paths", "paths./v1/reports", add_path("/v1/reports")),
    (
        "core-query-keys-camel-case", "paths./reports.post.parameters",
        lambda d: post(d)["parameters"].append({"name": "page_size", "in": "query", "schema": TEXT}),
    ),
    ("core-http-methods", "paths./reports", lambda d: d["paths"]["/reports"].update(trace={"responses": {}})),
    ("core-version-header", "paths./reports.post.responses.201", lambda d: post(d)["responses"]["201"].pop("headers")),
    (
        "core-version-header", "components.responses.NotFound.headers",
        lambda d: component(d, "responses", "NotFound")["headers"].pop("API-Version"),
    ),
    (
        "core-problem-details", "paths./reports.post.responses.403",
        lambda d: post(d)["responses"].update({"403": PLAIN}),
    ),
    (
        "core-problem-details", "components.schemas.Problem.required",
        lambda d: component(d, "schemas", "Problem")["required"].remove("detail"),
    ),
    ("core-invalid-input", "paths./reports.post.responses", lambda d: post(d)["responses"].update({"422": PLAIN})),
    ("core-invalid-input", "paths./reports/{case}.get.responses", lambda d: get(d)["responses"].pop("400")),
    (
        "core-date-time-format", "components.schemas.Problem.properties.x.format",
        add_field("x", {"type": "string", "format": "date-time-local"}),
    ),
    ("core-date-time-moments", "components.schemas.Problem.properties.made_at", add_field("made_at", TEXT)),
    (
        "core-date-omit-time-portion", "components.schemas.Problem.properties.filed_on",
        add_field("filed_on", {"type": "string", "format": "date-time"}),
    ),
    (
        "house-idempotency-key", "paths./reports/{case}/melding.post.parameters",
        lambda d: d["paths"]["/reports/{case}/melding"]["post"].update(parameters=[]),
    ),
    ("house-writes-say-what-can-go-wrong", "paths./reports.post", lambda d: post(d)["responses"].pop("409")),
    (
        "house-etag", "paths./reports/{case}.get.responses.200",
        lambda d: get(d)["responses"]["200"]["headers"].pop("ETag"),
    ),
    ("house-schema-names", "components.schemas.a_b", lambda d: d["components"]["schemas"].update(a_b=TEXT)),
]  # fmt: skip


def test_every_break_is_red(tmp_path: Path) -> None:
    """All at once: the linter takes a second to start. Each must be found by its own rule, at its own place."""
    file = write("intake", tmp_path)
    document = json.loads(file.read_text())
    for _, _, break_it in BREAKS:
        break_it(document)
    file.write_text(json.dumps(document))
    found = [one for one in spectral(file, RULES) if one.severity == "error"]
    for rule, place, _ in BREAKS:
        assert [one for one in found if one.rule == rule and one.path.startswith(place)], f"{rule} at {place}"


def test_every_rule_of_ours_is_seen_red() -> None:
    rules = set(re.findall(r"^  ((?:core|house)-[a-z-]+):", RULES.read_text(), re.MULTILINE))
    assert rules == {rule for rule, _, _ in BREAKS}
