"""Which user of the database may reach which databases: one table, made from who answers for which module.

Each service has a user of its own; the line has a server of its own.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.logbooks import database_of

SERVICES = ("intake", "assessment", "funding", "aftercare")
LINE = "confidential-line"
FORWARDER = "forwarder"
"""Posts partners' events over HTTP; runs no module and knows no case."""
REPLICA_SET = "rs0"
USERS = (*SERVICES, LINE, FORWARDER)
UNDER = {"aftercare.confidential_line"}
"""Modules that stand in a service's folder and run elsewhere."""


def modules_of(user: str) -> tuple[str, ...]:
    """The modules that this user's process runs. Raises `ValueError` for a user that is none of ours."""
    if user not in USERS:
        raise ValueError("a user of the database that is none of ours")
    if user == LINE:
        return tuple(UNDER)
    if user == FORWARDER:
        return ()
    return tuple(one for one in CONTROLLERS if one.startswith(f"{user}.") and one not in UNDER)


def databases_of(user: str, prefix: str) -> tuple[str, ...]:
    """The names of the databases that a user may read and write, and no others; the line's are on its own server."""
    modules = modules_of(user)
    if user == FORWARDER:
        return (f"{prefix}_{FORWARDER}",)
    controllers = sorted({CONTROLLERS[one] for one in modules})
    named = ["access", *modules, *(database_of(one) for one in (*controllers, user))]
    if user != LINE:  # which seals with the keys of its own file
        named += [f"keys.{one}" for one in controllers]
    return tuple(sorted({f"{prefix}_{one.replace('.', '_')}" for one in named}))


def controllers_of(user: str) -> tuple[Controller, ...]:
    """Whose wrapping keys this user's process needs; the line's are in its own file."""
    return () if user == LINE else tuple(sorted({CONTROLLERS[one] for one in modules_of(user)}))


def user_command(url: str, prefix: str, known: bool) -> dict[str, Any]:
    """The command that makes the user of this address, or changes one that is `known`.

    Raises `ValueError` for an address without user and password, and for a user that is none of ours, such as root.
    """
    parts = urlsplit(url)
    if not parts.username or not parts.password:
        raise ValueError("an address of the database without user and password")
    user = unquote(parts.username)
    roles = [{"role": "readWrite", "db": name} for name in databases_of(user, prefix)]
    verb = "updateUser" if known else "createUser"
    return {verb: user, "pwd": unquote(parts.password), "roles": roles}
