"""Cost allocation: who pays each line, by a dated rule. Nothing here can hold up a measure (INV-1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from services.funding.cost_allocation.policy import Rule
from shared.contracts.decisions import Deadline, DeadlinePassed, Decision, Refused
from shared.contracts.funding import CostLineClassified
from shared.contracts.vocabulary import MeasureType, Payer, Place


@dataclass(frozen=True)
class KnownMeasure:
    """An advised measure, as funding needs it."""

    id: str
    type: MeasureType
    place: Place
    above_pkvw: bool


@dataclass(frozen=True)
class CostLine:
    """Whole euro cents, VAT included. Without payer: a person must look at it."""

    id: str
    measure: str
    amount_cents: int
    above_pkvw: bool
    payer: Payer | None = None
    rule: str | None = None
    rule_version: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Costs:
    """All costs of one case."""

    case: str
    municipality: str | None = None
    measures: tuple[KnownMeasure, ...] = ()
    lines: tuple[CostLine, ...] = ()


@dataclass(frozen=True)
class NoteAdvice:
    """Fact: measures were advised."""

    case: str
    municipality: str
    measures: tuple[KnownMeasure, ...]


@dataclass(frozen=True)
class EnterCost:
    """The municipality enters what a measure costs, split at the PKVW level. `rules`: those of the day."""

    line: str
    measure: str
    municipality: str
    up_to_pkvw_cents: int
    above_pkvw_cents: int
    rules: tuple[Rule, ...]
    at: datetime


Command = NoteAdvice | EnterCost | DeadlinePassed


def decide(state: Costs | None, command: Command) -> Decision[Costs]:
    """Facts are accepted in any state; `Refused` only answers people."""
    match command:
        case NoteAdvice():
            known = state or Costs(command.case)
            fresh = tuple(measure for measure in command.measures if measure not in known.measures)
            return Decision(replace(known, municipality=command.municipality, measures=known.measures + fresh))
        case EnterCost():
            return _enter(state, command)
        case DeadlinePassed():
            if state is None:
                raise Refused("Deze zaak is niet bekend.")
            return Decision(state)
        case _:
            assert_never(command)


def _enter(state: Costs | None, command: EnterCost) -> Decision[Costs]:
    measure = next((one for one in state.measures if one.id == command.measure), None) if state else None
    if state is None or measure is None or state.municipality != command.municipality:
        raise Refused("Deze maatregel is niet aan uw gemeente geadviseerd.")
    if any(line.measure == measure.id for line in state.lines):
        raise Refused("Voor deze maatregel zijn al kosten ingevoerd.")
    if command.above_pkvw_cents and not measure.above_pkvw:
        raise Refused("Deze maatregel gaat niet boven het niveau van het Politiekeurmerk uit.")
    parts = ((command.up_to_pkvw_cents, False), (command.above_pkvw_cents, True))
    lines = tuple(
        classify(f"{command.line}-{number}", measure, amount, above, command.rules)
        for number, (amount, above) in enumerate(parts)
        if amount
    )
    if not lines:
        raise Refused("Vul een bedrag in.")
    events = tuple(_told(state.case, measure, line) for line in lines if line.payer is not None)
    return Decision(replace(state, lines=state.lines + lines), events)


def classify(line: str, measure: KnownMeasure, amount_cents: int, above: bool, rules: tuple[Rule, ...]) -> CostLine:
    """The line with its payer by the first rule that fits (R-KST-01); without payer when none does."""
    for rule in rules:
        if rule.place is measure.place and rule.above_pkvw is above:
            return CostLine(line, measure.id, amount_cents, above, rule.payer, rule.id, rule.version, rule.reason)
    return CostLine(line, measure.id, amount_cents, above)


def _told(case: str, measure: KnownMeasure, line: CostLine) -> CostLineClassified:
    assert line.payer is not None and line.rule is not None and line.rule_version is not None
    return CostLineClassified(
        case=case,
        line=line.id,
        measure=measure.id,
        type=measure.type,
        place=measure.place,
        payer=line.payer,
        rule=line.rule,
        rule_version=line.rule_version,
        above_pkvw=line.above_pkvw,
        amount_cents=line.amount_cents,
    )


def deadlines(state: Costs) -> tuple[Deadline, ...]:
    """None yet."""
    return ()


def is_closed(state: Costs) -> bool:
    """Costs can always be added."""
    return False
