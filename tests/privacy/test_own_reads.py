"""What was read about me: when, which role, what for. Never which account, and police only when they release it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest

from shared.privacy.controllers import Controller
from shared.privacy.own_reads import OwnRead, PoliceRow, own_reads, police_releases
from shared.privacy.processing_log import ProcessingLog, read_of
from shared.runtime.journal import line_id
from shared.runtime.mongo import Database
from tests.runtime.toy import START

CASE, OTHER = "0123456789abcdef" * 2, "f" * 32
MEASURES = "assessment.measures"


async def a_log(database: Database) -> ProcessingLog:
    """Looks by several roles, a minute apart, and a change."""
    log = ProcessingLog(Controller.POLICE, database.collection("log.police", "processing"))
    await log.prepare()
    looks = [
        (CASE, "gem-1", "municipality"), (CASE, "pol-1", "police"), (OTHER, "gem-1", "municipality"),
        (CASE, "me-1", "office-holder"), (CASE, "friend-1", "family"), (CASE, "x-1", "role-of-later"),
    ]  # fmt: skip
    for number, (case, actor, role) in enumerate(looks):
        at = START + timedelta(minutes=number, seconds=30)
        line = read_of(MEASURES, case, actor=actor, role=role, name="view")
        await log.write([replace(line, id=line_id(at), started_at=at, ended_at=at)])
    change = replace(read_of(MEASURES, CASE, actor="gem-1", role="municipality", name="report"), action="change")
    await log.write([change])
    return log


async def reads(log: ProcessingLog, case: str = CASE, released: bool = False, me: str = "me-1") -> list[OwnRead]:
    return await own_reads([(log.collection, MEASURES, case)], police_released=released, me=me)


async def test_each_look_by_others_is_told_in_words_the_newest_first(database: Database) -> None:
    found = await reads(await a_log(database))
    assert [(one.role, one.activity) for one in found] == [
        ("een andere rol", "Maatregelen: ingezien"), ("familielid", "Maatregelen: ingezien"),
        ("behandelaar van de gemeente", "Maatregelen: ingezien"),
    ]  # fmt: skip
    assert found[-1].at == START, "to the minute"


async def test_accounts_are_never_told(database: Database) -> None:
    told = str([asdict(one) for one in await reads(await a_log(database), released=True)])
    assert not [account for account in ("gem-1", "pol-1", "friend-1", "x-1") if account in told]


async def test_police_are_shown_only_when_they_release_it(database: Database) -> None:
    log = await a_log(database)
    assert "politie" not in {one.role for one in await reads(log)}
    assert "politie" in {one.role for one in await reads(log, released=True)}


async def test_the_own_look_is_left_out_and_another_case_is_not_told(database: Database) -> None:
    log = await a_log(database)
    assert "politieke ambtsdrager" not in {one.role for one in await reads(log)}
    assert "politieke ambtsdrager" in {one.role for one in await reads(log, me="")}
    assert len(await reads(log, OTHER)) == 1
    assert await own_reads([(log.collection, "aftercare.callback", CASE)], police_released=True) == []


@pytest.mark.parametrize(("day", "released"), [(date(2016, 3, 18), False), (date(2030, 1, 1), True)])
def test_the_release_is_a_dated_choice(day: date, released: bool) -> None:
    later = PoliceRow.model_validate({"from": date(2030, 1, 1), "released": True})
    now = PoliceRow.model_validate({"from": date(2016, 3, 18), "released": False})
    assert police_releases(day, (now, later)) is released
    assert police_releases(date(2016, 3, 18)) is False
