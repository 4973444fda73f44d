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


def test_a_colleague_reports_with_the_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    """E2E-3: a caller for somebody else gets a receipt, and no code: that is for the victim."""
    colleague = visit("collega-1")
    colleague.open("/intake/melden")
    page = colleague.page

    def to(label: str, role: str = "textbox") -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('input,button,textarea,select')") and page.evaluate(
                "(l) => { const e = document.activeElement; const t = e.labels && e.labels[0] ? e.labels[0].innerText"
                " : e.innerText; return (t || '').trim() === l; }", label,
            ):  # fmt: skip
                return
        pytest.fail(f"the keyboard does not get to {label}")

    def typed(label: str, text: str) -> None:
        to(label)
        page.keyboard.type(text)

    def chosen(label: str) -> None:
        to(label)
        page.keyboard.press("Space")

    def pressed(label: str) -> None:
        to(label)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    pressed("Begin")
    to("Voor mijzelf")
    page.keyboard.press("ArrowDown")
    typed("Uw eigen naam (niet verplicht)", "Secretaris Voorbeeld")
    typed("Wie bent u voor die persoon? (niet verplicht)", "secretaris")
    pressed("Verder")
    chosen("Bedreiging")
    chosen("Ja, dit is spoed")
    pressed("Verder")
    chosen("Burgemeester")
    typed("In welke gemeente?", "Proef")
    pressed("Verder")
    pressed("Verder")
    typed("Naam", "Burgemeester Proef")
    pressed("Verder")
    chosen("Melden")
    pressed("Verder")
    pressed("Versturen")
    assert "Wij hebben het ontvangen" in colleague.text() and "code" not in colleague.text()
