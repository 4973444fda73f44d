"""Weighing over HTTP: who may, what is shown, what is due first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from deploy.local.temporary import Mongo
from services.assessment.app import WEIGHING, build
from services.assessment.weighing.commands import NoteLink, NoteMutatie
from shared.contracts.vocabulary import Office, Urgency
from tests.services.assessment.weighing.test_domain import DOES_NOT, OPEN, QUALIFIES
from tests.services.serving import START, Served, serve

HERE = replace(OPEN, at=START, person="person-1")
WEIGHED = replace(QUALIFIES, decided_at=START, at=START)


@pytest.fixture
async def assessment(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


async def known(assessment: Served, name: str, *commands: object) -> str:
    """The path of a weighing."""
    await assessment.know(
        WEIGHING, name, *(replace(one, case=name) if hasattr(one, "case") else one for one in commands)
    )
    return f"/v1/weighings/{assessment.cases(WEIGHING).id_for(name)}"


async def test_a_suggestion_stands_beside_the_marks_and_the_level_is_chosen(assessment):
    """§4.3: shown, never made."""
    path = await known(assessment, "a", HERE)
    body = {
        "qualifies": True, "target": "person", "reason": "Omdat.", "threat": "Brief.", "risk": "Geen hek.",
        "marks": {"severity": "high", "likelihood": "medium", "resistance": "low"},
    }  # fmt: skip
    seen = (await assessment.post(f"{path}/first-weighing", "rccb", body)).json()
    assert seen["first_weighing"]["rule_version"] == "Circulaire bewaken en beveiligen 2015"
    (row,) = seen["assessments"]
    assert (row["threat"], row["risk"], row["suggestion"]["level"]) == ("Brief.", "Geen hek.", "critical")
    assert seen["decision"] is None
    decided = {"measures_needed": True, "level": "low", "reason": "Ik weeg het anders."}
    assert (await assessment.post(f"{path}/decision", "hovj", decided)).json()["decision"]["level"] == "low"
    without = {name: value for name, value in decided.items() if name != "level"}
    assert (await assessment.post(f"{path}/decision", "hovj", without)).status_code == 400


async def test_earlier_cases_of_the_person_surface(assessment):
    """R-MEL-10, E2E-2; also the ones that were linked, and nobody else's."""
    await known(assessment, "old", HERE, DOES_NOT, NoteMutatie("", date(2016, 3, 14)))
    await known(assessment, "linked", replace(HERE, person=None))
    await known(assessment, "other", replace(HERE, person="person-2"))
    path = await known(assessment, "new", HERE, NoteLink("", "linked"))
    rows = {row["case"]: row for row in (await assessment.get(path, "rccb")).json()["earlier"]}
    assert set(rows) == {"old", "linked"}
    assert rows["old"]["first_weighing"]["qualifies"] is False
    assert rows["old"]["mutaties"] == ["2016-03-14"]
    nobody = await known(assessment, "nobody", replace(HERE, person=None))
    assert (await assessment.get(nobody, "rccb")).json()["earlier"] == []


async def test_acute_comes_first_and_then_what_is_due_first(assessment):
    other = replace(HERE, urgency=Urgency.OTHER)
    await known(assessment, "late", replace(other, weigh_within=timedelta(hours=1)))
    await known(assessment, "later", replace(other, weigh_within=timedelta(hours=2)))
    await known(assessment, "acute", replace(HERE, weigh_within=timedelta(hours=3)))
    rows = (await assessment.get("/v1/weighings", "rccb")).json()
    assert [row["case"] for row in rows] == ["acute", "late", "later"]
    pages = await asyncio.gather(*(assessment.get(f"/v1/weighings?page={n}&pageSize=2", "rccb") for n in (1, 2)))
    assert [[row["case"] for row in page.json()] for page in pages] == [["acute", "late"], ["later"]]
    assert 'rel="next"' in pages[0].headers["link"]


async def test_the_hovj_has_a_list_of_decisions_only(assessment):
    await known(assessment, "to-weigh", HERE)
    await known(assessment, "to-decide", HERE, WEIGHED)
    rows = (await assessment.get("/v1/decisions", "hovj")).json()
    assert [row["case"] for row in rows] == ["to-decide"]
    assert (await assessment.get("/v1/decisions", "rccb")).status_code == 403


async def test_rccb_does_not_decide_but_may_write_down_an_oral_decision(assessment):
    """INV-10."""
    path = await known(assessment, "a", HERE, WEIGHED)
    body = {"measures_needed": True, "level": "high", "reason": "Door de telefoon."}
    assert (await assessment.post(f"{path}/decision", "rccb", body)).status_code == 403
    oral = body | {"on_behalf_of": "hovj", "decided_by": "hovj-2"}
    seen = (await assessment.post(f"{path}/decision", "rccb", oral)).json()
    assert seen["decision"]["oral"].startswith("Mondeling, namens de hoofdofficier van justitie. Nog niet bevestigd")
    assert (seen["decision"]["decided_by"], seen["decision"]["recorded_by"]) == ("hovj-2", "account-1")
    assert seen["next_step"] == "confirmation"


async def test_a_moment_without_rules_is_a_mistake_that_is_named(assessment):
    path = await known(assessment, "a", HERE)
    body = {"qualifies": True, "target": "person", "reason": "x", "decided_at": "1990-01-01T00:00:00Z"}
    answer = await assessment.post(f"{path}/first-weighing", "rccb", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "body.decided_at"


async def test_when_the_mayor_is_the_victim_the_way_to_go_is_shown(assessment):
    """S-SBB-09."""
    path = await known(assessment, "a", HERE)
    conflict = (await assessment.get(path, "hovj")).json()["conflict"]
    assert conflict["public_order"] == "loco-burgemeester"
    assert conflict["employer_tasks"] == "gemeentesecretaris"
    other = await known(assessment, "b", replace(HERE, office=Office.ALDERMAN))
    assert (await assessment.get(other, "hovj")).json()["conflict"] is None


@pytest.mark.parametrize("act", ["reopening", "authority", "interpretations", "threat-products", "confirmation"])
async def test_an_unknown_weighing_is_not_there(assessment, act):
    bodies = {
        "reopening": {"reason": "request", "words": "x"}, "authority": {"authority": "hovj", "reason": "x"},
        "interpretations": {"reason": "x"},
        "threat-products": {"kind": "risk-analysis", "reference": "x", "dated_on": "2016-03-14"},
    }  # fmt: skip
    answer = await assessment.post(f"/v1/weighings/{'0' * 32}/{act}", "hovj", bodies.get(act))
    assert answer.status_code in (404, 409)


@pytest.mark.parametrize("role", ["police", "municipality", "bzk", "ivp", "office-holder"])
async def test_nobody_else_sees_a_weighing(assessment, role):
    """§3.2."""
    path = await known(assessment, "a", HERE)
    for one in ("/v1/weighings", "/v1/decisions", path):
        assert (await assessment.get(one, role, "9901" if role == "municipality" else "")).status_code == 403
