"""The invariants of this module, whatever the commands and their order."""

from __future__ import annotations

from hypothesis import strategies as st

from services.intake.reporting import commands, domain
from services.intake.reporting.report import police_may_read, waits_for
from shared.contracts.decisions import Refused
from shared.contracts.intake import IncidentReported, MutatieRegistered, SignalJudged, SignalRecorded
from shared.contracts.topics import HOME, INTAKE_REPORTING
from shared.contracts.vocabulary import ReportType, SignalOutcome
from tests.services.intake.reporting.subject import SUBJECT
from tests.services.subjects import apply, for_all, pass_deadline, pasts

RANK = {None: 0, ReportType.SIGNAL: 1, ReportType.TALK: 2, ReportType.MELDING: 3, ReportType.AANGIFTE: 4}
RAISES = {
    ReportType.SIGNAL: (commands.RecordSignal,),
    ReportType.TALK: (commands.ReportDoubt, commands.JudgeSignal),
    ReportType.MELDING: (commands.ReportIncident, commands.MakeMelding, commands.JudgeSignal),
    ReportType.AANGIFTE: (commands.ConfirmAangifte,),
}
GROWS = ("judgements", "doubts", "mutaties", "linked", "linked_reported")


def one_step(state, step):
    return pass_deadline(SUBJECT, state, step) if isinstance(step, int) else apply(SUBJECT, state, step)


def test_only_the_victim_makes_a_melding_and_only_the_police_an_aangifte():
    """INV-7, and no report ever falls back."""

    def holds(data):
        state = None
        for step in data.draw(pasts(SUBJECT)):
            after = one_step(state, step)
            old, new = state and state.type, after and after.type
            assert RANK[new] >= RANK[old]
            if new is not old:
                assert isinstance(step, RAISES[new])
            state = after

    for_all(holds)


def told(commands_):
    """The state after commands, and everything that was told."""
    state, events = None, []
    for step in commands_:
        try:
            decision = domain.decide(state, step)
        except Refused:
            continue
        state = decision.state
        events += decision.events
    return state, events


def test_every_melding_is_told_exactly_once():
    """R-MEL-05, INV-2: none is filtered out."""

    def holds(data):
        state, events = told(data.draw(st.lists(SUBJECT.commands, max_size=12)))
        count = sum(isinstance(event, IncidentReported) for event in events)
        assert count == (1 if state is not None and state.reported_at is not None else 0)

    for_all(holds)


def test_every_signal_is_judged_or_still_open():
    """INV-2, R-MEL-14: it ends with who, what and why."""

    def holds(data):
        state, events = told(data.draw(st.lists(SUBJECT.commands, max_size=12)))
        if any(isinstance(event, SignalRecorded) for event in events):
            ended = state.type is not ReportType.SIGNAL or state.rested_at or state.withdrawn_at
            assert bool(state.judgements) or not ended
            assert len(state.judgements) == sum(isinstance(event, SignalJudged) for event in events)
            assert all(one.reason and one.assessor and one.outcome in SignalOutcome for one in state.judgements)

    for_all(holds)


def test_nothing_of_a_signal_or_talk_is_on_a_topic_that_others_read():
    """R-MEL-14: until it is reported; RCCB's own receipt may be early."""

    def holds(data):
        acts = st.lists(SUBJECT.acts, max_size=12)
        state, events = told(data.draw(acts))
        if state is not None and state.reported_at is None:
            assert not [event for event in events if HOME[type(event)] == INTAKE_REPORTING]

    for_all(holds)


def test_each_mutatie_of_a_melding_is_told_once():
    """R-MEL-09, also one that was made after a talk."""

    def holds(data):
        state, events = told(data.draw(st.lists(SUBJECT.acts, max_size=12)))
        count = sum(isinstance(event, MutatieRegistered) for event in events)
        assert count == (len(state.mutaties) if state is not None and state.reported_at else 0)

    for_all(holds)


def test_what_was_recorded_is_never_taken_away():
    """INV-11: lists only grow."""

    def holds(data):
        state = None
        for step in data.draw(pasts(SUBJECT)):
            after = one_step(state, step)
            for name in GROWS if state is not None else ():
                before = getattr(state, name)
                assert getattr(after, name)[: len(before)] == before
            if state is not None:
                assert [one.sha256 for one in after.evidence][: len(state.evidence)] == [
                    one.sha256 for one in state.evidence
                ]
                for old, new in zip(state.evidence, after.evidence, strict=False):
                    assert new.custody[: len(old.custody)] == old.custody
            state = after

    for_all(holds)


def test_what_is_taken_back_waits_for_nobody_and_police_work_is_theirs_to_read():
    def holds(data):
        state = None
        for step in data.draw(pasts(SUBJECT)):
            state = one_step(state, step)
            if state is None:
                continue
            assert (state.waits_since is None) == (not waits_for(state))
            if state.withdrawn_at is not None:
                assert (domain.deadlines(state), state.waits_since) == ((), None)
            if state.waits_since is not None:
                assert police_may_read(state)

    for_all(holds)
