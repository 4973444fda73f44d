"""Measures over HTTP: police and OM, the municipality, the person; each sees what is theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from deploy.local.temporary import Mongo
from services.assessment.app import MEASURES, build
from services.assessment.measures.commands import NoteAssessment, NoteFirstWeighing, NoteIncident, NoteLink
from services.assessment.measures.domain import deadlines
from shared.contracts.decisions import DeadlinePassed
from shared.contracts.vocabulary import Office
from tests.access.signing import signed
from tests.services.serving import START, Served, serve

TOWN = "9901"
CASE = "c0ffee"
PATH = f"/v1/measures/{CASE}"
OWN = f"/v1/my-measures/{CASE}"
GLASS = {"type": "reinforced-glass", "place": "home", "above_pkvw": True, "addressee": "municipality"}
LOCKS = {"type": "locks", "place": "home", "above_pkvw": False, "addressee": "person"}
CAMERA = {"type": "camera", "place": "home", "reason": "Kanarie-reden."}


@pytest.fixture
async def assessment(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        await served.know(MEASURES, CASE, NoteIncident(CASE, TOWN, Office.ALDERMAN))
        yield served


async def done(assessment: Served, path: str, role: str, body: object = None):
    answer = await assessment.post(path, role, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def by_town(assessment: Served, act: str, row: dict, town: str = TOWN, **more: str):
    headers = signed("municipality", "town-1", town) | {"Idempotency-Key": f"key-{act}-0001"}
    body = {"case": row["case"], "measure": row["measure"]} | more
    return await assessment.client.post(f"/v1/advice/{act}", json=body, headers=headers)


async def advised(assessment: Served, *lines: dict) -> list[dict]:
    await done(assessment, f"{PATH}/advice", "rccb", {"lines": list(lines) or [GLASS, LOCKS]})
    return (await assessment.get("/v1/advice", "municipality", TOWN)).json()


async def passes(assessment: Served) -> None:
    """The first deadline passes."""
    cases = assessment.cases(MEASURES)
    due = min(deadlines(await cases.load(cases.id_for(CASE))), key=lambda one: one.at)
    await assessment.know(MEASURES, CASE, DeadlinePassed(due.name, due.at, due.at))


async def test_the_municipality_sees_measure_place_urgency_and_payer_and_no_more(assessment):
    """S-SBB-06."""
    (row,) = await advised(assessment)
    assert set(row) == {
        "case", "measure", "type", "place", "above_pkvw", "payer", "urgency", "executor", "handler", "state",
        "answer_before", "unanswered", "changed_at",
    }  # fmt: skip
    assert row["payer"].startswith("De gemeente betaalt als werkgever")
    assert (row["executor"], row["handler"]) == ("municipality", "gemeentesecretaris")
    assert CASE not in str(row)


async def test_an_answer_is_due_within_a_day_when_acute_and_within_five_working_days_otherwise(assessment):
    """S-SBB-07, §3.3: no weekend counts."""
    acute, calm = await advised(assessment, GLASS | {"urgency": "acute"}, GLASS)
    due = [datetime.fromisoformat(row["answer_before"]) for row in (acute, calm)]
    assert due == [START + timedelta(hours=24), START + timedelta(days=7)]


async def test_who_handles_the_advice_follows_from_the_office(assessment):
    """E2E-10, §3.8a."""
    for office, handler in (
        (Office.MAYOR, "gemeentesecretaris"),
        (Office.COUNCILLOR, "griffier"),
        (Office.UNKNOWN, None),
    ):
        await assessment.know(MEASURES, CASE, NoteIncident(CASE, TOWN, office))
        assert (await advised(assessment, GLASS))[0]["handler"] == handler


async def test_a_no_of_the_municipality_is_seen_by_police_and_told_to_the_person_without_its_reason(assessment):
    """S-SBB-07."""
    (row,) = await advised(assessment)
    assert (await by_town(assessment, "declined", row, town="9902", reason="x")).status_code == 404
    assert (await by_town(assessment, "declined", row, reason="Kanarie-reden.")).status_code == 200
    (listed,) = (await assessment.get("/v1/unfollowed-advice", "hovj")).json()
    assert listed["measures"][0]["follow_up"] == "Advies niet opgevolgd: de gemeente zei nee."
    assert listed["measures"][0]["decline_reason"] == "Kanarie-reden."
    own = (await assessment.get(OWN, "office-holder")).json()
    assert own["alerts"] == [
        "De gemeente voert een advies niet uit. De politie weet dat en bespreekt het met de gemeente en met u."
    ]
    assert "Kanarie" not in str(own)
    assert (await by_town(assessment, "accepted", row)).status_code == 200
    assert (await assessment.get("/v1/unfollowed-advice", "hovj")).json() == []


async def test_silence_of_the_municipality_is_seen_by_police_and_told_to_the_person(assessment):
    """S-SBB-07."""
    await advised(assessment)
    assert (await assessment.get(OWN, "office-holder")).json()["alerts"] == []
    await passes(assessment)
    (listed,) = (await assessment.get("/v1/unfollowed-advice", "rccb")).json()
    assert listed["measures"][0]["follow_up"] == "Advies niet opgevolgd: de gemeente antwoordde niet."
    assert (await assessment.get(PATH, "rccb")).json()["advice_unanswered"] is True
    assert "nog niet op tijd" in (await assessment.get(OWN, "office-holder")).json()["alerts"][0]


async def test_the_person_sees_own_lines_and_how_far_the_municipality_is(assessment):
    """§3.2: what police and OM tell."""
    await advised(assessment)
    own = (await assessment.get(OWN, "office-holder")).json()
    glass, locks = own["measures"]
    assert (glass["status"], "measure" in glass, "payer" in glass) == ("geadviseerd", False, False)
    assert locks["payer"].startswith("Aan de woning betaalt de persoon zelf")
    after = await done(assessment, f"{OWN}/accepted", "office-holder", {"measure": locks["measure"]})
    assert after["measures"][1]["status"] == "wordt uitgevoerd"
    after = await done(assessment, f"{OWN}/declined", "office-holder", {"measure": locks["measure"]})
    assert after["measures"][1]["status"] == "wordt niet uitgevoerd"
    after = await done(assessment, f"{OWN}/implemented", "office-holder", {"measure": locks["measure"]})
    assert after["measures"][1]["status"] == "uitgevoerd"


async def test_what_the_state_takes_costs_the_person_nothing_and_the_reason_stays(assessment):
    """R-SBB-08, R-SBB-09, K7."""
    assert (await assessment.post(f"{PATH}/state-measures", "rccb", {"measures": [CAMERA]})).status_code == 409
    facts = (NoteFirstWeighing(CASE, True, START), NoteAssessment(CASE, True, START))
    await assessment.know(MEASURES, CASE, *facts)
    guard = CAMERA | {"type": "personal-protection"}
    assert (await assessment.post(f"{PATH}/state-measures", "rccb", {"measures": [guard]})).status_code == 409
    hidden = CAMERA | {"type": "surveillance", "told": False}
    taken = await done(assessment, f"{PATH}/state-measures", "rccb", {"measures": [CAMERA, hidden]})
    assert [one["confirmed"] for one in taken["state_measures"]] == [True, True]
    own = (await assessment.get(OWN, "office-holder")).json()
    assert own["state_measures"] == [
        {
            "type": "camera", "place": "home", "running": True,
            "message": "De overheid neemt deze maatregel. U en de gemeente betalen hiervoor niets.",
        }
    ]  # fmt: skip
    assert (await assessment.get("/v1/advice", "municipality", TOWN)).json() == []


async def test_acute_action_of_the_police_is_confirmed_by_the_hovj_alone(assessment):
    """INV-3."""
    acute = {"measures": [CAMERA], "acute": True}
    seen = await done(assessment, f"{PATH}/state-measures", "rccb", acute)
    assert seen["state_measures"][0]["confirmed"] is False
    assert (await assessment.post(f"{PATH}/confirmation", "rccb")).status_code == 403
    assert (await assessment.post(f"{PATH}/confirmation", "hovj")).status_code == 409
    await assessment.know(MEASURES, CASE, NoteFirstWeighing(CASE, True, START), NoteAssessment(CASE, True, START))
    seen = await done(assessment, f"{PATH}/confirmation", "hovj")
    assert seen["state_measures"][0]["confirmed"] is True


async def test_a_due_review_is_on_the_list_until_somebody_looked(assessment):
    await advised(assessment, LOCKS)
    assert (await assessment.get("/v1/due-reviews", "rccb")).json() == []
    await assessment.know(MEASURES, CASE, NoteLink(CASE, "cafe01", START, timedelta(hours=4)))
    await passes(assessment)
    (row,) = (await assessment.get("/v1/due-reviews", "rccb")).json()
    assert (row["case"], row["linked"], row["running"]) == (CASE, ["cafe01"], 1)
    seen = await done(assessment, f"{PATH}/review", "rccb", {"next_days": 3})
    assert seen["review_at"].startswith("2016-03-17")
    assert (await assessment.get("/v1/due-reviews", "rccb")).json() == []


async def test_the_person_reads_the_end_in_advance(assessment):
    """S-SBB-14."""
    await advised(assessment, LOCKS)
    ends = START + timedelta(days=8)
    body = {"ends_at": ends.isoformat()}
    await done(assessment, f"{PATH}/announcement", "rccb", body)
    own = (await assessment.get(OWN, "office-holder")).json()
    assert own["alerts"] == ["Op 22-3-2016 stoppen maatregelen. Daarna bieden we u weer opvang aan."]
    assert (await assessment.post(f"{PATH}/scale-down", "rccb", {"reason": "Voorbij."})).status_code == 409
    assessment.time.now = ends
    ended = await done(assessment, f"{PATH}/scale-down", "rccb", {"reason": "Voorbij."})
    assert ended["scaled_down_at"] is not None
    own = (await assessment.get(OWN, "office-holder")).json()
    assert (own["measures"][0]["status"], own["alerts"]) == ("gestopt", [])


async def test_advice_comes_in_pages_of_cases(assessment):
    await advised(assessment, GLASS, GLASS)
    await assessment.know(MEASURES, "second", NoteIncident("second", TOWN, Office.ALDERMAN))
    assessment.time.now = START + timedelta(hours=1)
    await done(assessment, "/v1/measures/second/advice", "rccb", {"lines": [GLASS]})
    first = await assessment.get("/v1/advice?pageSize=1", "municipality", TOWN)
    second = await assessment.get("/v1/advice?pageSize=1&page=2", "municipality", TOWN)
    assert (len(first.json()), len(second.json())) == (1, 2)
    assert ('rel="next"' in first.headers["link"], 'rel="prev"' in second.headers["link"]) == (True, True)


async def test_what_is_not_known_is_not_there(assessment):
    for path, role in (("/v1/measures/none", "rccb"), ("/v1/my-measures/none", "office-holder")):
        assert (await assessment.get(path, role)).status_code == 404
    assert (
        await assessment.post("/v1/my-measures/none/accepted", "office-holder", {"measure": "x"})
    ).status_code == 404


@pytest.mark.parametrize("role", ["municipality", "bzk", "ivp", "office-holder"])
async def test_nobody_else_sees_all_of_the_measures(assessment, role):
    """§3.2."""
    for path in (PATH, "/v1/unfollowed-advice", "/v1/due-reviews"):
        assert (await assessment.get(path, role, TOWN if role == "municipality" else "")).status_code == 403
