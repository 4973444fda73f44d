"""Scenarios of reporting (S-MEL), through HTTP and topics."""

from __future__ import annotations

import pytest

from tests.scenarios.scene import REPORT, Scene, report

pytestmark = pytest.mark.slow


async def test_s_mel_01_a_wish_for_aangifte_is_no_aangifte_until_the_police_confirm_it(scene: Scene) -> None:
    alderman = scene.person("office-holder")
    receipt = await alderman.does("/intake/v1/reports", REPORT | {"aangifte_wished": True})
    case = receipt["case"]
    assert receipt["message"] == "U hebt nog géén aangifte gedaan. De politie neemt die op."
    await scene.hears(case, "incident-reported", "rccb-notified")
    assert (await alderman.sees(f"/intake/v1/reports/{case}"))["type"] == "melding"
    filed = {"reference": "PL-0000", "filed_on": (await scene.now()).date().isoformat()}
    await scene.person("police").does(f"/intake/v1/reports/{case}/aangifte", filed)
    await scene.hears(case, "aangifte-filed")
    assert (await alderman.sees(f"/intake/v1/reports/{case}"))["type"] == "aangifte"


async def test_s_mel_09_the_same_report_sent_twice_is_one_case(scene: Scene) -> None:
    alderman = scene.person("office-holder")
    case = (await alderman.does("/intake/v1/reports", REPORT, times=2))["case"]
    await scene.hears(case, "rccb-notified", "aftercare-triggered")
    await scene.hears(await report(scene), "rccb-notified")  # sent later: nothing of the first is still under way
    events = [one.name for one in scene.witness.about({case})]
    assert [events.count(name) for name in ("incident-reported", "rccb-notified", "aftercare-triggered")] == [1, 1, 1]
