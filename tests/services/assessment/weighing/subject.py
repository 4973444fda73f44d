"""The module as the property tests of all modules see it."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from services.assessment.weighing import domain as weighing
from shared.contracts.vocabulary import IncidentKind, LevelClass, Office, TargetType, Urgency
from tests.services.subjects import CASE, DAY, START, Subject, moments, some, terms, texts

targets = st.sampled_from([TargetType.PERSON, TargetType.PERSON, TargetType.OBJECT, TargetType.SERVICE])
recorded = moments | st.just(START + timedelta(hours=4))
openings = st.builds(
    weighing.OpenWeighing, st.just(CASE), some(Office), some(IncidentKind), some(Urgency), moments, terms
)
conclusions = st.builds(
    weighing.ConcludeFirstWeighing, st.booleans(), targets, texts, st.just("rccb-7"), moments, recorded
)
decisions = st.builds(
    weighing.DecideOnMeasures, st.booleans(), some(LevelClass), texts, st.just("hovj-2"), moments, recorded
)
SUBJECT = Subject(
    weighing,
    weighing.Weighing,
    st.one_of(
        conclusions,
        decisions,
    ),
    {
        "intake.reporting": st.one_of(
            openings,
            st.builds(weighing.NoteAangifte, st.just(CASE), st.sampled_from([DAY, date(2016, 3, 15)])),
        )
    },
    frozenset({weighing.FIRST_WEIGHING}),
)
