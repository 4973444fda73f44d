"""One trace over services, database and broker, also when a process died in between."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import httpx2
import pytest
from opentelemetry.sdk.trace import ReadableSpan

from deploy.local.server import MUNICIPALITIES
from deploy.local.temporary import Broker, Mongo
from services.aftercare.app import build as aftercare
from services.assessment.app import build as assessment
from services.intake.app import build as intake
from shared.runtime import service
from shared.runtime.environment import Clock, Settings
from tests.access.signing import local_settings, signed
from tests.scenarios.scene import REPORT
from tests.services.serving import KEYS
from tests.traced import Memory, is_child, trace_of, words_in

PATIENCE = 60.0
REPORTED = "intake.reporting"


async def eventually(what: str, found: Callable[[], Sequence[ReadableSpan]]) -> Sequence[ReadableSpan]:
    """Waits until something is found, with a limit, and gives it."""
    end = time.monotonic() + PATIENCE
    while not (spans := found()):
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)
    return spans


def settings_on(broker: Broker, mongo: Mongo) -> Settings:
    """Services that share a broker and a database; what a dead process held comes free after half a second."""
    known = {name.removeprefix("VEILIG_").lower(): value for name, value in broker.environment.items()}
    return local_settings(
        **known, mongo_url=mongo.url, database_prefix=f"t{uuid.uuid4().hex[:12]}",
        kafka_bootstrap_servers=broker.bootstrap, kafka_create_topics=True, municipalities=MUNICIPALITIES,
        lease_seconds=0.5, sweep_seconds=0.2, graceful_seconds=1.0,
    )  # fmt: skip


async def test_a_report_and_all_that_follows_is_one_trace_though_the_process_died_before_it_published(
    embedded_broker: Broker, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory()
    monkeypatch.setattr(service, "tracing_of", lambda name, address: memory.tracing())
    settings, clock = settings_on(embedded_broker, mongo), Clock(movable=True)

    # It answers, but none of its loops runs: as a process that was killed right after the save.
    died = intake(settings, keys=KEYS, clock=clock)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=died), base_url="http://test") as client:
        known = signed("office-holder") | {"Idempotency-Key": uuid.uuid4().hex}
        answer = await client.post("/v1/reports", json=REPORT, headers=known)
    assert answer.status_code == 201, answer.text
    await died.state.service.database.close()
    request = memory.span("POST /v1/reports")
    assert not memory.spans("send"), "nothing was published yet"

    async with AsyncExitStack() as running:
        for build in (intake, assessment, aftercare):
            app = build(settings, keys=KEYS, clock=clock)
            await running.enter_async_context(app.state.service.running())

        def saves_of(module: str) -> list[ReadableSpan]:
            return [
                one
                for one in memory.spans("save")
                if dict(one.attributes or {}).get("veilig.module") == module and trace_of(one) == trace_of(request)
            ]

        weighing, *_ = await eventually("assessment has the report", lambda: saves_of("assessment.weighing"))
        care, *_ = await eventually("aftercare has the report", lambda: saves_of("aftercare.callback"))
        reported, *_ = saves_of(REPORTED)
        await eventually("what aftercare tells is published too", lambda: memory.spans("send aftercare.callback"))

    assert is_child(reported, request)
    by_id = {one.get_span_context().span_id: one for one in memory.spans() if one.get_span_context() is not None}
    for save in (weighing, care):
        way = [save]
        while (above := way[-1].parent) is not None:
            way.append(by_id[above.span_id])
        assert [one.name for one in way] == [
            "save", "handle", f"process {REPORTED}", f"send {REPORTED}", "save", "POST /v1/reports",
        ]  # fmt: skip
    assert any(is_child(one, care) for one in memory.spans("send aftercare.callback")), "and it goes on"
    said = words_in(memory.spans())
    for secret in (answer.json()["case"], REPORT["victim"]["name"], "partner.", *MUNICIPALITIES):
        assert secret not in said, secret
