"""The module as the property tests of all modules see it."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from services.funding.safety_net import commands, domain, request
from shared.contracts.vocabulary import Channel, Continuation, MeasureType, Office, Payer, Place
from tests.services.subjects import CASE, DAY, Subject, cents, ids, moments, municipalities, reasons, some, texts

actual = st.none() | cents
cost_lines = st.builds(
    request.Line, ids, st.sampled_from(MeasureType), st.sampled_from(Place), some(Payer), st.booleans(), cents,
    st.booleans(), actual,
)  # fmt: skip
eligible_lines = st.builds(
    request.Line, ids, some(MeasureType), some(Place), st.just(Payer.MUNICIPALITY), st.just(True), cents,
    st.just(True), actual,
)  # fmt: skip
budgets = st.none() | st.builds(request.Budget, actual, some(request.Answer), some(request.Answer), texts)
later = moments.map(lambda moment: moment + timedelta(days=1))
accounts = st.sampled_from(["bzk-3", "bzk-4"])
maybe_accounts = st.none() | accounts

ASKING = st.one_of(
    st.builds(
        commands.RequestFunding, st.just(CASE), ids, municipalities, some(Channel), texts, budgets, moments, later,
        later, st.none() | some(Continuation), maybe_accounts,
    ),
    st.builds(commands.AskQuestion, st.just(CASE), municipalities, some(Channel), texts, ids, moments, st.booleans()),
)  # fmt: skip
BY_TOWN = st.one_of(
    st.builds(commands.SupplementRequest, municipalities, texts, budgets, moments),
    st.builds(commands.WithdrawRequest, municipalities, texts, moments),
    st.builds(commands.Object, municipalities, texts, moments, later),
)
BY_MINISTRY = st.one_of(
    st.builds(commands.AnswerQuestion, texts, accounts, moments),
    st.builds(commands.Acknowledge, accounts, moments),
    st.builds(commands.AskSupplement, texts, accounts, moments, later),
    st.builds(commands.AssessDisproportion, texts, accounts, moments),
    st.builds(commands.Grant, cents, reasons, accounts, moments, texts, maybe_accounts),
    st.builds(commands.Decline, reasons, accounts, moments, maybe_accounts),
    st.builds(commands.ConfirmDecision, accounts, moments),
    st.builds(commands.Settle, cents, reasons, accounts, moments),
    st.builds(commands.RecordPaid, texts, accounts, moments),
)
SUBJECT = Subject(
    domain,
    request.SafetyNet,
    st.one_of(ASKING, BY_TOWN, BY_MINISTRY),
    {
        "intake.reporting": st.one_of(
            st.builds(commands.NoteIncident, st.just(CASE), municipalities, st.sampled_from(Office)),
            st.builds(commands.NoteAangifte, st.just(CASE), st.sampled_from([DAY, date(2016, 3, 15)])),
        ),
        "assessment.measures": st.builds(commands.NoteAdvice, st.just(CASE), moments),
        "funding.cost-allocation": st.builds(commands.NoteCostLine, st.just(CASE), cost_lines | eligible_lines),
    },
    frozenset({domain.ACKNOWLEDGEMENT, domain.SUPPLEMENT, domain.DECISION}),
)
