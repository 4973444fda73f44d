"""The module as the property tests of all modules see it."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from services.assessment.weighing import commands, domain
from services.assessment.weighing.record import Mark, Marks, Weighing
from shared.contracts.vocabulary import (
    Authority,
    IncidentKind,
    LevelClass,
    Office,
    ReopenReason,
    TargetType,
    ThreatProduct,
    Urgency,
)
from tests.services.subjects import CASE, DAY, START, Subject, moments, reasons, some, terms, texts

targets = st.sampled_from([TargetType.PERSON, TargetType.PERSON, TargetType.OBJECT, TargetType.SERVICE])
recorded = moments | st.just(START + timedelta(hours=4))
accounts = st.sampled_from(["rccb-7", "rccb-8", "hovj-2"])
marks = st.builds(Marks, *[st.none() | st.sampled_from(Mark)] * 3)
openings = st.builds(
    commands.OpenWeighing, st.just(CASE), some(Office), some(IncidentKind), some(Urgency), moments, terms,
    st.none() | st.just("person-1"),
)  # fmt: skip
conclusions = st.builds(
    commands.ConcludeFirstWeighing, st.booleans(), targets, reasons, accounts, moments, recorded, texts, texts, marks
)
choices = st.builds(commands.ChooseAuthority, some(Authority), reasons, accounts, recorded, st.just(tuple(Authority)))
orals = st.none() | st.builds(commands.Oral, some(Authority), accounts, terms)
decisions = st.builds(
    commands.DecideOnMeasures, st.booleans(), some(LevelClass), reasons, accounts, moments, recorded, st.just("2015"),
    orals,
)  # fmt: skip
orders = st.builds(commands.OrderInterpretation, reasons, accounts, recorded, terms)
products = st.builds(
    commands.RecordThreatProduct, some(ThreatProduct), st.just("TP-1"), st.just(DAY), accounts, recorded, st.just(DAY),
    marks,
)  # fmt: skip
confirmations = st.builds(commands.ConfirmDecision, accounts, st.booleans(), recorded)
reopenings = st.builds(commands.Reopen, some(ReopenReason), reasons, accounts, recorded, terms)
days = st.sampled_from([DAY, date(2016, 3, 15)])
others = st.sampled_from(["cafe01", "cafe02"])


notes = st.one_of(
    st.builds(commands.NoteAangifte, st.just(CASE), days),
    st.builds(commands.NoteMutatie, st.just(CASE), days),
    st.builds(commands.NoteWithdrawn, st.just(CASE), moments),
    st.builds(commands.NoteLink, st.just(CASE), others),
)
early = st.builds(
    commands.ConcludeFirstWeighing,
    st.just(True),
    st.just(TargetType.PERSON),
    reasons,
    accounts,
    st.just(START),
    recorded,
)
written_down = st.builds(
    commands.DecideOnMeasures, st.booleans(), some(LevelClass), reasons, accounts, st.just(START), recorded,
    st.just("2015"), st.builds(commands.Oral, st.just(Authority.HOVJ), accounts, terms),
)  # fmt: skip
SUBJECT = Subject(
    domain,
    Weighing,
    st.one_of(conclusions, choices, decisions, orders, products, confirmations, reopenings),
    {
        "intake.reporting": st.one_of(openings, notes),
        "intake.reporting, under the key of a later case": st.builds(commands.NoteLink, st.just(CASE), others),
    },
    frozenset({domain.FIRST_WEIGHING, domain.ANALYSIS, domain.CONFIRMATION}),
    begins=st.tuples(openings) | st.tuples(openings, early) | st.tuples(openings, early, written_down | orders),
)
