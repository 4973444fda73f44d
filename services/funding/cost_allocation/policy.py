"""The dated table of who pays what, the dated terms, and the dated texts that no line is made of."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from services.funding.cost_allocation.costs import Answer, Kind, Origin
from shared.contracts.dated import Dated, in_force, rows_in, started
from shared.contracts.vocabulary import Payer, Place
from shared.contracts.working_days import working_days_after

FILE = Path(__file__).with_name("policy.toml")


class Rule(Dated):
    """One row: conditions (none: everything fits), payer (none: a person decides), and why, in Dutch."""

    id: str
    version: str
    kind: tuple[Kind, ...] = ()
    origin: tuple[Origin, ...] = ()
    place: tuple[Place, ...] = ()
    above_pkvw: bool | None = None
    additional: tuple[Answer, ...] = ()
    employers_care: tuple[Answer, ...] = ()
    payer: Payer | None = None
    eligible: bool = False
    """The safety net may pay for it, if the costs are disproportionate."""
    reason: str


class Terms(Dated):
    """When somebody is reminded, in working days; and in which month the one total of the year before is there."""

    judge_days: int
    total_month: int

    def judge_before(self, moment: datetime) -> datetime:
        """When a line without payer, or a dispute, is late (UTC)."""
        return working_days_after(moment, self.judge_days)

    def total_from(self, year: int) -> date:
        """The day from which the one total of a year is there, in the Netherlands: never before the year is over."""
        return date(year + 1, self.total_month, 1)


class Text(Dated):
    """What people read beside the lines."""

    id: str
    words: str


def rules_on(day: date) -> tuple[Rule, ...]:
    """The rules in force on `day`, in the order of the file; empty when there are none."""
    rows = rows_in(FILE, "rules", Rule)
    newest = {rule.id: rule for rule in started(rows, day)}
    order = dict.fromkeys(rule.id for rule in rows)
    return tuple(newest[name] for name in order if name in newest)


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    return in_force(rows_in(FILE, "terms", Terms), day)


def texts_on(day: date) -> tuple[str, ...]:
    """What people read on `day`: K7, where to read about the basic level, and that nobody has to bargain."""
    rows = rows_in(FILE, "texts", Text)
    return tuple({row.id: row.words for row in started(rows, day)}.values())
