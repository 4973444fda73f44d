"""Makes a new MongoDB ready: a replica set of one member, and a user for each service. Giving it again changes nothing.

Passwords of users become those in the files, so a new file and a restart is how a password is changed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.docker.databases import REPLICA_SET, user_command
from shared.runtime.mongo import AWAY

NOT_YET, ALREADY = 94, 23
"""The server's codes: it is no replica set yet; it is one already."""
PAUSE_SECONDS = 1.0


class NotReady(Exception):
    """It did not become ready in time. The text says what it was waiting for."""


class Server(Protocol):
    """What is asked of a server: commands on its database `admin`. Raises one of `AWAY`, and `OperationFailure`."""

    def command(self, command: str | Mapping[str, Any]) -> Mapping[str, Any]: ...


def connect_alone(url: str) -> Server:
    """The server at this address itself, whatever set it is in; `AWAY` within five seconds when it is not there."""
    address = url.replace(f"replicaSet={REPLICA_SET}", "directConnection=true")
    client: MongoClient[dict[str, Any]] = MongoClient(address, serverSelectionTimeoutMS=5_000)
    return cast(Server, client.admin)


def make_ready(
    server: Server, host: str, users: tuple[str, ...], prefix: str, *, seconds: float = 60.0,
    pause: Callable[[float], None] = time.sleep,
) -> list[str]:  # fmt: skip
    """Makes the set and the users of these addresses; returns the names of the users. Raises `NotReady`.

    `host`: name and port that the member is known by.
    """
    end = time.monotonic() + seconds
    _until(lambda: _initiated(server, host), "the replica set", end, pause)
    _until(lambda: bool(server.command("hello").get("isWritablePrimary")), "a primary", end, pause)
    made = []
    for url in users:
        name = urlsplit(url).username or ""
        known = bool(server.command({"usersInfo": name})["users"])
        server.command(user_command(url, prefix, known))
        made.append(name)
    return made


def _initiated(server: Server, host: str) -> bool:
    try:
        server.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code != NOT_YET:
            raise
        try:
            config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]}
            server.command({"replSetInitiate": config})
        except OperationFailure as other:
            if other.code != ALREADY:
                raise
    return True


def _until(true: Callable[[], bool], what: str, end: float, pause: Callable[[float], None]) -> None:
    while True:
        try:
            if true():
                return
        except AWAY:  # it starts, or looks for its primary
            pass
        if time.monotonic() > end:
            raise NotReady(f"{what} did not come")
        pause(PAUSE_SECONDS)
