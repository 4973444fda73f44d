"""Events as a person reads them: the name in words, the fields in words, moments in Amsterdam."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
IDENTIFIERS = frozenset(
    {"case", "detail", "measure", "line", "request", "question", "invoice", "person", "rule_version"}
)
"""Fields that say nothing to a reader: references and addresses."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def name_of(type_name: str) -> str:
    """`nl.veiligbestuur.incidents.incident-reported.v1` and `incident-reported` alike: `incident-reported`."""
    parts = type_name.split(".")
    return parts[-2] if len(parts) > 1 else type_name


def in_words(type_name: str) -> str:
    """The event in plain English, e.g. `Incident reported`, `IVP callback due`."""
    words = name_of(type_name).replace("-", " ").capitalize()
    for short in ("ivp", "rccb"):
        words = re.sub(rf"\b{short}\b", short.upper(), words, flags=re.IGNORECASE)
    return words


def fields_in_words(fields: dict[str, Any], day: datetime | None = None) -> str:
    """The fields, short: `kind threat, urgency acute`. Moments on `day` are given without their date."""
    # A measure that is told as class and place, and not by its reference, may be read.
    told = [(name, value) for name, value in fields.items() if name not in IDENTIFIERS or isinstance(value, dict)]
    lists_last = sorted(told, key=lambda one: isinstance(one[1], list))
    said = (_field(name, value, day) for name, value in lists_last)
    return ", ".join(part for part in said if part)


def _field(name: str, value: Any, day: datetime | None) -> str:
    words = plain(name.replace("_", " "))
    if isinstance(value, bool):
        return words if value else f"not {words}"
    if name.endswith("_cents") and isinstance(value, int):
        return f"{words.removesuffix(' cents')} € {value / 100:,.2f}"
    if isinstance(value, list):
        return f"{words} none" if not value else f"{words} {'; '.join(_item(one, day) for one in value)}"
    if isinstance(value, dict):
        return _item(value, day)
    if value in (None, ""):
        return ""
    moment = moment_of(value)
    if moment is not None:
        return f"{words.removesuffix(' at')} {clock(moment, day)}"
    return f"{words} {plain(value)}"


def _item(value: Any, day: datetime | None) -> str:
    """One of several, e.g. a line of advice: `alarm at home, above pkvw, urgency acute`."""
    if not isinstance(value, dict):
        return plain(value)
    rest = {name: inner for name, inner in value.items() if name not in ("type", "place")}
    what = " at ".join(plain(value[name]) for name in ("type", "place") if name in value)
    return ", ".join(part for part in (what, fields_in_words(rest, day)) if part)


def moment_of(value: Any) -> datetime | None:
    """The moment in a text such as `2016-03-13T01:10:30Z`, in Amsterdam; None when it is something else."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(AMSTERDAM) if moment.tzinfo else None


def clock(moment: datetime, day: datetime | None = None) -> str:
    """The time; with the date unless that is the date of `day`."""
    return f"{moment:%H:%M}" if day is not None and moment.date() == day.date() else f"{moment:%Y-%m-%d %H:%M}"


def shortened(reference: str) -> str:
    """The first eight characters of a reference."""
    return plain(reference if len(reference) <= 9 else f"{reference[:8]}…")


def plain(value: Any) -> str:
    """As text that cannot steer a terminal: without control characters and marks that turn the reading direction."""
    return CONTROL.sub("�", str(value))
