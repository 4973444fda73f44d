"""The whole story with traces on, as a collector gets them: joined from report to care, and silent about persons."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

import pytest

from deploy.local.server import MUNICIPALITIES
from deploy.stories.stage import Stage
from deploy.stories.village_alderman import CANARIES
from deploy.stories.witness import Received, Witness
from shared.runtime.tracing import ALLOWED, HEADER
from tests.collector import Collector, Span, collecting
from tests.conftest import USED
from tests.scenarios.scene import Scene
from tests.scenarios.test_vtl import at, opens
from tests.stack import Stack
from tests.stories.telling import outcome, tell

pytestmark = pytest.mark.slow

WORDS = "ZQKANARIE vertrouwelijk"


@dataclass
class Traced:
    """What came of a story on a traced stack: spans, records of all topics, and the case."""

    collector: Collector
    records: list[Received] = field(repr=False)
    cases: set[str] = field(repr=False)
    said: str = field(repr=False)

    def sent(self, event: str) -> Span:
        """The newest sending of an event, in kebab case."""
        kind = f".{event}.v1"
        found = [one for one in self.collector.spans().values() if one.name.startswith("send")]
        return [one for one in found if one.words["cloudevents.event_type"].endswith(kind)][-1]

    def found(self, secrets: Iterable[str]) -> list[str]:
        """Those of them that stand in any span. Not the spans themselves: nobody reads those in a failure."""
        return [one for one in secrets if one in self.said]


@pytest.fixture(scope="module")
async def traced(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Traced]:
    """A stack whose traces go to a collector, and whose framework is asked to send its own there too."""
    with collecting() as collector, pytest.MonkeyPatch.context() as environment:
        environment.setenv("VEILIG_TRACES_URL", f"{collector.address}/v1/traces")
        for signal in ("TRACES", "LOGS"):  # not metrics: the embedded broker would send its own
            environment.setenv(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", f"{collector.address}/framework")
        environment.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        stack = Stack(tmp_path_factory.mktemp("traced"), "--kafka", "embedded")
        try:
            stack.start()
            USED.append("traces: Tansu and SecantusDB (embedded)")
            told = outcome(tell(stack, "--json"))
            url, state = f"http://127.0.0.1:{stack.ports['--port']}", stack.state()
            async with Stage(url, patience=60.0) as stage, Witness(state["kafka"], MUNICIPALITIES) as witness:
                scene = Scene("embedded", stage, witness, stack.data, state["mongo"])
                await at(scene, 10, 0)
                await opens(scene, WORDS)

                async def seen() -> list[Received]:
                    return witness.once()

                await stage.eventually("all topics are read", seen, lambda all_: len(all_) >= len(told["events"]))
                records = witness.once()
            assert stack.stop() == 0, stack.said()  # it sends its last spans
            said = repr([one.raw for one in collector.spans().values()])
            yield Traced(collector, records, {one.data["case"] for one in records if "case" in one.data}, said)
        finally:
            stack.clean()


STEPS = {
    "funding-requested": {"assessment.weighing", "assessment.measures", "funding.cost_allocation"},
    "funding-granted": {"assessment.measures", "funding.cost_allocation", "funding.safety_net"},
    "measures-scaled-down": {"assessment.weighing"},
    "ivp-callback-missed": {"intake.reporting"},
    "aftercare-closed": {"intake.reporting"},
}
"""Event -> modules that it came through."""


@pytest.mark.parametrize("event", STEPS)
def test_every_step_leads_back_to_the_report(traced: Traced, event: str) -> None:
    way = traced.collector.way_back(traced.sent(event))
    assert "POST /v1/reports" in {one.name for one in way}
    assert STEPS[event] <= {one.words.get("veilig.module") for one in way}


def test_a_bill_of_care_leads_to_no_case(traced: Traced) -> None:
    way = traced.collector.way_back(traced.sent("employer-invoiced"))
    assert {one.words.get("veilig.module") for one in way} == {None, "aftercare.billing"}
    assert "POST /v1/reports" not in {one.name for one in way}


def test_nothing_of_a_person_or_case_is_in_any_span(traced: Traced) -> None:
    spans = traced.collector.spans().values()
    assert len(spans) > 300
    assert {word for one in spans for word in one.words} <= ALLOWED
    keys = {one.key for one in traced.records}
    assert len(traced.cases) > 3
    people = ("account-", "secretaris", "agent-12", "rccb-3", "hovj-1", "bzk-7", "ivp-5", "office-holder")
    assert traced.found((*CANARIES.values(), WORDS, *traced.cases, *keys, *MUNICIPALITIES, *people)) == []


def test_what_partners_get_knows_of_no_trace(traced: Traced) -> None:
    partners = [one for one in traced.records if one.is_partner]
    inside = [one for one in traced.records if HEADER in one.headers]
    assert partners and inside and not any(one.is_partner for one in inside)
    traces = {trace.hex() for trace, _ in traced.collector.spans()}
    assert {one.headers[HEADER].split("-")[1] for one in inside} <= traces
    for one in partners:
        assert set(one.headers) == {"content-type"}
        everything = one.raw.decode() + one.key + str(one.headers)
        assert not [trace for trace in traces if trace in everything]
    assert traced.found(["partner."]) == []


def test_of_the_confidential_line_there_is_nothing(traced: Traced) -> None:
    spans = traced.collector.spans().values()
    assert {one.service for one in spans} == {"intake", "assessment", "funding", "aftercare"}
    assert traced.found(("confidential", "gesprek", "balie", "/v1/contact")) == []


def test_only_our_own_spans_are_sent(traced: Traced) -> None:
    assert {one.scope for one in traced.collector.spans().values()} == {"veilig"}
    assert traced.collector.strangers == []
