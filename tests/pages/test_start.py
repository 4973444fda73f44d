"""The first page: danger first, four doors, a way to leave."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.visiting import Visitor, look


def test_the_start_page_shows_danger_first_and_four_doors(visit: Callable[..., Visitor]) -> None:
    somebody = visit(scripts=True)
    somebody.open("/")
    assert somebody.text().index("Bel 112") < somebody.text().index("Melden")
    assert somebody.page.locator(".doors li").count() == 4
    assert "IVP, alarmnummer" in somebody.page.locator("#nu-open").inner_text(), "open day and night"
    look(somebody, "start")


def test_an_address_that_is_not_there_is_a_page_too(visit: Callable[..., Visitor]) -> None:
    somebody = visit()
    somebody.open("/intake/nergens")
    assert "Niet gevonden" in somebody.text()
    look(somebody, "404")


def test_signed_in_a_role_sees_its_own_work(visit: Callable[..., Visitor]) -> None:
    officer = visit("agent-1")
    assert "Uitloggen" in officer.text()
    look(officer, "start-police")
    officer.press("Uitloggen")
    assert "Inloggen" in officer.text()
