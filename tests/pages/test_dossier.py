"""One's own dossier: what four services know, on one page, for the person alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.pages.visiting import Visitor, look
from tests.stack import Stack, eventually

SIGNAL = {
    "kind": "intimidation", "office": "alderman", "municipality": "9901", "signal_only": True,
    "victim": {"name": "Wethouder Voorbeeld"},
}  # fmt: skip


def there(person: Visitor, case: str) -> bool:
    """Whether the case is in the dossier: the tie to it arrives a moment after the report."""
    person.open(f"/intake/dossier/{case}")
    return "Mijn dossier" in person.text() and "Niet gevonden" not in person.text()


def test_a_signal_becomes_a_melding_and_the_dossier_tells_it(
    running: Stack, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    case = running.call("/intake/v1/reports", "office-holder", "wethouder-1", SIGNAL)["case"]
    person = visit("wethouder-1", scripts=False)
    eventually(lambda: there(person, case))
    assert "Niemand anders leest het." in person.text()
    person.follow("Kies wat u wilt")
    person.press("Bewaar mijn keuze")
    assert "Kies een woord van de lijst." in person.text() or "Vul dit in." in person.text()
    person.choose("Intrekken")
    person.press("Bewaar mijn keuze")
    assert "Schrijf in een paar woorden waarom u dit intrekt." in person.text()
    person.choose("Melden")
    person.fill("Wilt u er iets bij zeggen? (niet verplicht)", "Het gebeurde weer.")
    person.press("Bewaar mijn keuze")
    assert person.page.url.endswith(f"/intake/dossier/{case}")
    assert "Uw melding is ontvangen." in person.text() and "Het incident is gemeld." in person.text()
    with person.page.expect_download() as download:
        person.page.get_by_role("link", name="Download mijn dossier").click()
    file = tmp_path / "dossier.json"
    download.value.save_as(file)
    assert json.loads(file.read_text())["report"]["incident"]["victim"]["name"] == "Wethouder Voorbeeld"


def test_the_pages_of_a_dossier_are_good(running: Stack, visit: Callable[..., Visitor]) -> None:
    case = running.call("/intake/v1/reports", "office-holder", "burgemeester-1", SIGNAL | {"municipality": "9902"})[
        "case"
    ]
    person = visit("burgemeester-1")
    person.open("/intake/dossier")
    eventually(lambda: there(person, case))
    look(person, "dossier")
    person.follow("Wie keek in uw dossier?")
    assert "Hier staat nog niemand." in person.text()
    look(person, "looks")
    person.follow("Terug naar mijn dossier")
    person.follow("Kies wat u wilt")
    look(person, "choose")
    person.open("/intake/dossier")
    assert "Signaal van" in person.text()
    look(person, "dossier-list")


def test_who_doubts_says_whether_we_may_ask_how_it_goes(running: Stack, visit: Callable[..., Visitor]) -> None:
    doubt = SIGNAL | {"signal_only": False, "aangifte_intent": "doubt"}
    case = running.call("/intake/v1/reports", "office-holder", "wethouder-1", doubt)["case"]
    person = visit("wethouder-1")
    eventually(lambda: there(person, case), 30)
    person.follow("Kies wat u wilt")
    look(person, "choose-doubt")
    person.press("Vraag mij niets")
    person.open(f"/intake/zaak/{case}/kiezen")
    assert "U wilt deze vraag niet. Wij vragen u niets." in person.text()
    person.press("Vraag het mij wel")
    person.open(f"/intake/zaak/{case}/kiezen")
    assert "Dan staat hier één keer een vraag" in person.text()


def test_nobody_else_opens_it(running: Stack, visit: Callable[..., Visitor]) -> None:
    case = running.call("/intake/v1/reports", "office-holder", "wethouder-1", SIGNAL)["case"]
    eventually(lambda: there(visit("wethouder-1"), case))
    other = visit("burgemeester-1")
    other.open(f"/intake/dossier/{case}")
    assert "Deze zaak is niet bekend." in other.text()
    officer = visit("agent-1")
    officer.open(f"/intake/dossier/{case}")
    assert "Deze rol mag dit niet." in officer.text()
    stranger = visit()
    stranger.open(f"/intake/dossier/{case}")
    assert "Kies wie u bent" in stranger.text(), "first sign in, then back to the same place"
    stranger.page.locator("button[value='burgemeester-1']").click()
    assert stranger.page.url.endswith(f"/intake/dossier/{case}")


def test_what_was_typed_is_kept_when_the_session_ended(running: Stack, visit: Callable[..., Visitor]) -> None:
    case = running.call("/intake/v1/reports", "office-holder", "wethouder-1", SIGNAL)["case"]
    person = visit("wethouder-1")
    eventually(lambda: there(person, case))
    person.follow("Kies wat u wilt")
    person.choose("Eerst praten met de lokale politie")
    person.fill("Wilt u er iets bij zeggen? (niet verplicht)", "Liever overdag bellen.")
    person.context.clear_cookies()
    person.press("Bewaar mijn keuze")
    assert "U bent niet meer ingelogd." in person.text()
    look(person, "401-kept")
    with person.context.expect_page() as opened:
        person.follow("Log in. Dit opent een nieuw tabblad.")
    opened.value.locator("button[value='wethouder-1']").click()
    opened.value.wait_for_url("**/intake/ingelogd")
    person.press("Verder")
    person.press("Verstuur opnieuw")
    assert person.page.url.endswith(f"/intake/dossier/{case}") and "gesprek" in person.text(), person.text()
