"""`veilig retention` on a database of its own."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from deploy.cli import connection, retention
from deploy.cli.connection import Exit
from deploy.local.temporary import Mongo
from shared.privacy.forgetting import Status
from shared.privacy.security_log import SecurityLog
from shared.runtime.environment import utc_now
from shared.runtime.mongo import Database, connect
from tests.deploy.commands import veilig

FORGOTTEN: list[tuple[str, str]] = []


class Shredder:
    """Notes what it was asked to destroy."""

    async def status(self, module: str, document: str) -> Status:
        return Status.HELD if document == "held" else Status.KEPT

    async def forget(self, module: str, document: str, reason: str) -> None:
        FORGOTTEN.append((module, document))


@pytest.fixture
async def filled(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A signal of two years, one of eleven months, one that is held, and an old offer of care."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    for name, value in (("ENVIRONMENT", "local"), ("MONGO_URL", mongo.url), ("DATABASE_PREFIX", prefix)):
        monkeypatch.setenv(f"VEILIG_{name}", value)
    monkeypatch.setattr(retention, "forgetting", lambda *_: Shredder())
    FORGOTTEN.clear()
    database = connect(mongo.url, prefix=prefix)
    await put(database, "intake.reporting", old=730, nearly=345, fresh=10, held=730)
    await put(database, "aftercare.callback", offer=730)
    yield database
    await database.close()


async def put(database: Database, module: str, **days: int) -> None:
    for name, number in days.items():
        since = utc_now() - timedelta(days=number)
        document = {"_id": name, "history": [{"recorded_at": since}], "saved_at": since, "closed": False, "state": {}}
        await database.collection(module).insert_one(document)


async def test_a_dry_run_lists_and_changes_nothing(filled: Database) -> None:
    ended = await veilig("retention", "--dry-run", "--json")
    assert ended.status == 0 and ended.json["dry_run"] is True
    assert [(one["module"], one["document"], one["done"]) for one in ended.json["documents"]] == [
        ("intake.reporting", "held", "held"), ("intake.reporting", "nearly", "reminded"),
        ("intake.reporting", "old", "would-be-forgotten"), ("aftercare.callback", "offer", "would-be-forgotten"),
    ]  # fmt: skip
    assert FORGOTTEN == []


async def test_what_is_due_is_forgotten_for_one_controller_or_all(filled: Database) -> None:
    ended = await veilig("retention", "--controller", "ivp", "--json")
    assert (ended.status, FORGOTTEN) == (0, [("aftercare.callback", "offer")])
    FORGOTTEN.clear()
    await veilig("retention")
    assert ("intake.reporting", "old") in FORGOTTEN and ("intake.reporting", "held") not in FORGOTTEN
    ends = [one for one in await noted(filled, "ivp") if one[2] != "begun"]
    assert ends == [run("retention:1-forgotten", "done")] * 2, "how many, not which"


async def noted(database: Database, owner: str) -> list[tuple[str, ...]]:
    found = await database.collection(f"log.{owner}", "security").find({}).sort("_id", 1).to_list()
    names = ("action", "object", "result", "origin", "actor", "role")
    return [tuple(line[name] for name in names) for line in found]


def run(object_: str, result: str, actor: str = "retention") -> tuple[str, ...]:
    return "forget", object_, result, "veilig/retention", actor, "operator"


async def test_each_run_is_noted_in_the_security_log_of_each_controller_a_dry_one_too(filled: Database) -> None:
    assert (await veilig("retention", "--dry-run", "--controller", "ivp", "--as", "op-1")).status == 0
    dry = "retention:dry-run"
    assert set(await noted(filled, "ivp")) == {run(dry, "begun", "op-1"), run(f"{dry}:0-forgotten", "done", "op-1")}
    assert await noted(filled, "police") == []
    assert (await veilig("retention")).status == 0
    for owner in ("police", "municipality", "bzk", "ivp"):
        forgotten = int(owner in ("police", "ivp"))
        ended = run(f"retention:{forgotten}-forgotten", "done")
        assert {run("retention", "begun"), ended} <= set(await noted(filled, owner)), owner


async def test_what_cannot_be_noted_is_not_begun(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise AutoReconnect("away")

    monkeypatch.setattr(SecurityLog, "note", away)
    ended = await veilig("retention")
    assert (ended.status, FORGOTTEN) == (Exit.AWAY, [])

    async def may_not(*_: object, **__: object) -> None:
        raise OperationFailure("not authorized", 13)

    monkeypatch.setattr(SecurityLog, "note", may_not)
    ended = await veilig("retention")
    assert (ended.status, FORGOTTEN) == (Exit.WRONG_INPUT, []) and "does not let you" in ended.err


async def test_the_list_can_be_read_by_people(filled: Database) -> None:
    ended = await veilig("retention", "--dry-run")
    lines = ended.out.splitlines()
    assert lines[0] == "intake.reporting (police)" and "aftercare.callback (ivp)" in lines
    assert any(line.startswith("  · nearly  signal") and "hold it before then" in line for line in lines)
    assert any(line.startswith("  - old  signal") and "would be forgotten" in line for line in lines)
    assert "2 would-be-forgotten" in ended.err


class Broken(retention.ByPolicy):
    """Where nothing can be destroyed."""

    def __init__(self) -> None: ...

    async def status(self, module: str, document: str) -> Status:
        return Status.KEPT

    async def forget(self, module: str, document: str, reason: str) -> None:
        raise RuntimeError("cannot")


async def test_where_nothing_can_be_destroyed_nothing_is_lost_and_the_status_says_so(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "forgetting", lambda *_: Broken())
    ended = await veilig("retention", "--json")
    assert ended.status == Exit.FOUND_SOMETHING
    assert {one["done"] for one in ended.json["documents"]} >= {"failed"}
    assert '"not_forgotten"' in ended.err, "log lines are not part of the answer"
    assert run("retention:0-forgotten", "failed") in await noted(filled, "police")
    assert run("retention:0-forgotten", "done") in await noted(filled, "bzk"), "nothing went wrong there"


async def test_wrong_input_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("VEILIG_MONGO_URL", "VEILIG_MONGO_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(retention, "STACK", tmp_path / "stack.json")
    ended = await veilig("retention")
    assert (ended.status, len(ended.err.splitlines())) == (Exit.WRONG_INPUT, 1)
    monkeypatch.setenv("VEILIG_MONGO_URL", "mongodb://127.0.0.1:1/")
    for more, status in ((("--controller", "nobody"), Exit.WRONG_INPUT), ((), Exit.WRONG_INPUT)):
        assert (await veilig("retention", *more)).status == status, "production without secrets"
    assert connection.STACK.name == "stack.json"


async def test_a_database_that_is_away_is_status_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILIG_ENVIRONMENT", "local")
    monkeypatch.setenv("VEILIG_MONGO_URL", "mongodb://127.0.0.1:1/")
    monkeypatch.setattr(retention, "connect", lambda url, **more: connect(url, wait_ms=200, **more))
    ended = await veilig("retention", "--dry-run")
    assert ended.status == Exit.AWAY and "away" in ended.err
