"""E2E-4: at night, without a name: where to go now, a message that is read at ten, and a code to come back with."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.pages.visiting import Visitor, look

SAID = "Er belde vannacht weer iemand aan. Ik durf niet te slapen."


def test_somebody_writes_comes_back_with_the_code_and_throws_all_away(visit: Callable[..., Visitor]) -> None:
    partner = visit(scripts=False)
    partner.open("/intake/")
    partner.follow("Eerst praten in vertrouwen")
    assert partner.page.url.endswith("/gesprek/") and "Een gesprek is geen melding." in partner.text()
    assert "0418-683444" in partner.text() and "112" in partner.text()
    partner.press("Verstuur het bericht")
    assert partner.page.title().startswith("Fout: ") and "Schrijf eerst een bericht." in partner.text()
    partner.fill("Uw bericht", SAID)
    partner.press("Verstuur het bericht")
    assert SAID in partner.text() and "Bewaar deze code" in partner.text()
    code = partner.page.locator("section.next strong").inner_text()
    assert re.fullmatch(r"[A-Z0-9 ]+", code, re.IGNORECASE) and code not in partner.page.url
    assert partner.context.cookies() == []
    later = visit(scripts=False)
    later.open("/gesprek/")
    later.fill("Uw code", code)
    later.press("Lees het antwoord")
    assert SAID in later.text() and "Bewaar deze code" not in later.text()
    later.press("Gooi alles nu weg")
    assert "Uw gesprek is weg" in later.text()
    later.open("/gesprek/")
    later.fill("Uw code", code)
    later.press("Lees het antwoord")
    assert "Deze code is niet bekend." in later.text()


def test_who_was_signed_in_is_signed_out_and_nothing_leads_back(visit: Callable[..., Visitor]) -> None:
    person = visit("partner-1")
    person.open("/gesprek/")
    assert "Uitloggen" not in person.text() and "Inloggen" not in person.text()
    look(person, "line-start")
    links = person.page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert not [link for link in links if "/intake" in link or "/aftercare" in link or "sign-in" in link]
    person.fill("Uw bericht", SAID)
    person.press("Verstuur het bericht")
    look(person, "line-contact")
    person.open("/intake/dossier")
    assert "Kies wie u bent" in person.text(), "the session ended on entering the line"
