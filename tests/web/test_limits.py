"""How often one caller may do something: over the limit 429 with the seconds to wait, kindly, and nobody is kept."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import Request
from structlog.testing import capture_logs

from deploy.local.temporary import Mongo
from services.aftercare.app import build as aftercare
from services.intake.app import build as intake
from shared.runtime.environment import Clock
from shared.web import limits
from shared.web.limits import Limiter, limits_on, peer
from tests.access.signing import local_settings
from tests.services.serving import KEYS
from tests.web.proper import caller, improper

ROWS = """
[[limits]]
from = 2016-03-01
kind = "report"
by = "peer"
allowed = ["3 per 10 minutes", "5 per day"]

[[limits]]
from = 2016-03-01
kind = "sign-in"
by = "peer"
allowed = ["2 per 10 minutes"]

[[limits]]
from = 2016-04-01
kind = "sign-in"
by = "peer"
allowed = ["1 per 10 minutes"]
"""
REPORT = {"kind": "threat", "office": "alderman", "municipality": "9901", "victim": {"name": "A. Voorbeeld"}}
HERE, THERE = "192.0.2.7", "198.51.100.9"


@dataclass
class Time:
    now: datetime = datetime(2016, 3, 14, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **more: float) -> None:
        self.now += timedelta(**more)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def limiter(tmp_path: Path, time: Time) -> Limiter:
    file = tmp_path / "limits.toml"
    file.write_text(ROWS)
    return Limiter(path=file, now=time)


async def hits(limiter: Limiter, number: int, who: str = HERE, kind: str = "report") -> list[int]:
    return [await limiter.hit(kind, who) for _ in range(number)]


async def test_within_the_limit_nobody_waits_and_over_it_one_is_told_how_long(limiter: Limiter, time: Time) -> None:
    assert await hits(limiter, 3) == [0, 0, 0]
    time.passes(minutes=4)
    assert await hits(limiter, 2) == [360, 360], "until the first of three is ten minutes ago"


async def test_the_window_moves_and_what_was_refused_does_not_count(limiter: Limiter, time: Time) -> None:
    for _ in range(3):
        assert await hits(limiter, 1) == [0]
        time.passes(minutes=3)
    assert await hits(limiter, 2) == [60, 60]
    time.passes(minutes=1)
    assert await hits(limiter, 2) == [0, 180], "only the oldest left the window"


async def test_each_of_several_limits_holds(limiter: Limiter, time: Time) -> None:
    await hits(limiter, 3)
    time.passes(minutes=10)
    assert await hits(limiter, 2) == [0, 0]
    time.passes(minutes=30)
    assert await hits(limiter, 1) == [24 * 3600 - 40 * 60], "five a day"


async def test_others_and_other_kinds_go_on(limiter: Limiter) -> None:
    assert (await hits(limiter, 4))[-1] > 0
    assert await hits(limiter, 1, THERE) == [0]
    assert await hits(limiter, 1, kind="sign-in") == [0]
    with pytest.raises(KeyError):
        await limiter.hit("unheard-of", HERE)


async def test_a_limit_is_dated(limiter: Limiter, time: Time) -> None:
    assert [bool(wait) for wait in await hits(limiter, 3, kind="sign-in")] == [False, False, True]
    time.now = datetime(2016, 4, 1, tzinfo=UTC)
    assert [bool(wait) for wait in await hits(limiter, 2, kind="sign-in")] == [False, True]


async def test_a_larger_place_gets_more(tmp_path: Path, time: Time) -> None:
    file = tmp_path / "limits.toml"
    file.write_text(ROWS)
    assert await hits(Limiter(path=file, now=time, factor=2), 7) == [0] * 6 + [600]
    assert await hits(Limiter(path=file, now=time, factor=0.01), 2) == [0, 24 * 3600], "never less than one"


async def test_no_address_is_kept_and_the_key_is_another_one_each_day(limiter: Limiter, time: Time) -> None:
    await hits(limiter, 3)
    before, key = dict(limiter._acts), limiter._key
    assert len(before) == 1 and HERE not in str(vars(limiter))
    time.now = datetime(2016, 3, 15, 0, 0, tzinfo=UTC)
    assert await hits(limiter, 1) == [0]
    assert limiter._key != key and not set(limiter._acts) & set(before), "yesterday's marks are gone"
    other = Limiter(path=limiter._path, now=time)
    await hits(other, 1)
    assert not set(other._acts) & set(limiter._acts), "each process has a key of its own"


async def test_what_no_window_reaches_is_forgotten(limiter: Limiter, time: Time, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "SWEEP_EACH", 10)
    time.now = datetime(2016, 3, 14, 0, 0, 1, tzinfo=UTC)
    for number in range(9):
        await limiter.hit("sign-in", f"192.0.2.{number}")
    limiter._limits = {"sign-in": limiter._limits["sign-in"]}
    time.passes(minutes=11)
    await limiter.hit("sign-in", THERE)
    assert len(limiter._acts) == 1


async def test_a_flood_is_told_to_the_log_once_a_minute_and_without_who(limiter: Limiter, time: Time) -> None:
    with capture_logs() as lines:
        await hits(limiter, 200)
        time.passes(seconds=61)
        await hits(limiter, 1)
    assert [(line["event"], line["type"]) for line in lines] == [("limit_reached", "report")] * 2
    assert HERE not in str(lines)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False), ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False), ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)  # fmt: skip
def test_one_household_is_one_peer(one: str, other: str, same: bool) -> None:
    """Of an IPv6 address the second half can be chosen freely."""
    first, second = (peer(Request({"type": "http", "client": (host, 1)})) for host in (one, other))
    assert (first == second) is same


def test_the_limits_of_now_leave_a_town_hall_room_on_the_worst_evening() -> None:
    """A hundred reports in an hour around a council vote, all from one address."""
    found = limits_on(date(2016, 3, 14))
    assert {kind for kind, limit in found.items() if limit.by == "peer"} >= {
        "report", "callback", "claim", "confidential-code", "sign-in",
    }  # fmt: skip
    assert limits_on(date(2016, 2, 29)) == {}


async def test_a_hundred_reports_in_an_hour_from_one_address_pass() -> None:
    time = Time()
    limiter = Limiter(now=time)
    for _ in range(100):
        assert await limiter.hit("report", HERE) == 0
        time.passes(seconds=36)


# Over HTTP


@asynccontextmanager
async def serving(build: Any, mongo: Mongo, address: str = HERE) -> AsyncIterator[httpx2.AsyncClient]:
    """A service with real limits, called from one address."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    settings = local_settings(mongo_url=mongo.url, database_prefix=prefix, rate_limit_factor=0.05)
    app = build(settings, keys=KEYS, clock=Clock(movable=True))
    transport = httpx2.ASGITransport(app=app, client=(address, 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
    await app.state.service.database.close()


async def test_too_many_reports_are_429_with_the_wait_and_112_and_nothing_is_saved(mongo: Mongo) -> None:
    async with serving(intake, mongo) as client:
        answers = [
            await client.post("/v1/reports", json=REPORT, headers=caller("office-holder", f"account-{number}"))
            for number in range(4)
        ]
        database = client._transport.app.state.service.database  # type: ignore[attr-defined]
        assert await database.collection("intake.reporting").count_documents({}) == 3
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429], "another account is no way around"
    assert improper(answers[-1]) == []
    assert 0 < int(answers[-1].headers["retry-after"]) <= 600
    assert "Direct gevaar? Bel 112." in answers[-1].json()["detail"] and HERE not in answers[-1].text


async def test_a_number_to_call_back_is_limited_for_people_and_not_for_the_ivp(mongo: Mongo) -> None:
    async with serving(aftercare, mongo) as client:
        body = {"phone": "0600000000"}
        for role, expected in (("office-holder", [201, 201, 429]), ("ivp", [201, 201, 201])):
            seen = [(await client.post("/v1/callbacks", json=body, headers=caller(role))) for _ in range(3)]
            assert [answer.status_code for answer in seen] == expected, role
            assert all(improper(answer) == [] for answer in seen)


async def test_elsewhere_the_account_is_counted_and_a_neighbour_goes_on(mongo: Mongo) -> None:
    async with serving(intake, mongo) as client:
        seen = [(await client.get("/v1/reports", headers=caller("police"))).status_code for _ in range(31)]
        assert seen == [200] * 30 + [429]
        assert (await client.get("/v1/reports", headers=caller("police", "account-2"))).status_code == 200
        assert (await client.get("/health/live")).status_code == 200, "who runs the service is not limited"
