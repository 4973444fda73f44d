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
    assert "Kan nu niet" in ministry.text(), "nothing is eligible yet"
    ministry.follow("Ga terug en probeer het opnieuw")
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
