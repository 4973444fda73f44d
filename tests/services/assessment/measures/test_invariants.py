"""The invariants of this module, whatever the commands and their order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.assessment.measures.commands import AdviseMeasures, ConfirmStateMeasures, NoteFirstWeighing, ScaleDown
from services.assessment.measures.domain import deadlines, decide
from services.assessment.measures.record import MeasureState
from shared.contracts.assessment import MeasuresAdvised, StateMeasuresTaken
from shared.contracts.decisions import Refused
from tests.services.assessment.measures.subject import SUBJECT, advice, assessed, incidents, takings, weighed
from tests.services.subjects import CASE, START, for_all, pasts, reach


def test_what_the_state_takes_was_weighed_and_decided_before_or_is_to_be_confirmed():
    """INV-3, by decision time."""
    seen = set()
    early = st.builds(NoteFirstWeighing, st.just(CASE), st.just(True), st.just(START))

    @settings(deadline=None, max_examples=300, derandomize=True)
    @given(incidents, weighed | early, assessed, takings, pasts(SUBJECT), st.booleans())
    def holds(incident, weighing, decision, taking, steps, confirmed):
        last = [ConfirmStateMeasures("hovj-2", START + timedelta(hours=4))] if confirmed else []
        state = reach(SUBJECT, [incident, weighing, decision, taking, *steps, *last])
        for one in state.taken:
            seen.add((one.acute, one.confirmed))
            before = [made.at for made in state.decisions if made.measures_needed]
            if not one.acute:
                before = [at for at in before if at <= one.taken_at]
            if one.confirmed:
                assert any(qualified <= at for qualified in state.qualified for at in before)
            assert one.lighter or one.type != "personal-protection"
            assert one.reason, "INV-10"

    holds()
    assert seen == {(False, True), (True, False), (True, True)}


def test_advice_waits_for_nothing_once_the_case_is_known():
    """INV-1, INV-3."""

    def holds(data):
        state = reach(SUBJECT, [data.draw(incidents), *data.draw(pasts(SUBJECT))])
        (event,) = decide(state, data.draw(advice)).events
        assert isinstance(event, MeasuresAdvised)

    for_all(holds)


def test_nothing_ends_by_itself_and_no_line_goes():
    """INV-11: only a human with a reason ends a measure; what was said about a line stays."""

    def holds(data):
        before = reach(SUBJECT, data.draw(pasts(SUBJECT)))
        command = data.draw(st.one_of(SUBJECT.commands))
        if before is None:
            return
        try:
            after = decide(before, command).state
        except Refused:
            return
        ended = {one.id for one in after.lines if one.state is MeasureState.SCALED_DOWN}
        already = {one.id for one in before.lines if one.state is MeasureState.SCALED_DOWN}
        assert ended == already or isinstance(command, ScaleDown)
        assert all(one.reason for one in after.ended), "INV-10"
        assert [one.id for one in after.lines][: len(before.lines)] == [one.id for one in before.lines]
        assert after.ended[: len(before.ended)] == before.ended
        for old, new in zip(before.lines, after.lines, strict=False):
            assert not old.declined_at or new.declined_at

    for_all(holds)


def test_running_measures_always_have_a_next_review():
    """Timer of SBB: it never lapses."""

    def holds(data):
        state = reach(SUBJECT, data.draw(pasts(SUBJECT)))
        if state is not None:
            assert state.running == any(due.name == "review" for due in deadlines(state))

    for_all(holds)


def test_what_the_state_takes_is_in_no_event_that_others_read():
    """K7, R-KST-05: advice, for funding and the municipality, never holds a State measure."""

    def holds(data):
        before = reach(SUBJECT, data.draw(pasts(SUBJECT)))
        try:
            decision = decide(before, data.draw(SUBJECT.acts))
        except Refused:
            return
        taken = {one.id for one in decision.state.taken}
        for event in decision.events:
            assert not isinstance(event, StateMeasuresTaken) or set(event.data()) == {"case", "taken_at", "confirmed"}
            if isinstance(event, MeasuresAdvised):
                assert not taken & {line.measure for line in event.lines}

    for_all(holds)


def test_advice_is_the_only_way_a_line_comes():
    def holds(data):
        before = reach(SUBJECT, data.draw(pasts(SUBJECT)))
        command = data.draw(SUBJECT.commands)
        try:
            after = decide(before, command).state
        except Refused:
            return
        assert len(after.lines) == len(before.lines if before else ()) or isinstance(command, AdviseMeasures)

    for_all(holds)
