"""Requests as spans: method, path template, status. Never who asked, or for which case."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx2
import pytest
from fastapi import FastAPI

from deploy.identity.provider import build as issuer
from deploy.local.server import build as all_together
from deploy.local.temporary import Mongo
from services.aftercare.app import build as aftercare
from services.aftercare.confidential_line.app import whole
from services.aftercare.confidential_line.settings import LineSettings
from services.assessment.app import build as assessment
from services.funding.app import build as funding
from services.intake.app import build as intake
from shared.runtime import service
from shared.runtime.environment import Settings
from shared.runtime.tracing import ALLOWED, SpanKind
from shared.web.tracing import Traced
from tests.access.signing import local_settings, signed
from tests.services.serving import KEYS, Served, serve
from tests.stack import REPORT
from tests.traced import Memory, is_child, words_in

CANARY = "ZQKANARIE"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
COLLECTOR = "http://127.0.0.1:1/v1/traces"


@dataclass
class Watched:
    """A service whose spans are kept."""

    served: Served
    memory: Memory


@pytest.fixture
async def watched(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    """Intake, with a database and without broker."""
    memory = Memory()
    monkeypatch.setattr(service, "tracing_of", lambda name, address: memory.tracing())
    async with serve(intake, mongo) as served:
        yield Watched(served, memory)


async def report(watched: Watched, **headers: str) -> httpx2.Response:
    """A report, by somebody whose every word is marked."""
    body = REPORT | {"narrative": f"{CANARY}-verhaal", "victim": {"name": f"{CANARY}-naam", "phone": "0612345678"}}
    known = signed("office-holder", CANARY.lower()) | {"Idempotency-Key": uuid.uuid4().hex}
    return await watched.served.client.post("/v1/reports", json=body, headers=known | headers)


async def test_a_report_is_a_span_with_its_save_below_it_and_says_nothing_of_who_reported(watched: Watched) -> None:
    answer = await report(watched)
    assert answer.status_code == 201, answer.text
    request = watched.memory.span("POST /v1/reports")
    assert request.kind is SpanKind.SERVER and request.parent is None
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST", "http.route": "/v1/reports", "http.response.status_code": 201,
    }  # fmt: skip
    saves = watched.memory.spans("save")
    assert saves and all(is_child(save, request) for save in saves)
    said = words_in(watched.memory.spans())
    for secret in (CANARY, CANARY.lower(), "0612345678", answer.json()["case"], "office-holder", "9901"):
        assert secret not in said, secret


async def test_whatever_is_sent_along_no_word_of_it_comes_into_a_span(watched: Watched) -> None:
    case = (await report(watched)).json()["case"]
    client, who = watched.served.client, signed("police")
    marked = ("Purpose", "User-Agent", "Referer", "Cookie", "X-Forwarded-For", "Accept", "traceparent", "tracestate")
    for name in (*marked, "baggage", "If-None-Match"):
        await client.get(f"/v1/reports/{case}", headers=who | {name: CANARY})
    await client.get(f"/v1/{CANARY}/{CANARY}?{CANARY}={CANARY}", headers=who)
    await client.request(CANARY, f"/v1/reports/{case}", headers=who)
    await client.post("/v1/reports", content=f'{{"{CANARY}"', headers=who | {"Content-Type": "application/json"})
    assert len(watched.memory.spans()) > len(marked)
    said = words_in(watched.memory.spans())
    assert CANARY not in said and case not in said
    assert {word for one in watched.memory.spans() for word in one.attributes or {}} <= ALLOWED


async def test_a_trace_of_the_caller_is_not_gone_on_from(watched: Watched) -> None:
    await report(watched, traceparent=TRACEPARENT)
    await report(watched, traceparent=TRACEPARENT)
    first, second = watched.memory.spans("POST /v1/reports")
    assert first.parent is None and second.parent is None
    assert TRACEPARENT[3:35] not in words_in(watched.memory.spans())


async def test_a_request_that_breaks_says_so_and_not_what_broke(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError(f"{CANARY}-text")

    monkeypatch.setattr("shared.runtime.cases.Cases.update", breaks)
    assert (await report(watched)).status_code == 500
    request = watched.memory.span("POST /v1/reports")
    assert dict(request.attributes or {})["error.type"] == "500" and not request.status.is_ok
    assert CANARY not in words_in(watched.memory.spans())


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/assets/0/page.css"])
async def test_what_is_asked_all_day_long_leaves_no_span(watched: Watched, path: str) -> None:
    await watched.served.client.get(path)
    assert watched.memory.spans() == []


async def test_it_is_quiet_below_the_own_path_too(watched: Watched) -> None:
    below = FastAPI()
    below.mount("/intake", watched.served.app)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=below), base_url="http://test") as client:
        await client.get("/intake/health/live")
        assert watched.memory.spans() == []
        await client.get("/intake/v1/reports", headers=signed("police"))
    assert watched.memory.span("GET").name == "GET /v1/reports"


def alone(build: Callable[[Settings], FastAPI]) -> Callable[[Settings], list[FastAPI]]:
    return lambda settings: [build(settings)]


def the_line(settings: Settings) -> list[FastAPI]:
    root = whole(settings, LineSettings())
    mounted = [route.app for route in root.routes if isinstance(getattr(route, "app", None), FastAPI)]
    assert len(mounted) == 3, "callers at two paths, and the desk"
    return [root, *mounted]


APPS = {
    "intake": alone(intake), "assessment": alone(assessment), "funding": alone(funding), "aftercare": alone(aftercare),
    "the confidential line": the_line, "all together": alone(all_together),
    "the local issuer": lambda settings: [issuer(settings, KEYS)],
}  # fmt: skip


@pytest.mark.parametrize("name", APPS)
def test_what_the_framework_would_tell_by_itself_is_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """FastAPI has spans of its own, with whole paths; two environment variables are enough for them."""
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    for app in APPS[name](local_settings()):
        config = app._telemetry
        assert not any(config[part] for part in ("tracing", "metrics", "logs", "auto_configure"))


def test_the_confidential_line_is_not_traced_where_everything_else_is() -> None:
    settings = local_settings(traces_url=COLLECTOR)
    assert Traced in {one.cls for one in intake(settings).user_middleware}
    line = the_line(settings)
    assert not any(one.cls is Traced for app in line for one in app.user_middleware)
    services = [app.state.service for app in line if hasattr(app.state, "service")]
    assert services and not any(one.tracing.on for one in services)
