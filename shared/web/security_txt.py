"""`/.well-known/security.txt` (RFC 9116): where somebody who finds a weakness can tell it."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Response

from shared.runtime.environment import Settings, utc_now

VALID = timedelta(days=180)
"""The standard wants less than a year."""


def security_txt(settings: Settings) -> APIRouter:
    """The file. It ends half a year after it was asked for: whoever runs this keeps the address alive."""
    router = APIRouter(include_in_schema=False)

    @router.get("/.well-known/security.txt")
    async def told() -> Response:
        ends = (utc_now() + VALID).strftime("%Y-%m-%dT%H:%M:%SZ")
        address = f"{settings.public_url.rstrip('/')}/.well-known/security.txt"
        lines = (f"Contact: {settings.security_contact}", f"Expires: {ends}", "Preferred-Languages: nl, en",
                 f"Canonical: {address}")  # fmt: skip
        return Response("\n".join(lines) + "\n", media_type="text/plain; charset=utf-8")

    return router
