"""How moments, money and the words of the contracts read on a page, in Dutch. Times are those of Amsterdam."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency

from shared.contracts.working_days import AMSTERDAM

LOCALE = Locale("nl", "NL")
WORDS = Path(__file__).with_name("words.toml")
NOTHING = "nog niet"
MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _read(given: str | datetime) -> datetime:
    moment = given if isinstance(given, datetime) else datetime.fromisoformat(given)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(AMSTERDAM)


def moment(given: str | datetime | None) -> str:
    """`maandag 14 maart 2016 om 21.40 uur`; `nog niet` for nothing."""
    if not given:
        return NOTHING
    found = _read(given)
    return f"{format_datetime(found, 'EEEE d MMMM y', locale=LOCALE)} om {clock(found)}"


def clock(given: str | datetime | None) -> str:
    """`21.40 uur`."""
    return f"{format_time(_read(given), 'H.mm', locale=LOCALE)} uur" if given else NOTHING


def day(given: str | date | datetime | None) -> str:
    """`14 maart 2016`, of a moment or a day."""
    if not given:
        return NOTHING
    found: date
    if isinstance(given, str) and len(given) == len("2016-03-14"):
        found = date.fromisoformat(given)
    elif isinstance(given, str | datetime):
        found = _read(given).date()
    else:
        found = given
    return format_date(found, "d MMMM y", locale=LOCALE)


def month(given: str) -> str:
    """`maart 2016`, of `2016-03`."""
    return format_date(date.fromisoformat(f"{given}-01"), "MMMM y", locale=LOCALE)


def euro(given: str | float | int | None) -> str:
    """`€ 38.000,00`."""
    return format_currency(given, "EUR", locale=LOCALE) if given is not None else NOTHING


def left(given: str | datetime, now: datetime) -> str:
    """How long until a moment, or how long ago it should have been: `nog 12 minuten`, `3 uur te laat`."""
    rest = _read(given) - now
    return f"nog {_length(rest)}" if rest >= timedelta() else f"{_length(-rest)} te laat"


def _length(span: timedelta) -> str:
    if span < HOUR:
        count = int(span / MINUTE)
        return "1 minuut" if count == 1 else f"{count} minuten"
    if span < 2 * DAY:
        return f"{int(span / HOUR)} uur"
    return f"{int(span / DAY)} dagen"


def word(value: str, kind: str) -> str:
    """The Dutch word for a word of the contracts; `kind`: its section in `words.toml`. Raises `KeyError`."""
    return words()[kind][value]


def options(kind: str, values: Iterable[str]) -> list[tuple[str, str]]:
    """Choices of a list: what is sent and how it reads, with a capital; what is unknown nobody chooses."""
    named = ((str(one), word(one, kind)) for one in values if one != "unknown")
    return [(one, name[:1].upper() + name[1:]) for one, name in named]


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """All words, per kind."""
    found: dict[str, dict[str, str]] = tomllib.loads(WORDS.read_text())
    return found


def in_address(text: str) -> str:
    """A text as part of an address."""
    return quote(text, safe="/")


FILTERS: Mapping[str, Callable[..., Any]] = {
    "moment": moment, "clock": clock, "day": day, "month": month, "euro": euro, "word": word, "in_address": in_address,
}  # fmt: skip
"""Filters of the templates."""
