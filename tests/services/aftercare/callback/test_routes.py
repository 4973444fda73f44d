"""Who sees what of care: the IVP who waits and who was offered care again, the caller whether and when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from deploy.local.temporary import Mongo
from services.aftercare.app import CALLBACK, build
from services.aftercare.callback import queries
from services.aftercare.callback.domain import (
    CloseAftercare,
    NoteIncident,
    NoteScaledDown,
    RecordContact,
    RequestCallback,
)
from services.aftercare.callback.policy import terms_on
from shared.contracts.vocabulary import Impact
from tests.services.serving import START, Served, serve

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TERMS = terms_on(date(2016, 3, 14))


@pytest.fixture
async def care(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


def incident(case, at=START):
    return NoteIncident(case, Impact.ACUTE, at)


def call(case, at=START, phone="0000000000"):
    return RequestCallback(case, phone, "", at, TERMS)


def contact(at):
    return RecordContact(at, at)


async def board(care: Served, path: str = "/v1/callbacks") -> list[dict]:
    answer = await care.get(path, "ivp")
    assert answer.status_code == 200
    return answer.json()


async def test_the_board_shows_who_waits_longest_overdue_first(care):
    """R-IVP-04, S-IVP-02."""
    for minutes in (10, 0, 45, 20):
        await care.know(CALLBACK, f"c{minutes}", call(f"c{minutes}", START + minutes * MINUTE, f"00000000{minutes:02}"))
    care.time.now = START + 50 * MINUTE
    rows = await board(care)
    assert [row["phone"] for row in rows] == ["0000000000", "0000000010", "0000000020", "0000000045"]
    assert [row["minutes_left"] for row in rows] == [-20, -10, 0, 25]


async def test_who_was_called_or_did_not_call_is_not_on_the_board(care):
    """R-IVP-09."""
    await care.know(CALLBACK, "offered", incident("offered"))
    await care.know(CALLBACK, "called", call("called"), contact(START + MINUTE))
    await care.know(CALLBACK, "closed", call("closed"), contact(START + MINUTE), CloseAftercare(START + DAY))
    await care.know(CALLBACK, "waiting", incident("waiting"), call("waiting", phone="0000000001"))
    assert [row["phone"] for row in await board(care)] == ["0000000001"]


async def test_the_most_urgent_call_is_on_the_board_however_many_wait(care, monkeypatch):
    """R-IVP-04: a full board drops the least urgent, never the most urgent."""
    monkeypatch.setattr(queries, "MOST", 3)
    for minutes in (50, 40, 30, 20, 10):
        await care.know(CALLBACK, f"c{minutes}", call(f"c{minutes}", START + minutes * MINUTE))
    await care.know(CALLBACK, "called", call("called"), contact(START + MINUTE))
    care.time.now = START
    assert [row["minutes_left"] for row in await board(care)] == [40, 50, 60]


async def test_the_board_shows_the_newest_number_first_and_keeps_the_earlier_one(care):
    """S-IVP-12."""
    await care.know(CALLBACK, "c", call("c"), call("c", START + MINUTE, "0000000009"))
    (row,) = await board(care)
    assert (row["phone"], row["earlier_phones"], row["due_at"]) == (
        "0000000009", ["0000000000"], "2016-03-14T02:40:00Z",
    )  # fmt: skip


async def test_offers_after_an_own_earlier_call_are_shown_the_newest_first(care):
    """R-IVP-09, S-SBB-14."""
    ended = START + 90 * DAY
    await care.know(CALLBACK, "never-called", incident("never-called"), NoteScaledDown("never-called", ended))
    await care.know(CALLBACK, "called", incident("called"), call("called"), contact(START + MINUTE))
    await care.know(CALLBACK, "waits", call("waits"), NoteScaledDown("waits", ended))
    for case, days in (("older", 0), ("newest", 2), ("newer", 1)):
        done = (incident(case), call(case, phone=f"000000000{days}"), contact(START + MINUTE))
        await care.know(CALLBACK, case, *done, NoteScaledDown(case, ended + days * DAY))
    last = CloseAftercare(ended + 9 * DAY)
    await care.know(CALLBACK, "closed", call("closed"), contact(START), NoteScaledDown("closed", ended), last)
    rows = await board(care, "/v1/offers")
    assert [row["phone"] for row in rows] == ["0000000002", "0000000001", "0000000000"]
    assert {(row["status"], row["offers"]) for row in rows} == {("offered", 2)}
    assert rows[0]["offered_at"] == "2016-06-14T02:10:00Z"


async def test_a_full_list_of_offers_drops_the_oldest(care, monkeypatch):
    monkeypatch.setattr(queries, "MOST", 2)
    for days in (1, 3, 2):
        case = f"c{days}"
        again = NoteScaledDown(case, START + days * DAY)
        await care.know(CALLBACK, case, call(case, phone=f"000000000{days}"), contact(START + MINUTE), again)
    assert [row["phone"] for row in await board(care, "/v1/offers")] == ["0000000003", "0000000002"]


async def test_contact_told_in_dutch_time_is_ordered_as_the_moment_it_was(care):
    """Contact at 03:40 in Amsterdam lies before an offer at 03:00 UTC, whatever the digits say."""
    offered = START + timedelta(minutes=50)
    care.time.now = offered + MINUTE
    await care.know(CALLBACK, "c", call("c"), NoteScaledDown("c", offered))
    (row,) = await board(care)
    path = f"/v1/callbacks/{row['case']}/contact"
    made = (await care.post(path, "ivp", {"made_at": "2016-03-14T03:40:00+01:00"})).json()
    assert (made["made_at"], made["status"]) == ("2016-03-14T02:40:00Z", "offered")
    assert [row["made_at"] for row in await board(care, "/v1/offers")] == ["2016-03-14T02:40:00Z"]


async def test_an_offer_whose_call_was_asked_for_moves_to_the_board(care):
    ended = START + 90 * DAY
    await care.know(CALLBACK, "c", call("c"), contact(START + MINUTE), NoteScaledDown("c", ended))
    await care.know(CALLBACK, "c", call("c", ended + MINUTE))
    care.time.now = ended + MINUTE
    assert await board(care, "/v1/offers") == []
    assert [row["minutes_left"] for row in await board(care)] == [30]


@pytest.mark.parametrize("role", ["office-holder", "reporter", "police", "rccb", "hovj", "bzk"])
@pytest.mark.parametrize("path", ["/v1/callbacks", "/v1/offers"])
async def test_only_the_ivp_sees_the_lists(care, role, path):
    """R-IVP-09."""
    assert (await care.get(path, role)).status_code == 403


@pytest.mark.parametrize("role", ["office-holder", "reporter"])
async def test_who_asked_follows_the_progress_and_reads_no_number(care, role):
    """R-IVP-08: also somebody who asked for another."""
    asked = (await care.post("/v1/callbacks", role, {"phone": "0000000000", "name": "A. Voorbeeld"})).json()
    answer = await care.get(f"/v1/callbacks/{asked['case']}", role)
    assert answer.status_code == 200
    assert answer.json() == asked
    assert asked["status"] == "to-call"
    assert not {"0000000000", "A. Voorbeeld"} & set(map(str, asked.values()))


@pytest.mark.parametrize("role", ["police", "rccb", "hovj", "bzk", "ivp"])
async def test_nobody_else_reads_the_progress(care, role):
    assert (await care.get("/v1/callbacks/c0ffee", role)).status_code == 403


async def test_after_a_new_offer_the_person_reads_the_offer_not_the_old_contact(care):
    """S-IVP-10."""
    done = (call("c"), contact(START + MINUTE))
    await care.know(CALLBACK, "c", *done)
    assert (await care.get("/v1/callbacks/c", "office-holder")).json()["message"] == "Er is contact geweest."
    await care.know(CALLBACK, "c", NoteScaledDown("c", START + DAY))
    answer = (await care.get("/v1/callbacks/c", "office-holder")).json()
    assert answer["status"] == "offered"
    assert "Wilt u met iemand praten?" in answer["message"]
