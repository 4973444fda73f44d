"""Which content types come in and go out: JSON, and files on the few routes that say so."""

from __future__ import annotations

from email.message import Message
from typing import Any

from fastapi import HTTPException, Request

JSON = "application/json"

FILE = "application/octet-stream"
"""What a route takes or gives that says so in `openapi_extra`: a file as it is. What is in it decides, not its name."""

TAKES_FILE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {FILE: {"schema": {"type": "string", "format": "binary"}}}}
}
"""`openapi_extra` of a route that takes a file as its body, and nothing else."""

GIVES_FILE: dict[str, Any] = {"x-gives": FILE}
"""`openapi_extra` of a route that gives a file."""


async def only_json(request: Request) -> None:
    """A FastAPI dependency of every route of the API: 415 for a body of another type, 406 when ours is not wanted.

    Both are JSON, unless the route says that it takes or gives a file.
    """
    says = getattr(request.scope.get("route"), "openapi_extra", None) or {}
    if _has_body(request):
        kind = _media_type(request.headers.get("content-type", ""))
        if "requestBody" in says and kind not in says["requestBody"]["content"]:
            raise HTTPException(415, "Stuur het bestand zelf, met de kop Content-Type: application/octet-stream.")
        if "requestBody" not in says and not _is_json(kind):
            raise HTTPException(415)
    if not accepts(request.headers.getlist("accept"), says.get("x-gives", JSON)):
        raise HTTPException(406)


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _media_type(content_type: str) -> str:
    message = Message()
    message["content-type"] = content_type
    return message.get_content_type() if content_type else ""


def _is_json(kind: str) -> bool:
    return kind == JSON or (kind.startswith("application/") and kind.endswith("+json"))


def accepts(accept: list[str], given: str = JSON) -> bool:
    """Whether these `Accept` headers take what is given. No header takes everything."""
    wanted: dict[str, float] = {}
    for one in ",".join(accept).split(","):
        kind, *parameters = (part.strip().lower() for part in one.split(";"))
        if kind:
            wanted[kind] = max(wanted.get(kind, 0.0), _weight(parameters))
    # The most exact one decides.
    best = next((wanted[kind] for kind in (given, "application/*", "*/*") if kind in wanted), 0.0 if wanted else 1.0)
    return best > 0


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 1.0
    return 1.0
