"""RE-4: whatever JSON anybody sends in whatever order to whatever route, no answer is our fault (5xx).

Bodies are made from the service's own OpenAPI document: most fields good, some of another kind, some missing. The
people all act on one case, so that what is good changes its state and the next act meets another one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.api.documents import SERVICES
from deploy.local.temporary import Mongo
from shared.access.roles import Role
from shared.privacy.references import References
from tests.backends import CI
from tests.services.serving import KEYS, Served, serve
from tests.web.proper import caller, improper

CASE = "0" * 32
REFERENCES = References(KEYS.partner)
MOMENTS = st.sampled_from(
    ["2016-03-14T02:10:00Z", "2016-03-14T03:10:00+01:00", "1900-01-01T00:00:00+14:00", "2199-12-31T23:59:59-14:00"]
)
DATES = st.sampled_from(["2016-03-14", "1900-01-01", "2199-12-31", "2016-02-30"])
NUMBERS = st.sampled_from([0, 1, 5, -1, 2**31, 2**53 - 1, 2**53, 2**63, 2**64, 10**40]) | st.integers()
TEXTS = st.sampled_from(["", "a", "9901", CASE, "\x00", "\ud800", "$where", "a.b", "é", " ", "x" * 30_000])
WORDS = st.sampled_from([*["9901", "Een zin.", "é, a.b", "$where", CASE] * 5, "", "\x00", "\ud800", "x" * 30_000])
"""Mostly what a text field takes."""
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats() | TEXTS | MOMENTS | DATES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


SEALED = [CASE, "nonsense", *(REFERENCES.seal(partner, CASE) for partner in ("ivp", "bzk", "municipality:9901"))]
"""The case as we know it and as each partner knows it."""


def fitting(schema: dict[str, Any], document: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Mostly what the schema asks for."""
    if "$ref" in schema:
        return fitting(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    if "anyOf" in schema:
        return st.one_of([fitting(one, document) for one in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    match schema.get("type"):
        case "object" if "properties" in schema:
            return filled(schema, document)
        case "array":
            return st.lists(fitting(schema.get("items", {}), document), min_size=schema.get("minItems", 0), max_size=3)
        case "string":
            pattern = st.from_regex(schema["pattern"]) if "pattern" in schema else WORDS
            return {"date-time": MOMENTS, "date": DATES}.get(schema.get("format", ""), pattern)
        case "integer" | "number":
            least, most = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1), schema.get("maximum", 10**9)
            return st.integers(int(least), int(most))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    return ANYTHING


def filled(schema: dict[str, Any], document: dict[str, Any]) -> st.SearchStrategy[Any]:
    """An object whose fields mostly fit; at times one is something else, or not there."""
    needed, fields = set(schema.get("required", [])), {}
    for name, field in schema["properties"].items():
        good = fitting(field, document)
        # A reference is opaque text for the document; here it is the case's own.
        fields[name] = st.just(CASE) | good if name in ("case", "measure", "line") else good
    return st.fixed_dictionaries(
        {name: fields[name] for name in needed}, optional={name: fields[name] for name in set(fields) - needed}
    )


@st.composite
def acts(draw: st.DrawFn, document: dict[str, Any]) -> list[tuple[str, str, int, Any]]:
    """A few requests: method, path with a name in it, which of the known references to take for that, body."""
    routes = [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path != "/openapi.json"
    ]
    made = []
    for method, path, operation in draw(st.lists(st.sampled_from(routes), min_size=1, max_size=8)):
        taken = operation.get("requestBody", {}).get("content", {"application/json": {}})
        if "application/json" not in taken:
            continue  # a file as it is: tests/services/intake/reporting/test_evidence.py
        schema = taken["application/json"].get("schema")
        wild = draw(st.integers(0, 4)) == 0
        body = None if schema is None else draw(ANYTHING if wild else fitting(schema, document))
        made.append((method.upper(), f"/v1{path}", draw(st.integers(0, 99)), body))
    return made


MAY: dict[tuple[str, str], Role] = {}
"""By method and template of a path: the first role that may."""


async def send(served: Served, known: list[str], method: str, path: str, which: int, body: Any) -> int:
    """Sends it as every role until one may, checks the answers, returns the last status."""
    content = None if body is None else json.dumps(body).encode()
    route, path = (method, path), re.sub(r"{\w+}", known[which % len(known)], path)
    status = 403
    for role in [MAY[route]] if route in MAY else Role:
        if status != 403:
            break
        headers = caller(role) | ({} if content is None else {"Content-Type": "application/json"})
        answer = await served.client.request(method, path, content=content, headers=headers)
        status = answer.status_code
        if status != 403:
            MAY.setdefault(route, role)
        assert status < 500, f"{status} {role} {method} {path} {body!r}"
        assert improper(answer) == []
        if status in (200, 201):
            known += [one for one in re.findall(r'"(?:case|id)":"([\w-]+)"', answer.text) if one not in known]
    return status


SEEN: dict[str, Counter[int]] = {name: Counter() for name in SERVICES}


@pytest.mark.parametrize("name", SERVICES)
@settings(max_examples=40, derandomize=CI, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_no_body_on_any_route_is_our_fault(name: str, mongo: Mongo, data: st.DataObject) -> None:
    async with serve(SERVICES[name], mongo) as served:
        known = list(SEALED)
        for act in data.draw(acts(served.app.openapi())):
            SEEN[name][await send(served, known, *act)] += 1


def test_enough_of_it_was_taken() -> None:
    """A test of refused bodies only would say nothing of what happens behind them."""
    for name, seen in SEEN.items():
        assert not seen or seen[200] + seen[201] > seen.total() / 50, (name, seen)
