"""Somebody who is signed in stops halfway, and goes on later where they were."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.test_reporting import STORY, up_to_choice
from tests.pages.visiting import Visitor, look


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_saved_and_gone_on_with_another_day_at_another_window(visit: Callable[..., Visitor], scripts: bool) -> None:
    person = visit("wethouder-1", scripts=scripts)
    up_to_choice(person)
    person.press("Bewaar en ga later verder")
    assert "U hebt een melding bewaard" in person.text() and STORY not in person.text()
    if scripts:
        look(person, "report-halfway")
    person.context.clear_cookies()
    person.sign_in("wethouder-1", "/intake/dossier")
    if scripts:
        look(person, "dossier-halfway")
    person.follow("Ga verder met uw melding")
    assert "Stap 6 van 7" in person.text()
    if scripts:
        look(person, "report-gone-on")
    person.press("Terug")
    assert person.page.get_by_label("Naam", exact=True).input_value() == "Wethouder Voorbeeld"
    person.press("Verder")
    person.choose("Melden")
    person.press("Verder")
    assert STORY in person.text()
    person.press("Versturen")
    assert "Wij hebben het ontvangen" in person.text()
    person.open("/intake/melden")
    assert "Ga verder met uw melding" not in person.text()


def test_thrown_away_it_does_not_come_back(visit: Callable[..., Visitor]) -> None:
    person = visit("wethouder-1", scripts=False)
    up_to_choice(person)
    person.press("Bewaar en ga later verder")
    person.press("Gooi deze melding weg")
    assert "U hebt een melding bewaard" not in person.text()
    person.open("/intake/melden/verder")
    assert person.page.url.endswith("/intake/melden") and STORY not in person.text()


def test_whose_session_ended_signs_in_and_saves_it_after_all(visit: Callable[..., Visitor]) -> None:
    person = visit("wethouder-1", scripts=False)
    up_to_choice(person)
    person.context.clear_cookies()
    person.press("Bewaar en ga later verder")
    assert person.page.title().startswith("Fout: ") and "Log in om dit te bewaren" in person.text()
    other = person.context.new_page()
    other.goto("/sign-in?returnTo=/intake/")
    other.locator("button[value='wethouder-1']").click()
    person.press("Bewaar en ga later verder")
    person.press("Verstuur opnieuw")
    assert "U hebt een melding bewaard" in person.text()
    person.press("Gooi deze melding weg")
