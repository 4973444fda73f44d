"""The IVP sends the bill of a month, the municipality reads its own; nobody reads a case in it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator

import pytest

from deploy.local.temporary import Mongo
from services.aftercare.app import BILLING, CALLBACK, build
from shared.runtime.journal import LOG
from tests.access.signing import signed
from tests.services.serving import START, Served, serve

BILL = {"municipality": "9901", "month": "2016-02", "amount_cents": 120_000}


@pytest.fixture
async def care(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


async def sent(care: Served, **other) -> dict:
    answer = await care.post("/v1/invoices", "ivp-billing", BILL | other)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_the_municipality_reads_month_and_amount_under_its_own_reference(care):
    """S-IVP-08, R-KST-07."""
    bill = await sent(care)
    await sent(care, municipality="9902")
    (row,) = (await care.get("/v1/invoices", "municipality", "9901")).json()
    assert set(row) == {"case", "municipality", "month", "total_cents", "invoices"}
    assert (row["municipality"], row["month"], row["total_cents"]) == ("9901", "2016-02", 120_000)
    assert row["case"] != bill["case"]
    assert len((await care.get("/v1/invoices", "ivp-billing")).json()) == 2


async def test_a_correction_stands_beside_the_bill(care):
    bill = await sent(care)
    answer = await care.post(f"/v1/invoices/{bill['case']}/corrections", "ivp-billing", {"amount_cents": -20_000})
    assert [one["amount_cents"] for one in answer.json()["invoices"]] == [120_000, -20_000]
    assert answer.json()["total_cents"] == 100_000
    assert (await care.post("/v1/invoices", "ivp-billing", BILL)).status_code == 409


async def test_the_list_is_narrowed_by_year_and_for_the_ivp_by_municipality(care):
    await sent(care)
    await sent(care, month="2015-12")
    await sent(care, municipality="9902")

    async def found(query: str, role: str = "ivp-billing") -> list[tuple[str, str]]:
        rows = (await care.get(f"/v1/invoices{query}", role, "9901")).json()
        return [(row["municipality"], row["month"]) for row in rows]

    assert await found("?year=2015") == [("9901", "2015-12")]
    assert await found("?municipality=9902") == [("9902", "2016-02")]
    assert await found("?municipality=9902&year=2015") == []
    assert await found("?year=2016&municipality=9902", "municipality") == [("9901", "2016-02")], "the own ones, always"


@pytest.mark.parametrize("role", ["municipality", "controller"])
async def test_the_page_of_a_bill_opens_with_the_own_reference_only(care, role):
    """Also not with one that leads to a bill of another municipality."""
    await sent(care)
    (row,) = (await care.get("/v1/invoices", role, "9901")).json()
    bill = care.cases(BILLING).id_for("bill", "9901", "2016-02")
    theirs = care.app.state.admission.references.seal("municipality:9902", bill)

    async def opened(reference: str, municipality: str) -> int:
        headers = signed(role, "account-1", municipality) | {"Accept": "text/html"}
        return (await care.client.get(f"/rekeningen/{reference}", headers=headers)).status_code

    assert await opened(row["case"], "9901") == 200
    assert await opened(row["case"], "9902") == 404
    assert await opened(theirs, "9902") == 404


@pytest.mark.parametrize("month", ["2016-03", "2016-04", "2016-13", "maart"])
async def test_only_a_month_that_is_over_is_billed(care, month):
    """START is in March: an amount halfway would tell when somebody got care."""
    assert (await care.post("/v1/invoices", "ivp-billing", BILL | {"month": month})).status_code == 400


async def test_the_month_ends_at_midnight_in_amsterdam(care):
    care.time.now = START.replace(day=31, hour=22, minute=30)
    await sent(care, month="2016-03")


@pytest.mark.parametrize("role", ["office-holder", "reporter", "police", "rccb", "hovj", "bzk"])
async def test_nobody_else_sees_bills(care, role):
    assert (await care.get("/v1/invoices", role)).status_code == 403
    assert (await care.post("/v1/invoices", role, BILL)).status_code == 403


async def test_the_reference_of_a_case_of_care_opens_no_bill(care):
    row = (await care.post("/v1/callbacks", "ivp", {"phone": "0000000000"})).json()
    answer = await care.post(f"/v1/invoices/{row['case']}/corrections", "ivp-billing", {"amount_cents": 1})
    assert answer.status_code == 409
    unknown = await care.post(f"/v1/invoices/{'0' * 32}/corrections", "ivp-billing", {"amount_cents": 1})
    assert unknown.status_code == 404


async def test_nothing_of_a_bill_is_found_with_a_case_of_care_nor_the_other_way_round(care):
    """§3.8a: the pseudonym of a bill joins nothing, in no id, key, subject or body."""
    case = uuid.uuid4().hex
    row = (await care.post("/v1/callbacks", "ivp", {"phone": "0000000000", "case": case})).json()
    await sent(care)
    (bill,) = await care.cases(BILLING).collection.find({}).to_list(None)
    (known,) = await care.cases(CALLBACK).collection.find({}).to_list(None)
    of_bus = {one["_id"]: [entry for entry in one["outbox"] if entry["topic"] != LOG] for one in (bill, known)}
    records = [(record, json.loads(record["body"])) for record in of_bus[bill["_id"]]]
    assert re.fullmatch(r"[0-9a-f]{32}", bill["_id"]), "says neither who nor when"
    assert {record["topic"] for record, _ in records} == {"aftercare.callback.invoices"}
    of_bill = {value for record, body in records for value in (record["key"], body["subject"], body["data"]["case"])}
    of_care = {known["_id"], case, row["case"]} | {record["key"] for record in known["outbox"]}
    of_care |= {json.loads(record["body"])["data"]["case"] for record in of_bus[known["_id"]]}
    assert not of_bill & of_care
    assert case not in str(bill)
