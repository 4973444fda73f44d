"""Narrowing a list of work, in the same way everywhere: by fixed words, by the beginning of a number, page by page.

Only rows that were on the list of this reader already are looked at, so nothing is found here that is not on it. In
the address stand words of a fixed list and signs of a reference that we made ourselves, never a name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request
from pydantic.alias_generators import to_camel

from shared.contracts.vocabulary import MeasureType
from shared.web import dutch
from shared.web.paging import Page

Row = dict[str, Any]
Fetch = Callable[[int, int], Awaitable[list[Row]]]
"""Rows of a list, by how many to skip and how many to take."""
MOST, ROWS = 1_000, 50
"""Rows that are looked through, those that are due first, and how many stand on one page of a list."""
LONGEST = 64
PAGE, NUMBER = "bladzij", "zaak"
"""Fields of every page with a list."""

START_OF_CASE = re.compile(r"[0-9a-f]{6,32}")
"""What police and OM fill in to open a case by its number."""
NO_SUCH_CASE = "Deze zaak is niet bekend in uw eenheid. Vul 6 of meer tekens van het nummer in."
Number = Annotated[
    str, Query(pattern=r"^([0-9A-Za-z_-]{6,64})?$", description="The beginning of a case's reference: 6 signs or more.")
]  # fmt: skip
"""A parameter of every route with a list of cases."""
MeasureTypeAsked = Annotated[MeasureType | None, Query(alias="measureType", description="What was advised.")]
Town = Annotated[str, Query(pattern=r"^(\d{4})?$", description="CBS code.")]
AFTER_HEX = "g"
"""Comes after every digit of a reference."""


def beginning(field: str, start: str) -> dict[str, Any]:
    """Finds references in this field that begin with `start`, by its index."""
    return {field: {"$gte": start, "$lt": start + AFTER_HEX}}


def in_field(name: str) -> Callable[[Row], Sequence[str]]:
    """The word, or words, in this field of a row."""

    def of(row: Row) -> Sequence[str]:
        found = row.get(name)
        return [str(one) for one in found] if isinstance(found, list | tuple) else [str(found)] if found else []

    return of


def in_lines(name: str) -> Callable[[Row], Sequence[str]]:
    """The words in this field of the lines of a row, each once."""
    return lambda row: sorted({str(line[name]) for line in row["lines"] if line[name]})


def in_words(kind: str) -> Callable[[str], str]:
    """How words of this section of `words.toml` read, with a capital."""

    def read(value: str) -> str:
        name = dutch.word(value, kind)
        return name[:1].upper() + name[1:]

    return read


@dataclass(frozen=True)
class Way:
    """One way to narrow a list. `key`: its parameter in the API; `name` and `label`: its field on a page, in Dutch.

    `of`: the words of a row; `read`: how a word reads.
    """

    key: str
    name: str
    label: str
    of: Callable[[Row], Iterable[str]]
    read: Callable[[str], str]


def by_town(towns: Mapping[str, str]) -> Way:
    """By municipality. `towns`: the name of each, by its code."""
    of = in_field("municipality")
    return Way("municipality", "gemeente", "Welke gemeente?", of, lambda code: towns.get(code, code))


def words(**chosen: str | None) -> dict[str, str]:
    """What an API was asked, by the key of each way: `waits_for` is the parameter `waitsFor`."""
    return {to_camel(name): str(word) if word else "" for name, word in chosen.items()}


@dataclass(frozen=True)
class Asked:
    """What a list is narrowed to. `words`: per key of a way the word that a row must have; empty for any."""

    words: Mapping[str, str] = field(default_factory=dict)
    number: str = ""
    page: int = 1

    @property
    def narrows(self) -> bool:
        """Whether anything is asked."""
        return bool(self.number) or any(self.words.values())

    def word(self, way: Way) -> str:
        """The word that is asked for in this way; empty for any."""
        return self.words.get(way.key, "")

    def wants(self, row: Row, ways: Sequence[Way]) -> bool:
        """Whether this row is asked for."""
        fits = all(self.word(way) in ("", *way.of(row)) for way in ways)
        return fits and str(row.get("case", "")).startswith(self.number)


EVERYTHING = Asked()


def query(asked: Asked, ways: Sequence[Way], **also: str) -> str:
    """How this stands in the address of a page."""
    chosen = {way.name: asked.word(way) for way in ways}
    return urlencode({**also, **chosen, NUMBER: asked.number, PAGE: asked.page})


def back(asked: Asked, ways: Sequence[Way]) -> str:
    """What follows the address of a list to see the same of it again; nothing for the list as it begins."""
    return f"?{query(asked, ways)}" if asked.narrows or asked.page > 1 else ""


@dataclass(frozen=True)
class Found:
    """A page of a list. `total`: rows that are asked for; `counts`: per key how many of all rows have each word.

    `whole`: whether all of the list was looked through.
    """

    rows: Sequence[Row]
    total: int
    counts: Mapping[str, Mapping[str, int]]
    asked: Asked
    ways: Sequence[Way]
    whole: bool = True

    @property
    def more(self) -> bool:
        """Whether there is a next page."""
        return self.total > self.asked.page * ROWS

    def options(self, way: Way) -> list[tuple[str, str]]:
        """What can be chosen: each word that is on the list, with how often."""
        return [(word, f"{way.read(word)} ({count})") for word, count in self.counts[way.key].items()]

    def address(self, page: int, **also: str) -> str:
        """The query of another page of the same list."""
        return query(replace(self.asked, page=page), self.ways, **also)

    @property
    def here(self) -> str:
        """What follows the address of the list to see the same of it again."""
        return back(self.asked, self.ways)


def asked(request: Request, ways: Sequence[Way]) -> Asked:
    """What a page was asked; what cannot be read there asks for nothing."""
    given = {name: value.strip()[:LONGEST] for name, value in request.query_params.items()}
    page = given.get(PAGE, "")
    number = int(page) if page.isascii() and page.isdigit() else 1
    return Asked({way.key: given.get(way.name, "") for way in ways}, given.get(NUMBER, ""), min(max(number, 1), MOST))


def narrow(rows: Sequence[Row], ways: Sequence[Way], asked: Asked) -> Found:
    """The page that is asked for, and how many rows have each word. `rows`: the list, what is due first on top."""
    wanted = [row for row in rows[:MOST] if asked.wants(row, ways)]
    shown = wanted[(asked.page - 1) * ROWS : asked.page * ROWS]
    counts = {way.key: Counter(word for row in rows[:MOST] for word in way.of(row)) for way in ways}
    return Found(shown, len(wanted), counts, asked, ways, len(rows) <= MOST)


def together(*lists: Found) -> Found:
    """Lists on one page that are narrowed alike, as one form sees them: counts of all, as many pages as the longest."""
    longest = max(lists, key=lambda one: one.total)
    counts = {key: sum((Counter(one.counts[key]) for one in lists), Counter[str]()) for key in longest.counts}
    whole = all(one.whole for one in lists)
    return replace(longest, counts=counts, whole=whole)


async def fetched(fetch: Fetch, page: Page, ways: Sequence[Way], asked: Asked) -> list[Row]:
    """The rows of an API's page, and one more if there is one."""
    if not asked.narrows:
        return await fetch(page.skip, page.fetch)
    wanted = [row for row in await fetch(0, MOST) if asked.wants(row, ways)]
    return wanted[page.skip : page.skip + page.fetch]
