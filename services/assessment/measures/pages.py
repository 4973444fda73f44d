"""The municipality's page of advice: what to carry out, by when, who pays, and three answers to each."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from fastapi import APIRouter, Request, Response
from pydantic import Field

from services.assessment.measures import queries
from services.assessment.measures.bodies import OneBody
from services.assessment.measures.desk import CarryingOut, Desk, Municipal
from shared.access.purposes import Purpose
from shared.access.roles import Caller, Role
from shared.web.forms import Filled, once_of, read_form
from shared.web.narrowing import asked, back
from shared.web.pages import Site

WHY = "Schrijf kort waarom de gemeente dit niet doet. De politie leest dat."


class AnswerBody(OneBody):
    """Yes, no with a reason, or done."""

    answer: CarryingOut
    reason: str = Field("", max_length=5_000)


def pages(site: Site, desk: Desk) -> APIRouter:
    """The page."""
    router = desk.admission.pages("assessment.measures", {Role.MUNICIPALITY: Purpose.CARRY_OUT_MEASURES})

    async def listed(request: Request, caller: Caller, form: Filled | None = None) -> Response:
        found = await desk.advised_now(caller, asked(request, queries.ADVICE_WAYS))
        return site.page(request, "measures/advice.html", found.rows, form=form, found=found)

    @router.get("/adviezen")
    async def advice(request: Request, caller: Municipal) -> Response:
        return await listed(request, caller)

    @router.post("/adviezen")
    async def answer(request: Request, caller: Municipal) -> Response:
        read = await read_form(request, AnswerBody)
        form, body = read.form, read.body
        if body is not None and body.answer is CarryingOut.DECLINED and not body.reason:
            form = form.wrong({"reason": WHY})
        if body is None or form.errors:
            return await listed(request, caller, form)
        one = OneBody(case=body.case, measure=body.measure)
        await desk.carry_out(body.answer, one, caller, once_of(read, request), body.reason)
        return site.moved(f"{site.prefix}/adviezen{back(asked(request, queries.ADVICE_WAYS), queries.ADVICE_WAYS)}")

    return router
