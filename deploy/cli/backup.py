"""`veilig backup` and `veilig restore`: what is stored of the services, as files and back. See `dumping.py`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pymongo.errors import PyMongoError

from deploy.cli import destroyed, dumping
from deploy.cli.connection import Exit, give_up
from deploy.cli.dumping import KEPT_FOR, Dump, NotFit, Scope
from deploy.cli.noting import OPERATOR, ActorOption, check_actor, noted, security_of
from deploy.cli.place import settings_here
from shared.privacy.controllers import Controller
from shared.privacy.security_log import Act
from shared.runtime import logs
from shared.runtime.environment import Settings
from shared.runtime.mongo import AWAY, Database, connect
from shared.runtime.outbox import BrokerAway

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Of the documents. Made when it is not there.")]
KeysFolder = Annotated[
    Path, typer.Option("--keys", help="Of the keys: kept in another place, and not longer than needed.")
]
Of = Annotated[str | None, typer.Option("--controller", help="Only of: " + ", ".join(KEPT_FOR))]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


class NotEmpty(Exception):
    """There is something stored already. The text names the databases."""


def backup(
    folder: Folder, keys: KeysFolder, controller: Of = None, actor: ActorOption = "", as_json: AsJson = False
) -> None:
    """Writes what is stored to two folders, while the services go on; each document as it was at one moment.

    Reads the settings of the services; without a database among them those of the stack on this machine. It leaves two
    lines in the security log of each controller, or does not begin. Without the confidential line, without reports
    that were not sent, without sessions. Exit status: 0 written, 2 wrong input, 3 the database is away.
    """
    check_actor(actor)
    wanted, (settings, _) = _scope(controller), settings_here()
    _apart(folder, keys)
    for one in (folder, keys):
        if one.exists() and any(one.iterdir()):
            give_up(f"{one} is not empty; a backup gets folders of its own.", Exit.WRONG_INPUT)
    number, name = _with_database(settings, lambda database: _backup(database, wanted, folder, keys, actor))
    told = {"id": name, "documents": number, "folder": str(folder), "keys": str(keys)}
    typer.echo(json.dumps(told) if as_json else f"{number} documents written. Keep {keys} apart from {folder}.")


async def _backup(database: Database, wanted: Scope, folder: Path, keys: Path, actor: str) -> tuple[int, str]:
    async with AsyncExitStack() as stack:
        for owner in wanted.controllers:
            await stack.enter_async_context(
                noted(security_of(database, owner, "backup"), Act.BACKUP, "backup", check_actor(actor))
            )
        name, number = await dumping.write(database, wanted, folder, keys)
    return number, name


def restore(
    folder: Folder,
    keys: KeysFolder,
    also: Annotated[
        list[Path] | None, typer.Option("--also", help="Keys of a newer backup: what was destroyed by then.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take away first what is stored now.")] = False,
    without_broker: Annotated[
        bool, typer.Option("--without-broker", help="Do not ask the topics what was destroyed since.")
    ] = False,
    actor: ActorOption = "",
    as_json: AsJson = False,
) -> None:
    """Puts back what a backup holds, and destroys again what was destroyed since. Stop the services first.

    It refuses when something is stored already, unless told to replace it; when a file is not as it was written; and
    when the broker cannot be asked what was destroyed. Stopped halfway: give it again, with --replace.
    Exit status: 0 restored, 1 refused, 2 wrong input, 3 database or broker away.
    """
    check_actor(actor)
    settings, _ = settings_here()
    _apart(folder, keys)
    try:
        documents, wrapped = dumping.read(folder, "documents"), dumping.read(keys, "keys")
        newer = [dumping.read(one, "keys") for one in also or ()]
        if documents.id != wrapped.id:
            raise NotFit("documents and keys are of two backups")
    except NotFit as error:
        give_up(f"This cannot be restored: {error}.", Exit.FOUND_SOMETHING)

    async def work(database: Database) -> dict[str, Any]:
        return await _restore(database, settings, (documents, wrapped), newer, replace, without_broker, actor)

    told = _with_database(settings, work)
    typer.echo(json.dumps(told) if as_json else _sentence(told))


async def _restore(
    database: Database,
    settings: Settings,
    dumps: tuple[Dump, Dump],
    newer: list[Dump],
    replace: bool,
    without_broker: bool,
    actor: str,
) -> dict[str, Any]:
    documents, wrapped = dumps
    await database.ping()
    # First, and before anything is changed: what nobody may read any more, from everywhere that it is known.
    known = destroyed.remembered(wrapped) | await destroyed.in_store(database)
    for dump in newer:
        known = destroyed.in_dump(dump) | known
    if not without_broker:
        known = await destroyed.on_topics(settings, documents.databases) | known
    known = {owner: told for owner, told in known.items() if owner.partition(":")[0] in documents.databases}
    names = (*documents.databases, *wrapped.databases)
    if there := [name for name in names if await dumping.filled(database, name)]:
        if not replace:
            raise NotEmpty(", ".join(there))
        destroyed.remember(wrapped, known)
        for name in there:
            await dumping.clear(database, name)
    await dumping.put_back(database, wrapped)
    back = await destroyed.only_keys(database, known)  # before the documents: at no moment can they be read
    count = await dumping.put_back(database, documents)
    await destroyed.finish(database, settings, known)
    await _note(database, documents, actor)
    told = {"id": documents.id, "made_at": documents.made_at, "documents": count}
    return told | {"known_destroyed": len(known), "destroyed_again": back}


async def _note(database: Database, documents: Dump, actor: str) -> None:
    for owner in dumping.scope().controllers:
        if f"log.{owner}" in documents.databases:
            book = security_of(database, owner, "restore")
            await book.note(Act.RESTORE, f"restore:{documents.id}", "done", actor=actor, role=OPERATOR)


def _sentence(told: dict[str, Any]) -> str:
    return (
        f"{told['documents']} documents restored, as they were at {told['made_at']}. "
        f"{told['known_destroyed']} are known as destroyed; {told['destroyed_again']} of them had come back "
        "and were destroyed again."
    )


def _scope(controller: str | None) -> Scope:
    if controller is not None and controller not in {one.value for one in KEPT_FOR}:
        give_up(f"--controller is one of: {', '.join(KEPT_FOR)}.", Exit.WRONG_INPUT)
    return dumping.scope(Controller(controller) if controller else None)


def _apart(folder: Path, keys: Path) -> None:
    one, other = folder.resolve(), keys.resolve()
    if one == other or one in other.parents or other in one.parents:
        give_up("Keys are kept apart: give --keys a folder outside the other one.", Exit.WRONG_INPUT)


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[Database]:
    database = connect(
        settings.mongo_url.get_secret_value(), driver=settings.mongo_driver, prefix=settings.database_prefix
    )
    try:
        yield database
    finally:
        await database.close()


def _with_database(settings: Settings, work: Any) -> Any:
    """Does `work` on the database of the settings; ends the command with a sentence when that cannot be done."""

    async def go() -> Any:
        async with _connected(settings) as database:
            return await work(database)

    try:
        with logs.written_to(sys.stderr):
            return asyncio.run(go())
    except NotEmpty as error:
        give_up(f"Something is stored already, in {error}. --replace takes it away first.", Exit.FOUND_SOMETHING)
    except BrokerAway as error:
        give_up(
            f"The broker cannot be asked what was destroyed since ({error}). Nothing was changed. Without it: "
            "--without-broker, with --also KEYS of the newest backup there is.",
            Exit.AWAY,
        )
    except AWAY as error:
        give_up(f"The database is away ({type(error).__name__}). Give it again.", Exit.AWAY)
    except PyMongoError as error:
        give_up(f"The database does not let you do this ({type(error).__name__}).", Exit.WRONG_INPUT)
    except OSError as error:
        give_up(f"The folder cannot be written or read ({error.strerror}).", Exit.WRONG_INPUT)
