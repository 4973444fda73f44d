"""`make secrets`: draws everything that is secret in a place of its own, once, into a folder that git does not see.

What belongs together is a folder below it, made whole or not at all and never changed afterwards. Each file is for one
reader: the account (a number) that a container runs as. `hand_over` gives it to that account, which only root can.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploy.docker.certificates import Pair, authority, signed
from deploy.docker.databases import FORWARDER, LINE, REPLICA_SET, SERVICES
from deploy.identity.realm import CLIENTS, realm
from deploy.partners import files
from deploy.partners.forwarder import signing
from shared.privacy.controllers import Controller
from shared.runtime.environment import utc_now

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".secrets"
HOST = "veilig.localhost"
BROKER_HOST = "kafka"
"""Of the broker on the network of the services."""

OURS, KAFKA, MONGO, KEYCLOAK, POSTGRES, PROXY, GRAFANA, PROMETHEUS = 10001, 1000, 999, 1000, 70, 10002, 472, 65534
"""Accounts that containers run as: ours, and those that the makers of the other images chose."""
NOBODY = -1
"""A file that no container reads; it stays with who made it."""

Files = Mapping[str, tuple[int, str]]
"""Name of a file -> account that reads it, and what is in it."""


@dataclass(frozen=True)
class Place:
    """What the secrets of a place depend on. `host`: the name that people and partners reach it by."""

    host: str = HOST
    now: datetime | None = None

    @property
    def moment(self) -> datetime:
        """When certificates begin."""
        return self.now or utc_now()


def _key() -> str:
    return secrets.token_hex(32)


def _lines(**said: str) -> str:
    return "".join(f"{name.replace('_', '-')}={value}\n" for name, value in said.items())


def chain(_: Place) -> Files:
    """Keys of the four services. The line gets none of them."""
    return {"service.json": (OURS, json.dumps({"reference_key": _key(), "partner_key": _key()}))}


def line(_: Place) -> Files:
    """Keys of the line, and the two that every process must have and the line uses for nothing (INV-8)."""
    own = {"wrapping_keys": {"1": _key()}, "mark_key": _key()}
    unused = {"reference_key": _key(), "partner_key": _key()}
    return {"line.json": (OURS, json.dumps(own)), "service.json": (OURS, json.dumps(unused))}


def wrapping(_: Place) -> Files:
    """A file of wrapping keys for each controller, mounted where its modules run."""
    chained = [one for one in Controller if one is not Controller.CONFIDENTIAL_LINE]
    return {f"{one}.json": (OURS, json.dumps({"1": _key()})) for one in chained}


def _database(host: str, users: tuple[str, ...]) -> Files:
    def address(user: str, password: str) -> str:
        more = f"authSource=admin&replicaSet={REPLICA_SET}&w=majority&journal=true"
        return f"mongodb://{user}:{password}@{host}:27017/?{more}"

    root = secrets.token_urlsafe(32)
    made = {"root-password": (MONGO, root), "root-url": (OURS, address("root", root))}
    return made | {f"{user}-url": (OURS, address(user, secrets.token_urlsafe(32))) for user in users}


def database(_: Place) -> Files:
    """The database of the chain: its root, and the address of each service and the forwarder, each its own user."""
    return _database("database", (*SERVICES, FORWARDER))


def line_database(_: Place) -> Files:
    """The line's own database."""
    return _database("line-database", (LINE,))


def kafka(place: Place) -> Files:
    """Authorities for inside and for partners, the broker's pair, and one for each service and who administers it."""
    made = files.keys((BROKER_HOST, "127.0.0.1", place.host), place.moment)
    found = {name: (KAFKA if name.startswith(files.BROKER) else OURS, content) for name, content in made.items()}
    name = f"{files.INTERNAL}.key"
    return found | {name: (NOBODY, made[name])}


def identity(place: Place) -> Files:
    """Keycloak's first administrator and database, the key that each client shows it, and the realm that knows them."""
    password = secrets.token_urlsafe(32)
    root = authority("Veilig Bestuur pages", place.moment)
    clients = {name: signed(root, name, place.moment) for name in CLIENTS}
    told = realm(f"https://{place.host}", {name: _bare(one) for name, one in clients.items()})
    made = {
        "keycloak.conf": (KEYCLOAK, _lines(db_password=password, bootstrap_admin_username="temporary-admin",
                                           bootstrap_admin_password=secrets.token_urlsafe(32))),
        "realm.json": (KEYCLOAK, json.dumps(told, indent=2)),
        "database-password": (POSTGRES, password),
    }  # fmt: skip
    return made | {f"{name}-key.pem": (OURS, one.key_pem) for name, one in clients.items()}


def _bare(pair: Pair) -> str:
    return "".join(pair.certificate_pem.split("\n")[1:-2])


def proxy(place: Place) -> Files:
    """The certificate of the address that people use, and whom services trust for it. Replace it by a real one."""
    root = authority("Veilig Bestuur proxy", place.moment)
    made = signed(root, place.host, place.moment, hosts=(place.host,))
    return {
        "certificate.pem": (PROXY, made.certificate_pem),
        "key.pem": (PROXY, made.key_pem),
        "trusted.pem": (OURS, root.certificate_pem),
    }


def observe(_: Place) -> Files:
    """The first administrator of Grafana, and the token for `/metrics`: for services, and for who asks them."""
    token = _key()
    return {
        "grafana-password": (GRAFANA, secrets.token_urlsafe(32)),
        "metrics-token": (OURS, token),
        "prometheus-token": (PROMETHEUS, token),
    }


def forwarder(_: Place) -> Files:
    """The key that signs events over HTTP, and its public half, which partners get."""
    pem = signing.new_key()
    return {"signing-key.pem": (OURS, pem), "jwks.json": (OURS, signing.public_keys(pem))}


FOLDERS: dict[str, Callable[[Place], Files]] = {
    "chain": chain, "line": line, "wrapping": wrapping, "database": database, "line-database": line_database,
    "kafka": kafka, "forwarder": forwarder, "identity": identity, "proxy": proxy, "observe": observe,
}  # fmt: skip


def write(folder: Path, place: Place) -> list[str]:
    """Makes the folders that are missing; returns their names. Raises `OSError`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    made = []
    for name, draw in FOLDERS.items():
        whole, fresh = folder / name, folder / f"{name}.new"
        if whole.exists():
            continue
        if fresh.exists():  # a run that was stopped halfway; nobody uses these
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        for file, (_, content) in draw(place).items():
            with os.fdopen(os.open(fresh / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
                opened.write(content)
        fresh.rename(whole)
        made.append(name)
    return made


def readers() -> dict[str, int]:
    """Every file, such as `chain/service.json`, and the account that reads it."""
    place = Place()
    return {f"{name}/{file}": owner for name, draw in FOLDERS.items() for file, (owner, _) in draw(place).items()}


def hand_over(folder: Path, give: Callable[[Path, int, int], None] = os.chown) -> int:
    """Gives each file that is there to its reader; returns how many. Raises `OSError`, for who is not root."""
    there = [(folder / file, owner) for file, owner in readers().items() if owner != NOBODY]
    there = [(path, owner) for path, owner in there if path.exists()]
    for path, owner in there:
        give(path, owner, owner)
    return len(there)


def main(arguments: list[str] | None = None) -> int:
    """The command. Status 0: done; 2: it cannot be done, with one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="make secrets", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--host", default=HOST, help="name that people and partners reach this place by")
    parser.add_argument("--hand-over", action="store_true", help="only give the files to the accounts that read them")
    asked = parser.parse_args(arguments)
    try:
        if not asked.hand_over:
            made = write(asked.folder, Place(asked.host))
            for name in FOLDERS:
                print(f"  {name:<14} {'made' if name in made else 'was there, kept'}")
        if asked.hand_over or os.geteuid() == 0:
            if not (count := hand_over(asked.folder)):
                sys.stderr.write("There is nothing secret here yet: give `make secrets` first.\n")
                return 2
            print(f"{count} files are with the accounts that read them.")
        else:
            print("Docker gives each file to its reader at the first start (the service `owners`).")
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
