"""Who sees what of care: the IVP who waits and who was offered care again, the caller whether and when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from deploy.local.temporary import Mongo
from services.aftercare.app import CALLBACK, build
from services.aftercare.callback.domain import (
    AcceptOffer,
    CloseAftercare,
    DeclineOffer,
    NoteIncident,
    NoteScaledDown,
    Person,
    RecordContact,
    RequestCallback,
    Whom,
)
from services.aftercare.callback.policy import terms_on
from shared.access.ties import NoteTie
from shared.contracts.vocabulary import Impact, Tie
from tests.services.serving import START, Served, serve

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TERMS = terms_on(date(2016, 3, 14))


@pytest.fixture
async def care(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


def incident(case, at=START):
    return NoteIncident(case, Impact.ACUTE, at)


def call(case, at=START, phone="0000000000", by_phone=True):
    return RequestCallback(case, Person(phone=phone), None, Whom.VICTIM, by_phone, at, at, TERMS)


def contact(at):
    return RecordContact(at, at)


async def board(care: Served, path: str = "/v1/callbacks") -> list[dict]:
    answer = await care.get(path, "ivp")
    assert answer.status_code == 200
    return answer.json()


async def test_the_board_shows_who_waits_longest_overdue_first(care):
    """R-IVP-04, S-IVP-02."""
    for minutes in (10, 0, 45, 20):
        await care.know(CALLBACK, f"c{minutes}", call(f"c{minutes}", START + minutes * MINUTE, f"00000000{minutes:02}"))
    care.time.now = START + 50 * MINUTE
    rows = await board(care)
    assert [row["phone"] for row in rows] == ["0000000000", "0000000010", "0000000020", "0000000045"]
    assert [row["minutes_left"] for row in rows] == [-20, -10, 0, 25]


async def test_who_was_called_or_did_not_call_is_not_on_the_board(care):
    """R-IVP-09."""
    await care.know(CALLBACK, "offered", incident("offered"))
    await care.know(CALLBACK, "called", call("called"), contact(START + MINUTE))
    await care.know(CALLBACK, "closed", call("closed"), contact(START + MINUTE), CloseAftercare(START + DAY))
    await care.know(CALLBACK, "waiting", incident("waiting"), call("waiting", phone="0000000001"))
    assert [row["phone"] for row in await board(care)] == ["0000000001"]


async def test_the_most_urgent_call_is_on_the_first_page_however_many_wait(care):
    """R-IVP-04: promises first, the most urgent on top; then who asked over the web."""
    await care.know(CALLBACK, "web", call("web", START - 60 * MINUTE, "0000000099", by_phone=False))
    for minutes in (50, 40, 30, 20, 10):
        await care.know(CALLBACK, f"c{minutes}", call(f"c{minutes}", START + minutes * MINUTE))
    await care.know(CALLBACK, "called", call("called"), contact(START + MINUTE))
    pages = [await board(care, f"/v1/callbacks?page={number}&pageSize=3") for number in (1, 2)]
    assert [[row["minutes_left"] for row in page] for page in pages] == [[40, 50, 60], [70, 80, None]]
    assert (pages[1][2]["status"], pages[1][2]["phone"]) == ("asked-by-web", "0000000099")


async def test_the_board_shows_the_newest_number_first_and_keeps_the_earlier_one(care):
    """S-IVP-12."""
    await care.know(CALLBACK, "c", call("c"), call("c", START + MINUTE, "0000000009"))
    (row,) = await board(care)
    assert (row["phone"], row["earlier_phones"], row["due_at"]) == (
        "0000000009", ["0000000000"], "2016-03-14T02:40:00Z",
    )  # fmt: skip


async def test_offers_after_an_own_earlier_call_are_shown_the_newest_first(care):
    """R-IVP-09, S-SBB-14."""
    ended = START + 90 * DAY
    await care.know(CALLBACK, "never-called", incident("never-called"), NoteScaledDown("never-called", ended))
    await care.know(CALLBACK, "called", incident("called"), call("called"), contact(START + MINUTE))
    await care.know(CALLBACK, "waits", call("waits"), NoteScaledDown("waits", ended))
    for case, days in (("older", 0), ("newest", 2), ("newer", 1)):
        done = (incident(case), call(case, phone=f"000000000{days}"), contact(START + MINUTE))
        await care.know(CALLBACK, case, *done, NoteScaledDown(case, ended + days * DAY))
    last = CloseAftercare(ended + 9 * DAY)
    await care.know(CALLBACK, "closed", call("closed"), contact(START), NoteScaledDown("closed", ended), last)
    rows = await board(care, "/v1/offers")
    assert [row["phone"] for row in rows] == ["0000000002", "0000000001", "0000000000"]
    assert {(row["status"], row["offers"]) for row in rows} == {("offered", 2)}
    assert rows[0]["offered_at"] == "2016-06-14T02:10:00Z"


async def test_who_accepted_is_among_the_offers_and_who_declined_is_not(care):
    """R-IVP-09: from acceptance on."""
    await care.know(CALLBACK, "accepted", incident("accepted"), AcceptOffer(START + MINUTE))
    await care.know(CALLBACK, "declined", incident("declined"), DeclineOffer(START + MINUTE))
    again = (call("again"), contact(START + MINUTE), NoteScaledDown("again", START + DAY))
    await care.know(CALLBACK, "again", *again, DeclineOffer(START + DAY))
    rows = await board(care, "/v1/offers")
    assert [(row["status"], row["phone"]) for row in rows] == [("accepted", "")]


async def test_offers_come_in_pages_the_newest_first(care):
    for days in (1, 3, 2):
        case = f"c{days}"
        again = NoteScaledDown(case, START + days * DAY)
        await care.know(CALLBACK, case, call(case, phone=f"000000000{days}"), contact(START + MINUTE), again)
    pages = [await board(care, f"/v1/offers?page={number}&pageSize=2") for number in (1, 2)]
    assert [[row["phone"] for row in page] for page in pages] == [["0000000003", "0000000002"], ["0000000001"]]


async def test_contact_told_in_dutch_time_is_ordered_as_the_moment_it_was(care):
    """Contact at 03:40 in Amsterdam lies before an offer at 03:00 UTC, whatever the digits say."""
    offered = START + timedelta(minutes=50)
    care.time.now = offered + MINUTE
    await care.know(CALLBACK, "c", call("c"), NoteScaledDown("c", offered))
    (row,) = await board(care)
    path = f"/v1/callbacks/{row['case']}/contact"
    made = (await care.post(path, "ivp", {"made_at": "2016-03-14T03:40:00+01:00"})).json()
    assert (made["made_at"], made["status"]) == ("2016-03-14T02:40:00Z", "offered")
    assert [row["made_at"] for row in await board(care, "/v1/offers")] == ["2016-03-14T02:40:00Z"]


async def test_an_offer_whose_call_was_asked_for_moves_to_the_board(care):
    ended = START + 90 * DAY
    await care.know(CALLBACK, "c", call("c"), contact(START + MINUTE), NoteScaledDown("c", ended))
    await care.know(CALLBACK, "c", call("c", ended + MINUTE))
    care.time.now = ended + MINUTE
    assert await board(care, "/v1/offers") == []
    assert [row["minutes_left"] for row in await board(care)] == [30]


@pytest.mark.parametrize("role", ["office-holder", "reporter", "police", "rccb", "hovj", "municipality", "bzk"])
@pytest.mark.parametrize("path", ["/v1/callbacks", "/v1/offers", "/v1/clients", "/v1/promise-figures?year=2016"])
async def test_only_the_ivp_sees_the_lists(care, role, path):
    """R-IVP-09."""
    assert (await care.get(path, role, "9901" if role == "municipality" else "")).status_code == 403


@pytest.mark.parametrize("role", ["office-holder", "reporter"])
async def test_who_asked_follows_the_progress_and_reads_no_number(care, role):
    """R-IVP-08: also somebody who asked for another."""
    asked = (await care.post("/v1/callbacks", role, {"phone": "0000000000", "name": "A. Voorbeeld"})).json()
    answer = await care.get(f"/v1/callbacks/{asked['case']}", role)
    assert answer.status_code == 200
    assert answer.json() == asked
    assert asked["status"] == ("asked-by-web" if role == "office-holder" else "asked")
    assert (asked["due_at"], asked["missed"]) == (None, False)
    assert "Bel zelf nu: 0418-683444" in asked["message"]
    assert not {"0000000000", "A. Voorbeeld"} & set(map(str, asked.values()))


@pytest.mark.parametrize("role", ["police", "rccb", "hovj", "bzk", "ivp"])
async def test_nobody_else_reads_the_progress(care, role):
    assert (await care.get("/v1/callbacks/c0ffee", role)).status_code == 403


async def test_after_a_new_offer_the_person_reads_the_offer_not_the_old_contact(care):
    """S-IVP-10."""
    done = (call("c"), contact(START + MINUTE))
    await care.know(CALLBACK, "c", *done)
    assert (await care.get("/v1/callbacks/c", "office-holder")).json()["message"] == "Er is contact geweest."
    await care.know(CALLBACK, "c", NoteScaledDown("c", START + DAY))
    answer = (await care.get("/v1/callbacks/c", "office-holder")).json()
    assert answer["status"] == "offered"
    assert "Wilt u met iemand praten?" in answer["message"]


CASE = "c0ffee00c0ffee00c0ffee00c0ffee00"
MANAGER = {"name": "M. Voorbeeld", "phone": "0000000007", "function": "secretaris"}


async def noted(care: Served, **body) -> dict:
    answer = await care.post("/v1/callbacks", "ivp", {"phone": "0000000000"} | body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_the_ivp_notes_a_call_and_the_clock_counts_from_the_call(care):
    """R-IVP-04."""
    row = await noted(care, called_at="2016-03-14T03:05:00+01:00", case=CASE)
    assert (row["status"], row["called_at"], row["due_at"], row["minutes_left"]) == (
        "to-call", "2016-03-14T02:05:00Z", "2016-03-14T02:35:00Z", 25,
    )  # fmt: skip
    assert row["case"] != CASE, "the IVP has a reference of its own"
    await care.tie(CASE)
    own = (await care.get(f"/v1/callbacks/{CASE}", "office-holder")).json()
    assert (own["status"], own["due_at"]) == ("to-call", row["due_at"])


async def test_a_call_without_a_receipt_is_a_case_of_its_own_and_the_next_one_uses_its_reference(care):
    first = await noted(care)
    assert first["still_to_ask"] == ["victim.name", "victim.address", "victim.function"]
    other = await noted(care)
    assert other["case"] != first["case"]
    again = await noted(care, case=first["case"], phone="0000000009")
    assert (again["case"], again["earlier_phones"]) == (first["case"], ["0000000000"])


async def test_only_the_ivp_says_when_somebody_called(care):
    body = {"phone": "0000000000", "called_at": "2016-03-14T02:05:00Z"}
    answer = await care.post("/v1/callbacks", "reporter", body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["body.called_at"]


async def test_a_new_case_needs_one_number_of_either_person(care):
    """R-IVP-07."""
    answer = await care.post("/v1/callbacks", "ivp", {"name": "A. Voorbeeld"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "Vul één telefoonnummer in. De rest mag later."
    row = await noted(care, phone="", caller=MANAGER)
    assert (row["phone"], row["ring_first"]) == ("0000000007", "caller")


@pytest.mark.parametrize("reference", ["A" * 64, "0" * 31 + "g"])
async def test_a_reference_that_nobody_gave_out_is_not_known(care, reference):
    for role in ("ivp", "office-holder"):
        answer = await care.post("/v1/callbacks", role, {"phone": "0000000000", "case": reference})
        assert answer.status_code == 404


async def test_both_persons_are_asked_and_the_manager_reads_progress_without_content(care):
    """S-IVP-05, S-IVP-07, R-IVP-08."""
    row = await noted(care, case=CASE, caller=MANAGER)
    await care.tie(CASE, NoteTie(CASE, care.account("manager-1"), Tie.WROTE, True))
    path, mine = f"/v1/callbacks/{row['case']}", f"/v1/callbacks/{CASE}"
    assert row["still_to_ask"] == ["victim.name", "victim.address", "victim.function", "caller.address"]
    details = {"victim": {"name": "A. Voorbeeld", "address": "Voorbeeldstraat 1", "function": "wethouder"}}
    row = (await care.post(f"{path}/details", "ivp", details)).json()
    assert row["still_to_ask"] == ["caller.address"]
    assert (await care.get(mine, "reporter", actor="manager-1")).json()["status"] == "asked"
    assert (await care.post(f"{path}/contact", "ivp", {})).json()["victim_spoken_at"] is None
    assert (await care.get(mine, "reporter", actor="manager-1")).json()["status"] == "called"
    assert (await care.post(f"{path}/progress", "ivp", {"progress": "contact-made"})).status_code == 409
    await care.post(f"{path}/contact", "ivp", {"made_with": "victim"})
    assert (await care.get(mine, "reporter", actor="manager-1")).json()["progress"] is None, "nobody reported it yet"
    await care.post(f"{path}/progress", "ivp", {"progress": "contact-made"})
    read = (await care.get(mine, "reporter", actor="manager-1")).json()
    assert (read["progress"], read["message"]) == ("contact-made", "Er is contact gelegd.")
    assert "A. Voorbeeld" not in str(read) and "support" not in read
    await care.post(f"{mine}/objection", "office-holder")
    read = (await care.get(mine, "reporter", actor="manager-1")).json()
    assert (read["progress"], "contact gelegd" in read["message"]) == (None, False)
    assert (await care.post(f"{path}/progress", "ivp", {"progress": "contact-made"})).status_code == 409


async def test_what_the_caller_reads_does_not_change_when_the_victim_is_called(care):
    """§3.2: progress only after the victim was spoken to, did not object, and the IVP reported it."""
    row = await noted(care, case=CASE, caller=MANAGER, ring_first="victim")
    before = (await care.get(f"/v1/callbacks/{CASE}", "reporter")).json()
    await care.post(f"/v1/callbacks/{row['case']}/contact", "ivp", {})
    await care.post(f"/v1/callbacks/{row['case']}/support", "ivp", {"form": "on-site"})
    assert (await care.get(f"/v1/callbacks/{CASE}", "reporter")).json() == before


async def test_a_worker_sees_the_own_clients_only(care):
    """R-ACT-14."""
    for number in (1, 2, 3):
        row = await noted(care, phone=f"000000000{number}")
        account = {} if number < 3 else {"account": "ivp-9"}
        path = f"/v1/callbacks/{row['case']}/worker"
        assert (await care.post(path, "ivp", {"big": "19012345601"} | account)).json()["big"] == "19012345601"
        assert (await care.post(path, "ivp", {"big": "1901234560"})).status_code == 400
    assert [row["phone"] for row in await board(care, "/v1/clients")] == ["0000000001", "0000000002"]
    first = (await board(care, "/v1/clients"))[0]["case"]
    await care.post(f"/v1/callbacks/{first}/worker", "ivp", {"big": "19012345602", "account": "ivp-9"})
    assert [row["phone"] for row in await board(care, "/v1/clients")] == ["0000000002"]


async def test_the_person_accepts_declines_and_reads_so(care):
    """S-IVP-10."""
    await care.know(CALLBACK, CASE, incident(CASE))
    declined = (await care.post(f"/v1/offers/{CASE}/refusal", "office-holder")).json()
    assert (declined["status"], "Van gedachten veranderen mag" in declined["message"]) == ("declined", True)
    accepted = (await care.post(f"/v1/offers/{CASE}/acceptance", "office-holder")).json()
    assert (accepted["status"], "Bel zelf nu: 0418-683444" in accepted["message"]) == ("accepted", True)
    assert (await care.post(f"/v1/offers/{CASE}/refusal", "reporter")).status_code == 403


@pytest.mark.parametrize("path", ["offers/{}/acceptance", "offers/{}/refusal", "callbacks/{}/objection"])
async def test_who_reported_for_somebody_does_not_answer_for_them(care, path):
    """An office holder who reported for a colleague sees progress of care, and decides nothing about it."""
    await care.know(CALLBACK, CASE, incident(CASE))
    await care.tie(CASE, NoteTie(CASE, care.account("account-1"), Tie.WROTE, True), own="account-2")
    before = await care.cases(CALLBACK).load(care.cases(CALLBACK).id_for(CASE))
    assert (await care.get(f"/v1/callbacks/{CASE}", "office-holder")).status_code == 200
    assert (await care.post(f"/v1/{path.format(CASE)}", "office-holder")).status_code == 404
    assert await care.cases(CALLBACK).load(care.cases(CALLBACK).id_for(CASE)) == before


async def test_the_figures_of_a_year_say_how_the_promise_was_kept_and_name_nobody(care):
    """S-IVP-02: the miss stays, also when contact followed."""
    late = START + 42 * MINUTE
    await care.know(CALLBACK, "kept", call("kept"), contact(START + MINUTE))
    entered_late = RecordContact(START + MINUTE, late)
    await care.know(CALLBACK, "entered", call("entered"), entered_late)
    await care.know(CALLBACK, "missed", call("missed"), contact(late), call("missed", START + 60 * DAY))
    await care.know(CALLBACK, "waits", call("waits"))
    await care.know(CALLBACK, "web", call("web", by_phone=False))
    care.time.now = START + 60 * DAY
    answer = await care.get("/v1/promise-figures?year=2016", "ivp")
    march, may = answer.json()[2], answer.json()[4]
    assert march == {
        "month": "2016-03", "asked": 4, "kept": 1, "kept_entered_late": 1, "missed": 2, "running": 0,
        "without_promise": 1,
    }  # fmt: skip
    assert (may["asked"], may["running"]) == (1, 1)
    assert len(answer.json()) == 12


async def test_a_call_just_after_midnight_counts_in_the_month_of_amsterdam(care):
    await care.know(CALLBACK, "c", call("c", START.replace(day=31, hour=22, minute=30)))
    months = (await care.get("/v1/promise-figures?year=2016", "ivp")).json()
    assert [month["month"] for month in months if month["asked"]] == ["2016-04"]


@pytest.mark.parametrize(
    ("hour", "phone"),
    [(8, None), (9, "020 840 7600"), (16, "020 840 7600"), (17, None)],
)
async def test_a_question_that_can_wait_goes_to_the_office(care, hour, phone):
    """R-IVP-12, S-IVP-13: Monday 14 March, hours in Amsterdam; never the alarm number."""
    care.time.now = START.replace(hour=hour - 1)
    answer = (await care.client.get("/v1/help-lines?kind=question")).json()
    assert (answer["phone"], answer["mail"]) == (phone, "info@ivp.nl")
    assert "0418" not in str(answer)
    assert "vraag het ivp" in answer["family"].lower()


async def test_on_a_weekend_the_office_is_closed_and_the_alarm_number_is_not(care):
    """R-IVP-02, R-IVP-10; and what a bill may tell in a small municipality is said beforehand (§3.8a)."""
    care.time.now = START.replace(day=13, hour=12)
    assert "In een kleine gemeente kan iemand raden" in (await care.client.get("/v1/help-lines")).json()["asks"]
    assert (await care.client.get("/v1/help-lines?kind=question")).json()["phone"] is None
    assert (await care.client.get("/v1/help-lines")).json()["phone"] == "0418-683444"
