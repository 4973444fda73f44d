"""Somebody reports: one thing a page, nothing lost, and a receipt that says what happens now."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.pages.visiting import Visitor, look

STORY = "Er lag een steen in de hal. Op de steen zat een briefje."


def up_to_choice(person: Visitor, *, kind: str = "Bedreiging") -> None:
    """Answers everything before the choice, for oneself."""
    person.open("/intake/melden")
    person.press("Begin")
    person.choose("Voor mijzelf")
    person.press("Verder")
    person.choose(kind)
    person.choose("Ja, dit is spoed")
    person.press("Verder")
    person.choose("Wethouder")
    person.page.get_by_label("In welke gemeente?").select_option("9901")
    person.press("Verder")
    person.fill("Wat gebeurde er? (niet verplicht)", STORY)
    person.press("Verder")
    person.fill("Naam", "Wethouder Voorbeeld")
    person.fill("Telefoonnummer (niet verplicht)", "0600000000")
    person.press("Verder")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_somebody_reports_without_an_account(visit: Callable[..., Visitor], scripts: bool) -> None:
    person = visit(scripts=scripts)
    up_to_choice(person)
    person.choose("Melden")
    person.press("Verder")
    assert STORY in person.text() and "Wethouder, Voorbeelddam" in person.text()
    person.press("Versturen")
    assert "Wij hebben het ontvangen" in person.text() and "Uw melding is ontvangen." in person.text()
    assert re.search(r"\d{4} \d{4} \d{4}", person.text()), "a code to see the case later"
    assert STORY not in person.page.url and "?" not in person.page.url


def test_each_page_is_good_and_a_mistake_is_named_and_loses_nothing(visit: Callable[..., Visitor]) -> None:
    person = visit()
    person.open("/intake/melden")
    look(person, "report-begin")
    person.press("Begin")
    person.press("Verder")
    assert person.page.title().startswith("Fout: ") and "Kies wat bij u past." in person.text()
    look(person, "report-for-whom-mistake")
    person.page.get_by_role("link", name="Kies wat bij u past.").click()
    assert person.page.url.endswith("#f-for_whom")
    up_to_choice(person)
    look(person, "report-choice")
    person.press("Terug")
    assert person.page.get_by_label("Naam", exact=True).input_value() == "Wethouder Voorbeeld"
    person.press("Verder")
    person.choose("Ik twijfel")
    person.press("Verder")
    assert "Log hiervoor eerst in" in person.text()
    person.choose("Melden, en ik wil aangifte doen")
    person.press("Verder")
    look(person, "report-check")
    person.press("Wijzig uw verhaal")
    assert person.page.get_by_label("Wat gebeurde er? (niet verplicht)").input_value() == STORY


def test_who_doubts_signs_in_and_nobody_else_reads_it(visit: Callable[..., Visitor]) -> None:
    person = visit("wethouder-1")
    up_to_choice(person, kind="Intimidatie")
    person.choose("Ik twijfel")
    person.choose("Ik ben bang voor de kosten")
    person.press("Verder")
    person.press("Versturen")
    assert "Naar mijn dossier" in person.text()
    look(person, "report-receipt-doubt")
