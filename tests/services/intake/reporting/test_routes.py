"""What each role reads and may do over HTTP: whose it is, what is said, and what the police find on their list."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local.temporary import Mongo
from services.intake.app import REPORTING, build
from services.intake.reporting import messages
from services.intake.reporting.commands import NoteWeighingOpened
from services.intake.reporting.domain import DOUBT_FOLLOW_UP, RCCB_RECEIPT, SIGNAL_UNJUDGED, decide
from services.intake.reporting.queries import view
from shared.access.roles import Role
from shared.contracts.decisions import DeadlinePassed
from shared.runtime.cases import Act, Handled
from tests.access.signing import signed
from tests.given import given
from tests.services.intake.reporting.test_domain import DAY, MELDING, NIGHT, REPORT, SIGNAL
from tests.services.serving import Served, serve

PROMPTED = DeadlinePassed(SIGNAL_UNJUDGED, NIGHT + DAY, NIGHT + DAY + timedelta(minutes=1))
PROMPT = "U schreef gisteren een signaal op. Wilt u er iets mee doen? U kunt het melden, bespreken of laten rusten."
BODY = {
    "kind": "threat",
    "office": "alderman",
    "municipality": "9901",
    "victim": {"name": "A. Voorbeeld"},
}
REPORTER = {"name": "B. Voorbeeld", "relation": "leidinggevende"}


@pytest.fixture
async def intake(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


def test_after_a_day_the_person_is_asked_what_to_do_with_the_signal():
    """R-MEL-14, R-MEL-16."""
    before, after = given(decide, SIGNAL).state, given(decide, SIGNAL, PROMPTED).state
    seen = view(before, Role.OFFICE_HOLDER)
    assert (seen["prompted_at"], seen["message"].split(".")[0]) == (None, "Uw signaal is bewaard")
    seen = view(after, Role.OFFICE_HOLDER)
    assert (seen["prompted_at"], seen["message"]) == (PROMPTED.at, PROMPT)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICE_HOLDER])
@pytest.mark.parametrize("past", [(SIGNAL, PROMPTED), (SIGNAL, PROMPTED, MELDING)])
def test_the_prompt_goes_to_the_person_only(role, past):
    """R-MEL-14."""
    seen = view(given(decide, *past).state, role)
    assert "prompted_at" not in seen
    assert seen["message"] != PROMPT


def test_a_signal_that_became_a_melding_prompts_no_more():
    seen = view(given(decide, SIGNAL, PROMPTED, MELDING).state, Role.OFFICE_HOLDER)
    assert seen["message"] == "Uw melding is ontvangen."


def test_a_melding_has_no_prompt():
    assert view(given(decide, REPORT).state, Role.OFFICE_HOLDER)["prompted_at"] is None


@pytest.mark.parametrize("more", [{}, {"signal_only": True}, {"reporter": None}], ids=str)
async def test_a_reporter_without_own_data_is_refused_and_nothing_is_stored(intake, more):
    """R-ACT-13: else the reporter would count as the victim."""
    answer = await intake.post("/v1/reports", "reporter", BODY | more)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    problem = answer.json()
    assert problem["title"] == "Niet goed ingevuld"
    (error,) = problem["errors"]
    assert error["field"] == "body.reporter"
    assert error["message"] == "U meldt voor iemand anders. Vul ook uw eigen naam in, en wie u bent voor die persoon."
    assert "Voorbeeld" not in answer.text


async def test_a_reporter_with_own_data_reports_for_the_victim(intake):
    """R-ACT-13."""
    answer = await intake.post("/v1/reports", "reporter", BODY | {"reporter": REPORTER})
    assert answer.status_code == 201
    seen = (await intake.get(f"/v1/reports/{answer.json()['case']}", "police")).json()
    assert seen["incident"]["reporter"]["relation"] == "leidinggevende"
    assert seen["incident"]["victim"]["name"] == "A. Voorbeeld"


async def test_an_office_holder_reports_without_a_reporter(intake):
    answer = await intake.post("/v1/reports", "office-holder", BODY)
    assert answer.status_code == 201


async def test_the_view_of_a_signal_is_refused_to_everybody_else(intake):
    """R-MEL-14."""
    case = (await intake.post("/v1/reports", "office-holder", BODY | {"signal_only": True})).json()["case"]
    for role in ("reporter", "police", "rccb", "hovj"):
        assert (await intake.get(f"/v1/reports/{case}", role)).status_code == 404
    assert (await intake.get(f"/v1/reports/{case}", "office-holder")).json()["prompted_at"] is None


# Callers with accounts of their own, and what they send

DOUBT = {
    "aangifte_intent": "doubt",
    "doubt_reasons": ["take-a-knock", "costs"],
    "doubt_words": "Ik moet ertegen kunnen.",
}
HASH = "a" * 64
SCAN = {"sha256": HASH, "medium": "letter", "size_bytes": 1024, "source": "Uit de brievenbus."}


async def act(intake: Served, path: str, role: str, body: object = None, actor: str = "account-1") -> Any:
    headers = signed(role, actor) | {"Idempotency-Key": uuid.uuid4().hex}
    return await intake.client.post(f"/v1/reports{path}", json=body, headers=headers)


async def see(intake: Served, path: str, role: str, actor: str = "account-1") -> Any:
    return await intake.client.get(f"/v1/reports{path}", headers=signed(role, actor))


async def report(intake: Served, *, role: str = "office-holder", actor: str = "account-1", **more: object) -> str:
    answer = await act(intake, "", role, BODY | more, actor)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"])


async def told(intake: Served, case: str) -> list[dict[str, Any]]:
    """The events of a case, as they are in its history."""
    document = await intake.cases(REPORTING).collection.find_one({"_id": case}, {"history": 1})
    assert document is not None
    return list(document["history"])


async def know(intake: Served, case: str, *facts: object) -> None:
    for fact in facts:
        await intake.cases(REPORTING).update(case, fact, handled=Handled(uuid.uuid4().hex), act=Act("test"))


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"].rsplit(".", 2)[1] for event in events]


# Whose it is


async def test_another_account_is_told_the_same_as_of_an_unknown_case(intake):
    case = await report(intake)
    reads = {(role, actor): (await see(intake, f"/{case}", role, actor)) for role, actor in (
        ("office-holder", "account-1"), ("office-holder", "account-2"), ("reporter", "account-1"),
    )}  # fmt: skip
    unknown = await see(intake, f"/{'0' * 32}", "office-holder")
    assert [answer.status_code for answer in reads.values()] == [200, 404, 404]
    assert reads["office-holder", "account-2"].json() == unknown.json()


@pytest.mark.parametrize("path", [
    "judgements", "melding", "talks", "rest", "follow-up", "aangifte-wish", "withdrawal", "evidence", "links",
])  # fmt: skip
async def test_nobody_acts_on_somebody_elses_report(intake, path):
    case = await report(intake, **DOUBT)
    bodies = {
        "judgements": {"outcome": "report", "reason": "Zomaar."}, "follow-up": {"wanted": False},
        "aangifte-wish": {"wished": True}, "withdrawal": {"reason": "Zomaar."}, "evidence": SCAN,
        "links": {"earlier": "0" * 32},
    }  # fmt: skip
    answer = await act(intake, f"/{case}/{path}", "office-holder", bodies.get(path), "account-2")
    assert answer.status_code == 404
    assert names(await told(intake, case)) == ["talk-requested"]


@pytest.mark.parametrize(
    "path", ["consultations", "filing-advice", "mutaties", "aangifte", "criminal-track", "custody"]
)
async def test_the_acts_of_the_police_are_theirs_alone(intake, path):
    """INV-7, R-MEL-08."""
    case = await report(intake)
    for role in ("office-holder", "reporter", "rccb", "hovj", "municipality", "bzk"):
        assert (await act(intake, f"/{case}/{path}", role, {})).status_code == 403


async def test_the_police_do_nothing_with_a_mere_signal(intake):
    case = await report(intake, signal_only=True)
    filed = {"reference": "PL-1", "filed_on": "2016-03-14"}
    assert (await act(intake, f"/{case}/aangifte", "police", filed)).status_code == 404


async def test_the_one_who_reported_for_somebody_else_reads_own_words_and_progress_only(intake):
    """S-MEL-06, R-ACT-13."""
    more = {"narrative": "Ik hoorde het op straat.", "reporter": REPORTER}
    case = await report(intake, role="reporter", actor="account-2", **more)
    await act(intake, f"/{case}/evidence", "reporter", SCAN, "account-2")
    await act(intake, f"/{case}/evidence", "police", SCAN | {"sha256": "b" * 64})
    seen = (await see(intake, f"/{case}", "reporter", "account-2")).json()
    assert (seen["narrative"], seen["reporter"]["person"]["name"]) == ("Ik hoorde het op straat.", "B. Voorbeeld")
    assert [one["sha256"] for one in seen["evidence"]] == [HASH]
    assert not {"incident", "earlier", "doubts", "talks", "judgements", "mutaties"} & seen.keys()
    assert "A. Voorbeeld" not in str(seen)
    assert (await see(intake, f"/{case}", "reporter", "account-3")).status_code == 404
    assert "incident" not in (await see(intake, f"/{case}", "office-holder", "account-2")).json()
    refused = await act(intake, f"/{case}/withdrawal", "office-holder", {"reason": "Zomaar."}, "account-2")
    assert refused.status_code == 404


async def test_the_victim_reads_what_somebody_else_reported_and_the_police_know_whether_the_victim_was_told(intake):
    """S-MEL-06."""
    case = await report(intake, role="reporter", actor="account-2", reporter=REPORTER)
    assert (await see(intake, f"/{case}", "office-holder", "account-9")).status_code == 404
    await intake.tie(case, own="account-9")  # claimed with the code that the police have
    seen = (await see(intake, f"/{case}", "office-holder", "account-9")).json()
    assert "Iemand heeft dit voor u gemeld: leidinggevende." in seen["advice"]
    rows = (await see(intake, "", "police")).json()
    assert [(row["case"], row["waits_for"]) for row in rows] == [(case, ["tell-victim"])]
    done = (await act(intake, f"/{case}/victim-told", "police")).json()
    assert done["victim_told_at"] is not None and done["waits_for"] == []
    assert (await see(intake, "", "police")).json() == []
    assert (await see(intake, f"/{case}", "reporter", "account-2")).json()["victim_told"] is True


async def test_a_report_for_somebody_else_gets_the_same_receipt_whether_or_not_a_case_exists(intake):
    """§3.8a."""
    first = (await act(intake, "", "reporter", BODY | {"reporter": REPORTER}, "account-2")).json()
    await report(intake)
    second = (await act(intake, "", "reporter", BODY | {"reporter": REPORTER}, "account-3")).json()
    assert first.pop("case") != second.pop("case")
    assert first == second


@pytest.mark.parametrize("more", [{"signal_only": True}, DOUBT])
async def test_signal_and_doubt_are_the_persons_own(intake, more):
    answer = await act(intake, "", "reporter", BODY | {"reporter": REPORTER} | more)
    assert answer.status_code == 400
    assert "van de persoon zelf" in answer.text


@pytest.mark.parametrize("more", [
    {"signal_only": True, "aangifte_wished": True}, {"signal_only": True, "aangifte_intent": "doubt"},
    {"aangifte_wished": True, "aangifte_intent": "no"}, {"doubt_words": "Tja."},
])  # fmt: skip
async def test_choices_that_exclude_each_other_are_a_clear_mistake(intake, more):
    assert (await act(intake, "", "office-holder", BODY | more)).status_code == 400


@pytest.mark.parametrize("more", [{"aangifte_wished": True}, {"aangifte_intent": "yes"}])
async def test_a_wish_may_be_said_in_both_ways(intake, more):
    case = await report(intake, **more)
    assert (await see(intake, f"/{case}", "police")).json()["aangifte_wished"] is True


# Doubt


async def test_the_receipt_of_a_doubt_says_kindly_what_follows_before_the_talk(intake):
    """S-MEL-02, Q-16, R-MEL-06."""
    body = BODY | DOUBT | {"victim": {"name": "A. Voorbeeld", "phone": "0600000000"}}
    seen = (await act(intake, "", "office-holder", body)).json()
    assert (seen["type"], seen["message"]) == (
        "talk", "U twijfelt, en dat mag. De politie in uw buurt belt u voor een gesprek.",
    )  # fmt: skip
    assert all(sentence in seen["advice"] for sentence in messages.BEFORE_THE_TALK)
    assert "mutatie" in seen["advice"][0] and "Vertrouwenslijn" in seen["advice"][1]
    assert {"Vertrouwenslijn", "Politie: aangifte doen"} == {pointer["name"] for pointer in seen["pointers"]}
    assert seen["doubts"] == [{"reasons": ["take-a-knock", "costs"], "words": "Ik moet ertegen kunnen."}]
    assert "onvolledig" not in str(seen).lower()
    case = seen["case"]
    assert names(await told(intake, case)) == ["talk-requested"]
    assert "ertegen" not in str(await told(intake, case))
    for role, status in {"police": 200, "rccb": 404, "hovj": 404}.items():
        assert (await see(intake, f"/{case}", role)).status_code == status


async def test_without_a_phone_number_the_person_is_asked_to_call(intake):
    seen = (await act(intake, "", "office-holder", BODY | DOUBT)).json()
    assert "geen telefoonnummer" in seen["message"]


async def test_the_talk_leads_to_advice_and_the_person_chooses(intake):
    """S-MEL-03, S-MEL-04."""
    case = await report(intake, **DOUBT)
    await act(intake, f"/{case}/consultations", "police", {})
    advised = await act(
        intake, f"/{case}/filing-advice", "police", {"advice": "do-not-file", "words": "Niet strafbaar."}
    )
    assert advised.status_code == 200
    seen = (await see(intake, f"/{case}", "office-holder")).json()
    assert "geen aangifte te doen" in seen["message"]
    assert messages.ENCOURAGE not in seen["advice"] and not set(messages.BEFORE_THE_TALK) & set(seen["advice"])
    assert seen["talks"][0]["advice"][0]["words"] == "Niet strafbaar."
    await act(intake, f"/{case}/mutaties", "police", {"reference": "PL-MUT-1", "registered_on": "2016-03-14"})
    made = (await act(intake, f"/{case}/melding", "office-holder")).json()
    assert (made["type"], made["mutaties"]) == ("melding", [{"registered_on": "2016-03-14"}])
    assert names(await told(intake, case))[-2:] == ["incident-reported", "mutatie-registered"]
    assert (await see(intake, f"/{case}", "police")).json()["mutaties"][0]["reference"] == "PL-MUT-1"
    for role in ("office-holder", "rccb", "hovj"):
        assert "PL-MUT-1" not in (await see(intake, f"/{case}", role)).text


async def test_the_question_after_a_doubt_goes_to_the_person_only_and_can_be_switched_off(intake):
    """R-MEL-16."""
    case = await report(intake, **DOUBT)
    due = intake.time.now + timedelta(days=3)
    off = (await act(intake, f"/{case}/follow-up", "office-holder", {"wanted": False})).json()
    assert off["follow_up_wanted"] is False
    await act(intake, f"/{case}/follow-up", "office-holder", {"wanted": True})
    await know(intake, case, DeadlinePassed(DOUBT_FOLLOW_UP, due, due))
    assert (await see(intake, f"/{case}", "office-holder")).json()["message"] == messages.FOLLOW_UP
    for_police = (await see(intake, f"/{case}", "police")).json()
    assert for_police["message"] != messages.FOLLOW_UP and "followed_up_at" not in for_police


async def test_a_talk_asked_for_and_not_held_stands_on_the_polices_list(intake):
    case = await report(intake, **DOUBT)
    (row,) = (await see(intake, "", "police")).json()
    assert (row["case"], row["waits_for"]) == (case, ["talk"])
    assert "Voorbeeld" not in str(row)
    await act(intake, f"/{case}/consultations", "police", {})
    assert (await see(intake, "", "police")).json() == []
    for role in ("office-holder", "rccb", "municipality"):
        assert (await see(intake, "", role)).status_code == 403


async def test_the_list_shows_what_waits_longest_first_in_pages(intake):
    cases = []
    for _ in range(3):
        cases.append(await report(intake, **DOUBT))
        intake.time.now += timedelta(minutes=1)
    first = await see(intake, "?pageSize=2", "police")
    second = await see(intake, "?pageSize=2&page=2", "police")
    assert [row["case"] for row in (*first.json(), *second.json())] == cases
    assert 'rel="next"' in first.headers["link"] and 'rel="next"' not in second.headers["link"]


# Signals


async def test_a_signal_is_judged_over_http_with_whom_and_why(intake):
    """R-MEL-14, S-MEL-08."""
    answer = await act(intake, "", "office-holder", BODY | {"signal_only": True})
    assert answer.json()["judge_before"] is not None
    case = answer.json()["case"]
    assert (await act(intake, f"/{case}/judgements", "office-holder", {"outcome": "let-rest"})).status_code == 400
    body = {"outcome": "let-rest", "reason": "Het was een misverstand.", "company": "griffier"}
    seen = (await act(intake, f"/{case}/judgements", "office-holder", body)).json()
    assert seen["judgements"][0]["company"] == "griffier"
    assert "rusten" in seen["message"] and seen["judge_before"] is None
    assert "misverstand" not in str(await told(intake, case))
    assert (await act(intake, f"/{case}/melding", "office-holder")).status_code == 409
    again = await act(intake, f"/{case}/melding", "office-holder", {"reason": "Het gebeurde weer."})
    assert again.json()["type"] == "melding"
    assert "misverstand" not in (await see(intake, f"/{case}", "police")).text


async def test_doubt_leads_to_a_talk_and_not_to_something_else(intake):
    case = await report(intake, signal_only=True)
    body = {"outcome": "report", "reason": "Tja.", "doubt_reasons": ["costs"]}
    assert (await act(intake, f"/{case}/judgements", "office-holder", body)).status_code == 400
    seen = (await act(intake, f"/{case}/judgements", "office-holder", body | {"outcome": "talk"})).json()
    assert (seen["type"], seen["doubts"][0]["reasons"]) == ("talk", ["costs"])


# What is said


async def test_acute_danger_puts_112_above_everything(intake):
    """S-MEL-13, INV-12."""
    for more in ({}, {"signal_only": True}, DOUBT):
        answer = await act(intake, "", "office-holder", BODY | {"urgency": "acute"} | more)
        first, *_ = answer.json().items()
        assert first == ("emergency", "Direct gevaar? Bel 112. Dit bericht wordt niet meteen gelezen.")
    first, *_ = (await act(intake, "", "office-holder", BODY)).json().items()
    assert first == ("emergency", "Direct gevaar? Bel 112.")


@pytest.mark.parametrize(("kind", "expected"), [("threat", True), ("violence", True), ("influencing", False)])
async def test_a_concrete_threat_encourages_an_aangifte_and_never_forces(intake, kind, expected):
    """R-MEL-02, R-MEL-23."""
    seen = (await act(intake, "", "office-holder", BODY | {"kind": kind})).json()
    assert (messages.ENCOURAGE in seen["advice"]) is expected
    assert ("www.politie.nl/themas/aangifte-doen.html" in str(seen["pointers"])) is expected
    assert "U beslist zelf" in messages.ENCOURAGE


@pytest.mark.parametrize("role", ["office-holder", "reporter"])
async def test_an_incident_around_asylum_points_to_otav_and_the_handreiking(intake, role):
    """S-MEL-12."""
    body = BODY | {"context": "asielinstroom"} | ({"reporter": REPORTER} if role == "reporter" else {})
    seen = (await act(intake, "", role, body)).json()
    where = {pointer["name"]: pointer["address"] for pointer in seen["pointers"]}
    assert where["OTAV"] == "www.vng.nl/otav"
    assert where["Handreiking verhoogde asielinstroom"] == "www.burgemeesters.nl/asielinstroom"
    plain = (await act(intake, "", role, {**body, "context": None})).json()
    assert "OTAV" not in str(plain)


def test_no_text_says_that_it_comes_with_the_job_or_that_doubt_is_incomplete():
    """R-MEL-17, S-MEL-02."""
    folder = Path(messages.__file__).parent
    for file in (*folder.glob("*.py"), *folder.glob("*.toml")):
        said = " ".join(re.findall(r'"([^"]*)"', file.read_text())).lower()
        for wrong in ("hoort erbij", "hoort bij", "tegen een stootje", "onvolledig", "eigen schuld"):
            assert wrong not in said, file.name


async def test_when_rccb_does_not_answer_the_person_is_told_and_the_police_see_it(intake):
    """S-MEL-14, R-MEL-05."""
    case = await report(intake, urgency="acute")
    due = intake.time.now + timedelta(hours=1)
    await know(intake, case, DeadlinePassed(RCCB_RECEIPT, due, due))
    assert "Bel de politie" in (await see(intake, f"/{case}", "office-holder")).json()["message"]
    (row,) = (await see(intake, "", "police")).json()
    assert (row["case"], row["waits_for"], row["urgency"]) == (case, ["rccb-receipt"], "acute")
    await know(intake, case, NoteWeighingOpened(case, due + timedelta(hours=1)))
    assert (await see(intake, "", "police")).json() == []
    seen = (await see(intake, f"/{case}", "office-holder")).json()
    assert seen["rccb_overdue"] is True and "Bel de politie" not in seen["message"]


# Earlier reports


async def test_a_second_report_of_the_same_person_is_linked_to_the_first(intake):
    """R-MEL-10."""
    signal = await report(intake, signal_only=True)
    first = await report(intake)
    await act(intake, f"/{first}/mutaties", "police", {"reference": "PL-MUT-1", "registered_on": "2016-03-14"})
    other = await report(intake, actor="account-2")
    intake.time.now += timedelta(minutes=1)
    second = await report(intake)
    events = await told(intake, second)
    assert names(events) == ["incident-reported", "incidents-linked"]
    assert events[1]["data"]["earlier"] == first
    persons = [(await told(intake, case))[0]["data"]["person"] for case in (first, second, other)]
    assert persons[0] == persons[1] != persons[2]
    assert "account-1" not in str([event["data"] for event in events])
    for role in ("police", "rccb", "hovj", "office-holder"):
        (earlier,) = (await see(intake, f"/{second}", role)).json()["earlier"]
        assert (earlier["case"], earlier["type"], earlier["mutatie"]) == (first, "melding", True)
        assert "PL-MUT-1" not in str(earlier)
    third = (await act(intake, f"/{signal}/melding", "office-holder", {"reason": "Nu wel."})).json()
    assert [one["case"] for one in third["earlier"]] == [first, second]


async def test_a_report_by_somebody_else_says_nothing_of_the_reporters_own_past(intake):
    await report(intake, actor="account-2")
    for role in ("reporter", "office-holder"):
        case = await report(intake, role=role, actor="account-2", reporter=REPORTER)
        (event,) = await told(intake, case)
        assert "person" not in event["data"]


async def test_cases_are_linked_by_hand_by_who_has_both_references(intake):
    """R-MEL-15."""
    signal, case = await report(intake, signal_only=True), await report(intake, actor="account-1")
    other = await report(intake, actor="account-2")
    unknown = await act(intake, f"/{case}/links", "office-holder", {"earlier": other})
    assert unknown.status_code == 404
    assert (await act(intake, f"/{case}/links", "police", {"earlier": signal})).status_code == 404
    assert (await act(intake, f"/{case}/links", "office-holder", {"earlier": case})).status_code == 409
    own = (await act(intake, f"/{case}/links", "office-holder", {"earlier": signal})).json()
    assert [one["case"] for one in own["earlier"]] == [signal]
    linked = (await act(intake, f"/{case}/links", "police", {"earlier": other})).json()
    assert [one["case"] for one in linked["earlier"]] == [other]
    assert [one["case"] for one in (await see(intake, f"/{case}", "office-holder")).json()["earlier"]] == [signal]
    assert names(await told(intake, case)) == ["incident-reported", "incidents-linked"]


# Evidence, facts, effects


async def test_evidence_is_kept_as_metadata_with_a_line_of_custody(intake):
    """Data dictionary, INV-11."""
    case = await report(intake)
    before = len(await told(intake, case))
    made = SCAN | {"made_at": "2016-03-13T20:00:00Z"}
    assert (await act(intake, f"/{case}/evidence", "office-holder", made)).json()["evidence"][0]["size_bytes"] == 1024
    assert (await act(intake, f"/{case}/evidence", "office-holder", SCAN)).status_code == 409
    assert (await act(intake, f"/{case}/evidence", "office-holder", SCAN | {"sha256": "x" * 64})).status_code == 400
    done = await act(intake, f"/{case}/custody", "police", {"sha256": HASH, "words": "Veiliggesteld."}, "agent-1")
    assert [line["words"] for line in done.json()["evidence"][0]["custody"]] == ["added", "Veiliggesteld."]
    assert "custody" not in (await see(intake, f"/{case}", "office-holder")).json()["evidence"][0]
    assert len(await told(intake, case)) == before


async def test_facts_witnesses_and_effects_are_kept_and_do_not_travel(intake):
    """R-MEL-20, R-MEL-21, R-MEL-22, R-ACT-03."""
    more = {
        "family": True, "medium": "mail", "witnesses": ["Een buur"], "facts": {"where": "Bij het raadhuis"},
        "effects": {"health": True, "not_standing_again": True, "words": "Ik slaap slecht."},
    }  # fmt: skip
    case = await report(intake, **more)
    incident = (await see(intake, f"/{case}", "police")).json()["incident"]
    assert incident["facts"]["where"] == "Bij het raadhuis" and incident["witnesses"] == ["Een buur"]
    assert incident["effects"]["not_standing_again"] and not incident["effects"]["functioning"]
    assert (incident["family"], incident["medium"]) == (True, "mail")
    data = str([event["data"] for event in await told(intake, case)])
    assert not any(word in data for word in ("buur", "raadhuis", "slaap", "mail", "family"))


# Taking back, days, counts


async def test_taking_back_keeps_the_mutatie_and_the_next_report_is_linked_to_it(intake):
    case = await report(intake)
    await act(intake, f"/{case}/mutaties", "police", {"reference": "PL-MUT-1", "registered_on": "2016-03-14"})
    seen = (await act(intake, f"/{case}/withdrawal", "office-holder", {"reason": "Het is uitgepraat."})).json()
    assert "De mutatie blijft" in seen["message"] and seen["withdrawal_reason"] == "Het is uitgepraat."
    assert "uitgepraat" not in (await see(intake, f"/{case}", "rccb")).text
    (earlier,) = (await see(intake, f"/{await report(intake)}", "rccb")).json()["earlier"]
    assert (earlier["case"], earlier["mutatie"], bool(earlier["withdrawn_at"])) == (case, True, True)


async def test_the_criminal_track_opens_with_the_aangifte_and_no_day_lies_ahead(intake):
    """R-MEL-11. START is 14 March 2016, 03:10 in Amsterdam."""
    case = await report(intake)
    filed = {"reference": "PL-1", "filed_on": "2016-03-14", "criminal_track_on": "2016-03-15"}
    late = await act(intake, f"/{case}/aangifte", "police", filed)
    assert (late.status_code, late.json()["errors"][0]["field"]) == (400, "body.criminal_track_on")
    seen = (await act(intake, f"/{case}/aangifte", "police", filed | {"criminal_track_on": "2016-03-14"})).json()
    assert (seen["type"], seen["criminal_track_on"], seen["aangifte_reference"]) == ("aangifte", "2016-03-14", "PL-1")
    assert names(await told(intake, case)) == ["incident-reported", "aangifte-filed", "criminal-track-opened"]
    own = await see(intake, f"/{case}", "office-holder")
    assert "PL-1" not in own.text and messages.TRACK in own.json()["advice"]


async def test_counts_per_month_name_no_case_and_hide_small_numbers(intake):
    """R-MEL-18, S-MEL-12."""
    for _ in range(5):
        await report(intake, context="asielinstroom")
    await report(intake, **DOUBT)
    await report(intake, signal_only=True)
    intake.time.now += timedelta(days=20)
    for _ in range(4):
        await report(intake)
    months = (await see(intake, "/counts?year=2016", "police")).json()
    assert [month["month"] for month in months] == [f"2016-{number:02}" for number in range(1, 13)]
    few = "<5"
    assert months[2] == {
        "month": "2016-03", "signal": few, "talk": few, "melding": 5, "aangifte": few, "withdrawn": few,
        "doubt": few, "doubt-costs": few, "asielinstroom": 5,
    }  # fmt: skip
    assert months[3] | {"month": ""} == months[0] | {"month": ""}, "four reports look as none do"
    nothing = (await see(intake, "/counts?year=2017", "police")).json()
    assert len(nothing) == 12 and {value for row in nothing for name, value in row.items() if name != "month"} == {few}
    assert (await see(intake, "/counts?year=2016", "office-holder")).status_code == 403


async def test_doubts_about_costs_are_counted(intake):
    for reasons in (["costs"], ["costs", "other"], ["costs"], ["costs"], ["costs"], ["is-it-punishable"]):
        await report(intake, aangifte_intent="doubt", doubt_reasons=reasons)
    month = (await see(intake, "/counts?year=2016", "police")).json()[2]
    assert (month["talk"], month["doubt"], month["doubt-costs"], month["melding"]) == (6, 6, 5, "<5")


async def test_a_month_is_one_of_amsterdam(intake):
    intake.time.now = intake.time.now.replace(month=12, day=31, hour=23, minute=30)
    for _ in range(5):
        await report(intake)
    january = (await see(intake, "/counts?year=2017", "police")).json()[0]
    assert (january["month"], january["melding"]) == ("2017-01", 5)
    assert {month["melding"] for month in (await see(intake, "/counts?year=2016", "police")).json()} == {"<5"}
