"""The module as the property tests of all modules see it."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from services.aftercare.callback import domain as callback
from services.aftercare.callback.policy import terms_on
from shared.contracts.vocabulary import CareProgress, Impact, SupportForm
from tests.services.subjects import CASE, DAY, START, Subject, ids, moments, some, texts

people = st.builds(callback.Person, texts, texts, texts, ids | st.just(""))
reached = st.builds(callback.Person, phone=ids)
whom = st.sampled_from(callback.Whom)


def request(victim, caller, ring_first, by_phone, called_at, noted_after):
    return callback.RequestCallback(
        CASE, victim, caller, ring_first, by_phone, called_at, called_at + noted_after, terms_on(DAY)
    )


requests = st.builds(
    request, people | reached, st.none() | people, st.just(callback.Whom.VICTIM) | whom, st.booleans(), moments,
    st.sampled_from([timedelta(0), timedelta(minutes=5), timedelta(hours=1)]),
)  # fmt: skip
contacts = st.builds(callback.RecordContact, moments, moments, st.none() | whom)

# The moment of arrival is part of these facts, so all of them arrive at the same one.
SUBJECT = Subject(
    callback,
    callback.Care,
    st.one_of(
        requests,
        requests,  # without one hardly anything can happen
        requests,
        contacts,
        contacts,
        st.builds(callback.AddDetails, people, st.none() | people, st.none() | whom),
        st.builds(callback.AcceptOffer, moments),
        st.builds(callback.DeclineOffer, moments),
        st.builds(callback.AssignCareWorker, st.sampled_from(["19012345601", "19012345602"]), ids, moments),
        st.builds(callback.RecordAttempt, moments),
        st.builds(callback.PlanSupport, some(SupportForm), moments),
        st.builds(callback.RecordObjection, moments),
        st.builds(callback.ReportProgress, some(CareProgress), moments),
        st.builds(callback.CloseAftercare, moments),
    ),
    {
        "intake.reporting": st.builds(callback.NoteIncident, st.just(CASE), some(Impact), st.just(START)),
        # On the same topic, and still the order must not matter: a link may be made long after, or replayed before.
        "intake.reporting, links": st.builds(callback.NoteLinked, st.just(CASE), st.just(START)),
        "assessment.measures": st.builds(callback.NoteScaledDown, st.just(CASE), st.just(START)),
    },
    frozenset({callback.WARN, callback.ESCALATE, callback.MISSED}),
    reopening=(callback.CloseAftercare, callback.DeclineOffer),
)  # fmt: skip
