"""The clock: finds cases with a deadline that passed and tells them so, through the same update as everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.decisions import Deadline, DeadlinePassed
from shared.runtime import logs
from shared.runtime.cases import Act, Cases, Conflict, Handled, earliest
from shared.runtime.mongo import AWAY, Document

log = logs.logger(__name__)

AT_ONCE = 50
LONGEST_PAUSE = 3_600.0


class Deadlines:
    """The deadlines of one module. Several may run on one collection: the version of a case decides who wins."""

    def __init__(self, cases: Cases[Any], *, tick_seconds: float = 0.25, now: Callable[[], datetime] | None = None):
        self._cases = cases
        self._tick_seconds = tick_seconds
        self._now = now or cases.clock.now

    async def run(self) -> None:
        """Runs until cancelled."""
        while True:
            try:
                while await self.pass_due() == AT_ONCE:
                    pass
            except Exception as error:  # this loop must never end by itself
                write = log.warning if isinstance(error, AWAY) else log.error
                write("clock_waits", module=self._cases.module.name, error=type(error).__name__)
            await asyncio.sleep(self._tick_seconds)

    async def pass_due(self) -> int:
        """Tells every case that is due now; returns how many were looked at."""
        now = self._now()
        passed = {"look_at": {"$lte": now}, "due_at": {"$lte": now}}
        due = self._cases.collection.find(passed, {"lease": 1, "due_failures": 1, "version": 1})
        found = await due.sort("due_at").limit(AT_ONCE).to_list(AT_ONCE)
        for document in found:
            await self._tell(document, now)
        return len(found)

    async def _tell(self, document: Document, now: datetime) -> None:
        try:
            # Read one by one: a state that cannot be opened must not stop the others. From the state, not from the
            # stored `due`: the database keeps milliseconds, a rule compares exactly.
            state = await self._cases.load(document["_id"])
            due_of = self._cases.module.deadlines(state) if state is not None else ()
            for due in sorted(due_of, key=lambda one: one.at):
                if due.at <= now:
                    await self._pass(document["_id"], due, now)
        except Conflict:
            return  # somebody is busy with this case; the next look finds it again
        except AWAY:
            raise
        except Exception as error:  # one broken case must not stop the others
            await self._set_aside(document, now, error)

    async def _pass(self, case_id: str, due: Deadline, now: datetime) -> None:
        words = {"veilig.module": self._cases.module.name, "veilig.deadline": due.name}
        with self._cases.tracing.span(f"deadline {due.name}", words, parent=""):
            await self._cases.update(
                case_id,
                DeadlinePassed(due.name, due.at, now),
                handled=Handled(f"clock:{due.name}:{due.at.isoformat()}"),
                act=Act("clock", f"deadline {due.name}"),
            )

    async def _set_aside(self, document: Document, now: datetime, error: Exception) -> None:
        failures = document.get("due_failures", 0) + 1
        pause = min(2.0**failures, LONGEST_PAUSE)
        log.error(
            "deadline_failed", module=self._cases.module.name, case=document["_id"], error=type(error).__name__,
            attempt=failures, seconds=pause,
        )  # fmt: skip
        again = now + timedelta(seconds=pause)
        look_at = earliest(again, document.get("lease", {}).get("until"))
        fields = {"due_at": again, "look_at": look_at, "due_failures": failures}
        # A version of its own: a relay that lets go of the case writes down the `due_at` that it knows.
        await self._cases.collection.update_one(
            {"_id": document["_id"], "version": document["version"]},
            {"$set": fields, "$inc": {"version": 1}},
        )
