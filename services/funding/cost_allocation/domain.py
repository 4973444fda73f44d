"""Cost allocation: who pays each line, by a dated rule or a handler. Nothing here can hold up a measure (INV-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from services.funding.cost_allocation.commands import (
    Bill,
    Classify,
    DisputeLine,
    EnterCost,
    Entering,
    EnterOwnWish,
    Fact,
    Handling,
    NoteAdvice,
    NoteIncident,
    NoteInvoice,
    RecordActual,
    SettleLine,
)
from services.funding.cost_allocation.costs import (
    Actual,
    Classification,
    CostLine,
    Costs,
    Dispute,
    KnownMeasure,
    LineState,
    Origin,
    Party,
    kind_of,
)
from services.funding.cost_allocation.policy import Rule
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.envelope import Event
from shared.contracts.funding import (
    ClassificationOverdue,
    CostLineClassified,
    CostLineDisputed,
    CostLineReclassified,
    CostLineToBeJudged,
)
from shared.contracts.vocabulary import Addressee, MeasureType, Payer, Place

CLASSIFICATION = "classification"
HANDLER = "handler"

UNKNOWN = "Deze zaak is niet bekend."
BY_THE_STATE = "Politie of OM voert deze maatregel zelf uit. Het Rijk betaalt, u hoeft geen kosten in te voeren."
NOT_ELIGIBLE = (
    "Het vangnet is alleen voor maatregelen die politie of OM adviseert, die boven het Politiekeurmerk uitgaan en die "
    "de gemeente betaalt."
)

Command = Fact | Entering | Handling | DeadlinePassed


def decide(state: Costs | None, command: Command) -> Decision[Costs]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case NoteIncident() | NoteAdvice() | NoteInvoice():
            decision = _note(state or Costs(command.case), command)
        case EnterCost() | EnterOwnWish():
            decision = _enter(state, command)
        case Classify() | DisputeLine() | RecordActual() | SettleLine():
            decision = _handle(state, command)
        case DeadlinePassed():
            decision = _deadline(state, command)
        case _:
            assert_never(command)
    after = decision.state
    since = min((line.waits_since for line in after.lines if line.waits_since), default=None)
    town = after.advised_to or after.reported_in or after.billed_to
    return Decision(replace(after, municipality=town, waits_since=since), decision.events)


def _note(state: Costs, fact: Fact) -> Decision[Costs]:
    match fact:
        case NoteIncident():
            return Decision(replace(state, reported_in=fact.municipality))
        case NoteAdvice():
            known = {measure.id: measure for measure in (*fact.measures, *state.measures)}
            measures = tuple(sorted(known.values(), key=lambda measure: measure.id))
            return Decision(replace(state, advised_to=fact.municipality, measures=measures))
        case NoteInvoice():
            return _invoice(state, fact)
        case _:
            assert_never(fact)


def _invoice(state: Costs, fact: NoteInvoice) -> Decision[Costs]:
    after = replace(state, billed_to=fact.municipality)
    if any(line.id == fact.line for line in state.lines):
        return Decision(after)
    # Care is given nowhere that funding may know of; it is no measure at a place.
    line = CostLine(
        fact.line, fact.invoice, MeasureType.CARE, Place.UNKNOWN, Origin.INVOICED, fact.amount_cents, False, "",
        fact.at,
    )  # fmt: skip
    return _with(after, classify(line, fact.rules, fact.judge_before))


def _enter(state: Costs | None, command: Entering) -> Decision[Costs]:
    if state is None or command.by.municipality not in (None, state.municipality):
        raise Refused("Deze zaak is niet van uw gemeente." if command.by.municipality else UNKNOWN)
    if isinstance(command, EnterCost):
        measure = _own_measure(state, command)
        where, origin = (measure.type, measure.place), Origin.ADVISED
        if command.bill.above_pkvw_cents and not measure.above_pkvw:
            raise Refused("Deze maatregel gaat niet boven het niveau van het Politiekeurmerk uit.")
    else:
        where, origin = (command.type, command.place), Origin.OWN_WISH
    if any(line.measure == command.measure for line in state.lines):
        raise Refused("Voor deze maatregel zijn al kosten ingevoerd.")
    bill = command.bill
    lines = (
        CostLine(
            f"{command.line}-{number}", command.measure, *where, origin, amount, above, command.by.account,
            command.at, command.by.municipality is None, bill.additional, bill.employers_care, bill.invoice,
        )
        for amount, above, number in _parts(bill)
    )  # fmt: skip
    return _with(state, *(classify(line, bill.rules, bill.judge_before) for line in lines))


def _own_measure(state: Costs, command: EnterCost) -> KnownMeasure:
    measure = next((one for one in state.measures if one.id == command.measure), None)
    if measure is not None and measure.by_the_state:
        raise Refused(BY_THE_STATE)
    if command.by.municipality is None:
        if measure is None or measure.addressee is not Addressee.PERSON:
            raise Refused("Deze maatregel is niet aan u geadviseerd.")
    elif measure is None or measure.addressee is not Addressee.MUNICIPALITY:
        raise Refused("Deze maatregel is niet aan uw gemeente geadviseerd.")
    return measure


def _parts(bill: Bill) -> list[tuple[int, bool, int]]:
    """INV-4: the parts together are what was entered."""
    if bill.total_cents not in (None, bill.up_to_pkvw_cents + bill.above_pkvw_cents):
        raise Refused("De twee delen zijn samen niet hetzelfde als het bedrag van de rekening.")
    both = ((bill.up_to_pkvw_cents, False, 0), (bill.above_pkvw_cents, True, 1))
    parts = [part for part in both if part[0]]
    if not parts:
        raise Refused("Vul een bedrag in.")
    return parts


def classify(line: CostLine, rules: tuple[Rule, ...], judge_before: datetime) -> CostLine:
    """The line with its payer by the first rule that fits (R-KST-01); without one, and due, when a person decides."""
    rule = next((rule for rule in rules if _fits(rule, line)), None)
    if rule is None or rule.payer is None:
        return replace(line, judge_before=judge_before, hint=rule.reason if rule else "")
    # INV-5: below the PKVW level nothing is eligible, whatever the row says.
    eligible = rule.eligible and line.above_pkvw
    found = Classification(rule.payer, rule.id, rule.version, eligible, rule.reason, line.entered_at)
    return replace(line, classifications=(found,))


def _fits(rule: Rule, line: CostLine) -> bool:
    conditions = (
        (rule.kind, kind_of(line.type)),
        (rule.origin, line.origin),
        (rule.place, line.place),
        (rule.additional, line.additional),
        (rule.employers_care, line.employers_care),
    )
    above = rule.above_pkvw is None or rule.above_pkvw is line.above_pkvw
    return above and all(not allowed or value in allowed for allowed, value in conditions)


def _with(state: Costs, *new: CostLine) -> Decision[Costs]:
    lines = tuple(sorted((*state.lines, *new), key=lambda line: (line.entered_at, line.id)))
    return Decision(replace(state, lines=lines), tuple(_entered(state.case, line) for line in new))


def _entered(case: str, line: CostLine) -> Event:
    if line.payer is None:
        return CostLineToBeJudged(case=case, line=line.id, entered_at=line.entered_at)
    return told(CostLineClassified, case, line)


def told(
    event: type[CostLineClassified] | type[CostLineReclassified], case: str, line: CostLine
) -> CostLineClassified | CostLineReclassified:
    """The line as it is now: everything but who and why."""
    found = line.classification
    assert found is not None
    return event(
        case=case,
        line=line.id,
        measure=line.measure,
        type=line.type,
        place=line.place,
        payer=found.payer,
        rule=found.rule,
        rule_version=found.rule_version,
        above_pkvw=line.above_pkvw,
        amount_cents=line.amount_cents,
        eligible=found.eligible,
        actual_cents=line.actual_cents,
    )


def _handle(state: Costs | None, command: Handling) -> Decision[Costs]:
    line = _line(state, command.line, command.by)
    assert state is not None
    if line.status is LineState.SETTLED:
        raise Refused("Deze kosten zijn al betaald en afgerond.")
    event: Event | None = None
    match command:
        case Classify():
            after, event = _classified(state.case, line, command)
        case DisputeLine():
            after, event = _disputed(state.case, line, command)
        case RecordActual():
            after, event = _actual(state.case, line, command)
        case SettleLine():
            after = _settled(line, command)
        case _:
            assert_never(command)
    lines = tuple(after if one.id == line.id else one for one in state.lines)
    return Decision(replace(state, lines=lines), (event,) if event else ())


def _line(state: Costs | None, wanted: str, by: Party) -> CostLine:
    line = next((one for one in state.lines if one.id == wanted), None) if state else None
    town = by.municipality
    if state is None or line is None or (town and (town != state.municipality or not line.shown_to_town)):
        raise Refused("Deze kostenregel is niet bekend.")
    return line


def _classified(case: str, line: CostLine, command: Classify) -> tuple[CostLine, Event]:
    if command.by.municipality is None:
        raise Refused("Een medewerker van de gemeente beslist dit. U kunt wel bezwaar maken.")
    if command.payer is Payer.BZK:
        raise Refused("Of BZK meebetaalt, beslist BZK. Vraag dat aan bij het vangnet.")
    if not command.reason.strip():
        raise Refused("Schrijf in een paar woorden waarom.")
    municipal = command.payer is Payer.MUNICIPALITY and line.above_pkvw and line.origin is Origin.ADVISED
    if command.eligible and not municipal:
        raise Refused(NOT_ELIGIBLE)
    if line.disputed:
        seen = {line.entered_by, line.disputes[-1].by, *(one.by for one in line.classifications)}
        if command.by.account in seen:
            raise Refused("Een collega die dit nog niet behandelde, kijkt hier opnieuw naar.")
    found = Classification(
        command.payer, HANDLER, command.version, command.eligible, command.reason, command.at, command.by.account
    )
    disputes = line.disputes
    if line.disputed:
        disputes = (*disputes[:-1], replace(disputes[-1], decided_at=command.at))
    after = replace(
        line,
        classifications=(*line.classifications, found),
        disputes=disputes,
        judge_before=None,
        overdue=False,
    )
    return after, told(CostLineReclassified if line.payer else CostLineClassified, case, after)


def _disputed(case: str, line: CostLine, command: DisputeLine) -> tuple[CostLine, Event]:
    if line.payer is None:
        raise Refused("Over deze regel is nog niet beslist. Dat gebeurt nog.")
    if line.disputed:
        raise Refused("Er kijkt al iemand opnieuw naar deze regel.")
    dispute = Dispute(command.reason, command.by.account, command.at)
    after = replace(line, disputes=(*line.disputes, dispute), judge_before=command.judge_before, overdue=False)
    return after, CostLineDisputed(case=case, line=line.id, disputed_at=command.at)


def _actual(case: str, line: CostLine, command: RecordActual) -> tuple[CostLine, Event | None]:
    _books(line, command.by)
    actual = Actual(command.amount_cents, command.by.account, command.at)
    after = replace(line, actuals=(*line.actuals, actual))
    changed = line.payer is not None and line.actual_cents != after.actual_cents
    return after, told(CostLineClassified, case, after) if changed else None


def _settled(line: CostLine, command: SettleLine) -> CostLine:
    _books(line, command.by)
    if line.status is not LineState.INVOICED:
        raise Refused("Dit kan pas als duidelijk is wie betaalt en hoeveel het echt kostte.")
    return replace(line, settled_at=command.at)


def _books(line: CostLine, by: Party) -> None:
    """The person keeps the books of what the person entered."""
    if by.municipality is None and not line.own:
        raise Refused("De gemeente houdt deze regel bij.")


def _deadline(state: Costs | None, command: DeadlinePassed) -> Decision[Costs]:
    if state is None:
        raise Refused(UNKNOWN)
    late = [line for line in state.lines if command.name == CLASSIFICATION and line.judge_before == command.due]
    lines = tuple(replace(line, judge_before=None, overdue=True) if line in late else line for line in state.lines)
    events = tuple(ClassificationOverdue(case=state.case, line=line.id, due_at=command.due) for line in late)
    return Decision(replace(state, lines=lines), events)


def deadlines(state: Costs) -> tuple[Deadline, ...]:
    """The first line that is due to be judged. Each line is reminded of once; nothing waits for it."""
    due = min((line.judge_before for line in state.lines if line.judge_before), default=None)
    return (Deadline(CLASSIFICATION, due),) if due else ()


def is_closed(state: Costs) -> bool:
    """Costs can always be added."""
    return False
