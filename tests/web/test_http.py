"""What the HTTP of every service has in common, seen on intake."""

from __future__ import annotations

import json
import secrets
import socket
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from deploy.local.temporary import Mongo
from services.aftercare.app import build as aftercare
from services.assessment.app import build as assessment
from services.funding.app import build as funding
from services.intake.app import build as intake
from shared.privacy.controllers import Controller
from shared.runtime.environment import Settings
from shared.web.document import API_VERSION
from tests.access.signing import ISSUER, signed
from tests.services.serving import Served, serve
from tests.stack import ROOT

CANARY = "kanarie-Jansen"
REPORT = {"kind": "threat", "office": "alderman", "municipality": "9901", "victim": {"name": "A. Voorbeeld"}}


def who() -> dict[str, str]:
    """Somebody who may report."""
    return signed("office-holder")


@pytest.fixture
async def served(mongo: Mongo) -> AsyncIterator[Served]:
    """Intake, with a database and without broker."""
    async with serve(intake, mongo) as made:
        yield made


async def post(served: Served, body: Any = REPORT, **headers: str) -> httpx2.Response:
    """Reports, with a new key unless one is given."""
    key = {"Idempotency-Key": uuid.uuid4().hex}
    return await served.client.post("/v1/reports", json=body, headers=who() | key | headers)


async def count(served: Served) -> int:
    """How many reports are stored."""
    return int(await served.app.state.service.database.collection("intake.reporting").count_documents({}))


async def test_all_mistakes_are_named_at_once_nothing_is_saved_and_nothing_repeated(served: Served) -> None:
    answer = await post(served, {"kind": CANARY, "office": "alderman", "municipality": CANARY, "extra": CANARY})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {error["field"] for error in problem["errors"]} >= {
        "body.kind", "body.municipality", "body.victim", "body.extra",
    }  # fmt: skip
    assert CANARY not in answer.text
    assert await count(served) == 0


async def test_a_body_that_is_not_json_is_a_clear_mistake(served: Served) -> None:
    headers = who() | {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
    answer = await served.client.post("/v1/reports", content=b"{" + CANARY.encode(), headers=headers)
    assert answer.status_code == 400 and CANARY not in answer.text


async def test_a_write_without_key_is_refused(served: Served) -> None:
    answer = await served.client.post("/v1/reports", json=REPORT, headers=who())
    assert answer.status_code == 400
    assert "header.idempotency-key" in answer.text
    assert await count(served) == 0


async def test_the_same_request_again_is_the_same_case_and_another_body_is_409(served: Served) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first, again = await post(served, **key), await post(served, **key)
    assert (first.status_code, first.json()["case"]) == (201, again.json()["case"])
    other = await post(served, REPORT | {"kind": "violence"}, **key)
    assert other.status_code == 409 and other.json()["title"] == "Sleutel al gebruikt"
    assert await count(served) == 1


async def test_two_callers_with_the_same_key_have_two_cases(served: Served) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    one, two = await post(served, **key), await post(served, **signed("office-holder", "account-2"), **key)
    assert one.json()["case"] != two.json()["case"]


@pytest.mark.parametrize(
    ("caller", "status"),
    [(None, 401), (("bzk",), 403), (("god",), 403), (("office-holder", ""), 401)],
    ids=["nobody", "another role", "no role of ours", "no account"],
)
async def test_without_a_fitting_role_nobody_comes_in(
    served: Served, caller: tuple[str, ...] | None, status: int
) -> None:
    answer = await post(served, **(signed(*caller) if caller else {"Authorization": ""}))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert await count(served) == 0


async def test_what_is_not_known_is_404_and_what_does_not_fit_is_409(served: Served) -> None:
    unknown = await served.client.get(f"/v1/reports/{'0' * 32}", headers=who())
    assert unknown.status_code == 404 and unknown.headers["content-type"] == "application/problem+json"
    case = (await post(served)).json()["case"]
    key = {"Idempotency-Key": uuid.uuid4().hex}
    twice = await served.client.post(f"/v1/reports/{case}/melding", headers=who() | key)
    assert twice.status_code == 409 and twice.json()["detail"] == "Dit is al een melding."
    assert (await served.client.get("/nowhere")).status_code == 404


async def test_while_the_database_is_away_the_answer_is_503_and_says_what_to_do() -> None:
    with socket.socket() as taken:  # bound and not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        url = f"mongodb://127.0.0.1:{taken.getsockname()[1]}/?serverSelectionTimeoutMS=300"
        async with serve(intake, Mongo("away", url)) as served:
            answer = await post(served)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "112" in answer.json()["detail"] and "Idempotency-Key" in answer.json()["detail"]


async def test_the_clock_is_refused_outside_local_mode(tmp_path: Path, mongo: Mongo) -> None:
    file = tmp_path / "secrets.json"
    wrapping = {controller: {"1": secrets.token_hex(32)} for controller in Controller}
    keys = {"reference_key": secrets.token_hex(32), "partner_key": secrets.token_hex(32), "wrapping_keys": wrapping}
    file.write_text(json.dumps(keys))
    settings = Settings(
        environment="production",
        secrets_file=file,
        mongo_url=SecretStr(mongo.url),
        oin="00000001234567890000",
        issuer=ISSUER,  # type: ignore[arg-type]
        officer_mail="fg@politie.example",
        smtp_host="mail.example",
    )
    for build in (intake, assessment, funding, aftercare):
        app = build(settings)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
            moved = await client.put("/klok", json={"offset_seconds": 3600})
            assert moved.status_code == 403
            assert (await client.get("/klok")).json()["offset_seconds"] == 0
        await app.state.service.database.close()


async def test_the_clock_moves_forward_only_in_local_mode(served: Served) -> None:
    assert (await served.client.put("/klok", json={"offset_seconds": 3600})).json()["offset_seconds"] == 3600
    assert (await served.client.put("/klok", json={"offset_seconds": 60})).status_code == 403
    assert (await served.client.put("/klok", json={"offset_seconds": -1})).status_code == 400


@pytest.mark.parametrize("build", [intake, assessment, funding, aftercare])
async def test_every_service_describes_its_routes(build: Any, mongo: Mongo) -> None:
    async with serve(build, mongo) as made:
        answer = await made.client.get("/v1/openapi.json")
    described = answer.json()
    assert answer.headers["access-control-allow-origin"] == "*", "anybody may read it, from any page"
    assert described["openapi"].startswith("3.1")
    name = made.app.state.service.name
    assert [server["url"] for server in described["servers"]] == [f"http://127.0.0.1:8080/{name}/v1"]
    for path, methods in described["paths"].items():
        for method in methods.values():
            assert method["summary"], path
            assert "caller" not in str(method.get("parameters", "")), "who calls stands in the token, not in a field"
            if path not in ("/openapi.json", "/help-lines"):
                assert {"Token": []} in method["security"], path


def test_the_version_of_the_api_stands_in_the_changelog() -> None:
    """RE-6."""
    assert f"HTTP API {API_VERSION}" in (ROOT / "CHANGELOG.md").read_text()


async def test_alive_is_not_ready(served: Served) -> None:
    assert (await served.client.get("/health/live")).status_code == 200
    ready = await served.client.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"]["database"] is True and ready.json()["checks"]["broker"] is False
    assert ready.json()["counts"] == {"dead_letters": 0, "unknown_types": 0}
