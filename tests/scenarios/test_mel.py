"""Scenarios of reporting (S-MEL), through HTTP and topics."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.local.server import MUNICIPALITIES
from deploy.stories.stage import Person, Stage
from deploy.stories.witness import Witness
from tests.scenarios.scene import REPORT, REPORTER, Scene, report, take_over, weighing_of
from tests.stack import Stack

pytestmark = pytest.mark.slow

REPORTS = "/intake/v1/reports"
OWN = "intake.reporting.own"
KNOCK = "Een politicus moet tegen een stootje kunnen."
DOUBT = {"aangifte_intent": "doubt", "doubt_reasons": ["take-a-knock"], "doubt_words": KNOCK, "urgency": "other"}


async def talked(scene: Scene, councillor: Person, advice: str) -> str:
    """A councillor doubted, talked with the local police and got their advice; returns the case."""
    case: str = (await councillor.does(REPORTS, REPORT | DOUBT | {"office": "councillor"}))["case"]
    police = scene.person("police")
    await police.does(f"{REPORTS}/{case}/consultations", {})
    await police.does(f"{REPORTS}/{case}/filing-advice", {"advice": advice})
    await scene.hears(case, "talk-requested", "police-consulted", "filing-advised", topic=OWN)
    return case


async def incident_reported(scene: Scene, case: str) -> dict[str, Any]:
    """What the chain heard of the case, once."""
    events = await scene.hears(case, "incident-reported", "rccb-notified")
    (told,) = [one.data for one in events if one.name == "incident-reported"]
    return told


async def today_in_amsterdam(scene: Scene) -> str:
    """The date that the police write."""
    return (await scene.now()).date().isoformat()


async def waiting(scene: Scene, case: str) -> list[str]:
    """What the police's list says of the case; the list is read to its end."""
    police, number = scene.person("police"), 1
    while rows := await police.sees(f"{REPORTS}?pageSize=100&page={number}"):
        for row in rows:
            if row["case"] == case:
                found: list[str] = row["waits_for"]
                return found
        number += 1
    return []


async def test_s_mel_01_a_wish_for_aangifte_is_no_aangifte_until_the_police_confirm_it(scene: Scene) -> None:
    alderman = scene.person("office-holder")
    receipt = await alderman.does(REPORTS, REPORT | {"aangifte_wished": True})
    case = receipt["case"]
    assert receipt["message"] == "U hebt nog géén aangifte gedaan. De politie neemt die op."
    scan = {"sha256": "5" * 64, "medium": "letter", "size_bytes": 120_000, "source": "Uit de brievenbus, gescand."}
    await alderman.does(f"{REPORTS}/{case}/evidence", scan, times=2)
    await scene.hears(case, "incident-reported", "rccb-notified")
    assert (await alderman.sees(f"{REPORTS}/{case}"))["type"] == "melding"
    assert await waiting(scene, case) == ["aangifte"]
    today = await today_in_amsterdam(scene)
    filed = {"reference": "PL-0000", "filed_on": today, "criminal_track_on": today}
    assert (await alderman.is_refused(f"{REPORTS}/{case}/aangifte", filed))["status"] == 403
    await scene.person("police").does(f"{REPORTS}/{case}/aangifte", filed)
    events = await scene.hears(case, "aangifte-filed", "criminal-track-opened")
    assert [one.name for one in events].count("incident-reported") == 1
    seen = await alderman.sees(f"{REPORTS}/{case}")
    assert (seen["type"], seen["evidence"][0]["sha256"]) == ("aangifte", "5" * 64)


async def test_s_mel_02_doubt_is_accepted_as_it_is_and_leads_to_a_talk(scene: Scene) -> None:
    councillor = scene.person("office-holder")
    receipt = await councillor.does(REPORTS, REPORT | DOUBT | {"office": "councillor"}, times=2)
    case = receipt["case"]
    assert (receipt["type"], receipt["doubts"]) == ("talk", [{"reasons": ["take-a-knock"], "words": KNOCK}])
    assert "belt u voor een gesprek" in receipt["message"]
    before = " ".join(receipt["advice"])
    assert "mutatie" in before and "Vertrouwenslijn" in before and "kiest u zelf" in before
    assert "onvolledig" not in str(receipt).lower()
    assert await waiting(scene, case) == ["talk"]
    assert (await scene.person("police").sees(f"{REPORTS}/{case}"))["doubts"]
    assert (await scene.person("rccb").looks(f"{REPORTS}/{case}")).status == 404
    await scene.hears(case, "talk-requested", topic=OWN)
    await scene.hears(await report(scene), "rccb-notified")  # sent later: nothing of the first is still under way
    assert {one.topic for one in scene.witness.about({case})} == {OWN}
    assert not any(KNOCK.encode() in one.raw for one in scene.witness.received)


async def test_s_mel_03_following_advice_not_to_file_makes_a_melding_with_a_mutatie(scene: Scene) -> None:
    councillor = scene.person("office-holder")
    case = await talked(scene, councillor, "do-not-file")
    await councillor.does(f"{REPORTS}/{case}/melding", {"aangifte_wished": False})
    stored = {"reference": "PL-MUT-0000", "registered_on": await today_in_amsterdam(scene)}
    await scene.person("police").does(f"{REPORTS}/{case}/mutaties", stored)
    events = await scene.hears(case, "incident-reported", "mutatie-registered", "rccb-notified")
    assert "aangifte-filed" not in [one.name for one in events]
    assert not any(b"PL-MUT-0000" in one.raw for one in scene.witness.received)
    await weighing_of(scene, case)
    seen = await councillor.sees(f"{REPORTS}/{case}")
    assert (seen["type"], len(seen["mutaties"])) == ("melding", 1)


async def test_s_mel_04_advice_to_file_files_nothing_for_her(scene: Scene) -> None:
    councillor = scene.person("office-holder")
    case = await talked(scene, councillor, "file")
    seen = await councillor.sees(f"{REPORTS}/{case}")
    assert seen["type"] == "talk" and "U kiest zelf" in seen["message"]
    await councillor.does(f"{REPORTS}/{case}/melding", {"aangifte_wished": False})
    await scene.hears(case, "incident-reported", "rccb-notified")
    await scene.later(days=4)
    await scene.hears(await report(scene), "rccb-notified")
    assert "aangifte-filed" not in [one.name for one in scene.witness.about({case})]
    seen = await councillor.sees(f"{REPORTS}/{case}")
    assert (seen["type"], seen["aangifte_wished"], seen["aangifte_on"]) == ("melding", False, None)


async def test_s_mel_06_reporter_and_victim_are_two_persons_and_the_victim_is_told(scene: Scene) -> None:
    manager, councillor, police = (scene.person(role) for role in ("reporter", "office-holder", "police"))
    case = await report(scene, manager, office="councillor", reporter=REPORTER)
    event = await incident_reported(scene, case)
    assert event["reporter_is_victim"] is False and "person" not in event
    incident = (await police.sees(f"{REPORTS}/{case}"))["incident"]
    assert incident["victim"]["phone"] == REPORT["victim"]["phone"]
    assert incident["reporter"]["person"]["phone"] == REPORTER["phone"]
    assert "tell-victim" in await waiting(scene, case)
    await police.does(f"{REPORTS}/{case}/victim-told")
    assert "tell-victim" not in await waiting(scene, case)
    own = await manager.sees(f"{REPORTS}/{case}")
    assert own["victim_told"] is True and own["narrative"] == REPORT["narrative"]
    assert "incident" not in own and REPORT["victim"]["phone"] not in str(own)
    assert (await scene.person("reporter").looks(f"{REPORTS}/{case}")).status == 404
    await take_over(scene, case, councillor)
    seen = await councillor.sees(f"{REPORTS}/{case}")
    assert "Iemand heeft dit voor u gemeld: leidinggevende." in seen["advice"]


async def test_s_mel_08_a_signal_ends_only_with_who_judged_it_the_outcome_and_why(scene: Scene) -> None:
    councillor = scene.person("office-holder")
    signal_only = {"signal_only": True, "urgency": "other", "impact": "limited", "narrative": "Een naar gevoel."}
    receipt = await councillor.does(REPORTS, REPORT | signal_only)
    case = receipt["case"]
    assert receipt["type"] == "signal" and receipt["judge_before"] is not None
    await councillor.is_refused(f"{REPORTS}/{case}/rest")
    await councillor.is_refused(f"{REPORTS}/{case}/melding", {})
    await scene.later(hours=25)
    path = f"{REPORTS}/{case}"
    seen = await scene.eventually(councillor, path, lambda view: view["prompted_at"], "the person is asked")
    assert seen["message"].startswith("U schreef gisteren een signaal op.")
    for role in ("police", "rccb", "hovj", "reporter"):
        assert (await scene.person(role).looks(path)).status == 404
    judged = {"outcome": "let-rest", "reason": "Ik sprak het uit.", "company": "griffier"}
    seen = await councillor.does(f"{path}/judgements", judged)
    assert seen["judgements"][0] | judged == seen["judgements"][0]
    await scene.hears(case, "signal-recorded", "signal-judged", topic=OWN)
    await scene.hears(await report(scene), "rccb-notified")
    assert {one.topic for one in scene.witness.about({case})} == {OWN}


async def test_s_mel_09_the_same_report_sent_twice_is_one_case(scene: Scene) -> None:
    alderman = scene.person("office-holder")
    case = (await alderman.does(REPORTS, REPORT, times=2))["case"]
    await scene.hears(case, "rccb-notified", "aftercare-triggered")
    await scene.hears(await report(scene), "rccb-notified")  # sent later: nothing of the first is still under way
    events = [one.name for one in scene.witness.about({case})]
    assert [events.count(name) for name in ("incident-reported", "rccb-notified", "aftercare-triggered")] == [1, 1, 1]


async def test_s_mel_11_downplaying_lowers_nothing_a_person_weighs_it(scene: Scene) -> None:
    councillor = scene.person("office-holder")
    text = "Hoort erbij. Er stond dat ik dood moet."
    case = await report(scene, councillor, urgency="other", impact="limited", narrative=text, aangifte_intent="no")
    told = await incident_reported(scene, case)
    assert (told["kind"], told["report_type"]) == ("threat", "melding")
    await weighing_of(scene, case)
    assert (await scene.person("rccb").sees(f"{REPORTS}/{case}"))["incident"]["narrative"] == text


async def test_s_mel_12_an_incident_around_asylum_points_to_help_and_is_counted(scene: Scene) -> None:
    year = (await scene.now()).year
    for _ in range(5):
        receipt = await scene.person("office-holder").does(REPORTS, REPORT | {"context": "asielinstroom"})
    assert {"OTAV", "Handreiking verhoogde asielinstroom"} <= {pointer["name"] for pointer in receipt["pointers"]}
    assert (await incident_reported(scene, receipt["case"]))["context"] == "asielinstroom"
    months = await scene.person("police").sees(f"{REPORTS}/counts?year={year}")
    months += await scene.person("police").sees(f"{REPORTS}/counts?year={(await scene.now()).year}")
    assert any(month["asielinstroom"] != "<5" and month["asielinstroom"] >= 5 for month in months)


async def test_s_mel_13_112_comes_before_everything_else(scene: Scene) -> None:
    start = await scene.stage.call("GET", "/")
    assert "Bel 112" in next(iter(start.body.values()))
    for more in ({}, DOUBT | {"urgency": "acute"}, {"signal_only": True}):
        receipt = await scene.person("office-holder").does(REPORTS, REPORT | more)
        assert next(iter(receipt)) == "emergency" and "Bel 112" in receipt["emergency"]
        assert "wordt niet meteen gelezen" in receipt["emergency"]


@asynccontextmanager
async def broken_off(folder: Path, kafka: str) -> AsyncIterator[tuple[Scene, Stack]]:
    """A stack of this test's own, to be cut off from RCCB."""
    stack = Stack(folder, "--kafka", kafka)
    try:
        await asyncio.to_thread(stack.start)
        url = f"http://127.0.0.1:{stack.ports['--port']}"
        async with Stage(url, patience=60.0) as stage, Witness(stack.state()["kafka"], MUNICIPALITIES) as witness:
            yield Scene(kafka, stage, witness, stack.data, stack.state()["mongo"]), stack
        assert await asyncio.to_thread(stack.stop) == 0
    finally:
        await asyncio.to_thread(stack.clean)


async def test_s_mel_14_when_nothing_reaches_rccb_the_report_is_kept_and_the_delay_is_seen(
    scene: Scene, tmp_path: Path
) -> None:
    async with broken_off(tmp_path, scene.name) as (own, stack):
        broker: Any = stack.state()["pids"]["broker"]
        os.kill(broker, signal.SIGSTOP)
        try:
            alderman = own.person("office-holder")
            case = await report(own, alderman)
            await own.later(minutes=61)
            path = f"{REPORTS}/{case}"
            late = await own.eventually(alderman, path, lambda view: view["rccb_overdue"], "the delay is seen")
            assert "Bel de politie" in late["message"]
            assert await waiting(own, case) == ["rccb-receipt"]
        finally:
            os.kill(broker, signal.SIGCONT)
        await own.eventually(alderman, path, lambda view: view["rccb_notified_at"], "RCCB has it after all")
        assert await waiting(own, case) == []
        await own.hears(case, "incident-reported", "rccb-receipt-overdue", "rccb-notified")
