"""`veilig shred`, `veilig hold` and `veilig keys rotate`: what they ask, what they say, and how they end."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from deploy.cli.shred import MODULES
from deploy.local.temporary import Mongo, free_port
from services.aftercare.app import BILLING, CALLBACK
from services.assessment.app import MEASURES, WEIGHING
from services.funding.app import COSTS, SAFETY_NET
from services.intake.app import REPORTING
from shared.privacy.controllers import Controller
from shared.privacy.keyring import Keyring, keys_of
from shared.privacy.security_log import SecurityLog
from shared.runtime.mongo import connect
from tests.access.signing import ISSUER, jwks_file
from tests.deploy.commands import Ended, veilig

CASE = "0123456789abcdef" * 2
POLICE = ("--service", "intake", "--as", "police", "--actor", "agent-1")


@contextmanager
def answering(status: int, body: Any) -> Iterator[tuple[str, list[tuple[str, str, Any, dict[str, str]]]]]:
    """A service with one answer. Yields its address, and method, path, body and headers of what was asked."""
    asked: list[tuple[str, str, Any, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, json.loads(sent) if sent else None, dict(self.headers)))
            self.send_response(status)
            self.end_headers()
            self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


async def done(command: str, *options: str, status: int = 201, body: Any = None) -> tuple[Ended, Any]:
    with answering(status, {"status": "asked"} if body is None else body) as (url, asked):
        ended = await veilig(command, CASE, *options, "--url", url, "--token", "a.b.c")
    return ended, asked[0][:3] if asked else None


@pytest.mark.parametrize(
    ("command", "options", "wanted"),
    [
        (
            "shred",
            ("--reason", "mistake"),
            ("POST", "/intake/v1/shreddings/reporting", {"case": CASE, "reason": "mistake"}),
        ),
        ("shred", ("--confirm",), ("POST", f"/intake/v1/shreddings/reporting/{CASE}/confirmations", None)),
        ("shred", (), ("GET", f"/intake/v1/shreddings/reporting/{CASE}", None)),
        ("hold", ("--reason", "claim"), ("POST", "/intake/v1/holds/reporting", {"case": CASE, "reason": "claim"})),
        ("hold", ("--release",), ("POST", f"/intake/v1/holds/reporting/{CASE}/releases", None)),
    ],
)
async def test_what_is_asked(command: str, options: tuple[str, ...], wanted: tuple[str, str, Any]) -> None:
    ended, asked = await done(command, *POLICE, *options)
    assert (ended.status, ended.err, asked) == (0, "", wanted)
    assert ended.out == "Destroying is asked for. A second person of the controller confirms it with --confirm.\n"


async def test_who_asks_is_told_and_each_try_has_a_key() -> None:
    with answering(201, {"status": "destroyed"}) as (url, asked):
        town = ("--service", "funding", "--module", "safety-net", "--as", "bzk", "--actor", "bzk-1", "--confirm")
        machine = await veilig("shred", CASE, *town, "--url", url, "--token", "a.b.c", "--json")
    assert machine.status == 0 and machine.json == {"status": "destroyed"}
    assert asked[0][3]["Authorization"] == "Bearer a.b.c" and uuid.UUID(asked[0][3]["Idempotency-Key"])


@pytest.mark.parametrize(
    ("status", "body", "code", "sentence"),
    [
        (409, {"detail": "Dit dossier moet bewaard blijven."}, 1, "Dit dossier moet bewaard blijven.\n"),
        (404, {"detail": "Deze zaak is niet bekend."}, 1, "Deze zaak is niet bekend.\n"),
        (503, {"detail": "Even niet."}, 3, "Even niet.\n"),
        (200, "<html>", 3, "Something else stands at this address: it answers 200.\n"),
    ],
)
async def test_what_is_refused_is_said(status: int, body: Any, code: int, sentence: str) -> None:
    ended, _ = await done("shred", *POLICE, "--confirm", status=status, body=body)
    assert (ended.status, ended.out, ended.err) == (code, "", sentence)


async def test_a_service_that_is_away() -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    ended = await veilig("hold", CASE, *POLICE, "--release", "--url", nowhere, "--token", "a.b.c")
    assert ended.status == 3 and ended.err.startswith("The service could not be asked")


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("shred", (*POLICE, "--reason", "mistake", "--confirm")),
        ("shred", (*POLICE, "--reason", "unknown")),
        ("shred", (*POLICE, "--module", "weighing")),
        ("shred", ("--service", "assessment", "--as", "police", "--actor", "a")),
        ("shred", ("--service", "nowhere", "--as", "police", "--actor", "a")),
        ("shred", ("--service", "intake", "--as", "nobody", "--actor", "a")),
        ("shred", ("--service", "intake", "--as", "police", "--actor", "Jan Jansen")),
        ("hold", POLICE),
        ("hold", (*POLICE, "--reason", "claim", "--release")),
        ("hold", (*POLICE, "--reason", "zomaar")),
    ],
)
async def test_wrong_input_asks_nothing(command: str, options: tuple[str, ...]) -> None:
    ended, asked = await done(command, *options)
    assert (ended.status, asked) == (2, None) and ended.err.count("\n") == 1


def test_every_module_with_secrets_can_be_named() -> None:
    modules = (REPORTING, WEIGHING, MEASURES, COSTS, SAFETY_NET, CALLBACK, BILLING)
    there = {one.name.replace("_", "-") for one in modules if one.secrets}
    assert {f"{service}.{module}" for service, named in MODULES.items() for module in named} == there


# keys rotate


@pytest.fixture
def place(mongo: Mongo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    prefix, file = f"t{uuid.uuid4().hex[:12]}", tmp_path / "secrets.json"
    for name, value in {
        "ENVIRONMENT": "production", "MONGO_URL": mongo.url, "DATABASE_PREFIX": prefix, "SECRETS_FILE": str(file),
        "ISSUER": ISSUER, "JWKS_FILE": str(jwks_file()), "OIN": "00000001234567890000",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"VEILIG_{name}", value)
    yield prefix, file


def write(file: Path, **wrapping: bytes) -> None:
    keys = {"reference_key": secrets.token_hex(32), "partner_key": secrets.token_hex(32)}
    police = {name.removeprefix("v"): key.hex() for name, key in wrapping.items()}
    file.write_text(json.dumps(keys | {"wrapping_keys": {"police": police}}))


async def test_keys_are_wrapped_anew_and_the_second_time_there_is_nothing_to_do(
    mongo: Mongo, place: tuple[str, Path]
) -> None:
    prefix, file = place
    one, two = secrets.token_bytes(32), secrets.token_bytes(32)
    database = connect(mongo.url, prefix=prefix)
    collection = keys_of(database, Controller.POLICE)
    for number in range(3):
        await Keyring(Controller.POLICE, collection, {1: one}).obtain(f"toy:{number}")
    write(file, v1=one, v2=two)
    first = await veilig("keys", "rotate", "police", "--json")
    assert (first.status, first.json) == (
        0, {"controller": "police", "version": 2, "wrapped": 3, "already": 0, "lost": 0},
    )  # fmt: skip
    assert "3 looked at, 3 wrapped" in first.err
    again = await veilig("keys", "rotate", "police")
    assert again.out == "All keys of police are wrapped with version 2: 0 now, 3 before.\n"
    write(file, v3=secrets.token_bytes(32))
    lost = await veilig("keys", "rotate", "police", "--as", "op-1")
    assert lost.status == 1 and "3 could not be opened" in lost.err
    lines = await database.collection("log.police", "security").find({}).sort("_id", 1).to_list()
    assert {(one["action"], one["origin"], one["role"]) for one in lines} == {("rotate-key", "veilig/keys", "operator")}
    assert sorted((one["object"], one["result"], one["actor"]) for one in lines) == [
        ("keys:police:version-2", "begun", ""), ("keys:police:version-2", "begun", ""),
        ("keys:police:version-2", "done", ""), ("keys:police:version-2", "done", ""),
        ("keys:police:version-3", "begun", "op-1"), ("keys:police:version-3", "failed", "op-1"),
    ]  # fmt: skip
    assert (
        len(await Keyring(Controller.POLICE, collection, {2: two}).find([f"toy:{number}" for number in range(3)])) == 3
    )
    await database.close()


async def test_a_rotation_without_what_it_needs_says_so(place: tuple[str, Path]) -> None:
    _, file = place
    assert (await veilig("keys", "rotate", "nobody")).status == 2
    missing = await veilig("keys", "rotate", "police")
    assert (missing.status, missing.err) == (2, "The settings do not fit: ValidationError\n")
    write(file, v1=secrets.token_bytes(32))
    none = await veilig("keys", "rotate", "ivp")
    assert none.status == 2 and "no wrapping key of ivp" in none.err
    assert (await veilig("keys", "rotate", "police", "--as", "Jan Jansen")).status == 2


async def test_a_rotation_that_breaks_off_is_noted_as_failed_and_one_that_cannot_be_noted_does_not_begin(
    mongo: Mongo, place: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix, file = place
    write(file, v1=secrets.token_bytes(32))

    async def breaks(self: Keyring) -> AsyncIterator[tuple[int, int, int]]:
        yield 1, 0, 0
        raise AutoReconnect("away")

    monkeypatch.setattr(Keyring, "rotate", breaks)
    assert (await veilig("keys", "rotate", "police")).status == 3
    database = connect(mongo.url, prefix=prefix)
    lines = await database.collection("log.police", "security").find({}).sort("_id", 1).to_list()
    assert sorted(one["result"] for one in lines) == ["begun", "failed"]
    await database.close()

    async def may_not(*_: object, **__: object) -> None:
        raise OperationFailure("not authorized", 13)

    monkeypatch.setattr(SecurityLog, "note", may_not)
    refused = await veilig("keys", "rotate", "police")
    assert refused.status == 2 and "does not let you" in refused.err and "looked at" not in refused.err
