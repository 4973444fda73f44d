"""A case is taken over with number and code after police rang, and its person says who may look and who may not."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.pages.test_reporting import up_to_choice
from tests.pages.visiting import Visitor, look
from tests.stack import Stack, eventually

WRONG = "Het nummer en de code horen niet bij elkaar."


def reported(somebody: Visitor) -> tuple[str, str]:
    """Somebody reports without signing in; number and code of the receipt."""
    up_to_choice(somebody)
    somebody.choose("Melden")
    somebody.press("Verder")
    somebody.press("Versturen")
    number, code = re.search(r"[0-9a-f]{32}", somebody.text()), re.search(r"\d{4} \d{4} \d{4}", somebody.text())
    assert number and code
    return number[0], code[0]


def asks(person: Visitor, case: str, code: str) -> None:
    """Fills in the form."""
    person.fill("Nummer van de zaak", case)
    person.fill("Code", code)
    person.press("Vraag de zaak")


def test_who_has_the_code_gets_the_case_after_police_rang(visit: Callable[..., Visitor]) -> None:
    case, code = reported(visit(scripts=False))
    person = visit("burgemeester-1", scripts=False)
    person.open("/intake/dossier")
    person.follow("Een zaak zien waarvan u de code hebt")
    asks(person, case, "0000 0000 0000" if code != "0000 0000 0000" else "1111 1111 1111")
    assert person.page.title().startswith("Fout: ") and WRONG in person.text()
    assert person.page.get_by_label("Nummer van de zaak").input_value() == case, "nothing typed is lost"
    asks(person, "0" * 32, code)
    assert WRONG in person.text(), "a case that is not there reads the same"
    asks(person, case, code)
    assert "De politie belt u op het nummer in de melding." in person.text()
    person.open(f"/intake/dossier/{case}")
    assert "Deze zaak is niet bekend." in person.text(), "a code alone opens nothing"

    officer = visit("agent-1", scripts=False)
    officer.open("/intake/werk")
    officer.follow("Wie een zaak vraagt die zonder inloggen is gemeld")
    officer.press(f"Ik belde, en het klopt voor zaak {case[:8]}")
    assert case[:8] not in officer.text()

    def there() -> bool:
        person.open(f"/intake/dossier/{case}")
        return "Hoe staat het ervoor?" in person.text()

    eventually(there, 30)


def test_the_pages_are_good(visit: Callable[..., Visitor]) -> None:
    case, code = reported(visit())
    person = visit("burgemeester-1")
    person.open("/intake/overnemen")
    person.press("Vraag de zaak")
    assert person.page.title().startswith("Fout: ")
    look(person, "claim-mistake")
    asks(person, case, code)
    look(person, "claimed")
    officer = visit("agent-1")
    officer.open("/intake/overnames")
    look(officer, "claims")


def test_a_person_trusts_one_and_keeps_out_another(running: Stack, visit: Callable[..., Visitor]) -> None:
    report = {
        "kind": "threat", "office": "alderman", "municipality": "9901", "narrative": "Een briefje.",
        "victim": {"name": "Wethouder Voorbeeld"},
    }  # fmt: skip
    case = running.call("/intake/v1/reports", "office-holder", "wethouder-1", report)["case"]
    person, friend, officer = visit("wethouder-1", scripts=False), visit("burgemeester-1"), visit("agent-1")

    def sees(other: Visitor, path: str) -> bool:
        other.open(path)
        return "Niet gevonden" not in other.text()

    eventually(lambda: sees(person, f"/intake/dossier/{case}"), 30)
    person.follow("Kies wie mag meekijken, en wie niet")
    person.press("Bewaar dit")
    assert person.page.title().startswith("Fout: ")
    person.fill("Account van de ander", "wethouder-1")
    person.choose("Deze persoon mag meekijken en mij helpen")
    person.press("Bewaar dit")
    assert "Dit is uw eigen account." in person.text()
    assert sees(officer, f"/intake/zaak/{case}")
    person.fill("Account van de ander", "agent-1")
    person.choose("Deze persoon mag nooit iets zien")
    person.press("Bewaar dit")
    assert "en merkt dat ook niet: agent-1" in person.text(), "a slip of the pen is seen"
    assert "Wij kunnen niet zien of het account bestaat." in person.text()
    eventually(lambda: not sees(officer, f"/intake/zaak/{case}"), 30)
    reports = f"/intake/v1/reports/{case}"
    friend.open(f"/intake/zaak/{case}/wie")
    assert "Deze zaak is niet bekend." in friend.text(), "only the person chooses"
    person.fill("Account van de ander", "vriend-1")
    person.choose("Deze persoon mag meekijken en mij helpen")
    person.press("Bewaar dit")
    eventually(lambda: running.call(reports, "office-holder", "vriend-1")["case"] == case, 30)
    page = visit("wethouder-1")
    page.open(f"/intake/zaak/{case}/wie")
    page.fill("Account van de ander", "vriend-1")
    page.choose("Deze persoon mag niet meer meekijken")
    page.press("Bewaar dit")
    look(page, "relations")


def test_who_is_trusted_finds_the_case_and_does_not_choose_who_else_looks(
    running: Stack, visit: Callable[..., Visitor]
) -> None:
    case = running.report("wethouder-1")
    person, friend = visit("wethouder-1", scripts=False), visit("burgemeester-1")

    def opens(page: str) -> bool:
        person.open(page)
        return "Niet gevonden" not in person.text()

    eventually(lambda: opens(f"/intake/zaak/{case}/wie"), 30)
    person.fill("Account van de ander", "burgemeester-1")
    person.choose("Deze persoon mag meekijken en mij helpen")
    person.press("Bewaar dit")

    def listed() -> bool:
        friend.open("/intake/dossier")
        return f"/intake/dossier/{case}" in friend.page.content()

    eventually(listed, 30)
    assert "Waar u mag meekijken" in friend.text()
    look(friend, "dossier-list-trusted")
    friend.open(f"/intake/dossier/{case}")
    assert "Deze zaak is van iemand anders." in friend.text()
    assert friend.page.get_by_role("link", name="Kies wie mag meekijken, en wie niet").count() == 0
    look(friend, "dossier-trusted")
    person.press("Niet meer laten meekijken", exact=False)
    eventually(lambda: not listed(), 30)
