"""The module as the property tests of all modules see it."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from services.funding.safety_net import domain as safety_net
from shared.contracts.vocabulary import Channel, MeasureType, Office, Payer, Place
from tests.services.subjects import CASE, DAY, Subject, cents, ids, moments, municipalities, some, terms, texts

cost_lines = st.builds(safety_net.Line, ids, some(MeasureType), some(Place), some(Payer), st.booleans(), cents)
eligible_lines = st.builds(
    safety_net.Line, ids, some(MeasureType), some(Place), st.just(Payer.MUNICIPALITY), st.just(True), cents
)
SUBJECT = Subject(
    safety_net,
    safety_net.SafetyNet,
    st.one_of(
        st.builds(safety_net.RequestFunding, st.just(CASE), ids, municipalities, some(Channel), texts, moments, terms),
        st.builds(safety_net.SupplementRequest, municipalities, texts, moments),
        st.builds(safety_net.Grant, cents, texts, st.just("bzk-3"), moments),
        st.builds(safety_net.Decline, texts, st.just("bzk-3"), moments),
    ),
    {
        "intake.reporting": st.one_of(
            st.builds(safety_net.NoteIncident, st.just(CASE), municipalities, some(Office)),
            st.builds(safety_net.NoteAangifte, st.just(CASE), st.sampled_from([DAY, date(2016, 3, 15)])),
        ),
        "assessment.measures": st.builds(safety_net.NoteAdvice, st.just(CASE), moments),
        "funding.cost-allocation": st.builds(safety_net.NoteCostLine, st.just(CASE), cost_lines | eligible_lines),
    },
    frozenset({safety_net.DECISION}),
)
