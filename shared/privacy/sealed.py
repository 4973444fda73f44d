"""A collection that seals what it stores and opens what it reads, so that no module knows of sealing.

Every search is checked: what is sealed cannot be searched or sorted by, and a search that names it is an error, never
an empty answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from shared.privacy.alarm import Alarm
from shared.privacy.keyring import DataKey, KeyLost, Keyring
from shared.privacy.vault import PREFIX, SealBroken, Vault
from shared.runtime.cases import Shredded, Unreadable
from shared.runtime.mongo import Collection, Cursor, DeleteResult, Document, UpdateOne, UpdateResult

AT_ONCE = 100

Tell = Callable[[str, str, str], Awaitable[None]]
"""Module, document and class of the error of what does not open; see `Alarm.tell`."""

_just_read: ContextVar[DataKey | None] = ContextVar("just_read", default=None)
"""The key of the document that this task read last, for the save that follows; used once. A key that is destroyed in
between seals what nobody can open, and the case is decided anew when what is left of it is stored."""


class SecretField(ValueError):
    """A search, order, index or change names a field that is sealed. The text says which."""


class SealedCollection:
    """A `Collection` around another. `keyring`: of the controller of the module that `vault` knows the secrets of.

    `tell`: whom to tell of what does not open.
    """

    def __init__(self, collection: Collection, vault: Vault, keyring: Keyring, tell: Tell | None = None) -> None:
        self._tell = tell or Alarm().tell
        self.keyring = keyring
        self._collection = collection
        self._vault = vault

    def owner(self, document_id: str) -> str:
        """Whose key seals a document: several modules share a keyring."""
        return f"{self._vault.module}:{document_id}"

    # Reading

    async def find_one(
        self, wanted: Mapping[str, Any], /, projection: Mapping[str, Any] | None = None
    ) -> Document | None:
        """As the collection's own, opened. Raises `SealBroken`, `KeyLost`, `SecretField`."""
        self._check_filter(wanted)
        self._check_projection(projection)
        found = await self._collection.find_one(wanted, projection)
        if found is not None:
            _just_read.set(await self._open(found))
        return found

    def find(self, wanted: Mapping[str, Any], /, projection: Mapping[str, Any] | None = None) -> Cursor:
        """As the collection's own; what is read is opened. Raises `SecretField`."""
        self._check_filter(wanted)
        self._check_projection(projection)
        return SealedCursor(self._collection.find(wanted, projection), self._open_listed, self._check_name)

    async def count_documents(self, wanted: Mapping[str, Any], /) -> int:
        """As the collection's own. Raises `SecretField`."""
        self._check_filter(wanted)
        return await self._collection.count_documents(wanted)

    async def _open(self, document: Document) -> DataKey | None:
        """Opens a document in place and returns its key, if it has secrets. Raises `SealBroken`, `KeyLost`."""
        if not self._vault.texts(document.get("state")):
            return None
        number, owner = document["_id"], self.owner(document["_id"])
        try:
            key = (await self.keyring.find([owner])).get(owner)
            if key is None:
                raise KeyLost(f"the key of {owner} is gone, and nothing says that it was destroyed")
            document["state"] = self._vault.open(document["state"], number, key)
        except (Unreadable, TypeError) as error:
            await self._tell(self._vault.module, number, type(error).__name__)
            raise
        _say_destroyed(document, key)
        return key

    async def _open_listed(self, documents: Sequence[Document]) -> None:
        """Opens what opens, in place: one broken seal must not keep the others from the reader."""
        sealed = [one for one in documents if self._vault.texts(one.get("state"))]
        owners = [self.owner(one["_id"]) for one in sealed]
        keys = await self.keyring.find(owners, leave_out=True) if owners else {}
        for document, owner in zip(sealed, owners, strict=True):
            number, key = document["_id"], keys.get(owner)
            document["state"], whole = self._vault.open_what_opens(document["state"], number, key)
            if not whole:
                await self._tell(self._vault.module, number, (SealBroken if key else KeyLost).__name__)
            if key is not None:
                _say_destroyed(document, key)

    # Writing

    async def insert_one(self, document: Document) -> object:
        """As the collection's own, sealed. Raises `Shredded`."""
        return await self._collection.insert_one(
            document | {"state": await self._sealed(document["state"], document["_id"], None, new=True)}
        )

    async def delete_one(self, wanted: Mapping[str, Any], /) -> DeleteResult:
        """As the collection's own. Raises `SecretField`."""
        self._check_filter(wanted)
        return await self._collection.delete_one(wanted)

    async def update_one(
        self, wanted: Mapping[str, Any], /, update: Mapping[str, Any], upsert: bool = False
    ) -> UpdateResult:
        """As the collection's own; the state can only be set as a whole. Raises `Shredded`, `SecretField`."""
        self._check_filter(wanted)
        fields = update.get("$set", {})
        self._check_change({**update, "$set": {name: 1 for name in fields if name != "state"}})
        if "state" in fields:
            if upsert:
                raise SecretField("a state is set in a document that is there")
            key = _just_read.get()
            _just_read.set(None)
            update = {**update, "$set": fields | {"state": await self._sealed(fields["state"], wanted["_id"], key)}}
        return await self._collection.update_one(wanted, update, upsert)

    async def bulk_write(self, requests: Sequence[UpdateOne], ordered: bool = True) -> UpdateResult:
        """As the collection's own, for changes beside the state. Raises `SecretField`."""
        for one in requests:
            self._check_filter(one._filter)
            for update in [one._doc] if isinstance(one._doc, Mapping) else one._doc:
                self._check_change(update)
        return await self._collection.bulk_write(requests, ordered)

    async def create_index(self, keys: str | Sequence[tuple[str, int]], **options: object) -> str:
        """As the collection's own. Raises `SecretField`."""
        for name in [keys] if isinstance(keys, str) else [name for name, _ in keys]:
            self._check_name(name)
        return await self._collection.create_index(keys, **options)

    async def _sealed(self, state: Any, document_id: str, key: DataKey | None, *, new: bool = False) -> Any:
        texts = self._vault.texts(state)
        if not texts:
            return state
        owner = self.owner(document_id)
        if key is None or key.owner != owner:
            key = await self.keyring.obtain(owner, new=new)
        sealed = self._vault.seal(state, document_id, key)
        if key.secret is None and sealed != state:
            raise Shredded(document_id)  # something was written that nobody could ever read
        return sealed

    async def seal_what_is_plain(self) -> int:
        """Seals what was stored before its module had secrets; returns the number of documents."""
        count, last = 0, ""
        while True:
            page = self._collection.find({"_id": {"$gt": last}}, {"state": 1, "version": 1})
            found = await page.sort("_id").limit(AT_ONCE).to_list(AT_ONCE)
            if not found:
                return count
            for document in found:
                texts = self._vault.texts(document["state"])
                if texts and not any(text.startswith(PREFIX) for text in texts):
                    state = await self._sealed(document["state"], document["_id"], None)
                    wanted = {"_id": document["_id"], "version": document["version"]}
                    change = {"$set": {"state": state}, "$inc": {"version": 1}}
                    count += (await self._collection.update_one(wanted, change)).matched_count
            last = found[-1]["_id"]

    # What may not be named

    def _check_name(self, name: str) -> None:
        if any(self._vault.touches(name)):
            raise SecretField(f"{name} is sealed: it cannot be searched or sorted by")

    def _check_filter(self, wanted: Mapping[str, Any], within: str = "") -> None:
        for name, condition in wanted.items():
            field = f"{within}.{name}" if within else name
            if name in ("$and", "$or", "$nor"):
                for one in condition:
                    self._check_filter(one, within)
            elif name == "$expr":
                self._check_expression(condition)
            elif name.startswith("$"):
                raise SecretField(f"{name} could look into sealed fields")
            elif isinstance(condition, dict) and list(condition) == ["$elemMatch"]:
                self._check_filter(condition["$elemMatch"], field)
            elif self._vault.touches(field)[1] and not _asks_whether_there(field, condition, self._vault):
                raise SecretField(f"{field} is sealed: it cannot be searched by")

    def _check_expression(self, expression: Any) -> None:
        if isinstance(expression, dict | list):
            for one in expression.values() if isinstance(expression, dict) else expression:
                self._check_expression(one)
        elif isinstance(expression, str) and expression.startswith("$$"):
            raise SecretField(f"{expression} could look into sealed fields")
        elif isinstance(expression, str) and expression.startswith("$"):
            self._check_name(expression[1:])

    def _check_projection(self, projection: Mapping[str, Any] | None) -> None:
        for name, asked in (projection or {}).items():
            if name == "_id" and not asked:
                raise SecretField("without its id a document cannot be opened")
            if not isinstance(asked, bool | int):
                raise SecretField(f"{name} can only be asked for as it is")

    def _check_change(self, update: Mapping[str, Any]) -> None:
        for operator, names in update.items():
            for name in names:
                if name.split(".")[0] == "state":
                    raise SecretField(f"{operator} {name}: a state is only set as a whole")


def _say_destroyed(document: Document, key: DataKey) -> None:
    if key.secret is None:
        document.setdefault("shredded", {"at": key.destroyed_at, "reason": key.reason})


def _asks_whether_there(name: str, condition: Any, vault: Vault) -> bool:
    """Whether a condition only asks if something that holds secrets is there at all."""
    return not vault.touches(name)[0] and condition in (None, {"$ne": None}, {"$exists": True}, {"$exists": False})


class SealedCursor:
    """A search whose documents are opened when they are read."""

    def __init__(
        self, cursor: Cursor, opening: Callable[[Sequence[Document]], Awaitable[None]], check: Callable[[str], None]
    ) -> None:
        self._cursor, self._opening, self._check = cursor, opening, check

    def sort(self, key: str, direction: int = 1) -> SealedCursor:
        """As the cursor's own. Raises `SecretField`."""
        self._check(key)
        self._cursor = self._cursor.sort(key, direction)
        return self

    def limit(self, limit: int) -> SealedCursor:
        """As the cursor's own."""
        self._cursor = self._cursor.limit(limit)
        return self

    async def to_list(self, length: int | None = None) -> list[Document]:
        """As the cursor's own, opened with one search for all keys; what does not open reads `niet leesbaar`.

        Only to be shown: what is stored afterwards is read again, one by one.
        """
        found = await self._cursor.to_list(length)
        await self._opening(found)
        return found
