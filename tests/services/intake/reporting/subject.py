"""The module as the property tests of all modules see it."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from services.intake.reporting import commands, domain, incident
from services.intake.reporting.report import Report
from shared.contracts.vocabulary import (
    DoubtReason,
    FilingAdvice,
    Impact,
    IncidentKind,
    Office,
    SignalOutcome,
    Tie,
    Urgency,
)
from tests.services.subjects import CASE, DAY, Subject, ids, moments, municipalities, some, terms, texts

people = st.just(incident.Person("A. Voorbeeld", "0000000000"))
incidents = st.builds(
    incident.Incident,
    kind=some(IncidentKind),
    office=some(Office),
    municipality=municipalities,
    urgency=some(Urgency),
    impact=some(Impact),
    narrative=texts,
    victim=people,
    reporter=st.none() | st.builds(incident.Reporter, people, texts),
    context=st.sampled_from([None, "asielinstroom"]),
    family=st.booleans(),
    medium=st.none() | some(incident.Medium),
    facts=st.builds(incident.Facts, what=texts),
    witnesses=st.lists(texts, max_size=2).map(tuple),
    effects=st.builds(incident.Effects, health=st.booleans(), words=texts),
)
doubts = st.builds(incident.Doubt, st.lists(some(DoubtReason), max_size=2, unique=True).map(tuple), texts)
maybe = st.booleans()
accounts = st.none() | ids
earlier = st.lists(ids | st.just(CASE), max_size=2).map(tuple)
hashes = st.sampled_from(["0" * 64, "1" * 64])
evidence = st.builds(
    incident.Evidence, hashes, some(incident.Medium), st.just(1), texts,
    st.builds(incident.Custody, ids, st.just("added"), moments).map(lambda line: (line,)), st.none() | moments,
)  # fmt: skip
later = moments.map(lambda moment: moment + timedelta(hours=4))

STARTING = st.one_of(
    st.builds(commands.RecordSignal, st.just(CASE), incidents, moments, terms, accounts, accounts),
    st.builds(commands.ReportIncident, st.just(CASE), incidents, moments, terms, maybe, accounts, accounts, earlier),
    st.builds(commands.ReportDoubt, st.just(CASE), incidents, doubts, moments, terms, accounts, accounts),
)
BY_VICTIM = st.one_of(
    st.builds(
        commands.JudgeSignal, some(SignalOutcome), texts, some(incident.Company), ids, moments, terms, terms, maybe,
        st.none() | doubts, earlier,
    ),
    st.builds(commands.MakeMelding, moments, terms, maybe, texts, ids, earlier),
    st.builds(commands.RequestTalk, moments, terms, st.none() | doubts),
    st.builds(commands.LetRest, moments),
    st.builds(commands.SetFollowUp, maybe, moments, terms),
    st.builds(commands.WishAangifte, maybe, moments),
    st.builds(commands.Withdraw, texts, ids, moments),
)  # fmt: skip
BY_POLICE = st.one_of(
    st.builds(commands.RecordTalk, moments, later),
    st.builds(commands.AdviseFiling, some(FilingAdvice), texts, moments),
    st.builds(commands.RegisterMutatie, ids, st.just(DAY)),
    st.builds(commands.ConfirmAangifte, ids, st.just(DAY), moments, st.none() | st.just(DAY)),
    st.builds(commands.OpenCriminalTrack, st.just(DAY)),
    st.builds(commands.RecordVictimTold, moments),
)
ADDING = st.one_of(
    st.builds(commands.AddEvidence, evidence),
    st.builds(commands.AddCustody, hashes, ids, texts, moments),
    st.builds(commands.LinkIncidents, ids | st.just(CASE), maybe, moments),
)
CHOSEN = st.builds(commands.NoteChosen, st.just(CASE), ids, some(Tie), maybe, moments)
SUBJECT = Subject(
    domain,
    Report,
    st.one_of(STARTING, BY_VICTIM, BY_POLICE, ADDING, CHOSEN),
    {
        "assessment.weighing": st.one_of(
            st.builds(commands.NoteWeighingOpened, st.just(CASE), moments),
            st.builds(commands.NoteFirstWeighing, st.just(CASE), maybe),
        )
    },
    frozenset({domain.SIGNAL_UNJUDGED, domain.DOUBT_FOLLOW_UP, domain.RCCB_RECEIPT}),
)
