"""What routes and pages of bills share: who may, reading references, sending, correcting, and what is shown."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from typing import Annotated, Any

from fastapi import Depends
from fastapi.exceptions import RequestValidationError

from services.aftercare.billing import queries
from services.aftercare.billing.bodies import NOT_OVER, CorrectionBody, InvoiceBody, is_over
from services.aftercare.billing.domain import Bill, CorrectInvoice, InvoiceEmployer
from shared.access.admission import Admission, refused
from shared.access.roles import Caller, Role, calls_as
from shared.runtime.cases import Act, Cases
from shared.web.http import Once
from shared.web.narrowing import MOST, Asked, Found, Row, Way, fetched, narrow
from shared.web.paging import Page

Ivp = Annotated[Caller, Depends(calls_as(Role.IVP_BILLING))]
Either = Annotated[Caller, Depends(calls_as(Role.IVP_BILLING, Role.MUNICIPALITY, Role.CONTROLLER))]


class Desk:
    """What every route here does: read a reference, act, and answer in the caller's references."""

    def __init__(self, cases: Cases[Bill], admission: Admission) -> None:
        self.cases, self.admission, self.references = cases, admission, admission.references

    def towns(self) -> dict[str, str]:
        """The name of each municipality, by its code."""
        return dict(self.admission.organisations.towns())

    def ways(self, caller: Caller) -> tuple[Way, ...]:
        """How this caller narrows the list: a municipality has its own bills only."""
        return queries.ways(self.towns() if caller.role is Role.IVP_BILLING else {})

    async def send(self, body: InvoiceBody, caller: Caller, once: Once) -> dict[str, Any]:
        """The bill of a month. 400 for a month that is not over."""
        now = self.cases.clock.now()
        self.admission.admit_to_rota(caller)
        if not is_over(body.month, now):
            raise RequestValidationError([{"type": "value_error", "loc": ("body", "month"), "msg": NOT_OVER}])
        case = self.cases.id_for("bill", body.municipality, body.month)
        command = InvoiceEmployer(case, body.municipality, body.month, body.amount_cents, now)
        return await self._save(case, command, caller, once, "invoice")

    async def correct(self, reference: str, body: CorrectionBody, caller: Caller, once: Once) -> dict[str, Any]:
        """A line beside what was billed. Raises 404 for what is no reference of the IVP's."""
        self.admission.admit_to_rota(caller)
        case = self.references.open(partner_of(caller), reference)
        if case is None:
            raise refused(caller)
        number = self.cases.id_for("correction", case, caller.actor, once.key)
        command = CorrectInvoice(number, body.amount_cents, self.cases.clock.now())
        return await self._save(case, command, caller, once, "correction")

    async def _save(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        state = await self.cases.update(case, command, handled=once.handled(caller), act=Act(caller.actor, purpose))
        return queries.view(state, partner_of(caller), self.references)

    async def one(self, reference: str, caller: Caller) -> dict[str, Any]:
        """One bill. Raises 404 when there is none, or when it is another municipality's."""
        self.admission.admit_to_rota(caller)
        case = self.references.open(partner_of(caller), reference)
        state = await self.cases.load(case) if case else None
        if state is None or own_town(caller) not in (None, state.municipality):
            raise refused(caller)
        return queries.view(state, partner_of(caller), self.references)

    async def bills(self, caller: Caller, page: Page, asked: Asked) -> list[Row]:
        """A page of the bills that are asked for, the newest month first."""
        self.admission.admit_to_rota(caller)
        return page.cut(
            await fetched(lambda skip, limit: self._rows(caller, skip, limit), page, self.ways(caller), asked)
        )

    async def bills_now(self, caller: Caller, asked: Asked) -> Found:
        """The same, with counts."""
        self.admission.admit_to_rota(caller)
        return narrow(await self._rows(caller, 0, MOST + 1), self.ways(caller), asked)

    async def _rows(self, caller: Caller, skip: int, limit: int) -> list[Row]:
        return await queries.bills(self.cases, partner_of(caller), own_town(caller), self.references, skip, limit)


def partner_of(caller: Caller) -> str:
    """Whose references the caller reads and writes."""
    town = own_town(caller)
    return "ivp" if town is None else f"municipality:{town}"


def own_town(caller: Caller) -> str | None:
    """Of which municipality the caller sees bills; None: of all."""
    return None if caller.role is Role.IVP_BILLING else caller.municipality
