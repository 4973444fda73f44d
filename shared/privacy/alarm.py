"""Tells whoever runs a place that something stored does not open: which, by opaque reference, never what it says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from shared.runtime import logs
from shared.runtime.environment import utc_now
from shared.runtime.request import current

Note = Callable[[str, str], Awaitable[None]]
"""Module and id of a document; returns when it stands in the security log."""

log = logs.logger(__name__)


async def noted_nowhere(module: str, document: str) -> None:
    """For tests and commands without a security log."""


class Alarm:
    """One for a service. `note`: writes to the security log."""

    def __init__(self, note: Note = noted_nowhere) -> None:
        self._note = note
        self._noted: dict[tuple[str, str], date] = {}

    async def tell(self, module: str, document: str, error: str) -> None:
        """An error line each time; a security line once a day, for a list is looked at often. `error`: a class name.

        Marks the document for the lists of this request. Raises an error of the database when it cannot be noted.
        """
        log.error("seal_broken", module=module, case=document, error=error)
        request, today = current(), utc_now().date()
        if request is not None:
            request.unreadable.add((module, document))
        if self._noted.get((module, document)) != today:
            await self._note(module, document)
            self._noted[module, document] = today
