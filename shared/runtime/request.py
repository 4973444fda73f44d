"""What the saves and reads of one HTTP request have in common, for the processing log.

Whoever takes the request in puts one in place (`during`); routes fill in who calls and why. It is one object that all
tasks of the request share, so what a dependency writes in a thread of its own is seen by the save that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from shared.runtime.environment import utc_now

TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")


@dataclass
class Request:
    """`role` and `purpose` (a fixed word, as a partner stated it) of the caller; `trace_id` 32 hexadecimal digits.

    `saved`: module and id of the documents that were saved. The change is in the log already, so that showing the
    outcome is not a second look. `persons`: per module and id of what was loaded, whom it is about.
    `unreadable`: module and id of what stands on a list though it could not be opened. `started_at` in UTC.
    """

    role: str = ""
    purpose: str = ""
    trace_id: str = ""
    started_at: datetime = field(default_factory=utc_now)
    saved: set[tuple[str, str]] = field(default_factory=set)
    persons: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    unreadable: set[tuple[str, str]] = field(default_factory=set)


_CURRENT: ContextVar[Request | None] = ContextVar("request", default=None)


def current() -> Request | None:
    """The request that runs now; None in a subscriber or a loop."""
    return _CURRENT.get()


@contextmanager
def during(request: Request) -> Iterator[Request]:
    """Makes `request` the current one."""
    token = _CURRENT.set(request)
    try:
        yield request
    finally:
        _CURRENT.reset(token)


def trace_of(traceparent: str) -> str:
    """The trace id in a W3C `traceparent` header; empty when there is none that is right."""
    found = TRACEPARENT.match(traceparent)
    return found[1] if found and found[1].strip("0") else ""
