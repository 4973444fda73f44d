"""`veilig audit`: are the logs as they were written? Reads the database itself; adds a line that it was looked at."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.text import Text

from deploy.cli.connection import Exit, MongoOption, give_up, messages, mongo_url
from deploy.cli.noting import OPERATOR, ActorOption, check_actor, security_of
from deploy.cli.words import plain
from shared.contracts.envelope import as_z
from shared.privacy.audit import Head, Report, verify
from shared.privacy.controllers import Controller
from shared.privacy.logbooks import SEALED, database_of, seals_of
from shared.privacy.security_log import Act, Result
from shared.runtime.environment import Settings
from shared.runtime.mongo import AWAY, Database, connect

app = typer.Typer(no_args_is_help=True, help="The processing and security logs: are they whole?")

SERVICES = ("intake", "assessment", "funding", "aftercare")
"""Beside the controllers, whose security logs are looked at too."""
SHOWN = 20
"""Faults of one log that are printed; --json has them all."""

Heads = dict[tuple[str, str], Head]


@dataclass(frozen=True)
class Looked:
    """One log and what was found."""

    owner: str
    log: str
    report: Report


@app.callback()
def audit() -> None:
    """The processing and security logs: are they whole?"""


@app.command("verify")
def verify_logs(
    controller: Annotated[
        str, typer.Option(help="Only of this controller or service. One of: " + ", ".join((*Controller, *SERVICES)))
    ] = "",
    mongo: MongoOption = None,
    prefix: Annotated[
        str, typer.Option(help="Database names start with this.", envvar="VEILIG_DATABASE_PREFIX")
    ] = Settings.model_fields["database_prefix"].default,
    head: Annotated[bool, typer.Option("--head", help="Only the last batch of each log, to keep elsewhere.")] = False,
    against: Annotated[
        Path | None, typer.Option(help="File with what `--head --json` printed before: the chains must go on from it.")
    ] = None,
    actor: ActorOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """Recomputes the chain of each log, and notes in the owner's security log how it was found.

    Exit status: 0 whole, 1 a line or a batch was changed, removed or added, 2 wrong input, 3 the database is away.
    """
    owners, actor = _owners(controller), check_actor(actor)
    kept = _kept(against) if against else {}
    looked = asyncio.run(_look(mongo_url(mongo), prefix, owners, kept, actor))
    if as_json:
        typer.echo(json.dumps([_head(one) if head else _row(one) for one in looked if one.report.head or not head]))
    else:
        _print(looked, head)
    faults = sum(len(one.report.faults) for one in looked)
    if faults:
        give_up(
            f"{faults} faults: treat this as a security incident, and leave everything as it is.", Exit.FOUND_SOMETHING
        )


def _owners(controller: str) -> tuple[str, ...]:
    everybody = (*(one.value for one in Controller), *SERVICES)
    if controller and controller not in everybody:
        give_up(f"--controller is one of: {', '.join(everybody)}.", Exit.WRONG_INPUT)
    return (controller,) if controller else everybody


def _kept(file: Path) -> Heads:
    try:
        rows = json.loads(file.read_text())
        return {
            (row["owner"], row["log"]): Head(row["batch"], row["digest"], datetime.fromisoformat(row["at"]))
            for row in rows
        }
    except (OSError, ValueError, KeyError, TypeError):
        give_up("--against is a file with what `veilig audit verify --head --json` printed.", Exit.WRONG_INPUT)


async def _look(url: str, prefix: str, owners: tuple[str, ...], kept: Heads, actor: str) -> list[Looked]:
    try:
        database = connect(url, prefix=prefix, wait_ms=3_000)
    except (PyMongoError, ValueError):
        give_up("--mongo is not the address of a database.", Exit.WRONG_INPUT)
    try:
        await database.ping()
        looked = [await _look_at(database, owner, log, kept.get((owner, log))) for owner in owners for log in SEALED]
        await _note(database, looked, actor)
        return looked
    except AWAY as error:
        give_up(f"The database does not answer ({type(error).__name__}). Nothing is said about the logs.", Exit.AWAY)
    except PyMongoError as error:
        give_up(f"The database does not let you read the logs ({type(error).__name__}).", Exit.WRONG_INPUT)
    finally:
        with suppress(PyMongoError):
            await database.close()


async def _look_at(database: Database, owner: str, log: str, kept: Head | None) -> Looked:
    lines, seals = (database.collection(database_of(owner), name) for name in (log, seals_of(log)))
    return Looked(owner, log, await verify(lines, seals, kept))


async def _note(database: Database, looked: list[Looked], actor: str) -> None:
    """A line for each log in which there is something. What was found counts, also when it cannot be noted."""
    try:
        for one in looked:
            if one.report.lines or one.report.batches or one.report.faults:
                result: Result = "failed" if one.report.faults else "done"
                book = security_of(database, one.owner, "audit")
                await book.note(Act.VERIFY, f"log:{one.owner}:{one.log}", result, actor=actor, role=OPERATOR)
    except PyMongoError as error:
        messages().print(
            f"This look is not in the security log ({type(error).__name__}): this account needs the right to insert.",
            soft_wrap=True,
        )


def _row(one: Looked) -> dict[str, Any]:
    report = one.report
    return {
        "owner": one.owner,
        "log": one.log,
        "batches": report.batches,
        "lines": report.lines,
        "waiting": report.waiting,
        "head": _head(one) if report.head else None,
        "faults": [asdict(fault) for fault in report.faults],
    }


def _head(one: Looked) -> dict[str, Any]:
    head = one.report.head
    assert head is not None
    return {"owner": one.owner, "log": one.log, "batch": head.batch, "digest": head.digest, "at": as_z(head.at)}


def _print(looked: list[Looked], head: bool) -> None:
    console = Console(highlight=False)
    for one in looked:
        report, last = one.report, one.report.head
        if head:
            if last is not None:
                console.print(f"{one.owner:<17} {one.log:<10} batch {last.batch}  {plain(last.digest)}", soft_wrap=True)
            continue
        if not (report.lines or report.batches or report.faults):
            continue
        state = "whole" if not report.faults else f"{len(report.faults)} faults"
        waits = f", {report.waiting} lines wait for the next batch" if report.waiting else ""
        console.print(
            f"{one.owner:<17} {one.log:<10} {state}: {report.lines} lines in {report.batches} batches{waits}",
            soft_wrap=True, markup=False,
        )  # fmt: skip
        for fault in report.faults[:SHOWN]:
            messages().print(Text(f"! {one.owner} {one.log}, batch {fault.batch}: {plain(fault.what)}"), soft_wrap=True)
    if not any(one.report.lines or one.report.batches or one.report.faults for one in looked):
        console.print("No lines in any log.")
