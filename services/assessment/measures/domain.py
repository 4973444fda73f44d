"""Measures: advised by police or OM to the person or the municipality, or taken by the State; reviewed, scaled down.

No transition here looks at money (INV-1). A review date never ends a measure by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from services.assessment.measures import ending, taking
from services.assessment.measures.answering import answer
from services.assessment.measures.commands import (
    Accept,
    AdviseMeasures,
    AnnounceScaleDown,
    Command,
    ConfirmStateMeasures,
    Decline,
    Fact,
    NoteAssessment,
    NoteFirstWeighing,
    NoteIncident,
    NoteLink,
    OfPolice,
    ReportImplemented,
    ReviewMeasures,
    ScaleDown,
    TakeStateMeasures,
)
from services.assessment.measures.record import Decided, Link, Measure, Measures, awaited, reviewed_within, settled
from shared.contracts.assessment import AdviceUnanswered, AdvisedMeasure, MeasureReviewDue, MeasuresAdvised
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.vocabulary import Addressee

ADVICE = "advice-unanswered"
REVIEW = "review"
CONFIRMATION = "state-measures-confirmation"
UNKNOWN = "Deze zaak is hier nog niet bekend."


def decide(state: Measures | None, command: Command) -> Decision[Measures]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case NoteIncident() | NoteFirstWeighing() | NoteAssessment() | NoteLink():
            decision: Decision[Measures] = Decision(_note(state or Measures(command.case), command))
        case Accept() | Decline() | ReportImplemented():
            decision = answer(state, command)
        case DeadlinePassed():
            if state is None:
                raise Refused("Deze zaak is niet bekend.")
            decision = _deadline(state, command)
        case _:
            if state is None or state.municipality is None:
                raise Refused(UNKNOWN)
            decision = _act(state, state.municipality, command)
    return Decision(settled(decision.state), decision.events)


def _note(state: Measures, fact: Fact) -> Measures:
    match fact:
        case NoteIncident():
            return replace(state, municipality=fact.municipality, office=fact.office)
        case NoteFirstWeighing():
            qualified = {*state.qualified, fact.decided_at} if fact.qualifies else state.qualified
            return replace(state, qualified=tuple(sorted(qualified)))
        case NoteAssessment():
            decided = Decided(fact.decided_at, fact.measures_needed, fact.confirmed)
            known = state.decisions[-1:] == (decided,)
            return state if known else replace(state, decisions=(*state.decisions, decided))
        case NoteLink():
            link = Link(fact.later, fact.at, fact.at + fact.review_within)
            known = any(one.case == link.case for one in state.links)
            links = state.links if known else tuple(sorted((*state.links, link), key=lambda one: (one.at, one.case)))
            return replace(state, links=links)
        case _:
            assert_never(fact)


def _act(state: Measures, municipality: str, command: OfPolice) -> Decision[Measures]:
    match command:
        case AdviseMeasures():
            return _advise(state, municipality, command)
        case TakeStateMeasures():
            return taking.take(state, command)
        case ConfirmStateMeasures():
            return taking.confirm(state, command)
        case ReviewMeasures():
            return ending.review(state, command)
        case AnnounceScaleDown():
            return ending.announce(state, command)
        case ScaleDown():
            return ending.scale_down(state, command)
        case _:
            assert_never(command)


def _advise(state: Measures, municipality: str, command: AdviseMeasures) -> Decision[Measures]:
    lines = tuple(_dated(line, command) for line in command.lines)
    after = replace(
        reviewed_within(state, command.at, command.review_after), lines=state.lines + lines, advised_at=command.at
    )
    told = tuple(
        AdvisedMeasure(
            measure=line.id, type=line.type, place=line.place, above_pkvw=line.above_pkvw,
            addressee=line.addressee, urgency=line.urgency, executor=line.executor,
        )
        for line in lines
    )  # fmt: skip
    event = MeasuresAdvised(case=state.case, municipality=municipality, advised_at=command.at, lines=told)
    return Decision(after, (event,))


def _dated(line: Measure, command: AdviseMeasures) -> Measure:
    """Each line has a term of its own: later advice never gives more time for what was advised before."""
    if line.addressee is Addressee.PERSON:  # is free to take his time
        return replace(line, advised_at=command.at)
    return replace(line, advised_at=command.at, answer_before=command.at + command.answer.within(line.urgency))


def _deadline(state: Measures, command: DeadlinePassed) -> Decision[Measures]:
    if Deadline(command.name, command.due) not in deadlines(state):
        return Decision(state)
    if command.name == ADVICE:
        lines = tuple(
            replace(line, unanswered_at=command.due) if awaited(line) and line.answer_before == command.due else line
            for line in state.lines
        )
        return Decision(replace(state, lines=lines), (AdviceUnanswered(case=state.case, due_at=command.due),))
    if command.name == REVIEW:
        again = command.at + state.review_every if state.review_every else None
        since = state.review_due_since or command.due
        after = replace(state, next_review=again, reminded_of=command.due, review_due_since=since)
        return Decision(after, (MeasureReviewDue(case=state.case, due_at=command.due),))
    taken = tuple(
        replace(one, confirmation_overdue=True) if one.confirm_before == command.due and not one.confirmed else one
        for one in state.taken
    )
    return Decision(replace(state, taken=taken))


def deadlines(state: Measures) -> tuple[Deadline, ...]:
    """An answer from the municipality; the review, again and again until a human looks; a confirmation."""
    due = ((ADVICE, state.answer_before), (REVIEW, state.review_at), (CONFIRMATION, state.confirm_before))
    return tuple(Deadline(name, at) for name, at in due if at is not None)


def is_closed(state: Measures) -> bool:
    """Measures can always be advised again."""
    return False
