"""Reads the two tables of the wall: who may see which class of data, and which class each field of an answer is.

Both deny by default: a row that is missing gives nothing, a field that nobody classified is not shown.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from shared.access.relations import Relation
from shared.access.roles import Role

HERE = Path(__file__).parent


class Cell(StrEnum):
    """What a role in a relation sees of a class of data."""

    ALL = "●"
    PART = "◐"
    FACT = "○"
    NOTHING = "–"


class DataClass(StrEnum):
    """The columns of the matrix, and `plain`: what says nothing about a person."""

    IDENTITY = "identity"
    ADDRESS = "address"
    NARRATIVE = "narrative"
    ASSESSMENT = "assessment"
    MEASURES = "measures"
    COSTS = "costs"
    CARE_FACT = "care-fact"
    CARE_CONTENT = "care-content"
    CONFIDENTIAL = "confidential"
    PLAIN = "plain"


Key = tuple[Role, Relation]


@dataclass(frozen=True)
class Matrix:
    """`cells`: per role and relation, per class. `parts`: the fields of a class that ◐ and ○ leave."""

    cells: Mapping[Key, Mapping[DataClass, Cell]]
    parts: Mapping[tuple[Role, DataClass], frozenset[str]]

    def cell(self, role: Role, relation: Relation, kind: DataClass) -> Cell:
        """What stands there; nothing where nothing stands. `plain` is for whoever stands in the table at all."""
        row = self.cells.get((role, relation))
        if row is None:
            return Cell.NOTHING
        return Cell.ALL if kind is DataClass.PLAIN else row[kind]

    def shows(self, role: Role, relation: Relation, kind: DataClass, field: str) -> bool:
        """Whether this field, which is of this class, is shown."""
        match self.cell(role, relation, kind):
            case Cell.ALL:
                return True
            case Cell.PART | Cell.FACT:
                return field in self.parts.get((role, kind), frozenset())
            case _:
                return False

    def admits(self, role: Role, relation: Relation | None) -> bool:
        """Whether a case is there at all for this role in this relation."""
        return relation is not None and (role, relation) in self.cells


@cache
def matrix() -> Matrix:
    """The table in `matrix.toml`. Raises `ValueError` when a row has other columns or stands there twice."""
    found = tomllib.loads((HERE / "matrix.toml").read_text())
    columns = [DataClass(name) for name in found["columns"]]
    if set(columns) != set(DataClass) - {DataClass.PLAIN}:
        raise ValueError("matrix.toml: columns")
    cells: dict[Key, dict[DataClass, Cell]] = {}
    for row in found["row"]:
        key = (Role(row["role"]), Relation(row["relation"]))
        if key in cells:
            raise ValueError(f"matrix.toml: twice {key}")
        cells[key] = dict(zip(columns, map(Cell, row["cells"].split()), strict=True))
    parts = {
        (Role(role), DataClass(part["class"])): frozenset(part["fields"])
        for part in found["part"]
        for role in part["roles"]
    }
    return Matrix(cells, parts)


@cache
def fields() -> Mapping[str, Mapping[str, DataClass]]:
    """Per module the class of each field of its answers, from `fields.toml`. Raises `ValueError` on a field twice."""
    found: dict[str, Any] = tomllib.loads((HERE / "fields.toml").read_text())
    common = found.pop("everywhere")
    tables: dict[str, dict[str, DataClass]] = {}
    for module, classes in found.items():
        table: dict[str, DataClass] = dict.fromkeys(common["plain"], DataClass.PLAIN)
        own: set[str] = set()
        for kind, names in classes.items():
            if own & set(names):
                raise ValueError(f"fields.toml: {module} twice {sorted(own & set(names))}")
            own |= set(names)
            table |= dict.fromkeys(names, DataClass(kind))
        tables[module] = table
    return tables
