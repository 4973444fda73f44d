"""Facts from intake: accepted in any state, kept, and in any order the same in the end."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from services.assessment.weighing.commands import (
    Fact,
    NoteAangifte,
    NoteLink,
    NoteMutatie,
    NoteWithdrawn,
    OpenWeighing,
)
from services.assessment.weighing.record import Round, Weighing
from shared.contracts.assessment import WeighingOpened
from shared.contracts.decisions import Decision


def note(state: Weighing, fact: Fact) -> Decision[Weighing]:
    """Keeps a fact. Only the report itself is told on."""
    match fact:
        case OpenWeighing():
            return _open(state, fact)
        case NoteAangifte():
            return Decision(replace(state, aangifte_on=fact.filed_on))
        case NoteMutatie():
            return Decision(replace(state, mutaties=tuple(sorted({*state.mutaties, fact.registered_on}))))
        case NoteWithdrawn():
            return Decision(replace(state, withdrawn_at=fact.at))
        case NoteLink():
            return Decision(replace(state, linked=tuple(sorted({*state.linked, fact.other}))))
        case _:
            assert_never(fact)


def _open(state: Weighing, fact: OpenWeighing) -> Decision[Weighing]:
    if state.received_at is not None:
        return Decision(state)
    after = replace(
        state,
        received_at=fact.at,
        office=fact.office,
        kind=fact.kind,
        urgency=fact.urgency,
        person=fact.person,
        municipality=fact.municipality,
        rounds=(Round(fact.at, fact.at + fact.weigh_within),),
    )
    return Decision(after, (WeighingOpened(case=state.case, opened_at=fact.at),))
