"""Which broker, services and database a command talks to: what was given, else the stack that runs on this machine."""

from __future__ import annotations

import json
import logging
import re
from enum import IntEnum
from typing import Annotated, NoReturn

import httpx2
import typer
from pydantic import ValidationError
from rich.console import Console

from deploy.identity.asking import NoLocalIssuer, ask
from deploy.identity.people import Who
from deploy.local.launcher import Options
from shared.runtime.kafka_access import access_of

STACK = Options().data / "stack.json"
"""Written by `veilig run` while it runs."""

ACCOUNT = r"^[a-z0-9-]{1,40}$"
"""An account id without personal meaning; the services ask for the same."""

LONGEST_REASON = 120
"""Characters of a reason that stays with what an operator did."""


class Exit(IntEnum):
    """What the exit status of a command says."""

    FOUND_SOMETHING = 1
    WRONG_INPUT = 2
    AWAY = 3


KafkaOption = Annotated[
    str | None,
    typer.Option(
        "--kafka",
        help="Broker, as host:port. Without it: that of the stack on this machine.",
        envvar="VEILIG_KAFKA_BOOTSTRAP_SERVERS",
    ),
]
UrlOption = Annotated[
    str | None,
    typer.Option("--url", help="Address of the services. Without it: the stack on this machine.", envvar="VEILIG_URL"),
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        help="Access token of the place's issuer. Without it: one of the local issuer, for the role and account asked.",
        envvar="VEILIG_TOKEN",
    ),
]


MongoOption = Annotated[
    str | None,
    typer.Option(
        "--mongo",
        help="Database, as mongodb://HOST:PORT/. Without it: that of the stack on this machine.",
        envvar="VEILIG_MONGO_URL",
    ),
]


def give_up(sentence: str, status: Exit) -> NoReturn:
    """Ends the command with one sentence on standard error."""
    messages().print(sentence, soft_wrap=True, markup=False)
    raise typer.Exit(status)


def account_id(actor: str | None) -> str:
    """The account id of who gives a command. Ends the command for anything else."""
    if actor is None or not re.fullmatch(ACCOUNT, actor):
        give_up("Say who you are: --as ACCOUNT, small letters, digits and dashes. No name.", Exit.WRONG_INPUT)
    return actor


def one_line(reason: str) -> str:
    """A reason that is kept with what an operator did. Ends the command when it is longer, or more than a line."""
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        give_up(f"Keep the reason to one line of at most {LONGEST_REASON} characters.", Exit.WRONG_INPUT)
    return reason.strip()


def unfit(error: ValueError) -> NoReturn:
    """Ends the command with what is wrong with the settings. No text of ours holds a key or password."""
    why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
    give_up(f"The settings do not fit: {why}", Exit.WRONG_INPUT)


def messages() -> Console:
    """Where sentences to the operator go; standard output is for what was asked."""
    return Console(stderr=True, highlight=False)


def kafka_address(given: str | None) -> str:
    """Address of the broker. Ends the command when there is none to be found, or when `VEILIG_KAFKA_...` do not fit."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)  # what is wrong is said in one sentence, by us
    address = _known(given, "kafka", "--kafka HOST:PORT")
    try:
        access_of(address).client()
    except ValueError as error:
        unfit(error)
    return address


def services_url(given: str | None) -> str:
    """Address of the services, without a slash at the end. Ends the command when there is none to be found."""
    return _known(given, "url", "--url ADDRESS").rstrip("/")


async def signed_in(client: httpx2.AsyncClient, url: str, token: str | None, who: Who) -> dict[str, str]:
    """The header that says who calls: with the token given, else with one that the local issuer makes for `who`."""
    if token:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,8192}", token):
            give_up("That is not an access token.", Exit.WRONG_INPUT)
        return {"Authorization": f"Bearer {token}"}
    try:
        return (await ask(client, url, who)).headers
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        give_up(f"The services at {url} do not answer ({type(error).__name__}).", Exit.AWAY)
    except NoLocalIssuer:
        give_up(f"There is no local sign-in at {url}: give --token, or set VEILIG_TOKEN.", Exit.WRONG_INPUT)


def mongo_url(given: str | None) -> str:
    """Address of the database. Ends the command when there is none to be found."""
    return _known(given, "mongo", "--mongo ADDRESS")


def _known(given: str | None, name: str, option: str) -> str:
    if given:
        return given
    try:
        return str(json.loads(STACK.read_text())[name])
    except (OSError, ValueError, KeyError):
        give_up(f"No stack runs on this machine. Start one with `make run`, or give {option}.", Exit.WRONG_INPUT)
