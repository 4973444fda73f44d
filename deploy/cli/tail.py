"""`veilig tail`: events as they pass, one line each, in words. It reads without a group: nobody else notices."""

from __future__ import annotations

import asyncio
import difflib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from deploy.cli.connection import Exit, KafkaOption, give_up, kafka_address, messages
from deploy.cli.following import Follower, Remembered
from deploy.cli.letters import REPLAYED_FROM, letter_of
from deploy.cli.words import AMSTERDAM, fields_in_words, in_words, moment_of, name_of, plain, shortened
from shared.contracts.topics import (
    AFTERCARE_CALLBACK,
    AFTERCARE_INVOICES,
    BZK_SAFETY_NET,
    DEAD_LETTERS,
    DEAD_LETTERS_HANDLED,
    EVENTS,
    INTAKE_OWN,
    IVP_CALLBACKS,
    internal_topics,
    municipality_invoices,
    municipality_topic,
)


@dataclass(frozen=True)
class Mark:
    """How sensitive a topic is: a sign, a colour, and what it says. The sign says it without the colour."""

    sign: str
    colour: str
    name: str


RESTRICTED = Mark("●", "red", "restricted")
INTERNAL = Mark("○", "cyan", "internal")
PARTNER = Mark("◆", "green", "partner")
APART = Mark("!", "yellow", "set apart")
LEGEND = {
    RESTRICTED: "for few eyes",
    INTERNAL: "our own services",
    PARTNER: "a partner's own topic",
    APART: "dead letters and replays, never with a body",
}
FOR_FEW_EYES = {topic.name for topic in (INTAKE_OWN, AFTERCARE_CALLBACK, AFTERCARE_INVOICES)}
SET_APART = (DEAD_LETTERS.name, DEAD_LETTERS_HANDLED.name)
OURS = {topic.name for topic in internal_topics()}
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST_TEXT = 64


def mark_of(topic: str) -> Mark | None:
    """How sensitive a topic is; None for one that is not ours: it is left alone."""
    if topic in SET_APART or topic.startswith("replay."):
        return APART
    if topic.startswith("partner."):
        return PARTNER
    if topic not in OURS:
        return None
    return RESTRICTED if topic in FOR_FEW_EYES or topic.endswith(".restricted") else INTERNAL


def readable_as(reader: str) -> Callable[[str], bool]:
    """Which topics this reader may read: `bzk`, `ivp`, `municipality:<code>`, `operator`, or everything for ``.

    Raises `ValueError` for another reader. The broker's own rules stand above this: it only narrows the view.
    """
    if reader == "":
        return lambda topic: mark_of(topic) is not None
    if reader == "operator":
        return lambda topic: mark_of(topic) not in (None, RESTRICTED)
    own = {"bzk": {BZK_SAFETY_NET}, "ivp": {IVP_CALLBACKS}}.get(reader)
    if own is None and (found := re.fullmatch(r"municipality:(\d{4})", reader)):
        own = {municipality_topic(found[1]), municipality_invoices(found[1])}
    if own is None:
        raise ValueError(reader)
    names = {topic.name for topic in own}
    return lambda topic: topic in names


@dataclass(frozen=True)
class Seen:
    """A record as it may be shown. `moment`: what the envelope says, else when the broker got it."""

    topic: str
    mark: Mark
    moment: datetime
    event: str
    case: str
    data: dict[str, Any]
    id: str
    text: str


def seen(record: Any) -> Seen:
    """What may be shown of a record: known fields of known events, and of what was set apart no body at all."""
    mark = mark_of(record.topic) or APART
    arrived = datetime.fromtimestamp(max(record.timestamp, 0) / 1000, AMSTERDAM)
    if mark is APART:
        return Seen(record.topic, mark, arrived, "", "", {}, "", _set_apart(record))
    try:
        body = json.loads(record.value)
        model, data = EVENTS[body["type"]], body["data"]
        known = {name: value for name, value in data.items() if name in model.model_fields and _short(value)}
        case, moment = str(known.pop("case", "")), moment_of(body["time"]) or arrived
    except (ValueError, KeyError, TypeError, AttributeError):
        return Seen(record.topic, mark, arrived, "", "", {}, "", f"not an event we know, {_size(record)}")
    name = name_of(body["type"])
    return Seen(record.topic, mark, moment, name, case, known, str(body.get("id", "")), fields_in_words(known, moment))


def _short(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_short(one) for one in value.values())
    return all(_short(one) for one in value) if isinstance(value, list) else len(str(value)) <= LONGEST_TEXT


def _set_apart(record: Any) -> str:
    if record.topic == DEAD_LETTERS.name:
        letter = letter_of(record)
        return plain(f"dead letter {letter.id} of {letter.subscription}: {letter.error}, from {letter.topic}")
    if record.topic == DEAD_LETTERS_HANDLED.name:
        try:
            line = json.loads(record.value)
            return plain(f"dead letter {line['letter']} {line['action']} by {line['actor']}")
        except (ValueError, KeyError, TypeError):
            return f"not an audit line, {_size(record)}"
    origin = dict(record.headers).get(REPLAYED_FROM, b"?").decode(errors="replace")
    return plain(f"dead letter {origin} sent again, {_size(record)}")


def _size(record: Any) -> str:
    return f"{len(record.value or b'')} bytes"


def tail(
    kafka: KafkaOption = None,
    topic: Annotated[list[str] | None, typer.Option(help="Only this topic; may be given more than once.")] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--type", help="Only this event, e.g. incident-reported; more than once.")
    ] = None,
    case: Annotated[str, typer.Option(help="Only the case whose reference begins so.")] = "",
    reader: Annotated[
        str, typer.Option("--as", help="What this reader may read: bzk, ivp, municipality:9901 or operator.")
    ] = "",
    since: Annotated[str, typer.Option(help="Begin so long ago, e.g. 30s, 10m, 2h or 1d; without it: now.")] = "0s",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output.")] = False,
) -> None:
    """Shows events as they pass, one line each, until Ctrl-C. A broker that is away is waited for.

    Without --as: all our topics that the broker lets you read.
    Exit status: 0 stopped by Ctrl-C, 2 wrong input.
    """
    wanted = _topics(reader, topic or [])
    names = {_event(one) for one in kind or []}
    address, begin = kafka_address(kafka), datetime.now(UTC) - _long_ago(since)
    notes = messages()
    if not as_json:
        _explain(notes)
    follower = Follower(address, wanted, begin, lambda text: notes.print(f"[dim]{text}[/]", soft_wrap=True))
    try:
        asyncio.run(_show(follower, names, case, as_json))
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:  # whoever read us has seen enough; nothing may be written at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _show(follower: Follower, names: set[str], case: str, as_json: bool) -> None:
    console, known = Console(highlight=False), Remembered()
    async for record in follower.records():
        one = seen(record)
        if (names and one.event not in names) or not one.case.startswith(case):
            continue
        again = bool(one.id) and not known.is_new((one.topic, one.id))
        if as_json:
            typer.echo(json.dumps(_machine(one, record)))
        else:
            console.print(_line(one, again), soft_wrap=True)


def _topics(reader: str, chosen: list[str]) -> Callable[[Iterable[str]], set[str]]:
    try:
        may = readable_as(reader)
    except ValueError:
        give_up("--as is one of: bzk, ivp, municipality:<CBS code>, operator.", Exit.WRONG_INPUT)
    for name in chosen:
        if not may(name):
            who = f"{reader} may not read" if reader else "There is no"
            give_up(f"{who} topic {plain(name)}.", Exit.WRONG_INPUT)
    return lambda there: {name for name in there if may(name) and (not chosen or name in chosen)}


def _event(given: str) -> str:
    kebab = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name_of(given)).lower()
    known = [name_of(one) for one in EVENTS]
    if kebab not in known:
        near = difflib.get_close_matches(kebab, known)
        give_up(f"There is no event {plain(given)}. Near it: {', '.join(near) or 'nothing'}.", Exit.WRONG_INPUT)
    return kebab


def _long_ago(since: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})([smhd])", since)
    if found is None:
        give_up("--since is a number with s, m, h or d, e.g. 10m.", Exit.WRONG_INPUT)
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _explain(console: Console) -> None:
    signs = "   ".join(f"[{mark.colour}]{mark.sign} {mark.name}[/] {text}" for mark, text in LEGEND.items())
    console.print(f"{signs}   ↻ sent before. Times of Amsterdam; Ctrl-C stops.", soft_wrap=True)


def _line(one: Seen, again: bool) -> Text:
    event = in_words(one.event) if one.event else ""
    line = Text(f"{one.moment:%Y-%m-%d %H:%M:%S}  ", "dim")
    line.append(f"{one.mark.sign} {one.topic:<34} ", one.mark.colour)
    line.append("↻ " if again else "", "dim")
    line.append(event + ("  " if event and one.text else ""), "bold")
    line.append(one.text)
    line.append(f"  {shortened(one.case)}" if one.case else "", "dim")
    return line


def _machine(one: Seen, record: Any) -> dict[str, Any]:
    return {
        "time": one.moment.astimezone(UTC).isoformat(),
        "arrived_ms": record.timestamp,
        "topic": one.topic,
        "partition": record.partition,
        "offset": record.offset,
        "sensitivity": one.mark.name,
        "event": one.event or None,
        "id": one.id or None,
        "case": one.case or None,
        "data": one.data,
        "text": one.text,
    }
