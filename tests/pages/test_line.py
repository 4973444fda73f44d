"""E2E-4: at night, without a name: where to go now, a message that is read at ten, and a code to come back with."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.pages.visiting import Visitor, Way, look
from tests.stack import Stack

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


def taken(running: Stack, person: Visitor, said: str) -> tuple[str, str]:
    """Somebody writes and a confidant takes the contact; its reference, and the code."""
    person.open("/gesprek/")
    person.fill("Uw bericht", said)
    person.press("Verstuur het bericht")
    code = person.page.locator("section.next strong").inner_text()
    waiting = running.call("/gesprek/v1/contacts/waiting?pageSize=100", "confidant", "confidant-1")
    for one in reversed(waiting):
        contact: str = one["contact"]
        found = running.call(f"/gesprek/v1/contacts/{contact}/assignment", "confidant", "confidant-1", {})
        if found["messages"][0]["text"] == said:
            return contact, code
    raise AssertionError("it does not wait for a confidant")


def comes_back(person: Visitor, code: str) -> None:
    """Opens the own contact again."""
    person.open("/gesprek/")
    person.fill("Uw code", code)
    person.press("Lees het antwoord")


def test_nothing_happens_without_the_callers_yes(running: Stack, visit: Callable[..., Visitor]) -> None:
    """§3.8a: another confidant only after a yes; a no leaves all as it was."""
    person = visit(way=Way.NO_SCRIPT)
    contact, code = taken(running, person, "Mag ik iemand anders spreken?")
    path = f"/gesprek/v1/contacts/{contact}"
    for agrees in (False, True):
        running.call(f"{path}/transfer", "confidant", "confidant-1", {"to": "confidant-2"})
        comes_back(person, code)
        assert "Mag een andere vertrouwenspersoon dit overnemen?" in person.text()
        assert "Dit gebeurt alleen als u ja zegt." in person.text()
        person.press("Bewaar mijn antwoord")
        assert person.page.title().startswith("Fout: ")
        person.choose("Ja" if agrees else "Nee")
        person.press("Bewaar mijn antwoord")
        assert "Mag een andere vertrouwenspersoon dit overnemen?" not in person.text()
        still = running.call("/gesprek/v1/contacts?pageSize=100", "confidant", "confidant-1")
        assert (contact in {one["contact"] for one in still}) is not agrees


def test_the_caller_takes_along_what_was_chosen_and_nothing_else(running: Stack, visit: Callable[..., Visitor]) -> None:
    """INV-8: no link, no code and no moment go along."""
    person = visit(way=Way.KEYBOARD)
    _, code = taken(running, person, "Er hing een pop aan de deur.")
    comes_back(person, code)
    person.unfold("Vertel iets over uzelf")
    person.fill("Hoe mogen wij u noemen? (niet verplicht)", "Voorbeeld")
    person.fill("Nummer van uw gemeente (niet verplicht)", "99")
    person.press("Bewaar dit")
    assert person.page.title().startswith("Fout: ")
    person.fill("Nummer van uw gemeente (niet verplicht)", "9901")
    person.press("Bewaar dit")
    person.unfold("Neem iets mee naar een melding")
    person.choose("Berichten die u schreef")
    person.choose("Er hing een pop aan de deur.")
    person.press("Maak het formulier")
    assert "Zet een vinkje als u dit wilt." in person.text(), "without a yes nothing goes along"
    person.choose("Ja, maak het formulier voor mij")
    person.press("Maak het formulier")
    assert "Dit is nog geen melding." in person.text() and "Er hing een pop aan de deur." in person.text()
    assert "9901" not in person.text() and "Voorbeeld\n" not in person.text().split("Dit neemt u mee")[1]
    assert code not in person.page.content()
    assert person.page.locator("main a").evaluate_all("all => all.map(one => one.getAttribute('href'))") == [
        "/gesprek/"
    ]


def test_the_caller_asks_to_be_rung_on_a_day_and_closes(running: Stack, visit: Callable[..., Visitor]) -> None:
    person = visit()
    _, code = taken(running, person, "Belt u mij?")
    comes_back(person, code)
    person.unfold("Laat u bellen")
    person.fill("Uw telefoonnummer", "0600000001")
    person.fill("Op welke dag?", (datetime.now(UTC).date() + timedelta(days=1)).isoformat())
    person.fill("Vanaf hoe laat?", "15:00")
    person.fill("Tot hoe laat?", "14:00")
    person.press("Vraag een telefoontje")
    assert "De eindtijd moet later zijn dan de begintijd." in person.text()
    look(person, "line-ring-mistake")
    person.fill("Tot hoe laat?", "16:00")
    person.press("Vraag een telefoontje")
    assert "tussen 15.00 uur en 16.00 uur" in person.text()
    person.unfold("Sluit het gesprek af")
    person.press("Sluit het gesprek af")
    assert "Dit gesprek is afgesloten." in person.text() and "Schrijf verder" not in person.text()
