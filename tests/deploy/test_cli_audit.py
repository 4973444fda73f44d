"""`veilig audit verify`: whole, changed or away, said by status, and in which batch."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo.errors import OperationFailure

from deploy.local.temporary import Mongo, free_port
from shared.privacy.controllers import Controller
from shared.privacy.logbooks import SEALED, Logbooks
from shared.privacy.processing_log import read_of
from shared.privacy.security_log import Act, SecurityLog
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


async def noted(database: Database, owner: str) -> list[tuple[str, ...]]:
    found = await database.collection(f"log.{owner}", "security").find({"action": "verify"}).sort("_id", 1).to_list()
    return [tuple(line[name] for name in ("object", "result", "origin", "actor", "role")) for line in found]


async def test_each_look_is_noted_in_the_log_of_whose_it_is_and_so_is_what_was_found(
    mongo: Mongo, prefix: str, police: Database
) -> None:
    assert (await verify(mongo, prefix, "--controller", "police", "--as", "auditor-1")).status == 0
    whole = [(f"log:police:{log}", "done", "veilig/audit", "auditor-1", "operator") for log in SEALED]
    assert sorted(await noted(police, "police")) == sorted(whole)
    assert await noted(police, "ivp") == []
    await forge(police)
    assert (await verify(mongo, prefix)).status == 1
    found = sorted(one[:2] for one in await noted(police, "police") if one[3] == "")
    assert found == [("log:police:processing", "failed"), ("log:police:security", "done")]
    assert [one[:2] for one in await noted(police, "ivp")] == [("log:ivp:processing", "done")]
    assert await noted(police, "bzk") == [], "nothing was there to look at"


async def test_what_was_found_counts_also_when_it_cannot_be_noted(
    mongo: Mongo, prefix: str, police: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def may_only_read(*_: object, **__: object) -> None:
        raise OperationFailure("not authorized", 13)

    monkeypatch.setattr(SecurityLog, "note", may_only_read)
    ended = await verify(mongo, prefix)
    assert ended.status == 0 and "not in the security log" in ended.err and "whole" in ended.out
    await forge(police)
    assert (await verify(mongo, prefix)).status == 1


async def test_who_looks_is_an_account_id_and_no_name(mongo: Mongo, prefix: str) -> None:
    ended = await verify(mongo, prefix, "--as", "Jan Jansen")
    assert ended.status == 2 and "account id" in ended.err and "Jan" not in ended.err


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
