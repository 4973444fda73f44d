"""What the data protection officer sees: seals, looks at a chain, runs of the retention job, holds; no secret."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from shared.privacy.controllers import Controller
from shared.privacy.keyring import Keyring
from shared.privacy.logbooks import Logbooks
from shared.privacy.overview import LOOKED_BACK, runs, states, waiting
from shared.privacy.security_log import Act
from shared.runtime.environment import utc_now
from shared.runtime.mongo import Database

POLICE = Controller.POLICE


async def test_each_log_says_when_it_was_sealed_and_how_the_last_look_ended(database: Database) -> None:
    books, now = Logbooks(database.collection, "intake"), utc_now()
    books.journal("intake.reporting")
    await books.security(POLICE).note(Act.VERIFY, "log:police:processing", "done", at=now - LOOKED_BACK / 2)
    await books.security(POLICE).note(Act.VERIFY, "log:police:processing", "failed")
    await books.security(POLICE).note(Act.VERIFY, "log:police:security", "done", at=now - 2 * LOOKED_BACK)
    await books.seal()
    found = {(one.owner, one.log): one for one in await states(books.chains(), utc_now())}
    assert found["police", "processing"].result == "failed", "the newest look counts"
    assert found["police", "processing"].sealed_at is None, "there is nothing in it"
    assert found["police", "security"].verified_at is None, "too long ago is none"
    sealed = found["police", "security"].sealed_at
    assert sealed is not None and sealed >= now - timedelta(seconds=1)


async def test_the_last_run_of_the_retention_job_is_told(database: Database) -> None:
    books = Logbooks(database.collection, "intake")
    books.journal("intake.reporting")
    (none,) = await runs(books.chains(), [POLICE], utc_now())
    assert none.ran_at is None
    await books.security(POLICE).note(Act.FORGET, "retention", "begun")
    await books.security(POLICE).note(Act.FORGET, "retention:3-forgotten", "done")
    (run,) = await runs(books.chains(), [POLICE], utc_now())
    assert (run.dry, run.forgotten, run.result) == (False, 3, "done")
    await books.security(POLICE).note(Act.FORGET, "retention:dry-run:0-forgotten", "failed")
    (dry,) = await runs(books.chains(), [POLICE], utc_now())
    assert (dry.dry, dry.forgotten, dry.result) == (True, 0, "failed")


async def test_what_is_asked_or_held_is_listed_without_accounts_and_of_this_module_only(database: Database) -> None:
    keyring = Keyring(POLICE, database.collection("keys"), {1: secrets.token_bytes(32)})
    now = utc_now()

    async def key(owner: str, **known: Any) -> None:
        await keyring.obtain(owner)
        await keyring.change(owner, {}, {"$set": known}) if known else None

    await key("intake.reporting:a1", hold={"by": "agent-1", "reason": "claim", "at": now})
    await key("intake.reporting:b2", shredding={"asked_by": "agent-1", "reason": "mistake", "at": now - LOOKED_BACK})
    await key("intake.reporting:c3")
    await key("intake.reporting:d4", shredding={"asked_by": "x", "reason": "mistake", "at": now}, destroyed_at=now)
    await key("assessment.weighing:e5", hold={"by": "agent-1", "reason": "claim", "at": now})
    rows = await waiting(keyring, "intake.reporting")
    assert [(one.document, one.held_for, one.reason) for one in rows] == [("b2", "", "mistake"), ("a1", "claim", "")]
    assert "agent-1" not in str(rows)
