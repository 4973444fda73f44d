"""Two people of a controller destroy what is kept of a case; a hold stops them; a replay brings nothing back."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pymongo.errors import AutoReconnect

from deploy.local.temporary import Mongo
from services.aftercare.app import CALLBACK
from services.aftercare.app import build as build_aftercare
from services.aftercare.callback.commands import NoteIncident
from services.funding.app import build as build_funding
from services.intake.app import REPORTING
from services.intake.app import build as build_intake
from services.intake.reporting.commands import NoteFirstWeighing, NoteWeighingOpened
from shared.access.ties import NoteTie
from shared.contracts.intake import CaseShredded
from shared.contracts.vocabulary import Impact, ShredReason, Tie
from shared.privacy.keyring import keys_of
from shared.privacy.security_log import SecurityLog
from shared.privacy.shredding import Shredder
from shared.privacy.vault import DESTROYED, PREFIX
from shared.runtime.cases import Act, Handled
from tests.access.signing import signed
from tests.privacy.secret_toy import holds
from tests.services.funding.test_routes import TOWN, ask, entered, known, requested, sealed
from tests.services.serving import START, Served, serve

ASK, CONFIRM = "/v1/shreddings/reporting", "/v1/shreddings/reporting/{}/confirmations"
HOLD, RELEASE = "/v1/holds/reporting", "/v1/holds/reporting/{}/releases"


@dataclass
class Office:
    """Intake with one report in it, and people who call."""

    served: Served
    case: str
    canary: str

    async def do(self, path: str, actor: str = "agent-1", role: str = "police", **body: Any) -> httpx2.Response:
        """Something that changes."""
        headers = signed(role, actor) | {"Idempotency-Key": uuid.uuid4().hex}
        content = {"json": {"case": self.case} | body} if body else {}
        return await self.served.client.post(path.format(self.case), headers=headers, **content)

    async def get(self, path: str, role: str = "police", actor: str = "agent-1") -> httpx2.Response:
        """Something that is read."""
        return await self.served.client.get(path.format(self.case), headers=signed(role, actor))

    async def shred(self) -> httpx2.Response:
        """Both."""
        assert (await self.do(ASK, reason="person-asked")).status_code == 201
        return await self.do(CONFIRM, "agent-2")

    async def withdraw(self) -> httpx2.Response:
        """The person takes the report back."""
        headers = signed("office-holder", "person-1") | {"Idempotency-Key": uuid.uuid4().hex}
        path = f"/v1/reports/{self.case}/withdrawal"
        return await self.served.client.post(path, headers=headers, json={"reason": "Toch niet."})

    async def document(self) -> dict[str, Any]:
        """As the database has it."""
        raw = self.served.app.state.service.database.collection("intake.reporting")
        found = await raw.find_one({"_id": self.case})
        assert found is not None
        return dict(found)


@pytest.fixture
async def office(mongo: Mongo) -> AsyncIterator[Office]:
    canary = f"kanarie-{secrets.token_hex(16)}"
    async with serve(build_intake, mongo) as served:
        victim = {"name": canary, "phone": "0600000000", "address": f"Voorbeeldstraat 1, {canary}"}
        incident = {
            "kind": "threat", "office": "mayor", "municipality": "9901", "urgency": "acute", "impact": "acute",
            "narrative": f"Er is gebeld. {canary}", "victim": victim,
        }  # fmt: skip
        headers = signed("office-holder", "person-1") | {"Idempotency-Key": uuid.uuid4().hex}
        answer = await served.client.post("/v1/reports", json=incident, headers=headers)
        assert answer.status_code == 201, answer.text
        yield Office(served, answer.json()["case"], canary)


async def test_the_second_person_destroys_it_and_class_and_dates_stay(office: Office, mongo: Mongo) -> None:
    """INV-11."""
    before = (await office.document())["state"]
    asked = await office.do(ASK, reason="person-asked")
    assert (asked.status_code, asked.json()["status"]) == (201, "asked") and "agent-1" not in asked.text
    assert (await office.get("/v1/reports/{}")).json()["incident"]["victim"]["name"] == office.canary
    done = await office.do(CONFIRM, "agent-2")
    assert (done.status_code, done.json()["status"], done.json()["reason"]) == (201, "destroyed", "person-asked")
    seen = (await office.get("/v1/reports/{}")).json()["incident"]
    assert seen["victim"] == {"name": DESTROYED, "phone": DESTROYED, "address": DESTROYED}
    assert (seen["narrative"], seen["kind"], seen["office"]) == (DESTROYED, "threat", "mayor")
    document = await office.document()
    assert PREFIX not in str(document["state"]) and office.canary not in str(document)
    assert document["state"]["reported_at"] == before["reported_at"] and document["state"]["person"] is None
    assert document["shredded"]["reason"] == "person-asked" and document["closed"] and document["due"] == []
    told = [entry for entry in document["history"] if entry["type"] == CaseShredded.type_name()]
    assert [entry["data"]["reason"] for entry in told] == ["person-asked"]
    assert [one["type"] for one in document["outbox"] if one["topic"] != "log"][-1] == CaseShredded.type_name()
    assert not holds(mongo, office.canary)


async def test_the_key_document_keeps_who_asked_and_who_confirmed_and_no_key(office: Office) -> None:
    await office.shred()
    keys = keys_of(office.served.app.state.service.database, "police")  # type: ignore[arg-type]
    (found,) = await keys.find({}).to_list(None)
    assert "wrapped" not in found and found["destroyed_at"] is not None
    assert (found["shredding"]["asked_by"], found["shredding"]["confirmed_by"]) == ("agent-1", "agent-2")


async def test_the_same_person_cannot_confirm_and_nobody_confirms_what_nobody_asked(office: Office) -> None:
    early = await office.do(CONFIRM, "agent-2")
    assert (early.status_code, early.json()["detail"]) == (
        409,
        "Er is niet om vernietiging gevraagd. Vraag daar eerst om.",
    )
    await office.do(ASK, reason="mistake")
    alone = await office.do(CONFIRM)
    assert alone.status_code == 409 and "tweede persoon" in alone.json()["detail"]
    again = await office.do(ASK, "agent-2", reason="term-passed")
    assert again.json()["reason"] == "mistake", "who asked first stays who asked"
    assert (await office.do(CONFIRM, role="rccb")).status_code == 409, "another role is not another person"
    assert (await office.get("/v1/reports/{}")).json()["incident"]["victim"]["name"] == office.canary
    assert (await office.do(CONFIRM, "agent-2")).status_code == 201


async def test_a_hold_stops_both_and_afterwards_it_is_asked_anew(office: Office) -> None:
    await office.do(ASK, reason="term-passed")
    held = await office.do(HOLD, "officer-1", "hovj", reason="criminal-case")
    assert (held.status_code, held.json()["status"], held.json()["held_for"]) == (201, "held", "criminal-case")
    for refused in (await office.do(CONFIRM, "agent-2"), await office.do(ASK, "agent-3", reason="mistake")):
        assert (refused.status_code, refused.json()["detail"]) == (
            409, "Dit dossier moet bewaard blijven. Hef eerst de bewaarplicht op.",
        )  # fmt: skip
    assert (await office.do(RELEASE)).json()["status"] == "kept"
    assert (await office.do(RELEASE)).status_code == 409
    assert (await office.do(CONFIRM, "agent-2")).status_code == 409, "what was asked before the hold is over"
    assert (await office.shred()).status_code == 201
    assert (await office.do(HOLD, reason="claim")).json()["detail"] == "Dit dossier is vernietigd."


async def test_doing_it_again_changes_nothing(office: Office) -> None:
    first = await office.shred()
    before = await office.document()
    for again in (
        await office.do(CONFIRM, "agent-2"),
        await office.do(CONFIRM),
        await office.do(ASK, reason="mistake"),
    ):
        assert (again.status_code, again.json()) == (201, first.json())
    assert await office.document() == before
    assert (await office.get("/v1/shreddings/reporting/{}")).json() == first.json()


async def test_two_that_confirm_at_once_tell_it_once(office: Office) -> None:
    await office.do(ASK, reason="mistake")
    answers = await asyncio.gather(*(office.do(CONFIRM, f"agent-{number}") for number in range(2, 5)))
    assert {answer.status_code for answer in answers} <= {201, 409} and answers[0].json()
    await office.do(CONFIRM, "agent-2")
    types = [entry["type"] for entry in (await office.document())["history"]]
    assert types.count(CaseShredded.type_name()) == 1


async def test_after_a_crash_between_key_and_document_nothing_is_read_and_repeating_finishes_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crashes(*_: object, **__: object) -> None:
        raise RuntimeError("crash")

    await office.do(ASK, reason="mistake")
    cases = office.served.cases(REPORTING)
    monkeypatch.setattr(cases, "shred", crashes)
    with pytest.raises(RuntimeError):
        await Shredder(cases).confirm(office.case, "agent-2")
    assert PREFIX in str((await office.document())["state"])
    assert (await office.get("/v1/reports/{}")).json()["incident"]["narrative"] == DESTROYED
    assert (await office.withdraw()).json()["detail"] == "Dit dossier is vernietigd."
    assert (await office.do(CONFIRM, "agent-2")).status_code == 201
    document = await office.document()
    assert PREFIX not in str(document["state"]) and document["history"][-1]["type"] == CaseShredded.type_name()


async def test_a_persons_act_is_refused_and_a_fact_is_taken_note_of(office: Office) -> None:
    await office.shred()
    cases, before = office.served.cases(REPORTING), await office.document()
    for fact in (NoteWeighingOpened(office.case, START), NoteFirstWeighing(office.case, True)):
        state = await cases.update(office.case, fact, handled=Handled(uuid.uuid4().hex), act=Act("assessment"))
        assert state.incident.victim.name == DESTROYED
    after = await office.document()
    assert (after["state"], after["history"]) == (before["state"], before["history"])
    assert len(after["inbox"]) == len(before["inbox"]) + 2
    refused = await office.withdraw()
    assert (refused.status_code, refused.json()["detail"]) == (409, "Dit dossier is vernietigd.")


async def test_only_people_of_the_controller_come_in_and_an_unknown_case_is_not_known(office: Office) -> None:
    for role in ("office-holder", "reporter", "municipality", "bzk", "ivp"):
        headers = signed(role, "x-1", "9901") | {"Idempotency-Key": uuid.uuid4().hex}
        body = {"case": office.case, "reason": "mistake"}
        assert (await office.served.client.post(ASK, json=body, headers=headers)).status_code == 403
    office.case = "0" * 32
    assert (await office.do(ASK, reason="mistake")).status_code == 404
    assert (await office.do(CONFIRM, "agent-2")).status_code == 404


async def test_who_looks_in_need_from_another_unit_destroys_and_holds_nothing(office: Office) -> None:
    stranger = signed("police", "agent-9", unit="eenheid-west")

    async def send(path: str, **body: str) -> int:
        headers = stranger | {"Idempotency-Key": uuid.uuid4().hex}
        return (await office.served.client.post(path, json=body, headers=headers)).status_code

    in_need = {"case": office.case, "reason": "Melder staat aan de balie, eigen eenheid niet bereikbaar."}
    assert await send("/v1/break-glasses", **in_need) == 201
    assert (await office.served.client.get(f"/v1/reports/{office.case}", headers=stranger)).status_code == 200
    assert await send(ASK, case=office.case, reason="mistake") == 404
    assert await send(HOLD, case=office.case, reason="claim") == 404


async def test_a_case_whose_seal_was_broken_can_be_shredded(office: Office) -> None:
    raw = office.served.app.state.service.database.collection("intake.reporting")
    await raw.update_one({"_id": office.case}, {"$set": {"state.incident.narrative": f"{PREFIX}1.AAAA"}})
    assert (await office.get("/v1/reports/{}")).status_code == 500
    assert (await office.shred()).status_code == 201
    assert (await office.get("/v1/reports/{}")).json()["incident"]["narrative"] == DESTROYED


async def test_a_shredded_case_stands_on_no_list(office: Office) -> None:
    raw = office.served.app.state.service.database.collection("intake.reporting")
    await raw.update_one({"_id": office.case}, {"$set": {"state.waits_since": "2016-03-14T02:10:00Z"}})
    await office.shred()
    assert await raw.count_documents({"state.waits_since": {"$gt": ""}}) == 0
    assert await raw.count_documents({"due_at": {"$exists": True}}) == 0


# A replay from offset 0


async def test_a_replay_from_the_start_brings_nothing_back_and_tells_nothing_twice(mongo: Mongo) -> None:
    """All events come again: to what is there, and to an empty inbox; nobody learns anything."""
    async with serve(build_aftercare, mongo) as served:
        cases = served.cases(CALLBACK)
        document = cases.id_for("c0ffee")
        fact = NoteIncident("c0ffee", Impact.ACUTE, START)
        first = Handled("urn:intake:1")
        await cases.update(document, fact, handled=first, act=Act("intake"), new=True)
        shredder = Shredder(cases)
        await shredder.ask(document, "ivp-1", ShredReason.TERM_PASSED)
        await shredder.confirm(document, "ivp-2")
        raw = served.app.state.service.database.collection("aftercare.callback")
        before = await raw.find_one({"_id": document})
        assert before is not None
        await cases.update(document, fact, handled=first, act=Act("intake"), new=True)
        assert await raw.find_one({"_id": document}) == before
        await raw.update_one({"_id": document}, {"$set": {"inbox": []}})
        await cases.update(document, fact, handled=first, act=Act("intake"), new=True)
        after = await raw.find_one({"_id": document})
        assert after is not None and (after["state"], after["history"]) == (before["state"], before["history"])


@pytest.fixture
async def funding(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build_funding, mongo) as served:
        yield served


async def test_what_one_controller_destroys_another_still_has(funding: Served) -> None:
    """The ministry shreds its request; what the municipality wrote about costs of the same case stays."""
    case = await known(funding)
    await entered(funding, case, invoice="factuur-kanarie")
    at_bzk = await requested(funding, case, motivation="Motivering-kanarie.")
    body = {"case": at_bzk, "reason": "term-passed"}
    assert (await ask(funding, "POST", "/shreddings/safety-net", "bzk", body, "bzk-1")).status_code == 201
    path = f"/shreddings/safety-net/{at_bzk}/confirmations"
    assert (await ask(funding, "POST", path, "bzk", None, "bzk-2")).status_code == 201
    request = (await ask(funding, "GET", f"/requests/{at_bzk}", "bzk")).text
    assert DESTROYED in request and "Motivering-kanarie" not in request and "4500000" in request
    costs = (await ask(funding, "GET", f"/costs/{sealed(case)}", "municipality")).text
    assert "factuur-kanarie" in costs and DESTROYED not in costs


async def test_a_municipality_destroys_its_own_and_knows_nothing_of_anothers(funding: Served) -> None:
    case = await known(funding)
    await entered(funding, case, invoice="factuur-kanarie")
    for reference, town, status in ((sealed(case, "9902"), "9902", 404), (sealed(case), "9902", 404),
                                    (sealed(case), TOWN, 201)):  # fmt: skip
        body = {"case": reference, "reason": "mistake"}
        answer = await ask(funding, "POST", "/shreddings/cost-allocation", "municipality", body, "town-1", town)
        assert answer.status_code == status
    path = f"/shreddings/cost-allocation/{sealed(case)}/confirmations"
    assert (await ask(funding, "POST", path, "municipality", None, "account-2", "9902")).status_code == 404
    assert (await ask(funding, "POST", path, "municipality", None, "account-2")).json()["status"] == "destroyed"
    costs = (await ask(funding, "GET", f"/costs/{sealed(case)}", "municipality")).text
    assert "factuur-kanarie" not in costs and DESTROYED in costs and "4500000" in costs, "amounts stay"


async def test_a_colleague_whom_the_person_trusts_destroys_nothing_of_the_municipality(funding: Served) -> None:
    """Only who handles the case does; who may look along as a trusted person sees no costs either."""
    case = await known(funding)
    await entered(funding, case)
    await funding.tie(case, NoteTie(case, funding.account("vriend-1"), Tie.TRUSTED, True))
    body = {"case": sealed(case), "reason": "mistake"}
    for method, path, sent in (
        ("GET", f"/shreddings/cost-allocation/{sealed(case)}", None), ("POST", "/shreddings/cost-allocation", body),
        ("POST", "/holds/cost-allocation", body | {"reason": "claim"}),
    ):  # fmt: skip
        assert (await ask(funding, method, path, "municipality", sent, "vriend-1")).status_code == 404, path
        assert (await ask(funding, method, path, "municipality", sent, "account-1")).status_code < 300, path


async def test_time_of_destruction_is_the_clocks(office: Office) -> None:
    office.served.time.now = START + timedelta(days=400)
    done = (await office.shred()).json()
    assert done["destroyed_at"].startswith("2017-04-18")


async def noted(office: Office) -> list[tuple[str, str, str]]:
    """What the security log of police says, in order."""
    lines = office.served.app.state.service.database.collection("log.police", "security")
    found = await lines.find({"object": f"intake.reporting:{office.case}"}).sort("_id", 1).to_list()
    return [(one["action"], one["result"], one["actor"]) for one in found]


async def test_asking_and_confirming_each_leave_a_line_and_so_does_what_was_refused(office: Office) -> None:
    assert (await office.do(CONFIRM, "agent-2")).status_code == 409, "nobody asked"
    assert (await office.do(ASK, reason="person-asked")).status_code == 201
    assert (await office.do(CONFIRM)).status_code == 409, "the same person"
    assert (await office.do(CONFIRM, "agent-2")).status_code == 201
    lines = await noted(office)
    assert sorted(lines) == sorted([
        ("shred", "begun", "agent-2"), ("shred", "refused", "agent-2"), ("ask-shred", "done", "agent-1"),
        ("shred", "begun", "agent-1"), ("shred", "refused", "agent-1"), ("shred", "begun", "agent-2"),
        ("shred", "done", "agent-2"),
    ])  # fmt: skip


async def test_holding_and_releasing_leave_lines_too(office: Office) -> None:
    assert (await office.do(HOLD, reason="claim")).status_code == 201
    assert (await office.do(ASK, reason="person-asked")).status_code == 409
    assert (await office.do(RELEASE)).status_code == 201
    actions = sorted((action, result) for action, result, _ in await noted(office))
    assert actions == [("ask-shred", "refused"), ("hold", "done"), ("release-hold", "done")]


async def test_what_cannot_be_noted_is_not_destroyed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await office.do(ASK, reason="person-asked")).status_code == 201

    async def away(*_: object, **__: object) -> None:
        raise AutoReconnect("away")

    monkeypatch.setattr(SecurityLog, "note", away)
    assert (await office.do(CONFIRM, "agent-2")).status_code == 503
    monkeypatch.undo()
    assert (await office.get("/v1/shreddings/reporting/{}")).json()["status"] == "asked"


async def test_what_fails_halfway_is_noted_as_failed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await office.do(ASK, reason="person-asked")).status_code == 201

    async def breaks(*_: object) -> None:
        raise AutoReconnect("away")

    monkeypatch.setattr(Shredder, "confirm", breaks)
    assert (await office.do(CONFIRM, "agent-2")).status_code == 503
    assert ("shred", "failed", "agent-2") in await noted(office)
