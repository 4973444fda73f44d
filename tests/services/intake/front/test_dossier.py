"""One's own dossier in one file: everything, for the person alone, and whole or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from deploy.local.temporary import Mongo
from services.intake.app import build
from services.intake.front.gathering import PARTS
from shared.access.ties import NoteTie
from shared.contracts.vocabulary import Tie
from shared.runtime.cases import Act, Handled
from tests.access.signing import signed
from tests.services.serving import Served, serve
from tests.stack import REPORT


@pytest.fixture
async def intake(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


async def reported(intake: Served) -> str:
    """A case of account-1, whose tie to it arrived."""
    case: str = (await intake.post("/v1/reports", "office-holder", REPORT)).json()["case"]
    await tied(intake, case, "account-1", Tie.OWN)
    return case


async def tied(intake: Served, case: str, actor: str, tie: Tie) -> None:
    ties = intake.app.state.admission.ties
    fact = NoteTie(case, intake.account(actor), tie, True)
    await ties.update(ties.id_for(case), fact, handled=Handled(f"{actor}{tie}"), act=Act("test"))


async def exported(intake: Served, case: str, headers: dict[str, str] | None = None) -> httpx2.Response:
    """The file, asked by the person unless told otherwise."""
    return await intake.client.get(f"/v1/dossiers/{case}", headers=headers or signed("office-holder"))


def answers(intake: Served, answer: Callable[[httpx2.Request], httpx2.Response]) -> None:
    """Lets this answer for all services."""
    transport = httpx2.MockTransport(answer)
    intake.app.state.gatherer.client = lambda: httpx2.AsyncClient(transport=transport)


async def test_the_person_gets_everything_as_one_file(intake: Served) -> None:
    case = await reported(intake)
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(404) if "requests" in request.url.path else httpx2.Response(200, json={"case": case})

    answers(intake, answer)
    given = await exported(intake, case)
    assert given.status_code == 200 and "attachment" in given.headers["content-disposition"]
    assert set(given.json()) == {"case", "exported_at", "contents", "left_out", *PARTS} - {"request"}
    contents = {one["part"]: one["there"] for one in given.json()["contents"]}
    assert contents == {part: part != "request" for part in PARTS}
    titles = [one["title"] for one in given.json()["contents"]]
    assert "Wie keek in uw dossier (nazorg)" in titles and len(set(titles)) == len(PARTS)
    assert {one.headers["authorization"] for one in asked} == {signed("office-holder")["Authorization"]}, (
        "with the person's own token"
    )
    assert {"accept", "authorization"} >= {name for name in asked[0].headers if name in ("accept", "cookie", "purpose")}


async def test_what_is_here_really_is_in_it(intake: Served) -> None:
    found = (await exported(intake, await reported(intake))).json()
    assert found["report"]["incident"]["victim"]["name"] == REPORT["victim"]["name"]  # type: ignore[index]
    assert [one["role"] for one in found["reads_intake"]["reads"]] == []
    assert len(found["left_out"]) == 3


@pytest.mark.parametrize("broken", [httpx2.Response(503), httpx2.Response(200, text="<html>"), httpx2.ConnectError("")])
async def test_with_a_service_away_there_is_no_half_a_dossier(intake: Served, broken: Any) -> None:
    case = await reported(intake)

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.startswith("/funding/"):
            if isinstance(broken, Exception):
                raise broken
            return broken  # type: ignore[no-any-return]
        return httpx2.Response(200, json={"case": case})

    answers(intake, answer)
    given = await exported(intake, case)
    assert given.status_code == 503 and given.headers["retry-after"] == "5"
    assert "nu niet bereikbaar" in given.json()["detail"]


@pytest.mark.parametrize("role", ["office-holder", "family"])
async def test_nobody_else_has_it_not_even_whom_the_person_trusts(intake: Served, role: str) -> None:
    case = await reported(intake)
    await tied(intake, case, "account-2", Tie.TRUSTED)
    for actor in ("account-2", "account-3"):
        assert (await exported(intake, case, signed(role, actor))).status_code == 404
    assert (await exported(intake, case, signed("police"))).status_code == 403


async def test_an_export_is_noted(intake: Served) -> None:
    case = await reported(intake)
    await exported(intake, case)
    notes = await intake.app.state.service.database.collection("log.police", "security").find({}).to_list(10)
    assert [(one["action"], one["object"], one["actor"]) for one in notes] == [
        ("export", f"intake.reporting:{case}", "account-1")
    ]
