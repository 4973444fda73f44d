"""The dated terms of weighing, who may decide, and the matrix that suggests a level and decides nothing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from services.assessment.weighing.record import Mark, Marks
from shared.contracts.dated import Dated, in_force, rows_in, started
from shared.contracts.vocabulary import Authority, LevelClass, TargetType, Urgency

FILE = Path(__file__).with_name("policy.toml")


class Terms(Dated):
    """Hours on the wall clock, day and night."""

    acute_hours: int
    other_hours: int
    analysis_acute_hours: int
    analysis_other_hours: int
    confirm_hours: int
    circular: str

    def weigh_within(self, urgency: Urgency) -> timedelta:
        """How long RCCB has for the first weighing."""
        return timedelta(hours=self.acute_hours if urgency is Urgency.ACUTE else self.other_hours)

    def analysis_within(self, urgency: Urgency) -> timedelta:
        """After how long somebody asks how far a closer interpretation is."""
        return timedelta(hours=self.analysis_acute_hours if urgency is Urgency.ACUTE else self.analysis_other_hours)

    @property
    def confirm_within(self) -> timedelta:
        """After how long an oral decision without confirmation is pointed out."""
        return timedelta(hours=self.confirm_hours)


class Choice(Dated):
    """Who may decide about one kind of target."""

    target: TargetType
    may: tuple[Authority, ...]


class Matrix(Dated):
    """A level per severity and likelihood, and how much higher it is with low resistance."""

    low: tuple[LevelClass, LevelClass, LevelClass]
    medium: tuple[LevelClass, LevelClass, LevelClass]
    high: tuple[LevelClass, LevelClass, LevelClass]
    low_resistance_steps: int


def terms_on(day: date) -> Terms:
    """The terms that hold on `day`. Raises `LookupError` when none do."""
    return in_force(rows_in(FILE, "terms", Terms), day)


def authorities_on(day: date, target: TargetType) -> tuple[Authority, ...]:
    """Who can be chosen to decide about such a target on `day`; nobody for a person."""
    rows = rows_in(FILE, "authorities", Choice)
    found = started((row for row in rows if row.target is target), day)
    return found[-1].may if found else ()


def suggestion_on(day: date, marks: Marks) -> LevelClass | None:
    """What the matrix of `day` suggests; None without severity and likelihood. Shown beside the choice, never made."""
    if marks.severity is None or marks.likelihood is None:
        return None
    matrix = in_force(rows_in(FILE, "matrices", Matrix), day)
    row = {Mark.LOW: matrix.low, Mark.MEDIUM: matrix.medium, Mark.HIGH: matrix.high}[marks.severity]
    levels = list(LevelClass)
    steps = matrix.low_resistance_steps if marks.resistance is Mark.LOW else 0
    number = levels.index(row[list(Mark).index(marks.likelihood)]) + steps
    return levels[min(number, len(levels) - 1)]
