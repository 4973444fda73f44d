"""The invariants of this module, whatever the commands and their order."""

from __future__ import annotations

from hypothesis import strategies as st

from services.intake.reporting import domain as reporting
from shared.contracts.decisions import Refused
from shared.contracts.intake import IncidentReported
from shared.contracts.vocabulary import ReportType
from tests.services.intake.reporting.subject import SUBJECT
from tests.services.subjects import apply, for_all, pass_deadline, pasts

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
        for step in data.draw(pasts(SUBJECT)):
            after = reach_one(state, step)
            old, new = state and state.type, after and after.type
            assert RANK[new] >= RANK[old]
            if new is not old:
                assert isinstance(step, RAISES[new])
            state = after

    def reach_one(state, step):
        return pass_deadline(SUBJECT, state, step) if isinstance(step, int) else apply(SUBJECT, state, step)

    for_all(holds)


def test_every_melding_is_told_exactly_once():
    """R-MEL-05, INV-2: none is filtered out."""

    def holds(data):
        state, told = None, 0
        for step in data.draw(st.lists(SUBJECT.commands, max_size=12)):
            try:
                decision = reporting.decide(state, step)
            except Refused:
                continue
            state = decision.state
            told += sum(isinstance(event, IncidentReported) for event in decision.events)
        assert told == (1 if state is not None and state.reported_at is not None else 0)

    for_all(holds)
