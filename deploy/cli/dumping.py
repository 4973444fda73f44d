"""What is stored of the services, as files and back: one file a collection, one document a line, hashes beside it.

Keys go to a folder of their own. Whoever has the documents alone reads nothing that is sealed, and whoever has both
still lacks the wrapping keys, which no database ever holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bson.json_util import CANONICAL_JSON_OPTIONS, dumps, loads

from shared.privacy.controllers import CONTROLLERS, Controller
from shared.privacy.logbooks import database_of
from shared.runtime.environment import utc_now
from shared.runtime.mongo import Collection, Database, Document, insert_new

FORMAT = 1
MANIFEST = "manifest.json"
READING = CANONICAL_JSON_OPTIONS.with_options(tz_aware=True)
AT_ONCE = 200
DRAFTS = "intake.drafts"
LEFT_OUT = ("aftercare.confidential_line", DRAFTS)
"""What is gone without a trace when somebody wants it gone: a backup would bring it back and nobody would know.
The confidential line is another controller's too (decision 0024)."""
KEPT_FOR = tuple(dict.fromkeys(CONTROLLERS[module] for module in CONTROLLERS if module not in LEFT_OUT))
"""Controllers of whom a backup can be made."""


class NotFit(Exception):
    """These files are not a backup, or not as they were made. The text says which and why."""


@dataclass(frozen=True)
class Scope:
    """Which databases belong together; names as the runtime knows them, e.g. `intake.reporting`."""

    documents: tuple[str, ...]
    keys: tuple[str, ...]
    controllers: tuple[Controller, ...]


def scope(controller: Controller | None = None) -> Scope:
    """Of one controller: its modules, its keys and its logs. Without: of all.

    Not of one service: two services of a controller share keys and logs, and each would take away the other's.
    """
    modules = [name for name in CONTROLLERS if name not in LEFT_OUT and controller in (None, CONTROLLERS[name])]
    controllers = tuple(dict.fromkeys(CONTROLLERS[name] for name in modules))
    # The log of a service itself goes with who answers for who may see its cases.
    services = [name.removesuffix(".access") for name in modules if name.endswith(".access")]
    logs = [database_of(owner) for owner in (*controllers, *services)]
    return Scope((*modules, *logs), tuple(f"keys.{one}" for one in controllers), controllers)


def stays(document: Document) -> bool:
    """Whether this is the key of a report that was not sent: in no backup, and no restore takes it away."""
    return str(document["_id"]).startswith(f"{DRAFTS}:")


async def filled(database: Database, name: str) -> bool:
    """Whether something is stored that a restore would take away."""
    for collection in await database.collections(name):
        async for document in every(database.collection(name, collection)):
            if not stays(document):
                return True
    return False


async def clear(database: Database, name: str) -> None:
    """Takes away what is stored; keys one by one, for some of them stay."""
    if not name.startswith("keys."):
        await database.drop(name)
        return
    for collection in [database.collection(name, one) for one in await database.collections(name)]:
        gone = [document["_id"] async for document in every(collection) if not stays(document)]
        for one in gone:
            await collection.delete_one({"_id": one})


# Writing


async def write(database: Database, wanted: Scope, documents: Path, keys: Path) -> tuple[str, int]:
    """Writes both folders; returns the backup's id and how many documents it has.

    Documents before keys: each document that is written has its key. Batches of a log before its lines: each line of
    a batch is written.
    """
    made, number = {"id": uuid.uuid4().hex, "made_at": utc_now().isoformat(timespec="seconds")}, 0
    for folder, kind, names in ((documents, "documents", wanted.documents), (keys, "keys", wanted.keys)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files = {}
        for name in names:
            stored = await database.collections(name)
            for collection in sorted(stored, key=lambda one: (not one.endswith(".seals"), one)):
                file = folder / name / f"{collection}.jsonl"
                files[f"{name}/{collection}.jsonl"] = told = await _dump(database.collection(name, collection), file)
                number += told["documents"]
        text = json.dumps(made | {"format": FORMAT, "kind": kind, "files": files}, indent=2)
        with _fresh(folder / MANIFEST) as write_to:
            write_to.write(text.encode())
    return made["id"], number


async def _dump(collection: Collection, file: Path) -> dict[str, Any]:
    file.parent.mkdir(mode=0o700, exist_ok=True)
    digest, count = hashlib.sha256(), 0
    with _fresh(file) as write_to:
        async for document in every(collection):
            if stays(document):
                continue
            line = dumps(document, json_options=CANONICAL_JSON_OPTIONS).encode() + b"\n"
            write_to.write(line)
            digest.update(line)
            count += 1
    return {"documents": count, "sha256": digest.hexdigest()}


def _fresh(file: Path) -> Any:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


async def every(collection: Collection) -> AsyncIterator[Document]:
    """All documents in order of their ids, a page at a time."""
    found = await collection.find({}).sort("_id").limit(AT_ONCE).to_list(AT_ONCE)
    while found:
        for document in found:
            yield document
        after = {"_id": {"$gt": found[-1]["_id"]}}
        found = await collection.find(after).sort("_id").limit(AT_ONCE).to_list(AT_ONCE)


# Reading


@dataclass(frozen=True)
class Dump:
    """One folder that was checked: every file is there, and as it was written."""

    folder: Path
    id: str
    made_at: str
    files: tuple[str, ...]

    @property
    def databases(self) -> tuple[str, ...]:
        """The databases that it has something of."""
        return tuple(dict.fromkeys(name.partition("/")[0] for name in self.files))

    def documents(self, file: str) -> Iterator[Document]:
        """The documents of one file."""
        with (self.folder / file).open("rb") as lines:
            for line in lines:
                yield loads(line, json_options=READING)


def read(folder: Path, kind: str) -> Dump:
    """A folder of a backup. Raises `NotFit` when it is not one of `kind`, or when a file is not what it was."""
    try:
        told = json.loads((folder / MANIFEST).read_text())
        fits = told["format"] == FORMAT and told["kind"] == kind
        files = {str(name): str(one["sha256"]) for name, one in told["files"].items()}
        made = Dump(folder, str(told["id"]), str(told["made_at"]), tuple(files))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise NotFit(f"{folder} has no manifest that can be read") from None
    if not fits:
        raise NotFit(f"{folder} is not a folder of {kind} of this format")
    for name, digest in files.items():
        known = name.partition("/")[0] in {*scope().documents, *scope().keys} and ".." not in name
        if not known or _digest(folder / name) != digest:
            raise NotFit(f"{name} is missing or was changed")
    return made


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""


async def put_back(database: Database, dump: Dump) -> int:
    """Stores everything of a folder; returns how many documents."""
    count = 0
    for file in dump.files:
        name, _, collection = file.removesuffix(".jsonl").partition("/")
        for page in pages(dump.documents(file)):
            await insert_new(database.collection(name, collection), page)
            count += len(page)
    return count


def pages(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """A few at a time."""
    page: list[Document] = []
    for document in documents:
        page.append(document)
        if len(page) == AT_ONCE:
            yield page
            page = []
    if page:
        yield page
