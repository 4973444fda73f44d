"""A module with secrets works as one without, and the database never holds what it seals. Both drivers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

import pytest
from pymongo import UpdateOne

from deploy.local.temporary import Mongo
from shared.contracts.decisions import Deadline, Refused
from shared.privacy.keyring import KeyLost
from shared.privacy.sealed import SecretField
from shared.privacy.vault import DESTROYED, PREFIX, UNREADABLE, SealBroken
from shared.runtime.deadlines import Deadlines
from shared.runtime.mongo import Database
from tests.privacy.secret_toy import MODULE, Place, Tell, files_of, holds
from tests.runtime.toy import START


@pytest.fixture
def place(database: Database) -> Place:
    return Place(database)


def canary() -> str:
    """A text that stands nowhere else."""
    return f"kanarie-{secrets.token_hex(16)}"


async def destroy(place: Place, case: str = "a") -> None:
    gone = {"$set": {"destroyed_at": START, "shredding": {"reason": "mistake"}}, "$unset": {"wrapped": ""}}
    assert await place.keyring.change(f"toy:{case}", {}, gone)


async def test_what_is_told_comes_back_and_is_stored_sealed(place: Place) -> None:
    await place.tell("eerste")
    state = await place.tell("tweede")
    assert [note.words for note in state.notes] == ["eerste", "tweede"] and await place.cases.load("a") == state
    stored = await place.stored()
    assert stored["state"]["text"].startswith(PREFIX) and stored["state"]["notes"][0]["kind"] == "plain"
    assert "tweede" not in str(stored) and stored["version"] == 2


async def test_no_file_of_the_database_holds_a_secret_and_the_search_finds_one_that_is_not_sealed(
    place: Place, mongo: Mongo
) -> None:
    first, second, plain = canary(), canary(), canary()
    await place.tell(first)
    await place.tell(second)
    await place.raw.insert_one({"_id": "planted", "state": {"text": plain}})
    assert files_of(mongo)
    assert [holds(mongo, text) for text in (first, second, plain)] == [False, False, True]


async def test_a_case_without_secrets_needs_no_key(place: Place) -> None:
    await place.fact()
    assert await place.keyring.find(["toy:a"]) == {}
    await place.tell("nu wel")
    assert len(await place.keyring.find(["toy:a"])) == 1


async def test_a_list_is_opened_with_one_search_for_its_keys(database: Database) -> None:
    place, searched = Place(database), []
    for number in range(12):
        await place.tell(f"tekst {number}", f"c{number:02}")
    real = place.keyring.find

    async def counted(owners: Any, **more: Any) -> Any:
        wanted = list(owners)
        searched.append(len(wanted))
        return await real(wanted, **more)

    place.keyring.find = counted  # type: ignore[method-assign]
    found = await place.sealed.find({"closed": False}, {"state": 1}).sort("_id", -1).limit(10).to_list(10)
    assert [one["state"]["text"] for one in found] == [f"tekst {number}" for number in range(11, 1, -1)]
    assert searched == [10]


async def test_a_part_of_the_state_can_be_asked_for(place: Place) -> None:
    await place.tell("tekst")
    read = place.sealed.find_one
    assert await read({"_id": "a"}, {"state.notes.kind": 1}) == {"_id": "a", "state": {"notes": [{"kind": "plain"}]}}
    assert await read({"_id": "a"}, {"state.notes.words": 1}) == {"_id": "a", "state": {"notes": [{"words": "tekst"}]}}
    assert await read({"_id": "a"}, {"version": 1}) == {"_id": "a", "version": 1}
    assert await place.sealed.count_documents({"state.count": 0}) == 1


FORBIDDEN: list[Mapping[str, Any]] = [
    {"state.text": "tekst"},
    {"state.notes.words": {"$gt": ""}},
    {"state.notes.0.words": "x"},
    {"state.notes": [{"words": "x"}]},
    {"state.notes": {"$elemMatch": {"words": "x"}}},
    {"state": {"text": "x"}},
    {"$or": [{"closed": True}, {"$and": [{"state.text": "x"}]}]},
    {"$expr": {"$eq": ["$state.text", "x"]}},
    {"$expr": {"$gt": ["$state.count", {"$size": "$$ROOT.state.notes"}]}},
    {"$where": "true"},
]


@pytest.mark.parametrize("wanted", FORBIDDEN, ids=str)
async def test_nothing_can_be_searched_by_a_secret(place: Place, wanted: Mapping[str, Any]) -> None:
    for ask in (place.sealed.find_one, place.sealed.count_documents):
        with pytest.raises(SecretField):
            await ask(wanted)
    with pytest.raises(SecretField):
        place.sealed.find(wanted)
    with pytest.raises(SecretField):
        await place.sealed.update_one(wanted, {"$set": {"closed": True}})


async def test_what_is_plain_can_be_searched_also_beside_and_around_secrets(place: Place) -> None:
    await place.tell("tekst")
    for wanted in (
        {"state.count": 0}, {"state.notes": {"$ne": None}}, {"state.notes": {"$elemMatch": {"kind": "plain"}}},
        {"state.notes.kind": "plain"}, {"$expr": {"$eq": ["$state.count", 0]}}, {"$or": [{"_id": "a"}]},
    ):  # fmt: skip
        assert await place.sealed.find_one(wanted) is not None, wanted


async def test_nothing_can_be_ordered_or_indexed_by_a_secret_nor_changed_beside_the_seal(place: Place) -> None:
    with pytest.raises(SecretField):
        place.sealed.find({}).sort("state.text")
    with pytest.raises(SecretField):
        await place.sealed.create_index([("closed", 1), ("state.notes.words", 1)])
    for change in ({"$set": {"state.text": "x"}}, {"$push": {"state.notes": {}}}, {"$unset": {"state": ""}}):
        with pytest.raises(SecretField):
            await place.sealed.update_one({"_id": "a"}, change)
        with pytest.raises(SecretField):
            await place.sealed.bulk_write([UpdateOne({"_id": "a"}, change)])
    for fields in ({"state": 1, "_id": 0}, {"other": "$state.text"}):
        with pytest.raises(SecretField):
            await place.sealed.find_one({"_id": "a"}, fields)


async def test_a_value_moved_from_another_case_is_an_error_and_names_the_place(place: Place) -> None:
    await place.tell("van a", "a")
    await place.tell("van b", "b")
    other = (await place.stored("b"))["state"]["text"]
    await place.raw.update_one({"_id": "a"}, {"$set": {"state.text": other}})
    with pytest.raises(SealBroken, match="toy a text"):
        await place.cases.load("a")
    listed = await place.sealed.find({}).sort("_id").to_list(None)
    assert [one["state"]["text"] for one in listed] == [UNREADABLE, "van b"]
    assert [one["state"]["notes"][0]["words"] for one in listed] == ["van a", "van b"], "what opens is shown"
    with pytest.raises(SealBroken):
        await place.tell("er overheen")
    assert (await place.cases.load("b")) is not None


async def test_a_broken_seal_does_not_stop_the_clock_of_the_others(place: Place) -> None:
    for case in ("a", "b"):
        await place.tell("tekst", case, due=(Deadline("soon", START),))
    await place.raw.update_one({"_id": "a"}, {"$set": {"state.text": "gewoon"}})
    place.time.pass_by(minutes=1)
    assert await Deadlines(place.cases).pass_due() == 2
    told = await place.cases.load("b")
    assert told is not None and told.count == 1 and (await place.stored("a"))["due_failures"] == 1


async def test_a_key_that_is_gone_without_a_word_is_an_error(place: Place, database: Database) -> None:
    await place.tell("tekst")
    await place.raw.insert_one(await place.stored() | {"_id": "c"})
    with pytest.raises(KeyLost, match="toy:c is gone"):
        await place.cases.load("c")


async def test_two_that_make_the_same_case_at_once_end_with_one_key_and_both_inputs(database: Database) -> None:
    places = [Place(database) for _ in range(2)]
    await asyncio.gather(*(one.tell(f"tekst {number}") for number, one in enumerate(places)))
    state = await places[0].cases.load("a")
    assert state is not None and sorted(note.words for note in state.notes) == ["tekst 0", "tekst 1"]


# After destruction


async def test_a_key_that_another_process_destroyed_is_seen_at_once(database: Database) -> None:
    here, there = Place(database), Place(database)
    await here.tell("tekst")
    assert (await here.cases.load("a")) == (await there.cases.load("a"))
    await destroy(there)
    for place in (here, there):
        state = await place.cases.load("a")
        assert state is not None and (state.text, state.notes[0].words) == (DESTROYED, DESTROYED)
        (listed,) = await place.sealed.find({}, {"state": 1}).to_list(None)
        assert listed["state"]["text"] == DESTROYED
        with pytest.raises(Refused, match="vernietigd"):
            await place.tell("nog iets")


async def test_a_fact_is_accepted_after_destruction_and_changes_nothing(place: Place) -> None:
    await place.tell("tekst", due=(Deadline("soon", START),))
    await destroy(place)
    state = await place.fact()
    assert (state.count, state.text) == (0, DESTROYED)
    stored = await place.stored()
    assert PREFIX not in str(stored["state"]) and stored["state"]["text"] == DESTROYED
    assert stored["closed"] is True and stored["due"] == [] and "due_at" not in stored
    assert (await place.fact()).text == DESTROYED, "also when nothing is sealed any more"


async def test_who_decided_before_the_destruction_writes_nothing_after_it(database: Database) -> None:
    """The key goes between reading and writing, at each of the two moments that there are."""

    class Slow:
        def __init__(self, real: Any) -> None:
            self.real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

        async def find_one(self, *arguments: Any) -> Any:
            found = await self.real.find_one(*arguments)
            if found is not None and await place.keyring.change("toy:a", {}, {"$set": {"late": 1}}):
                await destroy(place)
            return found

    place = Place(database)
    await place.tell("tekst")
    late = Place(database, Slow)
    with pytest.raises(Refused, match="vernietigd"):
        await late.tell("te laat")
    assert "te laat" not in str(await place.stored()) and (await place.stored())["version"] == 1


async def test_a_new_case_under_a_destroyed_key_takes_facts_and_refuses_people(place: Place) -> None:
    """After a replay from offset 0 into an empty collection."""
    await place.keyring.obtain("toy:a")
    await destroy(place)
    with pytest.raises(Refused, match="vernietigd"):
        await place.tell("opnieuw")
    assert (await place.fact()).count == 1
    with pytest.raises(Refused, match="vernietigd"):
        await place.tell("opnieuw")


async def test_what_was_stored_before_there_was_sealing_is_sealed_once(place: Place) -> None:
    state = place.cases._adapter.dump_python(MODULE.decide(None, Tell("a", "oud")).state, mode="json")
    await place.raw.insert_one({"_id": "a", "version": 1, "inbox": [], "state": state})
    await place.tell("nieuw", "b")
    with pytest.raises(KeyLost):
        await place.cases.load("a")
    assert (await place.sealed.seal_what_is_plain(), await place.sealed.seal_what_is_plain()) == (1, 0)
    opened = await place.cases.load("a")
    assert opened is not None and opened.text == "oud" and "oud" not in str((await place.stored())["state"])
