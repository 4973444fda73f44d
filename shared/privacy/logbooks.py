"""The logs that one service writes: of each controller whose modules it has, and its own; sealed each minute."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.privacy.alarm import Alarm
from shared.privacy.break_glass import Glasses, Reasons
from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.keyring import Keyring
from shared.privacy.officer import Post, Telling
from shared.privacy.processing_log import ChangeJournal, ProcessingLog
from shared.privacy.sealer import Sealer
from shared.privacy.security_log import Act, SecurityLog
from shared.runtime.environment import utc_now
from shared.runtime.journal import Journal
from shared.runtime.mongo import Collection

PROCESSING, SECURITY, BREAK_GLASS = "processing", "security", "break-glass"
SEALED = (PROCESSING, SECURITY)

Collections = Callable[[str, str], Collection]
"""From module and name to collection, as `Database.collection`."""


def database_of(owner: str) -> str:
    """The module-like name of the database of a controller's or a service's logs: `<prefix>_log_<owner>`."""
    return f"log.{owner}"


def seals_of(name: str) -> str:
    """The collection of batches beside a log."""
    return f"{name}.seals"


@dataclass(frozen=True)
class Chain:
    """One log of one owner, with its batches."""

    owner: str
    log: str
    lines: Collection
    seals: Collection


class Logbooks:
    """Makes each log once. `now`: what security lines go by, for whoever may not be so precise (UTC)."""

    def __init__(
        self, collections: Collections, service: str, instance: str = "", *,
        seal_seconds: float = 60.0, now: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        self._collections = collections
        self._service = service
        self._origin = f"{service}/{instance}" if instance else service
        self._seal_seconds = seal_seconds
        self._now = now
        self._processing: dict[Controller, ProcessingLog] = {}
        self._security: dict[str, SecurityLog] = {}
        self._glasses: dict[Controller, Glasses] = {}
        self._sealers: list[Sealer] = []
        self._chains: list[Chain] = []
        self.alarm = Alarm(self._note_unreadable)
        self.security()

    def journal(self, module: str) -> Journal:
        """Where the saves of a module are told. Raises `KeyError` for a module without a controller."""
        controller = CONTROLLERS[module]
        self.security(controller)
        return ChangeJournal(self.processing(controller))

    def processing(self, controller: Controller) -> ProcessingLog:
        """The processing log of a controller."""
        if controller not in self._processing:
            lines = self._collections(database_of(controller), PROCESSING)
            self._processing[controller] = ProcessingLog(controller, lines)
            self._seal(controller, PROCESSING)
        return self._processing[controller]

    def security(self, controller: Controller | None = None) -> SecurityLog:
        """The security log of a controller; without one that of the service itself."""
        owner = controller.value if controller else self._service
        if owner not in self._security:
            lines = self._collections(database_of(owner), SECURITY)
            self._security[owner] = SecurityLog(lines, self._origin, now=self._now)
            self._seal(owner, SECURITY)
        return self._security[owner]

    async def _note_unreadable(self, module: str, document: str) -> None:
        await self.security(CONTROLLERS.get(module)).note(Act.UNREADABLE, f"{module}:{document}", "failed")

    def telling(self, controller: Controller, post: Post, where: str) -> Telling:
        """Who tells the data protection officer of a controller what was broken there."""
        return Telling(self._collections(database_of(controller), BREAK_GLASS), post, where)

    def glasses(self, controller: Controller, keyring: Keyring) -> Glasses:
        """Where break-glass at a controller is kept, beside its logs. `keyring`: the controller's, for the reasons."""
        if controller not in self._glasses:
            kept = self._collections(database_of(controller), BREAK_GLASS)
            reasons = Reasons(controller, keyring, self.alarm)
            self._glasses[controller] = Glasses(kept, self.security(controller), reasons)
        return self._glasses[controller]

    def _seal(self, owner: str, name: str) -> None:
        database = database_of(owner)
        lines, seals = self._collections(database, name), self._collections(database, seals_of(name))
        self._sealers.append(Sealer(lines, seals, seconds=self._seal_seconds))
        self._chains.append(Chain(str(owner), name, lines, seals))

    def chains(self) -> tuple[Chain, ...]:
        """The logs that this service writes."""
        return tuple(self._chains)

    async def prepare(self) -> None:
        """Makes the indexes of all logs."""
        for log in self._processing.values():
            await log.prepare()
        for notes in self._security.values():
            await notes.prepare()
        for glasses in self._glasses.values():
            await glasses.prepare()
        for sealer in self._sealers:
            await sealer.prepare()

    async def run(self) -> None:
        """Seals all logs until cancelled."""
        async with asyncio.TaskGroup() as group:
            for sealer in self._sealers:
                group.create_task(sealer.run())

    async def seal(self) -> int:
        """Seals all logs now; returns how many lines."""
        return sum([await sealer.seal() for sealer in self._sealers])
