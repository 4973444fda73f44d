"""Scenarios of the safety net (S-VAN), through HTTP and topics."""

from __future__ import annotations

import pytest

from tests.scenarios.money import BZK_TOPIC, advised, with_costs
from tests.scenarios.scene import OTHER_TOWN, REPORT, TOWN, Scene

pytestmark = pytest.mark.slow


async def test_s_van_01_a_village_asks_for_its_costs_and_the_measures_carry_on(scene: Scene) -> None:
    money = await with_costs(scene)
    ministry, path = await money.asks()
    heard = await scene.hears(money.case, "funding-requested")
    (asked,) = [one for one in heard if one.name == "funding-requested"]
    assert (asked.data["total_cents"], asked.data["missing"]) == (4_500_000, [])
    row = await ministry.sees(path)
    assert (row["status"], row["eligible_cents"], row["outcome"]) == ("in-treatment", 4_500_000, None)
    done = {"case": money.town, "measure": money.measures["reinforced-glass"]}
    await money.handler.does("/assessment/v1/advice/implemented", done)
    await scene.hears(money.case, "measure-implemented")
    assert (await money.sees())["status"] == "in-treatment"
    own = await money.person.sees(f"/funding/v1/requests/{money.case}")
    assert "Uw maatregelen gaan door" in own["message"]


async def test_s_van_02_with_only_a_melding_the_request_is_kept_and_the_missing_aangifte_is_named(
    scene: Scene,
) -> None:
    money = await advised(scene, aangifte=False)
    await money.enters("reinforced-glass", above=4_500_000)
    await money.has(4_500_000, "aangifte", "motivation")
    ministry, path = await money.asks()
    row = await ministry.sees(path)
    assert (row["status"], row["missing"], row["eligible_cents"]) == ("to-be-completed", ["aangifte"], 0)
    await ministry.does(f"{path}/supplement-questions", {"text": "Komt er nog een aangifte?"})
    assert [one["text"] for one in (await money.sees())["asked"]] == ["Komt er nog een aangifte?"]
    filed = {"reference": "PL-0000", "filed_on": (await scene.now()).date().isoformat()}
    await scene.person("police").does(f"/intake/v1/reports/{money.case}/aangifte", filed)
    reference = path.rpartition("/")[2]
    told = await scene.hears(reference, "funding-requested", "funding-supplemented", topic=BZK_TOPIC)
    assert [one.data["missing"] for one in told] == [["aangifte"], []]
    assert (await ministry.sees(path))["status"] == "in-treatment"


async def test_s_van_06_a_large_city_may_be_declined_by_a_person_and_never_by_the_software(scene: Scene) -> None:
    money = await with_costs(scene, town=OTHER_TOWN)
    ministry, path = await money.asks(budget_cents=300_000_000_000, reservation="yes")
    row = await ministry.sees(path)
    assert (row["status"], row["budget_cents"]) == ("in-treatment", 300_000_000_000)
    await ministry.does(f"{path}/assessments", {"reason": "Gering deel van de begroting."})
    row = await ministry.does(f"{path}/decline", {"reason": "De stad kan dit dragen."})
    assert row["outcome"]["decided_by"] == ministry.actor
    seen = await money.sees()
    assert (seen["status"], seen["outcome"]["reason"]) == ("declined", "De stad kan dit dragen.")


async def test_s_van_07_a_call_is_noted_as_question_or_request_without_a_form(scene: Scene) -> None:
    ministry, handler = scene.person("bzk"), scene.person("municipality")
    call = {"municipality": TOWN, "channel": "phone"}
    asked = await ministry.does("/funding/v1/questions", call | {"text": "Valt een camera eronder?"})
    told = await scene.hears(asked["question"], "vangnet-question-asked", topic=BZK_TOPIC)
    assert (told[0].data["channel"], told[0].data["municipality"]) == ("phone", TOWN)
    await ministry.does(f"/funding/v1/questions/{asked['question']}/answers", {"text": "Dat kan."})
    rows = await handler.sees("/funding/v1/questions?pageSize=100")
    assert rows[0]["answers"][0]["text"] == "Dat kan."
    noted = await ministry.does("/funding/v1/requests", call)
    assert (noted["status"], noted["channel"]) == ("to-be-completed", "phone")
    await scene.hears(noted["case"], "funding-requested", topic=BZK_TOPIC)
    own = next(row for row in await handler.sees("/funding/v1/requests?pageSize=100") if row["noted_by_ministry"])
    money = await with_costs(scene)
    _, path = await money.asks(channel="phone", noted=own["case"])
    assert path != f"/funding/v1/requests/{noted['case']}"
    await scene.hears(noted["case"], "funding-withdrawn", topic=BZK_TOPIC)


async def test_s_van_08_a_grant_is_at_most_what_is_eligible_and_the_rest_stays_municipal(scene: Scene) -> None:
    money = await with_costs(scene)
    year = (await scene.now()).year
    figures = f"/funding/v1/requests/totals?year={year}"
    before = await money.handler.sees(figures)
    ministry, path = await money.asks()
    await ministry.is_refused(f"{path}/grant", {"amount_cents": 4_500_001, "reason": "Te veel."})
    await ministry.does(f"{path}/grant", {"amount_cents": 3_000_000, "reason": "Onevenredig."})
    seen = await money.sees()
    assert (seen["outcome"]["granted_cents"], seen["municipal_cents"]) == (3_000_000, 1_500_000)
    after = await money.handler.sees(figures)
    grown = {name: after[name] - before[name] for name in ("asked_cents", "granted_cents", "municipal_cents")}
    assert grown == {"asked_cents": 4_500_000, "granted_cents": 3_000_000, "municipal_cents": 1_500_000}


async def test_s_van_10_the_same_request_twice_is_one_request_and_one_contribution(scene: Scene) -> None:
    money = await with_costs(scene)
    ministry, path = await money.asks()
    await money.handler.is_refused("/funding/v1/requests", {"case": money.town})
    grant = {"amount_cents": 3_000_000, "reason": "Onevenredig."}
    await ministry.does(f"{path}/grant", grant, times=2)
    await ministry.is_refused(f"{path}/grant", grant)
    heard = await scene.hears(money.case, "funding-requested", "funding-granted")
    names = [one.name for one in heard]
    assert [names.count(name) for name in ("funding-requested", "funding-granted")] == [1, 1]


async def test_s_van_11_a_declined_request_changes_no_measure_and_no_payer(scene: Scene) -> None:
    money = await with_costs(scene)
    rccb, path_of_measures = scene.person("rccb"), f"/assessment/v1/measures/{money.case}"
    costs = f"/funding/v1/costs/{money.town}"
    before = await rccb.sees(path_of_measures), await money.handler.sees(costs)
    ministry, path = await money.asks()
    await ministry.does(f"{path}/decline", {"reason": "Niet onevenredig."})
    await scene.hears(money.case, "funding-declined")
    await (await with_costs(scene)).asks()  # sent later: nothing of the first is still under way
    assert (await rccb.sees(path_of_measures), await money.handler.sees(costs)) == before
    own = await money.person.sees(f"/funding/v1/requests/{money.case}")
    assert "De kosten blijven voor de gemeente" in own["message"]


async def test_s_van_13_the_ministry_reads_no_name_address_or_story(scene: Scene) -> None:
    money = await with_costs(scene)
    ministry, path = await money.asks()
    await ministry.does(f"{path}/grant", {"amount_cents": 1, "reason": "Reden van BZK."})
    reference = path.rpartition("/")[2]
    events = await scene.hears(reference, "funding-requested", topic=BZK_TOPIC)
    views = [await ministry.sees(one) for one in (path, "/funding/v1/requests", "/funding/v1/precedents")]
    private = [*REPORT["victim"].values(), REPORT["narrative"], "Afweging", "PL-0000", money.case, money.person.actor]
    for text in (str(views), *(event.raw.decode() for event in events)):
        assert [one for one in private if one in text] == []
    assert "Dit is voor onze gemeente" in str(views) and "Dit is voor onze gemeente" not in str(
        [event.body for event in events]
    )


async def test_s_van_14_what_is_settled_follows_what_it_really_cost(scene: Scene) -> None:
    money = await advised(scene)
    (line,) = await money.enters("reinforced-glass", above=4_500_000)
    await money.has(4_500_000, "motivation")
    ministry, path = await money.asks()
    await ministry.does(f"{path}/grant", {"amount_cents": 4_000_000, "reason": "Onevenredig."})
    await ministry.is_refused(f"{path}/settlements", {"amount_cents": 1, "reason": "Nog geen rekening."})
    actual = {"line": line["line"], "amount_cents": 2_500_000}
    await money.handler.does(f"/funding/v1/costs/{money.town}/actuals", actual)
    await scene.eventually(ministry, path, lambda row: row["actual_cents"] == 2_500_000, "BZK knows what it cost")
    await ministry.is_refused(f"{path}/settlements", {"amount_cents": 2_500_001, "reason": "Te veel."})
    settled = {"amount_cents": 2_500_000, "reason": "Naar de rekening."}
    assert (await ministry.does(f"{path}/settlements", settled))["status"] == "settled"
    assert (await ministry.does(f"{path}/payment", {}))["status"] == "paid"
    (told,) = [one for one in await scene.hears(money.case, "funding-settled") if one.name == "funding-settled"]
    assert told.data["settled_cents"] == 2_500_000


async def test_s_van_15_after_its_year_a_request_is_accepted_and_says_that_nothing_was_decided(scene: Scene) -> None:
    assert (await scene.now()).year >= 2017
    money = await with_costs(scene)
    ministry, path = await money.asks()
    row = await ministry.sees(path)
    assert (row["status"], row["continuation"]) == ("in-treatment", "voortzetting nog niet besloten")
    assert (await money.sees())["continuation"] == "voortzetting nog niet besloten"
    (told,) = await scene.hears(path.rpartition("/")[2], "funding-requested", topic=BZK_TOPIC)
    assert told.data["continuation"] == "undecided"
    granted = await ministry.does(f"{path}/grant", {"amount_cents": 3_000_000, "reason": "Onevenredig."})
    assert granted["status"] == "granted"
