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


def test_municipality_and_controller_see_who_pays_and_no_case(visit: Callable[..., Visitor]) -> None:
    for account in ("controller-1", "secretaris-1"):
        reader = visit(account)
        reader.follow("Cijfers")
        assert "Wie betaalt wat?" in reader.text() and "Het ministerie (BZK)" in reader.text()
        assert reader.page.locator("a[href*='/kosten/']").count() == 0
    look(reader, "cost-figures")
    other = visit("rccb-1")
    other.open("/funding/cijfers")
    assert "Deze rol mag dit niet." in other.text()
