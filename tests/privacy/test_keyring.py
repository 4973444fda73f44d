"""Data keys: one per document whatever the race, wrapped, rotated, destroyed for everybody at once."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import pytest

from shared.privacy.controllers import Controller
from shared.privacy.keyring import KeyLost, Keyring, keys_of
from shared.runtime.mongo import Database

ONE, TWO = secrets.token_bytes(32), secrets.token_bytes(32)


def ring(database: Database, wrapping: dict[int, bytes] | None = None, who: Controller = Controller.POLICE) -> Keyring:
    return Keyring(who, keys_of(database, who), wrapping or {1: ONE})


async def destroy(keyring: Keyring, owner: str) -> None:
    assert await keyring.change(owner, {}, {"$set": {"destroyed_at": keyring._now()}, "$unset": {"wrapped": ""}})


async def rotated(keyring: Keyring) -> tuple[int, int, int]:
    return [counts async for counts in keyring.rotate()][-1]


async def test_a_key_is_made_once_and_stored_wrapped(database: Database) -> None:
    keyring = ring(database)
    made = await keyring.obtain("toy:a")
    assert made.secret is not None and len(made.secret) == 32
    assert await keyring.obtain("toy:a") == await keyring.obtain("toy:a", new=True) == made
    assert await ring(database).find(["toy:a", "toy:b"]) == {"toy:a": made}, "another process reads the same"
    stored = await keyring.collection.find_one({"_id": "toy:a"})
    assert stored is not None and made.secret not in str(stored).encode() and made.secret.hex() not in str(stored)
    assert "secret" not in repr(made) and "wrapped" not in str(await keyring.document("toy:a"))


async def test_twenty_that_make_the_same_key_at_once_all_get_the_one_that_stays(database: Database) -> None:
    keyrings = [ring(database) for _ in range(20)]
    made = await asyncio.gather(*(one.obtain("toy:a", new=number % 2 == 0) for number, one in enumerate(keyrings)))
    assert {one.secret for one in made} == {(await ring(database).find(["toy:a"]))["toy:a"].secret}


async def test_each_controller_has_keys_of_its_own_in_a_database_of_its_own(database: Database) -> None:
    police = await ring(database).obtain("toy:a")
    ivp = await ring(database, who=Controller.IVP).obtain("toy:a")
    assert police.secret != ivp.secret
    stored = await keys_of(database, Controller.POLICE).find_one({"_id": "toy:a"})
    assert stored is not None
    await keys_of(database, Controller.BZK).insert_one(stored)
    with pytest.raises(KeyLost, match="does not open"):
        await ring(database, who=Controller.BZK).find(["toy:a"])


async def test_a_wrapped_key_that_was_moved_or_changed_does_not_open(database: Database) -> None:
    keyring = ring(database)
    await keyring.obtain("toy:a")
    await keyring.obtain("toy:b")
    stored: Any = await keyring.collection.find_one({"_id": "toy:a"})
    assert await keyring.change("toy:b", {}, {"$set": {"wrapped": stored["wrapped"]}})
    with pytest.raises(KeyLost, match="toy:b"):
        await keyring.find(["toy:b"])


async def test_a_destroyed_key_is_gone_for_every_process_at_once_and_stays_gone(database: Database) -> None:
    here, there = ring(database), ring(database)
    assert (await there.obtain("toy:a")).secret is not None
    await destroy(here, "toy:a")
    for keyring in (here, there):
        assert (await keyring.find(["toy:a"]))["toy:a"].secret is None
        assert (await keyring.obtain("toy:a", new=True)).secret is None, "it is not made anew"
    assert not await there.change("toy:a", {}, {"$set": {"wrapped": "again"}})


async def test_rotation_wraps_all_again_and_the_old_key_may_go(database: Database) -> None:
    old = ring(database)
    made = {f"toy:{number}": await old.obtain(f"toy:{number}") for number in range(450)}
    await destroy(old, "toy:7")
    both = ring(database, {1: ONE, 2: TWO})
    assert both.newest == 2 and await rotated(both) == (449, 0, 0)
    assert await rotated(both) == (0, 449, 0), "a second time there is nothing to do"
    only_new = ring(database, {2: TWO})
    found = await only_new.find(made)
    assert {owner: key.secret for owner, key in found.items() if key.secret} == {
        owner: key.secret for owner, key in made.items() if owner != "toy:7"
    }
    with pytest.raises(KeyLost, match="version 2"):
        await old.find(["toy:1"])


async def test_a_rotation_that_was_stopped_goes_on(database: Database) -> None:
    old = ring(database)
    for number in range(300):
        await old.obtain(f"toy:{number}")
    both = ring(database, {1: ONE, 2: TWO})
    async for counts in both.rotate():
        assert counts[0] < 300
        break
    assert (await both.obtain("toy:new")).secret is not None  # made with the newest already
    done, already, lost = await rotated(both)
    assert (done + already, lost) == (301, 0) and 0 < done < 300


async def test_a_key_destroyed_while_it_is_wrapped_again_stays_destroyed(database: Database) -> None:
    await ring(database).obtain("toy:a")
    both = ring(database, {1: ONE, 2: TWO})
    stored: Any = await both.collection.find_one({"_id": "toy:a"})
    await destroy(both, "toy:a")
    assert await both._wrap_again(stored) is False
    assert (await both.find(["toy:a"]))["toy:a"].secret is None


async def test_a_key_whose_wrapping_key_is_lost_is_counted_and_stops_nobody(database: Database) -> None:
    await ring(database).obtain("toy:lost")
    await ring(database, {2: TWO}).obtain("toy:b")
    assert await rotated(ring(database, {2: TWO, 3: secrets.token_bytes(32)})) == (1, 0, 1)


def test_a_controller_without_wrapping_keys_has_no_keyring(database: Database) -> None:
    with pytest.raises(ValueError, match="no wrapping key of police"):
        Keyring(Controller.POLICE, keys_of(database, Controller.POLICE), {})
