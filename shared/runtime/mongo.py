"""The database: the only place that knows which driver is used (motor, or PyMongo's AsyncMongoClient)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, UpdateOne
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NotPrimaryError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

Document = dict[str, Any]

AWAY: tuple[type[Exception], ...] = (
    AutoReconnect,
    ConnectionFailure,
    ServerSelectionTimeoutError,
    NotPrimaryError,
    ExecutionTimeout,
    WTimeoutError,
)
"""Errors that say: the database is not there now. Wait and try again."""

__all__ = ["AWAY", "Collection", "Database", "Document", "DuplicateKeyError", "UpdateOne", "connect", "insert_new"]

DUPLICATE = 11_000
"""The server's code for an id that is there already."""


class UpdateResult(Protocol):
    """What an update tells: how many documents the filter found."""

    @property
    def matched_count(self) -> int: ...


class DeleteResult(Protocol):
    """What a removal tells: how many documents went."""

    @property
    def deleted_count(self) -> int: ...


class Cursor(Protocol):
    """A search that can be cut and ordered before it is read."""

    def sort(self, key: str, direction: int = 1) -> Cursor: ...
    def limit(self, limit: int) -> Cursor: ...
    async def to_list(self, length: int | None = None) -> list[Document]: ...


class Collection(Protocol):
    """The few operations that both drivers share and that we use. No `replace_one`, no `find_one_and_update`."""

    async def find_one(
        self, filter: Mapping[str, Any], /, projection: Mapping[str, Any] | None = None
    ) -> Document | None: ...
    def find(self, filter: Mapping[str, Any], /, projection: Mapping[str, Any] | None = None) -> Cursor: ...
    async def insert_one(self, document: Document) -> object: ...
    async def update_one(
        self, filter: Mapping[str, Any], /, update: Mapping[str, Any], upsert: bool = False
    ) -> UpdateResult: ...
    async def delete_one(self, filter: Mapping[str, Any]) -> DeleteResult: ...
    async def bulk_write(self, requests: Sequence[UpdateOne], ordered: bool = True) -> UpdateResult: ...
    async def count_documents(self, filter: Mapping[str, Any], /) -> int: ...
    async def create_index(self, keys: str | Sequence[tuple[str, int]], **options: object) -> str: ...


async def insert_new(collection: Collection, documents: Sequence[Document]) -> None:
    """Inserts those whose id is not there yet, in one command. Returns when all are there; raises when one is not."""
    try:
        await cast(Any, collection).insert_many(documents, ordered=False)
    except BulkWriteError as error:
        details = error.details
        others = [one for one in details.get("writeErrors", ()) if one["code"] != DUPLICATE]
        if others or details.get("writeConcernErrors"):
            raise


class Database:
    """A connection. Belongs to the event loop it is used in."""

    def __init__(self, client: Any, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def collection(self, module: str, name: str = "cases") -> Collection:
        """The collection of a module, e.g. `intake.reporting`; each module has a database of its own."""
        database = self._client[self._name(module)]
        return cast(Collection, database.get_collection(name, codec_options=CodecOptions(tz_aware=True)))

    def _name(self, module: str) -> str:
        return f"{self._prefix}_{module.replace('.', '_')}"

    async def ping(self) -> None:
        """Raises one of `AWAY` when the database does not answer."""
        await self._client.admin.command("ping")

    async def collections(self, module: str) -> list[str]:
        """Names of what is stored for a module."""
        return sorted(await self._client[self._name(module)].list_collection_names())

    async def drop(self, module: str) -> None:
        """Takes away everything that is stored for a module."""
        await self._client.drop_database(self._name(module))

    async def now(self) -> datetime:
        """What time the server has (UTC). Raises one of `AWAY`."""
        told: datetime = (await self._client.admin.command("hello"))["localTime"]
        return told if told.tzinfo else told.replace(tzinfo=UTC)

    async def close(self) -> None:
        """Closes all connections."""
        closing = self._client.close()
        if closing is not None:
            await closing


def connect(url: str, *, driver: str = "motor", prefix: str = "veilig", wait_ms: int = 5_000) -> Database:
    """Makes a connection; nothing is sent yet. `wait_ms`: how long an operation waits for a server, in milliseconds."""
    options: dict[str, Any] = {
        "serverSelectionTimeoutMS": wait_ms,
        "connectTimeoutMS": wait_ms,
        "socketTimeoutMS": 2 * wait_ms,  # a server that hangs is a server that is away
        "tz_aware": True,
        "retryReads": False,  # whoever calls tries again, and knows how long
        "retryWrites": False,
    }
    if driver == "motor":
        return Database(AsyncIOMotorClient(url, **options), prefix)
    return Database(AsyncMongoClient(url, **options), prefix)
