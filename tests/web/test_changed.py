"""A partner's detail says whether it changed since the event that was read, by what that partner was told alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.local.temporary import Mongo
from services.assessment.app import MEASURES, build
from services.assessment.measures.commands import NoteAssessment, NoteIncident
from shared.contracts.vocabulary import Office
from tests.services.serving import START, TOWN, Served, serve

CASE = "c0ffee"
GLASS = {"type": "reinforced-glass", "place": "home", "above_pkvw": True, "addressee": "municipality"}
LOCKS = {"type": "locks", "place": "home", "above_pkvw": False, "addressee": "person"}
CAMERA = {"type": "camera", "place": "home", "reason": "Een reden."}


@pytest.fixture
async def advised(mongo: Mongo) -> AsyncIterator[Served]:
    """Glass was advised to the municipality, at START."""
    async with serve(build, mongo) as served:
        await served.know(MEASURES, CASE, NoteIncident(CASE, TOWN, Office.ALDERMAN))
        await act(served, "advice", {"lines": [GLASS]})
        yield served


async def act(served: Served, what: str, body: object) -> None:
    answer = await served.post(f"/v1/measures/{CASE}/{what}", "rccb", body)
    assert answer.status_code == 200, answer.text


async def seen(served: Served, since: str = "") -> list[dict[str, Any]]:
    query = f"?since={since.replace('+', '%2B')}" if since else ""
    answer = await served.get(f"/v1/advice{query}", "municipality", TOWN)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_who_says_nothing_reads_when_it_changed_last(advised: Served) -> None:
    (row,) = await seen(advised)
    assert datetime.fromisoformat(row["changed_at"]) == START.replace(second=0) and "changed_since" not in row


@pytest.mark.parametrize(("since", "changed"), [
    (START, False), (START.replace(second=0), False), (START - timedelta(minutes=1), True),
])  # fmt: skip
async def test_who_says_which_event_was_read_reads_whether_there_was_a_later_one(
    advised: Served, since: datetime, changed: bool
) -> None:
    assert [row["changed_since"] for row in await seen(advised, since.isoformat())] == [changed]


async def test_a_later_advice_marks_the_detail_as_changed(advised: Served) -> None:
    advised.time.now = START + timedelta(minutes=5)
    await act(advised, "advice", {"lines": [GLASS]})
    assert all(row["changed_since"] for row in await seen(advised, START.isoformat()))


@pytest.mark.parametrize(("what", "body"), [
    ("state-measures", {"measures": [CAMERA], "acute": True}), ("advice", {"lines": [LOCKS]}),
])  # fmt: skip
async def test_what_the_municipality_was_not_told_changes_nothing_that_it_sees(
    advised: Served, what: str, body: object
) -> None:
    await advised.know(MEASURES, CASE, NoteAssessment(CASE, True, START))
    before = await seen(advised, START.isoformat())
    advised.time.now = START + timedelta(minutes=5)
    await act(advised, what, body)
    assert await seen(advised, START.isoformat()) == before


async def test_a_moment_that_cannot_be_read_is_said(advised: Served) -> None:
    answer = await advised.get("/v1/advice?since=gisteren", "municipality", TOWN)
    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "query.since"
