"""The module as the property tests of all modules see it."""

from __future__ import annotations

from hypothesis import strategies as st

from services.assessment.measures import domain as measures
from shared.contracts.vocabulary import Addressee, MeasureType, Office, Place, Urgency
from tests.services.subjects import CASE, Subject, ids, moments, municipalities, some, terms, texts

lines = st.builds(measures.Measure, ids, some(MeasureType), some(Place), st.booleans(), some(Addressee), some(Urgency))
SUBJECT = Subject(
    measures,
    measures.Measures,
    st.one_of(
        st.builds(measures.AdviseMeasures, st.lists(lines, min_size=1, max_size=3).map(tuple), moments, terms, terms),
        st.builds(measures.ReportImplemented, ids, municipalities, moments),
        st.builds(measures.ReviewMeasures, moments, terms),
        st.builds(measures.ScaleDown, texts, moments),
    ),
    {
        "intake.reporting": st.builds(measures.NoteIncident, st.just(CASE), municipalities, some(Office)),
        "assessment.weighing.restricted": st.builds(measures.NoteAssessment, st.just(CASE), st.booleans()),
    },
    frozenset({measures.ADVICE, measures.REVIEW}),
)
