"""What holds of care whatever happens and in whatever order (Hypothesis)."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import timedelta

from hypothesis import assume
from hypothesis import strategies as st

from services.aftercare.callback import care as things
from services.aftercare.callback.domain import (
    MISSED,
    AddDetails,
    AssignCareWorker,
    CareState,
    CloseAftercare,
    RecordAttempt,
    RecordContact,
    ReportProgress,
    decide,
)
from shared.contracts.aftercare import (
    IvpCallbackCorrected,
    IvpCallbackDue,
    IvpCallbackMade,
    IvpCallbackMissed,
    ProgressReported,
)
from shared.contracts.decisions import DeadlinePassed, Refused
from shared.contracts.vocabulary import CareProgress
from tests.services.aftercare.callback.subject import SUBJECT, request
from tests.services.subjects import START, for_all, pasts, reach

CALL = request(things.Person(phone="a"), None, things.Whom.VICTIM, True, START, timedelta(0))
FOR_ANOTHER = replace(CALL, caller=things.Person(phone="b"), ring_first=things.Whom.CALLER)
BOTH_SPOKEN = (
    FOR_ANOTHER, RecordContact(START, START), RecordContact(START, START, things.Whom.VICTIM),
)  # fmt: skip
histories = st.builds(
    lambda before, steps: [*before, *steps], st.sampled_from([(), (CALL,), (FOR_ANOTHER,), BOTH_SPOKEN]), pasts(SUBJECT)
)
"""Pasts that often begin with a call: anything else rarely gets far."""
called = st.builds(lambda first, steps: [first, *steps], st.sampled_from([CALL, FOR_ANOTHER]), pasts(SUBJECT))


def told(steps):
    """All events of a past, and how it ended."""
    state, events = None, []
    for step in steps:
        if isinstance(step, int):
            due = SUBJECT.domain.deadlines(state) if state is not None else ()
            if not due:
                continue
            chosen = due[step % len(due)]
            step = DeadlinePassed(chosen.name, chosen.at, chosen.at)
        try:
            decision = decide(state, step)
        except Refused:
            continue
        state, events = decision.state, [*events, *decision.events]
    return state, events


def test_each_promise_ends_in_one_answer_and_a_miss_is_told_at_most_once():
    """S-IVP-02, S-IVP-12: as many promises as calls; each is made, missed or both, once."""

    def holds(data):
        state, events = told(data.draw(histories))
        assume(state is not None)
        count = Counter(type(event) for event in events)
        promises = [one for one in (*state.earlier, state.callback) if one is not None and one.due_at is not None]
        assert count[IvpCallbackDue] == len(promises)
        assert count[IvpCallbackMissed] == sum(one.missed_at is not None for one in promises)
        late = [one for one in promises if one.made_at is not None and not one.in_time]
        assert all(one.missed_at == one.due_at for one in late), "who was called late was told so"
        corrected = [one for one in promises if one.in_time and one.missed_at is not None]
        assert count[IvpCallbackCorrected] == len(corrected)
        assert all(one.entered_at > one.due_at or one.corrected_from for one in corrected)
        answered = [one for one in (*state.earlier, state.callback) if one is not None and one.made_at is not None]
        assert count[IvpCallbackMade] == len(answered)

    for_all(holds)


def test_only_contact_stops_the_clock():
    """Timer of IVP: not an attempt, not a worker, not more details, not an offer, not the end of care."""

    def holds(data):
        state = reach(SUBJECT, data.draw(called))
        assume(state is not None and SUBJECT.domain.deadlines(state))
        command = data.draw(SUBJECT.commands)
        assume(not isinstance(command, RecordContact))
        try:
            after = decide(state, command).state
        except Refused:
            return
        assert set(SUBJECT.domain.deadlines(state)) <= set(SUBJECT.domain.deadlines(after))
        assert after.waits and not SUBJECT.domain.is_closed(after)

    for_all(holds)


def test_the_miss_is_woken_for_until_it_was_told_or_contact_was_made():
    def holds(data):
        state = reach(SUBJECT, data.draw(called))
        assume(state is not None and state.callback is not None and state.callback.due_at is not None)
        names = {due.name for due in SUBJECT.domain.deadlines(state)}
        callback = state.callback
        assert (MISSED in names) == (callback.made_at is None and callback.missed_at is None)

    for_all(holds)


def test_the_caller_is_told_nothing_before_the_victim_spoke_nor_after_an_objection():
    """S-IVP-05, S-IVP-07, §3.2."""

    def holds(data):
        state = reach(SUBJECT, data.draw(histories))
        assume(state is not None)
        if state.objected_at is not None:
            assert state.progress is None
        try:
            decision = decide(state, ReportProgress(data.draw(st.sampled_from(CareProgress)), START))
        except Refused:
            return
        if any(isinstance(event, ProgressReported) for event in decision.events):
            assert state.caller is not None and state.objected_at is None
            assert state.callback.victim_spoken_at is not None

    for_all(holds)


def test_nothing_of_the_past_is_lost():
    """INV-11: numbers, callers, call backs, workers, what was told."""

    def holds(data):
        state = reach(SUBJECT, data.draw(histories))
        assume(state is not None)
        try:
            after = decide(state, data.draw(SUBJECT.commands)).state
        except Refused:
            return

        def numbers(one):
            people = [one.victim, *one.earlier_callers, *([one.caller] if one.caller else [])]
            return {person.phone for person in people} | set(one.earlier_phones)

        assert numbers(state) - {""} <= numbers(after)
        for name in ("earlier_callers", "earlier_phones", "earlier", "workers", "told", "incidents"):
            assert getattr(after, name)[: len(getattr(state, name))] == getattr(state, name), name
        assert len(after.earlier) + bool(after.callback) >= len(state.earlier) + bool(state.callback)

    for_all(holds)


def test_the_ivp_works_for_nobody_who_did_not_ask():
    """R-IVP-09: no attempt, contact, worker or end before acceptance or an own call."""

    def holds(data):
        state = reach(SUBJECT, data.draw(st.lists(st.one_of(*SUBJECT.facts.values()), min_size=1, max_size=4)))
        act = data.draw(SUBJECT.acts)
        if isinstance(act, RecordAttempt | RecordContact | AssignCareWorker | CloseAftercare | ReportProgress):
            try:
                decide(state, act)
            except Refused:
                return
            raise AssertionError(act)
        assert state.status in (CareState.KNOWN, CareState.OFFERED)

    for_all(holds)


def test_there_is_no_field_for_what_was_said():
    """R-IVP-09: no content of care is stored, because there is nowhere to put it."""
    texts = {
        f"{kind.__name__}.{field.name}"
        for kind in vars(things).values()
        if isinstance(kind, type) and kind.__module__ == things.__name__ and hasattr(kind, "__dataclass_fields__")
        for field in fields(kind)
        if "str" in str(field.type)
    }
    assert texts == {
        "Person.name", "Person.address", "Person.function", "Person.phone", "Care.case", "Care.earlier_phones",
        "Worker.big", "Worker.account",
    }  # fmt: skip


def test_details_never_move_the_clock():
    """R-IVP-07: they follow; nothing waits for them."""

    def holds(data):
        state = reach(SUBJECT, data.draw(histories))
        details = AddDetails(things.Person("A. Voorbeeld", "", "", "0000000001"), None, None)
        assume(state is not None)
        decision = decide(state, details)
        assert (decision.state.callback, decision.state.status, decision.events) == (state.callback, state.status, ())

    for_all(holds)
