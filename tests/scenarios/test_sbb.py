"""Scenarios of guarding and securing (S-SBB), through HTTP and topics."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.stories.stage import Person
from tests.scenarios.scene import TOWN, Scene, advise, decide, line, report, weigh, weighing_of

pytestmark = pytest.mark.slow


async def of_case(scene: Scene, case: str) -> dict[str, Any]:
    """The measures of a case, as police see them."""
    seen: dict[str, Any] = await scene.person("rccb").sees(f"/assessment/v1/measures/{case}")
    return seen


async def newest_advice(scene: Scene) -> tuple[Person, dict[str, Any]]:
    """A handler of the town and the first line of the case that was advised last."""
    handler = scene.person("municipality")
    return handler, (await handler.sees("/assessment/v1/advice"))[0]


async def decided(scene: Scene, case: str) -> str:
    """Weighed and decided, and measures know it; returns the weighing."""
    weighing = await weigh(scene, case)
    await decide(scene, weighing)
    path = f"/assessment/v1/measures/{case}"
    await scene.eventually(scene.person("rccb"), path, lambda seen: seen["measures_needed"], "measures know it")
    return weighing


async def test_s_sbb_01_a_weighing_that_qualifies_opens_an_item_for_the_hovj_and_makes_no_measure(scene: Scene) -> None:
    case = await report(scene)
    weighing = await weigh(scene, case)
    rows = await scene.person("hovj").sees("/assessment/v1/decisions?pageSize=100")
    assert [row["next_step"] for row in rows if row["id"] == weighing] == ["decision"]
    await scene.hears(case, "first-weighing-concluded")
    seen = await of_case(scene, case)
    assert (seen["measures"], seen["state_measures"]) == ([], [])


async def test_s_sbb_03_what_does_not_qualify_keeps_its_mutatie_and_care_and_can_be_opened_again(scene: Scene) -> None:
    alderman = scene.person("office-holder")
    case = await report(scene, alderman)
    day = (await scene.now()).date().isoformat()
    mutatie = {"reference": "PL-0001", "registered_on": day}
    await scene.person("police").does(f"/intake/v1/reports/{case}/mutaties", mutatie)
    weighing = await weigh(scene, case, qualifies=False)
    rccb, path = scene.person("rccb"), f"/assessment/v1/weighings/{weighing}"
    seen = await scene.eventually(rccb, path, lambda seen: seen["mutaties"] == [day], "RCCB sees the mutatie")
    assert "aanbod van opvang blijft staan" in seen["message"]
    own = await scene.eventually(
        alderman, f"/assessment/v1/my-measures/{case}", lambda own: own["tips"]["rows"], "he reads what he can do"
    )
    assert "wat u zelf kunt doen" in own["message"]
    heard = {one.name for one in await scene.hears(case, "first-weighing-concluded", "aftercare-triggered")}
    assert not heard & {"aftercare-closed", "threat-assessed"}
    again = await report(scene, alderman)
    second = await weighing_of(scene, again)
    earlier = (await rccb.sees(f"/assessment/v1/weighings/{second}"))["earlier"]
    assert [(row["case"], row["mutaties"]) for row in earlier] == [(case, [day])]
    reopened = await rccb.does(f"{path}/reopening", {"reason": "new-report", "words": "Er kwam een tweede brief."})
    assert (reopened["next_step"], len(reopened["rounds"])) == ("first-weighing", 2)
    assert reopened["rounds"][0]["first_weighing"]["qualifies"] is False
    await scene.hears(case, "weighing-reopened", topic="assessment.weighing")


async def test_s_sbb_05_an_analysis_brings_the_decision_back_with_old_and_new_side_by_side(scene: Scene) -> None:
    case = await report(scene)
    weighing = await weighing_of(scene, case)
    path, hovj, rccb = f"/assessment/v1/weighings/{weighing}", scene.person("hovj"), scene.person("rccb")
    first = {"qualifies": True, "target": "person", "reason": "Afweging.", "threat": "Een brief.", "risk": "Geen hek."}
    await rccb.does(f"{path}/first-weighing", first | {"marks": {"severity": "medium", "likelihood": "medium"}})
    waits = await hovj.does(f"{path}/interpretations", {"reason": "Wie zit hierachter?"})
    assert waits["next_step"] == "closer-interpretation"
    product = {
        "kind": "threat-analysis", "reference": "DA-2016-7", "dated_on": (await scene.now()).date().isoformat(),
        "marks": {"severity": "high", "likelihood": "high"},
    }  # fmt: skip
    await rccb.does(f"{path}/threat-products", product)
    seen = await hovj.sees(path)
    assert seen["next_step"] == "decision"
    assert [row["from"] for row in seen["assessments"]] == ["first-weighing", "threat-product"]
    assert [row["suggestion"]["level"] for row in seen["assessments"]] == ["medium", "critical"]
    heard = await scene.hears(
        case, "closer-interpretation-ordered", "threat-product-recorded", topic="assessment.weighing.restricted"
    )
    assert not any("DA-2016-7" in str(one.body) for one in heard)


async def test_s_sbb_06_the_municipality_sees_measure_place_urgency_and_payer_and_no_threat(scene: Scene) -> None:
    case = await report(scene)
    await weigh(scene, case)
    await advise(scene, case, line("alarm"), line("reinforced-glass"))
    handler = scene.person("municipality")
    rows = (await handler.sees("/assessment/v1/advice"))[:2]
    assert [(row["type"], row["place"], row["urgency"]) for row in rows] == [
        ("alarm", "home", "acute"), ("reinforced-glass", "home", "acute"),
    ]  # fmt: skip
    assert all("gemeente betaalt" in row["payer"] for row in rows)
    assert case not in str(rows) and "Afweging" not in str(rows) and "threat" not in str(rows)
    copies = await scene.hears(rows[0]["case"], "measures-advised", topic=f"partner.municipality.{TOWN}.measures")
    fields = {"measure", "type", "place", "above_pkvw", "urgency", "executor"}
    assert [set(one) for one in copies[0].data["lines"]] == [fields, fields]


async def test_s_sbb_07_advice_that_is_not_followed_up_is_told_to_police_and_person(scene: Scene) -> None:
    alderman, rccb = scene.person("office-holder"), scene.person("rccb")
    case = await report(scene, alderman)
    await advise(scene, case, line("alarm"))
    await scene.later(hours=24, minutes=1)
    await scene.hears(case, "advice-unanswered", topic="assessment.measures")
    listed = [one for one in await rccb.sees("/assessment/v1/unfollowed-advice?pageSize=100") if one["case"] == case]
    assert listed[0]["measures"][0]["follow_up"] == "Advies niet opgevolgd: de gemeente antwoordde niet."
    own = f"/assessment/v1/my-measures/{case}"
    assert "De politie weet dat" in (await alderman.sees(own))["alerts"][0]
    await advise(scene, case, line("reinforced-glass", urgency="other"))
    handler, row = await newest_advice(scene)
    refusal = {"case": row["case"], "measure": row["measure"], "reason": "Kanarie: te duur."}
    await handler.does("/assessment/v1/advice/declined", refusal)
    heard = await scene.hears(case, "advice-declined", topic="assessment.measures")
    assert not any("Kanarie" in str(one.body) for one in heard)
    alerts = (await alderman.sees(own))["alerts"]
    assert any("voert een advies niet uit" in alert for alert in alerts)


async def test_s_sbb_09_a_threatened_mayor_is_a_victim_and_others_take_over(scene: Scene) -> None:
    case = await report(scene, office="mayor")
    weighing = await weigh(scene, case, target="object")
    path, rccb = f"/assessment/v1/weighings/{weighing}", scene.person("rccb")
    conflict = (await rccb.sees(path))["conflict"]
    assert conflict["public_order"] == "loco-burgemeester"
    assert conflict["person"] == "hoofdofficier van justitie"
    assert conflict["employer_tasks"] == "gemeentesecretaris"
    assert "alleen als het slachtoffer dat wil" in conflict["kings_commissioner"]
    refused = await rccb.is_refused(f"{path}/authority", {"authority": "mayor", "reason": "Openbare orde."})
    assert "loco-burgemeester" in refused["detail"]
    chosen = await rccb.does(f"{path}/authority", {"authority": "deputy-mayor", "reason": "Openbare orde."})
    assert chosen["next_step"] == "decision"
    oral = {"measures_needed": True, "level": "high", "reason": "Afweging.", "on_behalf_of": "deputy-mayor"}
    assert (await rccb.does(f"{path}/decision", oral))["decision"]["authority"] == "deputy-mayor"
    await advise(scene, case)
    assert (await newest_advice(scene))[1]["handler"] == "gemeentesecretaris"


async def test_s_sbb_11_a_new_incident_is_linked_and_pulls_the_review_forward(scene: Scene) -> None:
    alderman, rccb = scene.person("office-holder"), scene.person("rccb")
    case = await report(scene, alderman)
    await advise(scene, case, line("locks", addressee="person", above_pkvw=False, urgency="other"))
    before = (await of_case(scene, case))["review_at"]
    again = await report(scene, alderman)
    await scene.hears(again, "incidents-linked", topic="intake.reporting")
    path = f"/assessment/v1/measures/{case}"
    seen = await scene.eventually(rccb, path, lambda seen: seen["linked"], "measures know of the new incident")
    assert [one["case"] for one in seen["linked"]] == [again]
    assert seen["review_at"] < before
    await scene.later(hours=4, minutes=1)
    await scene.hears(case, "measure-review-due", topic="assessment.measures")
    assert {one["state"] for one in (await of_case(scene, case))["measures"]} == {"advised"}
    due = await rccb.sees("/assessment/v1/due-reviews?pageSize=100")
    assert case in [row["case"] for row in due]
    assert not (await scene.person("rccb").does(f"{path}/review"))["review_due"]


REPLAYED = ("intake.reporting", "assessment.weighing", "assessment.weighing.restricted")


async def replay(scene: Scene, case: str) -> None:
    """Every internal record about the case once more, the last first, and then again in order."""
    address = (await scene.stage.call("GET", "/")).body["kafka"]
    records = [one for one in scene.witness.about({case}) if one.topic in REPLAYED]
    assert len(records) >= len(REPLAYED)
    producer = AIOKafkaProducer(bootstrap_servers=address)
    await producer.start()
    try:
        for one in [*reversed(records), *records]:
            headers = [(name, value.encode()) for name, value in one.headers.items()]
            await producer.send_and_wait(one.topic, one.raw, key=one.key.encode(), headers=headers)
    finally:
        await producer.stop()


async def test_s_sbb_13_events_twice_and_out_of_order_change_nothing_and_advise_nothing_twice(scene: Scene) -> None:
    case = await report(scene)
    weighing = await decided(scene, case)
    await advise(scene, case)
    row = (await newest_advice(scene))[1]
    await scene.hears(case, "threat-assessed", "measures-advised")
    await scene.hears(row["case"], "measures-advised", topic=f"partner.municipality.{TOWN}.measures")
    rccb, path = scene.person("rccb"), f"/assessment/v1/weighings/{weighing}"
    before = (await rccb.sees(path), await of_case(scene, case))
    await replay(scene, case)
    # What now follows on the same topics under the same keys comes after all of it.
    day = (await scene.now()).date().isoformat()
    mutatie = {"reference": "PL-0002", "registered_on": day}
    await scene.person("police").does(f"/intake/v1/reports/{case}/mutaties", mutatie)
    weighed = await scene.eventually(rccb, path, lambda seen: seen["mutaties"], "the mutatie came after the replay")
    assert weighed | {"mutaties": []} == before[0]
    await rccb.does(f"{path}/reopening", {"reason": "new-information", "words": "Er is meer bekend."})
    again = {"qualifies": True, "target": "person", "reason": "Nogmaals gewogen."}
    await rccb.does(f"{path}/first-weighing", again)
    await decide(scene, weighing, measures_needed=False)
    measures = f"/assessment/v1/measures/{case}"
    after = await scene.eventually(
        scene.person("rccb"), measures, lambda seen: seen["measures_needed"] is False, "the decision came after it"
    )
    assert after | {"measures_needed": True} == before[1]
    advised = [one for one in scene.witness.received if one.body.get("data", {}).get("case") in {case, row["case"]}]
    assert [one.name for one in advised].count("measures-advised") == 2, "one inside, one for the municipality"


async def test_s_sbb_14_the_end_is_told_in_advance_with_a_reason_and_care_is_offered_again(scene: Scene) -> None:
    alderman, rccb = scene.person("office-holder"), scene.person("rccb")
    case = await report(scene, alderman)
    await advise(scene, case)
    handler, row = await newest_advice(scene)
    done = {"case": row["case"], "measure": row["measure"]}
    await handler.does("/assessment/v1/advice/implemented", done)
    path = f"/assessment/v1/measures/{case}"
    refused = await rccb.is_refused(f"{path}/scale-down", {"reason": "De dreiging is voorbij."})
    assert "Kondig het einde eerst aan" in refused["detail"]
    await rccb.is_refused(f"{path}/announcement", {"ends_at": (await scene.now() + timedelta(days=1)).isoformat()})
    ends = await scene.now() + timedelta(days=7, minutes=5)
    await rccb.does(f"{path}/announcement", {"ends_at": ends.isoformat()})
    assert "stoppen maatregelen" in (await alderman.sees(f"/assessment/v1/my-measures/{case}"))["alerts"][-1]
    await rccb.is_refused(f"{path}/scale-down", {"reason": "De dreiging is voorbij."})
    await scene.later(days=7, minutes=6)
    ended = await rccb.does(f"{path}/scale-down", {"reason": "De dreiging is voorbij."})
    assert ended["ended"][0]["reason"] == "De dreiging is voorbij."
    heard = await scene.hears(case, "scale-down-announced", "measures-scaled-down", topic="assessment.measures")
    assert not any("voorbij" in str(one.body) for one in heard)
    await scene.hears(case, "aftercare-triggered", "aftercare-triggered", topic="aftercare.callback")


async def test_s_sbb_15_oral_decisions_at_night_are_recorded_afterwards_and_confirmed_later(scene: Scene) -> None:
    case = await report(scene)
    weighing = await weighing_of(scene, case)
    rccb, hovj = scene.person("rccb"), scene.person("hovj")
    measures, path = f"/assessment/v1/measures/{case}", f"/assessment/v1/weighings/{weighing}"
    await scene.eventually(rccb, measures, lambda seen: seen["municipality"], "measures know the case")
    night = await scene.now()
    camera = {"type": "camera", "place": "home", "reason": "Er staat nu iemand voor de deur."}
    taken = await rccb.does(f"{measures}/state-measures", {"measures": [camera], "acute": True})
    assert taken["state_measures"][0]["confirmed"] is False
    await scene.later(hours=6)
    first = {"qualifies": True, "target": "person", "reason": "Acuut.", "decided_at": night.isoformat()}
    await rccb.does(f"{path}/first-weighing", first)
    oral = {
        "measures_needed": True, "level": "critical", "reason": "Door de telefoon besloten.", "on_behalf_of": "hovj",
        "decided_by": hovj.actor, "decided_at": (night + timedelta(minutes=5)).isoformat(),
    }  # fmt: skip
    seen = await rccb.does(f"{path}/decision", oral)
    decision = seen["decision"]
    assert (decision["confirmed"], decision["recorded_by"], decision["decided_by"]) == (False, rccb.actor, hovj.actor)
    for one in (seen["first_weighing"], decision):
        assert one["decided_at"] < one["recorded_at"]
    (told,) = [one for one in await scene.hears(case, "threat-assessed") if one.name == "threat-assessed"]
    assert told.data["confirmed"] is False
    await advise(scene, case)  # nothing waits for the confirmation
    await rccb.is_refused(f"{path}/confirmation")
    assert (await hovj.does(f"{path}/confirmation"))["decision"]["confirmed"]
    await scene.hears(case, "decision-confirmed", topic="assessment.weighing.restricted")
    await scene.eventually(rccb, measures, lambda seen: seen["measures_needed"], "measures know the decision")
    confirmed = await hovj.does(f"{measures}/confirmation")
    assert confirmed["state_measures"][0]["confirmed"]
    heard = await scene.hears(case, "state-measures-taken", "state-measures-taken")
    on = {one.topic for one in heard if one.name == "state-measures-taken"}
    assert on == {"assessment.measures.restricted"}


async def test_s_sbb_16_about_a_town_hall_a_person_notes_who_decides(scene: Scene) -> None:
    case = await report(scene)
    weighing = await weigh(scene, case, target="object")
    path, hovj, rccb = f"/assessment/v1/weighings/{weighing}", scene.person("hovj"), scene.person("rccb")
    seen = await rccb.sees(path)
    assert (seen["first_weighing"]["target"], seen["next_step"]) == ("object", "choose-authority")
    assert "openbare orde" in seen["message"] and "strafrechtelijke handhaving" in seen["message"]
    own = {"measures_needed": True, "level": "medium", "reason": "Afweging."}
    await hovj.is_refused(f"{path}/decision", own)
    await rccb.does(f"{path}/authority", {"authority": "mayor", "reason": "Het gaat om de openbare orde."})
    heard = await scene.hears(case, "authority-chosen", topic="assessment.weighing")
    assert [one.data["authority"] for one in heard if one.name == "authority-chosen"] == ["mayor"]
    await hovj.is_refused(f"{path}/decision", own)
    oral = await rccb.does(f"{path}/decision", own | {"on_behalf_of": "mayor"})
    assert oral["decision"]["oral"].startswith("Mondeling, namens de burgemeester.")
