"""The module as the property tests of all modules see it."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from services.assessment.measures import commands, domain
from services.assessment.measures.record import Measure, Measures, StateMeasure
from shared.contracts.vocabulary import Addressee, Executor, MeasureType, Office, Place, Urgency
from tests.services.subjects import CASE, START, Subject, ids, moments, municipalities, reasons, some, terms, texts

lines = st.builds(Measure, ids, some(MeasureType), some(Place), st.booleans(), some(Addressee), some(Urgency))
advice = st.builds(
    commands.AdviseMeasures,
    st.lists(lines, min_size=1, max_size=3, unique_by=lambda line: line.id).map(tuple),
    moments, st.builds(commands.AnswerTerms, terms, terms), terms,
)  # fmt: skip
kinds = st.sampled_from([MeasureType.CAMERA, MeasureType.PERSONAL_PROTECTION, MeasureType.LOCKS])
one_taken = st.builds(
    StateMeasure, st.sampled_from(["s", "t"]), kinds, some(Place), some(Executor), reasons, moments, moments,
    lighter=texts, told=st.booleans(),
)  # fmt: skip
may = (MeasureType.CAMERA, MeasureType.PERSONAL_PROTECTION)
takings = st.builds(
    commands.TakeStateMeasures, st.tuples(one_taken), st.booleans(), moments | st.just(START + timedelta(hours=4)),
    st.just(may), st.just(may[1:]), terms, terms,
)  # fmt: skip
speakers = st.none() | municipalities
later = moments | st.just(START + timedelta(days=40))
chosen = st.just(()) | st.tuples(ids)
announcements = st.builds(commands.AnnounceScaleDown, later, moments, st.just(timedelta(0)) | terms, chosen)
endings = st.builds(commands.ScaleDown, reasons, later, chosen)
acts = st.one_of(
    advice, takings, announcements, endings,
    st.builds(commands.Accept, ids, speakers, moments),
    st.builds(commands.Decline, ids, speakers, texts, moments),
    st.builds(commands.ReportImplemented, ids, speakers, moments),
    st.builds(commands.ConfirmStateMeasures, st.just("hovj-2"), moments),
    st.builds(commands.ReviewMeasures, moments, terms),
)  # fmt: skip
incidents = st.builds(commands.NoteIncident, st.just(CASE), municipalities, some(Office))
weighed = st.builds(commands.NoteFirstWeighing, st.just(CASE), st.booleans(), moments)
assessed = st.builds(commands.NoteAssessment, st.just(CASE), st.booleans(), moments, st.booleans())
links = st.builds(commands.NoteLink, st.just(CASE), st.sampled_from(["cafe01", "cafe02"]), moments, terms)
SUBJECT = Subject(
    domain,
    Measures,
    acts,
    {
        "intake.reporting": incidents,
        "intake.reporting, under the key of a later case": links,
        "assessment.weighing": weighed,
        "assessment.weighing.restricted": assessed,
    },
    frozenset({domain.ADVICE, domain.REVIEW, domain.CONFIRMATION}),
    # A new incident that arrives after one of these was not known to who did it: it pulls the review forward.
    reopening=(commands.AdviseMeasures, commands.TakeStateMeasures, commands.ReviewMeasures),
    begins=st.tuples(incidents) | st.tuples(incidents, advice | takings) | st.tuples(incidents, weighed, assessed),
)
