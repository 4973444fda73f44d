"""The IVP bills a month without a name and puts it right; the municipality reads its own (R-KST-07, R-IVP-11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.test_journeys import there
from tests.pages.visiting import Visitor, Way, look
from tests.stack import Stack

Visit = Callable[..., Visitor]
BILLS = "/aftercare/rekeningen"
ways = pytest.mark.parametrize(
    ("way", "months_ago"), [(one, number) for number, one in enumerate(Way, 1)], ids=list(Way)
)


def sends(sender: Visitor, months_ago: int, euros: str = "1.200") -> str:
    """Bills a month to municipality 9901; returns how the month reads."""
    month = sender.page.get_by_label("Over welke maand?", exact=True)
    chosen = month.locator("option").nth(months_ago)
    sender.pick(sender.page.get_by_label("Voor welke gemeente?", exact=True), "9901")
    sender.pick(month, chosen.get_attribute("value") or "")
    name = chosen.inner_text()
    sender.fill("Hoeveel euro?", euros)
    sender.press("Stuur de rekening")
    return name


def corrects(sender: Visitor, less: str) -> None:
    """Lowers the bill that is open."""
    sender.fill("Hoeveel euro meer of minder?", less)
    sender.choose("Minder dan nu")
    sender.press("Verbeter de rekening")


def text(visitor: Visitor) -> str:
    """What stands there, with plain spaces."""
    return " ".join(visitor.text().split())


@ways
def test_a_month_is_billed_once_and_corrected_with_a_line_beside_it(visit: Visit, way: Way, months_ago: int) -> None:
    sender = visit("ivp-9", way=way)
    sender.follow("Rekeningen")
    sender.follow("Stuur een rekening")
    sends(sender, months_ago, "0")
    assert sender.page.title().startswith("Fout: ") and "Vul een bedrag boven nul in" in sender.text()
    month = sends(sender, months_ago)
    assert f"Rekening van {month}" in sender.text() and "€ 1.200,00" in text(sender)
    here = sender.page.url
    corrects(sender, "1.200,01")
    assert sender.page.title().startswith("Fout: ") and "Er kan niet meer terug" in sender.text()
    sender.fill("Hoeveel euro meer of minder?", "200")
    sender.press("Verbeter de rekening")
    rows = [" ".join(one.split()) for one in sender.page.locator("tbody tr").all_inner_texts()]
    assert [(row.split()[0], row.split("€")[1].strip()) for row in rows] == [
        ("Rekening", "1.200,00"),
        ("Minder", "-200,00"),
    ]
    assert "Te betalen € 1.000,00" in text(sender)
    sender.open(f"{BILLS}/nieuw")
    sends(sender, months_ago)
    assert sender.page.title().startswith("Fout: ") and "Voeg een correctie toe." in sender.text()
    if way is Way.MOUSE:
        look(sender, "bills-send")
        sender.open(here)
        look(sender, "bills-one")
    sender.open(BILLS)
    sender.unfold("Zoek of kies")
    sender.pick(sender.page.get_by_label("Welke gemeente? (niet verplicht)", exact=True), "9901")
    sender.press("Toon deze rekeningen")
    assert month.capitalize() in sender.text() and "Dit is een deel van de lijst." in sender.text()
    if way is Way.MOUSE:
        look(sender, "bills-list")


def test_a_municipality_reads_its_own_bill_and_who_pays_it(running: Stack, visit: Visit) -> None:
    sender = visit("ivp-9", scripts=False)
    sender.open(f"{BILLS}/nieuw")
    month = sends(sender, 5, "321,50")
    corrects(sender, "21,50")
    handler = visit("griffier-1")
    handler.follow("Rekeningen")
    handler.follow(month.capitalize())
    assert (
        "Te betalen € 300,00" in text(handler)
        and "€ 321,50" in text(handler)
        and "Verbeter de rekening" not in handler.text()
    )
    look(handler, "bills-own")
    here, costs = handler.page.url, handler.page.get_by_role("link", name="Wie betaalt dit").get_attribute("href") or ""
    for number in handler.page.locator("tbody td:nth-child(2)").all_inner_texts():
        there(handler, costs, f"(rekening {number})")
    assert (
        "€ 321,50" in text(handler)
        and "€ -21,50" in text(handler)
        and "Op deze rekening staat geen naam." in handler.text()
    )
    look(handler, "costs-of-a-bill")
    handler.follow("Naar de rekening van het IVP")
    assert handler.page.url == here
    reads = visit("controller-1")
    reads.follow("Rekeningen")
    reads.follow(month.capitalize())
    assert "€ 321,50" in text(reads) and "Wie betaalt dit" not in reads.text()


def test_nobody_else_opens_a_bill(running: Stack, visit: Visit) -> None:
    sender = visit("ivp-9", scripts=False)
    sender.open(f"{BILLS}/nieuw")
    sends(sender, 6)
    as_sender = sender.page.url
    handler = visit("griffier-1", scripts=False)
    handler.open(BILLS)
    handler.page.locator("tbody a").first.click()
    as_handler = handler.page.url
    for account, says in (("secretaris-2", "Niet gevonden"), ("ivp-1", "Geen toegang"), ("wethouder-1", "Geen toegang"),
                          ("bzk-1", "Geen toegang"), ("agent-1", "Geen toegang")):  # fmt: skip
        other = visit(account, scripts=False)
        for address in (as_sender, as_handler):
            other.open(address)
            assert says in other.text() and "€" not in other.text(), account
    handler.open(f"{BILLS}/nieuw")
    assert "Geen toegang" in handler.text()
