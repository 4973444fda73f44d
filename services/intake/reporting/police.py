"""What the police record of a case: the talk and their advice, the mutatie, the aangifte, a criminal investigation.

Only they do; and none of it is a choice of the person, who is free to follow the advice or not (R-MEL-08).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from services.intake.reporting.commands import (
    AdviseFiling,
    ByPolice,
    ConfirmAangifte,
    OpenCriminalTrack,
    RecordTalk,
    RecordVictimTold,
    RegisterMutatie,
)
from services.intake.reporting.incident import Advice, Mutatie
from services.intake.reporting.report import Report, open_talk, told
from shared.contracts.decisions import Decision, Refused
from shared.contracts.intake import (
    AangifteFiled,
    CriminalTrackOpened,
    FilingAdvised,
    MutatieRegistered,
    PoliceConsulted,
)
from shared.contracts.vocabulary import ReportType


def by_police(state: Report, command: ByPolice) -> Decision[Report]:
    """Decides on an act of the police on a known case."""
    match command:
        case RecordTalk():
            return _held(state, command)
        case AdviseFiling():
            return _advise(state, command)
        case RegisterMutatie():
            return _mutatie(state, command)
        case ConfirmAangifte():
            return _aangifte(state, command)
        case OpenCriminalTrack():
            return _criminal_track(state, command.opened_on)
        case RecordVictimTold():
            if state.incident is None or state.incident.reporter is None:
                raise Refused("De persoon heeft dit zelf gemeld.")
            return Decision(told(state, command.at))
        case _:
            assert_never(command)


def _held(state: Report, command: RecordTalk) -> Decision[Report]:
    talk = open_talk(state)
    if talk is None:
        raise Refused("Er is geen gesprek gevraagd dat nog moet komen.")
    if command.held_at > command.at:
        raise Refused("Een gesprek kan niet in de toekomst geweest zijn.")
    talks = (*state.talks[:-1], replace(talk, held_at=command.held_at))
    event = PoliceConsulted(case=state.case, consulted_at=command.held_at)
    return Decision(replace(state, talks=talks, follow_up_before=None), (event,))


def _advise(state: Report, command: AdviseFiling) -> Decision[Report]:
    if state.type is ReportType.AANGIFTE:
        raise Refused("De aangifte is al bevestigd.")
    talk = state.talks[-1] if state.talks else None
    if talk is None or talk.held_at is None:
        raise Refused("Eerst het gesprek, dan het advies.")
    advice = Advice(command.advice, command.words, command.at)
    if talk.advice and replace(talk.advice[-1], at=command.at) == advice:
        raise Refused("Dit advies staat er al.")
    talks = (*state.talks[:-1], replace(talk, advice=(*talk.advice, advice)))
    event = FilingAdvised(case=state.case, advice=command.advice, advised_at=command.at)
    return Decision(replace(state, talks=talks), (event,))


def _mutatie(state: Report, command: RegisterMutatie) -> Decision[Report]:
    if state.reported_at is None and not any(talk.held_at for talk in state.talks):
        raise Refused("Er is nog geen melding of gesprek geweest.")
    if any(one.reference == command.reference for one in state.mutaties):
        raise Refused("Deze mutatie staat er al.")
    after = replace(state, mutaties=(*state.mutaties, Mutatie(command.reference, command.registered_on)))
    # Of a talk the chain hears nothing; should it become a melding, it hears of the mutatie then.
    event = MutatieRegistered(case=state.case, registered_on=command.registered_on)
    return Decision(after, (event,) if state.reported_at is not None else ())


def _aangifte(state: Report, command: ConfirmAangifte) -> Decision[Report]:
    if state.reported_at is None:
        raise Refused("Voor een aangifte is eerst een melding nodig.")
    if state.type is ReportType.AANGIFTE:
        raise Refused("De aangifte is al bevestigd.")
    filed = replace(
        told(state, command.at),
        type=ReportType.AANGIFTE,
        aangifte_reference=command.reference,
        aangifte_on=command.filed_on,
        follow_up_before=None,
    )
    events = (AangifteFiled(case=state.case, filed_on=command.filed_on),)
    if command.criminal_track_on is None:
        return Decision(filed, events)
    track = _criminal_track(filed, command.criminal_track_on)
    return Decision(track.state, events + track.events)


def _criminal_track(state: Report, opened_on: date) -> Decision[Report]:
    if state.type is not ReportType.AANGIFTE:
        raise Refused("Een strafrechtelijk onderzoek begint hier met een aangifte.")
    if state.criminal_track_on is not None:
        raise Refused("Het strafrechtelijk onderzoek staat er al.")
    event = CriminalTrackOpened(case=state.case, opened_on=opened_on)
    return Decision(replace(state, criminal_track_on=opened_on), (event,))
