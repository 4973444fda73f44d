"""Where a command finds the settings of the services: the environment, else the stack that runs on this machine."""

from __future__ import annotations

import json
import os

from pydantic import SecretStr, ValidationError

from deploy.cli import connection
from deploy.cli.connection import Exit, give_up
from deploy.local.server import MUNICIPALITIES
from shared.runtime.environment import Settings

GIVEN = ("VEILIG_MONGO_URL", "VEILIG_MONGO_URL_FILE")


def settings_here() -> tuple[Settings, str]:
    """The settings, and the address of the services. Ends the command when there are none, or when they do not fit."""
    try:
        if any(name in os.environ for name in GIVEN):
            settings = Settings()
            return settings, os.environ.get("VEILIG_URL", settings.public_url).rstrip("/")
        stack = json.loads(connection.STACK.read_text())
        settings = Settings(
            environment="local",
            mongo_url=SecretStr(stack["mongo"]),
            kafka_bootstrap_servers=stack["kafka"],
            kafka_end_offsets=stack.get("broker") != "embedded",
            kafka_idempotence=stack.get("broker") != "embedded",
            kafka_replication=1,
            secrets_file=connection.STACK.with_name("secrets.json"),
            public_url=stack["url"],
            schema_url=f"{stack['url']}/schemas",
            municipalities=MUNICIPALITIES,
        )
        return settings, str(stack["url"])
    except ValidationError as error:
        give_up(f"The settings do not fit: {error.errors()[0]['msg']}", Exit.WRONG_INPUT)
    except (OSError, ValueError, KeyError):
        give_up("No stack runs on this machine. Start one with `make run`, or set VEILIG_MONGO_URL.", Exit.WRONG_INPUT)
