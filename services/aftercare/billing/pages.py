"""Pages of bills: the IVP sends and corrects them, a municipality and its controller read the own ones."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from services.aftercare.billing.bodies import MONTH, MOST_CENTS, NOT_OVER, TOWN, CorrectionBody, InvoiceBody, is_over
from services.aftercare.billing.desk import Desk, Either, Ivp
from shared.access.purposes import Purpose
from shared.access.roles import Caller, Role
from shared.contracts.working_days import AMSTERDAM
from shared.web import dutch
from shared.web.forms import Euros, Filled, cents
from shared.web.http import Body
from shared.web.narrowing import asked
from shared.web.pages import Site

PURPOSES = {Role.IVP_BILLING: Purpose.BILL, Role.MUNICIPALITY: Purpose.PAY, Role.CONTROLLER: Purpose.PAY}
MONTHS = 24
"""How many months back one can choose."""
SOME_AMOUNT = "Vul een bedrag boven nul in, zoals 1250,00."
Amount = Annotated[Euros, Field(ge=0, le=MOST_CENTS // 100)]


class SendBody(Body):
    """The bill of a month."""

    municipality: str = Field(pattern=TOWN)
    month: str = Field(pattern=MONTH)
    euros: Amount

    def lacks(self, now: datetime) -> dict[str, str]:
        """What cannot be billed, per field."""
        found = {} if is_over(self.month, now) else {"month": NOT_OVER}
        return found if self.euros else found | {"euros": SOME_AMOUNT}

    def invoice(self) -> InvoiceBody:
        """As the API takes it."""
        return InvoiceBody(municipality=self.municipality, month=self.month, amount_cents=cents(self.euros))


class Change(StrEnum):
    """Which way a correction goes."""

    MORE = "more"
    LESS = "less"


class ChangeBody(Body):
    """How much more or less. Nobody types a minus."""

    change: Change
    euros: Amount

    def correction(self) -> CorrectionBody:
        """As the API takes it."""
        amount = cents(self.euros)
        return CorrectionBody(amount_cents=amount if self.change is Change.MORE else -amount)


def pages(site: Site, desk: Desk) -> APIRouter:
    """The pages. `bill`: as the caller knows it."""
    router = desk.admission.pages("aftercare.billing", PURPOSES)

    async def draw(request: Request, template: str, shown: Any, form: Filled | None = None, **said: Any) -> Response:
        return site.page(request, f"billing/{template}.html", shown, form=form, towns=desk.towns(), **said)

    async def one(bill: str, request: Request, caller: Caller, form: Filled | None = None) -> Response:
        return await draw(request, "one", await desk.one(bill, caller), form)

    async def empty(request: Request, form: Filled | None = None) -> Response:
        return await draw(request, "send", None, form, months=months(site.now()))

    @router.get("/rekeningen")
    async def listed(request: Request, caller: Either) -> Response:
        found = await desk.bills_now(caller, asked(request, desk.ways(caller)))
        return await draw(request, "list", found.rows, found=found)

    @router.get("/rekeningen/nieuw")
    async def new(request: Request, caller: Ivp) -> Response:
        return await empty(request)

    @router.post("/rekeningen/nieuw")
    async def send(request: Request, caller: Ivp) -> Response:
        return await site.act(
            request, SendBody, lambda body, once: desk.send(body.invoice(), caller, once),
            again=lambda form: empty(request, form), lacks=lambda body: body.lacks(site.now()),
            then=lambda sent: f"/rekeningen/{sent['case']}",
        )  # fmt: skip

    @router.get("/rekeningen/{bill}")
    async def read(bill: str, request: Request, caller: Either) -> Response:
        return await one(bill, request, caller)

    @router.post("/rekeningen/{bill}")
    async def correct(bill: str, request: Request, caller: Ivp) -> Response:
        return await site.act(
            request, ChangeBody, lambda body, once: desk.correct(bill, body.correction(), caller, once),
            again=lambda form: one(bill, request, caller, form), place=lambda _: "euros", then=f"/rekeningen/{bill}",
        )  # fmt: skip

    return router


def months(now: datetime) -> Sequence[tuple[str, str]]:
    """The months that can be billed, the newest first, and how each reads."""
    day = now.astimezone(AMSTERDAM)
    ended = day.year * 12 + day.month - 1  # months since the year 0 that are over
    found = [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(ended - 1, ended - 1 - MONTHS, -1)]
    return [(month, dutch.month(month)) for month in found]
