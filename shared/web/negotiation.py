"""Which content types come in and go out: JSON, and nothing else."""

from __future__ import annotations

from email.message import Message

from fastapi import HTTPException, Request

ACCEPTABLE = ("application/json", "application/*", "*/*")
"""What an `Accept` may say to get our JSON, the most exact first: the most exact one decides."""


async def only_json(request: Request) -> None:
    """A FastAPI dependency of every route of the API: 415 for a body that is not JSON, 406 when JSON is not wanted."""
    if _has_body(request) and not _is_json(request.headers.get("content-type", "")):
        raise HTTPException(415)
    if not accepts_json(request.headers.getlist("accept")):
        raise HTTPException(406)


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _is_json(content_type: str) -> bool:
    message = Message()
    message["content-type"] = content_type
    found = message.get_content_type() if content_type else ""
    return found == "application/json" or (found.startswith("application/") and found.endswith("+json"))


def accepts_json(accept: list[str]) -> bool:
    """Whether these `Accept` headers take JSON. No header takes everything."""
    wanted: dict[str, float] = {}
    for one in ",".join(accept).split(","):
        kind, *parameters = (part.strip().lower() for part in one.split(";"))
        if kind:
            wanted[kind] = max(wanted.get(kind, 0.0), _weight(parameters))
    best = next((wanted[kind] for kind in ACCEPTABLE if kind in wanted), 0.0 if wanted else 1.0)
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
