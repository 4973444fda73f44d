"""The module as the property tests of all modules see it."""

from __future__ import annotations

from hypothesis import strategies as st

from services.funding.cost_allocation import commands, costs, domain
from services.funding.cost_allocation.policy import rules_on
from shared.contracts.vocabulary import Addressee, Executor, MeasureType, Payer, Place
from tests.services.subjects import CASE, DAY, Subject, cents, ids, moments, municipalities, some, texts

measures = st.builds(
    costs.KnownMeasure, ids, st.sampled_from(MeasureType), st.sampled_from(Place), st.booleans(), some(Addressee),
    st.none() | some(Executor),
)  # fmt: skip
parties = st.builds(costs.Party, ids, st.none() | municipalities)
rules = st.sampled_from([rules_on(DAY), ()])
bills = st.builds(
    commands.Bill, cents, cents, rules, moments, some(costs.Answer), some(costs.Answer), st.none() | cents, texts
)
lines = st.sampled_from(["a-0", "a-1", "b-0", "b-1", "glass-0", "glass-1", "car-1", "invoice"])


def entering(measure: str) -> st.SearchStrategy[commands.Entering]:
    """The lines of a measure have an id that follows from the measure."""
    line, same = st.just(measure), st.just(measure)
    return st.one_of(
        st.builds(commands.EnterCost, line, same, parties, bills, moments),
        st.builds(commands.EnterOwnWish, line, same, some(MeasureType), some(Place), parties, bills, moments),
    )


ENTERING = ids.flatmap(entering)
HANDLING = st.one_of(
    st.builds(commands.Classify, lines, parties, some(Payer), st.booleans(), texts, st.just("2016-03-14"), moments),
    st.builds(commands.DisputeLine, lines, parties, texts, moments, moments),
    st.builds(commands.RecordActual, lines, parties, cents, moments),
    st.builds(commands.SettleLine, lines, parties, moments),
)
SUBJECT = Subject(
    domain,
    costs.Costs,
    st.one_of(ENTERING, HANDLING),
    {
        "intake.reporting": st.builds(commands.NoteIncident, st.just(CASE), municipalities),
        "assessment.measures": st.builds(
            commands.NoteAdvice, st.just(CASE), municipalities, st.lists(measures, max_size=3).map(tuple)
        ),
        "aftercare.callback.invoices": st.builds(
            commands.NoteInvoice, st.just(CASE), st.just("invoice"), ids, municipalities, cents, rules, moments, moments
        ),
    },
    frozenset({domain.CLASSIFICATION}),
)
