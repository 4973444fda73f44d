"""JSON log lines on standard output, with only the fields on the list: what is not on it cannot leak.

Lines of libraries keep their level and logger name; their text only where the library is known not to print messages.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "origin", "timestamp", "service", "module", "case", "topic", "partition", "offset", "type",
        "error", "attempt", "count", "seconds", "subscription", "status", "method", "route", "text", "deadline",
    }
)  # fmt: skip
"""`case` is an opaque reference; `error` a class name, never its text; `route` a path template, never a path."""

QUIET_LIBRARIES = ("uvicorn.error", "aiokafka")
"""Libraries whose text holds addresses and states, no message content."""


def logger(name: str) -> Any:
    """A logger: `log.info("case_saved", module=..., case=...)`. Fields that are not allowed are dropped."""
    return structlog.get_logger(origin=name)


def allow_listed(_: Any, __: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """Keeps the allowed fields and says when something was dropped."""
    kept = {name: value for name, value in line.items() if name in ALLOWED}
    if len(kept) < len(line):
        kept["error"] = kept.get("error", "field_not_allowed_in_log")
    return kept


REPEAT_SECONDS = 10.0
"""A library that says the same thing again within this time is not written down again, only counted."""


class _Libraries(logging.Handler):
    """Turns lines of libraries into ours, without text or traceback unless the library is a quiet one."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        # `msg` is the text before values are filled in: one entry for each kind of line.
        kind = (record.name, str(record.msg)[:80])
        last, left_out = self._said.get(kind, (-REPEAT_SECONDS, 0))
        if record.created - last < REPEAT_SECONDS:
            self._said[kind] = (last, left_out + 1)
            return
        self._said[kind] = (record.created, 0)
        self._write(record, left_out)

    def _write(self, record: logging.LogRecord, left_out: int) -> None:
        fields: dict[str, Any] = {"origin": record.name}
        if left_out:
            fields["count"] = left_out
        if record.name.startswith(QUIET_LIBRARIES):
            fields["text"] = record.getMessage()[:300]
        if record.exc_info and record.exc_info[0]:
            fields["error"] = record.exc_info[0].__name__
        structlog.get_logger().log(record.levelno, "library", **fields)


def configure(level: str = "INFO") -> None:
    """Sets up logging for the whole process. `level`: least level that is written."""
    least = logging.getLevelName(level)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow_listed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Libraries()]
    root.setLevel(max(least, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "faststream", "aiokafka"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True
        library.setLevel(logging.NOTSET)  # a command in the same process may have silenced it


@contextmanager
def written_to(stream: TextIO) -> Iterator[None]:
    """Our own lines go to `stream` meanwhile: of a command, standard output is for what was asked."""
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow_listed,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)
