"""The page that takes a file of evidence: what the API does in two steps, from one form, and never more than it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from deploy.local.temporary import Mongo
from services.intake.app import build
from services.intake.reporting.evidence import STORED
from shared.access.gate import CSRF_FIELD
from shared.access.roles import Caller, Role
from shared.access.sessions import csrf_token
from shared.web.headers import LARGEST_BODY
from tests.access.signing import signed
from tests.services.intake.reporting.test_evidence import JPEG, REFUSED, SAMPLES, custody, digest, fetch, reported
from tests.services.intake.reporting.test_evidence import stored as files
from tests.services.serving import Served, serve

LETTER = {"medium": "letter", "source": "Lag op de mat."}


@pytest.fixture
async def intake(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


async def send(
    intake: Served, case: str, content: bytes | None, role: str = "office-holder", actor: str = "account-1",
    **more: Any,
) -> httpx2.Response:  # fmt: skip
    fields = {"once": uuid.uuid4().hex} | LETTER | more
    sent = {} if content is None else {"file": ("briefje naam.jpg", content, "image/jpeg")}
    headers = signed(role, actor) | {"Accept": "text/html"}
    return await intake.client.post(f"/zaak/{case}/bestanden", data=fields, files=sent, headers=headers)


async def page(intake: Served, case: str, role: str = "office-holder", actor: str = "account-1") -> httpx2.Response:
    headers = signed(role, actor) | {"Accept": "text/html"}
    return await intake.client.get(f"/zaak/{case}/bestanden", headers=headers)


async def test_one_form_writes_down_and_stores_and_the_entitled_get_it_back(intake: Served) -> None:
    case = await reported(intake)
    sent = await send(intake, case, JPEG, **{"made_at:date": "14-03-2016", "made_at:time": "21.40"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/intake/zaak/{case}/bestanden")
    assert await custody(intake, case) == [("account-1", "added"), ("account-1", STORED)]
    text = (await page(intake, case)).text
    assert f"/intake/v1/reports/{case}/evidence/{digest(JPEG)}" in text and "Lag op de mat." in text
    assert "14 maart 2016" in text and "briefje naam" not in text
    for role, actor in (("office-holder", "account-1"), ("police", "police-1")):
        assert (await fetch(intake, case, JPEG, role, actor)).content == JPEG


async def test_pressed_twice_it_is_there_once_and_the_key_of_another_file_is_refused(intake: Served) -> None:
    case, key = await reported(intake), uuid.uuid4().hex
    for _ in range(2):
        assert (await send(intake, case, JPEG, once=key)).status_code == 303
    assert await custody(intake, case) == [("account-1", "added"), ("account-1", STORED)]
    again = await send(intake, case, SAMPLES["pdf"], once=key)
    assert again.status_code == 409 and "al verstuurd" in again.text
    anew = await send(intake, case, JPEG)
    assert anew.status_code == 400 and "Dit bewijs staat er al." in anew.text
    assert len(await files(intake)) == 1


async def test_what_was_only_written_down_gets_its_file(intake: Served) -> None:
    """Over the API, or before a crash."""
    case = await reported(intake, JPEG)
    text = (await page(intake, case)).text
    assert "Het bestand zelf is hier nog niet." in text and digest(JPEG) not in text
    assert (await send(intake, case, JPEG)).status_code == 303
    assert await custody(intake, case) == [("account-1", "added"), ("account-1", STORED)]


@pytest.mark.parametrize("name", REFUSED)
async def test_a_forbidden_kind_is_named_and_leaves_nothing(intake: Served, name: str) -> None:
    case = await reported(intake)
    sent = await send(intake, case, REFUSED[name])
    assert sent.status_code == 400 and "<title>Fout:" in sent.text
    assert ("Kies een bestand." if name == "nothing" else "Dit soort bestand nemen wij niet aan.") in sent.text
    assert "Lag op de mat." in sent.text, "what was typed stays"
    assert await files(intake) == [] and await custody(intake, case) == []


async def test_every_mistake_at_its_field(intake: Served) -> None:
    case = await reported(intake)
    sent = await send(intake, case, None, medium="", source="", **{"made_at:date": "gisteren"})
    assert sent.status_code == 400
    for field in ("file", "medium", "source", "made_at"):
        assert f'href="#f-{field}"' in sent.text, field
    wrong = await send(intake, case, JPEG, once="kort")
    assert wrong.status_code == 400 and await files(intake) == []


async def test_too_large_is_said_and_as_much_as_the_policy_allows_goes_in(intake: Served) -> None:
    case = await reported(intake)
    most = JPEG + bytes(10_000_000 - len(JPEG))
    for content, status in ((most + b"!", 400), (most + bytes(LARGEST_BODY), 413), (most, 303)):
        sent = await send(intake, case, content)
        assert sent.status_code == status
        assert ("niet groter zijn dan 10 MB" in sent.text) is (status != 303)
    assert (await fetch(intake, case, most, "police", "police-1")).content == most


async def test_a_large_file_is_for_those_who_may_send_one(intake: Served) -> None:
    """And for this address alone."""
    case, large = await reported(intake), JPEG + bytes(2_000_000)
    assert (await send(intake, case, large, "office-holder", "account-2")).status_code == 404
    assert (await send(intake, case, large, "bzk", "bzk-1")).status_code == 403
    fields = {"once": uuid.uuid4().hex} | LETTER
    for path, who in ((f"/zaak/{case}/bestanden", {}), ("/melden", signed("office-holder", "account-1"))):
        headers = who | {"Accept": "text/html"}
        answer = await intake.client.post(path, data=fields, files={"file": ("a", large)}, headers=headers)
        assert answer.status_code in (401, 413) and await files(intake) == [], path


async def test_a_session_needs_its_token_and_may_send_a_large_file_before_that_was_read(intake: Served) -> None:
    case, large, gate = await reported(intake), JPEG + bytes(2_000_000), intake.app.state.gate
    session = await gate.sessions.start(Caller(Role.OFFICE_HOLDER, "account-1"))
    headers = {"Accept": "text/html", "Cookie": f"{gate.cookie}={session}"}
    for token, status in (("", 403), (csrf_token("another"), 403), (csrf_token(session), 303)):
        fields = {"once": uuid.uuid4().hex, CSRF_FIELD: token} | LETTER
        sent = {"file": ("a", large)}
        answer = await intake.client.post(f"/zaak/{case}/bestanden", data=fields, files=sent, headers=headers)
        assert answer.status_code == status and len(await files(intake)) == (status == 303)
    await gate.sessions.end(session)
    answer = await intake.client.post(f"/zaak/{case}/bestanden", data=fields, files=sent, headers=headers)
    assert answer.status_code == 401 and "Ga één pagina terug" in answer.text


async def test_a_large_file_is_not_written_to_the_machine_while_it_is_read(
    intake: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, written = await reported(intake), list[object]()
    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", lambda file: written.append(file))
    assert (await send(intake, case, JPEG + bytes(3_000_000))).status_code == 303
    assert written == []


async def test_who_reported_for_another_adds_and_sees_own_evidence_only(intake: Served) -> None:
    case = await reported(intake, role="reporter", actor="account-2")
    assert (await send(intake, case, JPEG, "reporter", "account-2")).status_code == 303
    text = (await page(intake, case, "reporter", "account-2")).text
    assert "Download bewijs 1" in text and "dossier/" not in text
    for role, actor in (("reporter", "account-3"), ("office-holder", "account-1")):
        assert (await page(intake, case, role, actor)).status_code == 404
        assert (await send(intake, case, SAMPLES["pdf"], role, actor)).status_code == 404
    assert (await page(intake, case, "police", "police-1")).status_code == 403


async def test_what_was_taken_back_gets_no_more_files(intake: Served) -> None:
    case = await reported(intake)
    headers = signed("office-holder", "account-1") | {"Idempotency-Key": uuid.uuid4().hex}
    await intake.client.post(f"/v1/reports/{case}/withdrawal", json={"reason": "Zomaar."}, headers=headers)
    assert "Er kan geen bewijs meer bij." in (await page(intake, case)).text
    sent = await send(intake, case, JPEG)
    assert sent.status_code == 400 and "Dit is ingetrokken." in sent.text and await files(intake) == []
