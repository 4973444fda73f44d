"""A service in a process of its own: it answers where pages link to, and where health is asked for."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from deploy.local.temporary import Mongo
from services.aftercare.app import build as aftercare
from services.aftercare.confidential_line.app import whole
from services.aftercare.confidential_line.settings import LineSettings
from services.assessment.app import build as assessment
from services.funding.app import build as funding
from services.intake.__main__ import with_sign_in
from shared.web.alone import Under
from tests.access.signing import local_settings

PAGE = {"Accept": "text/html"}


@pytest.fixture
async def place(mongo: Mongo) -> AsyncIterator[Any]:
    """Makes a client of one service as it is served alone; nothing is consumed."""
    made: list[FastAPI] = []
    settings = local_settings(mongo_url=mongo.url, database_prefix=f"t{uuid.uuid4().hex[:12]}")

    def alone(build: Any, path: str) -> httpx2.AsyncClient:
        made.append(build(settings))
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=Under(made[-1], path)), base_url="http://test")

    yield alone
    for app in made:
        await app.state.service.database.close()


@pytest.mark.parametrize(
    ("build", "path", "page"),
    [(with_sign_in, "/intake", "/dossier"), (assessment, "/assessment", "/wegen"), (funding, "/funding", "/vangnet"),
     (aftercare, "/aftercare", "/terugbellen")],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_who_must_sign_in_comes_back_to_the_address_that_was_asked(
    place: Any, build: Any, path: str, page: str
) -> None:
    async with place(build, path) as client:
        answer = await client.get(f"{path}{page}", headers=PAGE)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?returnTo={path}{page}"
        for health in ("/health/live", f"{path}/health/live"):
            assert (await client.get(health)).json() == {"status": "ok"}
        assert (await client.get(f"{path}s{page}", headers=PAGE)).status_code == 404, "another path that begins so"
        assert (await client.get(f"{path}/v1/openapi.json")).status_code == 200


async def test_people_sign_in_at_intake(place: Any) -> None:
    async with place(with_sign_in, "/intake") as client:
        found = (await client.get("/intake/", headers=PAGE)).text
        assert 'href="/sign-in' in found
        answer = await client.get("/sign-in", headers=PAGE)
    assert answer.status_code == 503, "the issuer of the tests is a file of keys and has no page"


async def test_the_line_answers_under_its_own_path_and_its_desk_beside_it(mongo: Mongo) -> None:
    settings = local_settings(mongo_url=mongo.url, database_prefix=f"t{uuid.uuid4().hex[:12]}")
    line = whole(settings, LineSettings())
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=line), base_url="http://test") as client:
        for path in ("/gesprek/", "/"):
            assert (await client.get(path, headers=PAGE)).status_code == 200
        assert (await client.get("/health/live")).json() == {"status": "ok"}
        desk = await client.get("/balie/", headers=PAGE)
        assert desk.headers["location"].startswith("/balie/sign-in")
