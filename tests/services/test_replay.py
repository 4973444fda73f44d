"""INV-9: replaying any topic from the start changes no view and sends no message twice, for every module."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.local.temporary import Mongo
from services.aftercare import app as aftercare
from services.assessment import app as assessment
from services.funding import app as funding
from services.intake import app as intake
from shared.contracts.decisions import Refused
from shared.runtime.cases import Act, Cases, Handled
from tests.services.serving import serve
from tests.services.subjects import Subject
from tests.services.test_every_module import CALLBACK, COSTS, MEASURES, REPORTING, SAFETY_NET, WEIGHING

MODULES = (
    (REPORTING, intake.build, intake.REPORTING), (WEIGHING, assessment.build, assessment.WEIGHING),
    (MEASURES, assessment.build, assessment.MEASURES), (COSTS, funding.build, funding.COSTS),
    (SAFETY_NET, funding.build, funding.SAFETY_NET), (CALLBACK, aftercare.build, aftercare.CALLBACK),
)  # fmt: skip


@dataclass
class Listening:
    """A module's cases, and what it is told: each record with the id that it has every time it comes."""

    subject: Subject
    cases: Cases[Any]

    async def hears(self, document: str, records: list[tuple[str, Any]]) -> None:
        """Records of topics, and acts of people, in this order."""
        for known_by, command in records:
            with suppress(Refused):
                await self.cases.update(document, command, handled=Handled(known_by), act=Act("test"))

    async def holds(self, document: str) -> Any:
        """All of it: state, history, what must be sent, what was handled."""
        return await self.cases.collection.find_one({"_id": document})


@pytest.fixture(scope="module", params=MODULES, ids=[str(subject) for subject, _, _ in MODULES])
async def listening(request: pytest.FixtureRequest, mongo: Mongo) -> AsyncIterator[Listening]:
    subject, build, module = request.param
    async with serve(build, mongo) as served:
        yield Listening(subject, served.cases(module))


@settings(deadline=None, max_examples=15)
@given(data=st.data())
async def test_replaying_any_topic_from_the_start_changes_nothing_and_sends_nothing_twice(listening, data):
    """In the order of the topics, and in any other: after all that happened, acts of people too."""
    document = uuid.uuid4().hex
    facts = [
        (f"{topic}-{number}", fact)
        for topic, told in listening.subject.facts.items()
        for number, fact in enumerate(data.draw(st.lists(told, max_size=3)))
    ]
    acts = data.draw(st.lists(listening.subject.acts, max_size=4))
    happened = [*facts, *((f"http-{number}", act) for number, act in enumerate(acts))]
    await listening.hears(document, data.draw(st.permutations(happened)))
    before = await listening.holds(document)
    await listening.hears(document, facts)
    await listening.hears(document, data.draw(st.permutations(facts)))
    assert await listening.holds(document) == before
