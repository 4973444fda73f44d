"""Two people of the controller destroy what is kept of a case, after a plain warning, or say that it must stay."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.given import weighing_of
from tests.pages.test_journeys import there
from tests.pages.test_safety_net import CALL
from tests.pages.visiting import Visitor, look
from tests.stack import Stack

Visit = Callable[..., Visitor]
LINK, ASK, CONFIRM = "Bewaren of vernietigen", "Vraag om te vernietigen", "Vernietig dit voor altijd"
SURE = "Ja, ik keek deze zaak na en alles mag voor altijd weg"


def asks(person: Visitor) -> None:
    """The first person, on the page."""
    assert "dit kan niemand terugdraaien" in person.text()
    person.press(ASK)
    assert person.page.title().startswith("Fout: ") and "Kies waarom." in person.text()
    person.page.get_by_label("Waarom moet dit weg?").select_option("person-asked")
    person.press(ASK)
    assert "Wacht op een tweede persoon" in person.text() and "op verzoek van de persoon" in person.text()


def test_one_asks_and_only_another_who_looked_destroys_it(running: Stack, visit: Visit) -> None:
    case = running.report()
    officer = visit("agent-1", scripts=False)
    there(officer, f"/intake/zaak/{case}", "Voorbeeld Persoon")
    officer.follow(LINK)
    asks(officer)
    officer.choose(SURE)
    officer.press(CONFIRM)
    assert officer.page.title().startswith("Fout: ") and "Een tweede persoon moet die bevestigen." in officer.text()
    colleague = visit("rccb-1", scripts=False)
    colleague.open(f"/intake/bewaren/reporting/{case}")
    colleague.press(CONFIRM)
    assert colleague.page.title().startswith("Fout: ") and "Kijk de zaak eerst na" in colleague.text()
    officer.open(f"/intake/zaak/{case}")
    assert "Voorbeeld Persoon" in officer.text(), "nothing is gone before the second person"
    colleague.choose(SURE)
    colleague.press(CONFIRM)
    assert "Vernietigd Op" in " ".join(colleague.text().split()) and CONFIRM not in colleague.text()
    officer.open(f"/intake/zaak/{case}")
    assert "vernietigd" in officer.text() and "Voorbeeld Persoon" not in officer.text()


def test_what_must_stay_is_not_destroyed_and_what_was_asked_before_is_asked_anew(running: Stack, visit: Visit) -> None:
    case = running.report()
    analyst = visit("rccb-1")
    analyst.open(f"/assessment/wegen/{weighing_of(running, case)}")
    analyst.follow(LINK)
    look(analyst, "shredding-kept")
    asks(analyst)
    look(analyst, "shredding-asked")
    analyst.press("Laat dit blijven")
    assert analyst.page.title().startswith("Fout: ")
    look(analyst, "shredding-mistake")
    analyst.page.get_by_label("Waarvoor moet dit blijven?").select_option("criminal-case")
    analyst.press("Laat dit blijven")
    assert "voor een strafzaak. Vernietigen kan nu niet." in analyst.text() and CONFIRM not in analyst.text()
    look(analyst, "shredding-held")
    analyst.press("Dit hoeft niet meer te blijven")
    assert "Wordt bewaard" in analyst.text() and ASK in analyst.text() and CONFIRM not in analyst.text()


def test_each_controller_has_its_own_and_nobody_elses(running: Stack, visit: Visit) -> None:
    noted = running.call("/funding/v1/requests", "bzk", "bzk-1", CALL)["case"]
    ministry = visit("bzk-1", scripts=False)
    ministry.open(f"/funding/vangnet/{noted}")
    ministry.follow(LINK)
    asks(ministry)
    case = running.report()
    there(visit("agent-1", scripts=False), f"/intake/zaak/{case}", "Voorbeeld Persoon")
    report, costs = f"/intake/bewaren/reporting/{case}", f"/funding/bewaren/cost-allocation/{case}"
    wrong = {ministry.page.url: ("secretaris-1", "agent-1"), report: ("bzk-1", "fg-1"), costs: ("agent-1", "bzk-1")}
    for address, accounts in wrong.items():
        for account in accounts:
            other = visit(account, scripts=False)
            other.open(address)
            assert "Geen toegang" in other.text() and ASK not in other.text(), (address, account)
