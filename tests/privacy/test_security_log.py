"""The security log: six things in each line, and no room for personal data."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from shared.privacy.controllers import Controller
from shared.privacy.keyring import Keyring
from shared.privacy.logbooks import Logbooks
from shared.privacy.security_log import Act, SecurityLog
from shared.runtime.mongo import Database
from tests.runtime.toy import START, RealTime

CASE = "0123456789abcdef" * 2


def log_of(database: Database) -> SecurityLog:
    return SecurityLog(database.collection("log.intake", "security"), "intake/a1", now=RealTime())


async def test_a_line_has_action_object_result_origin_actor_and_time(database: Database) -> None:
    log = log_of(database)
    await log.note(Act.ACCESS, "GET /v1/reports/{case}", "refused", actor="police-1", role="police")
    (line,) = await log.collection.find({}).to_list(10)
    del line["_id"]
    assert line == {
        "action": "access", "object": "GET /v1/reports/{case}", "result": "refused", "origin": "intake/a1",
        "actor": "police-1", "role": "police", "at": START,
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"object_": "Kanarie de Vries"}, {"object_": "GET /v1/reports?naam=kanarie"}, {"actor": "Kanarie"},
        {"actor": "kanarie@example.nl"}, {"role": "De burgemeester"}, {"object_": "GET /v1/reports/Kanarie de Vries"},
        {"object_": "GET /v1/reports\nFAKE"},
    ],
)  # fmt: skip
async def test_what_could_hold_personal_data_is_not_taken(database: Database, wrong: dict[str, Any]) -> None:
    log = log_of(database)
    fields: dict[str, Any] = {"object_": CASE, "actor": "police-1", "role": "police"} | wrong
    with pytest.raises(ValueError, match="only"):
        await log.note(Act.SHRED, fields.pop("object_"), "done", **fields)
    assert await log.collection.count_documents({}) == 0


@pytest.mark.parametrize("origin", ["192.0.2.7", "intake/2001:db8::1", "Intake", ""])
async def test_an_address_is_no_origin(database: Database, origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        SecurityLog(database.collection("log.intake", "security"), origin)


async def test_when_it_cannot_be_stored_the_caller_hears_it() -> None:
    class Away:
        async def insert_many(self, documents: Any, ordered: bool) -> None:
            raise AutoReconnect("away")

    with pytest.raises(AutoReconnect):
        await SecurityLog(Away(), "intake").note(Act.SIGN_IN, "", "failed")  # type: ignore[arg-type]


async def test_each_controller_has_logs_of_its_own(database: Database) -> None:
    books = Logbooks(database.collection, "aftercare", "b2")
    books.journal("aftercare.callback")
    await books.prepare()
    await books.security(Controller.IVP).note(Act.EXPORT, CASE, "done", actor="p-1")
    await books.security().note(Act.SIGN_IN, "", "failed")
    counts = [
        await database.collection(f"log.{owner}", "security").count_documents({})
        for owner in ("ivp", "aftercare", "police")
    ]
    assert counts == [1, 1, 0]
    assert books.security(Controller.IVP) is books.security(Controller.IVP)
    keyring = Keyring(Controller.POLICE, database.collection("keys"), {1: secrets.token_bytes(32)})
    assert books.glasses(Controller.POLICE, keyring) is books.glasses(Controller.POLICE, keyring)
    with pytest.raises(KeyError):
        books.journal("toy")
