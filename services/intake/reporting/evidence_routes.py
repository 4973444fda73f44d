"""HTTP of files of evidence: in as they are, out as a download that no browser opens. Each look adds a custody line."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

import hashlib
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError

from services.intake.reporting import commands
from services.intake.reporting.desk import Desk, Involved, Reader
from services.intake.reporting.domain import WITHDRAWN
from services.intake.reporting.evidence import SHOWN, STORED, evidence_for, is_stored, kind_of
from services.intake.reporting.incident import Evidence
from services.intake.reporting.policy import Uploads, uploads_on
from services.intake.reporting.report import Report
from shared.access.admission import refused
from shared.access.roles import Caller
from shared.contracts.decisions import Refused
from shared.privacy.sealed_files import KeyDestroyed, SealedFiles, sha256
from shared.runtime.cases import Act, Handled
from shared.web.headers import allow_body
from shared.web.http import IdempotencyKey, Once
from shared.web.limits import account, within
from shared.web.negotiation import FILE, GIVES_FILE, TAKES_FILE

NOT_HERE = "Dit bestand is hier niet."
DESTROYED = "Dit bestand is vernietigd."
NOT_TAKEN = "Dit soort bestand nemen wij niet aan. Stuur een foto, PDF, tekst, geluid of film."
OTHER_FILE = "Dit is niet het bestand dat bij dit bewijs hoort. Schrijf het eerst op als bewijs."

Hash = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file, in hexadecimal digits.")]
SHOWN_AS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {FILE: {"schema": {"type": "string", "format": "binary"}}}}
}
HARMLESS = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""For who opens it in a browser after all."""


class Locker:
    """The files of the reports on a desk."""

    def __init__(self, desk: Desk, files: SealedFiles) -> None:
        self.desk, self.files = desk, files

    def uploads(self) -> Uploads:
        """What may be sent today."""
        return uploads_on(self.desk.cases.clock.now().date())

    async def known(self, case: str, digest: str, caller: Caller) -> tuple[Report, Evidence]:
        """The report and the evidence, if this caller may see both. Raises 404."""
        report, role = await self.desk.known(case, caller)
        found = evidence_for(report, role, digest)
        if found is None:
            raise refused(caller)
        return report, found

    def checked(self, content: bytes, digest: str) -> bytes:
        """The file, if it is the one and of a kind that we take. Raises 400, 415."""
        if sha256(content) != digest:
            raise RequestValidationError([{"type": "value_error", "loc": ("body", "file"), "msg": OTHER_FILE}])
        if kind_of(content, self.uploads()) is None:
            raise HTTPException(415, NOT_TAKEN)
        return content

    async def note(self, case: str, digest: str, words: str, caller: Caller, handled: Handled) -> Report:
        """Adds a custody line."""
        cases = self.desk.cases
        command = commands.AddCustody(digest, caller.actor, words, cases.clock.now())
        return await cases.update(case, command, handled=handled, act=Act(caller.actor, "evidence"))

    async def store(self, case: str, digest: str, content: bytes, caller: Caller, once: Once) -> Report:
        """Stores it, and then notes who did; who stops in between does the rest by sending it again."""
        try:
            await self.files.put(case, self.checked(content, digest))
        except KeyDestroyed:
            raise HTTPException(404, DESTROYED) from None
        report, evidence = await self.known(case, digest, caller)
        if is_stored(evidence):
            return report
        return await self.note(case, digest, STORED, caller, once.handled(caller))

    async def show(self, case: str, digest: str, caller: Caller) -> bytes:
        """The file, after it was noted who saw it. Raises 404."""
        await self.known(case, digest, caller)
        try:
            content = await self.files.get(case, digest)
        except KeyDestroyed:
            raise HTTPException(404, DESTROYED) from None
        if content is None:
            raise HTTPException(404, NOT_HERE)
        await self.note(case, digest, SHOWN, caller, Handled(f"shown:{uuid.uuid4().hex}"))
        return content


def routes(desk: Desk, files: SealedFiles) -> APIRouter:
    """The routes, on these reports and files."""
    router = desk.admission.router("intake.reporting", prefix="/reports", tags=["reports"])
    locker = Locker(desk, files)
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
