"""`veilig dead-letters`: what could not be handled, and what an operator does with it. Acts leave an audit line."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sys
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.connection import (
    LONGEST_REASON,
    Exit,
    KafkaOption,
    account_id,
    give_up,
    kafka_address,
    messages,
    one_line,
)
from deploy.cli.letters import Desk, Letter, Line, NoSuchTopic, NotAllowed, NotNoted, open_desk, standing
from deploy.cli.words import AMSTERDAM, in_words, plain
from shared.contracts.topics import EVENTS
from shared.runtime.kafka_access import access_of
from shared.runtime.outbox import BrokerAway

app = typer.Typer(no_args_is_help=True, help="What could not be handled: look, send again, or drop.")

ATTRIBUTES = {
    "type": r"[a-z0-9.-]{1,120}",
    "id": r"[A-Za-z0-9-]{1,64}",
    "source": r"urn:[a-z0-9:.-]{1,120}",
    "time": r"[0-9TZ:.+-]{10,40}",
    "subject": r"[A-Za-z0-9_-]{1,64}",
}
"""Envelope attributes that may be shown, and how they look when they are ours: a malformed body can hold anything."""
HEADERS = ("content-type", "replayed_from", "traceparent")
"""Headers whose value may be shown; of others only the length."""
UNUSUAL = "(unusual, not shown)"
WIDE = 240
"""Columns of a table that does not go to a terminal."""

LetterId = Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
Actor = Annotated[str | None, typer.Option("--as", help="Your account id, for the audit line. No name.")]
Reason = Annotated[
    str, typer.Option(help=f"Why, at most {LONGEST_REASON} characters, kept for a year. Nothing about a person.")
]
Answer = TypeVar("Answer")


@app.command("list")
def list_letters(
    kafka: KafkaOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were replayed or dropped.")] = False,
    subscription: Annotated[str | None, typer.Option(help="Only of this subscription.")] = None,
    fail_if_any: Annotated[bool, typer.Option("--fail-if-any", help="Exit status 1 when one is open.")] = False,
    as_json: AsJson = False,
) -> None:
    """Shows the open dead letters, the oldest first.

    Exit status: 0 fine, 1 with --fail-if-any when one is open, 2 wrong input, 3 the broker is away.
    """
    letters, lines = _at_desk(kafka, _read)
    settled = standing(lines)
    mine = [letter for letter in letters if subscription in (None, letter.subscription)]
    still_open = [letter for letter in mine if letter.id not in settled]
    shown = mine if everything else still_open
    if as_json:
        typer.echo(json.dumps([_row(letter, settled) for letter in shown], indent=2))
    elif shown:
        # Folded cells cannot be searched: beside a terminal there is room enough.
        wide = None if sys.stdout.isatty() else WIDE
        Console(highlight=False, width=wide).print(_table(shown, settled))
    else:
        typer.echo("No dead letters." if everything else "No open dead letters.")
    if fail_if_any and still_open:
        raise typer.Exit(Exit.FOUND_SOMETHING)


@app.command()
def show(
    letter: LetterId,
    kafka: KafkaOption = None,
    body: Annotated[
        bool, typer.Option("--body", help="The body too. It can hold personal data; that you looked is noted.")
    ] = False,
    actor: Actor = None,
    as_json: AsJson = False,
) -> None:
    """Shows where a dead letter came from, why it failed and what was done with it; without its body."""
    account = account_id(actor) if body else ""

    async def look(desk: Desk) -> tuple[Letter, list[Line]]:
        found = _find(await desk.letters(), letter)
        if body:
            await desk.note(found, "shown", account)
        return found, [line for line in await desk.lines() if line.letter == letter]

    found, lines = _at_desk(kafka, look)
    seen = _row(found, standing(lines)) | {"headers": _headers(found), "envelope": _envelope(found)}
    seen["audit"] = [{"action": one.action, "actor": one.actor, "reason": one.reason, "at": one.at} for one in lines]
    if body:
        seen["body"] = _text(found.value)
    if as_json:
        typer.echo(json.dumps(seen, indent=2))
    else:
        _print(seen)


@app.command()
def replay(
    letter: Annotated[str | None, typer.Argument(metavar="[ID]", help="As `list` shows it.")] = None,
    kafka: KafkaOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All open ones of --subscription, the oldest first.")
    ] = False,
    subscription: Annotated[str | None, typer.Option(help="With --all: of which subscription.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also when it was replayed or dropped before.")] = False,
    actor: Actor = None,
    reason: Reason = "",
) -> None:
    """Sends a dead letter again, unchanged, to the one subscription that failed. Repair the cause first.

    Exit status: 0 sent and noted, 2 wrong input, 3 the broker is away. Twice is harmless: what was handled is known.
    """
    account, why = account_id(actor), _reason(reason)
    if everything == (letter is not None) or everything == (subscription is None):
        give_up("Say which: the ID of one letter, or --all with --subscription.", Exit.WRONG_INPUT)

    async def send(desk: Desk) -> int:
        letters, lines = await _read(desk)
        settled = standing(lines)
        if letter is not None:
            chosen = [_unsettled(_find(letters, letter), settled, again)]
        else:
            chosen = [one for one in letters if one.subscription == subscription and (again or one.id not in settled)]
        for one in chosen:
            await _replay(desk, one, account, why)
        return len(chosen)

    count = _at_desk(kafka, send)
    if not count:
        typer.echo(f"Nothing to replay: {plain(subscription)} has no open dead letters.")


@app.command()
def drop(
    letter: LetterId,
    reason: Reason,
    kafka: KafkaOption = None,
    actor: Actor = None,
) -> None:
    """Sets a dead letter aside for good, with a reason. The letter itself stays where it is."""
    account, why = account_id(actor), _reason(reason)
    if not why:
        give_up("Say why: --reason may not be empty.", Exit.WRONG_INPUT)

    async def settle(desk: Desk) -> None:
        letters, lines = await _read(desk)
        await desk.note(_unsettled(_find(letters, letter), standing(lines), again=False), "dropped", account, why)

    _at_desk(kafka, settle)
    typer.echo(f"{letter} dropped.")


async def _read(desk: Desk) -> tuple[list[Letter], list[Line]]:
    return await desk.letters(), await desk.lines()


async def _replay(desk: Desk, letter: Letter, account: str, why: str) -> None:
    try:
        await desk.replay(letter, account, why)
    except NoSuchTopic:
        give_up(f"{letter.id}: no subscription is called {_subscription(letter)}; nothing was sent.", Exit.WRONG_INPUT)
    except NotNoted as error:
        give_up(
            f"{letter.id} was sent to {_subscription(letter)}, but the audit line could not be written ({error}); it "
            "still counts as open. Replay it again later: twice is harmless.",
            Exit.AWAY,
        )
    typer.echo(f"{letter.id} sent again to {_subscription(letter)}.")


def _at_desk(kafka: str | None, work: Callable[[Desk], Coroutine[Any, Any, Answer]]) -> Answer:
    """Does `work` at the desk of the broker; ends the command with a sentence when that cannot be done."""
    address = kafka_address(kafka)

    async def go() -> Answer:
        async with open_desk(access_of(address)) as desk:
            return await work(desk)

    try:
        return asyncio.run(go())
    except NoSuchTopic as error:
        give_up(f"The broker at {address} has no topic {error}: is it the right one?", Exit.WRONG_INPUT)
    except NotAllowed as error:
        give_up(f"The broker at {address} does not let you do this ({error}).", Exit.WRONG_INPUT)
    except BrokerAway as error:
        give_up(f"The broker at {address} does not answer ({error}). Nothing more was done.", Exit.AWAY)


def _find(letters: list[Letter], wanted: str) -> Letter:
    found = next((letter for letter in letters if letter.id == wanted), None)
    if found is None:
        there = f"There is no dead letter {plain(wanted)}. `veilig dead-letters list --all` shows all."
        give_up(there, Exit.WRONG_INPUT)
    return found


def _unsettled(letter: Letter, settled: dict[str, Line], again: bool) -> Letter:
    line = settled.get(letter.id)
    if line is not None and not again:
        other = "" if line.action == "dropped" else ", with --again it is sent once more"
        give_up(f"{letter.id} was {line.action} at {plain(line.at)} by {plain(line.actor)}{other}.", Exit.WRONG_INPUT)
    return letter


def _reason(reason: str) -> str:
    said = one_line(reason)
    if said:
        messages().print("[dim]The reason is kept for a year. Never write about a person in it.[/]", soft_wrap=True)
    return said


# What is shown of a letter


def _looks(value: object, pattern: str) -> str:
    return value if isinstance(value, str) and re.fullmatch(pattern, value) else UNUSUAL


def _subscription(letter: Letter) -> str:
    return _looks(letter.subscription, r"[a-z0-9._-]{1,200}")


def _envelope(letter: Letter) -> dict[str, str]:
    try:
        body = json.loads(letter.value or b"")
    except ValueError:
        return {}
    there = body if isinstance(body, dict) else {}
    return {name: _looks(there[name], pattern) for name, pattern in ATTRIBUTES.items() if name in there}


def _type(letter: Letter) -> str:
    found = _envelope(letter).get("type")
    return "not an event" if found is None else found if found in EVENTS else "unknown type"


def _headers(letter: Letter) -> dict[str, str]:
    return {
        _looks(name, r"[A-Za-z0-9_-]{1,40}"): (
            _looks(value.decode(errors="replace"), r"[ -~]{0,200}") if name in HEADERS else f"({len(value)} bytes)"
        )
        for name, value in letter.headers
    }


def _row(letter: Letter, settled: dict[str, Line]) -> dict[str, Any]:
    line = settled.get(letter.id)
    return {
        "id": letter.id,
        "state": line.action if line else "open",
        "set_apart_at": letter.at.isoformat(timespec="seconds"),
        "subscription": _subscription(letter),
        "error": _looks(letter.error, r"[A-Za-z_][A-Za-z0-9_]{0,60}"),
        "type": _type(letter),
        "topic": _looks(letter.topic, r"[a-z0-9._-]{1,200}"),
        "partition": _looks(letter.partition, r"\d{1,10}"),
        "offset": _looks(letter.offset, r"\d{1,20}"),
        "key": _looks((letter.key or b"").decode(errors="replace"), r"[A-Za-z0-9_-]{0,64}"),
        "bytes": len(letter.value or b""),
    }


def _text(value: bytes | None) -> str:
    try:
        return (value or b"").decode()
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(value or b"").decode()


COLOURS = {"open": "bold red", "replayed": "green", "dropped": "dim"}


def _table(letters: list[Letter], settled: dict[str, Line]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "state", "set apart", "subscription", "error", "event", "from"):
        table.add_column(heading, no_wrap=heading in ("id", "state"), overflow="fold")
    for letter in letters:
        row = _row(letter, settled)
        event = in_words(row["type"]) if row["type"] in EVENTS else row["type"]
        state = f"[{COLOURS[row['state']]}]{row['state']}[/]"
        when = datetime.fromisoformat(row["set_apart_at"]).astimezone(AMSTERDAM)
        where = f"{row['topic']} {row['partition']}:{row['offset']}"
        table.add_row(row["id"], state, f"{when:%Y-%m-%d %H:%M}", row["subscription"], row["error"], event, where)
    return table


def _print(seen: dict[str, Any]) -> None:
    console = Console(highlight=False, markup=False)

    def lines(name: str, value: Any, indent: str = "") -> None:
        if isinstance(value, dict):
            console.print(f"{indent}{name}:", soft_wrap=True)
            for inner, one in value.items():
                lines(inner, one, indent + "  ")
        elif isinstance(value, list):
            console.print(f"{indent}{name}:" + ("" if value else " –"), soft_wrap=True)
            for one in value:
                console.print(f"{indent}  {plain(' '.join(one.values()))}", soft_wrap=True)
        else:
            console.print(f"{indent}{name.replace('_', ' ')}: {plain(value)}", soft_wrap=True)

    for name, value in seen.items():
        lines(name, value)
