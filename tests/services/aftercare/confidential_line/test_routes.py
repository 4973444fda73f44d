"""The line over HTTP: callers without an account, confidants with one, and what nobody learns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from deploy.local.temporary import Mongo
from services.intake.reporting.bodies import ReportBody
from shared.access.roles import Role
from tests.services.aftercare.confidential_line.calling import HELLO, Line, answering
from tests.web.proper import caller, improper, operations

SATURDAY = datetime(2016, 3, 19, 10, 0, tzinfo=UTC)
"""Eleven in the morning."""
NIGHT = datetime(2016, 3, 19, 22, 15, tzinfo=UTC)
WRONG = "0000 0000 0000 0000"
PEER = {"name": "Een wethouder", "municipality": "9902", "group": "Partij B"}


@pytest.fixture
async def line(mongo: Mongo) -> AsyncIterator[Line]:
    async with answering(mongo) as made:
        made.served.time.now = SATURDAY
        yield made


# The page


async def page(line: Line) -> dict:
    answer = await line.calls("line")
    assert (answer.status_code, improper(answer)) == (200, [])
    return answer.json()


async def test_on_saturday_at_eleven_the_line_is_open(line):
    """S-VTL-01."""
    found = await page(line)
    assert (found["status"], found["opens_at"]) == ("open", None)
    first = found["ways"][0]
    assert (first["way"], first["phone"]) == ("line", "0800-0000000")
    assert "tot 17.00 uur" in first["text"]


async def test_at_night_112_and_the_ivp_come_first_and_the_next_opening_after_them(line):
    """S-VTL-03, E2E-4."""
    line.served.time.now = NIGHT
    found = await page(line)
    assert (found["status"], found["opens_at"]) == ("closed", "2016-03-20T10:00:00+01:00")
    emergency, ivp, own, box = found["acute"]
    assert [one["way"] for one in found["acute"]] == ["emergency", "ivp", "line", "message"]
    assert (emergency["phone"], ivp["phone"], own["phone"], box["phone"]) == ("112", "0418-683444", None, None)
    for words in ("dag en nacht", "vraagt wel uw naam", "rekening zonder naam", "familie? Vraag het IVP"):
        assert words in ivp["text"]
    assert "morgen om 10.00 uur" in own["text"]
    assert "wordt pas om 10.00 uur gelezen" in box["text"]


async def test_whenever_somebody_looks_there_is_a_way_out_and_112(line):
    """INV-12: never a dead end."""
    for hour in range(24):
        line.served.time.now = SATURDAY.replace(hour=hour)
        found = await page(line)
        assert found["emergency"] == "Direct gevaar? Bel 112."
        assert found["acute"][0]["phone"] == "112"
        assert {one["way"] for one in found["ways"]} == {"line", "message", "ivp", "emergency"}
        assert any(one["phone"] for one in found["ways"]), hour


async def test_what_follows_from_each_step_is_said_beforehand(line):
    """R-VTL-10."""
    before = (await page(line))["consequences"]
    assert set(before) == {
        "call", "message", "about", "callback", "network", "transfer", "another", "handover", "close", "forget",
    }  # fmt: skip
    assert "telefoon, de computer of het netwerk van de gemeente" in (await page(line))["own_device"]
    assert "familie" in (await page(line))["for_whom"]


# Opening, saying, reading


async def test_a_contact_is_opened_with_nothing_and_the_code_is_shown_once(line):
    """S-VTL-04, R-VTL-05."""
    opened = await line.calls("contact", body={})
    assert (opened.status_code, improper(opened)) == (201, [])
    code = opened.json()["return_code"]
    assert "maar één keer" in opened.json()["keep_it"]
    again = await line.reads(code)
    assert "return_code" not in again and code not in str(again)
    assert again["about"] == {
        "name": "", "municipality": "", "group": "", "audience": None, "near_is_fine": False,
    }  # fmt: skip
    assert again["about_is_optional"].startswith("Dit hoeft niet")


async def test_the_same_request_again_shows_no_code_and_makes_no_second_contact(line):
    first = await line.calls("contact", body={}, key="0123456789")
    again = await line.calls("contact", body={}, key="0123456789")
    assert (first.status_code, again.status_code, improper(again)) == (201, 409, [])
    assert "return_code" not in again.text
    assert len(await line.collection.find({}).to_list(None)) == 1
    assert (await line.calls("contact", body={}, key="0123456790")).status_code == 201


async def test_no_field_about_the_caller_is_needed_anywhere(line):
    """S-VTL-04: by the document of the service."""
    schemas = line.served.app.openapi()["components"]["schemas"]
    needed = {name: set(schema.get("required", [])) for name, schema in schemas.items()}
    assert needed["AboutBody"] == set()
    for _, path, operation in operations(line.served.app):
        if path.startswith("/v1/contact") and not path.startswith("/v1/contacts"):
            names = [one["name"] for one in operation["parameters"] if "name" in one]
            assert set(names) <= {"Return-Code", "Idempotency-Key"}, path


async def test_caller_and_confidant_talk_and_nobody_else_reads_it(line):
    """R-VTL-04, R-VTL-07."""
    code = await line.opens(HELLO)
    (waits,) = (await line.desk("/waiting")).json()
    assert HELLO not in str(waits) and set(waits) == {"contact", "since", "ring"}
    contact = await line.takes()
    told = (await line.desk(f"/{contact}/messages", {"text": "Sinds wanneer?"})).json()
    assert [one["text"] for one in told["messages"]] == [HELLO, "Sinds wanneer?"]
    assert (await line.reads(code))["messages"][-1]["text"] == "Sinds wanneer?"
    assert "confidant-1" not in str(await line.reads(code))
    for by in ("confidant-2", "confidant-3"):
        assert (await line.desk(f"/{contact}", by=by)).status_code == 404
        assert (await line.desk(f"/{contact}/advice", {"text": "a"}, by=by)).status_code == 404
        assert (await line.desk(f"/{contact}/assignment", {}, by=by)).status_code == 404
        assert (await line.desk("/waiting", by=by)).json() == (await line.desk(by=by)).json() == []


async def test_a_confidants_own_list_holds_nothing_that_was_said(line):
    await line.opens(HELLO)
    contact = await line.takes()
    (row,) = (await line.desk()).json()
    assert (row["contact"], row["waits_for_you"]) == (contact, True)
    assert HELLO not in str(row)
    await line.desk(f"/{contact}/messages", {"text": "Sinds wanneer?"})
    assert [row["waits_for_you"] for row in (await line.desk()).json()] == [False]


async def test_each_look_of_a_confidant_is_noted_with_a_reference_only(line):
    await line.opens(HELLO)
    await line.desk("/waiting")
    assert line.looks == []
    contact = await line.takes()
    await line.desk(f"/{contact}")
    await line.desk(f"/{contact}", by="confidant-2")
    assert line.looks == [("confidant-1", contact)] * 2
    assert len(contact) == 32


async def test_when_a_look_cannot_be_noted_nothing_is_shown(line):
    await line.opens(HELLO)
    contact = await line.takes()
    line.looks = None  # noting fails
    answer = await line.desk(f"/{contact}")
    assert answer.status_code == 500 and HELLO not in answer.text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CONFIDANT])
async def test_no_other_role_comes_to_the_desk(line, role):
    """§3.2, column VTL content."""
    await line.opens(HELLO)
    contact = await line.takes()
    for method, path, _ in operations(line.served.app):
        if path.startswith("/v1/contacts"):
            where = path.replace("0" * 32, contact)
            answer = await line.served.client.request(method, where, headers=caller(role), json={"text": "a"})
            assert answer.status_code == 403 and HELLO not in answer.text, path


async def test_a_message_whose_answer_was_lost_is_not_there_twice(line):
    code = await line.opens()
    for _ in range(2):
        await line.calls("contact/messages", code, {"text": HELLO}, key="0123456789")
    assert len((await line.reads(code))["messages"]) == 1
    other = await line.calls("contact/messages", code, {"text": "Iets anders."}, key="0123456789")
    assert other.status_code == 409


async def test_for_somebody_on_the_telephone_the_confidant_opens_and_reads_the_code_out(line):
    opened = (await line.desk(body={})).json()
    await line.desk(f"/{opened['contact']}/messages", {"text": "U belde over nachtelijke telefoontjes."})
    assert (await line.reads(opened["return_code"]))["status"] == "talking"
    assert (await line.desk("/waiting", by="confidant-2")).json() == []


# Wrong codes


WRONG_CODES = [WRONG, "", "kanarie", "1234", "0000000000000001"]


@pytest.mark.parametrize("wrong", WRONG_CODES)
async def test_a_wrong_code_tells_nothing(line, wrong):
    """The same answer for every code and every act, and never what was sent."""
    await line.opens(HELLO)
    answers = [await line.calls("contact", wrong), await line.calls("contact/messages", wrong, {"text": "a"})]
    bare = await line.calls("contact", "9999 9999 9999 9999")
    for answer in answers:
        assert (answer.status_code, improper(answer)) == (404, [])
        assert answer.content == bare.content


async def test_a_destroyed_contact_answers_as_one_that_never_was(line):
    code = await line.opens(HELLO)
    assert (await line.does(code, "forget"))["status"] == "destroyed"
    gone, never = await line.calls("contact", code), await line.calls("contact", WRONG)
    assert (gone.status_code, gone.content) == (404, never.content)


async def test_opening_and_trying_codes_is_limited(line):
    code = await line.opens(HELLO)
    assert line.tried == ["confidential-contact", "confidential-code"]
    line.wait = 7
    for answer in (await line.calls("contact", code), await line.calls("contact", body={})):
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
        assert "112" in answer.json()["detail"]
    assert (await line.calls("line")).status_code == 200, "where to go is never limited"


# Steps that need a yes


async def test_a_peer_is_shown_only_after_the_caller_read_where_from_and_said_yes(line):
    """R-VTL-06, S-VTL-12."""
    code = await line.opens(HELLO)
    contact = await line.takes()
    near = await line.does(code, "about", {"municipality": "9902", "group": "Partij A"})
    assert near["about"]["municipality"] == "9902"
    refused = await line.desk(f"/{contact}/peer", {**PEER})
    assert refused.status_code == 409
    await line.desk(f"/{contact}/peer", PEER | {"municipality": "9901"})
    proposal = (await line.reads(code))["proposal"]
    assert proposal["peer"] == PEER | {"municipality": "9901"}
    assert "ja zegt" in proposal["consequences"]
    done = await line.does(code, "answer", {"agreed": True})
    assert (done["status"], len(done["peers"])) == ("network", 1)


async def test_a_transfer_happens_only_with_a_yes_and_then_the_first_reads_nothing(line):
    """§3.8a."""
    code = await line.opens(HELLO)
    contact = await line.takes()
    await line.desk(f"/{contact}/transfer", {"to": "confidant-2"})
    assert (await line.desk(f"/{contact}", by="confidant-2")).status_code == 404
    await line.does(code, "answer", {"agreed": False})
    assert (await line.desk(f"/{contact}")).status_code == 200
    await line.desk(f"/{contact}/transfer", {"to": "confidant-2"})
    await line.does(code, "answer", {"agreed": True})
    assert (await line.desk(f"/{contact}")).status_code == 404
    assert HELLO in (await line.desk(f"/{contact}", by="confidant-2")).text


async def test_a_yes_on_the_telephone_is_noted_and_shows_nothing_more(line):
    await line.opens(HELLO)
    contact = await line.takes()
    await line.desk(f"/{contact}/transfer", {"to": "confidant-2"})
    answer = await line.desk(f"/{contact}/answer", {"agreed": True})
    assert answer.json() == {"contact": contact, "status": "not-yours"}


async def test_another_confidant_on_the_callers_wish(line):
    code = await line.opens(HELLO)
    contact = await line.takes()
    await line.does(code, "another-confidant")
    assert (await line.desk(f"/{contact}")).status_code == 404
    assert (await line.desk("/waiting")).json() == [], "the first does not see it wait"
    assert await line.takes(by="confidant-2") == contact


async def test_a_report_is_filled_in_with_what_was_chosen_and_leads_nowhere_back(line):
    """R-VTL-10, INV-8."""
    code = await line.opens(HELLO, "Dit blijft hier.")
    contact = await line.takes()
    await line.does(code, "about", {"name": "A. Voorbeeld", "municipality": "9901", "group": "Partij A"})
    body = {"consent": True, "chosen": ["name", "words"], "messages": [1]}
    made = await line.does(code, "handover", body)
    assert made["report"] == {"victim": {"name": "A. Voorbeeld"}, "narrative": HELLO}
    assert "nog geen melding" in made["text"]
    whole = str(made)
    for other in (contact, code, code.replace(" ", ""), "9901", "Partij A", "Dit blijft hier", "confidant"):
        assert other not in whole
    again = await line.calls("contact/handover", code, body)
    assert again.status_code == 409
    shown = (await line.desk(f"/{contact}")).json()
    assert shown["status"] == "handed-over"
    assert "handover" not in str(shown["consents"]), "what was chosen is the caller's own"


async def test_intake_takes_the_draft_as_a_report_of_its_own(line):
    """The caller adds what only a report needs, and sends it."""
    code = await line.opens(HELLO)
    await line.takes()
    await line.does(code, "about", {"name": "A. Voorbeeld", "municipality": "9901"})
    chosen = {"consent": True, "chosen": ["name", "municipality", "words", "phone"], "messages": [1]}
    made = (await line.does(code, "handover", chosen))["report"]
    report = ReportBody.model_validate(made | {"kind": "threat", "office": "alderman"})
    assert (report.narrative, report.municipality, report.victim.name) == (HELLO, "9901", "A. Voorbeeld")


async def test_without_consent_nothing_is_given_along(line):
    code = await line.opens(HELLO)
    await line.takes()
    answer = await line.calls("contact/handover", code, {"consent": False, "chosen": ["words"], "messages": [1]})
    assert answer.status_code == 409 and HELLO not in answer.text


async def test_a_number_is_for_one_call(line):
    """R-VTL-03."""
    code = await line.opens()
    wished = {"phone": "0600000000", "begins": "2016-03-19T13:00:00+01:00", "ends": "2016-03-19T14:00:00+01:00"}
    night = wished | {"begins": "2016-03-19T20:00:00+01:00", "ends": "2016-03-19T21:00:00+01:00"}
    assert (await line.calls("contact/callback", code, night)).status_code == 409
    asked = await line.does(code, "callback", wished)
    assert asked["callback"]["begins"] == "2016-03-19T12:00:00Z"
    (row,) = (await line.desk("/waiting")).json()
    assert row["ring"] == {"begins": "2016-03-19T12:00:00Z", "ends": "2016-03-19T13:00:00Z"}
    assert "0600000000" not in str(row)
    contact = await line.takes()
    assert "0600000000" in (await line.desk(f"/{contact}")).text
    await line.desk(f"/{contact}/call", {})
    assert "0600000000" not in (await line.desk(f"/{contact}")).text + str(await line.reads(code))


async def test_family_gets_everything_and_nobody_is_told(line):
    """S-VTL-08: the partner of a councillor."""
    code = await line.opens("Mijn partner zit in de raad.")
    told = await line.does(code, "about", {"audience": "family"})
    assert told["about"]["audience"] == "family"
    contact = await line.takes()
    advice = (await line.desk(f"/{contact}/advice", {"text": "Schrijf de tijden op."})).json()
    assert advice["status"] == "advised"


async def test_the_end_date_is_visible_and_moves_with_what_is_said(line):
    """Q-10."""
    code = await line.opens()
    assert (await line.reads(code))["ends_on"] == "2016-03-20"
    assert (await line.says(code, HELLO))["ends_on"] == "2016-06-19"
    assert "tot en met 19-06-2016" in (await line.reads(code))["ends"]
    line.served.time.now += timedelta(days=7)
    contact = await line.takes()
    await line.desk(f"/{contact}/messages", {"text": "Hoe gaat het?"})
    assert (await line.reads(code))["ends_on"] == "2016-06-26"


async def test_the_municipality_hears_neither_yes_nor_no(line):
    """S-VTL-10: nothing that a municipality can ask has another answer when somebody called."""
    asks = [(method, path) for method, path, _ in operations(line.served.app)]

    async def answers() -> list[tuple[int, bytes]]:
        given = [
            await line.served.client.request(method, path, headers=caller(Role.MUNICIPALITY), json={"text": "a"})
            for method, path in asks
        ]
        kept = [one for one in given if b"return_code" not in one.content]
        assert len(kept) == len(given) - 1, "opening a contact of their own says nothing of others"
        return [(one.status_code, one.content) for one in kept]

    before = await answers()
    code = await line.opens(HELLO)
    await line.does(code, "about", {"name": "A. Voorbeeld", "municipality": "9901"})
    await line.takes()
    assert await answers() == before


async def test_figures_are_coarse_and_name_nobody(line):
    months = (await line.desk("/figures?year=2016")).json()
    assert [one["contacts"] for one in months] == ["0-9"] * 12
    for _ in range(10):
        await line.opens(HELLO)
    await line.opens()
    months = (await line.desk("/figures?year=2016")).json()
    assert months[2] == {"month": "2016-03", "contacts": "10-24"}


async def test_no_answer_sets_a_cookie_and_a_session_is_dropped(line):
    """§3.8a."""
    quiet = await line.calls("line")
    assert "set-cookie" not in quiet.headers
    answer = await line.served.client.get("/v1/line", headers={"Cookie": "session=abc"})
    assert line.dropped == ["abc"]
    assert answer.status_code == 200 and "Max-Age=0" in answer.headers["set-cookie"]


async def test_the_document_says_the_neutral_path(line):
    (server,) = line.served.app.openapi()["servers"]
    assert server["url"].endswith("/gesprek/v1")
    assert "lijn" not in server["url"] and "confidential" not in server["url"]
