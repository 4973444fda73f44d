"""What RCCB and the HOvJ read beside the facts. Dutch, short; advice on the way to go, never a decision."""

from __future__ import annotations

from typing import Any

from services.assessment.weighing.record import Ruling, Weighing
from shared.contracts.vocabulary import Authority, Office, TargetType

SUGGESTION = "Dit is alleen een voorstel. U kiest zelf het niveau en schrijft op waarom."
NOT_QUALIFIED = (
    "Komt niet in aanmerking. De mutatie blijft bewaard, de politie kan nog steeds adviseren en het aanbod van "
    "opvang blijft staan. Met nieuwe informatie kunt u de zaak heropenen."
)
CONFLICT = "De bedreigde persoon is de burgemeester. De burgemeester beslist niet over de eigen zaak."
COMMISSIONER = "De Commissaris van de Koning hoort het alleen als het slachtoffer dat wil."
NAMES = {
    Authority.MAYOR: "de burgemeester",
    Authority.DEPUTY_MAYOR: "de loco-burgemeester",
    Authority.HOVJ: "de hoofdofficier van justitie",
}


def oral(ruling: Ruling | None) -> str | None:
    """How an oral decision is shown (INV-10)."""
    if ruling is None or not ruling.oral:
        return None
    written = f"Mondeling, namens {NAMES[ruling.authority]}."
    return f"{written} Bevestigd." if ruling.confirmed else f"{written} Nog niet bevestigd; alles gaat gewoon door."


def conflict(weighing: Weighing) -> dict[str, Any] | None:
    """The way to go when the mayor is the victim (S-SBB-09, E2E-10, Q-8)."""
    if weighing.office is not Office.MAYOR:
        return None
    return {
        "message": CONFLICT,
        "public_order": "loco-burgemeester",
        "person": "hoofdofficier van justitie",
        "employer_tasks": "gemeentesecretaris",
        "kings_commissioner": COMMISSIONER,
    }


def split(weighing: Weighing) -> str | None:
    """Who is there for what (R-ACT-09, S-SBB-16)."""
    first = weighing.first_weighing
    if first is None or not first.qualifies:
        return None
    if first.target is TargetType.PERSON:
        return "Over de veiligheid van een persoon beslist de hoofdofficier van justitie."
    mayor = "de loco-burgemeester" if weighing.office is Office.MAYOR else "de burgemeester"
    return (
        f"Voor de openbare orde is {mayor} bevoegd, voor de strafrechtelijke handhaving de hoofdofficier van justitie. "
        "Een mens kiest en schrijft op waarom."
    )
