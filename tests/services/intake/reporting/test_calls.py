"""A report by telephone, noted by the police on one screen: three fields start the chain, and who noted it stays."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from deploy.local.temporary import Mongo
from services.intake.app import build
from services.intake.reporting.domain import decide
from shared.contracts.intake import IncidentReported
from tests.access.signing import signed
from tests.given import given
from tests.services.intake.reporting.test_domain import REPORT
from tests.services.intake.reporting.test_evidence import JPEG, custody, digest, fetch, reported
from tests.services.serving import Served, serve

THREE = {"kind": "threat", "office": "alderman", "municipality": "9901"}
REPORTER = {"name": "B. Voorbeeld", "relation": "secretaris"}
NOTED = "De politie schreef dit op tijdens een telefoontje."


@pytest.fixture
async def intake(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


async def call(intake: Served, body: dict[str, Any], role: str = "police", key: str = "") -> httpx2.Response:
    headers = signed(role, f"{role}-1") | {"Idempotency-Key": key or uuid.uuid4().hex}
    return await intake.client.post("/v1/reports/calls", json=body, headers=headers)


async def seen(intake: Served, case: str, role: str, actor: str) -> httpx2.Response:
    return await intake.client.get(f"/v1/reports/{case}", headers=signed(role, actor))


async def form(intake: Served, path: str, fields: dict[str, str], role: str = "police") -> httpx2.Response:
    headers = signed(role, f"{role}-1") | {"Accept": "text/html"}
    return await intake.client.post(path, data={"once": uuid.uuid4().hex} | fields, headers=headers)


def test_given_a_call_when_it_is_noted_then_the_chain_starts_as_for_any_melding_and_who_noted_it_stays():
    outcome = given(decide).when(replace(REPORT, account=None, person=None, noted_by="agent-1"))
    outcome.leaves(noted_by="agent-1", owner=None, sent_by=None, waits_since=None)
    [told] = outcome.events
    assert isinstance(told, IncidentReported) and told.reporter_is_victim and told.person is None


async def test_given_a_call_when_three_fields_are_noted_then_there_is_a_case_and_a_receipt_with_a_code(intake):
    noted = await call(intake, THREE)
    assert noted.status_code == 201
    receipt = noted.json()
    assert receipt["message"] == "Uw melding is ontvangen." and receipt["noted_by_police"] is True
    assert len(receipt["claim_code"].replace(" ", "")) == 12 and "112" in receipt["emergency"]
    mine = (await seen(intake, receipt["case"], "police", "police-1")).json()
    assert mine["noted_by"] == "police-1" and mine["claim_code"] == receipt["claim_code"]


@pytest.mark.parametrize("name", THREE)
async def test_given_a_call_when_one_of_three_is_missing_then_it_says_which_and_nothing_is_kept(intake, name):
    noted = await call(intake, {key: value for key, value in THREE.items() if key != name})
    assert noted.status_code == 400 and noted.json()["errors"][0]["field"] == f"body.{name}"
    assert await intake.app.state.service.database.collection("intake.reporting", "cases").find({}).to_list(None) == []


async def test_given_an_answer_that_got_lost_when_it_is_sent_again_then_there_is_one_case(intake):
    key = uuid.uuid4().hex
    assert (await call(intake, THREE, key=key)).json()["case"] == (await call(intake, THREE, key=key)).json()["case"]
    assert (await call(intake, THREE | {"kind": "violence"}, key=key)).status_code == 409


async def test_given_somebody_else_called_then_the_victim_must_be_told_and_no_code_is_read_to_the_caller(intake):
    receipt = (await call(intake, THREE | {"reporter": REPORTER})).json()
    assert "claim_code" not in receipt
    mine = (await seen(intake, receipt["case"], "police", "police-1")).json()
    assert mine["waits_for"] == ["tell-victim"] and mine["claim_code"]


async def test_given_a_noted_call_when_the_person_took_it_over_then_it_reads_that_the_police_wrote_it(intake):
    case = (await call(intake, THREE)).json()["case"]
    assert (await seen(intake, case, "office-holder", "account-1")).status_code == 404
    await intake.tie(case)
    own = (await seen(intake, case, "office-holder", "account-1")).json()
    assert any(line.startswith(NOTED) for line in own["advice"])
    assert "noted_by" not in own and "police-1" not in str(own)


@pytest.mark.parametrize("role", ["office-holder", "reporter", "rccb", "hovj", "municipality", "bzk", "ivp"])
async def test_only_the_police_note_a_call(intake, role):
    assert (await call(intake, THREE, role)).status_code == 403


async def test_given_another_units_town_then_the_receipt_is_there_and_the_case_only_for_that_unit(intake):
    receipt = (await call(intake, THREE | {"municipality": "9902", "victim": {"name": "A. Voorbeeld"}})).json()
    assert receipt["claim_code"] and "Voorbeeld" not in str(receipt)
    assert (await seen(intake, receipt["case"], "police", "police-1")).status_code == 404


async def test_one_screen_takes_it_and_reads_the_receipt_out(intake):
    shown = await intake.client.get("/werk/bellen", headers=signed("police", "police-1") | {"Accept": "text/html"})
    asked = shown.text.count('class="utrecht-form-label"')
    assert shown.status_code == 200 and asked - shown.text.count("(niet verplicht)") == len(THREE)
    done = await form(intake, "/werk/bellen", THREE | {"urgency": "acute", "reporter.name": "", "victim.phone": "06"})
    assert done.status_code == 200 and "De code van de persoon" in done.text and "Bel 112" in done.text
    wrong = await form(intake, "/werk/bellen", THREE | {"office": "", "narrative": "Er ligt een brief."})
    assert wrong.status_code == 400 and 'href="#f-office"' in wrong.text and "Er ligt een brief." in wrong.text
    assert "Kies een functie." in wrong.text and "Vul dit in." not in wrong.text
    half = await form(intake, "/werk/bellen", THREE | {"reporter.name": "B. Voorbeeld"})
    assert half.status_code == 400 and 'href="#f-reporter-relation"' in half.text


# Evidence that the police add


async def add(intake: Served, case: str, content: bytes, role: str = "police", **more: str) -> httpx2.Response:
    fields = {"once": uuid.uuid4().hex, "medium": "letter", "source": "Bij de voordeur gevonden."} | more
    headers = signed(role, f"{role}-1") | {"Accept": "text/html"}
    sent = {"file": ("naam.jpg", content, "image/jpeg")}
    return await intake.client.post(f"/zaak/{case}/bewijs/toevoegen", data=fields, files=sent, headers=headers)


async def test_given_a_file_when_the_police_add_it_then_it_is_there_with_whose_hands_it_went_through(intake):
    case = await reported(intake)
    sent = await add(intake, case, JPEG)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/intake/zaak/{case}/bewijs")
    assert await custody(intake, case) == [("police-1", "added"), ("police-1", "file stored")]
    assert (await fetch(intake, case, JPEG, "office-holder", "account-1")).content == JPEG
    large = JPEG + bytes(9_000_000)
    assert (await add(intake, case, large)).status_code == 303
    assert digest(large) in (await seen(intake, case, "police", "police-1")).text


async def test_given_a_file_that_we_do_not_take_then_it_is_named_and_nothing_is_kept(intake):
    case = await reported(intake)
    for content, said in ((b"<!doctype html>", "Dit soort bestand nemen wij niet aan."), (b"", "Kies een bestand.")):
        sent = await add(intake, case, content)
        assert sent.status_code == 400 and said in sent.text and "Bij de voordeur gevonden." in sent.text
    assert await custody(intake, case) == []
    assert (await add(intake, case, JPEG, source="")).status_code == 400


@pytest.mark.parametrize(("role", "status"), [("office-holder", 403), ("rccb", 403), ("bzk", 403)])
async def test_only_the_police_add_a_file_there(intake, role, status):
    assert (await add(intake, await reported(intake), JPEG, role)).status_code == status
