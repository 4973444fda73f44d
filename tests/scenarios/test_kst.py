"""Scenarios of cost allocation (S-KST), through HTTP and topics."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.money import advised
from tests.scenarios.scene import Scene, line, report

pytestmark = pytest.mark.slow

LOCKS = line("locks", above_pkvw=False, addressee="person")


async def test_s_kst_01_a_lock_at_pkvw_level_is_the_persons_and_the_measure_goes_on(scene: Scene) -> None:
    money = await advised(scene, LOCKS)
    own = await money.person.sees(f"/funding/v1/costs/{money.case}")
    (lock,) = own["measures"]
    assert [(part["payer"], part["rule"]) for part in lock["who_pays"]] == [("person", "K1")]
    body = {"case": money.case, "measure": lock["measure"], "up_to_pkvw_cents": 60_000}
    (paid,) = (await money.person.does("/funding/v1/costs", body))["lines"]
    assert (paid["payer"], paid["rule"], paid["eligible"]) == ("person", "K1", False)
    (told,) = [
        one for one in await scene.hears(money.case, "cost-line-classified") if one.name == "cost-line-classified"
    ]
    assert (told.data["payer"], told.data["above_pkvw"]) == ("person", False)
    done = {"measure": lock["measure"]}
    await money.person.does(f"/assessment/v1/my-measures/{money.case}/implemented", done)
    await scene.hears(money.case, "measure-implemented")


async def test_s_kst_02_advised_glass_above_pkvw_at_home_is_the_municipalitys(scene: Scene) -> None:
    money = await advised(scene)
    (glass,) = await money.enters("reinforced-glass", above=4_500_000)
    assert (glass["payer"], glass["rule"], glass["eligible"]) == ("municipality", "K2", True)
    heard = await scene.hears(money.case, "cost-line-classified")
    assert [one.data["payer"] for one in heard if one.name == "cost-line-classified"] == ["municipality"]


async def test_s_kst_04_what_the_state_does_is_no_record_in_funding_and_cannot_be_asked_for(scene: Scene) -> None:
    camera = line("camera", executor="police")
    money = await advised(scene, camera, line("alarm"))
    state = {"measures": [{"type": "surveillance", "place": "home", "reason": "Last van de officier."}], "acute": True}
    await scene.person("rccb").does(f"/assessment/v1/measures/{money.case}/state-measures", state)
    await scene.hears(money.case, "state-measures-taken")
    body = {"case": money.town, "measure": money.measures["camera"], "above_pkvw_cents": 900_000}
    refused = await money.handler.is_refused("/funding/v1/costs", body)
    assert "Het Rijk betaalt" in refused["detail"]
    await money.enters("alarm", above=100_000)
    await money.has(100_000, "motivation")
    ministry, path = await money.asks()
    assert [one["type"] for one in (await ministry.sees(path))["lines"]] == ["alarm"]
    seen = await money.person.sees(f"/funding/v1/costs/{money.case}")
    assert {one["type"] for one in (*seen["lines"], *seen["measures"])} == {"alarm"}
    assert any("betaalt het Rijk" in text for text in seen["texts"])


async def test_s_kst_05_an_alarm_bought_without_advice_is_not_municipal_by_itself_and_not_eligible(
    scene: Scene,
) -> None:
    councillor = scene.person("office-holder")
    case = await report(scene, councillor, office="councillor")
    wish = {"type": "alarm", "place": "home", "above_pkvw_cents": 80_000}
    path = f"/funding/v1/costs/{case}"
    await scene.eventually(councillor, path, lambda seen: seen["lines"] == [], "funding knows the case")
    (alarm,) = (await councillor.does(f"{path}/own-wishes", wish))["lines"]
    assert (alarm["payer"], alarm["rule"], alarm["eligible"]) == ("person", "K3", False)
    handler = scene.handler(deputy=True)
    listed = "/funding/v1/costs?pageSize=100"
    earlier = {row["case"] for row in await handler.sees(listed)}
    await councillor.does(f"{path}/disputes", {"line": alarm["line"], "reason": "Het hoort bij mijn werk."})
    rows = await scene.eventually(
        handler, listed, lambda rows: any(row["case"] not in earlier for row in rows), "the handler sees the dispute"
    )
    (row,) = [row for row in rows if row["case"] not in earlier]
    choice = {"line": row["lines"][0]["line"], "payer": "municipality", "reason": "Wij betalen dit graag."}
    town = f"/funding/v1/costs/{row['case']}/classifications"
    await handler.is_refused(town, choice | {"eligible": True})
    (chosen,) = (await handler.does(town, choice))["lines"]
    assert (chosen["payer"], chosen["rule"], chosen["eligible"]) == ("municipality", "handler", False)
    heard = await scene.hears(case, "cost-line-classified", "cost-line-disputed", "cost-line-reclassified")
    assert not [one for one in heard if one.data.get("eligible")]


async def test_s_kst_08_a_dispute_is_reviewed_by_another_handler_and_the_measure_goes_on(scene: Scene) -> None:
    money = await advised(scene)
    await money.enters("reinforced-glass", up_to=50_000, above=4_500_000)
    path = f"/funding/v1/costs/{money.case}"
    mine = next(one for one in (await money.person.sees(path))["lines"] if one["payer"] == "person")
    await money.person.does(f"{path}/disputes", {"line": mine["line"], "reason": "Dit kan ik niet betalen."})
    done = {"case": money.town, "measure": money.measures["reinforced-glass"]}
    await money.handler.does("/assessment/v1/advice/implemented", done)
    await scene.hears(money.case, "cost-line-disputed", "measure-implemented")

    def disputed(seen: dict[str, Any]) -> dict[str, Any]:
        return next(one for one in seen["lines"] if one["amount_cents"] == 50_000)

    line_of_town = disputed(await money.handler.sees(f"/funding/v1/costs/{money.town}"))
    assert (line_of_town["status"], line_of_town["payer"]) == ("disputed", "person")
    review = {"line": line_of_town["line"], "payer": "municipality", "reason": "De gemeente neemt dit over."}
    town = f"/funding/v1/costs/{money.town}/classifications"
    await money.handler.is_refused(town, review)
    decided = disputed(await scene.handler(deputy=True).does(town, review))
    assert (decided["status"], decided["payer"], decided["earlier"][0]["rule"]) == ("classified", "municipality", "K1")
    await scene.hears(money.case, "cost-line-reclassified")
