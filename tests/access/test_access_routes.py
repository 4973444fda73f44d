"""Relations, claims, break-glass, own reads and reports without sign-in, over HTTP on the real intake."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from deploy.local.temporary import Mongo
from services.assessment.app import MEASURES
from services.assessment.app import build as assessment_app
from services.assessment.measures.commands import NoteIncident
from services.intake.app import build
from shared.access.ties import NoteCase
from shared.contracts.vocabulary import Office
from tests.access.signing import signed
from tests.services.serving import Served, serve
from tests.stack import REPORT

OTHER_UNIT = "eenheid-west"


@pytest.fixture
async def intake(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


async def send(served: Served, path: str, body: Any, headers: dict[str, str]) -> httpx2.Response:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    return await served.client.post(f"/v1{path}", json=body, headers=headers | key)


async def reported(served: Served, **more: Any) -> str:
    answer = await send(served, "/reports", REPORT | {"urgency": "acute"} | more, signed("office-holder", "victim-1"))
    assert answer.status_code == 201, answer.text
    case: str = answer.json()["case"]
    await told(served, case, "victim-1")
    return case


async def told(served: Served, case: str, owner: str | None) -> None:
    """What intake hears of its own report."""
    ties = served.app.state.admission.ties
    own = served.account(owner) if owner else None
    await served.know(ties.module, case, NoteCase(case, "9901", Office.ALDERMAN, own=own))


async def sees(served: Served, case: str, headers: dict[str, str]) -> int:
    return (await served.client.get(f"/v1/reports/{case}", headers=headers)).status_code


# Trusted and kept out


async def test_the_victim_trusts_somebody_who_then_reads_the_report_and_can_take_it_back(intake: Served) -> None:
    case, friend = await reported(intake), signed("office-holder", "friend-1")
    assert await sees(intake, case, friend) == 404
    for holds, status in ((True, 200), (False, 404)):
        body = {"account": "friend-1", "relation": "trusted", "holds": holds}
        assert (await send(intake, f"/relations/{case}", body, signed("office-holder", "victim-1"))).status_code == 200
        assert await sees(intake, case, friend) == status
    seen = await intake.client.get(f"/v1/reports/{case}", headers=signed("office-holder", "victim-1"))
    assert seen.status_code == 200


async def test_somebody_trusted_does_not_read_the_home_address(intake: Served) -> None:
    person = {"name": "Voorbeeld Persoon", "address": "Verzonnenlaan 1"}
    case = await reported(intake, victim=person)
    body = {"account": "friend-1", "relation": "trusted"}
    await send(intake, f"/relations/{case}", body, signed("office-holder", "victim-1"))
    seen = await intake.client.get(f"/v1/reports/{case}", headers=signed("office-holder", "friend-1"))
    assert (seen.status_code, "Verzonnenlaan" in seen.text, "Voorbeeld Persoon" in seen.text) == (200, False, True)


async def test_an_officer_who_is_kept_out_sees_what_a_stranger_sees(intake: Served) -> None:
    case, officer = await reported(intake), signed("police", "agent-9")
    assert await sees(intake, case, officer) == 200
    body = {"account": "agent-9", "relation": "excluded"}
    assert (await send(intake, f"/relations/{case}", body, signed("hovj"))).status_code == 200
    unknown = await intake.client.get(f"/v1/reports/{'0' * 32}", headers=officer)
    refused = await intake.client.get(f"/v1/reports/{case}", headers=officer)
    assert (refused.status_code, refused.content) == (unknown.status_code, unknown.content) == (404, unknown.content)
    rows = (await intake.client.get("/v1/reports", headers=officer)).json()
    assert case not in str(rows)
    glass = {"case": case, "reason": "Er is echt haast, de collega is ziek."}
    assert (await send(intake, "/break-glasses", glass, officer)).status_code == 404, "not even with a reason"


@pytest.mark.parametrize(
    ("who", "relation"),
    [
        (("hovj", "account-1"), "trusted"),
        (("office-holder", "stranger-1"), "excluded"),
        (("police", "agent-1"), "excluded"),
    ],
)
async def test_nobody_else_decides_who_is_trusted_or_kept_out(
    intake: Served, who: tuple[str, str], relation: str
) -> None:
    case = await reported(intake)
    answer = await send(intake, f"/relations/{case}", {"account": "agent-9", "relation": relation}, signed(*who))
    assert answer.status_code in (403, 404)


async def test_the_victim_alone_reads_back_whom_they_chose(intake: Served) -> None:
    case, victim = await reported(intake), signed("office-holder", "victim-1")
    for account, relation in (("friend-1", "trusted"), ("agent-9", "excluded")):
        await send(intake, f"/relations/{case}", {"account": account, "relation": relation}, victim)
    await send(intake, f"/relations/{case}", {"account": "agent-8", "relation": "excluded"}, signed("hovj"))
    rows = (await intake.client.get(f"/v1/relations/{case}", headers=victim)).json()["chosen"]
    assert [(row["account"], row["relation"]) for row in rows] == [("friend-1", "trusted"), ("agent-9", "excluded")]
    await send(intake, f"/relations/{case}", {"account": "friend-1", "relation": "trusted", "holds": False}, victim)
    rows = (await intake.client.get(f"/v1/relations/{case}", headers=victim)).json()["chosen"]
    assert [row["account"] for row in rows] == ["agent-9"]
    for who in (("office-holder", "friend-1"), ("family", "friend-1")):
        answer = await intake.client.get(f"/v1/relations/{case}", headers=signed(*who))
        assert answer.status_code == 404


@pytest.mark.parametrize("role", ["office-holder", "family", "reporter"])
async def test_the_case_stands_on_the_list_of_who_is_trusted_with_it(intake: Served, role: str) -> None:
    case, friend = await reported(intake), signed(role, "friend-1") | {"Accept": "text/html"}
    assert case not in (await intake.client.get("/dossier", headers=friend)).text
    body = {"account": "friend-1", "relation": "trusted"}
    await send(intake, f"/relations/{case}", body, signed("office-holder", "victim-1"))
    page = (await intake.client.get("/dossier", headers=friend)).text
    assert f"/dossier/{case}" in page and "Waar u mag meekijken" in page
    seen = await intake.client.get(f"/dossier/{case}", headers=friend)
    assert seen.status_code == 200 and "Deze zaak is van iemand anders." in seen.text
    assert "Download mijn dossier" not in seen.text and f"/zaak/{case}/wie" not in seen.text
    await send(intake, f"/relations/{case}", body | {"relation": "excluded"}, signed("office-holder", "victim-1"))
    assert case not in (await intake.client.get("/dossier", headers=friend)).text


# Police units and break-glass


async def test_police_of_another_unit_see_nothing_until_they_say_why_and_the_officer_reads_it(intake: Served) -> None:
    case, stranger = await reported(intake), signed("police", "agent-9", unit=OTHER_UNIT)
    assert await sees(intake, case, stranger) == 404
    assert (await send(intake, "/break-glasses", {"case": case, "reason": "kort"}, stranger)).status_code == 409
    reason = "Melder staat hier aan de balie, eigen eenheid niet bereikbaar."
    assert (await send(intake, "/break-glasses", {"case": case, "reason": reason}, stranger)).status_code == 201
    assert await sees(intake, case, stranger) == 200
    (row,) = (await intake.client.get("/v1/break-glasses", headers=signed("dpo"))).json()
    assert (row["case"], row["actor"], row["reason"]) == (case, "agent-9", reason)
    for role in ("police", "admin", "auditor", "office-holder"):
        assert (await intake.client.get("/v1/break-glasses", headers=signed(role))).status_code == 403


# What was read about me


async def test_the_person_reads_in_which_role_somebody_looked_and_police_only_as_they_release(intake: Served) -> None:
    case = await reported(intake)
    await send(
        intake,
        f"/relations/{case}",
        {"account": "friend-1", "relation": "trusted"},
        signed("office-holder", "victim-1"),
    )
    assert await sees(intake, case, signed("office-holder", "friend-1")) == 200
    assert await sees(intake, case, signed("police", "agent-9")) == 200
    answer = await intake.client.get(f"/v1/reads/{case}", headers=signed("office-holder", "victim-1"))
    assert [row["role"] for row in answer.json()["reads"]] == ["politieke ambtsdrager"]
    assert "friend-1" not in answer.text and "agent-9" not in answer.text
    stranger = await intake.client.get(f"/v1/reads/{case}", headers=signed("office-holder", "stranger-1"))
    assert stranger.status_code == 404


# Without signing in


async def test_who_reports_without_signing_in_takes_the_case_over_by_code_after_a_call(intake: Served) -> None:
    receipt = await send(intake, "/reports", REPORT, {})
    assert receipt.status_code == 201
    case, code = receipt.json()["case"], receipt.json()["claim_code"]
    assert REPORT["victim"]["name"] not in receipt.text  # type: ignore[index]
    await told(intake, case, None)
    person = signed("office-holder", "victim-9")
    assert await sees(intake, case, person) == 404
    assert (await send(intake, f"/claims/{case}", {"code": "0000 0000 0000"}, person)).status_code == 404
    assert (await send(intake, f"/claims/{case}", {"code": code}, person)).status_code == 201
    assert await sees(intake, case, person) == 404, "a code alone opens nothing"
    (row,) = (await intake.client.get("/v1/claims", headers=signed("police"))).json()
    assert row["case"] == case
    assert (await send(intake, f"/claims/{case}/confirmations", None, signed("police"))).status_code == 201
    assert await sees(intake, case, person) == 200
    assert (await intake.client.get("/v1/claims", headers=signed("police"))).json() == []
    assert (
        await send(intake, f"/claims/{case}", {"code": code}, signed("office-holder", "thief-1"))
    ).status_code == 404


async def test_the_same_key_of_two_strangers_makes_two_cases(intake: Served) -> None:
    key = {"Idempotency-Key": "0123456789"}
    one = await intake.client.post("/v1/reports", json=REPORT, headers=key)
    again = await intake.client.post("/v1/reports", json=REPORT, headers=key)
    other = await intake.client.post("/v1/reports", json=REPORT | {"kind": "violence"}, headers=key)
    assert one.json()["case"] == again.json()["case"] != other.json()["case"]


async def test_a_signal_needs_somebody_to_show_it_to_again(intake: Served) -> None:
    answer = await send(intake, "/reports", REPORT | {"signal_only": True}, {})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "body.signal_only")


# A handler


async def test_a_handler_reads_for_whom_measures_are_and_the_address_only_if_it_was_shared(intake: Served) -> None:
    person = {"name": "Voorbeeld Persoon", "phone": "0600000000", "address": "Verzonnenlaan 1"}
    for shared in (False, True):
        case = await reported(intake, victim=person, share_address=shared)
        sealed = intake.app.state.admission.references.seal("municipality:9901", case)
        handler = signed("municipality", "secretaris-1", "9901")
        early = await intake.client.get(f"/v1/reports/persons/{sealed}", headers=handler)
        assert (early.status_code, early.headers["retry-after"]) == (404, "5"), "not before the first measure"
        await intake.tie(case, own="victim-1")
        seen = await intake.client.get(f"/v1/reports/persons/{sealed}", headers=handler)
        assert seen.json()["victim"].get("address") == ("Verzonnenlaan 1" if shared else None)
        colleague = signed("municipality", "stranger-1", "9901")
        assert (await intake.client.get(f"/v1/reports/persons/{sealed}", headers=colleague)).status_code == 404


async def test_a_handler_hands_a_case_over_and_a_case_is_never_without_one(mongo: Mongo) -> None:
    async with serve(assessment_app, mongo) as assessment:
        case = "c0ffee" * 5 + "00"
        await assessment.know(MEASURES, case, NoteIncident(case, "9901", Office.ALDERMAN))
        sealed = assessment.app.state.admission.references.seal("municipality:9901", case)
        one, other = (signed("municipality", account, "9901") for account in ("secretaris-1", "collega-9"))
        assert (
            await send(assessment, "/advice/handlers", {"case": sealed, "account": "x-1"}, other)
        ).status_code == 404
        assert (
            await send(assessment, "/advice/handlers", {"case": sealed, "account": "collega-9"}, one)
        ).status_code == 200
        for account in ("account-1", "account-2", "town-1", "griffier-1", "secretaris-1"):
            body = {"case": sealed, "account": account, "holds": False}
            assert (await send(assessment, "/advice/handlers", body, other)).status_code == 200
        last = {"case": sealed, "account": "collega-9", "holds": False}
        assert (await send(assessment, "/advice/handlers", last, other)).status_code == 409
