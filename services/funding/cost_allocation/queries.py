"""Views of costs: the municipality its own lines under its own references, the person own lines and who pays the rest.

Nobody reads who decided: an account of the municipality is nothing for the person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.funding.cost_allocation.costs import CostLine, Costs, KnownMeasure, LineState, Origin
from services.funding.cost_allocation.domain import classify
from services.funding.cost_allocation.policy import Rule
from shared.access.admission import Scope
from shared.contracts.vocabulary import Addressee, Payer
from shared.contracts.working_days import local_day
from shared.privacy.references import References
from shared.runtime.cases import Cases
from shared.web.narrowing import Way, in_lines, in_words

SEARCHED = ("state.municipality", "state.waits_since")
"""What the lists search by, each with an index."""
WAYS = (
    Way("status", "stand", "Wat is de stand?", in_lines("status"), in_words("LineState")),
    Way("measureType", "soort", "Welke maatregel?", in_lines("type"), in_words("MeasureType")),
)
"""How the list of a handler is narrowed."""
WITHOUT_PAYER = "to-judge"


def for_town(costs: Costs, references: References, rules: tuple[Rule, ...]) -> dict[str, Any]:
    """A case as its municipality sees it. `rules`: those of today, for what has no line yet."""
    partner = f"municipality:{costs.municipality}"
    lines = [
        _line(line) | {name: references.seal(partner, value) for name, value in _references(line).items()}
        for line in costs.lines
        if line.shown_to_town
    ]
    measures = [
        _measure(one, rules) | {"measure": references.seal(partner, one.id)}
        for one in costs.measures
        if one.addressee is Addressee.MUNICIPALITY and not one.by_the_state
    ]
    return {"case": references.seal(partner, costs.case), "lines": lines, "measures": measures}


def for_person(costs: Costs, rules: tuple[Rule, ...], texts: tuple[str, ...]) -> dict[str, Any]:
    """A case as the person sees it: of what others pay no amounts (R-KST-10)."""
    lines = []
    for line in costs.lines:
        shown = _line(line) | _references(line) | {"own": line.own}
        if not line.own and line.payer is not Payer.PERSON:
            for name in ("amount_cents", "actual_cents", "invoice"):
                shown.pop(name)
        lines.append(shown)
    measures = [
        _measure(one, rules) | {"measure": one.id, "addressee": one.addressee}
        for one in costs.measures
        if not one.by_the_state
    ]
    return {"case": costs.case, "lines": lines, "measures": measures, "texts": texts}


def _references(line: CostLine) -> dict[str, str]:
    return {"line": line.id, "measure": line.measure}


def _line(line: CostLine) -> dict[str, Any]:
    found = line.classification
    return {
        "type": line.type,
        "place": line.place,
        "origin": line.origin,
        "status": line.status,
        "amount_cents": line.amount_cents,
        "actual_cents": line.actual_cents,
        "above_pkvw": line.above_pkvw,
        "payer": line.payer,
        "rule": found and found.rule,
        "rule_version": found and found.rule_version,
        "eligible": bool(found and found.eligible),
        "reason": found.reason if found else line.hint,
        "invoice": line.invoice,
        "overdue": line.overdue,
        "entered_at": line.entered_at,
        "earlier": [
            {"payer": one.payer, "rule": one.rule, "reason": one.reason, "at": one.at}
            for one in line.classifications[:-1]
        ],
        "disputes": [{"reason": one.reason, "at": one.at, "decided_at": one.decided_at} for one in line.disputes],
    }


def _measure(measure: KnownMeasure, rules: tuple[Rule, ...]) -> dict[str, Any]:
    """A measure, and who would pay each part of it by the rules."""
    return {
        "type": measure.type,
        "place": measure.place,
        "who_pays": [_expected(measure, above, rules) for above in ((False, True) if measure.above_pkvw else (False,))],
    }


def _expected(measure: KnownMeasure, above: bool, rules: tuple[Rule, ...]) -> dict[str, Any]:
    never = datetime.max.replace(tzinfo=UTC)
    line = CostLine("", measure.id, measure.type, measure.place, Origin.ADVISED, 0, above, "", never)
    line = classify(line, rules, never)
    found = line.classification
    return {
        "above_pkvw": above,
        "payer": line.payer,
        "rule": found and found.rule,
        "reason": found.reason if found else line.hint,
    }


async def to_judge(cases: Cases[Costs], municipality: str, scope: Scope) -> list[Costs]:
    """The caller's cases, and bills, in which a handler must look at a line; the longest waiting first."""
    # Moments are stored as text in UTC, so their order is the order in time (within one second it may differ).
    wanted = {"state.municipality": municipality, "state.waits_since": {"$gt": ""}}
    found = await cases.collection.find(wanted, {"state": 1}).sort("state.waits_since").to_list(None)
    known = [cases.read(document) for document in found]
    return [one for one in known if scope.holds(one.case) or one.billed_to is not None]


def waiting(costs: Costs, references: References) -> dict[str, Any]:
    """The lines of a case that wait for a handler."""
    partner = f"municipality:{costs.municipality}"
    lines = [
        {"line": references.seal(partner, line.id), "type": line.type, "place": line.place, "status": line.status,
         "since": line.waits_since, "overdue": line.overdue}
        for line in costs.lines
        if line.status in (LineState.TO_JUDGE, LineState.DISPUTED)
    ]  # fmt: skip
    return {"case": references.seal(partner, costs.case), "since": costs.waits_since, "lines": lines}


async def totals(cases: Cases[Costs], municipality: str, year: int, never: Container[str] = ()) -> dict[str, Any]:
    """Per payer what the costs of a year come to (by the day of entering), in cents. No case, no line, no measure.

    What a person entered for himself counts only when the municipality may see it. `never`: cases that the caller is
    kept out of; a total with them in it would give them away.
    """
    cents = Counter[str]({payer.value: 0 for payer in Payer} | {WITHOUT_PAYER: 0})
    found = await cases.collection.find({"state.municipality": municipality}, {"state": 1}).to_list(None)
    for document in found:
        costs = cases.read(document)
        for line in () if costs.case in never else costs.lines:
            if line.shown_to_town and local_day(line.entered_at).year == year:
                cents[line.payer or WITHOUT_PAYER] += (
                    line.amount_cents if line.actuals == () else line.actual_cents or 0
                )
    return {"year": year, "cents": dict(cents)}


async def one_total(cases: Cases[Costs], municipality: str, year: int, until: date, never: Container[str] = ()) -> int:
    """What the costs of a year come to, in cents, in one amount as it stood before the day `until` (E2E-6).

    What is put right later does not move it: the difference would be the amount of one case. `never`: as above.
    """
    found = await cases.collection.find({"state.municipality": municipality}, {"state": 1}).to_list(None)
    known = (cases.read(document) for document in found)
    lines = [_as_it_stood(line, until) for costs in known if costs.case not in never for line in costs.lines]
    return sum(
        line.amount_cents if line.actual_cents is None else line.actual_cents
        for line in lines
        if line.shown_to_town and local_day(line.entered_at).year == year
    )


def _as_it_stood(line: CostLine, until: date) -> CostLine:
    return replace(
        line,
        classifications=tuple(one for one in line.classifications if local_day(one.at) < until),
        disputes=tuple(one for one in line.disputes if local_day(one.at) < until),
        actuals=tuple(one for one in line.actuals if local_day(one.at) < until),
    )
