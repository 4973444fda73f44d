"""`veilig story`: plays a story on a running stack and shows what came of it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from deploy.stories.checks import REFERENCE
from deploy.stories.stage import PATIENCE, Broken
from deploy.stories.village_alderman import Outcome, tell
from deploy.stories.witness import Received

STORIES = {"village-alderman": tell}
URL = "http://127.0.0.1:8080"


def story(
    name: Annotated[str, typer.Argument(help="Which story: " + ", ".join(STORIES))] = "village-alderman",
    url: Annotated[str, typer.Option(help="Address of the running stack.", envvar="VEILIG_URL")] = URL,
    patience: Annotated[float, typer.Option(help="Seconds to wait for each outcome.")] = PATIENCE,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Drives a story through the public HTTP API of a running stack, moving its local clock.

    Exit status: 0 all expectations held, 1 the first that did not is named, 2 no such story.
    """
    progress = Console(stderr=True, highlight=False)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is away for a moment is not news here
    if name not in STORIES:
        progress.print(f"There is no story called {name}. There is: {', '.join(STORIES)}.")
        raise typer.Exit(2)
    try:
        outcome = asyncio.run(STORIES[name](url, _step(progress), patience))
    except Broken as broken:
        progress.print(f"[red]✗ Broken:[/] {broken}", soft_wrap=True)
        if as_json:
            typer.echo(json.dumps({"story": name, "holds": False, "broken": str(broken)}))
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(_machine(name, outcome), default=str))
    else:
        _show(Console(highlight=False), outcome)


def _step(console: Console) -> Any:
    days: list[datetime] = []

    def say(moment: datetime, sentence: str) -> None:
        days.append(moment)
        day = (moment.date() - days[0].date()).days
        console.print(f"[dim]day {day:>2}  {moment:%H:%M}[/]  {sentence}", soft_wrap=True)

    return say


def _machine(name: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "story": name,
        "holds": True,
        "case": outcome.case,
        "states": outcome.states,
        "promises": [asdict(promise) for promise in outcome.promises],
        "views": [{"role": role, "view": view, "sees": seen} for role, view, seen in outcome.views],
        "events": [{"topic": e.topic, "partition": e.partition, "key": e.key, "event": e.body} for e in outcome.events],
    }


def _show(console: Console, outcome: Outcome) -> None:
    console.rule("What each role sees")
    views: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for role, heading, seen in outcome.views:
        views[role].append((heading, seen))
    for role, seen_by_role in views.items():
        console.print(f"\n[bold]{role}[/]")
        for heading, seen in seen_by_role:
            console.print(f"  {heading}")
            for line in _lines(seen):
                console.print(f"    {line}", soft_wrap=True, markup=False)
    console.rule("Every event, as a plain Kafka consumer received it")
    for event in outcome.events:
        _show_event(console, event)
    console.rule("Promises")
    for promise in outcome.promises:
        mark = "[green]✓ kept  [/]" if promise.kept else "[yellow]! missed[/]"
        console.print(f"{mark}  {promise.text}: {promise.how}", soft_wrap=True)
    console.print(f"\nAll expectations held: {len(outcome.events)} events.")


def _lines(seen: Any, depth: int = 0) -> list[str]:
    """A view as indented `name: value` lines; references are shortened, they mean nothing to a reader."""
    indent = "  " * depth
    if isinstance(seen, dict):
        found = []
        for name, value in seen.items():
            if isinstance(value, dict | list) and value:
                found += [f"{indent}{name}:", *_lines(value, depth + 1)]
            else:
                found.append(f"{indent}{name}: {_short(value)}")
        return found
    if isinstance(seen, list):
        return [
            line for one in seen for line in (*_lines(one, depth), *([f"{indent}-"] if one is not seen[-1] else []))
        ]
    return [f"{indent}{_short(seen)}"]


def _short(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(f"{name}={_short(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return "[" + "; ".join(_short(inner) for inner in value) + "]"
    text = str(value)
    return f"{text[:8]}…" if REFERENCE.match(text) else text


def _show_event(console: Console, event: Received) -> None:
    moment = str(event.body["time"])[:16].replace("T", " ")
    console.print(f"{moment}  [bold]{event.name}[/]  on {event.topic}", soft_wrap=True)
    data = "  ".join(f"{name}={_short(value)}" for name, value in event.data.items() if name not in ("case", "detail"))
    console.print(f"    [dim]{escape(data)}[/]", soft_wrap=True)
