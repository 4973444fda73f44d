"""Traces (OpenTelemetry): how one act goes on over outboxes and services, and where its time goes.

Off unless `VEILIG_TRACES_URL` says where they go. The context of a trace is saved with the event in the outbox, so that
it stays joined when the relay publishes later, or another process does. A span says only what is on the list: words of
our own source. No case, account, place or text of an error is ever in one, and no library adds spans of its own, for
there is no global provider.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.contracts.envelope import Record

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

__all__ = ["ALLOWED", "HEADER", "OFF", "SpanKind", "Step", "Tracing", "carried", "carrying", "tracing_of"]

HEADER = "traceparent"
"""Of a record on an internal topic (W3C Trace Context). A partner's record never has it."""
ALLOWED = frozenset(
    {
        "http.request.method", "http.route", "http.response.status_code", "messaging.system",
        "messaging.destination.name", "messaging.consumer.group.name", "cloudevents.event_type", "error.type",
        "veilig.module", "veilig.deadline",
    }
)  # fmt: skip
"""`http.route` is a path template, never a path; `error.type` a class name, never its text."""
SEND_SECONDS = 5.0
"""How long a collector may take for one batch."""
CLOSING_SECONDS = 3.0
"""How long stopping waits for the last spans to be taken."""

Words = Mapping[str, str | int]
_W3C = TraceContextTextMapPropagator()


class Step:
    """What runs now, as one span. Nothing happens when nothing is recorded."""

    def __init__(self, span: trace.Span | None = None) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        """What carries this span on; empty when nothing is recorded."""
        if self._span is None:
            return ""
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, trace.set_span_in_context(self._span, Context()))
        return carrier.get(HEADER, "")

    def say(self, words: Words) -> None:
        """Adds words; those that are not allowed are dropped."""
        if self._span is not None:
            self._span.set_attributes(_allowed(words))

    def is_called(self, name: str) -> None:
        """Gives it a name that was not known when it began."""
        if self._span is not None:
            self._span.update_name(name)

    def follows(self, traceparent: str) -> None:
        """Links it to a span of another trace. Of its own trace, of none and of nonsense nothing is linked."""
        if self._span is None:
            return
        other = trace.get_current_span(_context(traceparent)).get_span_context()
        if other.is_valid and other.trace_id != self._span.get_span_context().trace_id:
            self._span.add_link(other)

    def fails(self, kind: str) -> None:
        """It went wrong. `kind`: class of the error, or a status."""
        if self._span is not None:
            self._span.set_attribute("error.type", kind)
            self._span.set_status(StatusCode.ERROR)


class Tracing:
    """The traces of one service. Without a provider nothing is recorded."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._provider = provider
        self._tracer = None if provider is None else provider.get_tracer("veilig")

    @property
    def on(self) -> bool:
        """Whether anything is recorded."""
        return self._tracer is not None

    @contextmanager
    def span(
        self, name: str, words: Words, *, kind: SpanKind = SpanKind.INTERNAL, parent: str | None = None
    ) -> Iterator[Step]:
        """A span around what runs inside. `parent`: a `traceparent`; empty or nonsense: a new trace; None: what runs.

        An error goes on; of it only the class is written down.
        """
        if self._tracer is None:
            yield NOTHING
            return
        with self._tracer.start_as_current_span(
            name,
            context=None if parent is None else _context(parent),
            kind=kind,
            attributes=_allowed(words),
            # Both would write the error's text into the span, which can hold personal data.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            step = Step(span)
            try:
                yield step
            except Exception as error:
                step.fails(type(error).__name__)
                raise

    async def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """Sends what is left, for at most so many seconds: a collector that is away keeps nobody."""
        if self._provider is None:
            return
        provider, loop, sent = self._provider, asyncio.get_running_loop(), asyncio.Event()

        def send_the_rest() -> None:
            provider.shutdown()
            with suppress(RuntimeError):  # the loop did not wait for us
                loop.call_soon_threadsafe(sent.set)

        # Not in the loop's own threads: a process waits for those when it ends.
        Thread(target=send_the_rest, daemon=True).start()
        with suppress(TimeoutError):
            await asyncio.wait_for(sent.wait(), seconds)


NOTHING = Step()
OFF = Tracing()


def tracing_of(service: str, address: str) -> Tracing:
    """The traces of a service, sent by OTLP (HTTP, protobuf) to `address`; empty: none."""
    if not address:
        return OFF
    # Only here: who does not trace does not load it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # Not `Resource.create`, which adds what it finds out about the machine.
    resource = Resource({"service.name": service, "service.namespace": "veilig-bestuur"})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=SEND_SECONDS)))
    return Tracing(provider)


def carrying(record: Record, traceparent: str) -> Record:
    """The record with the context that its handling goes on from; with none the record as it is."""
    return replace(record, headers=record.headers | {HEADER: traceparent}) if traceparent else record


def carried(headers: object) -> str:
    """The context among the headers of a raw Kafka record; empty when there is none. Whether it is one: see `span`."""
    found = dict(headers) if isinstance(headers, list | tuple) else {}
    return (found.get(HEADER) or b"").decode("ascii", "ignore")


def _context(traceparent: str) -> Context:
    return _W3C.extract({HEADER: traceparent}, Context())


def _allowed(words: Words) -> dict[str, str | int]:
    return {name: value for name, value in words.items() if name in ALLOWED}
