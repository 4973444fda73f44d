"""Scenarios of the call back (S-IVP), through HTTP and topics."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.stories.stage import Person
from tests.scenarios.scene import REPORTER, TOWN, Scene, expect, report, take_over, weigh

pytestmark = pytest.mark.slow

CARE = "/aftercare/v1/callbacks"
INSIDE, PARTNER = "aftercare.callback", "partner.ivp.callbacks"
ALARM = "0418-683444"
MANAGER = {"name": "M. Voorbeeld", "address": "Raadhuisplein 1", "function": "secretaris", "phone": "0600000007"}


async def note_call(scene: Scene, case: str | None = None, **other: Any) -> dict[str, Any]:
    """The IVP notes a call to the alarm number, just now; returns its line on the board."""
    body = {"phone": "0600000000", "called_at": (await scene.now()).isoformat()} | other
    row: dict[str, Any] = await scene.person("ivp").does(CARE, body | ({"case": case} if case else {}))
    return row


async def at_night(scene: Scene) -> datetime:
    """Moves to the next Sunday, ten past two in Amsterdam."""
    now = await scene.now()
    night = (now + timedelta(days=6 - now.weekday())).replace(hour=2, minute=10, second=0, microsecond=0)
    night = night if night > now else night + timedelta(days=7)
    await scene.stage.until(night)
    return night


async def offered(scene: Scene, alderman: Person | None = None, **other: Any) -> tuple[str, Person]:
    """A report, and care that knows of it; returns the case and the alderman."""
    alderman = alderman or scene.person("office-holder")
    case = await report(scene, alderman, **other)
    await scene.hears(case, "aftercare-triggered", topic=INSIDE)
    return case, alderman


async def heard(scene: Scene, case: str, *names: str) -> list[str]:
    return [one.name for one in await scene.hears(case, *names, topic=INSIDE)]


async def figure(scene: Scene, moment: datetime) -> dict[str, Any]:
    rows = await scene.person("ivp").sees(f"/aftercare/v1/promise-figures?year={moment.year}")
    return dict(next(row for row in rows if row["month"] == f"{moment:%Y-%m}"))


async def test_s_ivp_01_a_call_at_ten_past_two_on_sunday_is_met_at_02_31(scene: Scene) -> None:
    case, alderman = await offered(scene)
    ivp = scene.person("ivp")
    night = await at_night(scene)
    row = await note_call(scene, case)
    due = datetime.fromisoformat(row["due_at"])
    assert abs(due - night - timedelta(minutes=30)) < timedelta(minutes=1)
    await scene.hears(row["case"], "aftercare-accepted", "ivp-callback-due", topic=PARTNER)
    await scene.later(minutes=21)
    made = await ivp.does(f"{CARE}/{row['case']}/contact", {})
    assert (made["status"], made["missed"]) == ("called", False)
    made_event = next(one for one in await scene.hears(case, "ivp-callback-made") if one.name == "ivp-callback-made")
    assert made_event.data["in_time"] is True
    assert (await alderman.sees(f"{CARE}/{case}"))["message"] == "Er is contact geweest."
    await scene.later(minutes=20)
    assert "ivp-callback-missed" not in await heard(scene, case)


async def test_s_ivp_02_no_call_within_thirty_minutes_is_one_miss_that_stays_in_the_figures(scene: Scene) -> None:
    case, alderman = await offered(scene)
    night = await at_night(scene)
    before = await figure(scene, night)
    row = await note_call(scene, case)
    ivp, path = scene.person("ivp"), f"{CARE}/{row['case']}"
    await ivp.does(f"{path}/worker", {"big": "19012345601"})
    await ivp.does(f"{path}/attempts")
    await scene.later(minutes=26)
    await heard(scene, case, "ivp-callback-escalated")
    await scene.later(minutes=5)
    await heard(scene, case, "ivp-callback-escalated", "ivp-callback-escalated", "ivp-callback-missed")
    await scene.hears(row["case"], "ivp-callback-missed", topic=PARTNER)
    own = await alderman.sees(f"{CARE}/{case}")
    assert "Het spijt ons" in own["message"] and ALARM in own["message"]
    waits = await ivp.sees(f"{CARE}?pageSize=100")
    assert next(one for one in waits if one["case"] == row["case"])["ring"] == "coordinator"
    await scene.later(minutes=11)
    made = await ivp.does(f"{path}/contact", {})
    assert (made["status"], made["missed"]) == ("called", True)
    names = await heard(scene, case, "ivp-callback-made")
    assert (names.count("ivp-callback-missed"), names.count("ivp-callback-escalated")) == (1, 2)
    after = await figure(scene, night)
    assert (after["asked"] - before["asked"], after["missed"] - before["missed"]) == (1, 1)


async def test_s_ivp_05_a_manager_calls_for_an_alderman_and_reads_progress_never_content(scene: Scene) -> None:
    """E2E-3: the secretary is called back, then the alderman."""
    manager, ivp = scene.person("reporter"), scene.person("ivp")
    case, _ = await offered(scene, manager, reporter=REPORTER)
    row = await note_call(scene, case, phone="", caller={"phone": MANAGER["phone"]})
    path = f"{CARE}/{row['case']}"
    asked = [f"{who}.{what}" for who in ("victim", "caller") for what in ("name", "address", "function", "phone")]
    assert row["still_to_ask"] == [field for field in asked if field != "caller.phone"]
    assert row["phone"] == MANAGER["phone"]
    victim = {"name": "A. Voorbeeld", "address": "Voorbeeldstraat 1", "function": "wethouder", "phone": "0600000000"}
    told = await ivp.does(f"{path}/details", {"victim": victim, "caller": MANAGER})
    assert told["still_to_ask"] == []
    await ivp.does(f"{path}/contact", {"made_with": "caller"})
    await ivp.is_refused(f"{path}/progress", {"progress": "contact-made"})
    await ivp.does(f"{path}/contact", {"made_with": "victim"})
    assert (await manager.sees(f"{CARE}/{case}"))["progress"] is None
    await ivp.does(f"{path}/progress", {"progress": "contact-made"})
    await heard(scene, case, "ivp-callback-made", "progress-reported")
    read = await manager.sees(f"{CARE}/{case}")
    assert (read["progress"], read["message"]) == ("contact-made", "Er is contact gelegd.")
    assert set(read) == {"case", "status", "due_at", "made_at", "missed", "progress", "message"}
    everything = json.dumps(read) + "".join(one.raw.decode() for one in scene.witness.about({case, row["case"]}))
    assert not any(value in everything for value in (*victim.values(), *MANAGER.values()) if value != "wethouder")


async def test_s_ivp_07_the_victim_objects_and_progress_to_the_manager_stops(scene: Scene) -> None:
    manager, alderman, ivp = (scene.person(role) for role in ("reporter", "office-holder", "ivp"))
    case, _ = await offered(scene, manager, reporter=REPORTER)
    await take_over(scene, case, alderman)
    await scene.eventually(alderman, f"{CARE}/{case}", bool, "care knows whose case it is")
    row = await note_call(scene, case, caller=MANAGER)
    path = f"{CARE}/{row['case']}"
    await ivp.does(f"{path}/contact", {"made_with": "victim"})
    await ivp.does(f"{path}/support", {"form": "phone"})
    await ivp.does(f"{path}/progress", {"progress": "contact-made"})
    assert (await manager.sees(f"{CARE}/{case}"))["progress"] == "contact-made"
    await alderman.does(f"{CARE}/{case}/objection")
    read = await manager.sees(f"{CARE}/{case}")
    assert (read["progress"], read["status"]) == (None, "asked")
    refusal = await ivp.is_refused(f"{path}/progress", {"progress": "support-running"})
    assert refusal["detail"] == "De persoon wil niet dat de beller iets hoort."
    assert (await alderman.sees(f"{CARE}/{case}"))["support"] == ["phone"]
    assert (await heard(scene, case, "progress-reported")).count("progress-reported") == 1


async def test_s_ivp_08_a_municipal_user_sees_no_care_and_on_the_bill_no_name(scene: Scene) -> None:
    case, _ = await offered(scene)
    row = await note_call(scene, case)
    handler, bills = scene.person("municipality"), scene.person("ivp-billing")
    for path in (CARE, f"{CARE}/{case}", "/aftercare/v1/offers", "/aftercare/v1/clients"):
        assert (await handler.looks(path)).status == 403
    before = {bill["month"] for bill in await handler.sees("/aftercare/v1/invoices?pageSize=100")}
    months = (f"{year}-{month:02}" for year in range(2016, 2026) for month in range(1, 13))
    month = next(one for one in months if one not in before)
    sent = {"municipality": TOWN, "month": month, "amount_cents": 123_400}
    bill = await bills.does("/aftercare/v1/invoices", sent, times=2)
    await bills.does(f"/aftercare/v1/invoices/{bill['case']}/corrections", {"amount_cents": -23_400})
    (mine,) = (one for one in await handler.sees("/aftercare/v1/invoices?pageSize=100") if one["month"] == month)
    assert set(mine) == {"case", "municipality", "month", "total_cents", "invoices"}
    assert (mine["total_cents"], len(mine["invoices"])) == (100_000, 2)
    there = await scene.hears(
        mine["case"], "employer-invoiced", "employer-invoiced", topic=f"partner.municipality.{TOWN}.invoices"
    )
    assert [set(one.data) for one in there] == [{"case", "invoice", "month", "amount_cents", "detail"}] * 2
    of_care = {value for one in scene.witness.about({case, row["case"]}) for value in (one.key, one.data["case"])}
    inside = [one for one in scene.witness.once() if one.topic == "aftercare.callback.invoices"]
    of_bills = {value for one in (*there, *inside) for value in (one.key, one.data["case"], one.data["invoice"])}
    assert inside and of_care and not of_care & of_bills


async def test_s_ivp_09_rccb_says_it_does_not_qualify_and_care_goes_on(scene: Scene) -> None:
    case, alderman = await offered(scene)
    row = await note_call(scene, case)
    before = await alderman.sees(f"{CARE}/{case}")
    await weigh(scene, case, qualifies=False)
    await scene.hears(case, "first-weighing-concluded")
    assert await alderman.sees(f"{CARE}/{case}") == before
    ivp, path = scene.person("ivp"), f"{CARE}/{row['case']}"
    await ivp.does(f"{path}/contact", {})
    assert (await ivp.does(f"{path}/support", {"form": "on-site"}))["status"] == "support"
    await heard(scene, case, "ivp-callback-made", "support-planned")


async def test_s_ivp_10_who_declined_is_offered_care_again_at_a_second_incident(scene: Scene) -> None:
    first, alderman = await offered(scene)
    declined = await alderman.does(f"/aftercare/v1/offers/{first}/refusal", times=2)
    assert declined["status"] == "declined"
    await heard(scene, first, "aftercare-declined")
    second, _ = await offered(scene, alderman, impact="limited")
    triggers = [one for one in await scene.hears(second, "aftercare-triggered") if one.name == "aftercare-triggered"]
    assert [one.data["reason"] for one in triggers] == ["repeat"], "limited, and still offered: it is not the first"
    again = await alderman.sees(f"{CARE}/{second}")
    assert again["status"] == "offered" and "niet de eerste keer" in again["message"]
    unknown = await scene.person("office-holder").looks(f"{CARE}/{second}")
    assert unknown.status == 404, "nobody else is offered this"
    accepted = await alderman.does(f"/aftercare/v1/offers/{second}/acceptance")
    assert accepted["status"] == "accepted" and ALARM in accepted["message"]


async def test_s_ivp_12_two_triggers_for_one_incident_are_one_call_back(scene: Scene) -> None:
    alderman = scene.person("office-holder")
    signal = await report(scene, alderman, signal_only=True)
    asked = await alderman.does(CARE, {"case": signal, "phone": "0600000000"})
    assert (asked["status"], asked["due_at"]) == ("asked-by-web", None)
    assert f"Bel zelf nu: {ALARM}" in asked["message"]
    row = await note_call(scene, signal)
    await alderman.does(f"/intake/v1/reports/{signal}/melding", {"reason": "Ik wil dat de politie het weet."})
    await heard(scene, signal, "aftercare-triggered", "aftercare-triggered", "ivp-callback-due")
    again = await note_call(scene, signal)
    assert (again["case"], again["due_at"]) == (row["case"], row["due_at"])
    board = await scene.person("ivp").sees(f"{CARE}?pageSize=100")
    assert [one["case"] for one in board].count(row["case"]) == 1
    await scene.person("ivp").does(f"{CARE}/{row['case']}/contact", {})
    names = await heard(scene, signal, "ivp-callback-made")
    assert (names.count("aftercare-triggered"), names.count("ivp-callback-due")) == (2, 1)


async def test_s_ivp_13_a_question_without_haste_goes_to_the_office(scene: Scene) -> None:
    now = await scene.now()
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=10, minute=0)
    await scene.stage.until(monday)
    who = scene.person("office-holder")
    question = await who.sees("/aftercare/v1/help-lines?kind=question")
    assert (question["phone"], question["mail"]) == ("020 840 7600", "info@ivp.nl")
    expect(ALARM not in json.dumps(question), "not the alarm number", question)
    assert question["emergency"] == "Direct gevaar? Bel 112."
    assert "Vraag het IVP" in question["family"]
    assert (await who.sees("/aftercare/v1/help-lines"))["phone"] == ALARM
