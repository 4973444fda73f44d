"""Reporting: signal, talk, melding, aangifte; what the person chooses, what the police confirm, what RCCB receives.

Nobody but the victim makes a melding of a signal or talk, and nobody but the police makes it an aangifte (INV-7).
A signal and a talk stay with the person: no `IncidentReported`, and nothing on a topic that RCCB reads.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from services.intake.reporting.commands import (
    AddCustody,
    AddEvidence,
    Adding,
    ByPolice,
    ByVictim,
    ConfirmAangifte,
    Fact,
    JudgeSignal,
    LetRest,
    LinkIncidents,
    MakeMelding,
    NoteChosen,
    NoteFirstWeighing,
    NoteWeighingOpened,
    RecordSignal,
    RegisterMutatie,
    ReportDoubt,
    ReportIncident,
    RequestTalk,
    SetFollowUp,
    Starting,
    WishAangifte,
    Withdraw,
)
from services.intake.reporting.incident import (
    Company,
    Custody,
    Judgement,
    Talk,
)
from services.intake.reporting.police import by_police
from services.intake.reporting.report import Report, chose, open_talk, told, waits_for, without_open_talk
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.envelope import Event
from shared.contracts.intake import (
    IncidentReported,
    IncidentsLinked,
    IncidentWithdrawn,
    MutatieRegistered,
    RccbNotified,
    RccbReceiptOverdue,
    SignalJudged,
    SignalRecorded,
    TalkRequested,
)
from shared.contracts.vocabulary import ReportType, SignalOutcome

SIGNAL_UNJUDGED = "signal-unjudged"
DOUBT_FOLLOW_UP = "doubt-follow-up"
RCCB_RECEIPT = "rccb-receipt"

FILED = "Er is aangifte gedaan. Bespreek met de politie wat nog kan."
UNKNOWN = "Deze melding is niet bekend."
WITHDRAWN = "Dit is ingetrokken. U kunt altijd een nieuwe melding maken."
WITHDRAWN_FOR_POLICE = "Dit is ingetrokken. Alleen een mutatie kan er nog bij."


Command = Starting | ByVictim | ByPolice | Adding | Fact | DeadlinePassed


def decide(state: Report | None, command: Command) -> Decision[Report]:
    """Facts are accepted in any state; `Refused` only answers people."""
    decision = _decide(state, command)
    after = decision.state
    if isinstance(command, ByVictim):
        after = told(after, command.at)
    since = min((moment for _, moment in waits_for(after)), default=None)
    return Decision(replace(after, waits_since=since), decision.events)


def _decide(state: Report | None, command: Command) -> Decision[Report]:
    match command:
        case RecordSignal() | ReportIncident() | ReportDoubt():
            return _start(state, command)
        case NoteWeighingOpened():
            return _received(state or Report(command.case), command.at)
        case NoteFirstWeighing():
            return Decision(replace(state or Report(command.case), qualifies=command.qualifies))
        case NoteChosen():
            known = state or Report(command.case)
            return Decision(chose(known, command.account, command.relation, command.holds, command.at))
        case DeadlinePassed():
            return _deadline(state, command)
        case _:
            if state is None or state.incident is None:
                no_melding = isinstance(command, ConfirmAangifte)
                raise Refused("Voor een aangifte is eerst een melding nodig." if no_melding else UNKNOWN)
            return _act(state, command)


def _act(state: Report, command: ByVictim | ByPolice | Adding) -> Decision[Report]:
    if state.withdrawn_at is not None and not isinstance(command, RegisterMutatie | AddCustody):
        raise Refused(WITHDRAWN_FOR_POLICE if isinstance(command, ByPolice) else WITHDRAWN)
    match command:
        case AddEvidence() | AddCustody() | LinkIncidents():
            return _add(state, command)
        case JudgeSignal() | MakeMelding() | RequestTalk() | LetRest() | SetFollowUp() | WishAangifte() | Withdraw():
            return _by_victim(state, command)
        case _:
            return by_police(state, command)


def _by_victim(state: Report, command: ByVictim) -> Decision[Report]:
    match command:
        case JudgeSignal():
            return _judge(state, command)
        case MakeMelding():
            return _melding(state, command)
        case RequestTalk():
            return _talk(state, command)
        case LetRest():
            return _rest(state, command.at)
        case SetFollowUp():
            return _set_follow_up(state, command)
        case WishAangifte():
            return _wish(state, command)
        case Withdraw():
            return _withdraw(state, command)
        case _:
            assert_never(command)


def _start(state: Report | None, command: Starting) -> Decision[Report]:
    if state is not None and state.incident is not None:
        raise Refused("Deze melding bestaat al.")
    own = command.incident.reporter is None
    after = replace(
        state or Report(command.case),
        incident=command.incident,
        recorded_at=command.at,
        owner=command.account if own else None,
        sent_by=None if own else command.account,
        person=command.person if own else None,
        writer=None if own else command.person,
    )
    match command:
        case ReportIncident():
            return _start_chain(replace(after, noted_by=command.noted_by), command)
        case RecordSignal():
            after = replace(after, type=ReportType.SIGNAL, judge_before=command.at + command.judge_within)
            event = SignalRecorded(case=command.case, kind=command.incident.kind, recorded_at=command.at)
            return Decision(after, (event,))
        case ReportDoubt():
            return _ask_talk(after, command)
        case _:
            assert_never(command)


def _judge(state: Report, command: JudgeSignal) -> Decision[Report]:
    if state.type is not ReportType.SIGNAL:
        raise Refused("Dit is geen signaal meer.")
    company = command.company
    judged = _judged(state, command.outcome, command.reason, company, command.account, command.at)
    match command.outcome:
        case SignalOutcome.LET_REST:
            return Decision(replace(judged.state, rested_at=command.at), judged.events)
        case SignalOutcome.TALK:
            then = _ask_talk(judged.state, command)
        case SignalOutcome.REPORT:
            then = _start_chain(judged.state, command)
        case _:
            assert_never(command.outcome)
    return Decision(then.state, judged.events + then.events)


def _judged(
    state: Report, outcome: SignalOutcome, reason: str, company: Company, account: str, at: datetime
) -> Decision[Report]:
    """No signal ends without who judged it, the outcome and why (R-MEL-14, S-MEL-08)."""
    if not reason.strip():
        raise Refused("Schrijf in een paar woorden waarom u dit zo wilt.")
    judgement = Judgement(outcome, reason, company, account, at)
    after = replace(state, judgements=(*state.judgements, judgement), judge_before=None)
    return Decision(after, (SignalJudged(case=state.case, outcome=outcome, judged_at=at),))


def _melding(state: Report, command: MakeMelding) -> Decision[Report]:
    if state.reported_at is not None:
        raise Refused("Dit is al een melding.")
    if state.type is not ReportType.SIGNAL:
        return _start_chain(state, command)
    judged = _judged(state, SignalOutcome.REPORT, command.reason, Company.ALONE, command.account, command.at)
    then = _start_chain(judged.state, command)
    return Decision(then.state, judged.events + then.events)


def _start_chain(state: Report, command: ReportIncident | MakeMelding | JudgeSignal) -> Decision[Report]:
    """R-MEL-03. What the chain should have heard of before, had this been a melding, it hears now."""
    incident = state.incident
    assert incident is not None
    found = tuple(case for case in command.earlier if case != state.case)
    after = replace(
        state,
        type=ReportType.MELDING,
        reported_at=command.at,
        rested_at=None,
        follow_up_before=None,
        receipt_before=None if state.weighing_opened_at else command.at + command.receipt_within,
        aangifte_wished=command.aangifte_wished,
        aangifte_wished_at=command.at if command.aangifte_wished else None,
        linked=_with(state.linked, *found),
        linked_reported=_with(state.linked_reported, *found),
    )
    event = IncidentReported(
        case=state.case,
        report_type=ReportType.MELDING,
        kind=incident.kind,
        office=incident.office,
        municipality=incident.municipality,
        urgency=incident.urgency,
        impact=incident.impact,
        reporter_is_victim=incident.reporter is None,
        reported_at=command.at,
        context=incident.context,
        person=state.person,
        reporter=state.writer,
    )
    stored = (MutatieRegistered(case=state.case, registered_on=one.registered_on) for one in state.mutaties)
    links = (IncidentsLinked(case=state.case, earlier=one, linked_at=command.at) for one in after.linked_reported)
    return Decision(after, (event, *stored, *links))


def _ask_talk(state: Report, command: ReportDoubt | RequestTalk | JudgeSignal) -> Decision[Report]:
    doubt = command.doubt
    after = replace(
        state,
        type=state.type if state.reported_at is not None else ReportType.TALK,
        rested_at=None,
        doubts=state.doubts if doubt is None else (*state.doubts, doubt),
        talks=(*state.talks, Talk(command.at)),
        followed_up_at=None,
        follow_up_before=None if state.follow_up_off else command.at + command.follow_up_after,
    )
    return Decision(after, (TalkRequested(case=state.case, requested_at=command.at),))


def _talk(state: Report, command: RequestTalk) -> Decision[Report]:
    if state.type is ReportType.SIGNAL:
        raise Refused("Zeg eerst wat u met dit signaal wilt doen. Een gesprek kan ook.")
    if state.type is ReportType.AANGIFTE:
        raise Refused("De aangifte is al bevestigd. Bel voor een gesprek de politie.")
    if open_talk(state) is not None:
        raise Refused("Er is al om een gesprek gevraagd.")
    return _ask_talk(state, command)


def _rest(state: Report, at: datetime) -> Decision[Report]:
    if state.type is ReportType.SIGNAL:
        raise Refused("Zeg eerst wat u met dit signaal wilt doen. Laten rusten kan ook.")
    if state.type is ReportType.AANGIFTE:
        raise Refused(FILED)
    if state.type is not ReportType.TALK:
        raise Refused("Dit is al een melding. U kunt die intrekken zolang er geen aangifte is.")
    if state.rested_at is not None:
        return Decision(state)
    return Decision(replace(without_open_talk(state, at), rested_at=at, follow_up_before=None))


def _set_follow_up(state: Report, command: SetFollowUp) -> Decision[Report]:
    if command.wanted is not state.follow_up_off:
        return Decision(state)
    waits = command.wanted and open_talk(state) is not None and state.followed_up_at is None
    before = command.at + command.after if waits else None
    return Decision(replace(state, follow_up_off=not command.wanted, follow_up_before=before))


def _wish(state: Report, command: WishAangifte) -> Decision[Report]:
    if state.reported_at is None:
        raise Refused("Voor een aangifte is eerst een melding nodig.")
    if state.type is ReportType.AANGIFTE:
        raise Refused("De aangifte is al bevestigd.")
    if command.wished is state.aangifte_wished:
        return Decision(state)
    wished_at = command.at if command.wished else None
    return Decision(replace(state, aangifte_wished=command.wished, aangifte_wished_at=wished_at))


def _withdraw(state: Report, command: Withdraw) -> Decision[Report]:
    if state.type is ReportType.AANGIFTE:
        raise Refused(FILED)
    events: tuple[Event, ...] = ()
    if state.type is ReportType.SIGNAL and not state.judgements:
        rest = SignalOutcome.LET_REST
        judged = _judged(state, rest, command.reason, Company.ALONE, command.account, command.at)
        state, events = judged.state, judged.events
    if not command.reason.strip():
        raise Refused("Schrijf in een paar woorden waarom u dit intrekt.")
    after = replace(
        without_open_talk(state, command.at),
        withdrawn_at=command.at,
        withdrawal_reason=command.reason,
        judge_before=None,
        follow_up_before=None,
        receipt_before=None,
    )
    if state.reported_at is not None:
        events = (*events, IncidentWithdrawn(case=state.case, withdrawn_at=command.at))
    return Decision(after, events)


def _add(state: Report, command: Adding) -> Decision[Report]:
    match command:
        case AddEvidence():
            if any(one.sha256 == command.evidence.sha256 for one in state.evidence):
                raise Refused("Dit bewijs staat er al.")
            return Decision(replace(state, evidence=(*state.evidence, command.evidence)))
        case AddCustody():
            line = Custody(command.by, command.words, command.at)
            if all(one.sha256 != command.sha256 for one in state.evidence):
                raise Refused("Dit bewijs is niet bekend.")
            evidence = tuple(
                replace(one, custody=(*one.custody, line)) if one.sha256 == command.sha256 else one
                for one in state.evidence
            )
            return Decision(replace(state, evidence=evidence))
        case LinkIncidents():
            return _link(state, command)
        case _:
            assert_never(command)


def _link(state: Report, command: LinkIncidents) -> Decision[Report]:
    if command.earlier == state.case:
        raise Refused("Een zaak kan niet aan zichzelf gekoppeld worden.")
    after = replace(state, linked=_with(state.linked, command.earlier))
    if not command.reported or command.earlier in state.linked_reported:
        return Decision(after)
    after = replace(after, linked_reported=_with(state.linked_reported, command.earlier))
    event = IncidentsLinked(case=state.case, earlier=command.earlier, linked_at=command.at)
    return Decision(after, (event,) if state.reported_at is not None else ())


def _received(state: Report, at: datetime) -> Decision[Report]:
    if state.weighing_opened_at is not None:
        return Decision(state)
    after = replace(state, weighing_opened_at=at, rccb_notified_at=at, receipt_before=None)
    return Decision(after, (RccbNotified(case=state.case, notified_at=at),))


def _deadline(state: Report | None, command: DeadlinePassed) -> Decision[Report]:
    if state is None:
        raise Refused(UNKNOWN)
    # Both prompts go to the person only; nobody else reads a signal or a doubt (R-MEL-14).
    if command.name == SIGNAL_UNJUDGED and state.judge_before == command.due:
        return Decision(replace(state, prompted_at=command.at, judge_before=None))
    if command.name == DOUBT_FOLLOW_UP and state.follow_up_before == command.due:
        return Decision(replace(state, followed_up_at=command.at, follow_up_before=None))
    if command.name == RCCB_RECEIPT and state.receipt_before == command.due:
        after = replace(state, rccb_overdue=True, receipt_missed_at=command.due, receipt_before=None)
        return Decision(after, (RccbReceiptOverdue(case=state.case, due_at=command.due),))
    return Decision(state)


def _with(known: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))


def deadlines(state: Report) -> tuple[Deadline, ...]:
    """What is due: a signal to judge, a doubt to ask about, RCCB's receipt."""
    due = (
        (SIGNAL_UNJUDGED, state.judge_before),
        (DOUBT_FOLLOW_UP, state.follow_up_before),
        (RCCB_RECEIPT, state.receipt_before),
    )
    return tuple(Deadline(name, at) for name, at in due if at is not None)


def is_closed(state: Report) -> bool:
    """A report stays open; closing comes with retention."""
    return False
