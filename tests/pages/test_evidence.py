"""Somebody adds a file of evidence, without JavaScript, and gets it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.test_reporting import up_to_choice
from tests.pages.visiting import Visitor, look

LETTER = {"name": "briefje.txt", "mimeType": "text/plain", "buffer": b"Een briefje, plainly invented."}
MOST = 10_000_000


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_from_the_receipt_to_a_file_that_comes_back(visit: Callable[..., Visitor], scripts: bool) -> None:
    person = visit("wethouder-1", scripts=scripts)
    up_to_choice(person)
    person.choose("Melden")
    person.press("Verder")
    person.press("Versturen")
    person.follow("Voeg een foto, brief of ander bestand toe")
    person.page.get_by_label("Kies het bestand").set_input_files(LETTER)
    person.choose("Als brief")
    person.fill("Waar komt het vandaan?", "Lag op de mat.")
    person.press("Voeg toe")
    assert "Lag op de mat. (brief)" in person.text()
    with person.page.expect_download() as got:
        person.follow("Download bewijs 1")
    assert got.value.path().read_bytes() == LETTER["buffer"]
    person.follow("Terug naar mijn dossier")
    person.follow("Bewijs bekijken of toevoegen (1)")
    if scripts:
        look(person, "evidence")


def test_a_mistake_is_named_and_nothing_typed_is_lost(visit: Callable[..., Visitor]) -> None:
    person = visit("wethouder-1")
    up_to_choice(person)
    person.choose("Melden")
    person.press("Verder")
    person.press("Versturen")
    person.follow("Voeg een foto, brief of ander bestand toe")
    field = person.page.get_by_label("Kies het bestand")
    field.set_input_files({"name": "a.html", "mimeType": "text/html", "buffer": b"<!doctype html><p>hallo"})
    person.fill("Waar komt het vandaan?", "Lag op de mat.")
    person.press("Voeg toe")
    assert person.page.title().startswith("Fout: ")
    assert "Dit soort bestand nemen wij niet aan." in person.text()
    assert person.page.get_by_label("Waar komt het vandaan?").input_value() == "Lag op de mat."
    look(person, "evidence-mistake")
    for more in (1, 3_000_000):
        field.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a" * (MOST + more)})
        person.choose("Als brief")
        person.press("Voeg toe")
        assert "Een bestand mag niet groter zijn dan 10 MB." in person.text(), more
