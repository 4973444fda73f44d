"""What every answer of every route must be, and how to call every route of every service."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx2
from fastapi import FastAPI

from shared.access.roles import Role
from shared.web.document import API_VERSION
from tests.access.signing import signed

HEADERS = {
    "API-Version": API_VERSION,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
PROBLEM = {"type", "status", "title", "detail"}
NOWHERE = "0" * 32
"""A reference that nobody gave out."""


def improper(answer: httpx2.Response) -> list[str]:
    """What is wrong with an answer by the NL API Design Rules; nothing, when it is good."""
    wrong = [name for name, value in HEADERS.items() if answer.headers.get_list(name) != [value]]
    wrong += [] if "frame-ancestors 'none'" in answer.headers.get("content-security-policy", "") else ["CSP"]
    wrong += [] if len(answer.headers.get_list("access-control-allow-origin")) == 1 else ["CORS"]
    kind = answer.headers.get("content-type", "")
    if answer.status_code >= 400:
        body = answer.json() if kind == "application/problem+json" else {}
        more = {"errors"} if answer.status_code == 400 else set()
        if set(body) != PROBLEM | more or body["status"] != answer.status_code or not all(map(body.get, PROBLEM)):
            wrong.append(f"problem details: {answer.status_code} {kind} {answer.text[:200]}")
    elif answer.status_code != 304 and kind != "application/json":
        wrong.append(f"content type: {kind}")
    return wrong


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path (with `/v1`, references filled in) and description of every route of the API."""
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            names = [one["name"] for one in operation.get("parameters", []) if one.get("in") == "path"]
            yield method.upper(), "/v1" + path.format_map(dict.fromkeys(names, NOWHERE)), operation


def caller(role: Role | str, account: str = "account-1", **more: str) -> dict[str, str]:
    """Headers of somebody in a role, for municipality 9901, with a new Idempotency-Key."""
    return signed(role, account, "9901") | {"Idempotency-Key": uuid.uuid4().hex} | more
