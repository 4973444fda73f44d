"""What the line writes down of refusals: that there was one, and nothing that leads to a caller."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from deploy.local.temporary import Mongo
from services.aftercare.confidential_line import refusals as module
from services.aftercare.confidential_line.refusals import Refusals
from shared.privacy.audit import verify
from shared.privacy.logbooks import Logbooks
from shared.privacy.sealer import Sealer
from shared.privacy.security_log import SecurityLog
from shared.runtime.mongo import Database
from tests.access.signing import signed
from tests.services.aftercare.confidential_line.calling import Line, answering

OWN = "log.confidential-line"
AGENT, COOKIE, ADDRESS = "Kanarie-Agent", "session=kanarie-koekje", "192.0.2.77"
TELLING = {"User-Agent": AGENT, "Cookie": COOKIE, "X-Forwarded-For": ADDRESS, "Referer": "http://kanarie.example/"}
WRONG = "1234 5678 9012 3456"
NINE = datetime(2016, 3, 14, 9, 0, tzinfo=UTC)


@pytest.fixture
async def line(mongo: Mongo) -> AsyncIterator[Line]:
    async with answering(mongo) as made:
        yield made


def database_of(line: Line) -> Database:
    found: Database = line.served.app.state.service.database
    return found


async def lines_of(line: Line) -> list[dict[str, Any]]:
    return await database_of(line).collection(OWN, "security").find({}).to_list(None)


async def asks(line: Line, role: str, path: str, actor: str = "account-77") -> int:
    answer = await line.served.client.get(f"/v1/contacts{path}", headers=signed(role, actor) | TELLING)
    return answer.status_code


async def test_a_refusal_at_the_desks_is_a_line_without_who(line: Line) -> None:
    await line.opens("Hallo")
    contact = await line.takes(by="confidant-1")
    assert await asks(line, "confidant", f"/{contact}", "confidant-2") == 404
    assert await asks(line, "office-holder", "/waiting") == 403
    assert await asks(line, "police", "/waiting") == 403
    found = await lines_of(line)
    shown = [{name: one[name] for name in ("action", "object", "result", "role", "actor", "origin")} for one in found]
    nobody = {"action": "access", "result": "refused", "actor": "", "origin": "confidential-line"}
    assert sorted(shown, key=lambda one: (one["object"], one["role"])) == [
        nobody | {"object": "GET /contacts/waiting", "role": "other"},
        nobody | {"object": "GET /contacts/waiting", "role": "other"},
        nobody | {"object": "GET /contacts/{contact}", "role": "confidant"},
    ]
    for telling in (AGENT, "kanarie", ADDRESS, contact, "account-77", "confidant-2", "office-holder", "police"):
        assert telling not in str(found), telling


async def test_no_line_is_finer_than_the_minute(line: Line) -> None:
    assert await asks(line, "family", "/waiting") == 403
    (one,) = await lines_of(line)
    assert (one["at"].second, one["at"].microsecond) == (0, 0)
    assert int(one["_id"][:12], 16) == int(one["at"].timestamp() * 1000), "its id tells no more"
    assert "late_at" not in one


async def test_what_goes_well_or_has_no_sign_in_leaves_no_line(line: Line) -> None:
    code = await line.opens("Hallo")
    await line.reads(code)
    assert (await line.desk("/waiting")).status_code == 200
    assert (await line.served.client.get("/v1/contacts/waiting")).status_code == 401
    assert (await line.calls("contact/about", code, {"wrong": 1})).status_code == 400
    assert await lines_of(line) == []


async def test_wrong_codes_are_a_count_of_the_hour_and_nothing_else(line: Line) -> None:
    code = await line.opens("Hallo")
    await line.reads(code)
    for _ in range(3):
        answer = await line.served.client.get("/v1/contact", headers={"Return-Code": WRONG} | TELLING)
        assert answer.status_code == 404
    assert (await line.calls("contact", "")).status_code == 404, "without a code nobody guesses"
    kept = await database_of(line).collection(OWN, "wrong-codes").find({}).to_list(None)
    assert [set(one) for one in kept] == [{"_id", "count"}] and kept[0]["count"] == 3
    assert kept[0]["_id"].endswith(":00:00+00:00")
    assert await lines_of(line) == [], "the hour is not over"
    assert WRONG.replace(" ", "") not in str(kept)


async def test_nothing_of_it_comes_to_another_controller(line: Line, mongo: Mongo) -> None:
    assert await asks(line, "police", "/waiting") == 403
    names = {name for name in await database_of(line)._client.list_database_names() if "log" in name}
    prefix = line.served.app.state.service.settings.database_prefix
    assert {name for name in names if name.startswith(prefix)} == {f"{prefix}_log_confidential-line"}


class Hours:
    """Refusals on a store of its own, at a moment that the test sets."""

    def __init__(self, database: Database) -> None:
        self.now = NINE
        self.books = Logbooks(database.collection, "confidential-line", now=lambda: self.now)
        self.counts = database.collection(OWN, "wrong-codes")
        self.refusals = Refusals(self.books.security(), self.counts, now=lambda: self.now)
        self.lines = database.collection(OWN, "security")
        self.seals = database.collection(OWN, "security.seals")

    async def told(self) -> list[tuple[str, datetime]]:
        return [(one["object"], one["at"]) for one in await self.lines.find({}).sort("_id", 1).to_list(None)]


@pytest.fixture
def hours(database: Database) -> Hours:
    return Hours(database)


async def test_an_hour_is_told_once_it_is_over_and_once_only(hours: Hours) -> None:
    for minutes in (1, 2, 59, 61):
        hours.now = NINE + timedelta(minutes=minutes, seconds=13)
        await hours.refusals.count()
    assert await hours.refusals.tell() == 0, "somebody may still be counting"
    hours.now = NINE + timedelta(minutes=65)
    left = await hours.counts.find({}).to_list(None)
    assert await hours.refusals.tell() == 1
    assert await hours.told() == [("wrong-codes:3", NINE)]
    await hours.counts.insert_one(min(left, key=lambda one: one["_id"]))  # as if it was stopped before it was removed
    assert await hours.refusals.tell() == 1
    assert await hours.told() == [("wrong-codes:3", NINE)]
    hours.now = NINE + timedelta(hours=5)
    assert await hours.refusals.tell() == 1
    assert await hours.told() == [("wrong-codes:3", NINE), ("wrong-codes:1", NINE + timedelta(hours=1))]


async def test_those_who_guess_at_the_same_moment_are_all_counted(hours: Hours) -> None:
    await asyncio.gather(*(hours.refusals.count() for _ in range(8)))
    (one,) = await hours.counts.find({}).to_list(None)
    assert one["count"] == 8


async def test_a_line_that_comes_after_its_hour_is_sealed_and_the_chain_is_whole(hours: Hours) -> None:
    await hours.refusals.count()
    await hours.refusals.note("GET /contacts/waiting", "police")
    sealer = Sealer(hours.lines, hours.seals, now=lambda: hours.now)
    assert await sealer.seal() == 1
    hours.now = NINE + timedelta(hours=2)
    await hours.refusals.tell()
    assert await sealer.seal() == 1
    report = await verify(hours.lines, hours.seals)
    assert (report.lines, report.waiting, report.faults) == (2, 0, ())


async def test_the_loop_goes_on_after_an_error(hours: Hours, monkeypatch: pytest.MonkeyPatch) -> None:
    await hours.refusals.count()
    hours.now = NINE + timedelta(hours=2)
    errors: list[Exception] = [AutoReconnect("away"), RuntimeError("broken")]
    note = SecurityLog.note

    async def sometimes(*given: Any, **more: Any) -> None:
        if errors:
            raise errors.pop()
        await note(*given, **more)

    monkeypatch.setattr(SecurityLog, "note", sometimes)
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.01)
    running = asyncio.create_task(hours.refusals.run())
    try:
        async with asyncio.timeout(20):
            while await hours.counts.count_documents({}):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        while not running.done():  # a driver may take a cancellation for a broken connection
            running.cancel()
            await asyncio.wait([running], timeout=1)
    assert await hours.told() == [("wrong-codes:1", NINE)]


async def test_where_it_cannot_be_noted_the_refusal_is_still_none_of_theirs(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise AutoReconnect("away")

    monkeypatch.setattr(SecurityLog, "note", away)
    answer = await line.served.client.get(f"/v1/contacts/{uuid.uuid4().hex}", headers=signed("police"))
    assert answer.status_code == 503 and "contact" not in json.dumps(answer.json())
