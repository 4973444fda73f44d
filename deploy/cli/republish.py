"""`veilig republish`: sends the events of open cases again, with the ids they had. Readers drop what they know."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from deploy.cli.connection import Exit, give_up
from deploy.cli.noting import ActorOption, check_actor, noted, security_of
from deploy.cli.place import settings_here
from deploy.cli.words import plain
from deploy.contracts.subscriptions import BUILDERS
from shared.contracts.topics import internal_topics, partner_topics
from shared.privacy.security_log import Act
from shared.runtime import logs
from shared.runtime.environment import Settings
from shared.runtime.mongo import AWAY
from shared.runtime.outbox import BrokerAway
from shared.runtime.service import Service


def republish(
    service: Annotated[str | None, typer.Option(help="Only of: " + ", ".join(BUILDERS))] = None,
    topic: Annotated[str | None, typer.Option(help="Only to this topic, e.g. that of a partner that lost it.")] = None,
    actor: ActorOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Sends what is known of open cases again: each event with its old id, oldest first, before what still waits.

    The services may go on meanwhile. Cases that were closed over a day ago are left out. Reads the settings of the
    services; without a database among them those of the stack on this machine. Stopped halfway: give it again.
    Exit status: 0 sent, 2 wrong input, 3 database or broker away.
    """
    check_actor(actor)
    if service is not None and service not in BUILDERS:
        give_up(f"--service is one of: {', '.join(BUILDERS)}.", Exit.WRONG_INPUT)
    settings, _ = settings_here()
    known = {one.name for one in (*internal_topics(), *partner_topics(settings.municipalities))}
    if topic is not None and topic not in known:
        give_up(f"There is no topic {plain(topic)}. `veilig tail` shows those that there are.", Exit.WRONG_INPUT)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)
    try:
        with logs.written_to(sys.stderr):
            counts = asyncio.run(_republish(settings, [service] if service else list(BUILDERS), topic, actor))
    except (BrokerAway, KafkaError) as error:
        give_up(f"The broker is away ({type(error).__name__}). Give it again: twice is harmless.", Exit.AWAY)
    except AWAY as error:
        give_up(f"The database is away ({type(error).__name__}). Give it again: twice is harmless.", Exit.AWAY)
    except PyMongoError as error:
        give_up(f"The database does not let you do this ({type(error).__name__}).", Exit.WRONG_INPUT)
    except ValueError as error:  # a key that is missing; no text of ours holds a value
        give_up(f"The settings do not fit: {error}", Exit.WRONG_INPUT)
    if as_json:
        typer.echo(json.dumps({"topic": topic, "cases": counts}))
        return
    for name, count in counts.items():
        typer.echo(f"{name}: {count} documents sent again.")


async def _republish(settings: Settings, names: list[str], topic: str | None, actor: str) -> dict[str, int]:
    counts = {}
    for name in names:
        made: Service = BUILDERS[name](settings).state.service
        book, object_ = security_of(made.database, name, "republish"), f"republish:{topic or 'all-topics'}"
        try:
            await made.database.ping()
            await made.bus.start_sending()
            async with noted(book, Act.REPUBLISH, object_, actor):
                counts[name] = await made.republish(topic)
        finally:
            await made.bus.stop()
            await made.database.close()
    return counts
