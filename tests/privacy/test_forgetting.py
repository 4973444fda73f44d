"""The retention job over real documents and a frozen clock: exactly what expired goes, the rest stays as it was."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.privacy import forgetting
from shared.privacy.forgetting import Done, Line, Retention, Status
from shared.privacy.retention import terms_on
from shared.runtime.mongo import AWAY, Collection, Database

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
REPORTED = {"reported_at": "2016-03-14T00:00:00Z"}
MODULE = "intake.reporting"


def ago(**more: float) -> datetime:
    return NOW - timedelta(**more)


@dataclass
class Keys:
    """Destroys as the vault does: the key first, then the document."""

    database: Database
    held: set[str] = field(default_factory=set)
    destroyed: dict[str, str] = field(default_factory=dict)
    stops_at: int | None = None
    stops_with: type[Exception] = RuntimeError
    half: bool = False

    async def status(self, module: str, document: str) -> Status:
        if document in self.destroyed:
            return Status.DESTROYED
        return Status.HELD if document in self.held else Status.KEPT

    async def forget(self, module: str, document: str, reason: str) -> None:
        stops = self.stops_at is not None and len(self.destroyed) >= self.stops_at
        if stops and not self.half:
            raise self.stops_with
        self.destroyed.setdefault(document, reason)
        if stops:
            raise self.stops_with
        change = {"$set": {"state": {}, "shredded": {"at": NOW, "reason": reason}}}
        await self.database.collection(module).update_one({"_id": document}, change)


@pytest.fixture
async def cases(database: Database) -> AsyncIterator[Collection]:
    yield database.collection(MODULE)


async def put(cases: Collection, name: str, since: datetime, state: dict[str, Any] | None = None, **more: Any) -> None:
    history = [{"recorded_at": since - timedelta(days=1)}, {"recorded_at": since}]
    fields = {"history": history, "saved_at": NOW, "closed": False, "state": state or {}}
    await cases.insert_one({"_id": name} | fields | more)


async def everything(cases: Collection) -> list[dict[str, Any]]:
    return await cases.find({}).sort("_id").to_list(None)


async def run(database: Database, keys: Keys, *, dry_run: bool = False, now: datetime = NOW) -> dict[str, Done]:
    lines = Retention(database.collection, keys, now).run([MODULE], dry_run=dry_run)
    return {line.document: line.done async for line in lines}


async def fill(cases: Collection) -> None:
    await put(cases, "fresh-signal", ago(days=300))
    await put(cases, "nearly-signal", ago(days=340))
    await put(cases, "old-signal", ago(days=366))
    await put(cases, "case-of-a-year", ago(days=366), REPORTED)
    await put(cases, "case-of-six-years", ago(days=6 * 366), REPORTED)
    await put(cases, "withdrawn", ago(days=400), REPORTED | {"withdrawn_at": "2025-01-01T00:00:00Z"})
    await put(cases, "withdrawn-with-mutatie", ago(days=400), {"withdrawn_at": "x", "mutaties": [{"reference": "a"}]})
    await put(cases, "waiting", ago(days=400), due_at=ago(days=-1))
    await put(cases, "held", ago(days=400))
    await put(cases, "gone", ago(days=400), shredded={"at": NOW})


EXPIRED = {"old-signal", "case-of-six-years", "withdrawn"}


async def test_exactly_the_expired_ones_are_forgotten(database: Database, cases: Collection) -> None:
    """PD-4."""
    await fill(cases)
    before = {one["_id"]: one for one in await everything(cases)}
    keys = Keys(database, held={"held"})
    assert await run(database, keys) == dict.fromkeys(EXPIRED, Done.FORGOTTEN) | {
        "nearly-signal": Done.REMINDED, "held": Done.HELD, "waiting": Done.WAITS,
    }  # fmt: skip
    assert set(keys.destroyed) == EXPIRED
    assert keys.destroyed["old-signal"] == "intake.reporting signal 2016-03-01", "the row is the reason"
    after = {one["_id"]: one for one in await everything(cases)}
    assert {name for name in before if before[name] != after[name]} == EXPIRED


async def test_a_second_run_finds_nothing_more(database: Database, cases: Collection) -> None:
    await fill(cases)
    keys = Keys(database, held={"held"})
    await run(database, keys)
    first = dict(keys.destroyed)
    assert Done.FORGOTTEN not in (await run(database, keys)).values()
    assert keys.destroyed == first


async def test_a_dry_run_says_the_same_and_changes_nothing(database: Database, cases: Collection) -> None:
    await fill(cases)
    before, keys = await everything(cases), Keys(database, held={"held"})
    said = await run(database, keys, dry_run=True)
    assert {name for name, done in said.items() if done is Done.WOULD_BE} == EXPIRED
    assert (await everything(cases), keys.destroyed) == (before, {})
    real = await run(database, keys)
    assert {name: Done.FORGOTTEN if done is Done.WOULD_BE else done for name, done in said.items()} == real


async def test_the_reminder_comes_before_and_a_hold_in_between_is_respected(
    database: Database, cases: Collection
) -> None:
    await put(cases, "signal", NOW)
    keys = Keys(database)
    assert await run(database, keys, now=NOW + timedelta(days=300)) == {}
    assert await run(database, keys, now=NOW + timedelta(days=340)) == {"signal": Done.REMINDED}
    keys.held.add("signal")
    assert await run(database, keys, now=NOW + timedelta(days=4000)) == {"signal": Done.HELD}
    keys.held.clear()
    assert await run(database, keys, now=NOW + timedelta(days=4000)) == {"signal": Done.FORGOTTEN}


@pytest.mark.parametrize("half", [False, True], ids=["before", "between-key-and-document"])
@pytest.mark.parametrize("stops_at", [0, 1, 2])
async def test_stopped_halfway_it_goes_on_the_next_time(
    database: Database, cases: Collection, stops_at: int, half: bool
) -> None:
    await fill(cases)
    keys = Keys(database, held={"held"}, stops_at=stops_at, stops_with=AWAY[0], half=half)
    with pytest.raises(AWAY):
        await run(database, keys)
    assert len(keys.destroyed) == stops_at + half
    keys.stops_at = None
    await run(database, keys)
    assert set(keys.destroyed) == EXPIRED
    assert {one["_id"] for one in await everything(cases) if one.get("shredded")} == EXPIRED | {"gone"}


async def test_one_that_cannot_be_forgotten_does_not_keep_the_others(database: Database, cases: Collection) -> None:
    await fill(cases)
    keys = Keys(database, held={"held"}, stops_at=1)
    with capture_logs() as lines:
        said = await run(database, keys)
    assert sorted(said[name] for name in EXPIRED) == [Done.FAILED, Done.FAILED, Done.FORGOTTEN]
    told = [(line["event"], line["module"], line["case"]) for line in lines]
    assert {one[0] for one in told} == {"forgotten", "not_forgotten"} and {one[2] for one in told} == EXPIRED


async def test_what_came_to_life_after_it_was_listed_stays(database: Database, cases: Collection) -> None:
    await put(cases, "old-signal", ago(days=366))

    class Slow(Keys):
        async def status(self, module: str, document: str) -> Status:
            change = {"$set": {"state": REPORTED}, "$push": {"history": {"recorded_at": NOW}}}
            await cases.update_one({"_id": document}, change)
            return Status.KEPT

    keys = Slow(database)
    assert await run(database, keys) == {} and keys.destroyed == {}


async def test_what_no_term_fits_is_said_and_stays(database: Database, cases: Collection) -> None:
    await put(cases, "old-signal", ago(days=4000))
    lines = Retention(database.collection, Keys(database), NOW, terms=()).run([MODULE])
    assert [line async for line in lines] == [Line(MODULE, "old-signal", Done.NO_TERM)]


async def test_more_documents_than_fit_in_one_look(
    database: Database, cases: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 3)
    names = {f"signal-{uuid.uuid4().hex}" for _ in range(9)}
    for name in names:
        await put(cases, name, ago(days=366))
    assert set(await run(database, Keys(database))) == names


def test_the_terms_are_those_of_the_day_of_the_run(database: Database) -> None:
    assert Retention(database.collection, Keys(database), NOW)._terms == terms_on(date(2026, 3, 14))
