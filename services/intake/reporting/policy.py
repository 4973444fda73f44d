"""The dated terms of reporting, the dated places to go to, and the choice by date."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from shared.contracts.dated import Dated, in_force, rows_in, started
from shared.contracts.vocabulary import Urgency

FILE = Path(__file__).with_name("policy.toml")


class Terms(Dated):
    """How long reporting waits before it tells somebody; hours and days on the wall clock."""

    signal_unjudged_hours: int
    doubt_follow_up_days: int
    rccb_receipt_acute_hours: int
    rccb_receipt_other_hours: int

    @property
    def signal_unjudged(self) -> timedelta:
        """R-MEL-14."""
        return timedelta(hours=self.signal_unjudged_hours)

    @property
    def doubt_follow_up(self) -> timedelta:
        """R-MEL-16."""
        return timedelta(days=self.doubt_follow_up_days)

    def rccb_receipt(self, urgency: Urgency) -> timedelta:
        """R-MEL-05."""
        acute = urgency is Urgency.ACUTE
        return timedelta(hours=self.rccb_receipt_acute_hours if acute else self.rccb_receipt_other_hours)


class Uploads(Dated):
    """What a file of evidence may be. `types`: media type -> extension it is given out under."""

    largest_bytes: int
    types: dict[str, str]


class Pointer(Dated):
    """Somewhere a person can go. `topic`: when it is shown."""

    topic: str
    name: str
    address: str = ""
    phone: str = ""
    mail: str = ""
    words: str = ""


def terms_on(day: date, path: Path = FILE) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    return in_force(rows_in(path, "terms", Terms), day)


def uploads_on(day: date, path: Path = FILE) -> Uploads:
    """What may be sent on `day`. Raises `LookupError` when nothing may."""
    return in_force(rows_in(path, "uploads", Uploads), day)


def pointers_on(day: date, path: Path = FILE) -> tuple[Pointer, ...]:
    """Where people can go on `day`, in the order of the file."""
    rows = rows_in(path, "pointers", Pointer)
    return tuple({pointer.name: pointer for pointer in started(rows, day)}.values())
