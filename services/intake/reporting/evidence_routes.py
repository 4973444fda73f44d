"""HTTP of files of evidence: in as they are, out as a download that no browser opens. Each look adds a custody line."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from services.intake.reporting.desk import Desk, Involved, Reader
from services.intake.reporting.domain import WITHDRAWN
from services.intake.reporting.evidence import kind_of
from services.intake.reporting.locker import Locker
from shared.contracts.decisions import Refused
from shared.web.headers import allow_body
from shared.web.http import IdempotencyKey, Once
from shared.web.limits import account, within
from shared.web.negotiation import FILE, GIVES_FILE, TAKES_FILE

Hash = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file, in hexadecimal digits.")]
SHOWN_AS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {FILE: {"schema": {"type": "string", "format": "binary"}}}}
}
HARMLESS = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""For who opens it in a browser after all."""


def routes(desk: Desk, locker: Locker) -> APIRouter:
    """The routes, on these reports and files."""
    router = desk.admission.router("intake.reporting", prefix="/reports", tags=["reports"])
    seldom = [Depends(within("evidence-file", account))]

    @router.put(
        "/{case}/evidence/{evidence}", summary="Send the file of a piece of evidence that was added before",
        openapi_extra=TAKES_FILE, dependencies=seldom,
    )  # fmt: skip
    async def store(
        case: str, evidence: Hash, caller: Involved, idempotency_key: IdempotencyKey, request: Request
    ) -> dict[str, Any]:
        report, _ = await locker.known(case, evidence, caller)
        if report.withdrawn_at is not None:
            raise Refused(WITHDRAWN)
        allow_body(request, locker.uploads().largest_bytes)
        content = await request.body()
        # The hash stands in the path and says which file it was.
        once = Once(key=idempotency_key, digest=hashlib.sha256(request.url.path.encode()).hexdigest()[:16])
        return await desk.shown(await locker.store(case, evidence, content, caller, once), caller)

    @router.get(
        "/{case}/evidence/{evidence}", summary="The file of a piece of evidence, as a download; who looks is noted",
        openapi_extra=GIVES_FILE, dependencies=seldom, response_class=Response, responses=SHOWN_AS,
    )  # fmt: skip
    async def show(case: str, evidence: Hash, caller: Reader) -> Response:
        content = await locker.show(case, evidence, caller)
        name = f"bewijs-{evidence[:8]}.{kind_of(content, locker.uploads()) or 'bin'}"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": HARMLESS,
            "ETag": f'"{evidence[:32]}"',
        }
        return Response(content, media_type=FILE, headers=headers)

    return router
