"""`/metrics`: who may read them, what they say, and that nobody is in them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from pymongo.errors import AutoReconnect

from deploy.local.temporary import Mongo
from services.aftercare.app import CALLBACK
from services.aftercare.app import build as aftercare
from services.aftercare.callback.domain import MISSED
from shared.contracts.decisions import DeadlinePassed
from shared.runtime.environment import UnfitSetting
from shared.web.metrics import metrics_routes
from tests.access.signing import local_settings, signed
from tests.services.aftercare.callback.test_routes import call
from tests.services.serving import KEYS, START, Served, serve

CASE = "0123456789abcdef" * 2
PHONE = "0612345678"


@pytest.fixture
async def served(mongo: Mongo) -> AsyncIterator[Served]:
    """Aftercare, with a database and without broker."""
    async with serve(aftercare, mongo) as made:
        yield made


async def numbers(served: Served) -> dict[str, float]:
    """Each line of a scrape: what is measured, and the number."""
    answer = await served.client.get("/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain")
    assert CASE not in answer.text and PHONE not in answer.text and "account-1" not in answer.text
    assert served.cases(CALLBACK).id_for(CASE) not in answer.text
    lines = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def test_a_promise_is_seen_coming_and_being_broken_and_no_case_is_named(served: Served) -> None:
    await served.know(CALLBACK, CASE, call(CASE, phone=PHONE))
    served.time.now = START + timedelta(minutes=26)
    found = await numbers(served)
    named = f'{{deadline="{MISSED}",module="aftercare.callback"}}'
    assert found[f"veilig_deadline_next_seconds{named}"] == 240.0
    assert found[f"veilig_deadline_pending{named}"] == 1.0
    assert found['veilig_promises_broken{promise="callback"}'] == 0.0
    assert found['veilig_outbox_documents{module="aftercare.callback"}'] == 1.0
    assert found['veilig_deadline_overdue_seconds{module="aftercare.callback"}'] == 360.0, "the warning at 20 minutes"

    served.time.now = START + timedelta(minutes=31)
    for due in CALLBACK.deadlines(await served.cases(CALLBACK).load(served.cases(CALLBACK).id_for(CASE))):
        await served.know(CALLBACK, CASE, DeadlinePassed(due.name, due.at, served.time.now))
    found = await numbers(served)
    assert found['veilig_promises_broken{promise="callback"}'] == 1.0
    assert found['veilig_deadline_overdue_seconds{module="aftercare.callback"}'] == 0.0
    assert f"veilig_deadline_next_seconds{named}" not in found


async def test_without_database_it_tells_what_it_knows_and_that_it_is_not_ready(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise AutoReconnect("away")

    monkeypatch.setattr(served.app.state.service.database, "ping", away)
    found = await numbers(served)
    assert found['veilig_ready{check="database"}'] == 0.0
    assert found['veilig_dead_letters_total{subscription="aftercare.callback.reports"}'] == 0.0
    assert not any(name.startswith("veilig_outbox") for name in found)


def standing_alone(**settings: object) -> FastAPI:
    """A service that is made and not started."""
    return aftercare(local_settings(**settings), keys=KEYS)


async def status(app: FastAPI, **headers: str) -> int:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        return (await client.get("/metrics", headers=headers)).status_code


async def test_only_who_has_the_token_reads_them_and_a_new_token_counts_at_once(tmp_path: Path) -> None:
    file, token, other = tmp_path / "token", secrets.token_hex(32), secrets.token_hex(32)
    file.write_text(token + "\n")
    app = standing_alone(metrics_token_file=file)
    try:
        assert await status(app) == 401
        assert await status(app, Authorization=f"Bearer {other}") == 401
        assert await status(app, **signed("admin")) == 401, "signed in is not enough"
        assert await status(app, Authorization=f"Bearer {token}") == 200
        file.write_text(other)
        assert await status(app, Authorization=f"Bearer {token}") == 401
        file.unlink()
        assert await status(app, Authorization=f"Bearer {other}") == 401
    finally:
        await app.state.service.database.close()


async def test_outside_local_mode_there_is_no_such_address_without_a_token() -> None:
    app = standing_alone()
    service = app.state.service
    service.settings = service.settings.model_copy(update={"environment": "production"})
    assert metrics_routes(service).routes == []
    await service.database.close()


@pytest.mark.parametrize("text", ["", "short", None])
def test_a_token_that_may_be_guessed_or_is_not_there_stops_the_start(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "token"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UnfitSetting, match="VEILIG_METRICS_TOKEN_FILE"):
        standing_alone(metrics_token_file=file)
