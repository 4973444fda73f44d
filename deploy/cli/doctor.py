"""`veilig doctor`: is everything there and in order; one line for each thing, with what to do. Changes nothing."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli import examining, findings
from deploy.cli.connection import Exit
from deploy.cli.examining import BrokerSeen, ServicesSeen, StoreSeen
from deploy.cli.findings import Finding, Sign, ending, part, present, unseen
from deploy.cli.place import settings_here
from deploy.contracts.subscriptions import BUILDERS, readings
from shared.contracts.topics import (
    ASSESSMENT_RESTRICTED,
    ASSESSMENT_STATE_MEASURES,
    DEAD_LETTERS,
    INTAKE_OWN,
    INTAKE_RELATIONS,
    internal_topics,
    partner_topics,
    replay_topic,
)
from shared.runtime.environment import Settings, utc_now

SIGNS = {Sign.OK: "✓", Sign.PROBLEM: "!", Sign.AWAY: "!", Sign.UNSEEN: "-"}
COLOURS = {Sign.OK: "green", Sign.PROBLEM: "bold red", Sign.AWAY: "bold red", Sign.UNSEEN: "dim"}
RESTRICTED = {one.name for one in (ASSESSMENT_RESTRICTED, ASSESSMENT_STATE_MEASURES, INTAKE_OWN, INTAKE_RELATIONS)} | {
    DEAD_LETTERS.name
}
"""Topics that no account may read just because it reaches the broker."""
BROKER_CURE = "start it, or set VEILIG_KAFKA_BOOTSTRAP_SERVERS; what is accepted meanwhile waits in the database"
STORE_CURE = "start it, or set VEILIG_MONGO_URL; meanwhile people are told to come back"
EXPIRY_CURES = {
    "security.txt": "have the address answer /.well-known/security.txt with a date that is to come",
    "certificate": "get a new certificate and put it in place before that day",
}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Looks at broker, database, services, topics, clocks, what waits, dead letters, keys, partners over HTTP and ends.

    Reads the settings of the services (`VEILIG_...`; VEILIG_URL: where they answer); without a database among them:
    the stack on this machine. Exit status: 0 all in order, 1 something is not, 2 wrong input, 3 a part is away.
    """
    settings, url = settings_here()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)  # what is wrong is said in one line, by us
    found = asyncio.run(_examine(settings, url))
    if as_json:
        typer.echo(json.dumps({"findings": [asdict(one) for one in found]}, indent=2))
    else:
        _print(found)
    signs = {one.sign for one in found}
    if Sign.AWAY in signs:
        raise typer.Exit(Exit.AWAY)
    if Sign.PROBLEM in signs:
        raise typer.Exit(Exit.FOUND_SOMETHING)


async def _examine(settings: Settings, url: str) -> list[Finding]:
    groups = {one.group: [one.topic.name, replay_topic(one.group).name] for one in readings()}
    broker, store, services = await asyncio.gather(
        examining.broker(settings, groups),
        examining.store(settings),
        examining.services(url, BUILDERS, (settings.public_url, settings.issuer)),
    )
    return judged(settings, url, set(groups), broker, store, services)


def judged(
    settings: Settings, url: str, groups: set[str], broker: BrokerSeen, store: StoreSeen, services: ServicesSeen
) -> list[Finding]:
    """Everything that is told of what was seen, in the order it is shown."""
    return [
        *_of_broker(settings, groups, broker),
        *_of_store(store),
        *findings.services(services.answers),
        findings.clocks(_clocks(store, services)),
        *_of_addresses(url, services),
    ]


def _of_broker(settings: Settings, groups: set[str], seen: BrokerSeen) -> list[Finding]:
    where = settings.kafka_bootstrap_servers
    answers = part("broker", seen.away, f"answers at {where}", BROKER_CURE)
    if seen.away:
        checks = ("topics", "replays", "access", "lag", "dead letters")
        return [answers, *(unseen(one, "the broker is away") for one in checks)]
    topics = {one.name for one in (*internal_topics(), *partner_topics(settings.municipalities))}
    behind = (
        findings.lag(seen.first, seen.then)
        if settings.kafka_end_offsets
        else unseen("lag", "this broker does not tell where a topic ends")
    )
    letters = unseen("dead letters", "their topic cannot be read") if seen.letters is None else None
    return [
        answers,
        present("topics", seen.topics, topics),
        present("replays", seen.topics, {replay_topic(one).name for one in groups}),
        findings.access(seen.acl_code, seen.rules, RESTRICTED, local=settings.local),
        behind,
        letters or findings.letters(seen.letters or []),
    ]


def _of_store(seen: StoreSeen) -> list[Finding]:
    answers = part("database", seen.away, "answers", STORE_CURE)
    if why := seen.away or seen.refused:
        said = "the database is away" if seen.away else f"the database does not let this account look ({why})"
        return [answers, *(unseen(one, said) for one in ("outbox", "parked", "deadlines", "keys", "forwarding"))]
    return [
        answers,
        *findings.outboxes(seen.standings, seen.parked),
        findings.deadlines(seen.standings),
        findings.keys(seen.key_trouble, seen.wrapped),
        findings.forwarding(seen.forwarding),
    ]


def _clocks(store: StoreSeen, services: ServicesSeen) -> dict[str, float]:
    told = {"database": store.ahead, "services": services.ahead}
    return {name: seconds for name, seconds in told.items() if seconds is not None}


def _of_addresses(url: str, seen: ServicesSeen) -> list[Finding]:
    now = utc_now()
    if all(isinstance(one, str) for one in seen.answers.values()):
        return [unseen("security.txt", f"nothing answers at {url}")]
    ends = [ending("security.txt", seen.security_txt, now, EXPIRY_CURES["security.txt"])]
    for host, until in seen.certificates.items():
        ends.append(ending(f"certificate {host}", until, now, EXPIRY_CURES["certificate"]))
    return ends


def _print(found: list[Finding]) -> None:
    console, width = Console(highlight=False), max(len(one.check) for one in found)
    for one in found:
        cure = f" → {one.cure}" if one.cure else ""
        console.print(
            f"{SIGNS[one.sign]} {one.check:<{width}}  {one.says}{cure}",
            style=COLOURS[one.sign], soft_wrap=True, markup=False,
        )  # fmt: skip
    bad = sum(one.sign in (Sign.PROBLEM, Sign.AWAY) for one in found)
    console.print("All in order." if not bad else f"{bad} of {len(found)} need somebody.", soft_wrap=True)
