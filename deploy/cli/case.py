"""`veilig case`: what happened in a case, gathered from the services that the role may ask, as one timeline."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.text import Text

from deploy.cli.connection import ACCOUNT, Exit, TokenOption, UrlOption, give_up, messages, services_url, signed_in
from deploy.cli.words import AMSTERDAM, fields_in_words, in_words, plain
from deploy.identity.people import Who
from shared.access.admission import UNKNOWN
from shared.access.purposes import stating_purpose
from shared.access.relations import POLICE
from shared.access.roles import Role
from shared.access.timeline import services_of
from shared.contracts.envelope import as_z

SECONDS = 10.0
"""How long a service may take to answer."""
OK, NOT_FOUND = 200, 404
REFERENCE = r"[A-Za-z0-9_-]{8,200}"


UNIT = "eenheid-oost"
"""The police unit of the example (deploy/local/organisations.toml)."""
UnitOption = Annotated[str, typer.Option("--unit", help="Police unit, for police and OM on a local stack.")]


@dataclass(frozen=True)
class Event:
    """What happened. `at`: when it was recorded, in Amsterdam."""

    name: str
    at: datetime
    fields: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What a service answered. `trouble`: why it is not known, empty when it is."""

    service: str
    events: tuple[Event, ...] = ()
    trouble: str = ""


def case(
    reference: Annotated[str, typer.Argument(metavar="ID", help="The reference that this role knows the case by.")],
    role: Annotated[str, typer.Option("--as", help="One of: " + ", ".join(Role))] = Role.OFFICE_HOLDER.value,
    actor: Annotated[str, typer.Option(help="Account id.")] = "console",
    municipality: Annotated[str, typer.Option(help="CBS code; with --as municipality.")] = "",
    unit: UnitOption = UNIT,
    token: TokenOption = None,
    url: UrlOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Shows what happened in a case, by day, as far as the role may see it.

    Exit status: 0 shown, 1 nothing known, 2 wrong input, 3 nothing shown and a service could not be asked.
    """
    wanted, who = acting_as(role, actor, municipality, unit)
    check_reference(reference)
    told = asyncio.run(_ask_all(services_url(url), services_of(wanted), reference, token, who))
    found = sorted(((one, each.service) for each in told for one in each.events), key=lambda pair: pair[0].at)
    silent = [each for each in told if each.trouble]
    if as_json:
        events = [
            {"service": service, "event": one.name, "at": as_z(one.at), "fields": one.fields} for one, service in found
        ]
        not_asked = {each.service: each.trouble for each in silent}
        typer.echo(json.dumps({"case": reference, "role": wanted, "events": events, "not_reachable": not_asked}))
    else:
        _print(found, silent)
    if not found:
        if silent:
            give_up("Nothing known of this case, but not every service could be asked.", Exit.AWAY)
        give_up("No service knows this case, or this role may see nothing of it.", Exit.FOUND_SOMETHING)


def check_reference(reference: str) -> None:
    """Ends the command when this cannot be a reference of a case."""
    if not re.fullmatch(REFERENCE, reference):
        give_up("That is not a reference of a case.", Exit.WRONG_INPUT)


def acting_as(role: str, actor: str, municipality: str, unit: str) -> tuple[Role, Who]:
    """The role, and whom the local sign-in makes a token for. Ends the command when they do not fit together."""
    if role not in {known.value for known in Role}:
        give_up(f"--as is one of: {', '.join(Role)}.", Exit.WRONG_INPUT)
    if not re.match(ACCOUNT, actor):
        give_up("--actor is an account: small letters, digits and dashes. No name.", Exit.WRONG_INPUT)
    if (role == Role.MUNICIPALITY) != bool(re.fullmatch(r"\d{4}", municipality)):
        give_up("--municipality is a CBS code of four digits, and goes with --as municipality.", Exit.WRONG_INPUT)
    return Role(role), Who(role, actor, municipality, unit if Role(role) in POLICE else "")


@asynccontextmanager
async def client_as(url: str, token: str | None, who: Who) -> AsyncIterator[httpx2.AsyncClient]:
    """What every command asks the services with, signed in; it ignores proxies."""
    async with httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client:
        client.headers.update(await signed_in(client, url, token, who))
        client.headers.update(stating_purpose(Role(who.role)))
        yield client


async def _ask_all(url: str, services: tuple[str, ...], reference: str, token: str | None, who: Who) -> list[Told]:
    async with client_as(url, token, who) as client:
        return await asyncio.gather(*(_ask(client, url, service, reference) for service in services))


async def _ask(client: httpx2.AsyncClient, url: str, service: str, reference: str) -> Told:
    try:
        answer = await client.get(f"{url}/{service}/v1/timelines/{reference}")
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        return Told(service, trouble=type(error).__name__)
    try:
        body = answer.json()
        if answer.status_code == OK:
            return Told(service, tuple(_event(one) for one in body["events"]))
        if answer.status_code == NOT_FOUND and body["detail"] == UNKNOWN:
            return Told(service)
    except (ValueError, KeyError, TypeError):
        pass  # not one of our answers: something else stands at this address
    return Told(service, trouble=f"it answers {answer.status_code} without a timeline")


def _event(told: dict[str, Any]) -> Event:
    return Event(str(told["event"]), datetime.fromisoformat(told["at"]).astimezone(AMSTERDAM), dict(told["fields"]))


def _print(found: list[tuple[Event, str]], silent: list[Told]) -> None:
    console = Console(highlight=False)
    for day, events in groupby(found, key=lambda pair: pair[0].at.date()):
        console.print(Text(f"{day:%A} {day.day} {day:%B %Y}", "bold"))
        for one, service in events:
            line = Text(f"  {one.at:%H:%M}  ", "dim")
            line.append(f"{service:<12}", "cyan")
            line.append(plain(in_words(one.name)), "bold")
            words = fields_in_words(one.fields, one.at)
            line.append(f"  {words}" if words else "")
            console.print(line, soft_wrap=True)
    for each in silent:
        messages().print(Text(f"! {each.service} is not reachable: {each.trouble}", "yellow"), soft_wrap=True)
