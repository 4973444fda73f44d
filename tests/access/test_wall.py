"""The wall: every answer is cut by the matrix, and nothing of a person leaves without somebody admitted and a line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, HTTPException, Request
from structlog.testing import capture_logs

from shared.access.admission import note
from shared.access.matrix import Cell, DataClass, fields, matrix
from shared.access.purposes import stating_purpose
from shared.access.relations import Relation
from shared.access.roles import Caller, Role
from shared.access.wall import Visit, visit, walled
from shared.privacy.security_log import Act, Result
from shared.web.problems import add_problems

pytestmark = pytest.mark.held_back

EVERYTHING = {
    "case": "c0ffee", "victim": {"name": "Kanarie", "address": "Kanarielaan 1"}, "narrative": "Kanarie.",
    "evidence": [{"sha256": "0" * 64, "custody": [{"by": "agent-1"}]}], "qualifies": True,
}  # fmt: skip


@dataclass
class Notebook:
    """Remembers what it was told to write down."""

    read: list[tuple[str, set[tuple[str, str]]]] = field(default_factory=list)
    refused: list[tuple[str, int]] = field(default_factory=list)
    away: bool = False

    async def was_read(self, visit: Visit, route: str) -> None:
        if self.away:
            raise HTTPException(503, "Het logboek is weg.")
        self.read.append((route, set(visit.admitted)))

    async def was_done(self, act: Act, caller: Caller, module: str, document: str, result: Result = "done") -> None:
        raise AssertionError("nothing is done here")

    async def was_refused(self, visit: Visit, route: str, status: int) -> None:
        self.refused.append((route, status))


@asynccontextmanager
async def serving(
    caller: Caller | None, relation: Relation | None, answer: Any, watch: Notebook
) -> AsyncIterator[httpx2.AsyncClient]:
    app, router = FastAPI(), walled("intake.reporting", watch)

    @router.get("/reports/{case}")
    async def read(case: str, request: Request) -> Any:
        request.state.caller = caller
        if relation is None and caller is not None:
            raise HTTPException(404, "Deze zaak is niet bekend.")
        if relation is not None:
            note(case, relation)
        return answer

    add_problems(app)
    app.include_router(router)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        yield client


async def shown(role: Role, relation: Relation, answer: Any = EVERYTHING) -> Any:
    async with serving(Caller(role, "account-1"), relation, answer, Notebook()) as client:
        return (await client.get("/reports/c0ffee", headers=stating_purpose(role))).json()


async def test_each_role_gets_its_cells_and_nothing_else() -> None:
    assert await shown(Role.OFFICE_HOLDER, Relation.OWN) == EVERYTHING
    assert await shown(Role.RCCB, Relation.OWN_UNIT) == EVERYTHING
    police = await shown(Role.POLICE, Relation.OWN_UNIT)
    assert police == {name: value for name, value in EVERYTHING.items() if name != "qualifies"}
    assert await shown(Role.MUNICIPALITY, Relation.ASSIGNED) == {
        "case": "c0ffee", "victim": {"name": "Kanarie", "address": "Kanarielaan 1"},
    }  # fmt: skip
    assert await shown(Role.BZK, Relation.PSEUDONYM) == {"case": "c0ffee"}
    assert await shown(Role.IVP, Relation.CLIENT) == {
        "case": "c0ffee", "victim": {"name": "Kanarie", "address": "Kanarielaan 1"},
    }  # fmt: skip
    assert await shown(Role.REPORTER, Relation.WROTE) == {
        "case": "c0ffee", "narrative": "Kanarie.", "evidence": [{"sha256": "0" * 64}],
    }  # fmt: skip


async def test_a_field_that_nobody_classified_is_held_back_and_somebody_is_told() -> None:
    with capture_logs() as lines:
        assert await shown(Role.RCCB, Relation.OWN_UNIT, {"case": "c0ffee", "nieuw_veld": "Kanarie."}) == {
            "case": "c0ffee"
        }  # fmt: skip
    assert [(line["event"], line["type"], line["error"]) for line in lines] == [
        ("field_held_back", "nieuw_veld", "unclassified")
    ]  # fmt: skip
    assert "Kanarie" not in str(lines)


async def test_rows_of_a_list_are_cut_one_by_one() -> None:
    assert await shown(Role.BZK, Relation.PSEUDONYM, [EVERYTHING, EVERYTHING]) == [{"case": "c0ffee"}] * 2


async def test_nothing_of_a_person_is_shown_when_nobody_was_admitted() -> None:
    """A route that forgot to admit the caller gives away plain fields only."""
    async with serving(None, None, EVERYTHING, Notebook()) as client:
        assert (await client.get("/reports/c0ffee")).json() == {"case": "c0ffee"}


async def test_each_case_that_is_shown_is_written_down_before_the_answer() -> None:
    watch = Notebook()
    async with serving(Caller(Role.RCCB, "rccb-1"), Relation.OWN_UNIT, EVERYTHING, watch) as client:
        await client.get("/reports/c0ffee")
    assert watch.read == [("GET /reports/{case}", {("intake.reporting", "c0ffee")})]


async def test_what_cannot_be_written_down_is_not_shown() -> None:
    watch = Notebook(away=True)
    async with serving(Caller(Role.RCCB, "rccb-1"), Relation.OWN_UNIT, EVERYTHING, watch) as client:
        answer = await client.get("/reports/c0ffee")
    assert answer.status_code == 503
    assert "Kanarie" not in answer.text


async def test_a_refusal_is_written_down_by_route_and_never_by_case() -> None:
    watch = Notebook()
    async with serving(Caller(Role.RCCB, "rccb-1"), None, EVERYTHING, watch) as client:
        assert (await client.get("/reports/c0ffee")).status_code == 404
    assert (watch.refused, watch.read) == ([("GET /reports/{case}", 404)], [])


async def test_a_partner_that_does_not_say_what_for_reads_nothing() -> None:
    watch = Notebook()
    async with serving(Caller(Role.BZK, "bzk-1"), Relation.PSEUDONYM, EVERYTHING, watch) as client:
        for headers in ({}, {"Purpose": "nieuwsgierig"}, {"Purpose": "care"}):
            answer = await client.get("/reports/c0ffee", headers=headers)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "header.purpose")
    assert watch.read == []


async def test_outside_a_walled_route_nobody_is_admitted() -> None:
    with pytest.raises(RuntimeError):
        visit()


def test_a_module_without_a_table_of_fields_cannot_have_a_route() -> None:
    with pytest.raises(KeyError):
        walled("intake.nieuw", Notebook())


AGREED = {
    # role, relation: identity address narrative assessment measures costs care-fact care-content confidential
    ("office-holder", "own"): "●●●◐●●●––",
    ("office-holder", "trusted"): "●–●◐●––––",
    ("office-holder", "wrote"): "◐–◐–––○––",
    ("family", "own"): "●●●–––●––",
    ("family", "trusted"): "●–●◐●––––",
    ("family", "wrote"): "◐–◐–––○––",
    ("reporter", "wrote"): "◐–◐–––○––",
    ("reporter", "trusted"): "●–●◐●––––",
    ("police", "own-unit"): "●●●––––––",
    ("police", "break-glass"): "●●●––––––",
    ("rccb", "own-unit"): "●●●●●––––",
    ("rccb", "break-glass"): "●●●●●––––",
    ("hovj", "own-unit"): "●●●●●––––",
    ("hovj", "break-glass"): "●●●●●––––",
    ("municipality", "assigned"): "●◐––●●–––",
    ("municipality", "trusted"): "●–●◐●––––",
    ("municipality", "rota"): "–––––●–––",
    ("controller", "rota"): "–––––●–––",
    ("bzk", "pseudonym"): "◐–––◐●–––",
    ("ivp", "client"): "●●––––●––",
    ("ivp-billing", "rota"): "–––––●–––",
}
"""The agreed table, written down a second time: who changes the matrix changes it here too, on purpose."""


def test_the_matrix_is_the_agreed_one() -> None:
    kinds = [kind for kind in DataClass if kind is not DataClass.PLAIN]
    found = {
        (role.value, relation.value): "".join(matrix().cell(role, relation, kind) for kind in kinds)
        for role, relation in matrix().cells
    }
    assert found == AGREED


def test_a_role_without_a_row_sees_nothing_not_even_that_a_case_is_there() -> None:
    for role in set(Role) - {Role(role) for role, _ in AGREED}:
        assert not any(matrix().admits(role, relation) for relation in Relation)
        assert all(matrix().cell(role, Relation.OWN, kind) is Cell.NOTHING for kind in DataClass)


def test_without_a_relation_there_is_no_case() -> None:
    assert not any(matrix().admits(role, None) for role in Role)


def test_a_part_names_only_fields_that_some_module_has() -> None:
    known = {name.rstrip("*") for table in fields().values() for name in table}
    for (role, kind), names in matrix().parts.items():
        assert names <= known, (role, kind)
