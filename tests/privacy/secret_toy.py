"""A module with secrets as small as can be, on a sealed collection; and the raw bytes of the database's files."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from deploy.local.temporary import Mongo
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision
from shared.contracts.intake import CaseShredded
from shared.privacy.controllers import Controller
from shared.privacy.keyring import Keyring, keys_of
from shared.privacy.sealed import SealedCollection
from shared.privacy.vault import Vault
from shared.runtime.cases import Act, Cases, Handled, Module, Origin
from shared.runtime.environment import Clock
from shared.runtime.mongo import Collection, Database
from tests.runtime.toy import RealTime


@dataclass(frozen=True)
class Note:
    """A word and its kind."""

    words: str
    kind: str = "plain"


@dataclass(frozen=True)
class Told:
    """What somebody told, how often, and until when it waits."""

    case: str
    text: str = ""
    notes: tuple[Note, ...] = ()
    count: int = 0
    due: tuple[Deadline, ...] = ()


@dataclass(frozen=True)
class Tell:
    """A person tells something."""

    case: str
    text: str
    due: tuple[Deadline, ...] = ()


@dataclass(frozen=True)
class Fact:
    """Another service tells something; no words in it."""

    case: str


def decide(state: Told | None, command: Tell | Fact | DeadlinePassed) -> Decision[Told]:
    """Pure, like the real ones."""
    if isinstance(command, DeadlinePassed):
        assert state is not None
        return Decision(replace(state, due=(), count=state.count + 1))
    known = state or Told(command.case)
    if isinstance(command, Fact):
        return Decision(replace(known, count=known.count + 1))
    notes = (*known.notes, Note(command.text))
    return Decision(replace(known, text=command.text, notes=notes, due=command.due))


MODULE = Module(
    "toy", Told, decide, lambda state: state.due, lambda _: False, secrets=("text", "notes[].words"),
    shredded=CaseShredded,
)  # fmt: skip


class Place:
    """The toy module on a database. Make a second one for a second process."""

    def __init__(self, database: Database, around: Any = None) -> None:
        self.raw = database.collection("toy")
        self.keyring = Keyring(Controller.POLICE, keys_of(database, Controller.POLICE), {1: b"w" * 32})
        inner: Collection = around(self.raw) if around else self.raw
        self.sealed = SealedCollection(inner, Vault(Controller.POLICE, "toy", MODULE.secrets), self.keyring)
        self.time = RealTime()
        self.cases: Cases[Told] = Cases(
            MODULE, self.sealed, key=b"k" * 32, clock=Clock(movable=True, real=self.time),
            origin=Origin("urn:x", "https://x"), now=self.time,
        )  # fmt: skip

    async def tell(self, text: str, case: str = "a", **more: Any) -> Told:
        """A person tells something, over HTTP."""
        handled = Handled(f"http:me:{uuid.uuid4().hex}", "digest")
        return await self.cases.update(case, Tell(case, text, **more), handled=handled, act=Act("me"))

    async def fact(self, case: str = "a") -> Told:
        """A fact arrives."""
        return await self.cases.update(case, Fact(case), handled=Handled(uuid.uuid4().hex), act=Act("other"))

    async def stored(self, case: str = "a") -> dict[str, Any]:
        """The document as the database has it."""
        found = await self.raw.find_one({"_id": case})
        assert found is not None
        return found


def files_of(mongo: Mongo) -> list[Path]:
    """The files of the embedded database; skips the test where the database is another machine's."""
    if mongo.child is None:
        pytest.skip("this database keeps its files elsewhere")
    found = [path for path in (mongo.child.log.parent / "data").rglob("*") if path.is_file()]
    assert found
    return found


def holds(mongo: Mongo, text: str) -> bool:
    """Whether any file of the database has this text in it, as it is or in UTF-16."""
    wanted = (text.encode(), text.encode("utf-16-le"))
    return any(one in path.read_bytes() for path in files_of(mongo) for one in wanted)
