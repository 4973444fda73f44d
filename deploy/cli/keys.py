"""`veilig keys`: the wrapping keys of a controller. Talks to the database itself, with the settings of a service."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from typing import Annotated

import typer
from pydantic import SecretStr, ValidationError
from pymongo.errors import PyMongoError

from deploy.cli.connection import STACK, Exit, give_up, messages
from deploy.cli.noting import ActorOption, check_actor, noted, security_of
from shared.privacy.controllers import Controller
from shared.privacy.keyring import Keyring, keys_of
from shared.privacy.security_log import Act
from shared.privacy.vaults import wrapping_keys
from shared.runtime.environment import Settings
from shared.runtime.mongo import AWAY, connect

app = typer.Typer(no_args_is_help=True, help="The keys that wrap the keys of cases.")


@app.callback()
def keys() -> None:
    """The keys that wrap the keys of cases."""


@app.command()
def rotate(
    controller: Annotated[str, typer.Argument(metavar="CONTROLLER", help="One of: " + ", ".join(Controller))],
    actor: ActorOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Wraps all keys of a controller's cases with the newest version of its wrapping key.

    Reads the same settings as a service; without VEILIG_MONGO_URL those of the stack on this machine. Stopped halfway,
    give it again: it goes on. It leaves two lines in the controller's security log, or does not begin.
    Exit status: 0 all wrapped with the newest, 1 some could not be opened, 2 wrong input, 3 the database is away.
    """
    if controller not in {known.value for known in Controller}:
        give_up(f"A controller is one of: {', '.join(Controller)}.", Exit.WRONG_INPUT)
    try:
        check_actor(actor)
        settings = _settings()
        wrapping = wrapping_keys(settings.keys(), Controller(controller), local=settings.local)
        done, already, lost = asyncio.run(_rotate(settings, Controller(controller), wrapping, actor))
    except (OSError, KeyError, ValidationError, ValueError) as error:
        why = str(error) if type(error) is ValueError else type(error).__name__
        give_up(f"The settings do not fit: {why}", Exit.WRONG_INPUT)
    except AWAY as error:
        give_up(f"The database is away: {type(error).__name__}. What was done stays; give it again.", Exit.AWAY)
    except PyMongoError as error:
        give_up(f"The database does not let you do this ({type(error).__name__}).", Exit.WRONG_INPUT)
    told = {"controller": controller, "version": max(wrapping), "wrapped": done, "already": already, "lost": lost}
    typer.echo(json.dumps(told) if as_json else _sentence(told))
    if lost:
        give_up(f"{lost} could not be opened with any wrapping key that is here.", Exit.FOUND_SOMETHING)


def _settings() -> Settings:
    """Those of the environment, else those of the stack that runs on this machine."""
    if "VEILIG_MONGO_URL" in os.environ or not STACK.exists():
        return Settings()
    address = SecretStr(str(json.loads(STACK.read_text())["mongo"]))
    secrets_file = STACK.parent / "secrets.json"
    return Settings(environment="local", mongo_url=address, secrets_file=secrets_file)


async def _rotate(
    settings: Settings, controller: Controller, wrapping: Mapping[int, bytes], actor: str
) -> tuple[int, int, int]:
    database = connect(
        settings.mongo_url.get_secret_value(), driver=settings.mongo_driver, prefix=settings.database_prefix
    )
    try:
        keyring = Keyring(controller, keys_of(database, controller), wrapping)
        counts, book = (0, 0, 0), security_of(database, controller, "keys")
        async with noted(book, Act.ROTATE_KEY, f"keys:{controller}:version-{keyring.newest}", actor) as outcome:
            async for counts in keyring.rotate():
                messages().print(f"  {sum(counts)} looked at, {counts[0]} wrapped", soft_wrap=True)
            outcome.failed = counts[2] > 0
        return counts
    finally:
        await database.close()


def _sentence(told: dict[str, object]) -> str:
    return (
        f"All keys of {told['controller']} are wrapped with version {told['version']}: "
        f"{told['wrapped']} now, {told['already']} before."
        if not told["lost"]
        else f"{told['wrapped']} wrapped with version {told['version']}, {told['already']} before."
    )
