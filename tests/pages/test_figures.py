"""Figures: charts with the same numbers in a table, without cases, in the same form for none, few and many."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.visiting import Visitor, look
from tests.stack import Stack


def test_police_see_how_often_is_reported_and_never_a_small_number(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    running.report()
    officer = visit("agent-1")
    officer.follow("Cijfers")
    assert officer.page.locator("svg.chart").count() == 4
    rows = officer.page.locator("tbody tr")
    assert rows.count() == 12 and "<5" in rows.first.inner_text()
    look(officer, "report-figures")
    officer.follow("Het jaar ervoor")
    empty = [one.split("\t")[1:] for one in rows.all_inner_texts()]
    assert empty == [["<5"] * 7] * 12, "none reads as few"


def test_the_municipality_sees_who_pays_and_the_controller_one_total(visit: Callable[..., Visitor]) -> None:
    """E2E-6: no split, and nothing in between."""
    handler, controller = visit("secretaris-1"), visit("controller-1")
    for reader in (handler, controller):
        reader.follow("Cijfers")
        assert reader.page.locator("a[href*='/kosten/']").count() == 0
    assert "Wie betaalt wat?" in handler.text() and "Het ministerie (BZK)" in handler.text()
    look(handler, "cost-figures")
    assert "staat hier vanaf 1 februari" in controller.text()
    assert not controller.page.locator("table, svg").count() and "€" not in controller.text()
    look(controller, "cost-total")
    controller.open("/funding/cijfers?jaar=2016")
    assert "ministerie" not in controller.page.locator("main").inner_text()
    other = visit("rccb-1")
    other.open("/funding/cijfers")
    assert "Deze rol mag dit niet." in other.text()
