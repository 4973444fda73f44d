"""Traces that stay in memory, for tests."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.runtime.tracing import Tracing


class Memory:
    """What was recorded. `tracing()`: one more service, or a process after a restart, that records here."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()

    def tracing(self) -> Tracing:
        """Traces that come here as soon as a span has ended."""
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        return Tracing(provider)

    def spans(self, name: str = "") -> Sequence[ReadableSpan]:
        """Spans that have ended, in that order; with a name those whose name begins so."""
        return [one for one in self._exporter.get_finished_spans() if one.name.startswith(name)]

    def span(self, name: str) -> ReadableSpan:
        """The only one whose name begins so."""
        (found,) = self.spans(name)
        return found


def trace_of(span: ReadableSpan) -> int:
    """The id of its trace."""
    context = span.get_span_context()
    assert context is not None
    return context.trace_id


def is_child(span: ReadableSpan, parent: ReadableSpan) -> bool:
    """Whether it is directly below `parent`."""
    above, here = span.parent, parent.get_span_context()
    return above is not None and here is not None and (above.trace_id, above.span_id) == (here.trace_id, here.span_id)


def follows(span: ReadableSpan, other: ReadableSpan) -> bool:
    """Whether it has a link to `other`."""
    there = other.get_span_context()
    assert there is not None
    return [(one.context.trace_id, one.context.span_id) for one in span.links] == [(there.trace_id, there.span_id)]


def words_in(spans: Sequence[ReadableSpan]) -> str:
    """Everything that spans say: names, attributes, events, statuses, resources, links."""
    return "\n".join(one.to_json(indent=None) for one in spans)
