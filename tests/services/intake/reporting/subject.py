"""The module as the property tests of all modules see it."""

from __future__ import annotations

from hypothesis import strategies as st

from services.intake.reporting import domain as reporting
from shared.contracts.vocabulary import Impact, IncidentKind, Office, Urgency
from tests.services.subjects import CASE, DAY, Subject, ids, moments, municipalities, some, terms, texts

people = st.just(reporting.Person("A. Voorbeeld", "0000000000"))
incidents = st.builds(
    reporting.Incident,
    kind=some(IncidentKind),
    office=some(Office),
    municipality=municipalities,
    urgency=some(Urgency),
    impact=some(Impact),
    narrative=texts,
    victim=people,
    reporter=st.none() | st.builds(reporting.Reporter, people, texts),
    context=st.sampled_from([None, "asielinstroom"]),
)
SUBJECT = Subject(
    reporting,
    reporting.Report,
    st.one_of(
        st.builds(reporting.RecordSignal, st.just(CASE), incidents, moments, terms),
        st.builds(reporting.ReportIncident, st.just(CASE), incidents, moments, terms, st.booleans()),
        st.builds(reporting.MakeMelding, moments, terms),
        st.builds(reporting.ConfirmAangifte, ids, st.just(DAY), moments),
    ),
    {
        "assessment.weighing": st.one_of(
            st.builds(reporting.NoteWeighingOpened, st.just(CASE), moments),
            st.builds(reporting.NoteFirstWeighing, st.just(CASE), st.booleans()),
        )
    },
    frozenset({reporting.SIGNAL_UNJUDGED, reporting.RCCB_RECEIPT}),
)
