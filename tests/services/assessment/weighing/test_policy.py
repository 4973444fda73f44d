"""The dated rules of weighing beside its terms."""

from __future__ import annotations

from datetime import date

import pytest

from services.assessment.weighing.policy import authorities_on, suggestion_on, terms_on
from services.assessment.weighing.record import Mark, Marks
from shared.contracts.vocabulary import Authority, LevelClass, TargetType

DAY = date(2016, 3, 14)


def test_about_a_person_there_is_nothing_to_choose_and_before_the_rules_nothing_at_all():
    """R-ACT-06, R-ACT-09."""
    assert authorities_on(DAY, TargetType.PERSON) == ()
    assert set(authorities_on(DAY, TargetType.OBJECT)) == set(Authority)
    assert authorities_on(date(2014, 12, 31), TargetType.OBJECT) == ()


@pytest.mark.parametrize(
    ("severity", "likelihood", "resistance", "level"),
    [
        (Mark.LOW, Mark.LOW, None, LevelClass.MINIMAL),
        (Mark.LOW, Mark.HIGH, Mark.HIGH, LevelClass.MEDIUM),
        (Mark.HIGH, Mark.LOW, None, LevelClass.MEDIUM),
        (Mark.MEDIUM, Mark.HIGH, Mark.LOW, LevelClass.CRITICAL),
        (Mark.HIGH, Mark.HIGH, Mark.LOW, LevelClass.CRITICAL),
        (None, Mark.HIGH, None, None),
        (Mark.HIGH, None, Mark.LOW, None),
    ],
)
def test_the_matrix_suggests_and_without_both_marks_says_nothing(severity, likelihood, resistance, level):
    assert suggestion_on(DAY, Marks(severity, likelihood, resistance)) is level


def test_the_circular_of_2015_holds_in_2016():
    """R-SBB-15."""
    assert terms_on(DAY).circular == "Circulaire bewaken en beveiligen 2015"
