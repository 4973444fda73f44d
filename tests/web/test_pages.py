"""Pages without a browser: which requests get one, what guards them, and what happens to what was typed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local.temporary import Mongo
from services.intake.app import build as intake
from shared.web import design as looks
from shared.web.design import PACKAGES, asset_routes, design
from tests.access.signing import signed
from tests.services.serving import Served, serve

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
async def served(mongo: Mongo) -> AsyncIterator[Served]:
    """Intake, with a database and without broker."""
    async with serve(intake, mongo) as made:
        yield made


async def test_a_page_allows_nothing_but_its_own(served: Served) -> None:
    answer = await served.client.get("/", headers=BROWSER)
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("path", "accept", "kind"), [
    ("/nergens", "text/html", "text/html; charset=utf-8"),
    ("/nergens", "*/*", "application/problem+json"),
    ("/nergens", "text/html;q=0", "application/problem+json"),
    ("/v1/nergens", "text/html", "application/problem+json"),
])  # fmt: skip
async def test_people_get_a_page_about_an_error_and_machines_get_problem_details(
    served: Served, path: str, accept: str, kind: str
) -> None:
    answer = await served.client.get(path, headers={"Accept": accept})
    assert answer.status_code == 404 and answer.headers["content-type"] == kind


async def test_every_asset_of_a_page_is_there_and_may_be_kept(served: Served) -> None:
    page = (await served.client.get("/", headers=BROWSER)).text
    links = [part.split('"')[0] for part in page.split('"/intake')[1:] if part.startswith("/assets/")]
    assert len(links) >= 2
    for link in links:
        answer = await served.client.get(link)
        assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert (await served.client.get("/assets/0000000000000000/veilig.css")).status_code == 404


async def test_a_weakness_can_be_told(served: Served) -> None:
    answer = await served.client.get("/.well-known/security.txt")
    lines = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert lines["Contact"].startswith("mailto:") and lines["Canonical"].endswith("/.well-known/security.txt")
    assert timedelta() < datetime.fromisoformat(lines["Expires"]) - datetime.now(UTC) < timedelta(days=365)


async def test_who_is_signed_in_sees_the_menu_of_the_role(served: Served) -> None:
    page = (await served.client.get("/", headers=BROWSER | signed("office-holder"))).text
    assert 'href="/intake/dossier"' in page
    assert 'href="/intake/dossier"' not in (await served.client.get("/", headers=BROWSER | signed("police"))).text


def test_the_look_is_whole_or_not_used_at_all(tmp_path: Path) -> None:
    bare = design(tmp_path)
    assert not bare.whole and [one.name for one in bare.styles] == ["veilig.css"]
    for package, style in PACKAGES:
        (tmp_path / "some" / package / style).parent.mkdir(parents=True)
        (tmp_path / "some" / package / style).write_text("a { color: red }")
        (tmp_path / "some" / package / "LICENSE.md").write_text("EUPL")
    worn = design(tmp_path / "some")
    assert worn.whole and [one.name for one in worn.styles][-1] == "veilig.css" and len(worn.styles) == 3
    assert "EUPL" in worn.named("licences.txt").content.decode()
    assert asset_routes(worn).routes and looks.STATIC.exists()
