"""HTTP of claims: who reported without signing in takes the case over later, by code and a call back.

The code stands on the receipt; of a report by somebody else the police have it, for the victim. It follows from the
case and our key, so nothing of it is stored. Police ring the number in the report before they confirm: a code alone,
found on a desk, opens nothing.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from shared.access.admission import Admission, note, note_rows, refused
from shared.access.relations import Relation
from shared.access.roles import Caller, Role, calls_as
from shared.access.ties import AskClaim, ChangeTie, Ties
from shared.contracts.vocabulary import Tie
from shared.runtime.cases import Act
from shared.web.http import Body, Keyed, Once
from shared.web.limits import within
from shared.web.paging import Paged

Person = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY))]
Police = Annotated[Caller, Depends(calls_as(Role.POLICE))]
ASKED = "De politie belt u op het nummer in de melding. Daarna ziet u de zaak hier."
DIGITS, GROUP = 12, 4


class ClaimBody(Body):
    """The code from the receipt, with or without spaces."""

    code: str = Field(pattern=r"^[0-9 -]{1,40}$")


def claim_code(admission: Admission, case: str) -> str:
    """The code of a case, in groups that can be read out: `1234 5678 9012`."""
    number = int(admission.references.mark("accounts", "claim", case), 16) % 10**DIGITS
    digits = f"{number:0{DIGITS}d}"
    return " ".join(digits[at : at + GROUP] for at in range(0, DIGITS, GROUP))


def claim_routes(admission: Admission) -> APIRouter:
    """The routes."""
    router = admission.router("relations", prefix="/claims", tags=["claims"])

    @router.get("", summary="Who asked for a case that was reported without signing in; police ring them first")
    async def waiting(caller: Police, page: Paged) -> list[dict[str, Any]]:
        return page.cut(await waiting_claims(admission, caller, page.skip, page.fetch))

    @router.post(
        "/{case}", status_code=201, summary="Take over a case that you reported without signing in",
        dependencies=[Depends(within("claim"))],
    )  # fmt: skip
    async def ask(case: str, body: ClaimBody, caller: Person, once: Keyed) -> dict[str, Any]:
        await ask_claim(admission, case, body.code, caller, once)
        return {"case": case, "message": ASKED}

    @router.post("/{case}/confirmations", status_code=201, summary="Police rang the number in the report: it is theirs")
    async def confirm(case: str, caller: Police, once: Keyed) -> dict[str, Any]:
        return await confirm_claim(admission, case, caller, once)

    return router


async def waiting_claims(admission: Admission, caller: Caller, skip: int, most: int) -> list[dict[str, Any]]:
    """The cases of the caller's unit that somebody asked for; each stands in the processing log as shown."""
    scope, ties = await admission.scope(caller), admission.ties
    wanted = {"state.claiming.0": {"$exists": True}, "state.municipality": {"$in": list(scope.towns or ())}}
    found = await ties.collection.find(wanted, {"state": 1}).limit(skip + most).to_list(None)
    rows = [ties.read(document) for document in found if document["state"]["case"] not in scope.never][skip:]
    note_rows(one.case for one in rows)
    return [_shown(one) for one in rows]


async def ask_claim(admission: Admission, case: str, code: str, caller: Caller, once: Once) -> None:
    """Asks for a case with the code of its receipt. Raises 404 for a wrong code as for a case that is not there."""
    right = claim_code(admission, case).replace(" ", "")
    given = "".join(sign for sign in code if sign.isdigit())
    known = await admission.tied(case)
    if not hmac.compare_digest(right, given) or known is None or known.own:
        raise refused(caller)
    command = AskClaim(case, admission.account(caller.actor))
    ties, act = admission.ties, Act(caller.actor, "claim")
    await ties.update(ties.id_for(case), command, handled=once.handled(caller), act=act)


async def confirm_claim(admission: Admission, case: str, caller: Caller, once: Once) -> dict[str, Any]:
    """Police say that the person at the number in the report asked. Raises 404."""
    ties = admission.ties
    note(case, await admission.admit(caller, case, module=ties.module.name), ties.module.name)
    known = await admission.tied(case)
    if known is None or not known.claiming:
        raise refused(caller)
    command = ChangeTie(case, known.claiming[-1], Tie.OWN, True, ties.clock.now())
    act = Act(caller.actor, "claim confirmed")
    return _shown(await ties.update(ties.id_for(case), command, handled=once.handled(caller), act=act))


def _shown(state: Ties) -> dict[str, Any]:
    return {"case": state.case, "relation": Relation.OWN, "holds": bool(state.own)}
