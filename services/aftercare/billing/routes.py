"""HTTP of the monthly bill: the IVP sends it, the municipality reads its own."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from pydantic import Field

from services.aftercare.billing import queries
from services.aftercare.billing.domain import Bill, CorrectInvoice, InvoiceEmployer
from shared.access.admission import Admission, refused
from shared.access.roles import Caller, Role, calls_as
from shared.runtime.cases import Act, Cases
from shared.web.http import Body, Keyed
from shared.web.paging import Paged

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MOST_CENTS = 10**12
"""Beyond this an amount is a slip of the hand."""

Ivp = Annotated[Caller, Depends(calls_as(Role.IVP_BILLING))]
Either = Annotated[Caller, Depends(calls_as(Role.IVP_BILLING, Role.MUNICIPALITY, Role.CONTROLLER))]


class InvoiceBody(Body):
    """One month, all of it at once; no name and no number of cases. Whole euro cents, VAT included."""

    municipality: str = Field(pattern=r"^\d{4}$", description="CBS code.")
    month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="Year and month, such as 2016-03.")
    amount_cents: int = Field(gt=0, le=MOST_CENTS)


class CorrectionBody(Body):
    """More, or less (below zero). Whole euro cents, VAT included."""

    amount_cents: int = Field(ge=-MOST_CENTS, le=MOST_CENTS)


def _check_month(month: str, now: datetime) -> None:
    # Only whole months: an amount in between would tell when somebody got care.
    if month >= now.astimezone(AMSTERDAM).strftime("%Y-%m"):
        message = "Deze maand is nog niet voorbij."
        raise RequestValidationError([{"type": "value_error", "loc": ("body", "month"), "msg": message}])


def routes(cases: Cases[Bill], admission: Admission) -> APIRouter:
    """The routes, on these bills."""
    router = admission.router("aftercare.billing", prefix="/invoices", tags=["invoices"])
    _add_sending(router, cases, admission)
    _add_reading(router, cases, admission)
    return router


def _add_sending(router: APIRouter, cases: Cases[Bill], admission: Admission) -> None:
    @router.post("", status_code=201, summary="The bill of a month to a municipality")
    async def send(body: InvoiceBody, caller: Ivp, once: Keyed) -> dict[str, Any]:
        now = cases.clock.now()
        admission.admit_to_rota(caller)
        _check_month(body.month, now)
        case = cases.id_for("bill", body.municipality, body.month)
        command = InvoiceEmployer(case, body.municipality, body.month, body.amount_cents, now)
        state = await cases.update(case, command, handled=once.handled(caller), act=Act(caller.actor, "invoice"))
        return queries.view(state, "ivp", admission.references)

    @router.post("/{invoice}/corrections", summary="Put a bill right with a line beside it")
    async def correct(invoice: str, body: CorrectionBody, caller: Ivp, once: Keyed) -> dict[str, Any]:
        admission.admit_to_rota(caller)
        case = admission.references.open("ivp", invoice)
        if case is None:
            raise refused(caller)
        number = cases.id_for("correction", case, caller.actor, once.key)
        command = CorrectInvoice(number, body.amount_cents, cases.clock.now())
        state = await cases.update(case, command, handled=once.handled(caller), act=Act(caller.actor, "correction"))
        return queries.view(state, "ivp", admission.references)


def _add_reading(router: APIRouter, cases: Cases[Bill], admission: Admission) -> None:
    @router.get("", summary="Bills, the newest month first: the municipality's own, or for the IVP all")
    async def read(caller: Either, page: Paged) -> list[dict[str, Any]]:
        admission.admit_to_rota(caller)
        municipal = caller.role is not Role.IVP_BILLING
        partner = f"municipality:{caller.municipality}" if municipal else "ivp"
        own = caller.municipality if municipal else None
        return page.cut(await queries.bills(cases, partner, own, admission.references, page.skip, page.fetch))
