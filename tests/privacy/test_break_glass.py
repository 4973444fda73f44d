"""Break-glass: with a reason, for a short time, seen by the data protection officer, and not for care."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from shared.contracts.decisions import Refused
from shared.privacy.alarm import Alarm
from shared.privacy.break_glass import Glass, Glasses, Reasons, break_glass
from shared.privacy.controllers import Controller
from shared.privacy.keyring import Keyring, keys_of
from shared.privacy.security_log import SecurityLog
from shared.privacy.vault import UNREADABLE
from shared.runtime.mongo import Database
from shared.runtime.request import Request as Seen
from shared.runtime.request import during
from tests.runtime.toy import START, RealTime

CASE = "0123456789abcdef" * 2
REASON = "Dienstdoende rechercheur is ziek, dreiging nu"


def glass(module: str = "intake.reporting", **fields: Any) -> Glass:
    asked: dict[str, Any] = {"actor": "police-2", "role": "police", "reason": REASON, "at": START}
    return break_glass("glass-1", module, CASE, **(asked | fields))


class Desk:
    """What was broken, with a security log."""

    def __init__(self, database: Database) -> None:
        self.time = RealTime()
        self.lines = database.collection("log.police", "security")
        security = SecurityLog(self.lines, "intake", now=self.time)
        keyring = Keyring(Controller.POLICE, keys_of(database, Controller.POLICE), {1: b"w" * 32})
        self.kept = database.collection("log.police", "break-glass")
        self.glasses = Glasses(self.kept, security, Reasons(Controller.POLICE, keyring, Alarm()), now=self.time)


@pytest.mark.parametrize("module", ["aftercare.callback", "aftercare.billing", "aftercare.confidential_line"])
def test_it_does_not_exist_for_care_and_the_confidential_line(module: str) -> None:
    with pytest.raises(Refused, match="bestaat hier niet"):
        glass(module)


@pytest.mark.parametrize("reason", ["", "   ", "spoed", "x" * 501])
def test_without_a_real_reason_nothing_breaks(reason: str) -> None:
    with pytest.raises(Refused, match="tekens"):
        glass(reason=reason)


@pytest.mark.parametrize("hours", [0, -1, 4.1, 24])
def test_it_is_limited_in_time(hours: float) -> None:
    with pytest.raises(Refused, match="hoogstens 4 uur"):
        glass(hours=hours)


async def test_it_opens_one_case_for_one_account_until_its_time_is_over(database: Database) -> None:
    desk = Desk(database)
    await desk.glasses.prepare()
    assert not await desk.glasses.is_open(CASE, "police-2")
    await desk.glasses.add(glass())
    assert await desk.glasses.is_open(CASE, "police-2")
    assert not await desk.glasses.is_open(CASE, "police-3")
    assert not await desk.glasses.is_open("f" * 32, "police-2")
    desk.time.pass_by(minutes=59, seconds=59)
    assert await desk.glasses.is_open(CASE, "police-2")
    desk.time.pass_by(seconds=1)
    assert not await desk.glasses.is_open(CASE, "police-2")


async def test_the_officer_sees_each_time_with_its_reason_the_newest_first(database: Database) -> None:
    desk = Desk(database)
    first, second = glass(), replace(glass(at=START + timedelta(hours=1)), id="glass-2")
    for one in (first, second, first):
        await desk.glasses.add(one)
    assert await desk.glasses.for_officer() == [second, first]


async def test_the_security_log_has_a_line_without_the_reason_but_with_a_digest_over_it(database: Database) -> None:
    desk = Desk(database)
    await desk.glasses.add(glass())
    (line,) = await desk.lines.find({}).to_list(10)
    assert (line["action"], line["actor"], line["result"]) == ("break-glass", "police-2", "done")
    assert line["object"].startswith(f"intake.reporting:{CASE}:") and line["object"] == glass().object
    assert "rechercheur" not in str(line)
    (told,) = await desk.glasses.for_officer()
    assert told.object == line["object"], "what the officer reads is what was noted"
    assert replace(told, reason=f"{REASON}.").object != line["object"]


async def test_the_reason_is_stored_sealed(database: Database) -> None:
    desk = Desk(database)
    await desk.glasses.add(glass())
    assert REASON not in str(await desk.kept.find({}).to_list(None))
    assert [one.reason for one in await desk.glasses.for_officer()] == [REASON]


async def test_a_reason_that_does_not_open_keeps_the_officer_from_no_other(database: Database) -> None:
    desk = Desk(database)
    await desk.glasses.add(glass())
    await desk.glasses.add(replace(glass(), id="g2", reason=f"{REASON}, nog eens"))
    await desk.kept.update_one({"_id": "g2"}, {"$set": {"reason": "gewoon geschreven"}})
    with during(Seen()):
        shown = {one.reason: desk.glasses.marks(one) for one in await desk.glasses.for_officer()}
    assert shown == {REASON: {}, UNREADABLE: {"unreadable": True}}


async def test_what_cannot_be_noted_does_not_open(database: Database) -> None:
    class Away:
        async def insert_many(self, documents: Any, ordered: bool) -> None:
            raise AutoReconnect("away")

    stored = database.collection("log.police", "break-glass")
    security = SecurityLog(Away(), "intake")  # type: ignore[arg-type]
    keyring = Keyring(Controller.POLICE, keys_of(database, Controller.POLICE), {1: b"w" * 32})
    glasses = Glasses(stored, security, Reasons(Controller.POLICE, keyring, Alarm()), now=RealTime())
    with pytest.raises(AutoReconnect):
        await glasses.add(glass())
    assert not await glasses.is_open(CASE, "police-2")
