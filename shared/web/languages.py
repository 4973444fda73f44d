"""The languages of the catalogue: English, as the contracts stand, and Dutch, from tables keyed by the English text.

A text that changes in English has no Dutch any more until somebody translates it again: then the page cannot be made,
and tests fail. The tables are in the format of gettext, which tools for translators read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from shared import contracts
from shared.contracts import vocabulary
from shared.web import dutch

TABLES = (
    Path(contracts.__file__).with_name("nl.po"),
    Path(__file__).with_name("templates") / "catalogue" / "nl.po",
)
"""Events, fields and promises; what the pages say around them."""

Texts = Mapping[str, tuple[str, ...]]
"""English text -> Dutch: one, or one for a single thing and one for more."""


class Untranslated(LookupError):
    """A text has no Dutch; the text of the error says which."""


@dataclass(frozen=True)
class Language:
    """`code`: as in `lang`; `name`: in the language itself; `texts`: None when texts stay as they are."""

    code: str
    name: str
    texts: Texts | None = None

    def say(self, text: str) -> str:
        """A text in this language. One that is put together of sentences is found by its parts.

        Raises `Untranslated`.
        """
        if self.texts is None:
            return text
        if text in self.texts:
            return self.texts[text][0]
        before, dot, last = text.rpartition(". ")
        if not dot:
            raise Untranslated(f"no Dutch in {', '.join(one.name for one in TABLES)} for: {text}")
        return f"{self.say(f'{before}.')} {self.say(last)}"

    def count(self, one: str, many: str, number: int) -> str:
        """The text for so many things. Raises `Untranslated`."""
        if self.texts is None:
            return one if number == 1 else many
        if len(self.texts.get(one, ())) != 2:
            raise Untranslated(f"no Dutch for one and for more of: {one}")
        return self.texts[one][number != 1]

    def words(self, values: Iterable[str]) -> str:
        """Fixed words of the contracts, with what they mean where that is not what they say."""
        values = tuple(values)
        if self.texts is None:
            return ", ".join(values)
        meanings = dutch.words()[kinds()[frozenset(values) - {"unknown"}]]
        return ", ".join(f"{one} ({meanings[one]})" if meanings[one] != one else one for one in values)


@cache
def kinds() -> Mapping[frozenset[str], str]:
    """A list of words -> its section in `words.toml`. A schema does not say which list it quotes; no two are equal."""
    found = [one for one in vars(vocabulary).values() if isinstance(one, type) and issubclass(one, StrEnum)]
    return {frozenset(map(str, one)) - {"unknown"}: one.__name__ for one in found if len(one)}


def read(tables: Iterable[Path] = TABLES) -> Texts:
    """All texts of the tables. Raises `ValueError` for one that is in two of them, doubtful, or without Dutch."""
    found: dict[str, tuple[str, ...]] = {}
    for table in tables:
        with table.open("rb") as file:
            messages = [message for message in read_po(file, locale="nl") if message.id]
        for message in messages:
            english, told = _all(message.id)[0], _all(message.string)
            if english in found or not all(told) or message.fuzzy:
                raise ValueError(f"twice, doubtful or without Dutch: {english}")
            found[english] = told
    return found


def _all(texts: str | Sequence[str] | None) -> tuple[str, ...]:
    return (texts or "",) if isinstance(texts, str | None) else tuple(texts)


@cache
def languages() -> tuple[Language, Language]:
    """English and Dutch."""
    return Language("en", "English"), Language("nl", "Nederlands", read())
