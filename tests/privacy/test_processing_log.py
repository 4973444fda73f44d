"""The processing log: acknowledged, complete, each line once, and nobody's name in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from shared.privacy.append_log import AppendLog, moment_of
from shared.privacy.controllers import Controller
from shared.privacy.processing_log import ChangeJournal, Line, ProcessingLog, as_ldv, read_of
from shared.runtime.journal import line_id
from shared.runtime.mongo import Collection, Database
from shared.runtime.request import Request, during, trace_of
from tests.runtime.toy import START, Bench, RealTime

CASE = "0123456789abcdef" * 2
TRACE = "ab" * 16


def a_read(**fields: Any) -> Line:
    """A look at a report by the police."""
    line = read_of("intake.reporting", CASE, actor="police-1", role="police", name="view", classes=("identity",))
    return replace(line, **fields)


def police(database: Database, collection: Collection | None = None) -> ProcessingLog:
    return ProcessingLog(Controller.POLICE, collection or database.collection("log.police", "processing"))


class Away:
    """A database that does not answer."""

    async def insert_many(self, documents: Any, ordered: bool) -> None:
        raise AutoReconnect("away")


class Counts:
    """Counts commands; the first one waits until it may go on."""

    def __init__(self, real: Any) -> None:
        self.real, self.commands, self.go = real, 0, asyncio.Event()

    async def insert_many(self, documents: Any, ordered: bool) -> Any:
        self.commands += 1
        await self.go.wait()
        return await self.real.insert_many(documents, ordered=ordered)


async def test_a_read_is_there_when_writing_returns_and_is_there_once(database: Database) -> None:
    log, line = police(database), a_read()
    await log.write([line])
    await log.write([line, a_read()])
    assert await log.collection.count_documents({}) == 2


async def test_when_the_log_is_away_writing_fails_so_that_the_read_can_give_nothing(database: Database) -> None:
    with pytest.raises(AutoReconnect):
        await police(database, Away()).write([a_read()])  # type: ignore[arg-type]


async def test_who_waits_at_the_same_time_shares_a_command_and_all_are_there(database: Database) -> None:
    counts = Counts(database.collection("log.police", "processing"))
    log = police(database, counts)  # type: ignore[arg-type]
    writing = [asyncio.create_task(log.write([a_read()])) for _ in range(50)]
    await asyncio.sleep(0)
    counts.go.set()
    await asyncio.gather(*writing)
    assert await counts.real.count_documents({}) == 50
    assert counts.commands <= 2


async def test_a_line_that_the_database_refuses_costs_the_others_nothing(database: Database) -> None:
    log = AppendLog(database.collection("log.police", "processing"))
    bad = {"_id": line_id(START), "value": object()}
    good = [{"_id": line_id(START), "value": number} for number in range(3)]
    ended = await asyncio.gather(*(log.add([one]) for one in (*good, bad)), return_exceptions=True)
    assert list(ended[:3]) == [None] * 3
    assert isinstance(ended[3], Exception)
    assert await log.collection.count_documents({}) == 3


async def test_an_activity_that_nobody_registered_cannot_be_logged() -> None:
    with pytest.raises(LookupError, match="register"):
        a_read(activity="intake.reporting.guess")


async def test_a_line_of_another_controller_is_not_taken(database: Database) -> None:
    care = read_of("aftercare.callback", CASE, actor="ivp-1", role="ivp", name="view")
    with pytest.raises(ValueError, match="police"):
        await police(database).write([care])


async def test_a_read_carries_trace_purpose_and_start_of_its_request() -> None:
    with during(Request(purpose="weging", trace_id=TRACE, started_at=START)):
        line = a_read()
    assert (line.trace_id, line.purpose, line.started_at) == (TRACE, "weging", START)
    assert line.ended_at > START


async def test_showing_a_dossier_as_an_export_is_an_activity_of_the_controller() -> None:
    line = read_of("intake.reporting", CASE, actor="p-1", role="office-holder", name="dossier", kind="export")
    assert line.activity == "police.export"


async def test_a_line_in_the_names_of_the_standard(database: Database) -> None:
    log, line = police(database), a_read(started_at=START, ended_at=START + timedelta(milliseconds=12), trace_id=TRACE)
    await log.write([line])
    stored = await log.collection.find_one({"_id": line.id})
    assert stored is not None
    told = as_ldv(stored, "https://police.example/register")
    assert told["trace_id"] == TRACE and len(told["span_id"]) == 16
    assert told["end_time"] - told["start_time"] == 12 and told["start_time"] == START.timestamp() * 1000
    assert (told["status"], told["name"]) == ("Ok", "view")
    assert told["attributes"]["dpl.core.processing_activity_id"] == (
        "https://police.example/register:intake.reporting.read:v1"
    )
    assert told["attributes"]["dpl.core.data_subject_id"] == CASE
    assert told["attributes"]["dpl.core.data_subject_id_type"] == "intake.reporting"


async def test_every_save_of_a_case_ends_as_one_line_of_its_controller(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = police(database)
    bench = Bench(database, journal=ChangeJournal(log))
    bench.cases.module = replace(bench.cases.module, name="intake.reporting")
    with during(Request(role="office-holder")):
        await bench.add(1, "http:me:key-1", case=CASE, events=2)
    await bench.add(1, "urn:x:1", case=CASE)
    await bench.add(1, "urn:x:1", case=CASE)
    await bench.send_fresh()
    lines = await log.collection.find({}).sort("activity").to_list(10)
    assert [(one["activity"], one["action"], one["subject"], one["role"]) for one in lines] == [
        ("intake.reporting.act", "change", CASE, "office-holder"),
        ("intake.reporting.event", "change", CASE, ""),
    ]  # fmt: skip
    document = await bench.document(CASE)
    assert document["outbox"] == [] and document["version"] == 2


async def test_a_line_that_comes_much_later_than_its_moment_says_so(database: Database) -> None:
    time = RealTime()
    log = AppendLog(database.collection("log.police", "processing"), now=time)
    await log.add([{"_id": line_id(START)}])
    time.pass_by(minutes=5)
    await log.add([{"_id": line_id(START)}])
    found = await log.collection.find({"late_at": {"$exists": True}}).to_list(10)
    assert [one["late_at"] for one in found] == [START + timedelta(minutes=5)]


def test_ids_sort_by_their_moment_and_tell_it() -> None:
    earlier, later = line_id(START), line_id(START + timedelta(milliseconds=1))
    assert earlier < later and len(later) == 32
    assert moment_of(later) == START + timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (f"00-{TRACE}-00f067aa0ba902b7-01", TRACE), ("", ""), ("00-zz-00f067aa0ba902b7-01", ""),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", ""),
    ],
)  # fmt: skip
def test_a_trace_is_taken_from_the_header_only_when_it_is_right(header: str, trace: str) -> None:
    assert trace_of(header) == trace
