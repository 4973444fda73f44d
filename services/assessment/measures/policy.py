"""The dated terms of advice, review and end; who handles advice; what is said about who pays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from shared.contracts.dated import Dated, in_force, rows_in, started
from shared.contracts.vocabulary import MeasureType, Office, Place, Urgency
from shared.contracts.working_days import working_days_after

FILE = Path(__file__).with_name("policy.toml")


class Terms(Dated):
    """How long the municipality has to answer, when measures are looked at again, and how they end."""

    answer_acute_hours: int
    answer_other_days: int
    review_days: int
    review_acute_days: int
    linked_review_hours: int
    confirm_hours: int
    notice_days: int
    state_measures: tuple[MeasureType, ...]
    last_resort: tuple[MeasureType, ...]

    def answer_within(self, urgency: Urgency, moment: datetime) -> timedelta:
        """The municipality's term for advice of `moment` (UTC): hours when acute, working days otherwise (S-SBB-07)."""
        if urgency is Urgency.ACUTE:
            return timedelta(hours=self.answer_acute_hours)
        return working_days_after(moment, self.answer_other_days) - moment

    @property
    def review_after(self) -> timedelta:
        """When measures are due for review."""
        return timedelta(days=self.review_days)

    @property
    def review_acute_after(self) -> timedelta:
        """When acute measures are due for their first review."""
        return timedelta(days=self.review_acute_days)

    @property
    def linked_review_within(self) -> timedelta:
        """When running measures are due for review after a new incident."""
        return timedelta(hours=self.linked_review_hours)

    @property
    def confirm_within(self) -> timedelta:
        """After how long acute action without confirmation is pointed out."""
        return timedelta(hours=self.confirm_hours)

    @property
    def notice(self) -> timedelta:
        """At least so long before their end the person is told."""
        return timedelta(days=self.notice_days)


class Handlers(Dated):
    """Who handles advice, per office."""

    mayor: str
    alderman: str
    councillor: str


class Payers(Dated):
    """Sentences on who pays."""

    up_to_pkvw: str
    above_pkvw: str
    state: str


class Tip(Dated):
    """Something a person can do or read; advice, more or less to the point (R-SBB-11)."""

    name: str
    address: str
    words: str


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    return in_force(rows_in(FILE, "terms", Terms), day)


def handler_on(day: date, office: Office | None) -> str | None:
    """Who handles advice about somebody in this office; None: a person must look."""
    row = in_force(rows_in(FILE, "handlers", Handlers), day)
    return {Office.MAYOR: row.mayor, Office.ALDERMAN: row.alderman, Office.COUNCILLOR: row.councillor}.get(
        office or Office.UNKNOWN
    )


def payers_on(day: date) -> Payers:
    """The sentences on who pays that hold on `day`."""
    return in_force(rows_in(FILE, "payers", Payers), day)


def tips_on(day: date) -> tuple[Tip, ...]:
    """What a person can do on `day`, in the order of the file; of each `name` the row that started last."""
    rows = started(rows_in(FILE, "tips", Tip), day)
    return tuple({tip.name: tip for tip in rows}.values())


def payer_words(day: date, place: Place, above_pkvw: bool) -> str | None:
    """What is said of an advised measure; None where nobody wrote down who pays (official residence, online)."""
    if place in (Place.WORK, Place.TRANSPORT):
        return payers_on(day).above_pkvw
    if place is not Place.HOME:
        return None
    return payers_on(day).above_pkvw if above_pkvw else payers_on(day).up_to_pkvw
