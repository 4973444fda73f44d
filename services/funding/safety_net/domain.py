"""The ministry's safety net: the municipality asks, a person at BZK decides (R-VAN-10).

What is missing makes a request incomplete, never rejected (R-VAN-12). No amount decides by itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from services.funding.safety_net.commands import (
    Acknowledge,
    AnswerQuestion,
    AskQuestion,
    AskSupplement,
    AssessDisproportion,
    ByMinistry,
    ByTown,
    ConfirmDecision,
    Decline,
    Fact,
    Grant,
    NoteAangifte,
    NoteAdvice,
    NoteCostLine,
    NoteIncident,
    Object,
    RecordPaid,
    RequestFunding,
    Settle,
    SupplementRequest,
    WithdrawRequest,
)
from services.funding.safety_net.deciding import confirmed, decided, paid, settled
from services.funding.safety_net.request import Motivation, Note, Phase, Question, Request, SafetyNet
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.envelope import Event
from shared.contracts.funding import (
    FundingAcknowledgementDue,
    FundingDecisionDue,
    FundingRequested,
    FundingSupplementAsked,
    FundingSupplemented,
    FundingWithdrawn,
    RequestedLine,
    SupplementReminderDue,
    VangnetQuestionAnswered,
    VangnetQuestionAsked,
)
from shared.contracts.vocabulary import Continuation

ACKNOWLEDGEMENT = "acknowledgement"
SUPPLEMENT = "supplement"
DECISION = "decision"

NO_REQUEST = "Er is nog geen aanvraag voor deze zaak."
NOT_YOURS = "Deze zaak is niet van uw gemeente."
STOPPED = "Het vangnet is gestopt. U kunt BZK wel een vraag stellen."

Command = Fact | AskQuestion | AnswerQuestion | RequestFunding | ByTown | ByMinistry | DeadlinePassed


def decide(state: SafetyNet | None, command: Command) -> Decision[SafetyNet]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case NoteIncident() | NoteAangifte() | NoteAdvice() | NoteCostLine():
            decision = _note(state or SafetyNet(command.case), command)
        case AskQuestion():
            decision = _ask(state, command)
        case AnswerQuestion():
            decision = _answer(state, command)
        case RequestFunding():
            decision = _request(state or SafetyNet(command.case, command.municipality), command)
        case SupplementRequest() | WithdrawRequest() | Object():
            decision = _by_town(state, command)
        case DeadlinePassed():
            decision = _deadline(state, command)
        case _:
            decision = _by_ministry(state, command)
    phase, due_by = _listed(decision.state)
    return Decision(replace(decision.state, phase=phase, due_by=due_by), decision.events)


def _note(state: SafetyNet, fact: Fact) -> Decision[SafetyNet]:
    """A fact that changes an open request is told, so that the ministry's topic does not go stale."""
    after = _noted(state, fact)
    changed = (_asked(state), state.missing) != (_asked(after), after.missing)
    if changed and after.request is not None and after.request.open:
        return Decision(after, (_supplemented(after, after.request),))
    return Decision(after)


def _noted(state: SafetyNet, fact: Fact) -> SafetyNet:
    match fact:
        case NoteIncident():
            return replace(state, municipality=fact.municipality, office=fact.office)
        case NoteAangifte():
            return replace(state, aangifte_on=fact.filed_on)
        case NoteAdvice():
            return replace(state, advised_at=state.advised_at or fact.advised_at)
        case NoteCostLine():
            others = tuple(line for line in state.lines if line.id != fact.line.id)
            return replace(state, lines=tuple(sorted((*others, fact.line), key=lambda line: line.id)))
        case _:
            assert_never(fact)


def _ask(state: SafetyNet | None, command: AskQuestion) -> Decision[SafetyNet]:
    if state is not None:
        raise Refused("Deze vraag bestaat al.")
    question = Question(command.text, command.channel, command.by, command.at, command.noted)
    event = VangnetQuestionAsked(
        case=command.case,
        question=command.case,
        municipality=command.municipality,
        channel=command.channel,
        asked_at=command.at,
    )
    return Decision(SafetyNet(command.case, command.municipality, question=question), (event,))


def _answer(state: SafetyNet | None, command: AnswerQuestion) -> Decision[SafetyNet]:
    if state is None or state.question is None:
        raise Refused("Deze vraag is niet bekend.")
    answers = (*state.question.answers, Note(command.text, command.by, command.at))
    event = VangnetQuestionAnswered(
        case=state.case, question=state.case, municipality=state.municipality or "", answered_at=command.at
    )
    return Decision(replace(state, question=replace(state.question, answers=answers)), (event,))


def _request(state: SafetyNet, command: RequestFunding) -> Decision[SafetyNet]:
    if state.municipality is not None and state.municipality != command.municipality:
        raise Refused(NOT_YOURS)
    if state.request is not None and state.request.withdrawn is None:
        raise Refused(
            "Er is al een aanvraag voor deze zaak. Vul die aan."
            if state.request.open
            else "Over de aanvraag voor deze zaak is al beslist. Bent u het er niet mee eens? Maak dan bezwaar."
        )
    if state.question is not None:
        raise Refused("Dit is een vraag. Noem de zaak waarvoor u een bijdrage wilt.")
    if command.continuation is Continuation.NONE:
        raise Refused(STOPPED)
    request = Request(
        command.request, command.channel,
        (Motivation(command.motivation, command.at),) if command.motivation else (),
        command.at, command.decide_before, command.decide_before,
        None if command.noted_by else command.acknowledge_before,
        (command.budget,) if command.budget else (), command.continuation, command.noted_by,
        command.at if command.noted_by else None,
    )  # fmt: skip
    earlier = (*state.earlier, state.request) if state.request else state.earlier
    after = replace(state, municipality=command.municipality, request=request, earlier=earlier)
    event = FundingRequested(
        case=state.case,
        request=request.id,
        municipality=command.municipality,
        office=state.office,
        channel=request.channel,
        requested_at=request.requested_at,
        lines=_asked(after),
        total_cents=after.requested_cents,
        missing=after.missing,
        continuation=request.continuation,
    )
    return Decision(after, (event,))


def _asked(state: SafetyNet) -> tuple[RequestedLine, ...]:
    return tuple(
        RequestedLine(type=line.type, place=line.place, amount_cents=line.amount_cents)
        for line in state.requested_lines
    )


def _supplemented(state: SafetyNet, request: Request) -> Event:
    return FundingSupplemented(
        case=state.case,
        request=request.id,
        lines=_asked(state),
        total_cents=state.requested_cents,
        missing=state.missing,
    )


def _by_town(state: SafetyNet | None, command: ByTown) -> Decision[SafetyNet]:
    if state is None or state.request is None:
        raise Refused(NO_REQUEST)
    if state.municipality != command.municipality:
        raise Refused(NOT_YOURS)
    if isinstance(command, Object):
        return Decision(replace(state, request=_objected(state.request, command)))
    request = _open(state)
    if isinstance(command, WithdrawRequest):
        return _withdrawn(state, request, command)
    if not command.motivation and command.budget is None:
        raise Refused("Vul ten minste één ding in.")
    added = (Motivation(command.motivation, command.at),) if command.motivation else ()
    budgets = (*request.budgets, command.budget) if command.budget else request.budgets
    request = replace(
        request, motivations=(*request.motivations, *added), budgets=budgets, supplement_before=None
    )  # fmt: skip
    after = replace(state, request=request)
    return Decision(after, (_supplemented(after, request),))


def _withdrawn(state: SafetyNet, request: Request, command: WithdrawRequest) -> Decision[SafetyNet]:
    if request.objected:
        raise Refused("BZK beslist nog over uw bezwaar. Intrekken kan niet meer.")
    withdrawn = Motivation(command.reason, command.at)
    after = replace(
        request, withdrawn=withdrawn, decide_before=None, acknowledge_before=None, supplement_before=None
    )  # fmt: skip
    event = FundingWithdrawn(
        case=state.case, request=request.id, municipality=command.municipality, withdrawn_at=command.at
    )
    return Decision(replace(state, request=after), (event,))


def _objected(request: Request, command: Object) -> Request:
    if request.withdrawn is not None or not request.outcomes:
        raise Refused("Er is nog geen besluit om bezwaar tegen te maken.")
    if request.objected:
        raise Refused("Uw bezwaar is al bekend.")
    if request.settlements:
        raise Refused("De bijdrage is al vastgesteld. Neem contact op met BZK.")
    objections = (*request.objections, Motivation(command.reason, command.at))
    return replace(
        request, objections=objections, target=command.decide_before, decide_before=command.decide_before
    )  # fmt: skip


def _open(state: SafetyNet) -> Request:
    request = state.request
    if request is None:
        raise Refused(NO_REQUEST)
    if request.withdrawn is not None:
        raise Refused("De gemeente heeft deze aanvraag ingetrokken.")
    if not request.open:
        raise Refused("Over deze aanvraag is al beslist.")
    return request


def _by_ministry(state: SafetyNet | None, command: ByMinistry) -> Decision[SafetyNet]:
    if state is None or state.request is None:
        raise Refused(NO_REQUEST)
    match command:
        case ConfirmDecision():
            return confirmed(state, state.request, command)
        case Settle():
            return settled(state, state.request, command)
        case RecordPaid():
            return paid(state, state.request, command)
        case Grant() | Decline():
            return decided(state, _open(state), command)
        case Acknowledge() | AskSupplement() | AssessDisproportion():
            return _treated(state, _open(state), command)
        case _:
            assert_never(command)


def _treated(
    state: SafetyNet, request: Request, command: Acknowledge | AskSupplement | AssessDisproportion
) -> Decision[SafetyNet]:
    """Who is asked or told something knows that the request arrived; an assessment stays inside the ministry."""
    if isinstance(command, AssessDisproportion):
        note = Note(command.reason, command.by, command.at)
        return Decision(replace(state, request=replace(request, assessments=(*request.assessments, note))))
    after = replace(
        request, acknowledged_at=request.acknowledged_at or command.at, acknowledge_before=None
    )  # fmt: skip
    if isinstance(command, Acknowledge):
        return Decision(replace(state, request=after))
    asked = (*request.asked, Note(command.text, command.by, command.at))
    after = replace(after, asked=asked, supplement_before=command.supplement_before)
    event = FundingSupplementAsked(
        case=state.case, request=request.id, municipality=state.municipality or "", asked_at=command.at
    )
    return Decision(replace(state, request=after), (event,))


def _listed(state: SafetyNet) -> tuple[Phase | None, datetime | None]:
    request, question = state.request, state.question
    if request is None:
        if question is None:
            return None, None
        return Phase.ANSWERED if question.answers else Phase.TO_ANSWER, question.asked_at
    if request.withdrawn is not None:
        return Phase.WITHDRAWN, request.withdrawn.at
    outcome = request.outcome
    if request.open or outcome is None:
        return Phase.TO_DECIDE, request.target
    if outcome.granted_cents is None:
        return Phase.DECLINED, outcome.decided_at
    if not request.settlements:
        return Phase.TO_SETTLE, outcome.decided_at
    return Phase.PAID if request.paid else Phase.TO_PAY, request.settlements[-1].at


def _deadline(state: SafetyNet | None, command: DeadlinePassed) -> Decision[SafetyNet]:
    if state is None:
        raise Refused("Deze zaak is niet bekend.")
    request = state.request
    if request is None or Deadline(command.name, command.due) not in deadlines(state):
        return Decision(state)
    case, due = state.case, command.due
    if command.name == ACKNOWLEDGEMENT:
        after = replace(request, acknowledge_before=None)
        event: Event = FundingAcknowledgementDue(case=case, request=request.id, due_at=due)
    elif command.name == SUPPLEMENT:
        after = replace(request, supplement_before=None)
        town = state.municipality or ""
        event = SupplementReminderDue(case=case, request=request.id, municipality=town, due_at=due)
    else:
        after = replace(request, decide_before=None)
        event = FundingDecisionDue(case=case, request=request.id, due_at=due)
    return Decision(replace(state, request=after), (event,))


def deadlines(state: SafetyNet) -> tuple[Deadline, ...]:
    """What somebody is reminded of, each once: telling that it arrived, answering BZK, deciding."""
    request = state.request
    if request is None:
        return ()
    due = (
        (ACKNOWLEDGEMENT, request.acknowledge_before),
        (SUPPLEMENT, request.supplement_before),
        (DECISION, request.decide_before),
    )
    return tuple(Deadline(name, at) for name, at in due if at is not None)


def is_closed(state: SafetyNet) -> bool:
    """Paid, withdrawn, or a question that was answered. After a decline the municipality may still object."""
    return state.phase in (Phase.PAID, Phase.WITHDRAWN, Phase.ANSWERED)
