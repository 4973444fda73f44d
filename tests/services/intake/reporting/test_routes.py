"""What the person reads of an own signal, and who may report for whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from deploy.local.temporary import Mongo
from services.intake.app import build
from services.intake.reporting.domain import SIGNAL_UNJUDGED, decide
from services.intake.reporting.queries import view
from shared.access.roles import Role
from shared.contracts.decisions import DeadlinePassed
from tests.given import given
from tests.services.intake.reporting.test_domain import DAY, MELDING, NIGHT, REPORT, SIGNAL
from tests.services.serving import Served, serve

PROMPTED = DeadlinePassed(SIGNAL_UNJUDGED, NIGHT + DAY, NIGHT + DAY + timedelta(minutes=1))
PROMPT = "U schreef gisteren een signaal op. Wilt u er iets mee doen? U kunt het melden, bespreken of laten rusten."
BODY = {
    "kind": "threat",
    "office": "alderman",
    "municipality": "9901",
    "victim": {"name": "A. Voorbeeld"},
}
REPORTER = {"name": "B. Voorbeeld", "relation": "leidinggevende"}


@pytest.fixture
async def intake(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


def test_after_a_day_the_person_is_asked_what_to_do_with_the_signal():
    """R-MEL-14, R-MEL-16."""
    before, after = given(decide, SIGNAL).state, given(decide, SIGNAL, PROMPTED).state
    seen = view(before, Role.OFFICE_HOLDER)
    assert (seen["prompted_at"], seen["message"].split(".")[0]) == (None, "Uw signaal is bewaard")
    seen = view(after, Role.OFFICE_HOLDER)
    assert (seen["prompted_at"], seen["message"]) == (PROMPTED.at, PROMPT)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICE_HOLDER])
@pytest.mark.parametrize("past", [(SIGNAL, PROMPTED), (SIGNAL, PROMPTED, MELDING)])
def test_the_prompt_goes_to_the_person_only(role, past):
    """R-MEL-14."""
    seen = view(given(decide, *past).state, role)
    assert "prompted_at" not in seen
    assert seen["message"] != PROMPT


def test_a_signal_that_became_a_melding_prompts_no_more():
    seen = view(given(decide, SIGNAL, PROMPTED, MELDING).state, Role.OFFICE_HOLDER)
    assert seen["message"] == "Uw melding is ontvangen."


def test_a_melding_has_no_prompt():
    assert view(given(decide, REPORT).state, Role.OFFICE_HOLDER)["prompted_at"] is None


@pytest.mark.parametrize("more", [{}, {"signal_only": True}, {"reporter": None}], ids=str)
async def test_a_reporter_without_own_data_is_refused_and_nothing_is_stored(intake, more):
    """R-ACT-13: else the reporter would count as the victim."""
    answer = await intake.post("/v1/reports", "reporter", BODY | more)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    problem = answer.json()
    assert problem["title"] == "Niet goed ingevuld"
    (error,) = problem["errors"]
    assert error["field"] == "body.reporter"
    assert error["message"] == "U meldt voor iemand anders. Vul ook uw eigen naam in, en wie u bent voor die persoon."
    assert "Voorbeeld" not in answer.text


async def test_a_reporter_with_own_data_reports_for_the_victim(intake):
    """R-ACT-13."""
    answer = await intake.post("/v1/reports", "reporter", BODY | {"reporter": REPORTER})
    assert answer.status_code == 201
    seen = (await intake.get(f"/v1/reports/{answer.json()['case']}", "police")).json()
    assert seen["incident"]["reporter"]["relation"] == "leidinggevende"
    assert seen["incident"]["victim"]["name"] == "A. Voorbeeld"


async def test_an_office_holder_reports_without_a_reporter(intake):
    answer = await intake.post("/v1/reports", "office-holder", BODY)
    assert answer.status_code == 201


async def test_the_view_of_a_signal_is_refused_to_everybody_else(intake):
    """R-MEL-14."""
    case = (await intake.post("/v1/reports", "office-holder", BODY | {"signal_only": True})).json()["case"]
    for role in ("reporter", "police", "rccb", "hovj"):
        assert (await intake.get(f"/v1/reports/{case}", role)).status_code == 404
    assert (await intake.get(f"/v1/reports/{case}", "office-holder")).json()["prompted_at"] is None
