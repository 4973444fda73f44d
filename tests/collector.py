"""A collector of traces (OTLP over HTTP, protobuf), as small as can be: it keeps what it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SpanId = tuple[bytes, bytes]
"""Trace and span."""


@dataclass(frozen=True)
class Span:
    """One span as it arrived. `before`: what it is below, and what it has links to."""

    service: str
    scope: str
    name: str
    id: SpanId
    before: tuple[SpanId, ...]
    words: dict[str, str]
    raw: bytes = field(repr=False)


@dataclass
class Collector:
    """What arrived. `address`: where it listens; `strangers`: paths other than that of traces."""

    address: str
    bodies: list[bytes] = field(default_factory=list, repr=False)
    strangers: list[str] = field(default_factory=list)

    def spans(self) -> dict[SpanId, Span]:
        """All spans, in order of arrival."""
        return {one.id: one for body in list(self.bodies) for one in _spans(body)}

    def way_back(self, span: Span) -> list[Span]:
        """Everything that led to it, over parents and links, itself first."""
        known, found, ahead = self.spans(), {span.id: span}, [span]
        while ahead:
            nearest = [known[one] for one in ahead.pop(0).before if one in known and one not in found]
            found |= {one.id: one for one in nearest}
            ahead += nearest
        return list(found.values())


def _spans(body: bytes) -> Iterator[Span]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = {one.key: one.value.string_value for one in resource.resource.attributes}["service.name"]
        for scope in resource.scope_spans:
            for one in scope.spans:
                parent = ((one.trace_id, one.parent_span_id),) if one.parent_span_id else ()
                links = tuple((link.trace_id, link.span_id) for link in one.links)
                words = {word.key: word.value.string_value or str(word.value.int_value) for word in one.attributes}
                yield Span(
                    service, scope.scope.name, one.name, (one.trace_id, one.span_id), parent + links, words,
                    one.SerializeToString(),
                )  # fmt: skip


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/v1/traces":
                found.bodies.append(body)
            else:
                found.strangers.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Collector(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
