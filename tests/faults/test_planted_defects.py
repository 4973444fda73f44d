"""The tests of the tests: each defect that would lose or double an event, planted on purpose, is found."""

from __future__ import annotations

from typing import Any

import pytest

from shared.runtime.cases import Cases, Saved
from shared.runtime.journal import to_change
from shared.runtime.mongo import Database, UpdateOne
from shared.runtime.outbox import Relay
from tests.faults.failpoints import Crash
from tests.faults.test_failpoints import check_every_await
from tests.faults.test_interleavings import ORDERS, play
from tests.runtime.test_cases import check_repeats_change_nothing
from tests.runtime.toy import Bench


class ReleasesWithoutVersion(Relay):
    """Lets go of a document without looking whether something was added meanwhile."""

    def _letting_go(self, one: Saved) -> UpdateOne:
        found = {"_id": one.id, "lease.token": one.token}
        return UpdateOne(found, {"$set": {"outbox": []}, "$unset": {"pending": "", "lease": ""}})


class LendsItsPublisher(Relay):
    """Gives the cases a way to publish too early."""

    def __init__(self, cases: Any, publisher: Any, **more: Any) -> None:
        super().__init__(cases, publisher, **more)
        cases.publisher = publisher


class PublishesBeforeSave(Cases[Any]):
    """Tells the world first and writes it down afterwards."""

    publisher: Any

    async def _save(self, case_id: str, document: Any, decision: Any, handled: Any, act: Any) -> bool:
        version = 1 if document is None else document["version"] + 1
        for record in self._tell(case_id, version, decision.events, act)[1]:
            await self.publisher.publish(record)
        return await super()._save(case_id, document, decision, handled, act)


class TellsTheLogBeforeSave(Cases[Any]):
    """Writes the log first and the change afterwards."""

    async def _save(self, case_id: str, document: Any, decision: Any, handled: Any, act: Any) -> bool:
        assert self.journal is not None
        await self.journal.write([to_change(line) for line in self._log_entries(case_id, decision.state, handled, act)])
        return await super()._save(case_id, document, decision, handled, act)


class TrimsTheInbox:
    """A collection that keeps only the last input that was handled."""

    def __init__(self, real: Any) -> None:
        self._real = real

    async def update_one(self, found: Any, change: Any) -> Any:
        """Updates, with a trimmed inbox."""
        if "inbox" in change.get("$push", {}):
            handled = change["$push"]["inbox"]
            change = change | {"$push": change["$push"] | {"inbox": {"$each": [handled], "$slice": -1}}}
        return await self._real.update_one(found, change)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


async def test_a_release_without_version_is_found(database: Database) -> None:
    with pytest.raises(AssertionError):
        for seed in range(ORDERS):
            await play(database, seed, relay=ReleasesWithoutVersion)


async def test_publishing_before_saving_is_found(database: Database) -> None:
    with pytest.raises(AssertionError, match="nobody decided"):
        await check_every_await(database, "before", Crash, cases=PublishesBeforeSave, relay=LendsItsPublisher)


async def test_a_line_in_the_log_of_what_was_not_saved_is_found(database: Database) -> None:
    with pytest.raises(AssertionError):
        await check_every_await(database, "before", Crash, cases=TellsTheLogBeforeSave)


async def test_a_trimmed_inbox_is_found(database: Database) -> None:
    with pytest.raises(AssertionError):
        await check_repeats_change_nothing(Bench(database, collection=TrimsTheInbox(database.collection("toy"))))  # type: ignore[arg-type]
