"""Who is calling, and which roles may. The caller comes from a token or session that was checked (`gate.py`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fastapi import Depends, HTTPException, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from shared.runtime.request import current


class Role(StrEnum):
    """The roles of the matrix (`matrix.toml`). Those without a row there sign in and see no case."""

    OFFICE_HOLDER = "office-holder"
    FAMILY = "family"
    REPORTER = "reporter"
    CONFIDANT = "confidant"
    POLICE = "police"
    RCCB = "rccb"
    HOVJ = "hovj"
    MUNICIPALITY = "municipality"
    BZK = "bzk"
    IVP = "ivp"
    IVP_BILLING = "ivp-billing"
    CONTROLLER = "controller"
    COUNCIL = "council"
    ASSOCIATION = "association"
    EVALUATOR = "evaluator"
    AUDITOR = "auditor"
    DPO = "dpo"
    ADMIN = "admin"


@dataclass(frozen=True)
class Caller:
    """`actor` is an account id without personal meaning; `municipality` the CBS code of a municipal handler.

    `unit`: police unit or team; `level`: `low`, `substantial` or `high`, how surely it is this person.
    """

    role: Role
    actor: str
    municipality: str = ""
    unit: str = ""
    level: str = ""


class WrongRole(Exception):
    """Signed in, in a role that nobody here knows."""


class Admission(Protocol):
    """Who may come in. It is at `app.state.gate`; an app without one lets nobody in."""

    async def caller(self, request: Request) -> Caller | None:
        """The caller, or None when no credentials were sent. Raises `HTTPException` for those that do not count."""
        ...


BEARER = HTTPBearer(
    scheme_name="Token",
    bearerFormat="JWT",
    description="An access token of the issuer of this place: docs/api.md, Who calls.",
    auto_error=False,
)
BEARER_IF_ANY = HTTPBearer(scheme_name="TokenIfAny", auto_error=False)
SESSION = APIKeyCookie(
    name="__Host-session",
    scheme_name="Session",
    description="For our own pages. Writes also need the header X-CSRF-Token.",
    auto_error=False,
)
"""For the OpenAPI document only: the gate reads the headers itself."""


def calls_as(*allowed: Role) -> Callable[..., Awaitable[Caller]]:
    """A FastAPI dependency: the caller, if the role is one of these. 401 without sign-in, 403 for another role."""

    async def caller(request: Request, _token: object = Depends(BEARER), _session: object = Depends(SESSION)) -> Caller:
        found = await request.app.state.gate.caller(request)
        if found is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        _remember(request, found)
        return _fitting(found, allowed)

    return caller


def perhaps_calls_as(*allowed: Role) -> Callable[..., Awaitable[Caller | None]]:
    """As `calls_as`, for what anybody may do: None when no credentials were sent. Bad ones are still 401."""

    async def caller(request: Request, _token: object = Depends(BEARER_IF_ANY)) -> Caller | None:
        found = await request.app.state.gate.caller(request)
        return None if found is None else _fitting(_remember(request, found), allowed)

    return caller


def _remember(request: Request, caller: Caller) -> Caller:
    """For the wall and the logs, also when the role does not fit."""
    request.state.caller = caller
    if (seen := current()) is not None:
        seen.role = caller.role
    return caller


def _fitting(caller: Caller, allowed: tuple[Role, ...]) -> Caller:
    if caller.role not in allowed:
        raise HTTPException(403, "Deze rol mag dit niet.")
    if caller.role in (Role.MUNICIPALITY, Role.CONTROLLER, Role.COUNCIL) and not caller.municipality:
        raise HTTPException(403, "Bij dit account staat niet voor welke gemeente het is.")
    return caller
