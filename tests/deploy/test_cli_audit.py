"""`veilig audit verify`: whole, changed or away, said by status, and in which batch."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.temporary import Mongo, free_port
from shared.privacy.controllers import Controller
from shared.privacy.logbooks import Logbooks
from shared.privacy.processing_log import read_of
from shared.privacy.security_log import Act
from shared.runtime.mongo import Database, connect
from tests.deploy.commands import Ended, veilig

CASE = "0123456789abcdef" * 2


@pytest.fixture
async def prefix(mongo: Mongo) -> AsyncIterator[str]:
    """Logs of police and IVP with lines in a batch, under a prefix of the test's own."""
    name = f"t{uuid.uuid4().hex[:12]}"
    database = connect(mongo.url, prefix=name)
    books = Logbooks(database.collection, "intake")
    reads = (("intake.reporting", Controller.POLICE), ("aftercare.callback", Controller.IVP))
    for module, controller in reads:
        line = read_of(module, CASE, actor="a-1", role="police", name="view")
        await books.processing(controller).write([line])
    await books.security(Controller.POLICE).note(Act.ACCESS, "GET /v1/reports/{case}", "refused", actor="a-1")
    assert await books.seal() == 3
    yield name
    await database.close()


@pytest.fixture
async def police(mongo: Mongo, prefix: str) -> AsyncIterator[Database]:
    database = connect(mongo.url, prefix=prefix)
    yield database
    await database.close()


async def verify(mongo: Mongo, prefix: str, *options: str) -> Ended:
    return await veilig("audit", "verify", "--mongo", mongo.url, "--prefix", prefix, *options)


async def forge(database: Database) -> None:
    lines = database.collection("log.police", "processing")
    assert (await lines.update_one({}, {"$set": {"actor": "a-2"}})).matched_count == 1


async def test_whole_logs_are_named_with_their_lines(mongo: Mongo, prefix: str) -> None:
    ended = await verify(mongo, prefix)
    assert ended.status == 0
    assert [line.split()[:2] for line in ended.out.splitlines()] == [
        ["police", "processing"], ["police", "security"], ["ivp", "processing"],
    ]  # fmt: skip
    assert "whole: 1 lines in 1 batches" in ended.out


async def test_a_changed_byte_is_told_with_its_log_and_batch(mongo: Mongo, prefix: str, police: Database) -> None:
    await forge(police)
    ended = await verify(mongo, prefix)
    assert ended.status == 1
    assert "! police processing, batch 1: a line in it was changed" in ended.err
    told = (await verify(mongo, prefix, "--json")).json
    faults = {(one["owner"], one["log"]): one["faults"] for one in told if one["faults"]}
    assert faults == {("police", "processing"): [{"batch": 1, "what": "a line in it was changed"}]}


async def test_one_controller_can_be_looked_at_alone(mongo: Mongo, prefix: str, police: Database) -> None:
    await forge(police)
    assert (await verify(mongo, prefix, "--controller", "ivp")).status == 0
    assert (await verify(mongo, prefix, "--controller", "police")).status == 1
    assert (await verify(mongo, prefix, "--controller", "nobody")).status == 2


async def test_a_head_that_was_kept_is_compared(mongo: Mongo, prefix: str, police: Database, tmp_path: Path) -> None:
    file = tmp_path / "heads.json"
    kept = await verify(mongo, prefix, "--head", "--json")
    assert kept.status == 0 and len(kept.json) == 3
    file.write_text(kept.out)
    assert (await verify(mongo, prefix, "--against", str(file))).status == 0
    seals = police.collection("log.police", "processing.seals")
    await seals.update_one({"_id": 1}, {"$set": {"_was": "removed"}})
    ended = await verify(mongo, prefix, "--against", str(file))
    assert ended.status == 1 and "batch 1" in ended.err
    file.write_text("{}x")
    assert (await verify(mongo, prefix, "--against", str(file))).status == 2
    shown = await verify(mongo, prefix, "--head")
    assert kept.json[0]["digest"] in shown.out


async def test_a_database_that_is_away_says_nothing_about_the_logs() -> None:
    ended = await veilig("audit", "verify", "--mongo", f"mongodb://127.0.0.1:{free_port()}/")
    assert ended.status == 3 and "does not answer" in ended.err and ended.out == ""


async def test_what_is_no_address_is_wrong_input() -> None:
    assert (await veilig("audit", "verify", "--mongo", "mongodb://:::/")).status == 2


async def test_no_lines_are_no_fault(mongo: Mongo) -> None:
    ended = await verify(mongo, f"t{uuid.uuid4().hex[:12]}")
    assert (ended.status, ended.out) == (0, "No lines in any log.\n")
