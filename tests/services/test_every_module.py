"""What holds for each decision module, whatever the commands and their order (Hypothesis).

Facts are listed per topic: topics have no order among them, one topic keeps its order (architecture, "Pure core").
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.aftercare.callback import domain as callback
from services.aftercare.callback.policy import terms_on
from services.assessment.measures import domain as measures
from services.assessment.weighing import domain as weighing
from services.funding.cost_allocation import domain as costs
from services.funding.cost_allocation.policy import rules_on
from services.funding.safety_net import domain as safety_net
from services.intake.reporting import domain as reporting
from shared.contracts.decisions import DeadlinePassed, Refused
from shared.contracts.intake import IncidentReported
from shared.contracts.vocabulary import (
    Addressee,
    Channel,
    Impact,
    IncidentKind,
    LevelClass,
    MeasureType,
    Office,
    Payer,
    Place,
    ReportType,
    TargetType,
    Urgency,
)

CASE = "c0ffee"
DAY = date(2016, 3, 14)
START = datetime(2016, 3, 14, 2, 10, 0, 123_456, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]

moments = st.integers(0, 12).map(lambda quarters: START + timedelta(minutes=15 * quarters))
terms = st.sampled_from([timedelta(minutes=30), timedelta(hours=1), timedelta(days=1), timedelta(days=30)])
municipalities = st.sampled_from(["9901", "9902"])
texts = st.sampled_from(["", "Omdat het zo is."])
ids = st.sampled_from(["a", "b", "c"])
cents = st.sampled_from([0, 1, 60_000, 4_500_000])


def some(kind: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(list(kind))


@dataclass(frozen=True)
class Subject:
    """A module: its functions, people's commands, and facts per topic."""

    domain: Any
    state: type
    acts: st.SearchStrategy[Any]
    facts: dict[str, st.SearchStrategy[Any]]
    deadlines: frozenset[str]
    reopening: tuple[type, ...] = ()
    """Acts that a later fact undoes on purpose."""

    def __str__(self) -> str:
        return self.domain.__name__.removeprefix("services.").removesuffix(".domain")

    @property
    def commands(self) -> st.SearchStrategy[Any]:
        return st.one_of(self.acts, *self.facts.values())


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
REPORTING = Subject(
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
targets = st.sampled_from([TargetType.PERSON, TargetType.PERSON, TargetType.OBJECT, TargetType.SERVICE])
recorded = moments | st.just(START + timedelta(hours=4))
openings = st.builds(
    weighing.OpenWeighing, st.just(CASE), some(Office), some(IncidentKind), some(Urgency), moments, terms
)
conclusions = st.builds(
    weighing.ConcludeFirstWeighing, st.booleans(), targets, texts, st.just("rccb-7"), moments, recorded
)
decisions = st.builds(
    weighing.DecideOnMeasures, st.booleans(), some(LevelClass), texts, st.just("hovj-2"), moments, recorded
)
WEIGHING = Subject(
    weighing,
    weighing.Weighing,
    st.one_of(
        conclusions,
        decisions,
    ),
    {
        "intake.reporting": st.one_of(
            openings,
            st.builds(weighing.NoteAangifte, st.just(CASE), st.sampled_from([DAY, date(2016, 3, 15)])),
        )
    },
    frozenset({weighing.FIRST_WEIGHING}),
)
lines = st.builds(measures.Measure, ids, some(MeasureType), some(Place), st.booleans(), some(Addressee), some(Urgency))
MEASURES = Subject(
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
known_measures = st.builds(costs.KnownMeasure, ids, some(MeasureType), some(Place), st.booleans())
COSTS = Subject(
    costs,
    costs.Costs,
    st.builds(costs.EnterCost, ids, ids, municipalities, cents, cents, st.sampled_from([rules_on(DAY), ()]), moments),
    {
        "assessment.measures": st.builds(
            costs.NoteAdvice, st.just(CASE), municipalities, st.lists(known_measures, max_size=3).map(tuple)
        )
    },
    frozenset(),
)
cost_lines = st.builds(safety_net.Line, ids, some(MeasureType), some(Place), some(Payer), st.booleans(), cents)
eligible_lines = st.builds(
    safety_net.Line, ids, some(MeasureType), some(Place), st.just(Payer.MUNICIPALITY), st.just(True), cents
)
SAFETY_NET = Subject(
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
# The moment of arrival is part of these facts, so all of them arrive at the same one.
CALLBACK = Subject(
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
SUBJECTS = (REPORTING, WEIGHING, MEASURES, COSTS, SAFETY_NET, CALLBACK)
every_module = pytest.mark.parametrize("subject", SUBJECTS, ids=str)
many = settings(deadline=None, max_examples=50)


def apply(subject: Subject, state: Any, command: Any) -> Any:
    """The state after a command; a refusal changes nothing."""
    try:
        return subject.domain.decide(state, command).state
    except Refused:
        return state


def pass_deadline(subject: Subject, state: Any, number: int) -> Any:
    """The state after the clock told one of its deadlines, if there are any."""
    due = subject.domain.deadlines(state) if state is not None else ()
    if not due:
        return state
    chosen = due[number % len(due)]
    return subject.domain.decide(state, DeadlinePassed(chosen.name, chosen.at, chosen.at)).state


def reach(subject: Subject, steps: list[Any]) -> Any:
    """The state after steps: commands, and numbers for "that deadline passes"."""
    state = None
    for step in steps:
        passes = isinstance(step, int)
        state = pass_deadline(subject, state, step) if passes else apply(subject, state, step)
    return state


def pasts(subject: Subject) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.one_of(subject.commands, subject.commands, st.integers(0, 2)), max_size=8)


def for_all(test: Callable[[Any], None]) -> None:
    """Runs `test` on drawn data, many times."""
    many(given(st.data())(test))()


@every_module
def test_a_passed_deadline_is_always_removed_or_moved(subject):
    """Otherwise it would fire forever. Every deadline that the module has was seen."""
    seen = set()

    @settings(deadline=None, max_examples=120, derandomize=True)
    @given(pasts(subject))
    def holds(steps):
        state = reach(subject, steps)
        if state is None:
            return
        for due in subject.domain.deadlines(state):
            seen.add(due.name)
            after = subject.domain.decide(state, DeadlinePassed(due.name, due.at, due.at + timedelta(minutes=1))).state
            assert due not in subject.domain.deadlines(after)

    holds()
    assert seen == subject.deadlines


@every_module
def test_a_deadline_passes_once(subject):
    """INV-9: told again, nothing happens."""

    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        assume(state is not None)
        for due in subject.domain.deadlines(state):
            passed = DeadlinePassed(due.name, due.at, due.at)
            once = subject.domain.decide(state, passed).state
            again = subject.domain.decide(once, passed)
            assert (again.state, again.events) == (once, ())

    if subject.deadlines:
        for_all(holds)
    else:
        assert subject is COSTS


@every_module
def test_deadlines_have_unique_names_within_a_case(subject):
    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        if state is not None:
            names = Counter(due.name for due in subject.domain.deadlines(state))
            assert set(names.values()) <= {1}

    for_all(holds)


@every_module
def test_a_deadline_of_an_unknown_case_makes_no_case(subject):
    with pytest.raises(Refused, match="niet bekend"):
        subject.domain.decide(None, DeadlinePassed("any", START, START))


@every_module
def test_facts_in_any_order_that_keeps_each_topic_end_in_the_same_state(subject):
    def holds(data):
        past = reach(subject, data.draw(pasts(subject)))
        topics = {name: data.draw(st.lists(facts, max_size=4)) for name, facts in subject.facts.items()}
        one = [fact for facts in topics.values() for fact in facts]
        order = data.draw(st.permutations([name for name, facts in topics.items() for _ in facts]))
        queues = {name: list(facts) for name, facts in topics.items()}
        other = [queues[name].pop(0) for name in order]
        ends = []
        for facts in (one, other):
            state = past
            for fact in facts:
                state = subject.domain.decide(state, fact).state  # never refused
            ends.append(state)
        assert ends[0] == ends[1]

    for_all(holds)


@every_module
def test_an_act_and_a_fact_that_both_fit_end_in_the_same_state_in_either_order(subject):
    """A fact may arrive just before or just after somebody's click."""

    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        act = data.draw(subject.acts)
        fact = data.draw(st.one_of(*subject.facts.values()))
        assume(not isinstance(act, subject.reopening))
        try:
            act_first = subject.domain.decide(subject.domain.decide(state, act).state, fact).state
            fact_first = subject.domain.decide(subject.domain.decide(state, fact).state, act).state
        except Refused:
            return
        assert act_first == fact_first

    for_all(holds)


@every_module
def test_facts_are_never_refused(subject):
    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        fact = data.draw(st.one_of(*subject.facts.values()))
        assert subject.domain.decide(state, fact).state.case == CASE

    for_all(holds)


@every_module
def test_deciding_is_pure(subject):
    """The same twice, and the state that went in is untouched."""

    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        command = data.draw(subject.commands)
        before, asked = copy.deepcopy(state), copy.deepcopy(command)
        answers = []
        for _ in range(2):
            try:
                answers.append(subject.domain.decide(state, command))
            except Refused as refusal:
                answers.append(refusal.reason)
        assert answers[0] == answers[1]
        assert (state, command) == (before, asked)

    for_all(holds)


@every_module
def test_every_event_is_about_the_case(subject):
    """Order per case on the bus rests on it."""

    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        try:
            decision = subject.domain.decide(state, data.draw(subject.commands))
        except Refused:
            return
        assert {event.case for event in decision.events} <= {CASE}
        assert decision.state.case == CASE

    for_all(holds)


@every_module
def test_a_state_survives_being_stored(subject):
    """What the runtime writes as JSON is read back as the same state, to the microsecond."""
    adapter: TypeAdapter[Any] = TypeAdapter(subject.state)

    def holds(data):
        state = reach(subject, data.draw(pasts(subject)))
        assume(state is not None)
        assert adapter.validate_python(adapter.dump_python(state, mode="json")) == state

    for_all(holds)


RANK = {None: 0, ReportType.SIGNAL: 1, ReportType.MELDING: 2, ReportType.AANGIFTE: 3}
RAISES = {
    ReportType.SIGNAL: (reporting.RecordSignal,),
    ReportType.MELDING: (reporting.ReportIncident, reporting.MakeMelding),
    ReportType.AANGIFTE: (reporting.ConfirmAangifte,),
}


def test_only_the_victim_makes_a_melding_and_only_the_police_an_aangifte():
    """INV-7, and no report ever falls back."""

    def holds(data):
        state = None
        for step in data.draw(pasts(REPORTING)):
            after = reach_one(state, step)
            old, new = state and state.type, after and after.type
            assert RANK[new] >= RANK[old]
            if new is not old:
                assert isinstance(step, RAISES[new])
            state = after

    def reach_one(state, step):
        return pass_deadline(REPORTING, state, step) if isinstance(step, int) else apply(REPORTING, state, step)

    for_all(holds)


def test_every_melding_is_told_exactly_once():
    """R-MEL-05, INV-2: none is filtered out."""

    def holds(data):
        state, told = None, 0
        for step in data.draw(st.lists(REPORTING.commands, max_size=12)):
            try:
                decision = reporting.decide(state, step)
            except Refused:
                continue
            state = decision.state
            told += sum(isinstance(event, IncidentReported) for event in decision.events)
        assert told == (1 if state is not None and state.reported_at is not None else 0)

    for_all(holds)


def test_a_decision_of_the_hovj_implies_an_earlier_weighing_that_qualifies():
    """INV-3, by decision time."""
    seen = set()

    @settings(deadline=None, max_examples=150, derandomize=True)
    @given(openings, conclusions, decisions, pasts(WEIGHING))
    def holds(opening, conclusion, decision, steps):
        state = reach(WEIGHING, [opening, conclusion, decision, *steps])
        made, first = state.decision, state.first_weighing
        seen.add(made is not None)
        if made is not None:
            assert first.qualifies
            assert first.target is TargetType.PERSON
            assert first.decided_at <= made.decided_at <= made.recorded_at

    holds()
    assert seen == {True, False}


def test_no_grant_is_higher_than_what_was_eligible_when_it_was_decided():
    """INV-5: eligible means above PKVW, for the municipality, advised, aangifte confirmed."""
    seen = set()
    facts = [
        safety_net.NoteIncident(CASE, "9901", Office.ALDERMAN),
        safety_net.NoteAangifte(CASE, DAY),
        safety_net.NoteAdvice(CASE, START),
        safety_net.RequestFunding(CASE, "a", "9901", Channel.FORM, "", START, timedelta(days=14)),
    ]

    @settings(deadline=None, max_examples=120, derandomize=True)
    @given(st.sets(st.sampled_from(range(4))), pasts(SAFETY_NET))
    def holds(left_out, steps):
        before = reach(SAFETY_NET, [fact for number, fact in enumerate(facts) if number not in left_out])
        for step in steps:
            after = (
                pass_deadline(SAFETY_NET, before, step) if isinstance(step, int) else apply(SAFETY_NET, before, step)
            )
            if isinstance(step, safety_net.Grant) and after != before:
                seen.add("granted")
                assert before.aangifte_on is not None
                assert before.advised_at is not None
                eligible = [
                    line.amount_cents for line in before.lines if line.above_pkvw and line.payer is Payer.MUNICIPALITY
                ]
                assert 0 < after.request.outcome.granted_cents <= sum(eligible)
            before = after

    holds()
    assert seen == {"granted"}


def test_the_cost_lines_of_a_measure_are_its_bill_and_each_has_one_payer_and_one_rule():
    """INV-4."""

    def holds(data):
        state = reach(COSTS, [data.draw(COSTS.facts["assessment.measures"])])
        command = data.draw(COSTS.acts)
        try:
            decision = costs.decide(state, command)
        except Refused:
            return
        new = decision.state.lines[len(state.lines) :]
        assert sum(line.amount_cents for line in new) == command.up_to_pkvw_cents + command.above_pkvw_cents
        for line in new:
            assert (line.payer is None) == (line.rule is None) == (line.rule_version is None)
        assert [event.line for event in decision.events] == [line.id for line in new if line.payer is not None]

    for_all(holds)


MONEY = ("funding", "budget", "cost", "invoice", "payer", "grant", "council")


@pytest.mark.parametrize("folder", ["services/assessment", "services/aftercare", "services/intake"])
def test_no_code_of_safety_or_care_knows_money(folder):
    """INV-1, structurally: nothing of funding is imported, so no money command or event can move a measure or care."""
    files = sorted((ROOT / folder).rglob("*.py"))
    assert any(file.name == "domain.py" for file in files)
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found = [name for name in names if "funding" in name.lower()]
            assert not found, f"{file.relative_to(ROOT)} imports {found}"


@pytest.mark.parametrize("subject", [MEASURES, CALLBACK, WEIGHING, REPORTING], ids=str)
def test_no_state_of_safety_or_care_holds_money(subject):
    """INV-1: what is not in the state cannot be a guard."""
    classes = [thing for thing in vars(subject.domain).values() if isinstance(thing, type)]
    own = [one for one in classes if one.__module__ == subject.domain.__name__ and hasattr(one, "__dataclass_fields__")]
    names = [field.name for one in own for field in fields(one)]
    assert names
    assert not [name for name in names if any(word in name for word in MONEY)]


def test_domains_have_no_clock_no_chance_and_no_settings():
    """Pure core: time, ids and policy come inside the command."""
    forbidden = {"os", "random", "secrets", "time", "uuid", "asyncio", "pathlib", "logging"}
    calls = {"now", "utcnow", "today", "open", "print", "input"}
    for subject in SUBJECTS:
        tree = ast.parse(Path(subject.domain.__file__).read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert not {alias.name for alias in node.names} & forbidden, str(subject)
            if isinstance(node, ast.ImportFrom):
                assert node.module not in forbidden, str(subject)
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                assert name not in calls, f"{subject} calls {name}"
