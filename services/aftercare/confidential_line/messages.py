"""What people read of the Vertrouwenslijn: Dutch, short, kind. What follows from a step is said beforehand."""

from __future__ import annotations

from datetime import date, datetime

from services.aftercare.confidential_line.contact import ContactState
from services.aftercare.confidential_line.policy import AMSTERDAM, Hours, WaysOut

EMERGENCY = "Direct gevaar? Bel 112."
OWN_DEVICE = (
    "Gebruik liever niet de telefoon, de computer of het netwerk van de gemeente. Die kunnen laten zien dat u hier was."
)
"""§3.8a."""
FOR_WHOM = (
    "Voor bestuurders, politici en hun familie, en voor iedereen die onder druk staat door het gedrag van anderen. Ook "
    "als u niet zeker weet of het erg genoeg is."
)
"""R-VTL-01, R-VTL-09."""
CONFIDENTIAL = (
    "Alleen u en uw vertrouwenspersoon kunnen lezen wat u schrijft. De gemeente, de politie en het ministerie horen "
    "niet dat u hier was. U hoeft niet te zeggen wie u bent."
)
"""R-VTL-04, R-VTL-05, R-VTL-08."""
WHAT_IVP_ASKS = (
    "Het IVP is dag en nacht bereikbaar. Het IVP vraagt wel uw naam. De gemeente krijgt een rekening zonder naam. "
    "Bent u familie? Vraag het IVP of u ook hulp kunt krijgen, en wie dat betaalt."
)
"""R-IVP-02, R-IVP-11, Q-18."""
OPTIONAL = "Dit hoeft niet. U krijgt dezelfde hulp als u niets invult."
"""Beside each field about the caller (S-VTL-04)."""
UNKNOWN = "Deze code is niet bekend. Klopt de code, dan is het gesprek al vernietigd. Opnieuw beginnen mag altijd."
"""For every wrong code the same."""
CODE_SHOWN_ONCE = (
    "Schrijf deze code op. U ziet hem maar één keer, en wij bewaren hem niet. Met deze code leest u het antwoord. "
    "Bent u de code kwijt, begin dan opnieuw."
)
TOO_OFTEN = "Dit gaat nu te snel achter elkaar. Wacht even. Direct gevaar? Bel 112."

CONSEQUENCES: dict[str, str] = {
    "call": "U praat met een vertrouwenspersoon. Uw nummer wordt niet bewaard. Er wordt niets doorgegeven.",
    "message": "Alleen de vertrouwenspersoon die uw gesprek heeft, leest uw bericht. Het is geen melding.",
    "about": f"{OPTIONAL} Wat u invult, kunt u later weer leegmaken.",
    "callback": "U geeft een telefoonnummer. Na het gesprek wordt dat nummer weggegooid.",
    "network": (
        "U leest eerst waar de vakgenoot vandaan komt. Die persoon hoort pas iets als u ja zegt. Nee zeggen mag altijd."
    ),
    "transfer": (
        "Een andere vertrouwenspersoon leest dan uw hele gesprek. De vorige kan het niet meer lezen. Dit gebeurt "
        "alleen als u ja zegt."
    ),
    "another": "Uw vertrouwenspersoon kan het gesprek niet meer lezen. Een ander neemt het over.",
    "handover": (
        "Wij sturen niets door. U krijgt een ingevuld formulier met alleen wat u kiest, en verstuurt dat zelf. Dan is "
        "het een melding: de politie leest het en bewaart het. In de melding staat niet dat u hier was."
    ),
    "close": "Er kan niets meer bij. U kunt het gesprek nog lezen tot de einddatum.",
    "forget": "Alles wordt meteen vernietigd. Niemand kan het terughalen, u ook niet.",
}
"""What follows from each step (R-VTL-10)."""

STATES: dict[ContactState, str] = {
    ContactState.OPENED: "U hebt een gesprek geopend.",
    ContactState.TALKING: "Een vertrouwenspersoon is met u in gesprek.",
    ContactState.ADVISED: "U hebt een advies gekregen.",
    ContactState.NETWORK: "U bent in contact gebracht met iemand uit het netwerk.",
    ContactState.HANDED_OVER: "U hebt gegevens meegekregen voor een melding.",
    ContactState.CLOSED: "Dit gesprek is afgesloten.",
    ContactState.DESTROYED: "Dit gesprek is vernietigd.",
}

DRAFT = (
    "Dit is nog geen melding. Lees het na, vul het aan, en verstuur het zelf. Wij sturen niets, en wij weten niet of u "
    "het verstuurt."
)


def at_hour(moment: datetime, now: datetime) -> str:
    """`vandaag om 10.00 uur` or `morgen om 10.00 uur`."""
    opening, today = moment.astimezone(AMSTERDAM), now.astimezone(AMSTERDAM).date()
    return f"{'vandaag' if opening.date() == today else 'morgen'} om {opening:%H.%M} uur"


def hours(of: Hours) -> str:
    """Also on holidays (Q-12)."""
    return f"Elke dag van {of.opens:%H.%M} tot {of.closes:%H.%M} uur, ook in het weekend en op feestdagen."


def line_open(of: Hours, number: str) -> str:
    """What stands beside the line when somebody answers."""
    call = f"Bel {number}." if number else "Laat een bericht achter of vraag om een telefoontje."
    return f"De Vertrouwenslijn is nu open, tot {of.closes:%H.%M} uur. {call}"


def line_closed(opening: datetime, now: datetime) -> str:
    """And when nobody does."""
    return f"De Vertrouwenslijn is nu dicht. Wij zijn er {at_hour(opening, now)} weer."


def message_box(opening: datetime | None) -> str:
    """What stands beside the message box. `opening`: the next one, when the line is closed."""
    if opening is None:
        return "Laat een bericht achter. Een vertrouwenspersoon leest het vandaag."
    return f"Laat een bericht achter. Het wordt pas om {opening.astimezone(AMSTERDAM):%H.%M} uur gelezen."


def call_ivp(ways: WaysOut) -> str:
    """Beside the number of the IVP."""
    return f"Bel het IVP: {ways.ivp_number}. {WHAT_IVP_ASKS}"


def ends(day: date) -> str:
    """The visible end (Q-10)."""
    return f"U kunt dit lezen tot en met {day:%d-%m-%Y}. Daarna wordt het vernietigd."
