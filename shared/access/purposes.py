"""What a partner wants data for: stated in the header `Purpose`, one of a list, and written in the processing log."""

from __future__ import annotations

from enum import StrEnum

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from shared.access.roles import Caller, Role

HEADER = "Purpose"


class Purpose(StrEnum):
    """Why a partner asks."""

    CARRY_OUT_MEASURES = "carry-out-measures"
    PAY = "pay"
    DECIDE_ON_CONTRIBUTION = "decide-on-contribution"
    CALL_BACK = "call-back"
    CARE = "care"
    BILL = "bill"


OF_ROLES: dict[Role, frozenset[Purpose]] = {
    Role.MUNICIPALITY: frozenset({Purpose.CARRY_OUT_MEASURES, Purpose.PAY}),
    Role.CONTROLLER: frozenset({Purpose.PAY}),
    Role.BZK: frozenset({Purpose.DECIDE_ON_CONTRIBUTION}),
    Role.IVP: frozenset({Purpose.CALL_BACK, Purpose.CARE}),
    Role.IVP_BILLING: frozenset({Purpose.BILL}),
}
"""Partners, and what each may ask for. Police, OM and people themselves need not say it: their role does."""


def purpose_of(request: Request) -> str:
    """The purpose as stated; empty when it is not on the list."""
    stated = request.headers.get(HEADER, "")
    return stated if stated in {one.value for one in Purpose} else ""


def check_purpose(request: Request, caller: Caller | None) -> None:
    """Raises 400 when a partner reads without a purpose that fits its role."""
    allowed = OF_ROLES.get(caller.role) if caller is not None and request.method in ("GET", "HEAD") else None
    if allowed is not None and purpose_of(request) not in allowed:
        words = ", ".join(sorted(allowed))
        message = f"Noem in de kop Purpose waarvoor u dit opvraagt: {words}."
        raise RequestValidationError([{"type": "value_error", "loc": ("header", "purpose"), "msg": message}])


def stating_purpose(role: Role) -> dict[str, str]:
    """The header with which a client of ours states what it asks for; none for roles that need not say it."""
    return {HEADER: min(OF_ROLES[role])} if role in OF_ROLES else {}
