"""The module as the property tests of all modules see it."""

from __future__ import annotations

from hypothesis import strategies as st

from services.aftercare.callback import domain as callback
from services.aftercare.callback.policy import terms_on
from shared.contracts.vocabulary import Impact
from tests.services.subjects import CASE, DAY, START, Subject, ids, moments, some, texts

# The moment of arrival is part of these facts, so all of them arrive at the same one.
SUBJECT = Subject(
    callback,
    callback.Care,
    st.one_of(
        st.builds(callback.RequestCallback, st.just(CASE), ids, texts, moments, st.just(terms_on(DAY))),
        st.builds(callback.RecordAttempt, moments),
        st.builds(callback.RecordContact, moments, moments),
        st.builds(callback.CloseAftercare, moments),
    ),
    {
        "intake.reporting": st.builds(callback.NoteIncident, st.just(CASE), some(Impact), st.just(START)),
        "assessment.measures": st.builds(callback.NoteScaledDown, st.just(CASE), st.just(START)),
    },
    frozenset({callback.WARN, callback.ESCALATE, callback.MISSED}),
    reopening=(callback.CloseAftercare,),
)
