"""Traces: joined over the outbox, silent about persons, and nothing at all when nobody asked for them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import timedelta

import pytest

from shared.runtime.cases import Act, Handled
from shared.runtime.mongo import Database
from shared.runtime.tracing import ALLOWED, HEADER, OFF, SpanKind, carried, tracing_of
from tests.runtime.toy import PARTNER, Bench, Remind, Sent
from tests.traced import Memory, follows, is_child, trace_of, words_in

CANARY = "kanarie-Jansen"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def headers_of(bench: Bench, topic: str = "aftercare.callback") -> list[dict[str, str]]:
    """The headers of what was sent to a topic."""
    return [record.headers for record in bench.sent.records if record.topic == topic]


async def test_an_event_carries_the_context_of_its_sending_which_is_below_the_save_below_the_request(
    database: Database,
) -> None:
    memory = Memory()
    bench = Bench(database, tracing=memory.tracing())
    with bench.cases.tracing.span("POST", {}, kind=SpanKind.SERVER, parent=""):
        await bench.add(1, "i1")
    await bench.send_fresh()
    request, save, send = memory.span("POST"), memory.span("save"), memory.span("send aftercare.callback")
    assert is_child(save, request) and is_child(send, save)
    assert send.kind is SpanKind.PRODUCER
    (headers,) = headers_of(bench)
    context = send.get_span_context()
    assert context is not None
    assert headers[HEADER].startswith(f"00-{context.trace_id:032x}-{context.span_id:016x}-")


async def test_it_stays_one_trace_when_another_process_publishes_later(database: Database) -> None:
    memory = Memory()
    died = Bench(database, tracing=memory.tracing())
    await died.add(1, "i1")
    later = Bench(database, tracing=memory.tracing())
    await later.after_a_crash()
    save, send = memory.span("save"), memory.span("send aftercare.callback")
    assert is_child(send, save)
    assert len(headers_of(later)) == 1


async def test_a_relay_that_does_not_trace_passes_on_what_was_saved(database: Database) -> None:
    memory = Memory()
    died = Bench(database, tracing=memory.tracing())
    await died.add(1, "i1")
    later = Bench(database)
    await later.after_a_crash()
    (headers,) = headers_of(later)
    assert headers[HEADER][3:35] == f"{trace_of(memory.span('save')):032x}"


async def test_what_partners_get_has_no_context_and_no_span(database: Database) -> None:
    memory = Memory()
    bench = Bench(database, tracing=memory.tracing())
    await bench.add(1, "i1", events=2)
    await bench.send_fresh()
    assert [list(headers) for headers in headers_of(bench, PARTNER)] == [["content-type"]] * 2
    trace = f"{trace_of(memory.span('save')):032x}"
    assert trace not in str([asdict(one) for one in bench.sent.records if one.topic == PARTNER])
    assert PARTNER not in words_in(memory.spans())


async def test_a_later_act_is_a_trace_of_its_own_that_follows_the_one_before(database: Database) -> None:
    memory = Memory()
    bench = Bench(database, tracing=memory.tracing())
    await bench.add(1, "i1")
    await bench.add(1, "i2")
    first, second = memory.spans("save")
    assert trace_of(first) != trace_of(second)
    assert not first.links and follows(second, first)


async def test_within_one_trace_nothing_is_linked(database: Database) -> None:
    memory = Memory()
    bench = Bench(database, tracing=memory.tracing())
    with bench.cases.tracing.span("POST", {}, parent=""):
        await bench.add(1, "i1")
        await bench.add(1, "i2")
    assert [one.links for one in memory.spans("save")] == [(), ()]


async def test_a_deadline_begins_a_trace_that_follows_the_save_which_set_it(database: Database) -> None:
    memory = Memory()
    bench = Bench(database, tracing=memory.tracing())
    remind = Remind("a", "soon", bench.clock.now() - timedelta(seconds=1))
    await bench.cases.update("a", remind, handled=Handled("i1"), act=Act("test"))
    await bench.deadlines.pass_due()
    setting, passing = memory.spans("save")
    deadline = memory.span("deadline soon")
    assert deadline.parent is None and is_child(passing, deadline) and follows(passing, setting)
    assert dict(deadline.attributes or {}) == {"veilig.module": "toy", "veilig.deadline": "soon"}


async def test_an_input_that_was_handled_before_saves_nothing_and_leaves_no_span(database: Database) -> None:
    memory = Memory()
    bench = Bench(database, tracing=memory.tracing())
    await bench.add(1, "i1")
    await bench.add(1, "i1")
    assert len(memory.spans("save")) == 1


async def test_events_sent_again_by_an_operator_carry_no_old_trace(database: Database) -> None:
    memory = Memory()
    bench = Bench(database, tracing=memory.tracing())
    await bench.add(1, "i1")
    await bench.send_fresh()
    bench.sent = bench.relay._publisher = Sent()
    await bench.relay.republish()
    assert [list(headers) for headers in headers_of(bench)] == [["content-type"]]


async def test_of_an_error_only_the_class_is_told(database: Database) -> None:
    class Breaks(Sent):
        async def publish(self, record, /):  # type: ignore[no-untyped-def]
            raise RuntimeError(CANARY)

    memory = Memory()
    bench = Bench(database, publisher=Breaks(), tracing=memory.tracing())
    await bench.add(1, "i1")
    await bench.send_fresh()
    send = memory.span("send")
    assert dict(send.attributes or {})["error.type"] == "RuntimeError"
    assert not send.status.is_ok and send.events == ()
    assert CANARY not in words_in(memory.spans())


async def test_no_span_says_which_case_it_is_or_who_did_it(database: Database) -> None:
    memory = Memory()
    bench = Bench(database, tracing=memory.tracing())
    act = Act(f"{CANARY}-actor", f"{CANARY}-purpose", f"{CANARY}-role")
    remind = Remind(f"{CANARY}-case", "soon", bench.clock.now() - timedelta(seconds=1))
    await bench.cases.update(f"{CANARY}-case", remind, handled=Handled(f"http:{CANARY}:key"), act=act)
    await bench.deadlines.pass_due()
    await bench.send_fresh()
    assert len(memory.spans()) == 4
    assert CANARY not in words_in(memory.spans())
    assert {name for one in memory.spans() for name in one.attributes or {}} <= ALLOWED


def test_a_word_that_is_not_on_the_list_is_dropped() -> None:
    memory = Memory()
    with memory.tracing().span("x", {"url.path": CANARY, "veilig.module": "toy"}) as step:
        step.say({"user.id": CANARY})
    assert dict(memory.span("x").attributes or {}) == {"veilig.module": "toy"}


@pytest.mark.parametrize(
    "nonsense", ["", CANARY, "00-1", TRACEPARENT.replace("0af7", "----"), f"{TRACEPARENT}\n{CANARY}"]
)
def test_a_context_that_is_none_begins_a_new_trace(nonsense: str) -> None:
    memory = Memory()
    with memory.tracing().span("x", {}, parent=nonsense) as step:
        step.follows(nonsense)
    assert memory.span("x").parent is None and not memory.span("x").links
    assert CANARY not in words_in(memory.spans())


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (None, ""),
        ((), ""),
        ([("content-type", b"x")], ""),
        ([(HEADER, None)], ""),
        ([(HEADER, TRACEPARENT.encode())], TRACEPARENT),
        ([(HEADER, b"\xff\xfe")], ""),
    ],
)
def test_the_context_is_found_among_whatever_headers_a_record_has(headers: object, found: str) -> None:
    assert carried(headers) == found


async def test_without_the_setting_nothing_is_recorded_saved_or_sent(database: Database) -> None:
    assert tracing_of("intake", "") is OFF and not OFF.on
    bench = Bench(database, tracing=OFF)
    with OFF.span("POST", {}) as step:
        await bench.add(1, "i1")
        step.say({"http.route": "/x"})
        step.follows(TRACEPARENT)
        step.fails("x")
    document = await bench.document()
    assert "trace" not in document and step.traceparent == ""
    assert {name for entry in document["outbox"] for name in entry["headers"]} == {"content-type"}
    await bench.send_fresh()
    assert [list(headers) for headers in headers_of(bench)] == [["content-type"]]
    await OFF.close()


def test_without_the_setting_the_recorder_is_not_even_loaded() -> None:
    asked = "import sys, services.intake.app; print([n for n in sys.modules if n.startswith('opentelemetry.sdk')])"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


async def test_a_collector_that_is_away_keeps_nobody(unused_tcp_port: int) -> None:
    tracing = tracing_of("intake", f"http://127.0.0.1:{unused_tcp_port}/v1/traces")
    with tracing.span("x", {}, parent=""):
        pass
    began = time.monotonic()
    await asyncio.wait_for(tracing.close(seconds=0.2), 5)
    assert time.monotonic() - began < 3
