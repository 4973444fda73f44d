"""`veilig retention`: what is due to be forgotten by the terms of its controller, as a list, or done."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from dataclasses import asdict
from itertools import groupby
from typing import Annotated, Any

import typer
from pydantic import SecretStr, ValidationError
from pymongo.errors import PyMongoError
from rich.console import Console

from deploy.cli.connection import STACK, Exit, give_up, messages
from deploy.cli.noting import ActorOption, check_actor, noted, security_of
from services.aftercare.app import CALLBACK
from services.assessment.app import MEASURES, WEIGHING
from services.funding.app import COSTS, SAFETY_NET
from services.intake.app import REPORTING
from services.intake.reporting import drafts
from services.intake.reporting.draft import MODULE as DRAFTS
from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.forgetting import Done, Forgetting, Line, Retention, Status
from shared.privacy.logbooks import Logbooks
from shared.privacy.sealed_files import SealedFiles
from shared.privacy.security_log import Act
from shared.privacy.shredding import RETENTION, Shredder
from shared.privacy.vaults import Vaults
from shared.runtime import logs
from shared.runtime.cases import Cases, Module, Origin
from shared.runtime.environment import Clock, Settings, utc_now
from shared.runtime.mongo import AWAY, Database, connect

SIGNS = {
    Done.FORGOTTEN: "x", Done.WOULD_BE: "-", Done.REMINDED: "·", Done.HELD: "=", Done.WAITS: "=", Done.FAILED: "!",
    Done.NO_TERM: "!",
}  # fmt: skip
WORDS = {
    Done.FORGOTTEN: "forgotten, its term ended on {on}",
    Done.WOULD_BE: "would be forgotten, its term ended on {on}",
    Done.REMINDED: "will be forgotten from {on}; hold it before then if it must stay",
    Done.HELD: "stays: it is held; its term ends or ended on {on}",
    Done.WAITS: "stays: something is still due; its term ends or ended on {on}",
    Done.FAILED: "could not be forgotten; it is tried again the next time",
    Done.NO_TERM: "stays: no term fits it",
}


SHREDDABLE: dict[str, Module[Any]] = {
    one.name: one for one in (REPORTING, WEIGHING, MEASURES, COSTS, SAFETY_NET, CALLBACK)
}
"""The modules that keep something to destroy, those of a controller together.

The confidential line forgets by itself; a bill is about nobody.
"""


RETAINED = (DRAFTS, *SHREDDABLE)
"""The modules of which something has a term: also reports that were not sent, which nobody can hold or ask to shred."""


class ByPolicy:
    """Destroys what a module keeps of a document, because its term passed."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._keys = database, settings.keys()
        self._vaults = Vaults(self._keys, local=settings.local)
        self._settings = settings

    def _shredder(self, module: str) -> Shredder:
        known, settings = SHREDDABLE[module], self._settings
        origin = Origin(f"urn:nld:oin:{settings.oin}:systeem:{module.partition('.')[0]}", settings.schema_url)
        collection = self._vaults.around(self._database, known)
        books = Logbooks(self._database.collection, "retention")
        cases = Cases(
            known, collection, key=self._keys.reference, clock=Clock(), origin=origin,
            journal=books.journal(module),
        )  # fmt: skip
        if module != REPORTING.name:
            return Shredder(cases)
        stored = self._database.collection(module, "files")
        return Shredder(cases, also=SealedFiles(stored, self._vaults.files_of(module), cases.id_for).forget)

    async def status(self, module: str, document: str) -> Status:
        """How it stands. What somebody asked to destroy is kept until a second person confirms."""
        if module == DRAFTS:
            return Status.KEPT
        found = (await self._shredder(module).read(document)).status
        return {"held": Status.HELD, "destroyed": Status.DESTROYED}.get(found, Status.KEPT)

    async def finish(self, module: str, document: str) -> None:
        """Takes away what is stored still of a document whose key was destroyed."""
        await self._shredder(module).finish(document)

    async def forget(self, module: str, document: str, reason: str) -> None:
        """Destroys it; `reason` is the row of the policy."""
        if module == DRAFTS:
            keyring = self._vaults.keyring(self._database, CONTROLLERS[DRAFTS])
            await drafts.forget(self._database.collection(DRAFTS), keyring, document)
            return
        await self._shredder(module).forget(document, reason)


def forgetting(database: Database, settings: Settings) -> Forgetting:
    """What destroys, on this database."""
    return ByPolicy(database, settings)


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be forgotten.")] = False,
    controller: Annotated[str | None, typer.Option(help="Only of: " + ", ".join(Controller))] = None,
    actor: ActorOption = RETENTION,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Forgets what is due, and lists what soon will be. For a daily job; stopped halfway it goes on the next time.

    Reads the settings of the services (`VEILIG_...`); without a database among them: the stack on this machine.
    Each run, a dry one too, leaves two lines in the security log of each controller, or does not begin.
    Exit status: 0 done, 1 something failed or has no term, 2 wrong input, 3 database away.
    """
    check_actor(actor)
    settings, modules = _settings(), _modules(controller)
    try:
        with logs.written_to(sys.stderr):
            lines = asyncio.run(_run(settings, modules, dry_run, actor))
    except AWAY as error:
        give_up(f"The database is away ({type(error).__name__}). What was forgotten is; run it again.", Exit.AWAY)
    except PyMongoError as error:
        give_up(f"The database does not let you do this ({type(error).__name__}).", Exit.WRONG_INPUT)
    if as_json:
        shown = [asdict(line) | {"on": line.on and line.on.isoformat()} for line in lines]
        typer.echo(json.dumps({"dry_run": dry_run, "documents": shown}))
    else:
        _print(lines)
    if any(line.done in (Done.FAILED, Done.NO_TERM) for line in lines):
        give_up("Something could not be forgotten, or no term fits it.", Exit.FOUND_SOMETHING)


def _modules(controller: str | None) -> list[str]:
    if controller is not None and controller not in {known.value for known in Controller}:
        give_up(f"--controller is one of: {', '.join(Controller)}.", Exit.WRONG_INPUT)
    return [module for module in RETAINED if controller in (None, CONTROLLERS[module])]


def _settings() -> Settings:
    try:
        if "VEILIG_MONGO_URL" in os.environ or "VEILIG_MONGO_URL_FILE" in os.environ:
            return Settings()
        address = json.loads(STACK.read_text())["mongo"]
        return Settings(environment="local", mongo_url=SecretStr(address), secrets_file=STACK.with_name("secrets.json"))
    except ValidationError as error:
        give_up(f"The settings do not fit: {error.errors()[0]['msg']}", Exit.WRONG_INPUT)
    except (OSError, ValueError, KeyError):
        give_up("No stack runs on this machine. Start one with `make run`, or set VEILIG_MONGO_URL.", Exit.WRONG_INPUT)


async def _run(settings: Settings, modules: list[str], dry_run: bool, actor: str) -> list[Line]:
    database = connect(
        settings.mongo_url.get_secret_value(), driver=settings.mongo_driver, prefix=settings.database_prefix
    )
    try:
        await database.ping()
        job = Retention(database.collection, forgetting(database, settings), utc_now())
        lines: list[Line] = []
        for owner, of_owner in groupby(modules, CONTROLLERS.__getitem__):
            book, object_ = security_of(database, owner, "retention"), "retention:dry-run" if dry_run else "retention"
            async with noted(book, Act.FORGET, object_, actor) as outcome:
                found = [line async for line in job.run(of_owner, dry_run=dry_run)]
                done = [line.done for line in found]
                outcome.failed, outcome.object_ = (
                    Done.FAILED in done,
                    f"{object_}:{done.count(Done.FORGOTTEN)}-forgotten",
                )
            lines += found
        return lines
    finally:
        await database.close()


def _print(lines: list[Line]) -> None:
    console, name = Console(highlight=False), ""
    for line in lines:
        if line.module != name:
            name = line.module
            console.print(f"{name} ({CONTROLLERS[name]})")
        kind = f"{line.name:<12}" if line.name else " " * 12
        words = WORDS[line.done].format(on=line.on)
        console.print(f"  {SIGNS[line.done]} {line.document}  {kind} {words}", soft_wrap=True, markup=False)
    found = Counter(line.done for line in lines)
    messages().print(", ".join(f"{number} {done}" for done, number in found.items()) or "Nothing is due.")
