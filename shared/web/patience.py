"""How long a connection may take before it says what it wants: a caller that trickles headers holds no place.

uvicorn limits the pause between two requests and nothing else; slow bodies are stopped by `Budget` (headers.py).
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
"""From the connection, or from the first byte of a next request, until its headers are whole. Also what a caller gets
to send on after it was answered: then the rest of a body that is too large is thrown away."""


class Patient(H11Protocol):
    """A connection that is closed when no request is being handled and the next one does not become whole in time."""

    _head: asyncio.TimerHandle | None = None
    seconds = HEAD_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts to count."""
        super().connection_made(transport)
        self._head = self.loop.call_later(self.seconds, self._close)

    def data_received(self, data: bytes) -> None:
        """Counts on while what came is not a whole head; stops when a request is being handled."""
        super().data_received(data)
        if self._handling():
            self._stop()
        elif self._head is None:
            self._head = self.loop.call_later(self.seconds, self._close)

    def on_response_complete(self) -> None:
        """What counted before the answer counts no more."""
        self._stop()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing left to count."""
        self._stop()
        super().connection_lost(exc)

    def _handling(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _stop(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _close(self) -> None:
        self._head = None
        if not self._handling():
            self.transport.close()
