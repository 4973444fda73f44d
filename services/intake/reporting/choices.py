"""Whom a victim trusts with the case or keeps out of it, kept beside the report so that it can be shown again.

The ties hold opaque references only, so nobody could read there whom it was about. Here the accounts stand sealed under
the key of the case; who may look follows from the ties alone.
"""

from __future__ import annotations

from typing import Any

from services.intake.reporting.commands import NoteChosen
from services.intake.reporting.report import Report
from shared.access.roles import Caller
from shared.contracts.vocabulary import Tie
from shared.runtime.cases import Act, Cases
from shared.web.http import Once
from shared.web.relations import RelationBody


class Choices:
    """What `shared/web/relations.py` asks of the service that owns the report."""

    def __init__(self, cases: Cases[Report]) -> None:
        self._cases = cases

    async def keep(self, case: str, body: RelationBody, caller: Caller, once: Once) -> None:
        """Keeps what the victim chose. Sent again with the same key: once."""
        if await self._cases.load(case) is None:
            return
        command = NoteChosen(case, body.account, Tie(body.relation), body.holds, self._cases.clock.now())
        await self._cases.update(case, command, handled=once.handled(caller), act=Act(caller.actor, "relation"))

    async def shown(self, case: str) -> list[dict[str, Any]]:
        """Whom, in which relation and since when, the oldest first. Let the victim in before."""
        report = await self._cases.load(case)
        chosen = report.chosen if report is not None else ()
        return [{"account": one.account, "relation": one.relation, "since": one.at} for one in chosen]
