"""RCCB weighs, the HOvJ decides: each on own pages, with old and new side by side (E2E-1)."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.pages.given import decided, weighing_of
from tests.pages.visiting import Visitor, look
from tests.stack import REPORT, Stack, eventually


def listed(person: Visitor, path: str, case: str) -> bool:
    """Whether the case is on the list: the report arrives a moment later."""
    person.open(path)
    return case[:8] in person.text()


def test_a_report_is_weighed_decided_and_each_sees_own_work_only(running: Stack, visit: Callable[..., Visitor]) -> None:
    case = running.report()
    analyst = visit("rccb-1", scripts=False)
    eventually(lambda: listed(analyst, "/assessment/wegen", case))
    analyst.page.get_by_role("link", name=f"in zaak {case[:8]}").first.click()
    analyst.press("Leg de weging vast")
    assert analyst.page.title().startswith("Fout: ")
    analyst.choose("Ja")
    analyst.choose("Een persoon")
    analyst.fill("Waarom deze uitkomst?", "Een steen door de ruit en een briefje.")
    analyst.press("Leg de weging vast")
    assert "Komt in aanmerking" in analyst.text() and "Een steen door de ruit" in analyst.text()
    officer = visit("hovj-1")
    eventually(lambda: listed(officer, "/assessment/beslissen", case))
    assert "wacht sinds" in officer.text(), "a decision has no term, so it cannot be late"
    look(officer, "decide-list")
    officer.page.get_by_role("link", name=f"in zaak {case[:8]}").first.click()
    look(officer, "decide-one")
    officer.choose("Ja")
    officer.page.get_by_label("Hoe groot is de dreiging?").select_option("high")
    officer.fill("Waarom?", "Het gevaar is groot genoeg.")
    officer.press("Leg het besluit vast")
    assert "Het besluit" in officer.text() and "hoog" in officer.text()


OBJECT = {"qualifies": True, "target": "object", "reason": "Er ligt een pakje."}


def test_who_decides_is_chosen_an_analysis_comes_in_and_all_is_weighed_anew(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    case = running.report()
    weighing = weighing_of(running, case)
    running.call(f"/assessment/v1/weighings/{weighing}/first-weighing", "rccb", "rccb-1", OBJECT)
    officer = visit("hovj-1", scripts=False)
    officer.open(f"/assessment/wegen/{weighing}")
    officer.follow("Kies wie beslist")
    officer.choose("De hoofdofficier van justitie")
    officer.fill("Waarom deze keuze?", "Het gaat om straf.")
    officer.press("Leg de keuze vast")
    officer.follow("Vraag om een diepere analyse")
    officer.fill("Wat wilt u weten, en waarom?", "Zit er een groep achter?")
    officer.press("Vraag de analyse")
    officer.follow("De analyse is binnen")
    officer.choose("Dreigingsanalyse")
    officer.fill("Welk nummer gaf de maker?", "A-1")
    officer.fill("Van welke dag is de analyse?", "2199-01-01")
    officer.press("Leg de analyse vast")
    assert "De datum van de analyse moet nog komen." in officer.text()
    officer.fill("Van welke dag is de analyse?", "2016-03-15")
    officer.press("Leg de analyse vast")
    assert "Dreigingsanalyse A-1" in officer.text()
    officer.choose("Nee")
    officer.page.get_by_label("Hoe groot is de dreiging?").select_option("low")
    officer.fill("Waarom?", "Er zat niets in.")
    officer.press("Leg het besluit vast")
    officer.follow("Weeg deze zaak opnieuw")
    officer.choose("Nieuwe informatie")
    officer.fill("Wat is er nieuw?", "Nog een pakje.")
    officer.press("Weeg opnieuw")
    assert "Nieuwe informatie: Nog een pakje." in officer.text() and "Er zat niets in." in officer.text()


def test_a_decision_fits_on_one_sheet_of_paper_without_menu(running: Stack, visit: Callable[..., Visitor]) -> None:
    _, weighing = decided(running)
    officer = visit("hovj-1")
    officer.open(f"/assessment/wegen/{weighing}/blad")
    look(officer, "decision-sheet")
    officer.page.emulate_media(media="print")
    assert not officer.page.get_by_role("navigation").first.is_visible()
    assert officer.page.get_by_text("Groot gevaar.").is_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", officer.page.pdf(format="A4"))) == 1


def test_when_the_mayor_is_threatened_somebody_else_decides(running: Stack, visit: Callable[..., Visitor]) -> None:
    report = REPORT | {"office": "mayor", "victim": {"name": "Burgemeester Proef"}}
    case = running.call("/intake/v1/reports", "office-holder", "burgemeester-1", report)["case"]
    analyst = visit("rccb-1")
    analyst.open(f"/assessment/wegen/{weighing_of(running, case)}")
    assert "De burgemeester beslist niet over de eigen zaak." in analyst.text()
    assert "loco-burgemeester" in analyst.text() and "public_order" not in analyst.text()
    look(analyst, "weigh-mayor")


def test_others_have_no_such_page(running: Stack, visit: Callable[..., Visitor]) -> None:
    for account in ("agent-1", "secretaris-1", "wethouder-1"):
        other = visit(account)
        other.open("/assessment/wegen")
        assert "Deze rol mag dit niet." in other.text()
    analyst = visit("rccb-1")
    analyst.open("/assessment/beslissen")
    assert "Deze rol mag dit niet." in analyst.text()
