"""A report that is saved halfway: for its writer alone, sealed, for some days, and gone without a trace."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.cli.retention import ByPolicy
from deploy.local.temporary import Mongo
from services.intake.app import REPORTING, build
from services.intake.reporting.draft import LARGEST, MODULE, Draft, draft_of, ends_on, fits, term
from services.intake.reporting.pages import KEPT, STEPS
from shared.contracts.working_days import local_day
from shared.privacy.controllers import Controller
from shared.privacy.forgetting import Done, Retention
from shared.privacy.keyring import keys_of
from shared.runtime.mongo import Database
from tests.access.signing import signed
from tests.services.serving import START, Served, serve

STORY, NAME = "ZQVERHAAL van een steen", "ZQNAAM Voorbeeld"
ANSWERS = {
    "for_whom": "self", "kind": "threat", "urgency": "acute", "office": "alderman", "municipality": "9901",
    "narrative": STORY, "victim.name": NAME, "choice": "doubt", "doubt_reasons": ["costs", "other"],
}  # fmt: skip


# What one is


TEXTS = st.dictionaries(st.sampled_from(KEPT), st.lists(st.text(), min_size=1))


@given(st.text(), st.sampled_from([step.name for step in STEPS]), TEXTS)
def test_what_is_sealed_reads_back_as_it_was(key: str, step: str, values: dict[str, list[str]]) -> None:
    draft = Draft(key, step, values)
    assert draft_of(draft.text()) == draft


def test_one_that_no_report_could_hold_does_not_fit() -> None:
    draft = Draft("key", "story", {"narrative": ["a" * LARGEST]})
    assert fits(draft) and not fits(replace(draft, values={"narrative": ["a" * LARGEST], "kind": ["b"]}))


def test_it_stays_for_days_counted_from_the_last_save() -> None:
    late = datetime(2016, 3, 14, 23, 30, tzinfo=UTC)  # the next day in Amsterdam
    assert (term(late).keep_days, term(late).remind_days) == (14, 0)
    assert ends_on(late, late) == local_day(late) + timedelta(days=14)
    with pytest.raises(LookupError):
        term(datetime(2016, 2, 1, tzinfo=UTC))


# Over HTTP


@pytest.fixture
async def intake(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


def who(role: str = "office-holder", actor: str = "account-1") -> dict[str, str]:
    return signed(role, actor) | {"Accept": "text/html"}


async def post(
    intake: Served, go: str, step: str = "choice", *, path: str = "/melden", role: str = "office-holder",
    actor: str = "account-1", **more: Any,
) -> httpx2.Response:  # fmt: skip
    fields = {"once": uuid.uuid4().hex, "step": step, "go": go} | ANSWERS | more
    headers = who(role, actor) if role else {"Accept": "text/html"}
    return await intake.client.post(path, data=fields, headers=headers)


async def get(intake: Served, path: str, role: str = "office-holder", actor: str = "account-1") -> httpx2.Response:
    return await intake.client.get(path, headers=who(role, actor))


async def saved(intake: Served, **more: Any) -> None:
    answer = await post(intake, "save", **more)
    assert (answer.status_code, answer.headers["location"]) == (303, "/intake/melden")


def database(intake: Served) -> Database:
    found: Database = intake.app.state.service.database
    return found


async def stored(intake: Served) -> list[dict[str, Any]]:
    return await database(intake).collection(MODULE).find({}).to_list(None)


async def keys(intake: Served) -> list[dict[str, Any]]:
    wanted = {"_id": {"$regex": f"^{MODULE}:"}}
    return await keys_of(database(intake), Controller.POLICE).find(wanted).to_list(None)


async def left(intake: Served) -> tuple[int, int]:
    """How many drafts there are, and how many keys of drafts."""
    return len(await stored(intake)), len(await keys(intake))


OFFERED = "Ga verder met uw melding"


@pytest.mark.parametrize("step", [step.name for step in STEPS])
async def test_at_each_step_it_can_be_saved_and_its_writer_goes_on_there(intake: Served, step: str) -> None:
    at = next(number for number, one in enumerate(STEPS) if one.name == step)
    asked = await post(intake, step)
    assert "Bewaar en ga later verder" in asked.text and f"Stap {at + 1} van" in asked.text
    assert OFFERED not in (await get(intake, "/melden")).text
    await saved(intake, step=step, once="key-of-the-form")
    begin = (await get(intake, "/melden")).text
    assert OFFERED in begin and "28 maart 2016" in begin and STORY not in begin
    page = (await get(intake, "/melden/verder")).text
    assert f"Stap {at + 1} van" in page and 'value="key-of-the-form"' in page
    assert STORY in page and NAME in page, "asked here or travelling along"
    choice = (await post(intake, "save", step="choice", once="key-of-the-form")) and (
        await get(intake, "/melden/verder")
    ).text
    for reason in ANSWERS["doubt_reasons"]:
        assert re.search(rf'value="{reason}" checked', choice)


async def test_half_an_answer_is_kept_too(intake: Served) -> None:
    """Mistakes are named when going on, not when stopping."""
    fields = {"once": uuid.uuid4().hex, "step": "for-whom", "go": "save", "for_whom": "other"}
    answer = await intake.client.post("/melden", data=fields, headers=who())
    assert answer.status_code == 303
    page = await get(intake, "/melden/verder")
    assert page.status_code == 200 and "Fout:" not in page.text and 'value="other" checked' in page.text


async def test_it_stands_on_the_list_of_own_cases(intake: Served) -> None:
    assert OFFERED not in (await get(intake, "/dossier")).text
    await saved(intake)
    page = (await get(intake, "/dossier")).text
    assert OFFERED in page and "/intake/melden/verder" in page and STORY not in page


async def test_without_signing_in_nothing_is_kept_and_nothing_typed_is_lost(intake: Served) -> None:
    asked = await post(intake, "story", role="")
    assert "Bewaar en ga later verder" not in asked.text
    answer = await post(intake, "save", role="")
    assert answer.status_code == 400 and "Log in om dit te bewaren" in answer.text and STORY in answer.text
    assert "Bewaar en ga later verder" in answer.text, "to press once more"
    assert await left(intake) == (0, 0)
    gone_on = await intake.client.get("/melden/verder", headers={"Accept": "text/html"})
    assert gone_on.status_code == 303 and gone_on.headers["location"].startswith("/sign-in?")


@pytest.mark.parametrize(
    ("more", "said"),
    [({"once": "kort"}, "niet goed geladen"), ({"narrative": "a" * (LARGEST + 1)}, "te lang om te bewaren")],
)
async def test_what_cannot_be_kept_is_said(intake: Served, more: dict[str, str], said: str) -> None:
    answer = await post(intake, "save", **more)
    assert answer.status_code == 400 and said in answer.text and await left(intake) == (0, 0)


async def test_nobody_else_reads_it_nor_the_same_account_in_another_role(intake: Served) -> None:
    await saved(intake)
    for role, actor in (("office-holder", "account-2"), ("family", "account-1"), ("reporter", "account-1")):
        assert OFFERED not in (await get(intake, "/melden", role, actor)).text
        gone_on = await get(intake, "/melden/verder", role, actor)
        assert gone_on.status_code == 303 and STORY not in gone_on.text
        await post(intake, "", path="/melden/weg", role=role, actor=actor)
    for role in ("police", "rccb", "hovj", "municipality", "bzk", "ivp", "dpo", "admin"):
        assert (await get(intake, "/melden/verder", role, "account-1")).status_code == 403
        assert (await post(intake, "save", role=role)).status_code == 403
        assert (await post(intake, "", path="/melden/weg", role=role)).status_code == 403
    assert await left(intake) == (1, 1)


async def test_one_for_each_account_and_the_last_one_counts(intake: Served) -> None:
    await saved(intake)
    await saved(intake, narrative="ZQANDERS")
    page = (await get(intake, "/melden/verder")).text
    assert "ZQANDERS" in page and STORY not in page
    await saved(intake, actor="account-2")
    assert await left(intake) == (2, 2)


async def test_the_database_says_neither_what_nor_whose_and_nothing_follows_from_it(intake: Served) -> None:
    await saved(intake)
    (document,) = await stored(intake)
    assert document.keys() == {"_id", "form", "state", "saved_at"} and document["state"].keys() == {"answers"}
    assert document["state"]["answers"].startswith("vb1.")
    account = intake.account("account-1")
    for text in (STORY, NAME, "account-1", account, "doubt", "alderman"):
        assert text not in str(document) and text not in str(await keys(intake)), text
    for collection in (REPORTING.name, "intake.access"):
        assert await database(intake).collection(collection).count_documents({}) == 0, "no case, so no event"
    assert await database(intake).collection("log.police", "processing").count_documents({}) == 0


async def test_when_it_is_sent_it_is_gone_and_so_is_its_key(intake: Served) -> None:
    await saved(intake, once="key-of-the-form")
    (document,), (key,) = await stored(intake), await keys(intake)
    other = await post(intake, "send", "check", once="another-form-now")
    assert "Wij hebben het ontvangen" in other.text and await left(intake) == (1, 1), "that was another report"
    for _ in range(2):
        sent = await post(intake, "send", "check", once="key-of-the-form")
        assert "Wij hebben het ontvangen" in sent.text and await left(intake) == (0, 0)
    assert len(await intake.cases(REPORTING).collection.find({}).to_list(None)) == 2
    await database(intake).collection(MODULE).insert_one(document)  # from a backup
    assert key["_id"].endswith(document["_id"])
    assert (await get(intake, "/melden/verder")).status_code == 303, "nobody opens it any more"
    assert await left(intake) == (0, 0)


async def test_what_was_refused_is_still_there(intake: Served) -> None:
    await saved(intake, once="key-of-the-form")
    refused = await post(intake, "send", "check", once="key-of-the-form", **{"victim.name": ""})
    assert refused.status_code == 400 and await left(intake) == (1, 1)


async def test_thrown_away_it_is_gone_and_a_new_one_has_a_new_key(intake: Served) -> None:
    await saved(intake)
    (old,) = await stored(intake)
    for _ in range(2):
        thrown = await post(intake, "", path="/melden/weg")
        assert thrown.status_code == 303 and await left(intake) == (0, 0)
    await saved(intake, narrative="ZQANDERS")
    assert "ZQANDERS" in (await get(intake, "/melden/verder")).text
    change = {"$set": {"state": old["state"]}}
    await database(intake).collection(MODULE).update_one({"_id": old["_id"]}, change)
    assert (await get(intake, "/melden/verder")).status_code == 500, "sealed with the key that was destroyed"


async def test_who_stopped_while_throwing_away_left_nothing_that_opens(intake: Served) -> None:
    await saved(intake)
    (key,) = await keys(intake)
    await keys_of(database(intake), Controller.POLICE).delete_one({"_id": key["_id"]})
    assert (await get(intake, "/melden/verder")).status_code == 303 and await left(intake) == (0, 0)


async def test_one_that_does_not_open_keeps_nobody_from_reporting_and_is_told(intake: Served) -> None:
    await saved(intake)
    (document,) = await stored(intake)
    broken = document["state"]["answers"][:-4] + "AAAA"
    await database(intake).collection(MODULE).update_one({"_id": document["_id"]}, {"$set": {"state.answers": broken}})
    page = await get(intake, "/melden/verder")
    assert page.status_code == 500 and "Wij kunnen deze gegevens niet lezen." in page.text
    (line,) = await database(intake).collection("log.police", "security").find({"action": "unreadable"}).to_list(None)
    assert line["object"] == f"{MODULE}:{document['_id']}"
    assert OFFERED in (await get(intake, "/melden")).text
    assert (await post(intake, "story")).status_code == 200
    await post(intake, "", path="/melden/weg")
    assert await left(intake) == (0, 0)


# How long


async def test_after_its_last_day_it_is_not_offered_any_more_and_gone(intake: Served) -> None:
    await saved(intake)
    intake.time.now = START + timedelta(days=13)
    assert OFFERED in (await get(intake, "/melden")).text
    await saved(intake)  # counts anew
    intake.time.now = START + timedelta(days=26)
    assert STORY in (await get(intake, "/melden/verder")).text
    intake.time.now = START + timedelta(days=27)
    assert OFFERED not in (await get(intake, "/melden")).text
    assert await left(intake) == (0, 0)


async def test_the_daily_job_forgets_it_with_its_key_and_leaves_the_others(intake: Served) -> None:
    await saved(intake)
    intake.time.now = START + timedelta(days=10)
    await saved(intake, actor="account-2")
    service = intake.app.state.service
    policy = ByPolicy(service.database, service.settings)
    for dry, done, then in ((True, Done.WOULD_BE, 2), (False, Done.FORGOTTEN, 1)):
        job = Retention(service.database.collection, policy, START + timedelta(days=14))
        lines = [line async for line in job.run([MODULE], dry_run=dry)]
        assert [(line.done, line.row) for line in lines] == [(done, "intake.drafts draft 2016-03-01")]
        assert await left(intake) == (then, then)
    assert STORY in (await get(intake, "/melden/verder", actor="account-2")).text
