"""The module as the property tests of all modules see it."""

from __future__ import annotations

from hypothesis import strategies as st

from services.funding.cost_allocation import domain as costs
from services.funding.cost_allocation.policy import rules_on
from shared.contracts.vocabulary import MeasureType, Place
from tests.services.subjects import CASE, DAY, Subject, cents, ids, moments, municipalities, some

known_measures = st.builds(costs.KnownMeasure, ids, some(MeasureType), some(Place), st.booleans())
SUBJECT = Subject(
    costs,
    costs.Costs,
    st.builds(costs.EnterCost, ids, ids, municipalities, cents, cents, st.sampled_from([rules_on(DAY), ()]), moments),
    {
        "assessment.measures": st.builds(
            costs.NoteAdvice, st.just(CASE), municipalities, st.lists(known_measures, max_size=3).map(tuple)
        )
    },
    frozenset(),
)
