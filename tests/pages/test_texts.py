"""The words on the pages: readable for people at B1, and Dutch. Read from the templates, so that none is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import textstat

from shared.web import dutch
from tests.pages.visiting import ENGLISH
from tests.stack import ROOT

TEMPLATES = sorted([*ROOT.glob("services/*/*/templates/**/*.html"), *ROOT.glob("shared/web/templates/pages/*.html")])
LEAST = 60
"""Flesch-Douma: 60 is what most people read with ease."""
ENOUGH_WORDS = 25
"""Of fewer words the measure says nothing."""


def words_in(template: Path) -> list[str]:
    """The sentences of a template: what stands in it, and what it gives its parts to show."""
    text = re.sub(r"{#.*?#}", " ", template.read_text(), flags=re.S)
    given = re.findall(r'"([A-Z][^"{}]*)"', " ".join(re.findall(r"{[{%](.*?)[%}]}", text, flags=re.S)))
    text = re.sub(r"{[{%].*?[%}]}", " ", text, flags=re.S)
    stands = re.split(r"<[^>]+>", text)
    return [one.strip() for one in (*stands, *given) if re.search(r"[A-Za-z]{3}", one)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_page_is_easy_to_read_and_dutch(template: Path) -> None:
    found = words_in(template)
    text = " ".join(one if one[-1] in ".?!:" else f"{one}." for one in found)
    assert not ENGLISH.search(text), ENGLISH.findall(text)
    if len(text.split()) >= ENOUGH_WORDS:
        textstat.set_lang("nl")
        assert textstat.flesch_reading_ease(text) >= LEAST, text


def test_the_sentences_about_what_happened_are_easy_too() -> None:
    textstat.set_lang("nl")
    assert textstat.flesch_reading_ease(" ".join(dutch.words()["Event"].values())) >= LEAST


def test_officialese_is_found() -> None:
    """The measure can fail: this is how it must not be."""
    textstat.set_lang("nl")
    worse = (
        "Ingevolge de desbetreffende regelgeving dient belanghebbende een gemotiveerde tegemoetkomingsaanvraag omtrent "
        "noodzakelijkerwijs gerealiseerde beveiligingsvoorzieningen schriftelijk te onderbouwen."
    )
    assert textstat.flesch_reading_ease(worse) < LEAST
