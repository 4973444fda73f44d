"""HTTP of cost allocation: the municipality enters costs and sees who pays."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import Field

from services.funding.cost_allocation.domain import Costs, EnterCost
from services.funding.cost_allocation.policy import rules_on
from shared.access.roles import Caller, Role, calls_as
from shared.privacy.references import References
from shared.runtime.cases import Act, Cases
from shared.web.http import Body, Keyed

Municipal = Annotated[Caller, Depends(calls_as(Role.MUNICIPALITY))]


class CostBody(Body):
    """What a measure costs, in whole euro cents with VAT, split at the PKVW level."""

    case: str
    measure: str
    up_to_pkvw_cents: int = Field(0, ge=0, le=10**10)
    above_pkvw_cents: int = Field(0, ge=0, le=10**10)


def view(costs: Costs) -> dict[str, Any]:
    """The lines with payer, rule and reason; no person."""
    return {
        "lines": [
            {
                "line": line.id,
                "amount_cents": line.amount_cents,
                "above_pkvw": line.above_pkvw,
                "payer": line.payer,
                "rule": line.rule,
                "rule_version": line.rule_version,
                "reason": line.reason,
            }
            for line in costs.lines
        ]
    }


def routes(cases: Cases[Costs], references: References) -> APIRouter:
    """The routes, on these cases."""
    router = APIRouter(prefix="/costs", tags=["costs"])

    def opened(caller: Caller, reference: str) -> str:
        value = references.open(f"municipality:{caller.municipality}", reference)
        if value is None:
            raise HTTPException(404, "Deze verwijzing is niet bekend.")
        return value

    @router.post("", status_code=201, summary="Enter the costs of an advised measure")
    async def enter(body: CostBody, caller: Municipal, once: Keyed) -> dict[str, Any]:
        case, measure, now = opened(caller, body.case), opened(caller, body.measure), cases.clock.now()
        command = EnterCost(
            cases.id_for("line", case, measure), measure, caller.municipality, body.up_to_pkvw_cents,
            body.above_pkvw_cents, rules_on(now.date()), now,
        )  # fmt: skip
        state = await cases.update(
            cases.id_for(case), command, handled=once.handled(caller), act=Act(caller.actor, "costs")
        )
        return view(state)

    @router.get("/{case}", summary="The cost lines of a case")
    async def read(case: str, caller: Municipal) -> dict[str, Any]:
        state = await cases.load(cases.id_for(opened(caller, case)))
        if state is None or state.municipality != caller.municipality:
            raise HTTPException(404, "Deze verwijzing is niet bekend.")
        return view(state)

    return router
