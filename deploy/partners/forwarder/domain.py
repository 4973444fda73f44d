"""What an answer of a partner means, when it is tried again, and in which order. Pure: no clock, network or database.

The partner's own topic is the order. A case's later event waits for the earlier one; other cases go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import urlsplit

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 86_400)
)
"""Between one try and the next: more than three days in all, so that what breaks on Friday evening can be mended on
Monday. After the last try an event is parked: it stays, and somebody is told."""
LONGEST_ASKED = timedelta(hours=24)
"""A partner may ask for more patience (`Retry-After`), up to this."""
BUSY = (429, 503)
"""Statuses whose `Retry-After` is about the whole address, not about one event."""
GONE = 410
LOCALHOST = ("127.0.0.1", "localhost", "::1")


class State(StrEnum):
    """How it stands with one event for one partner."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    PARKED = "parked"
    """All tries failed: it waits for an operator, and so do the later events of its case."""
    DROPPED = "dropped"
    """An operator set it aside, with a reason."""


UNDELIVERED = (State.WAITING, State.PARKED)


@dataclass(frozen=True)
class Answer:
    """What came of one try. `status`: None when nobody answered; `why`: the kind of failure, in a word."""

    status: int | None
    why: str = ""
    retry_after: timedelta | None = None

    @property
    def accepted(self) -> bool:
        """Whether the partner took it: any 2xx, and nothing else. A redirect is not followed and is no acceptance."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Verdict:
    """What follows from an answer. `next_at`: of this event; `hold_until`: of everything for this partner.

    `stop`: nothing more is sent to this address until an operator says so.
    """

    state: State
    next_at: datetime | None = None
    hold_until: datetime | None = None
    stop: bool = False


def judge(number: int, answer: Answer, now: datetime, pauses: Sequence[timedelta] = PAUSES) -> Verdict:
    """What follows from the answer to try `number` (the first is 1), given at `now`.

    Only 2xx is done. 410: the partner wants nothing more there. Everything else is tried again by the table, other 4xx
    too: a key that was not known yet, or an address that moved, is mended in time. Nothing is ever thrown away.
    """
    if answer.accepted:
        return Verdict(State.DELIVERED)
    if answer.status == GONE:
        return Verdict(State.WAITING, now, stop=True)
    if number > len(pauses):
        return Verdict(State.PARKED)
    asked = min(answer.retry_after or timedelta(0), LONGEST_ASKED) if answer.status in BUSY else timedelta(0)
    return Verdict(State.WAITING, now + max(pauses[number - 1], asked), now + asked if asked else None)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The header `Retry-After`, as seconds or as a date (RFC 9110); None when it is not there, or says nothing."""
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), LONGEST_ASKED)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(until - now, timedelta(0))


@dataclass(frozen=True)
class Entry:
    """One event for one partner, without its content. `case`: the record's key, which is another for each partner.

    `tried`: tries so far, since it was last sent by an operator; `since`: when it was put on the topic (UTC).
    """

    id: str
    event: str
    case: str
    state: State
    tried: int
    next_at: datetime
    since: datetime


def heads(entries: Iterable[Entry]) -> list[Entry]:
    """Of each case the oldest that is not done; `entries` in the order of the topic. Only these may be sent."""
    first: dict[str, Entry] = {}
    for one in entries:
        if one.state in UNDELIVERED:
            first.setdefault(one.case, one)
    return list(first.values())


def due(entries: Iterable[Entry], now: datetime) -> list[Entry]:
    """What may be sent now."""
    return [one for one in heads(entries) if one.state is State.WAITING and one.next_at <= now]


@dataclass(frozen=True)
class Consent:
    """Whether an address wants our events (CloudEvents webhooks, abuse protection). `per_minute`: None, no limit."""

    given: bool
    per_minute: int | None = None
    why: str = ""


def consent(origin: str, answer: Answer, allowed_origin: str | None, allowed_rate: str | None) -> Consent:
    """What the answer to our question (OPTIONS) says. `origin`: who we said we are."""
    if not answer.accepted:
        return Consent(False, why=str(answer.status or answer.why))
    if allowed_origin is None or allowed_origin.strip().lower() not in ("*", origin.lower()):
        return Consent(False, why="the address does not name us in WebHook-Allowed-Origin")
    rate = (allowed_rate or "").strip()[:9]
    return Consent(True, int(rate) if rate.isascii() and rate.isdecimal() and int(rate) > 0 else None)


def ask_again(asked: int, now: datetime, pauses: Sequence[timedelta] = PAUSES) -> datetime:
    """When an address that did not agree is asked again, after so many times. It never ends: events wait meanwhile."""
    return now + pauses[min(asked, len(pauses)) - 1]


def fit_address(url: str) -> str:
    """An address that events may be posted to: HTTPS, or HTTP on this machine. Raises `ValueError` for another one."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("an address begins with https:// and has a host")
    if parts.scheme == "http" and parts.hostname not in LOCALHOST:
        raise ValueError("an address begins with https://; http:// is for this machine only")
    if parts.username or parts.password or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("an address has no user, password or #, and nothing but plain characters")
    parts.port  # noqa: B018  # raises for a port that is none
    return url
