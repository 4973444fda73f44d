"""BZK's pages: a request that came by telephone, a question back, and never more than is eligible (INV-5)."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.visiting import Visitor, look
from tests.stack import Stack

CALL = {"municipality": "9901", "channel": "phone", "motivation": "Een kleine gemeente, hoge kosten."}


def test_bzk_asks_back_and_cannot_grant_more_than_is_eligible(running: Stack, visit: Callable[..., Visitor]) -> None:
    case = running.call("/funding/v1/requests", "bzk", "bzk-1", CALL)["case"]
    ministry = visit("bzk-1", scripts=False)
    ministry.follow("Aanvragen")
    ministry.page.locator(f"tbody a[href$='{case}']").click()
    assert "Een kleine gemeente" in ministry.text() and "De aangifte is nog niet bevestigd" in ministry.text()
    ministry.choose("Toekennen")
    ministry.press("Leg vast")
    assert ministry.page.title().startswith("Fout: ")
    ministry.fill("Waarom, of wat vraagt u?", "Dit past bij eerdere besluiten.")
    ministry.press("Leg vast")
    assert "Vul een bedrag in euro's in" in ministry.text()
    ministry.fill("Bedrag in euro (niet verplicht)", "30000")
    ministry.press("Leg vast")
    assert ministry.page.title().startswith("Fout: "), "nothing is eligible yet"
    kept = ministry.page.get_by_label("Waarom, of wat vraagt u?")
    assert kept.input_value() == "Dit past bij eerdere besluiten.", "nothing that was typed is lost"
    ministry.choose("De gemeente om iets vragen")
    ministry.fill("Waarom, of wat vraagt u?", "Wilt u de kosten invullen?")
    ministry.press("Leg vast")
    assert "/funding/vangnet/" in ministry.page.url and "Fout" not in ministry.page.title()


def test_the_pages_are_good_and_others_have_none(running: Stack, visit: Callable[..., Visitor]) -> None:
    running.call("/funding/v1/requests", "bzk", "bzk-1", CALL)
    ministry = visit("bzk-1")
    ministry.open("/funding/vangnet")
    look(ministry, "safety-net-list")
    ministry.page.locator("tbody a").first.click()
    look(ministry, "safety-net-one")
    for account in ("agent-1", "wethouder-1"):
        other = visit(account)
        other.open("/funding/vangnet")
        assert "Deze rol mag dit niet." in other.text()


def test_the_municipality_reads_what_is_asked_answers_and_withdraws(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    case = running.call("/funding/v1/requests", "bzk", "bzk-1", CALL)["case"]
    running.call(f"/funding/v1/requests/{case}/supplement-questions", "bzk", "bzk-1", {"text": "Wat is het budget?"})
    handler = visit("secretaris-1")
    handler.open("/funding/vangnet")
    handler.page.locator("tbody a").first.click()
    assert "Wat is het budget?" in handler.text() and "Antwoord graag voor" in handler.text()
    handler.press("Leg vast")
    assert handler.page.title().startswith("Fout: ")
    look(handler, "safety-net-town")
    handler.choose("Bezwaar maken")
    handler.fill("Uw woorden", "Wij zijn het er niet mee eens.")
    handler.press("Leg vast")
    assert handler.page.title().startswith("Fout: "), "there is no decision yet"
    handler.choose("Aanvullen")
    handler.fill("Uw woorden", "Het budget is al op.")
    handler.press("Leg vast")
    assert "Het budget is al op." in handler.text() and "Fout" not in handler.page.title()
    handler.choose("Intrekken")
    handler.fill("Uw woorden", "Wij betalen het zelf.")
    handler.press("Leg vast")
    assert "ingetrokken" in handler.text()


def test_a_question_needs_no_case_and_gets_an_answer(visit: Callable[..., Visitor]) -> None:
    """R-VAN-13."""
    handler, words = visit("secretaris-1", scripts=False), "Telt een camera op straat ook mee?"
    handler.open("/funding/vragen")
    handler.press("Verstuur de vraag")
    assert handler.page.title().startswith("Fout: ")
    handler.fill("De vraag", words)
    handler.press("Verstuur de vraag")
    assert words in handler.text() and "Wacht op antwoord" in handler.text()
    asked = handler.page.url
    ministry = visit("bzk-1")
    ministry.follow("Vragen")
    look(ministry, "questions")
    ministry.fill("De vraag", "Hoe vraag ik aan?")
    ministry.press("Bewaar de vraag")
    assert "Kies de gemeente die belde." in ministry.text()
    ministry.open("/funding/vragen")
    for link in ministry.page.locator("main li a").all():
        if link.count():
            ministry.open(str(link.get_attribute("href")))
            if words in ministry.text():
                break
            ministry.page.go_back()
    ministry.fill("Uw antwoord", "Nee, dat doet de politie.")
    ministry.press("Verstuur het antwoord")
    look(ministry, "question")
    handler.page.goto(asked)
    assert "Nee, dat doet de politie." in handler.text()


def test_earlier_decisions_and_the_totals_of_a_year(visit: Callable[..., Visitor]) -> None:
    ministry = visit("bzk-1")
    ministry.follow("Eerder")
    assert "Om van te leren." in ministry.text()
    look(ministry, "precedents")
    ministry.follow("Cijfers")
    assert ministry.page.locator("svg.chart").count() == 2 and "Werkdagen" in ministry.text()
    look(ministry, "safety-net-figures")
    handler = visit("secretaris-1")
    handler.open("/funding/vangnet/cijfers")
    assert "Blijft bij gemeenten" in handler.text()
    handler.open("/funding/vangnet/eerder")
    assert "Deze rol mag dit niet." in handler.text()
