"""The confidants' desk: what waits, one contact from the first word to its end, and nobody else at it (§2.8)."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.test_line import comes_back
from tests.pages.visiting import Visitor, Way, look

DESK = "/balie/"


def at_the_desk(visit: Callable[..., Visitor], account: str = "confidant-1", *, way: Way = Way.MOUSE) -> Visitor:
    """Somebody opens the desk and signs in there."""
    visitor = visit(way=way)
    visitor.open(DESK)
    visitor.go(visitor.page.locator(f"button[value='{account}']"))
    return visitor


def writes(visit: Callable[..., Visitor], said: str) -> tuple[Visitor, str]:
    """Somebody leaves a message on the line; the code."""
    caller = visit(way=Way.NO_SCRIPT)
    caller.open("/gesprek/")
    caller.fill("Uw bericht", said)
    caller.press("Verstuur het bericht")
    return caller, caller.page.locator("section.next strong").inner_text()


def takes(confidant: Visitor, said: str) -> None:
    """Takes what waits until it is this one."""
    for _ in range(50):
        confidant.open(DESK)
        confidant.press("Pak dit gesprek op", exact=False)
        if said in confidant.text():
            return
    raise AssertionError("it does not wait")


def test_a_contact_is_taken_answered_and_ended(visit: Callable[..., Visitor]) -> None:
    said = "Ze wachten mijn dochter op bij school."
    caller, code = writes(visit, said)
    confidant = at_the_desk(visit)
    assert said not in confidant.text(), "of what waits only that it waits"
    look(confidant, "desk")
    takes(confidant, said)
    confidant.press("Verstuur")
    assert confidant.page.title().startswith("Fout: ") and "Schrijf eerst iets op." in confidant.text()
    look(confidant, "desk-mistake")
    confidant.fill("Uw bericht", "Vertel de school wie haar ophaalt.")
    confidant.choose("Een advies")
    confidant.press("Verstuur")
    look(confidant, "desk-contact")
    comes_back(caller, code)
    assert "Vertel de school wie haar ophaalt." in caller.text()
    confidant.unfold("Sluit het gesprek af")
    confidant.press("Sluit het gesprek af")
    assert "Afgesloten" in confidant.text()
    confidant.follow("Aantallen")
    assert "0 tot en met 9" in confidant.text()
    look(confidant, "desk-figures")


def test_by_keyboard_somebody_of_the_network_is_proposed_and_the_yes_noted(visit: Callable[..., Visitor]) -> None:
    """R-VTL-06: only after a yes, and who said it how stands there."""
    said = "Met wie kan ik praten?"
    writes(visit, said)
    confidant = at_the_desk(visit, way=Way.KEYBOARD)
    takes(confidant, said)
    confidant.unfold("Stel iemand van het netwerk voor")
    confidant.fill("Voornaam of functie", "Voorbeeld Peer")
    confidant.fill("Nummer van de gemeente", "99")
    confidant.fill("Fractie", "geen")
    confidant.press("Stel voor")
    assert confidant.page.title().startswith("Fout: ")
    confidant.fill("Nummer van de gemeente", "9902")
    confidant.press("Stel voor")
    assert "Wacht op het ja of nee van de beller" in confidant.text()
    confidant.unfold("De beller zei het aan de telefoon")
    confidant.choose("Ja")
    confidant.choose("Ja, en dat is niet de eigen gemeente of fractie")
    confidant.press("Schrijf dit op")
    assert "Iemand van het netwerk: ja, aan de telefoon" in confidant.text()
    assert "In contact met Voorbeeld Peer" in confidant.text()


def test_without_scripts_a_call_gets_a_code_that_is_read_out_once(visit: Callable[..., Visitor]) -> None:
    confidant = at_the_desk(visit, way=Way.NO_SCRIPT)
    confidant.press("Begin een gesprek met wie u aan de telefoon hebt")
    assert "Lees deze code voor" in confidant.text()
    code = confidant.page.locator("section.next strong").inner_text()
    assert code not in confidant.page.url
    confidant.follow("Terug naar alle gesprekken")
    assert code not in confidant.page.content()
    caller = visit(way=Way.NO_SCRIPT)
    comes_back(caller, code)
    caller.fill("Uw bericht", "Wij spraken elkaar net.")
    caller.press("Verstuur het bericht")
    confidant.open(DESK)
    assert "Wacht op u" in confidant.text()


def test_nobody_else_gets_in_and_a_colleague_sees_nothing(visit: Callable[..., Visitor]) -> None:
    said = "Alleen voor wie dit oppakt."
    writes(visit, said)
    confidant = at_the_desk(visit)
    takes(confidant, said)
    address = confidant.page.url
    colleague = at_the_desk(visit, "confidant-2")
    colleague.open(address)
    assert said not in colleague.text() and "Dit gesprek is niet bekend, of u hebt het niet." in colleague.text()
    alderman = at_the_desk(visit, "wethouder-1")
    assert "Met dit account kunt u hier niets doen." in alderman.text()
    assert not [one for one in alderman.context.cookies() if one["name"] == "desk"], "of others no session is kept"


def test_a_session_of_the_chain_is_none_here_and_the_other_way_round(visit: Callable[..., Visitor]) -> None:
    """INV-8: what happens at the line is not known elsewhere."""
    confidant = visit("confidant-1")
    confidant.open(DESK)
    assert "/balie/" not in confidant.page.url, "signing in here is a step of its own"
    confidant.go(confidant.page.locator("button[value='confidant-1']"))
    assert confidant.page.url.endswith(DESK)
    confidant.press("Uitloggen")
    confidant.open("/intake/")
    assert "Uitloggen" in confidant.text(), "elsewhere the session goes on"
