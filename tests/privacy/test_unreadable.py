"""What does not open stands on its list as not readable, beside the others; alone it is a clear answer; it is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from deploy.local.temporary import Mongo
from services.aftercare import app as aftercare
from services.assessment import app as assessment
from services.funding import app as funding
from services.intake import app as intake
from shared.privacy.sealed_files import sha256
from shared.privacy.vault import PREFIX, UNREADABLE
from shared.web.problems import NOT_READABLE
from tests.access.people import OWN, PEOPLE, WROTE, Who
from tests.access.rich import FILE, RICH, Rich, somebody, tie_everybody
from tests.access.test_cells import OPEN, filled_in, question_of, routes_of
from tests.privacy.secret_toy import Place
from tests.services.serving import Served, serve

pytestmark = pytest.mark.held_back  # `test_cells.py` looks at that

MODULES = {
    "intake": (intake.REPORTING,),
    "assessment": (assessment.WEIGHING, assessment.MEASURES),
    "funding": (funding.COSTS, funding.SAFETY_NET),
    "aftercare": (aftercare.CALLBACK,),
}
LISTS = {
    "intake": {"/reports"},
    "assessment": {"/weighings", "/decisions", "/unfollowed-advice", "/due-reviews", "/advice"},
    "funding": {"/costs", "/requests", "/questions", "/precedents"},
    "aftercare": {"/offers", "/clients"},
}
"""The lists of sealed documents that have a row of a broken one here; the IVP's board is made as its two others."""


def spoiled(value: Any) -> Any:
    """The same with every sealed text changed, as by somebody who writes into the database."""
    if isinstance(value, dict):
        return {name: spoiled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [spoiled(inner) for inner in value]
    return PREFIX + "1." + "A" * 60 if isinstance(value, str) and value.startswith(PREFIX) else value


async def spoil(served: Served, name: str, case: str) -> None:
    """Breaks every seal of what is kept about a case."""
    for module in MODULES[name]:
        documents = served.app.state.service.database.collection(module.name)
        for document in await documents.find({"state.case": case}).to_list(None):
            await documents.update_one({"_id": document["_id"]}, {"$set": {"state": spoiled(document["state"])}})


@pytest.fixture(scope="module", params=RICH, ids=[rich.name for rich in RICH])
async def broken(request: pytest.FixtureRequest, mongo: Mongo) -> AsyncIterator[tuple[Rich, Served]]:
    """A service in which one case does not open, and another does."""
    rich: Rich = request.param
    async with serve(rich.build, mongo) as served:
        await tie_everybody(served, OWN, WROTE)
        await rich.always(served)
        await rich.fill(served)
        for case in (OWN, await question_of(served)):
            await spoil(served, rich.name, case)
        yield rich, served


async def asked(served: Served) -> list[tuple[str, Who, httpx2.Response]]:
    """Everybody asks every route that reads, but not for files."""
    found = []
    for path, operation in routes_of(served, "get"):
        for who in PEOPLE:
            if path not in OPEN and "evidence" not in path and who.asks(path):
                for url in filled_in(served, path, operation, who, await question_of(served)):
                    found.append((path, who, await served.client.get(url, headers=who.headers())))
    return found


async def test_lists_and_totals_go_on_and_one_case_says_what_to_do(broken: tuple[Rich, Served]) -> None:
    rich, served = broken
    marked, alone = set(), 0
    for path, who, answer in await asked(served):
        if answer.status_code == 500:
            alone += 1
            assert "{" in path and not path.startswith(("/reads", "/shreddings")), f"{who} at {path}"
            problem = answer.json()
            assert (problem["title"], problem["detail"]) == ("Niet leesbaar", NOT_READABLE), f"{who} at {path}"
        elif answer.status_code == 200 and isinstance(answer.json(), list):
            rows = answer.json()
            marked |= {path for row in rows if row.get("unreadable") is True}
            wrong = [row for row in rows if UNREADABLE in json.dumps(row) and "unreadable" not in row]
            assert not wrong and PREFIX not in answer.text, f"{who} at {path}"
    assert (marked, bool(alone)) == (LISTS[rich.name], True)


async def test_the_others_on_a_list_are_whole(mongo: Mongo) -> None:
    async with serve(intake.build, mongo) as served:
        rich = next(one for one in RICH if one.name == "intake")
        await tie_everybody(served, OWN, WROTE)
        await rich.fill(served)
        police = somebody("police", "own unit").headers()
        before = {row["case"]: row for row in (await served.client.get("/v1/reports", headers=police)).json()}
        assert set(before) == {OWN, WROTE}
        await spoil(served, "intake", OWN)
        after = {row["case"]: row for row in (await served.client.get("/v1/reports", headers=police)).json()}
        assert after == {OWN: before[OWN] | {"unreadable": True}, WROTE: before[WROTE]}
        page = await served.client.get("/werk", headers=police | {"Accept": "text/html"})
        assert page.status_code == 200 and page.text.count("Niet leesbaar") == 1
        alone = await served.client.get(f"/zaak/{OWN}", headers=police | {"Accept": "text/html"})
        assert alone.status_code == 500 and "Bel dan met wie u helpt" in alone.text


async def test_it_is_told_once_a_day_and_each_time_in_the_log_without_a_word_of_it(
    mongo: Mongo, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serve(intake.build, mongo) as served:
        rich = next(one for one in RICH if one.name == "intake")
        await tie_everybody(served, OWN, WROTE)
        await rich.fill(served)
        await spoil(served, "intake", OWN)
        capsys.readouterr()
        police = somebody("police", "own unit").headers()
        for path in ("/v1/reports", "/v1/reports", f"/v1/reports/{OWN}"):
            await served.client.get(path, headers=police)
        lines = [line for line in capsys.readouterr().out.splitlines() if "seal_broken" in line]
        assert len(lines) == 3 and not any("CEL-" in line for line in lines)
        told = json.loads(lines[0])
        assert (told["level"], told["module"], told["case"]) == ("error", "intake.reporting", OWN)
        notes = served.app.state.service.database.collection("log.police", "security")
        (note,) = await notes.find({"action": "unreadable"}).to_list(None)
        assert (note["object"], note["result"], note["actor"]) == (f"intake.reporting:{OWN}", "failed", "")


async def test_a_file_that_does_not_open_says_so_too_and_is_told(mongo: Mongo) -> None:
    async with serve(intake.build, mongo) as served:
        rich = next(one for one in RICH if one.name == "intake")
        await tie_everybody(served, OWN, WROTE)
        await rich.fill(served)
        files = served.app.state.service.database.collection("intake.reporting", "files")
        await files.update_one({"owner": OWN}, {"$set": {"sealed": b"x" * 50}})
        police = somebody("police", "own unit").headers()
        answer = await served.client.get(f"/v1/reports/{OWN}/evidence/{sha256(FILE)}", headers=police)
        assert (answer.status_code, answer.json()["title"]) == (500, "Niet leesbaar")
        notes = served.app.state.service.database.collection("log.police", "security")
        assert await notes.count_documents({"action": "unreadable", "object": f"intake.reporting:{OWN}"}) == 1


async def test_a_lost_key_keeps_nobody_else_from_a_list_either(database: Any) -> None:
    place = Place(database)
    for case in ("a", "b", "c"):
        await place.tell(f"tekst {case}", case)
    await place.keyring.collection.delete_one({"_id": "toy:a"})
    await place.keyring.collection.update_one({"_id": "toy:b"}, {"$set": {"wrapping_version": 9}})
    found = await place.sealed.find({}, {"state": 1}).sort("_id").to_list(None)
    assert [one["state"]["text"] for one in found] == [UNREADABLE, UNREADABLE, "tekst c"]
