"""What the caller and the confidant in charge see of a contact; what other confidants see; the page for anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.aftercare.confidential_line import messages
from services.aftercare.confidential_line.contact import Chosen, Consent, Contact, Side, Step
from services.aftercare.confidential_line.contacts import Broken, Contacts, Found
from services.aftercare.confidential_line.counting import bucket_of
from services.aftercare.confidential_line.policy import AMSTERDAM, hours_on, is_open, next_opening, ways_out_on

Json = dict[str, Any]


def page(now: datetime, number: str) -> Json:
    """The page of the line. `acute` and `ways` hold the same ways, each in the order that fits; never none (E2E-4)."""
    day = now.astimezone(AMSTERDAM).date()
    opened, opening = is_open(now), next_opening(now)
    ways = ways_out_on(day)
    told = messages.line_open(hours_on(day), number) if opened else messages.line_closed(opening, now)
    emergency = {"way": "emergency", "phone": ways.emergency_number, "text": messages.EMERGENCY}
    ivp = {"way": "ivp", "phone": ways.ivp_number, "text": messages.call_ivp(ways)}
    line = {"way": "line", "phone": number if opened and number else None, "text": told}
    box = {"way": "message", "phone": None, "text": messages.message_box(None if opened else opening)}
    return {
        "status": "open" if opened else "closed",
        "emergency": messages.EMERGENCY,
        "hours": messages.hours(hours_on(day)),
        "number": number or None,
        "opens_at": None if opened else opening,
        "acute": [emergency, line, ivp, box] if opened else [emergency, ivp, line, box],
        "ways": [line, box, ivp, emergency],
        "for_whom": messages.FOR_WHOM,
        "confidential": messages.CONFIDENTIAL,
        "own_device": messages.OWN_DEVICE,
        "consequences": messages.CONSEQUENCES,
    }


def for_caller(contact: Contact) -> Json:
    """The own contact, by code. Who the confidant is does not stand in it."""
    about = asdict(contact.about)
    return {
        "status": contact.state,
        "text": messages.STATES[contact.state],
        "ends_on": contact.ends_on,
        "ends": messages.ends(contact.ends_on),
        "has_confidant": bool(contact.confidant),
        "about": about,
        "about_is_optional": messages.OPTIONAL,
        "messages": _said(contact),
        "callback": contact.window and asdict(contact.window),
        "proposal": _proposal(contact),
        "peers": [asdict(peer) for peer in contact.peers],
        "consents": [_consent(one) for one in contact.consents],
        "consequences": messages.CONSEQUENCES,
        "emergency": messages.EMERGENCY,
        "own_device": messages.OWN_DEVICE,
    }


def _said(contact: Contact) -> list[Json]:
    return [{"number": number} | asdict(one) for number, one in enumerate(contact.messages, 1)]


def _proposal(contact: Contact) -> Json | None:
    if contact.proposal is None:
        return None
    step, peer = contact.proposal.step, contact.proposal.peer
    return {"step": step, "peer": peer and asdict(peer), "consequences": messages.CONSEQUENCES[step]}


def _consent(one: Consent) -> Json:
    return {"step": one.step, "agreed": one.agreed, "voice": one.voice, "at": one.at}


def for_confidant(found: Found) -> Json:
    """The whole contact, for the confidant in charge. What was chosen to take along is the caller's own."""
    contact = found.contact
    return {
        "contact": found.id,
        "status": contact.state,
        "ends_on": contact.ends_on,
        "about": asdict(contact.about),
        "messages": _said(contact),
        "callback": contact.window and asdict(contact.window),
        "proposal": contact.proposal and asdict(contact.proposal),
        "peers": [asdict(peer) for peer in contact.peers],
        "consents": [_consent(one) for one in contact.consents if one.step is not Step.HANDOVER],
    }


def own(found: Sequence[Found | Broken]) -> list[Json]:
    """A confidant's own contacts without their content: who waits for an answer first, then the oldest.

    What cannot be opened stands on top: somebody must look at it.
    """
    rows = [_row(one) for one in found if isinstance(one, Found)]
    return _broken(found) + sorted(rows, key=lambda row: (not row["waits_for_you"], row["last_at"] or ""))


def _broken(found: Sequence[Found | Broken]) -> list[Json]:
    return [{"contact": one.id, "unreadable": True} for one in found if isinstance(one, Broken)]


def _row(found: Found) -> Json:
    contact = found.contact
    last = contact.messages[-1] if contact.messages else None
    asked = contact.window is not None or (last is not None and last.side is Side.CALLER)
    return {
        "contact": found.id,
        "status": contact.state,
        "waits_for_you": asked and not contact.closed,
        "ring": contact.window and {"begins": contact.window.begins, "ends": contact.window.ends},
        "last_at": last and last.at.isoformat(),
        "ends_on": contact.ends_on,
    }


def waiting(found: Sequence[Found | Broken], account: str) -> list[Json]:
    """That somebody waits, and when they want to be rung; nothing of what they said. The longest waiting first."""
    rows = [
        {
            "contact": one.id,
            "since": one.contact.messages[0].at.isoformat() if one.contact.messages else None,
            "ring": one.contact.window and {"begins": one.contact.window.begins, "ends": one.contact.window.ends},
        }
        for one in found
        if isinstance(one, Found) and account not in one.contact.without
    ]
    return _broken(found) + sorted(rows, key=lambda row: str(row["since"] or ""))


def draft(contact: Contact) -> Json:
    """A report with what the caller chose last, in the fields of a report; for the caller's own browser to send.

    It has no reference, no code and no moment: nothing in it leads back here (INV-8).
    """
    consent = next(one for one in reversed(contact.consents) if one.step is Step.HANDOVER)
    victim: Json = {}
    if Chosen.NAME in consent.chosen and contact.about.name:
        victim["name"] = contact.about.name
    if Chosen.PHONE in consent.chosen and contact.window is not None:
        victim["phone"] = contact.window.phone
    made: Json = {"victim": victim}
    if Chosen.MUNICIPALITY in consent.chosen and contact.about.municipality:
        made["municipality"] = contact.about.municipality
    if consent.words:
        made["narrative"] = "\n\n".join(contact.messages[number - 1].text for number in consent.words)
    return made


async def figures(contacts: Contacts, year: int) -> list[Json]:
    """How many contacts there were in each month, in coarse buckets; no persons."""
    months = [f"{year}-{month:02}" for month in range(1, 13)]
    return [{"month": month, "contacts": bucket_of(await contacts.count("month", month))} for month in months]
