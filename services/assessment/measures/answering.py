"""What the addressee of advice does with it: yes, no, done. Only with lines addressed to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.assessment.measures.commands import Accept, Decline, OfAddressee
from services.assessment.measures.record import Measure, Measures, MeasureState
from shared.contracts.assessment import AdviceAccepted, AdviceDeclined, MeasureImplemented
from shared.contracts.decisions import Decision, Refused
from shared.contracts.envelope import Event
from shared.contracts.vocabulary import Addressee


def answer(state: Measures | None, command: OfAddressee) -> Decision[Measures]:
    """Facts of the addressee about one line. A "no" may become a "yes" and the other way round, until it is done."""
    known, line = _own(state, command)
    if line.state in (MeasureState.IMPLEMENTED, MeasureState.SCALED_DOWN):
        raise Refused("Deze maatregel is al uitgevoerd of beëindigd.")
    match command:
        case Accept():
            done, event = _accepted(known, line, command.at)
        case Decline():
            done, event = _declined(known, line, command)
        case _:
            done = replace(line, state=MeasureState.IMPLEMENTED, implemented_at=command.at)
            event = MeasureImplemented(case=known.case, measure=line.id, implemented_at=command.at)
    lines = tuple(done if other.id == line.id else other for other in known.lines)
    return Decision(replace(known, lines=lines), (event,))


def _own(state: Measures | None, command: OfAddressee) -> tuple[Measures, Measure]:
    """The line, if it is addressed to who speaks. Every "no" sounds the same: it tells nothing of other cases."""
    person = command.municipality is None
    line = next((line for line in state.lines if line.id == command.measure), None) if state else None
    if state is not None and line is not None:
        addressed = line.addressee is (Addressee.PERSON if person else Addressee.MUNICIPALITY)
        if addressed and (person or state.municipality == command.municipality):
            return state, line
    raise Refused(f"Deze maatregel is niet aan {'u' if person else 'uw gemeente'} geadviseerd.")


def _accepted(state: Measures, line: Measure, at: datetime) -> tuple[Measure, Event]:
    if line.state is MeasureState.ACCEPTED:
        raise Refused("Dit antwoord staat er al.")
    done = replace(line, state=MeasureState.ACCEPTED, accepted_at=at)
    return done, AdviceAccepted(case=state.case, measure=line.id, accepted_at=at)


def _declined(state: Measures, line: Measure, command: Decline) -> tuple[Measure, Event]:
    if line.state is MeasureState.DECLINED:
        raise Refused("Dit antwoord staat er al.")
    done = replace(line, state=MeasureState.DECLINED, declined_at=command.at, decline_reason=command.reason)
    return done, AdviceDeclined(case=state.case, measure=line.id, declined_at=command.at)
