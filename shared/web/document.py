"""The OpenAPI document of a service, after the NL API Design Rules: paths under `/v1`, shared answers, no 422."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from shared.access.roles import BEARER, BEARER_IF_ANY, SESSION
from shared.web.problems import ANSWERS, MEDIA_TYPE

API_VERSION = "1.0.0"
"""Of the HTTP API of all four services; each value has an entry in CHANGELOG.md."""

BASE_PATH = f"/v{API_VERSION.partition('.')[0]}"

CONTACT = {
    "name": "Beheer Veilig Bestuur",
    "url": "https://veiligbestuur.example/api",
    "email": "api@veiligbestuur.example",
}
"""Invented, like the project's address in publiccode.yml."""

DESCRIPTION = (
    "Part of Veilig Bestuur: from the first signal of a threat against a local politician to aftercare. "
    "Follows the NL API Design Rules. Messages for people are in Dutch; docs/api.md tells how to call. "
    "In development: not fit for real data."
)

NAMES = {
    400: "InvalidInput", 401: "NotSignedIn", 403: "Forbidden", 404: "NotFound", 406: "NotAcceptable",
    408: "TooSlow", 409: "Conflict", 413: "TooLarge", 415: "UnsupportedMediaType", 429: "TooOften",
    500: "Failure", 503: "Away",
}  # fmt: skip
MEANINGS = {
    400: "Something is not filled in well; `errors` names every mistake at once. Nothing was saved.",
    401: "No token, or one that does not count. Why not is not told.",
    403: "The role may not do this.",
    404: "Not known, or not for this caller.",
    406: "The `Accept` header does not take what is given: JSON, or the file.",
    408: "The body came too slowly. Nothing was saved.",
    409: "It does not fit the state of the case, or the Idempotency-Key was used for another request.",
    413: "The body is too large.",
    415: "The body is not of the type that is asked for: JSON, or the file itself.",
    429: "Too many requests, from this network on a public form, else from this account. Nothing was saved.",
    500: "Something failed on our side.",
    503: "Database or broker is away. Send the same request again, with the same Idempotency-Key.",
}

IF_ANY = BEARER_IF_ANY.scheme_name
"""Our mark of routes where one may sign in but need not; in the document it is two schemes or none."""

Json = dict[str, Any]


def _ref(where: str) -> Json:
    return {"$ref": f"#/components/{where}"}


HEADERS: Json = {
    "ApiVersion": {"description": "Full version of the API.", "schema": {"type": "string"}, "example": API_VERSION},
    "ETag": {"description": "Digest of the body; send it in If-None-Match.", "schema": {"type": "string"}},
    "WwwAuthenticate": {"description": "`Bearer`", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
LINK = {"description": "Neighbouring pages: `prev` and `next` (RFC 8288).", "schema": {"type": "string"}}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "ETag of what you have; 304 when it is still so.",
    "schema": {"type": "string"},
}
PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457. `title` and `detail` are for people, in Dutch.",
    "required": ["status", "title", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "With 400: every mistake. What was sent is not repeated.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
STILL_THE_SAME: Json = {
    "description": "Still the same.",
    "headers": {"API-Version": _ref("headers/ApiVersion"), "ETag": _ref("headers/ETag")},
}
FOR_ANYBODY: Json = STILL_THE_SAME["headers"] | {
    "access-control-allow-origin": {"description": "`*`", "schema": {"type": "string"}}
}
ITSELF: Json = {
    "tags": ["document"],
    "operationId": "openapi",
    "summary": "This document, for anybody and from any page",
    "responses": {
        "200": {
            "description": "OpenAPI 3.1",
            "headers": FOR_ANYBODY,
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        "304": STILL_THE_SAME | {"headers": FOR_ANYBODY},
        "500": _ref("responses/Failure"),
    },
}


def document(title: str, server: str, routes: Sequence[BaseRoute]) -> Json:
    """The OpenAPI 3.1 document of these routes, whose paths do not hold the base path. `server`: address with it."""
    made = get_openapi(
        title=title,
        version=API_VERSION,
        description=DESCRIPTION,
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        servers=[{"url": server, "description": "This service"}],
        routes=routes,
    )
    made["info"]["contact"] = CONTACT
    operations = [(method, one) for path in made["paths"].values() for method, one in path.items()]
    for method, operation in operations:
        _finish(method, operation)
    tags = {tag for _, one in operations for tag in one.get("tags", [])}
    made["tags"] = [{"name": tag} for tag in sorted(tags | {"document"})]
    components = made.setdefault("components", {})
    components["schemas"] = _schemas(components.get("schemas", {}))
    components["responses"] = {NAMES[status]: _error(status) for status in NAMES}
    components["headers"] = HEADERS
    components["securitySchemes"] = {
        one.scheme_name: one.model.model_dump(by_alias=True, exclude_none=True, mode="json")
        for one in (BEARER, SESSION)
    }
    components["parameters"] = {"IfNoneMatch": IF_NONE_MATCH}
    made["paths"]["/openapi.json"] = {"get": ITSELF}
    return _short_names(made)


def _finish(method: str, operation: Json) -> None:
    if any(IF_ANY in one for one in operation.get("security", [])):
        operation["security"] = [{}, {BEARER.scheme_name: []}, {SESSION.scheme_name: []}]
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        if parameter["in"] == "header":
            parameter["name"] = parameter["name"].title()
    paged = any(parameter["name"] == "pageSize" for parameter in parameters)
    answers = operation["responses"]
    answers.pop("422", None)
    for answer in answers.values():
        answer["headers"] = {"API-Version": _ref("headers/ApiVersion")}
        if method == "get":
            answer["headers"]["ETag"] = _ref("headers/ETag")
        if paged:
            answer["headers"]["Link"] = LINK
    if method == "get":
        parameters.append(_ref("parameters/IfNoneMatch"))
        answers["304"] = STILL_THE_SAME
    writes = set() if method == "get" else {409, 413}
    with_body = {408, 415} if "requestBody" in operation else set()
    for status in sorted({400, 401, 403, 404, 406, 429, 500, 503} | writes | with_body):
        answers[str(status)] = _ref(f"responses/{NAMES[status]}")


def _error(status: int) -> Json:
    title, detail = ANSWERS[status]
    example: Json = {"type": "about:blank", "status": status, "title": title, "detail": detail}
    if status == 400:
        example["errors"] = [{"field": "body.municipality", "message": "Dit heeft niet de goede vorm."}]
    headers = {"API-Version": _ref("headers/ApiVersion")}
    if status == 401:
        headers["WWW-Authenticate"] = _ref("headers/WwwAuthenticate")
    if status in (429, 503):
        headers["Retry-After"] = _ref("headers/RetryAfter")
    content = {MEDIA_TYPE: {"schema": _ref("schemas/Problem"), "example": example}}
    return {"description": MEANINGS[status], "headers": headers, "content": content}


def _schemas(found: Json) -> Json:
    kept = {name: schema for name, schema in found.items() if name not in ("HTTPValidationError", "ValidationError")}
    for schema in kept.values():
        if "enum" in schema:  # nobody may choose the word for what a reader does not know yet
            schema["enum"] = [word for word in schema["enum"] if word != "unknown"]
    return kept | {"Problem": PROBLEM}


def _short_names(made: Json) -> Json:
    """Two modules may have a body of one name; the framework then writes out the whole path of the file."""
    text = json.dumps(made)
    for name in made["components"]["schemas"]:
        if "__" in name:
            *_, module, _, last = name.split("__")
            text = text.replace(f'"{name}"', f'"{_pascal(module)}{last}"')
            text = text.replace(f'/{name}"', f'/{_pascal(module)}{last}"')
    result: Json = json.loads(text)
    return result


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]", name))
