"""Reports that are not sent yet: one for each account, sealed under a key of its own, for its writer alone.

    { _id, form, state: { answers }, saved_at }

`_id` and `form` (which form it is) are HMACs: the database does not say whose it is. Nothing goes on the bus, and no
line is written in the processing log, for that would tell others that somebody thinks of reporting. What was sent or
thrown away leaves nothing behind, neither document nor key. The key goes first: whoever stops in between has a text
that nobody can open, which counts as none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime

from services.intake.reporting.draft import MODULE, SECRETS, Draft, draft_of, ends_on
from shared.access.roles import Caller
from shared.contracts.working_days import local_day
from shared.privacy.controllers import CONTROLLERS
from shared.privacy.keyring import KeyLost, Keyring
from shared.privacy.vault import SealBroken, Vault
from shared.runtime.mongo import Collection, Document, DuplicateKeyError

Tell = Callable[[str, str, str], Awaitable[None]]
"""Module, document and class of the error of what does not open; see `Alarm.tell`."""


VAULT = Vault(CONTROLLERS[MODULE], MODULE, SECRETS)


def owner(document: str) -> str:
    """Whose key seals a draft."""
    return f"{MODULE}:{document}"


async def forget(collection: Collection, keyring: Keyring, document: str) -> None:
    """Destroys a draft for good. Again: finishes what was begun."""
    await keyring.drop(owner(document))
    await collection.delete_one({"_id": document})


@dataclass(frozen=True)
class Drafts:
    """The store. `keyring`: of the controller; `id_for`: opaque ids, as of the cases; `now` in UTC."""

    collection: Collection
    keyring: Keyring
    id_for: Callable[..., str]
    now: Callable[[], datetime]
    tell: Tell

    def _id(self, caller: Caller) -> str:
        return self.id_for("draft", caller.role, caller.actor)

    async def kept_until(self, caller: Caller) -> date | None:
        """The day from which the caller's draft is no longer there; None when there is none. Opens nothing."""
        found = await self._found(caller)
        return None if found is None else ends_on(found["saved_at"], self.now())

    async def load(self, caller: Caller) -> Draft | None:
        """The caller's draft. Raises `SealBroken`, `KeyLost`."""
        found = await self._found(caller)
        if found is None:
            return None
        number = found["_id"]
        try:
            key = (await self.keyring.find([owner(number)])).get(owner(number))
            if key is None:  # somebody stopped while throwing it away
                await self.collection.delete_one({"_id": number})
                return None
            return draft_of(VAULT.open(found["state"], number, key)["answers"])
        except (SealBroken, KeyLost) as error:
            await self.tell(MODULE, number, type(error).__name__)
            raise

    async def save(self, caller: Caller, draft: Draft) -> None:
        """Keeps it, in the place of what this account kept before."""
        number, now = self._id(caller), self.now()
        key = await self.keyring.obtain(owner(number))
        state = VAULT.seal({"answers": draft.text()}, number, key)
        change = {"$set": {"state": state, "form": self._form(draft.key), "saved_at": now}}
        try:
            await self.collection.update_one({"_id": number}, change, upsert=True)
        except DuplicateKeyError:  # another window was first
            await self.collection.update_one({"_id": number}, change)

    async def sent(self, caller: Caller, key: str) -> None:
        """Forgets the draft of a form that was sent; one of another form stays."""
        number = self._id(caller)
        if await self.collection.find_one({"_id": number, "form": self._form(key)}, {"_id": 1}) is not None:
            await forget(self.collection, self.keyring, number)

    async def throw_away(self, caller: Caller) -> None:
        """Forgets whatever the caller kept."""
        await forget(self.collection, self.keyring, self._id(caller))

    def _form(self, key: str) -> str:
        return self.id_for("form", key)

    async def _found(self, caller: Caller) -> Document | None:
        found = await self.collection.find_one({"_id": self._id(caller)})
        if found is not None and local_day(self.now()) >= ends_on(found["saved_at"], self.now()):
            await forget(self.collection, self.keyring, found["_id"])  # the daily job will not mind
            return None
        return found
