"""Care is offered after an incident: no is as easy as yes, nobody asks why, and one may turn round (S-IVP-10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.test_journeys import there
from tests.pages.visiting import Visitor, Way, look
from tests.stack import REPORT, Stack

Visit = Callable[..., Visitor]
ACUTE = REPORT | {"impact": "acute"}
ASK = "Zeg ja of nee tegen nazorg"


def offered(running: Stack, person: Visitor, account: str) -> str:
    """A case of this person, in whose dossier care is offered; the page is open."""
    case: str = running.call("/intake/v1/reports", "office-holder", account, ACUTE)["case"]
    there(person, f"/intake/dossier/{case}", ASK)
    return case


@pytest.mark.parametrize("way", list(Way), ids=list(Way))
def test_no_is_as_easy_as_yes_and_one_may_turn_round(running: Stack, visit: Visit, way: Way) -> None:
    person = visit("wethouder-1", way=way)
    case = offered(running, person, "wethouder-1")
    person.follow(ASK)
    yes, no = (person.page.get_by_role("button", name=name) for name in ("Ja, ik wil nazorg", "Nee, nu niet"))
    assert yes.get_attribute("class") == no.get_attribute("class"), "one answer looks better than the other"
    assert not person.page.get_by_role("main").locator("input:visible, textarea, select").count(), "nothing to fill in"
    if way is Way.MOUSE:
        look(person, "offer")
    person.press("Nee, nu niet")
    assert "U wilt nu geen hulp." in person.text() and "Nee, nu niet" not in person.text()
    if way is Way.MOUSE:
        look(person, "offer-declined")
    person.follow("Terug naar mijn dossier")
    person.follow("Toch wel nazorg?")
    person.press("Toch wel nazorg")
    assert "U wilt graag hulp. Bel zelf nu:" in person.text()
    person.open(f"/intake/dossier/{case}")
    person.follow("Toch geen nazorg?")
    person.press("Toch geen nazorg")
    assert "U wilt nu geen hulp." in person.text()


def test_who_waits_for_a_call_already_reads_why_no_must_wait_too(running: Stack, visit: Visit) -> None:
    person = visit("burgemeester-1")
    case = offered(running, person, "burgemeester-1")
    person.follow(ASK)
    asked = {"phone": "0600000000", "case": case}
    running.call("/aftercare/v1/callbacks", "ivp", "ivp-1", asked)
    person.press("Nee, nu niet")
    assert person.page.title().startswith("Fout: ") and "Zeg het tegen de hulpverlener die u belt." in person.text()
    assert not person.page.get_by_role("main").get_by_role("button").count(), "who is called soon has nothing to choose"
    look(person, "offer-waits")


def test_nobody_answers_for_somebody_else(running: Stack, visit: Visit) -> None:
    case = offered(running, visit("wethouder-1", scripts=False), "wethouder-1")
    for account, says in (("burgemeester-1", "Niet gevonden"), ("collega-1", "Geen toegang"), ("ivp-1", "Geen toegang"),
                          ("secretaris-1", "Geen toegang"), ("agent-1", "Geen toegang")):  # fmt: skip
        other = visit(account, scripts=False)
        other.open(f"/aftercare/aanbod/{case}")
        assert says in other.text() and "Wilt u nazorg?" not in other.text(), account
