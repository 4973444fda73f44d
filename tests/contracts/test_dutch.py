"""The catalogue in Dutch: nothing left out or left over, easy to read, and each page leads to its other language."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
import textstat
from fastapi import FastAPI

from shared.contracts.fields import MEANINGS, OWN_MEANINGS
from shared.contracts.promises import PARTNER_PROMISES, PROMISES
from shared.contracts.topics import EVENTS
from shared.contracts.vocabulary import Office
from shared.web import dutch, languages
from shared.web.catalogue import Catalogue, catalogue_routes
from shared.web.languages import TABLES, Language, Untranslated, kinds, read
from tests.contracts.test_catalogue import BASE, ENGLISH, SETTINGS
from tests.pages.test_texts import LEAST
from tests.pages.visiting import ENGLISH as NOT_DUTCH

PRODUCTION = SETTINGS.model_copy(update={"environment": "production"})
FOREIGN = re.compile(r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>|<(code|pre)\b.*?</\2>', re.DOTALL)
"""What is English on a Dutch page, and says so, or is code."""


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI(redirect_slashes=False)
    app.include_router(catalogue_routes(SETTINGS))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE) as made:
        yield made


@cache
def in_dutch() -> Catalogue:
    english, nl = languages.languages()
    return Catalogue(SETTINGS, nl, english)


def every_page(language: Language) -> str:
    """All pages in a language, of a local stack and of a real one."""
    english, _ = languages.languages()
    shown = []
    for settings in (SETTINGS, PRODUCTION):
        catalogue = Catalogue(settings, language, english)
        shown += [catalogue.index_page(), *map(catalogue.event_page, EVENTS)]
        shown += [catalogue.partner_page(kind) for kind in ("municipality", "bzk", "ivp")]
    return "\n".join(shown)


class Noting(dict[str, tuple[str, ...]]):
    """Texts that know which of them were asked for."""

    def __init__(self) -> None:
        super().__init__(read())
        self.used: set[str] = set()

    def __getitem__(self, english: str) -> tuple[str, ...]:
        self.used.add(english)
        return super().__getitem__(english)


def test_every_text_has_dutch_and_no_dutch_is_left_of_what_is_gone() -> None:
    """A type, field, word or sentence without Dutch ends the making of a page."""
    noting = Noting()
    every_page(Language("nl", "Nederlands", noting))
    assert set(noting) - noting.used == set()


@pytest.mark.parametrize("text", [one.text for one in (*MEANINGS.values(), *OWN_MEANINGS.values())])
def test_each_field_has_dutch(text: str) -> None:
    assert languages.languages()[1].say(text) != text


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.type_name())
def test_each_event_has_dutch(event) -> None:
    _, nl = languages.languages()
    described = in_dutch().events[event.type_name()]["description"]
    assert nl.say(described) != described
    assert nl.say(described) in html.unescape(in_dutch().event_page(event.type_name()))


def test_an_english_text_that_changed_is_found() -> None:
    _, nl = languages.languages()
    assert nl.say("Who pays.") == "Wie betaalt."
    with pytest.raises(Untranslated, match=r"Who pays now\."):
        nl.say("Who pays now.")
    with pytest.raises(Untranslated, match="newly"):
        nl.say("Who pays. This sentence is newly added.")
    with pytest.raises(Untranslated, match="day"):
        nl.count("%(n)s day", "%(n)s days", 2)


@pytest.mark.parametrize(
    "wrong",
    ['msgid "a"\nmsgstr ""\n', '#, fuzzy\nmsgid "a"\nmsgstr "b"\n', 'msgid "Who pays."\nmsgstr "Wie dan?"\n'],
    ids=["without Dutch", "doubtful", "in two tables"],
)
def test_a_table_that_is_not_whole_is_refused(wrong: str, tmp_path: Path) -> None:
    table = tmp_path / "nl.po"
    table.write_text(wrong)
    with pytest.raises(ValueError, match="twice, doubtful or without Dutch"):
        read([*TABLES, table])


def test_each_list_of_words_is_known_by_its_words() -> None:
    assert len(kinds()) == len(set(kinds().values()))
    _, nl = languages.languages()
    assert nl.words([Office.MAYOR, Office.ALDERMAN, Office.COUNCILLOR]) == (
        "mayor (burgemeester), alderman (wethouder), councillor (raadslid)"
    )
    assert set(kinds().values()) <= set(dutch.words())


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.parent.name)
def test_what_is_told_is_easy_to_read(table: Path) -> None:
    textstat.set_lang("nl")
    told = [text for texts in read([table]).values() for text in texts]
    plain = [re.sub(r"<code>.*?</code>|<[^>]+>|%\(\w+\)s|`\w+`", "", one) for one in told]
    assert textstat.flesch_reading_ease(" ".join(one if one[-1:] in ".?!:" else f"{one}." for one in plain)) >= LEAST


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.parent.name)
def test_what_stands_in_code_or_is_filled_in_is_the_same_in_both_languages(table: Path) -> None:
    for english, told in read([table]).items():
        for text in told:
            for shape in (r"<code>.*?</code>", r"%\(\w+\)s", r'href="[^"]*"', r"`\w+`"):
                assert sorted(re.findall(shape, english)) == sorted(re.findall(shape, text)), english


def test_what_is_promised_names_the_same_numbers_and_fields_in_dutch() -> None:
    """A promise that says six months in one language and three in the other is two promises."""
    _, nl = languages.languages()
    words = {"six months": "zes maanden", "enum": "enum", "x-known-words": "x-known-words", ".v2": ".v2"}
    for _, english in (*PROMISES, *PARTNER_PROMISES):
        told = nl.say(english)
        assert re.findall(r"\d+", english) == re.findall(r"\d+", told), english
        assert [one for one in words if one in english] == [one for one in words if words[one] in told], english


@pytest.mark.parametrize("page", ENGLISH)
async def test_a_dutch_page_has_no_english_but_where_it_says_so(page: str, client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"/nl{page}")
    assert answer.headers["content-language"] == "nl"
    text = re.sub(r"<[^>]+>", " ", FOREIGN.sub(" ", answer.text.split("<body>")[1]))
    assert set(NOT_DUTCH.findall(html.unescape(text))) - {"unknown"} == set()


@pytest.mark.parametrize("page", ENGLISH)
async def test_each_page_leads_to_the_same_page_in_the_other_language(page: str, client: httpx2.AsyncClient) -> None:
    for here, there, code, name in ((page, f"/nl{page}", "nl", "Nederlands"), (f"/nl{page}", page, "en", "English")):
        shown = (await client.get(here)).text
        (link,) = re.findall(rf'<a href="([^"]+)" lang="{code}" hreflang="{code}">{name}</a>', shown)
        (machine,) = re.findall(rf'<link rel="alternate" hreflang="{code}" href="([^"]+)">', shown)
        assert urljoin(f"{BASE}{here}", link) == urljoin(f"{BASE}{here}", machine) == f"{BASE}{there}"


@pytest.mark.parametrize("page", ENGLISH)
async def test_links_stay_in_the_language(page: str, client: httpx2.AsyncClient) -> None:
    shown = (await client.get(f"/nl{page}")).text
    links = [urljoin(f"{BASE}/nl{page}", link) for link in re.findall(r'<a href="([^"#]+)(?:#[^"]*)?">', shown)]
    pages = [one.removeprefix(BASE) for one in links if re.search(r"(?<!schemas)/(events|partners)/?", one)]
    assert pages and all(one.startswith("/nl/") for one in pages)
