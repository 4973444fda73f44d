"""The files of evidence of the reports: checked, stored sealed, shown; each of these adds a custody line."""

from __future__ import annotations

import uuid

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError

from services.intake.reporting import commands
from services.intake.reporting.bodies import EvidenceBody
from services.intake.reporting.desk import Desk
from services.intake.reporting.evidence import SHOWN, STORED, evidence_for, is_stored, kind_of
from services.intake.reporting.incident import Evidence
from services.intake.reporting.policy import Uploads, uploads_on
from services.intake.reporting.report import Report
from shared.access.admission import refused
from shared.access.roles import Caller
from shared.contracts.decisions import Refused
from shared.privacy.sealed_files import KeyDestroyed, SealedFiles, sha256
from shared.runtime.cases import Act, Handled
from shared.web.once import Once

NOT_HERE = "Dit bestand is hier niet."
DESTROYED = "Dit bestand is vernietigd."
NOT_TAKEN = "Dit soort bestand nemen wij niet aan. Stuur een foto, PDF, tekst, geluid of film."
OTHER_FILE = "Dit is niet het bestand dat bij dit bewijs hoort. Schrijf het eerst op als bewijs."


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

    async def add(self, case: str, body: EvidenceBody, content: bytes, caller: Caller, once: Once) -> Report:
        """Writes down what is known of a file and stores it. Raises `Refused`.

        Who stopped in between, or wrote it down before, does the rest by sending it again.
        """
        try:
            await self.desk.add_evidence(case, body, caller, once)
        except Refused:
            report, role = await self.desk.known(case, caller)
            known = evidence_for(report, role, body.sha256)
            if report.withdrawn_at is not None or known is None or is_stored(known):
                raise
        # Two changes, so two inputs: the second has a key that follows from the first.
        return await self.store(case, body.sha256, content, caller, Once(key=f"{once.key}-file", digest=once.digest))

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
