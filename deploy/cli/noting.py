"""Lines in the security logs about what an operator's command did (BIO2 8.15.01).

The actor is the account id that the operator gives with `--as`, or nobody. Never the name of the account on the
machine: that is mostly a person's name, and nobody checked it either.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Annotated

import typer
from pymongo.errors import PyMongoError

from deploy.cli.connection import ACCOUNT, Exit, give_up
from shared.privacy.logbooks import SECURITY, database_of
from shared.privacy.security_log import Act, SecurityLog
from shared.runtime.mongo import Database

OPERATOR = "operator"
"""The role of whoever runs a command."""

ActorOption = Annotated[
    str, typer.Option("--as", help="Your account id, for the security log. Without it: that it was an operator.")
]


def check_actor(actor: str) -> str:
    """The account id, or empty. Ends the command for anything else."""
    if actor and not re.fullmatch(ACCOUNT, actor):
        give_up("--as is an account id: small letters, digits and hyphens, at most 40.", Exit.WRONG_INPUT)
    return actor


def security_of(database: Database, owner: str, command: str) -> SecurityLog:
    """The security log of a controller or service, with the command as origin."""
    return SecurityLog(database.collection(database_of(owner), SECURITY), f"veilig/{command}")


@dataclass
class Outcome:
    """How it went; who does it says so when something went wrong. `object_`: what it was about, a count added maybe."""

    object_: str
    failed: bool = False


@asynccontextmanager
async def noted(book: SecurityLog, act: Act, object_: str, actor: str) -> AsyncIterator[Outcome]:
    """A line before it begins, and one with the result. What cannot be noted is not begun: the database's error comes.

    Whoever stops it with Ctrl-C, or an error, leaves `failed`; a process that is killed leaves `begun` alone.
    """
    await book.note(act, object_, "begun", actor=actor, role=OPERATOR)
    outcome = Outcome(object_)
    try:
        yield outcome
    except BaseException:
        with suppress(PyMongoError):  # the error itself says more
            await book.note(act, object_, "failed", actor=actor, role=OPERATOR)
        raise
    await book.note(act, outcome.object_, "failed" if outcome.failed else "done", actor=actor, role=OPERATOR)
