"""The page on which two people of the controller destroy what is kept of a case, or say that it must stay."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from enum import StrEnum
from typing import Annotated, assert_never

from fastapi import APIRouter, Depends, Request, Response

from shared.access.admission import Admission
from shared.access.purposes import Purpose
from shared.access.roles import Caller, Role, calls_as
from shared.contracts.vocabulary import ShredReason
from shared.privacy.shredding import HoldReason
from shared.web import dutch
from shared.web.forms import Filled
from shared.web.http import Body, Once
from shared.web.pages import Site
from shared.web.shredding import Desk, HoldBody, Shreddable, ShreddingBody

PURPOSES = {Role.MUNICIPALITY: Purpose.PAY, Role.BZK: Purpose.DECIDE_ON_CONTRIBUTION}
WHY = "Kies waarom."
LOOKED = "Kijk de zaak eerst na, en zet dan hier een vinkje."


class Step(StrEnum):
    """What somebody does with what is kept."""

    ASK = "ask"
    CONFIRM = "confirm"
    HOLD = "hold"
    RELEASE = "release"


class StepBody(Body):
    """A step, and what it needs: a reason from a list, or a tick of who confirms."""

    step: Step
    reason: ShredReason | None = None
    hold_for: HoldReason | None = None
    looked: bool = False

    def lacks(self) -> dict[str, str]:
        """What this step needs and was not filled in, per field."""
        if self.step is Step.ASK and self.reason is None:
            return {"reason": WHY}
        if self.step is Step.HOLD and self.hold_for is None:
            return {"hold_for": WHY}
        return {"looked": LOOKED} if self.step is Step.CONFIRM and not self.looked else {}


def shredding_pages(site: Site, admission: Admission, *modules: Shreddable) -> APIRouter:
    """A page for each module, for the people of its controller. `case`: as the caller knows it."""
    router = admission.pages("shredding", PURPOSES)
    for one in modules:
        _add(router, site, Desk(one, admission))
    return router


def _add(router: APIRouter, site: Site, desk: Desk) -> None:
    path = f"/bewaren/{desk.name}"
    reasons, holds = dutch.options("ShredReason", ShredReason), dutch.options("HoldReason", HoldReason)
    people = Depends(calls_as(*desk.roles))

    async def draw(case: str, request: Request, caller: Caller, form: Filled | None = None) -> Response:
        shown = await desk.read(case, caller)
        return site.page(
            request, "shredding.html", shown, form=form, here=f"{site.prefix}{path}/{case}", kept_in=desk.module,
            reasons=reasons, holds=holds,
        )  # fmt: skip

    @router.get(path + "/{case}")
    async def read(case: str, request: Request, caller: Annotated[Caller, people]) -> Response:
        return await draw(case, request, caller)

    @router.post(path + "/{case}")
    async def act(case: str, request: Request, caller: Annotated[Caller, people]) -> Response:
        async def do(body: StepBody, _once: Once) -> None:
            await _do(desk, case, body, caller)

        return await site.act(
            request, StepBody, do, again=lambda form: draw(case, request, caller, form), lacks=StepBody.lacks,
            then=f"{path}/{case}",
        )  # fmt: skip


async def _do(desk: Desk, case: str, body: StepBody, caller: Caller) -> None:
    # Each step is done once, whoever sends it again: the key of the form says nothing more.
    match body.step:
        case Step.ASK:
            await desk.ask(ShreddingBody.model_validate({"case": case, "reason": body.reason}), caller)
        case Step.CONFIRM:
            await desk.confirm(case, caller)
        case Step.HOLD:
            await desk.hold(HoldBody.model_validate({"case": case, "reason": body.hold_for}), caller)
        case Step.RELEASE:
            await desk.release(case, caller)
        case _:
            assert_never(body.step)
