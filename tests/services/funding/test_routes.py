"""What each role may do and reads over HTTP, over both modules."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from deploy.local.temporary import Mongo
from services.funding.app import COSTS, SAFETY_NET, build
from services.funding.cost_allocation.commands import NoteAdvice as NoteMeasures
from services.funding.cost_allocation.commands import NoteIncident as NoteReport
from services.funding.safety_net.commands import NoteCostLine
from shared.privacy.references import References
from tests.access.signing import signed
from tests.services.funding.cost_allocation.test_domain import CAR, GLASS, GUARD, LOCKS
from tests.services.funding.safety_net.test_domain import AANGIFTE, ADVICE, INCIDENT
from tests.services.funding.safety_net.test_domain import GLASS as GLASS_LINE
from tests.services.serving import KEYS, Served, serve

REFERENCES = References(KEYS.partner)
TOWN = "9901"


@pytest.fixture
async def funding(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


async def ask(
    served: Served, method: str, path: str, role: str, body: Any = None, actor: str = "account-1", town: str = TOWN
) -> httpx2.Response:
    headers = signed(role, actor, town if role in ("municipality", "controller") else "") | {
        "Idempotency-Key": uuid.uuid4().hex
    }
    return await served.client.request(method, f"/v1{path}", json=body, headers=headers)


def sealed(value: str, town: str = TOWN) -> str:
    return REFERENCES.seal(f"municipality:{town}", value)


def case_of(served: Served) -> str:
    return f"case-{uuid.uuid4().hex}"


async def known(served: Served, *, town: str = TOWN) -> str:
    """A case that both modules know all facts of, with costs still to come."""
    case = case_of(served)
    await served.know(COSTS, case, NoteReport(case, town), NoteMeasures(case, town, (CAR, GLASS, GUARD, LOCKS)))
    facts = (replace(INCIDENT, municipality=town), AANGIFTE, ADVICE, NoteCostLine(case, GLASS_LINE))
    await served.know(SAFETY_NET, case, *(replace(fact, case=case) for fact in facts))
    return case


async def entered(served: Served, case: str, **more: Any) -> dict[str, Any]:
    body = {"case": sealed(case), "measure": sealed("m-glass"), "above_pkvw_cents": 4_500_000} | more
    answer = await ask(served, "POST", "/costs", "municipality", body)
    assert answer.status_code == 201, answer.json()
    return answer.json()


async def requested(served: Served, case: str, **more: Any) -> str:
    """The case's reference at BZK, after a request of the municipality."""
    answer = await ask(served, "POST", "/requests", "municipality", {"case": sealed(case)} | more)
    assert answer.status_code == 201, answer.json()
    return REFERENCES.seal("bzk", case)


async def test_the_municipality_enters_costs_under_its_own_references(funding):
    case = await known(funding)
    seen = await entered(funding, case, up_to_pkvw_cents=50_000, total_cents=4_550_000)
    assert [(line["payer"], line["rule"], line["eligible"]) for line in seen["lines"]] == [
        ("person", "K1", False), ("municipality", "K2", True),
    ]  # fmt: skip
    assert {line["measure"] for line in seen["lines"]} == {sealed("m-glass")}
    assert [one["type"] for one in seen["measures"]] == ["transport", "reinforced-glass"]  # no guard, no locks of his
    assert [part["payer"] for part in seen["measures"][1]["who_pays"]] == ["person", "municipality"]
    assert case not in str(seen)


async def test_what_the_state_does_is_refused_as_a_cost(funding):
    """S-KST-04."""
    case = await known(funding)
    body = {"case": sealed(case), "measure": sealed("m-guard"), "above_pkvw_cents": 1}
    answer = await ask(funding, "POST", "/costs", "municipality", body)
    assert (answer.status_code, "Het Rijk betaalt" in answer.json()["detail"]) == (409, True)


async def test_the_person_enters_own_locks_and_sees_who_pays_the_rest_without_amounts(funding):
    """S-KST-01, R-KST-10."""
    case = await known(funding)
    await entered(funding, case)
    body = {"case": case, "measure": "m-locks", "up_to_pkvw_cents": 60_000}
    own = (await ask(funding, "POST", "/costs", "office-holder", body)).json()
    by_type = {line["type"]: line for line in own["lines"]}
    assert (by_type["locks"]["payer"], by_type["locks"]["amount_cents"]) == ("person", 60_000)
    assert by_type["reinforced-glass"]["payer"] == "municipality"
    assert "circulaire van 1 juli 2014" in by_type["reinforced-glass"]["reason"]
    assert "amount_cents" not in by_type["reinforced-glass"]
    assert any("www.politiekeurmerk.nl" in text for text in own["texts"])
    assert "surveillance" not in str(own)
    town = (await ask(funding, "GET", f"/costs/{sealed(case)}", "municipality")).json()
    assert [line["type"] for line in town["lines"]] == ["reinforced-glass"]  # his locks are his own


async def test_costs_go_by_the_rules_of_their_day(funding):
    """§3.8a: three clocks."""
    case = await known(funding)
    early = {"case": sealed(case), "measure": sealed("m-glass"), "above_pkvw_cents": 1, "cost_on": "2014-06-30"}
    seen = (await ask(funding, "POST", "/costs", "municipality", early)).json()
    assert [line["status"] for line in seen["lines"]] == ["to-judge"]
    late = early | {"cost_on": "2016-03-15"}
    answer = await ask(funding, "POST", "/costs", "municipality", late)
    assert answer.json()["errors"] == [{"field": "body.cost_on", "message": "Deze dag moet nog komen."}]


async def test_a_handlers_list_has_what_waits_longest_first_and_only_of_the_own_municipality(funding):
    cases = [await known(funding) for _ in range(3)]
    for case in cases:
        body = {"case": sealed(case), "measure": sealed("m-car"), "above_pkvw_cents": 90_000}
        assert (await ask(funding, "POST", "/costs", "municipality", body)).status_code == 201
        funding.time.now += timedelta(minutes=1)
    rows = (await ask(funding, "GET", "/costs", "municipality")).json()
    assert [row["case"] for row in rows] == [sealed(case) for case in cases]
    first = await ask(funding, "GET", "/costs?pageSize=2", "municipality")
    assert (len(first.json()), 'rel="next"' in first.headers["link"]) == (2, True)
    assert (await ask(funding, "GET", "/costs", "municipality", town="9902")).json() == []
    decided = {"line": rows[0]["lines"][0]["line"], "payer": "municipality", "reason": "Woon-werkverkeer."}
    answer = await ask(funding, "POST", f"/costs/{rows[0]['case']}/classifications", "municipality", decided)
    line = answer.json()["lines"][0]
    assert (line["payer"], line["rule"], line["rule_version"]) == ("municipality", "handler", "2016-03-14")
    assert len((await ask(funding, "GET", "/costs", "municipality")).json()) == 2


async def test_a_dispute_is_reviewed_by_another_handler(funding):
    """S-KST-08."""
    case = await known(funding)
    await entered(funding, case, up_to_pkvw_cents=50_000)
    own = (await ask(funding, "GET", f"/costs/{case}", "office-holder")).json()["lines"][0]
    path, body = f"/costs/{case}/disputes", {"line": own["line"], "reason": "Hoort bij mijn werk."}
    assert (await ask(funding, "POST", path, "office-holder", body)).json()["lines"][0]["status"] == "disputed"
    review = {"line": sealed(own["line"]), "payer": "municipality", "reason": "Klopt."}
    path = f"/costs/{sealed(case)}/classifications"
    assert (await ask(funding, "POST", path, "municipality", review)).status_code == 409
    decided = await ask(funding, "POST", path, "municipality", review, actor="account-2")
    line = decided.json()["lines"][0]
    assert (line["payer"], line["status"]) == ("municipality", "classified")
    assert [one["rule"] for one in line["earlier"]] == ["K1"]
    assert "account" not in str(line)


async def test_totals_per_payer_name_no_case(funding):
    case = await known(funding)
    lines = (await entered(funding, case, up_to_pkvw_cents=50_000))["lines"]
    wish = {"type": "alarm", "place": "home", "above_pkvw_cents": 80_000}
    assert (await ask(funding, "POST", f"/costs/{case}/own-wishes", "office-holder", wish)).status_code == 201
    path = f"/costs/{sealed(case)}"
    actual = {"line": lines[1]["line"], "amount_cents": 4_400_000}
    assert (await ask(funding, "POST", f"{path}/actuals", "municipality", actual)).status_code == 201
    done = await ask(funding, "POST", f"{path}/settlements", "municipality", {"line": lines[1]["line"]})
    assert done.json()["lines"][1]["status"] == "settled"
    totals = (await ask(funding, "GET", "/costs/totals?year=2016", "municipality")).json()
    cents = {"person": 50_000, "municipality": 4_400_000, "bzk": 0, "to-judge": 0}
    assert totals == {"year": 2016, "cents": cents}  # his own alarm is his own
    other = (await ask(funding, "GET", "/costs/totals?year=2016", "municipality", town="9902")).json()
    assert set(other["cents"].values()) == {0}
    assert (await ask(funding, "GET", "/costs/totals?year=2017", "municipality")).json()["cents"]["person"] == 0


async def test_the_controller_gets_one_total_once_a_year_that_nothing_moves_afterwards(funding):
    """E2E-6: no split and no interim total; a later correction would give one case away."""
    case = await known(funding)
    lines = (await entered(funding, case, up_to_pkvw_cents=50_000))["lines"]

    async def total() -> dict[str, Any]:
        return (await ask(funding, "GET", "/costs/totals?year=2016", "controller")).json()

    assert await total() == {"year": 2016, "total_from": "2017-02-01", "total_cents": None}
    funding.time.now = datetime(2017, 1, 31, 22, 59, tzinfo=UTC)
    assert (await total())["total_cents"] is None
    funding.time.now = datetime(2017, 1, 31, 23, 0, tzinfo=UTC)
    assert await total() == {"year": 2016, "total_from": "2017-02-01", "total_cents": 4_550_000}
    actual = {"line": lines[1]["line"], "amount_cents": 1}
    answer = await ask(funding, "POST", f"/costs/{sealed(case)}/actuals", "municipality", actual)
    assert answer.status_code == 201
    assert (await total())["total_cents"] == 4_550_000


@pytest.mark.parametrize("path", ["/costs/{}", "/requests/{}", "/requests/{}/checks"])
async def test_another_municipality_finds_nothing(funding, path):
    case = await known(funding)
    await requested(funding, case)
    assert (await ask(funding, "GET", path.format(sealed(case)), "municipality")).status_code == 200
    for reference in (sealed(case), sealed(case, "9902"), case):
        assert (await ask(funding, "GET", path.format(reference), "municipality", town="9902")).status_code == 404


async def test_a_municipality_sees_before_asking_what_is_still_missing(funding):
    case = await known(funding)
    seen = (await ask(funding, "GET", f"/requests/{sealed(case)}/checks", "municipality")).json()
    assert (seen["missing"], seen["eligible_cents"]) == (["motivation"], 4_500_000)
    assert (await ask(funding, "GET", f"/requests/{sealed(case)}", "municipality")).status_code == 404


async def test_the_ministrys_work_list_has_what_is_due_first(funding):
    """Views of VAN."""
    first, second = await known(funding), await known(funding)
    references = [await requested(funding, first, motivation="Te veel.")]
    funding.time.now += timedelta(days=1)
    references.append(await requested(funding, second, motivation="Te veel."))
    rows = (await ask(funding, "GET", "/requests", "bzk")).json()
    assert [row["case"] for row in rows] == references
    page = await ask(funding, "GET", "/requests?page=2&pageSize=1", "bzk")
    assert [row["case"] for row in page.json()] == references[1:]
    own = (await ask(funding, "GET", "/requests", "municipality")).json()
    assert [row["case"] for row in own] == [sealed(second), sealed(first)]
    assert (await ask(funding, "GET", "/requests", "municipality", town="9902")).json() == []


async def test_a_request_from_question_to_payment(funding):
    """S-VAN-08, S-VAN-14."""
    case = await known(funding)
    path = f"/requests/{await requested(funding, case, motivation='Te veel.', acute_and_serious='yes')}"

    async def does(what: str, body: Any = None, actor: str = "bzk-1", role: str = "bzk") -> dict[str, Any]:
        where = path if role == "bzk" else f"/requests/{sealed(case)}"
        who = actor if role == "bzk" else "account-1"
        answer = await ask(funding, "POST", f"{where}/{what}", role, body, who)
        assert answer.status_code in (200, 201), answer.json()
        return answer.json()

    assert (await does("acknowledgement"))["acknowledged_at"]
    assert (await does("supplement-questions", {"text": "Hoe groot?"}))["supplement_before"]
    assert not (await does("supplement", {"budget_cents": 9}, role="municipality"))["supplement_before"]
    assert (await does("assessments", {"reason": "Zwaar."}))["assessments"][0]["text"] == "Zwaar."
    assert (await does("decline", {"reason": "Nee."}))["status"] == "declined"
    assert (await does("objections", {"reason": "Toch wel."}, role="municipality"))["objection"]
    oral = {"amount_cents": 3_000_000, "reason": "Ja.", "conditions": "Rekening.", "on_behalf_of": "bzk-9"}
    assert not (await does("grant", oral, actor="bzk-2"))["outcome"]["confirmed"]
    assert (await does("confirmation", actor="bzk-9"))["outcome"]["confirmed"]
    await funding.know(SAFETY_NET, case, NoteCostLine(case, replace(GLASS_LINE, actual_cents=2_800_000)))
    assert [row["status"] for row in (await ask(funding, "GET", "/requests?status=to-settle", "bzk")).json()]
    assert (await does("settlements", {"amount_cents": 2_800_000, "reason": "Rekening."}))["settled_cents"]
    assert len((await ask(funding, "GET", "/requests?status=to-pay", "bzk")).json()) == 1
    assert (await does("payment", {}))["status"] == "paid"
    totals = {"year": 2016, "requests": 1, "asked_cents": 4_500_000, "granted_cents": 3_000_000,
              "settled_cents": 2_800_000, "municipal_cents": 1_500_000,
              "decided_in": {"1-5": 1, "6-10": 0, "11-20": 0, "21-30": 0, "more": 0}}  # fmt: skip
    assert (await ask(funding, "GET", "/requests/totals?year=2016", "bzk")).json() == totals
    assert (await ask(funding, "GET", "/requests/totals?year=2016", "municipality")).json() == totals
    precedents = (await ask(funding, "GET", "/precedents", "bzk")).json()
    assert [(row["granted_cents"], row["reason"]) for row in precedents] == [(3_000_000, "Ja.")]
    person = (await ask(funding, "GET", f"/requests/{case}", "office-holder")).json()
    assert person["status"] == "paid"
    assert "cents" not in str(person)


async def test_the_ministry_notes_a_call_and_the_municipality_goes_on_with_its_case(funding):
    """S-VAN-07: one field, no form first."""
    call = (await ask(funding, "POST", "/requests", "bzk", {"municipality": TOWN, "channel": "phone"})).json()
    assert (call["status"], call["channel"], call["municipality"]) == ("to-be-completed", "phone", TOWN)
    case = await known(funding)
    (own,) = (await ask(funding, "GET", "/requests", "municipality")).json()
    assert own["noted_by_ministry"]
    await requested(funding, case, noted=own["case"])
    assert [row["status"] for row in (await ask(funding, "GET", "/requests", "bzk")).json()] == ["to-be-completed"]
    seen = (await ask(funding, "GET", f"/requests/{own['case']}", "municipality")).json()
    assert seen["status"] == "withdrawn"
    other = {"case": sealed(case_of(funding)), "noted": sealed(case)}
    assert (await ask(funding, "POST", "/requests", "municipality", other)).status_code == 404


async def test_a_call_that_bzk_already_decided_on_does_not_stop_the_request_for_the_case(funding):
    """Nothing is half-saved: the request is there, and the decision on the call stands."""
    body = {"municipality": TOWN, "channel": "phone"}
    call = (await ask(funding, "POST", "/requests", "bzk", body)).json()["case"]
    no = {"reason": "Te weinig bekend."}
    assert (await ask(funding, "POST", f"/requests/{call}/decline", "bzk", no)).status_code == 200
    (own,) = (await ask(funding, "GET", "/requests", "municipality")).json()
    case = await known(funding)
    await requested(funding, case, noted=own["case"])
    seen = (await ask(funding, "GET", f"/requests/{own['case']}", "municipality")).json()
    assert seen["status"] == "declined"


async def test_who_asks_for_which_municipality_must_be_clear(funding):
    for path, body in (("/requests", {}), ("/questions", {"text": "Wat valt eronder?"})):
        for role, more in (("bzk", {}), ("municipality", {"municipality": "9902"})):
            answer = await ask(funding, "POST", path, role, body | more)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "body.municipality")
    answer = await ask(funding, "POST", "/requests", "municipality", {})
    assert answer.json()["errors"] == [{"field": "body.case", "message": "Vul dit in."}]


@pytest.mark.parametrize("role", ["municipality", "bzk"])
async def test_a_question_is_asked_and_answered(funding, role):
    """R-VAN-13, S-VAN-07."""
    body = {"text": "Wat valt eronder?", "channel": "phone"} | ({"municipality": TOWN} if role == "bzk" else {})
    asked = (await ask(funding, "POST", "/questions", role, body)).json()
    assert (asked["status"], asked["noted_by_ministry"]) == ("to-answer", role == "bzk")
    (waiting,) = (await ask(funding, "GET", "/questions", "bzk")).json()
    path = f"/questions/{waiting['question']}"
    assert (await ask(funding, "POST", f"{path}/answers", "bzk", {"text": "Alles boven PKVW."})).status_code == 201
    assert (await ask(funding, "GET", "/questions", "bzk")).json() == []
    (own,) = (await ask(funding, "GET", "/questions", "municipality")).json()
    assert own["answers"][0]["text"] == "Alles boven PKVW."
    assert (await ask(funding, "GET", f"/questions/{own['question']}", "municipality")).status_code == 200
    assert (await ask(funding, "GET", path, "bzk")).json()["municipality"] == TOWN
    assert (await ask(funding, "GET", "/questions", "municipality", town="9902")).json() == []


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("GET", "/costs", "bzk"), ("GET", "/costs/x", "bzk"), ("GET", "/costs/x", "police"),
        ("GET", "/costs/totals?year=2016", "office-holder"), ("GET", "/requests", "office-holder"),
        ("GET", "/precedents", "municipality"), ("GET", "/requests/x", "police"), ("GET", "/requests/x", "ivp"),
        ("GET", "/requests/totals?year=2016", "office-holder"), ("POST", "/requests/x/grant", "municipality"),
        ("POST", "/requests/x/withdrawal", "bzk"), ("POST", "/costs/x/classifications", "office-holder"),
        ("POST", "/questions/x/answers", "municipality"), ("POST", "/costs/x/disputes", "bzk"),
    ],
)  # fmt: skip
async def test_other_roles_see_nothing_of_money(funding, method, path, role):
    answer = await ask(funding, method, path, role, {} if method == "POST" else None)
    assert answer.status_code == 403
