"""Which police unit a municipality lies in, and who is on the municipality's rota for which office.

Read from a file by setting: it differs from place to place and changes with people. Accounts are opaque, no names.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.vocabulary import Office


class Rota(BaseModel):
    """One municipality. `name`: as people know it; `unit`: the police unit it lies in.

    Per office the accounts that handle, the first first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    name: str = Field("", max_length=100)
    unit: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    mayor: tuple[str, ...] = ()
    alderman: tuple[str, ...] = ()
    councillor: tuple[str, ...] = ()

    def accounts(self, office: Office | None = None) -> tuple[str, ...]:
        """Who handles for this office; without one: everybody on the rota."""
        per_office = {Office.MAYOR: self.mayor, Office.ALDERMAN: self.alderman, Office.COUNCILLOR: self.councillor}
        if office is None:
            return tuple(dict.fromkeys((*self.mayor, *self.alderman, *self.councillor)))
        return per_office.get(office, ())


class Organisations(BaseModel):
    """All municipalities, by CBS code. One that is not here lies in no unit and has nobody: nobody sees its cases."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    municipality: dict[str, Rota] = {}

    def towns(self) -> tuple[tuple[str, str], ...]:
        """Code and name of each municipality, by name; without a name its code."""
        named = ((code, rota.name or code) for code, rota in self.municipality.items())
        return tuple(sorted(named, key=lambda town: town[1]))

    def unit_of(self, municipality: str | None) -> str | None:
        """The police unit; None when it is not known."""
        rota = self.municipality.get(municipality or "")
        return rota.unit if rota else None

    def in_unit(self, unit: str) -> tuple[str, ...]:
        """The municipalities of a unit."""
        return tuple(code for code, rota in sorted(self.municipality.items()) if unit and rota.unit == unit)

    def on_rota(self, municipality: str, account: str) -> bool:
        """Whether the account handles for this municipality, whatever the office."""
        rota = self.municipality.get(municipality)
        return rota is not None and account in rota.accounts()

    def handlers(self, municipality: str, office: Office | None) -> tuple[str, ...]:
        """The accounts that a new case of this office goes to (R-ACT-04); none when the municipality is not known."""
        rota = self.municipality.get(municipality)
        return rota.accounts(office) if rota and office else ()


def read_organisations(file: Path | None) -> Organisations:
    """From the file; without one nobody is on any rota. Raises `ValueError` when it does not fit."""
    if file is None:
        return Organisations()
    return Organisations.model_validate(tomllib.loads(file.read_text()))
