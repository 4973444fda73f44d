"""What waits for whom at police and OM."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest

from deploy.local.temporary import Mongo
from services.assessment.app import WEIGHING, build
from services.assessment.weighing.domain import decide
from services.assessment.weighing.queries import view
from shared.contracts.vocabulary import TargetType
from tests.given import given
from tests.services.assessment.weighing.test_domain import DECISION, DOES_NOT, OPEN, QUALIFIES
from tests.services.serving import Served, serve

OTHERS = [TargetType.OBJECT, TargetType.SERVICE]


@pytest.fixture
async def assessment(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


def step(*past):
    return view("w-1", given(decide, *past).state, date(2016, 3, 14))["next_step"]


def test_each_weighing_says_what_comes_next():
    """R-SBB-03, R-SBB-04."""
    assert step(OPEN) == "first-weighing"
    assert step(OPEN, QUALIFIES) == "decision"
    assert step(OPEN, QUALIFIES, DECISION) is None
    assert step(OPEN, DOES_NOT) is None


@pytest.mark.parametrize("target", OTHERS)
def test_for_an_object_or_service_a_person_first_chooses_the_authority(target):
    """R-ACT-09: the HOvJ decides on persons only."""
    assert step(OPEN, replace(QUALIFIES, target=target)) == "choose-authority"
    assert step(OPEN, replace(DOES_NOT, target=target)) is None


async def test_an_object_or_service_stays_on_the_list_until_a_person_chose(assessment):
    """INV-2: nothing disappears unassessed."""
    for name, conclusion in (("person", QUALIFIES), ("ended", DOES_NOT)):
        await assessment.know(WEIGHING, name, replace(OPEN, case=name), conclusion)
    for target in OTHERS:
        await assessment.know(WEIGHING, target, replace(OPEN, case=target), replace(QUALIFIES, target=target))
    rows = (await assessment.get("/v1/weighings", "rccb")).json()
    assert {row["case"]: row["next_step"] for row in rows} == {
        "person": "decision", "object": "choose-authority", "service": "choose-authority",
    }  # fmt: skip
