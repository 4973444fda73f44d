"""`veilig forward`: partners that get their events over HTTP: how it stands, the log, and sending again."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer
from pydantic import SecretStr
from pymongo.errors import PyMongoError

from deploy.cli.connection import Exit, MongoOption, account_id, give_up, mongo_url, one_line, unfit
from deploy.cli.place import GIVEN
from deploy.cli.words import AMSTERDAM, plain
from deploy.partners import rules
from deploy.partners.forwarder.settings import ForwarderSettings
from deploy.partners.forwarder.store import Standing, Store
from shared.runtime.environment import UnfitSetting, utc_now

app = typer.Typer(no_args_is_help=True, help="Partners that get their events over HTTP: how it stands, send again.")
SHOWN = 50

PartnerArgument = Annotated[
    str, typer.Argument(metavar="PARTNER", help="bzk, ivp, municipality:CODE, or municipality:CODE:invoices.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
Actor = Annotated[str, typer.Option("--as", help="Your account id, for the log. No name.")]
Answer = TypeVar("Answer")


@app.callback()
def forward() -> None:
    """Partners that get their events over HTTP: how it stands, the log, and sending again."""


@app.command("list")
def listed(mongo: MongoOption = None, as_json: AsJson = False) -> None:
    """Each partner: whether its address agreed, what waits and how long, what is parked. Its name in the numbers too.

    Exit status: 0 all is on its way, 1 something waits for an operator, 2 wrong input, 3 the database is away.
    """
    found = _at_store(mongo, lambda store: store.standings(utc_now()))
    typer.echo(json.dumps([asdict(one) for one in found], indent=2) if as_json else _table(found))
    if any(one.parked or one.state != "on" for one in found):
        raise typer.Exit(Exit.FOUND_SOMETHING)


@app.command()
def log(
    partner: PartnerArgument,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many events, the newest.")] = SHOWN,
    mongo: MongoOption = None,
    as_json: AsJson = False,
) -> None:
    """Each event of a partner: when it was tried, what the answer was, and when it is tried next. Without content.

    Exit status: 0 done, 2 wrong input, 3 the database is away.
    """
    found = _at_store(mongo, lambda store: store.log(_known(partner), limit))
    if as_json:
        typer.echo(json.dumps(found, indent=2, default=_as_text))
        return
    typer.echo("\n".join(line for one in reversed(found) for line in _lines(one)) or "Nothing was sent yet.")


@app.command()
def again(
    partner: PartnerArgument,
    actor: Actor,
    event: Annotated[str | None, typer.Argument(metavar="[EVENT]", help="Id of one event; without: all.")] = None,
    mongo: MongoOption = None,
) -> None:
    """Sends what waits or is parked again, at once and with the whole table of tries. Mend the cause first.

    Without EVENT also an address that said 410 is tried again. Exit status: 0 done, 2 wrong input, 3 the database is
    away.
    """
    by = account_id(actor)
    count = _at_store(mongo, lambda store: store.again(_known(partner), event, by, utc_now()))
    if not count and event is not None:
        give_up(f"{plain(partner)} has no event {plain(event)} that waits.", Exit.WRONG_INPUT)
    typer.echo(f"{count} events of {partner} are sent again.")


@app.command()
def drop(
    partner: PartnerArgument,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Id of a parked event.")],
    actor: Actor,
    reason: Annotated[str, typer.Option(help="Why, in one line. Nothing about a person.")],
    mongo: MongoOption = None,
) -> None:
    """Sets a parked event aside for good, with a reason, so that the later ones of its case go on.

    Exit status: 0 done, 2 wrong input, 3 the database is away.
    """
    by, why = account_id(actor), one_line(reason)
    if not why:
        give_up("Say why, with --reason.", Exit.WRONG_INPUT)
    if not _at_store(mongo, lambda store: store.drop(_known(partner), event, by, why, utc_now())):
        give_up(f"{plain(partner)} has no parked event {plain(event)}.", Exit.WRONG_INPUT)
    typer.echo(f"{plain(event)} of {partner} is set aside.")


def _at_store(mongo: str | None, work: Callable[[Store], Awaitable[Answer]]) -> Answer:
    """Does `work` on the forwarder's database; ends the command with a sentence when that cannot be done."""

    async def go() -> Answer:
        database = _settings(mongo).database()
        try:
            return await work(Store(database))
        finally:
            await database.close()

    try:
        return asyncio.run(go())
    except UnfitSetting as error:
        unfit(error)
    except (PyMongoError, OSError) as error:
        give_up(f"The database does not answer, or does not let you do this ({type(error).__name__}).", Exit.AWAY)


def _settings(mongo: str | None) -> ForwarderSettings:
    try:
        if mongo is None and any(name in os.environ for name in GIVEN):
            return ForwarderSettings()
        return ForwarderSettings(mongo_url=SecretStr(mongo_url(mongo)), mongo_url_file=None)
    except ValueError as error:
        unfit(error)


def _known(partner: str) -> str:
    try:
        rules.topics_of(partner)
    except ValueError as error:
        give_up(f"This cannot be: {error}.", Exit.WRONG_INPUT)
    return partner


def _as_text(value: Any) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(AMSTERDAM):%Y-%m-%d %H:%M:%S}"


def _table(found: list[Standing]) -> str:
    if not found:
        return "No partner gets its events over HTTP."
    return "\n".join(
        f"{'!!' if one.parked or one.state != 'on' else 'ok'}  {one.partner}  {one.name}  {one.state}"
        f"{f' ({plain(one.why)})' if one.why else ''}  {one.waiting} waiting, {one.parked} parked, "
        f"oldest {one.oldest:.0f} s  {plain(one.url)}"
        for one in found
    )


def _lines(one: dict[str, Any]) -> list[str]:
    next_at = f", again {_moment(one['next_at'])}" if one["state"] == "waiting" else ""
    tried = [
        f"    {_moment(line['at'])}  try {line['number']}  {line['status'] or ''} {plain(line['why'])}"
        f"{' by ' + plain(line['by']) if line.get('by') else ''}".rstrip()
        for line in one["tries"]
    ]
    return [f"{plain(one['event']) or 'no id'}  {one['state']}  on the topic {_moment(one['since'])}{next_at}", *tried]
