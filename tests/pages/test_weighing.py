"""RCCB weighs, the HOvJ decides: each on own pages, with old and new side by side (E2E-1)."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.visiting import Visitor, look
from tests.stack import Stack, eventually


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


def test_others_have_no_such_page(running: Stack, visit: Callable[..., Visitor]) -> None:
    for account in ("agent-1", "secretaris-1", "wethouder-1"):
        other = visit(account)
        other.open("/assessment/wegen")
        assert "Deze rol mag dit niet." in other.text()
    analyst = visit("rccb-1")
    analyst.open("/assessment/beslissen")
    assert "Deze rol mag dit niet." in analyst.text()
