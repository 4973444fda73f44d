"""Who is calling. For now a plain header says so (`Role`, `Actor`); sign-in takes its place later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Header, HTTPException


class Role(StrEnum):
    """The roles that the chain needs now."""

    OFFICE_HOLDER = "office-holder"
    REPORTER = "reporter"
    POLICE = "police"
    RCCB = "rccb"
    HOVJ = "hovj"
    MUNICIPALITY = "municipality"
    BZK = "bzk"
    IVP = "ivp"
    CONFIDANT = "confidant"


@dataclass(frozen=True)
class Caller:
    """`actor` is an account id without personal meaning; `municipality` the CBS code of a municipal handler."""

    role: Role
    actor: str
    municipality: str = ""


def calls_as(*allowed: Role) -> Callable[..., Caller]:
    """A FastAPI dependency: the caller, if the role is one of these; otherwise 403."""

    def caller(
        role: Annotated[str, Header(description="One of: " + ", ".join(Role))] = "",
        actor: Annotated[str, Header(pattern=r"^[a-z0-9-]{0,40}$", description="Account id, no name.")] = "",
        municipality: Annotated[str, Header(pattern=r"^(\d{4})?$", description="CBS code.")] = "",
    ) -> Caller:
        if role not in {known.value for known in allowed} or not actor:
            raise HTTPException(403, "Deze rol mag dit niet, of de koppen Role en Actor ontbreken.")
        if role == Role.MUNICIPALITY and not municipality:
            raise HTTPException(403, "Een medewerker van een gemeente noemt de CBS-code in de kop Municipality.")
        return Caller(Role(role), actor, municipality)

    return caller
