"""`veilig init`: what must be there before the services start. Topics on the broker, users in the database."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from aiokafka.errors import KafkaConnectionError, KafkaError, NodeNotReadyError, RequestTimedOutError
from pymongo.errors import PyMongoError

from deploy.cli.connection import Exit, give_up, unfit
from deploy.contracts.subscriptions import readings
from deploy.docker.databases import USERS
from deploy.docker.replica_set import NotReady, connect_alone, make_ready
from deploy.partners.broker import AccessDesk, BrokerRefuses, agree
from shared.contracts.topics import Topic, internal_topics, partner_topics, replay_topic
from shared.runtime.environment import Settings
from shared.runtime.kafka import ensure_topics

BROKER_AWAY = (KafkaConnectionError, NodeNotReadyError, RequestTimedOutError)


def every_topic(municipalities: tuple[str, ...]) -> tuple[Topic, ...]:
    """All topics of a place: internal, partners', and the replays of every subscription of every service."""
    replays = tuple(replay_topic(one.group) for one in readings())
    return (*internal_topics(), *partner_topics(municipalities), *replays)


def init(
    topics: Annotated[bool, typer.Option(help="Create the topics that are missing.")] = True,
    database_root: Annotated[
        Path | None, typer.Option(help="File with the address of the database as its root user.")
    ] = None,
    database_users: Annotated[
        Path | None, typer.Option(help="Folder with a file `<service>-url` for each user to make.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long to wait for what is not there yet.")] = 60.0,
) -> None:
    """Creates topics, the access rules of our services, and users of the database with their own databases only.

    Giving it again changes nothing.

    Broker and municipalities are those of the settings (VEILIG_KAFKA_..., VEILIG_MUNICIPALITIES).
    Exit status: 0 all there, 2 wrong input or refused, 3 broker or database away.
    """
    # What services must have to hold real data is not asked here: no key is used, and nothing of a case is touched.
    try:
        settings = Settings.model_validate({"environment": "local"})
        settings.tls()
    except ValueError as error:
        unfit(error)
    if database_root is not None:
        if database_users is None:
            give_up("Give --database-users with --database-root.", Exit.WRONG_INPUT)
        _make_users(database_root, database_users, settings.database_prefix, seconds)
    if topics:
        wanted = every_topic(settings.municipalities)
        _make_topics(settings, wanted, seconds)
        typer.echo(f"{len(wanted)} topics are there.")
        if settings.kafka_security != "plaintext":
            _make_rules(settings)


def _make_rules(settings: Settings) -> None:
    """Where the broker knows who is who, it also knows who may do what."""
    try:
        added, dropped, wanted = agree(AccessDesk(settings), settings.municipalities)
    except BrokerRefuses as error:
        give_up(str(error), Exit.AWAY)
    typer.echo(f"{wanted} access rules are there: {added} added, {dropped} taken away.")


def _make_users(root: Path, folder: Path, prefix: str, seconds: float) -> None:
    try:
        address = root.read_text().strip()
        files = [folder / f"{user}-url" for user in USERS]  # the root's own address may be in the same folder
        users = tuple(file.read_text().strip() for file in files if file.exists())
        host = urlsplit(address).netloc.rpartition("@")[2]
        made = make_ready(connect_alone(address), host, users, prefix, seconds=seconds)
    except NotReady as error:
        give_up(f"The database is away: {error} within {seconds:g} s.", Exit.AWAY)
    except (OSError, ValueError) as error:
        give_up(f"The addresses of the database cannot be used ({type(error).__name__}).", Exit.WRONG_INPUT)
    except PyMongoError as error:  # its text may repeat the command, with a password in it
        give_up(f"The database does not let you do this ({type(error).__name__}).", Exit.WRONG_INPUT)
    typer.echo(f"The database knows: {', '.join(made)}.")


def _make_topics(settings: Settings, wanted: tuple[Topic, ...], seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            asyncio.run(ensure_topics(settings, wanted))
            return
        except BROKER_AWAY as error:
            if time.monotonic() > end:
                give_up(f"The broker is away ({type(error).__name__}).", Exit.AWAY)
            time.sleep(1.0)
        except KafkaError as error:
            give_up(f"The broker does not let you do this ({type(error).__name__}).", Exit.WRONG_INPUT)
