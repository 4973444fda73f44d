"""The walled store: what lies in the database, what is left after the end, and how much work a search is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.local.temporary import Mongo
from services.aftercare.confidential_line.codes import Codes, scrypt
from services.aftercare.confidential_line.commands import LeaveMessage
from services.aftercare.confidential_line.contact import Side
from services.aftercare.confidential_line.contacts import Contacts
from services.aftercare.confidential_line.keeping import Keeping
from services.aftercare.confidential_line.sealing import OwnKeys
from services.aftercare.confidential_line.settings import LineKeys, LineSettings
from shared.runtime.cases import Conflict, Handled, Unreadable
from tests.services.aftercare.confidential_line.calling import HELLO, Line, Spied, answering

SATURDAY = datetime(2016, 3, 19, 10, 0, tzinfo=UTC)
KEY = b"k" * 32


@pytest.fixture
async def line(mongo: Mongo) -> AsyncIterator[Line]:
    async with answering(mongo) as made:
        made.served.time.now = SATURDAY
        yield made


async def everything(line: Line) -> list[dict[str, Any]]:
    return await line.collection.find({}).to_list(None)


async def test_nothing_in_the_database_can_be_read_or_leads_to_a_person(line):
    """S-VTL-11, S-VTL-04."""
    code = await line.opens(HELLO)
    await line.does(code, "about", {"name": "A. Kanarie", "municipality": "9901", "group": "Partij A"})
    body = {"phone": "0600000000", "begins": "2016-03-19T13:00:00+01:00", "ends": "2016-03-19T14:00:00+01:00"}
    await line.does(code, "callback", body)
    await line.takes()
    (document,) = await everything(line)
    assert set(document) == {
        "_id", "version", "locator", "salt", "hash", "key", "sealed", "due_at", "desk", "week", "month",
    }  # fmt: skip
    held = repr(document)
    for word in (HELLO, "Kanarie", "9901", "Partij", "0600000000", "confidant-1", code, code.replace(" ", "")):
        assert word not in held
    assert (document["week"], document["month"]) == ("2016-W11", "2016-03")
    assert document["due_at"] == datetime(2016, 6, 19, 22, tzinfo=UTC), "a day, no moment"


async def test_another_key_opens_nothing(line):
    await line.opens(HELLO)
    (document,) = await everything(line)
    other = Contacts(
        line.collection, sealer=OwnKeys({1: b"o" * 32}), codes=Codes(KEY), mark_key=KEY, clock=line.contacts.clock
    )
    with pytest.raises(Unreadable):
        await other.by_id(document["_id"])


def spied(line: Line) -> tuple[Contacts, Spied, list[int]]:
    """The same store, whose searches and hashes are counted."""
    hashes: list[int] = []

    def counted(code: bytes, salt: bytes) -> bytes:
        hashes.append(len(salt))
        return scrypt(code, salt, cost=16)

    own = LineKeys({1: KEY}, KEY)
    spy = Spied(line.collection)
    codes = Codes(own.derived("codes"), derive=counted)
    made = Contacts(
        spy, sealer=OwnKeys(own.wrapping), codes=codes, mark_key=own.derived("desks"), clock=line.contacts.clock
    )  # fmt: skip
    return made, spy, hashes


async def test_right_wrong_and_forgotten_codes_take_one_search_and_one_hash_each(line):
    """Counted, not timed."""
    contacts, spy, hashes = spied(line)
    found, code = await contacts.open(opening(line), Handled("http:caller:1"))
    right = await contacts.by_code(code)
    assert right is not None and right.id == found.id
    work = []
    for tried in (code, "0000 0000 0000 0000", "", "kanarie"):
        spy.asked.clear()
        hashes.clear()
        await contacts.by_code(tried)
        work.append((tuple(spy.asked), tuple(hashes)))
    assert len(set(work)) == 1
    assert work[0] == (("find_one",), (16,))


def opening(line: Line) -> Any:
    from services.aftercare.confidential_line.routes import Counter, unlimited

    return Counter(line.contacts, "", unlimited).opening()


async def test_a_document_put_under_another_locator_does_not_open_for_that_code(line):
    """An administrator cannot let a code of their own read somebody's contact: the hash does not fit."""
    code, mine = await line.opens(HELLO), await line.opens()
    documents = {one["locator"]: one for one in await everything(line)}
    codes = line.contacts._codes
    victim, own = documents[codes.locator(code)], documents[codes.locator(mine)]
    await line.collection.delete_one({"_id": own["_id"]})
    await line.collection.update_one({"_id": victim["_id"]}, {"$set": {"locator": own["locator"]}})
    assert (await line.calls("contact", mine)).status_code == 404


async def test_each_save_seals_anew_under_a_new_key(line):
    code = await line.opens(HELLO)
    (before,) = await everything(line)
    await line.says(code, "En nog iets.")
    (after,) = await everything(line)
    assert before["key"] != after["key"] and before["sealed"] != after["sealed"]
    assert len(before["sealed"]) == len(after["sealed"]), "a short message more does not show"


async def test_after_the_last_day_only_the_week_is_left(line):
    """Q-10: key, text, code and all marks are gone."""
    code = await line.opens(HELLO)
    await line.takes()
    last = datetime(2016, 6, 19, 21, 59, 59, tzinfo=UTC)
    assert await line.contacts.destroy_due(last) == 0
    line.served.time.now = last
    assert (await line.calls("contact", code)).status_code == 200
    line.served.time.now += timedelta(seconds=1)
    assert (await line.calls("contact", code)).status_code == 404, "also before the clock came by"
    assert (await line.desk()).json() == []
    assert await line.contacts.destroy_due(line.served.time.now) == 1
    (document,) = await everything(line)
    assert set(document) == {"_id", "week", "month"}
    assert await line.contacts.destroy_due(line.served.time.now) == 0
    assert await line.contacts.count("week", "2016-W11") == 1


async def test_of_a_contact_in_which_nothing_was_said_nothing_is_left(line):
    code = await line.opens()
    await line.does(code, "about", {"name": "Een naam"})
    line.served.time.now += timedelta(days=2)
    assert await line.contacts.destroy_due(line.served.time.now) == 1
    assert await everything(line) == []


async def test_who_wants_it_forgotten_leaves_only_the_week(line):
    code = await line.opens(HELLO)
    await line.does(code, "forget")
    (document,) = await everything(line)
    assert set(document) == {"_id", "week", "month"}
    unused = await line.opens()
    await line.does(unused, "forget")
    assert len(await everything(line)) == 1


async def test_what_nobody_can_open_is_destroyed_at_its_end_too(line):
    await line.opens(HELLO)
    (document,) = await everything(line)
    await line.collection.update_one({"_id": document["_id"]}, {"$set": {"sealed": b"x" * 50}})
    await line.contacts.destroy_due(SATURDAY + timedelta(days=120))
    assert set((await everything(line))[0]) == {"_id", "week", "month"}


async def test_what_does_not_open_stands_on_the_list_beside_the_others_and_the_operator_is_told(line, capsys):
    code = await line.opens(HELLO)
    (document,) = await everything(line)
    await line.opens("Iets anders.")
    await line.collection.update_one({"_id": document["_id"]}, {"$set": {"sealed": b"x" * 50}})
    capsys.readouterr()
    answer = await line.calls("contact", code)
    assert (answer.status_code, answer.json()["title"]) == (500, "Niet leesbaar")
    assert document["_id"] not in capsys.readouterr().out, "when a caller came by is nobody's business"
    broken, other = (await line.desk("/waiting")).json()
    assert broken == {"contact": document["_id"], "unreadable": True} and other["since"]
    assert (await line.desk(f"/{document['_id']}/assignment", {})).status_code == 500
    notes = line.served.app.state.service.database.collection("log.confidential-line", "security")
    told = await notes.find({"action": "unreadable"}).to_list(None)
    assert [one["object"].partition(":")[2] for one in told] == ["a-contact", document["_id"]]


def says(text: str) -> LeaveMessage:
    return LeaveMessage(SATURDAY, SATURDAY.date() + timedelta(days=90), Side.CALLER, text)


async def test_two_at_once_both_arrive(line):
    code = await line.opens(HELLO)
    found = await line.contacts.by_code(code)
    updates = [line.contacts.update(found.id, says(text), Handled(text)) for text in ("een", "twee")]
    await asyncio.gather(*updates)
    texts = {one["text"] for one in (await line.reads(code))["messages"]}
    assert texts == {HELLO, "een", "twee"}


async def test_who_always_loses_the_race_is_told_and_nothing_is_saved(line, monkeypatch):
    code = await line.opens(HELLO)
    found = await line.contacts.by_code(code)
    monkeypatch.setattr(line.contacts, "by_id", lambda _: asyncio.sleep(0, replace(found, version=0)))
    with pytest.raises(Conflict):
        await line.contacts.update(found.id, says("een"), Handled("a"))
    assert len((await line.reads(code))["messages"]) == 1


async def test_the_inbox_lies_in_the_sealed_text(line):
    code = await line.opens()
    await line.calls("contact/messages", code, {"text": HELLO}, key="kanarie-key-1")
    (document,) = await everything(line)
    assert "kanarie-key-1" not in repr(document)


# The count


async def told(line: Line) -> list[dict[str, Any]]:
    weeks = line.served.app.state.service.database.collection("aftercare.confidential_line")
    return [entry["data"] for one in await weeks.find({}).sort("state.case").to_list(None) for entry in one["history"]]


def keeping(line: Line) -> Keeping:
    from services.aftercare.confidential_line.app import WEEKS

    begun = line.served.app.state.service.database.collection(WEEKS.name, "begun")
    return Keeping(line.contacts, line.served.cases(WEEKS), begun, tick_seconds=60)


async def test_a_week_is_told_once_at_its_hour_however_many_count(line):
    """INV-8: the only thing that reaches the bus."""
    for _ in range(10):
        await line.opens(HELLO)
    await line.opens()
    forgotten = await line.opens(HELLO)
    await line.does(forgotten, "forget")
    line.served.time.now = datetime(2016, 3, 21, 4, 59, tzinfo=UTC)
    await keeping(line).once()
    await keeping(line).once()
    assert await told(line) == [], "weeks before the first start are not told"
    line.served.time.now += timedelta(minutes=1)
    await asyncio.gather(*(keeping(line).once() for _ in range(3)))
    await keeping(line).once()
    assert await told(line) == [{"case": "2016-W11", "week": "2016-W11", "bucket": "10-24"}]


async def test_a_week_without_a_contact_is_told_as_one_with_some(line):
    """That the line was called at all is not told."""
    await keeping(line).once()
    line.served.time.now += timedelta(days=7)
    await keeping(line).once()
    assert await told(line) == [{"case": "2016-W11", "week": "2016-W11", "bucket": "0-9"}]


async def test_weeks_that_were_missed_are_told_afterwards_each_once(line):
    line.served.time.now = datetime(2016, 3, 21, 5, 0, tzinfo=UTC)
    await keeping(line).once()
    line.served.time.now += timedelta(days=22)
    await keeping(line).once()
    assert [one["week"] for one in await told(line)] == ["2016-W12", "2016-W13", "2016-W14"]


async def test_what_goes_to_the_bus_holds_no_moment_no_region_and_no_id_of_a_contact(line):
    code = await line.opens(HELLO)
    await line.does(code, "about", {"municipality": "9901"})
    (contact,) = await everything(line)
    await keeping(line).once()
    line.served.time.now = datetime(2016, 3, 21, 5, 0, tzinfo=UTC)
    await keeping(line).once()
    weeks = line.served.app.state.service.database.collection("aftercare.confidential_line")
    (week,) = await weeks.find({}).to_list(None)
    (record,) = [one for one in week["outbox"] if one["topic"] != "log"]
    assert record["topic"] == "aftercare.confidential-line"
    whole = json.dumps(record)
    for word in (contact["_id"], contact["locator"], "9901", "2016-03-19"):
        assert word not in whole


def test_the_keys_of_the_line_are_its_own(tmp_path):
    """INV-8: outside local mode there are none by default."""
    with pytest.raises(ValueError, match="VEILIG_LINE_SECRETS_FILE"):
        LineSettings().keys(local=False)
    file = tmp_path / "line.json"
    file.write_text(json.dumps({"wrapping_keys": {"1": "ab" * 32, "2": "cd" * 32}, "mark_key": "ef" * 32}))
    keys = LineSettings(secrets_file=file).keys(local=False)
    assert keys.wrapping == {1: b"\xab" * 32, 2: b"\xcd" * 32}
    purposes = ["codes", "desks", "weeks", "partners"]
    assert len({keys.derived(purpose) for purpose in purposes}) == 4
    assert "ab" * 4 not in repr(keys)
    with pytest.raises(ValueError, match="64 hexadecimal"):
        LineKeys({}, KEY)


async def test_a_closed_contact_can_be_read_until_its_end(line):
    code = await line.opens(HELLO)
    await line.does(code, "close")
    assert (await line.reads(code))["status"] == "closed"
