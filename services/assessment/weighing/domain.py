"""Weighing: RCCB's first weighing, then the decision of the HOvJ. The software times and records; people decide.

Each decision keeps the moment it was taken and the moment it was recorded (oral decisions at night, S-SBB-15).
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from services.assessment.weighing import deciding
from services.assessment.weighing.commands import (
    ChooseAuthority,
    Command,
    ConcludeFirstWeighing,
    ConfirmDecision,
    DecideOnMeasures,
    NoteAangifte,
    NoteLink,
    NoteMutatie,
    NoteWithdrawn,
    OfPeople,
    OpenWeighing,
    OrderInterpretation,
    RecordThreatProduct,
    Reopen,
)
from services.assessment.weighing.facts import note
from services.assessment.weighing.record import (
    FirstWeighing,
    Reopening,
    Round,
    Weighing,
    settled,
    unconfirmed,
    with_round,
)
from shared.contracts.assessment import FirstWeighingConcluded, FirstWeighingOverdue, WeighingReopened
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused, check_reason

FIRST_WEIGHING = "first-weighing"
ANALYSIS = "closer-interpretation"
CONFIRMATION = "decision-confirmation"
WITH_REASON = (ConcludeFirstWeighing, ChooseAuthority, OrderInterpretation, DecideOnMeasures)
"""INV-10: none of these without a reason."""


def decide(state: Weighing | None, command: Command) -> Decision[Weighing]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case OpenWeighing() | NoteAangifte() | NoteMutatie() | NoteWithdrawn() | NoteLink():
            decision = note(state or Weighing(command.case), command)
        case DeadlinePassed():
            if state is None:
                raise Refused("Deze zaak is niet bekend.")
            decision = _deadline(state, command)
        case _:
            if state is None or state.round is None:
                raise Refused("Deze zaak is nog niet ontvangen.")
            decision = _act(state, state.round, command)
    return Decision(settled(decision.state), decision.events)


def _act(state: Weighing, current: Round, command: OfPeople) -> Decision[Weighing]:
    if isinstance(command, WITH_REASON):
        check_reason(command.reason)
    match command:
        case ConcludeFirstWeighing():
            return _first_weighing(state, current, command)
        case ChooseAuthority():
            return deciding.choose(state, command)
        case OrderInterpretation():
            return deciding.order(state, command)
        case RecordThreatProduct():
            return deciding.record_product(state, command)
        case DecideOnMeasures():
            return deciding.rule(state, command)
        case ConfirmDecision():
            return deciding.confirm(state, command)
        case Reopen():
            return _reopen(state, current, command)
        case _:
            assert_never(command)


def _first_weighing(state: Weighing, current: Round, command: ConcludeFirstWeighing) -> Decision[Weighing]:
    if current.first_weighing is not None:
        raise Refused("De eerste weging is al afgerond. Klopt zij niet? Heropen dan de zaak.")
    if command.decided_at > command.at:
        raise Refused("Een weging kan niet in de toekomst genomen zijn.")
    weighing = FirstWeighing(
        command.qualifies, command.target, command.reason, command.assessor, command.decided_at, command.at,
        threat=command.threat, risk=command.risk, marks=command.marks, rule_version=command.rule_version,
    )  # fmt: skip
    event = FirstWeighingConcluded(
        case=state.case, qualifies=command.qualifies, target=command.target, decided_at=command.decided_at
    )
    return Decision(with_round(state, replace(current, first_weighing=weighing)), (event,))


def _reopen(state: Weighing, current: Round, command: Reopen) -> Decision[Weighing]:
    if current.first_weighing is None:
        raise Refused("De eerste weging loopt nog.")
    reopening = Reopening(command.reason, command.words, command.by)
    again = Round(command.at, command.at + command.weigh_within, reopening)
    event = WeighingReopened(case=state.case, reason=command.reason, reopened_at=command.at)
    return Decision(replace(state, rounds=(*state.rounds, again)), (event,))


def _deadline(state: Weighing, command: DeadlinePassed) -> Decision[Weighing]:
    if Deadline(command.name, command.due) not in deadlines(state):
        return Decision(state)
    if command.name == FIRST_WEIGHING and state.round is not None:
        late = FirstWeighingOverdue(case=state.case, due_at=command.due)
        return Decision(with_round(state, replace(state.round, overdue=True)), (late,))
    # Of the other two a mark in the lists is enough: they hold up nothing.
    if command.name == ANALYSIS and state.analysis is not None:
        waiting = replace(state.analysis, overdue=True)
        return Decision(replace(state, interpretations=(*state.interpretations[:-1], waiting)))
    rounds = list(state.rounds)
    number = unconfirmed(state)
    if number is not None:
        *earlier, ruling = rounds[number].rulings
        rounds[number] = replace(rounds[number], rulings=(*earlier, replace(ruling, confirmation_overdue=True)))
    return Decision(replace(state, rounds=tuple(rounds)))


def deadlines(state: Weighing) -> tuple[Deadline, ...]:
    """The first weighing, an analysis and a confirmation, each until it is done or was told to be late."""
    due = []
    current = state.round
    if current is not None and current.first_weighing is None and not current.overdue:
        due.append(Deadline(FIRST_WEIGHING, current.weigh_before))
    if state.analysis is not None and not state.analysis.overdue:
        due.append(Deadline(ANALYSIS, state.analysis.due_at))
    number = unconfirmed(state)
    ruling = state.rounds[number].ruling if number is not None else None
    if ruling is not None and ruling.confirm_before is not None and not ruling.confirmation_overdue:
        due.append(Deadline(CONFIRMATION, ruling.confirm_before))
    return tuple(due)


def is_closed(state: Weighing) -> bool:
    """A case can always be weighed anew."""
    return False
