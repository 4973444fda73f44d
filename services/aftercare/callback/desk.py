"""What routes and pages of the call back share: who may, reading references, letting in, acting, and what is shown."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

import re
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError

from services.aftercare.callback import commands, queries
from services.aftercare.callback.bodies import (
    CallbackBody,
)
from services.aftercare.callback.care import Care, Person
from services.aftercare.callback.policy import lines_on, terms_on
from shared.access.admission import Admission, note, note_rows, refused
from shared.access.matrix import DataClass
from shared.access.relations import Relation
from shared.access.roles import Caller, Role, calls_as, perhaps_calls_as
from shared.access.ties import NoteTie
from shared.contracts.vocabulary import Tie
from shared.runtime.cases import Act, Cases, Handled
from shared.web.changed import Since
from shared.web.http import Once
from shared.web.limits import peer, stop_if_too_often
from shared.web.paging import Page

Ivp = Annotated[Caller, Depends(calls_as(Role.IVP))]
Asking = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER, Role.IVP))]
Anybody = Annotated[Caller | None, Depends(perhaps_calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER, Role.IVP))]
"""Nobody needs to sign in to ask for care."""
NOBODY = "nobody"
"""The account in our own records of somebody who did not sign in."""
Following = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.REPORTER))]
Victim = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY))]
VictimOrIvp = Annotated[Caller, Depends(calls_as(Role.OFFICE_HOLDER, Role.FAMILY, Role.IVP))]
NO_CARE = "Hier is geen nazorg bekend."
RECEIPT = re.compile(r"[0-9a-f]{32}")
"""A reference as it stands on the receipt of a report."""


class Desk:
    """What every route here does: read a reference, act, and answer what the caller may see."""

    def __init__(self, cases: Cases[Care], admission: Admission) -> None:
        self.cases, self.admission, self.references = cases, admission, admission.references

    def case(self, caller: Caller, reference: str) -> str:
        """The case behind a reference: the IVP has its own ones. 404 when it is not one of the caller's."""
        case = self.references.open(queries.PARTNER, reference) if caller.role is Role.IVP else reference
        if case is None:
            raise refused(caller)
        return case

    async def asked(self, body: CallbackBody, caller: Caller, once: Once) -> tuple[str, bool]:
        """The case of a call, and whether it is about the caller: of the receipt, of the IVP's reference, or a new one.

        Who asks without a tie to the case asks for somebody else; who is kept out of it gets a case of their own and
        does not see the difference.
        """
        own = caller.role is not Role.REPORTER
        # Keys of people who did not sign in may be the same by accident: what they send is part of who they are.
        known = [caller.actor, once.key] + ([once.digest] if caller.actor == NOBODY else [])
        fresh = self.cases.id_for("http", *known)
        if body.case is None:
            return await self._tied(fresh, caller, own), own
        if caller.role is Role.IVP:
            return body.case if RECEIPT.fullmatch(body.case) else self.case(caller, body.case), own
        if not RECEIPT.fullmatch(body.case):
            raise refused(caller)
        ties, account = await self.admission.tied(body.case), self.admission.account(caller.actor)
        if ties is not None and ties.holds(Tie.EXCLUDED, account):
            return await self._tied(fresh, caller, own), own
        # The report may not have been told here yet: nobody waits for that (INV-1).
        # Whom the person trusts sees nothing of care (the matrix), and asks for somebody else as anybody does.
        mine = own and (ties is None or ties.holds(Tie.OWN, account))
        if ties is None or not mine:
            await self._tied(body.case, caller, mine)
        return body.case, mine

    async def _tied(self, case: str, caller: Caller, own: bool) -> str:
        if caller.role is not Role.IVP and caller.actor != NOBODY:
            ties, account = self.admission.ties, self.admission.account(caller.actor)
            fact = NoteTie(case, account, Tie.OWN if own else Tie.WROTE, True)
            handled = Handled(f"asked:{account}:{fact.tie}")
            await ties.update(ties.id_for(case), fact, handled=handled, act=Act(caller.actor, "asked"), new=True)
        return case

    async def known(self, case: str, caller: Caller, *, own: bool = False) -> Care:
        """Care around a case, if it is there for this caller. Raises 404.

        `own`: it must be about the caller, or the IVP's client; not for who wrote it for somebody else.
        """
        state = await self.cases.load(self.cases.id_for(case))
        if state is None:
            raise refused(caller, NO_CARE)
        relation = await self.admission.relation(caller, case, queries.known(state), DataClass.CARE_FACT)
        if relation is None or (own and relation is Relation.WROTE):
            raise refused(caller, NO_CARE)
        note(case, relation)
        return state

    async def act(self, reference: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """Updates the case behind a reference, if it is there for this caller."""
        case = self.case(caller, reference)
        await self.known(case, caller)
        return await self.save(case, command, caller, once, purpose)

    async def answer(self, reference: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """As `act`, for what the person says and nobody who reported for them says instead."""
        case = self.case(caller, reference)
        await self.known(case, caller, own=True)
        return await self.save(case, command, caller, once, purpose)

    async def save(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> dict[str, Any]:
        """Updates the case and returns the caller's view of it."""
        return await self.shown(await self.update(case, command, caller, once, purpose), caller)

    async def update(self, case: str, command: object, caller: Caller, once: Once, purpose: str) -> Care:
        """Updates the case."""
        handled, act = once.handled(caller), Act(caller.actor, purpose)
        return await self.cases.update(self.cases.id_for(case), command, handled=handled, act=act)

    async def request(self, asked: Request, body: CallbackBody, sender: Caller | None, once: Once) -> dict[str, Any]:
        """Asks for a call back, signed in or not. Raises 400 without any number, 429 when asked too often."""
        caller = sender or (Caller(Role.REPORTER, NOBODY) if body.caller else Caller(Role.OFFICE_HOLDER, NOBODY))
        if caller.role is not Role.IVP:  # the IVP notes one call after the other, all from one address
            await stop_if_too_often(asked, "callback", peer(asked))
        _check(body, caller)
        case, own = await self.asked(body, caller, once)
        command = _request(body, caller, case, own, self.cases)
        if sender is None:
            return self.receipt(await self.update(case, command, caller, once, "callback"))
        return await self.save(case, command, caller, once, "callback")

    def receipt(self, state: Care) -> dict[str, Any]:
        """What somebody reads who asked without signing in."""
        shown = queries.for_victim(state, lines_on(self.cases.clock.now().date()))
        return {name: shown[name] for name in ("case", "message", "family")}

    async def shown(self, state: Care, caller: Caller) -> dict[str, Any]:
        """What the caller sees of it."""
        relation = await self.admission.admit(caller, state.case, queries.known(state), of=DataClass.CARE_FACT)
        return queries.view(state, relation, self.cases.clock.now(), self.references)

    async def rows(self, found: list[Care], page: Page, since: Since) -> list[dict[str, Any]]:
        """A page of one of the IVP's lists."""
        shown = page.cut(found)
        note_rows(one.case for one in shown)
        now, marks, number = self.cases.clock.now(), self.cases.marks, self.cases.id_for
        rows = [(one.case, queries.row(one, now, self.references) | marks(number(one.case))) for one in shown]
        return await since.mark(self.cases, rows, queries.PARTNER)


def _check(body: CallbackBody, caller: Caller) -> None:
    wrong = []
    if body.case is None and not body.phone and not (body.caller and body.caller.phone):
        wrong.append(("phone", "missing", "Vul één telefoonnummer in. De rest mag later."))
    if body.called_at is not None and caller.role is not Role.IVP:
        wrong.append(("called_at", "value_error", "Alleen het IVP schrijft op wanneer er gebeld is. Laat dit leeg."))
    if wrong:
        raise RequestValidationError([{"type": kind, "loc": ("body", name), "msg": text} for name, kind, text in wrong])


def _request(body: CallbackBody, caller: Caller, case: str, own: bool, cases: Cases[Care]) -> commands.RequestCallback:
    now = cases.clock.now()
    # Whoever asks for somebody else is a caller, also without telling who they are.
    other = None if own else Person()
    who = body.caller.person() if body.caller else other
    return commands.RequestCallback(
        case, body.person(), who, body.first(who), caller.role is Role.IVP, body.called_at or now, now,
        terms_on(now.date()),
    )  # fmt: skip
