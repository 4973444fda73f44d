"""Files of evidence: only what was registered, only harmless kinds, sealed at rest, and every look noted."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import httpx2
import pytest

from deploy.local.temporary import Mongo
from services.intake.app import REPORTING, build
from services.intake.reporting.evidence import SHOWN, STORED, kind_of
from services.intake.reporting.policy import uploads_on
from shared.privacy.sealed_files import KeyDestroyed, SealedFiles
from tests.access.signing import signed
from tests.services.intake.reporting.test_routes import BODY, REPORTER
from tests.services.serving import Served, serve
from tests.web.proper import improper

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00kanarie in een foto" + bytes(range(256)) * 8
SAMPLES = {
    "jpg": JPEG,
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64),
    "webp": b"RIFF\x00\x01\x00\x00WEBPVP8 " + bytes(64),
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64),
    "pdf": b"%PDF-1.7\n" + bytes(64),
    "txt": "Ik weet waar je woont.\r\nMet é en €.\n".encode(),
    "mp3": b"ID3\x03\x00" + bytes(64),
    "mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64),
    "ogg": b"OggS\x00\x02" + bytes(64),
    "wav": b"RIFF\x00\x01\x00\x00WAVEfmt " + bytes(64),
    "amr": b"#!AMR\n" + bytes(64),
}
REFUSED = {
    "nothing": b"",
    "only blanks": b" \r\n\t ",
    "a page": b"<!DOCTYPE html><html><script>alert(1)</script>",
    "a page after blanks and a mark": b"\xef\xbb\xbf\n\n  <HTML><body>",
    "a page that says to be a photo": JPEG[:20] + b"<script>alert(1)</script>",
    "a page in a gif": b"GIF89a/*<script>*/=1;alert(1)",
    "a drawing with a script": b'<?xml version="1.0"?><svg onload="alert(1)">',
    "a page in a pdf": b"%PDF-1.7\n<html><script>alert(1)</script>",
    "a windows program": b"MZ\x90\x00\x03" + bytes(200),
    "a linux program": b"\x7fELF\x02\x01\x01" + bytes(200),
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "php": b"hallo <?php system($_GET[0]); ?>",
    "a zip": b"PK\x03\x04" + bytes(200),
    "a word file": b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml word/document.xml" + bytes(200),
    "webassembly": b"\x00asm\x01\x00\x00\x00" + bytes(200),
    "bytes of no kind": bytes(range(256)),
    "text with a control sign": b"hallo\x00wereld",
    "text in no unicode": "één".encode("latin-1"),
}
UPLOADS = uploads_on(date(2016, 3, 14))


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_kind_that_we_take_is_known_by_its_content(kind: str) -> None:
    assert kind_of(SAMPLES[kind], UPLOADS) == kind


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_is_not_taken(name: str) -> None:
    assert kind_of(REFUSED[name], UPLOADS) is None


def test_no_kind_is_given_out_under_an_extension_that_runs() -> None:
    assert not set(UPLOADS.types.values()) & {"exe", "html", "htm", "svg", "js", "php", "sh", "bat", "com", "zip"}


# Over HTTP


@pytest.fixture
async def intake(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def who(role: str, actor: str = "account-1", **more: str) -> dict[str, str]:
    return signed(role, actor) | {"Idempotency-Key": uuid.uuid4().hex} | more


async def reported(intake: Served, *contents: bytes, role: str = "office-holder", actor: str = "account-1") -> str:
    """A report with these pieces of evidence registered."""
    more = {"reporter": REPORTER} if role == "reporter" else {}
    answer = await intake.client.post("/v1/reports", json=BODY | more, headers=who(role, actor))
    case = str(answer.json()["case"])
    for content in contents:
        body = {"sha256": digest(content), "medium": "letter", "size_bytes": len(content), "source": "Brievenbus."}
        added = await intake.client.post(f"/v1/reports/{case}/evidence", json=body, headers=who(role, actor))
        assert added.status_code == 200, added.text
    return case


async def send(
    intake: Served, case: str, content: bytes, role: str = "office-holder", actor: str = "account-1", **more: str
) -> httpx2.Response:
    headers = who(role, actor, **{"Content-Type": "application/octet-stream"} | more)
    url = f"/v1/reports/{case}/evidence/{digest(content)}"
    return await intake.client.put(url, content=content, headers=headers)


async def fetch(
    intake: Served, case: str, content: bytes, role: str, actor: str = "account-1", **more: str
) -> httpx2.Response:
    return await intake.client.get(f"/v1/reports/{case}/evidence/{digest(content)}", headers=who(role, actor, **more))


async def custody(intake: Served, case: str) -> list[tuple[str, str]]:
    state = await intake.cases(REPORTING).load(case)
    return [(line.by, line.words) for one in state.evidence for line in one.custody]


async def stored(intake: Served) -> list[dict[str, Any]]:
    """What is in the collection of files."""
    found = intake.app.state.service.database.collection("intake.reporting", "files").find({})
    return list(await found.to_list(None))


@pytest.mark.parametrize("kind", SAMPLES)
async def test_a_file_comes_back_as_it_was_and_no_browser_opens_it(intake: Served, kind: str) -> None:
    content = SAMPLES[kind]
    case = await reported(intake, content)
    sent = await send(intake, case, content)
    assert (sent.status_code, improper(sent)) == (200, [])
    answer = await fetch(intake, case, content, "police", "police-1")
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="bewijs-{digest(content)[:8]}.{kind}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


async def test_every_act_on_a_file_adds_a_custody_line_of_whose_it_was(intake: Served) -> None:
    case = await reported(intake, JPEG)
    await send(intake, case, JPEG)
    for role, actor in (("police", "police-1"), ("rccb", "rccb-1"), ("hovj", "hovj-1"), ("police", "police-1")):
        assert (await fetch(intake, case, JPEG, role, actor)).status_code == 200
    assert await custody(intake, case) == [
        ("account-1", "added"), ("account-1", STORED), ("police-1", SHOWN), ("rccb-1", SHOWN), ("hovj-1", SHOWN),
        ("police-1", SHOWN),
    ]  # fmt: skip


async def test_the_same_file_again_changes_nothing(intake: Served) -> None:
    case = await reported(intake, JPEG)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    for more in (key, key, {}):
        assert (await send(intake, case, JPEG, **more)).status_code == 200
    assert (await custody(intake, case))[1:] == [("account-1", STORED)]
    assert len(await stored(intake)) == 1


async def test_what_a_crash_left_between_file_and_custody_line_is_mended_by_sending_again(
    intake: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await reported(intake, JPEG)
    with monkeypatch.context() as crash:
        crash.setattr("services.intake.reporting.locker.Locker.note", crashes)
        assert (await send(intake, case, JPEG)).status_code == 500
    assert len(await stored(intake)) == 1
    assert (await send(intake, case, JPEG)).status_code == 200
    assert (await custody(intake, case))[1:] == [("account-1", STORED)]


async def crashes(*_: object, **__: object) -> None:
    raise RuntimeError


async def test_without_a_custody_line_nothing_is_shown(intake: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await reported(intake, JPEG)
    await send(intake, case, JPEG)
    monkeypatch.setattr("services.intake.reporting.locker.Locker.note", crashes)
    answer = await fetch(intake, case, JPEG, "police")
    assert answer.status_code == 500 and JPEG not in answer.content


@pytest.mark.parametrize("name", REFUSED)
async def test_a_kind_that_we_do_not_take_leaves_nothing_behind_whatever_it_says_to_be(
    intake: Served, name: str
) -> None:
    content = REFUSED[name]
    case = await reported(intake, content)
    for kind in ("application/octet-stream", "image/jpeg"):
        answer = await send(intake, case, content, **{"Content-Type": kind})
        assert (answer.status_code, improper(answer)) == (415, []), kind
    assert await stored(intake) == [] and await custody(intake, case) == [("account-1", "added")]


async def test_another_file_than_the_registered_one_is_refused(intake: Served) -> None:
    case = await reported(intake, JPEG)
    answer = await send(intake, case, JPEG + b"!")
    assert answer.status_code == 404, "its hash was never registered"
    url = f"/v1/reports/{case}/evidence/{digest(JPEG)}"
    headers = who("office-holder", **{"Content-Type": "application/octet-stream"})
    answer = await intake.client.put(url, content=JPEG + b"!", headers=headers)
    assert (answer.status_code, improper(answer)) == (400, [])
    assert "niet het bestand" in answer.json()["errors"][0]["message"]
    assert await stored(intake) == []
    assert (await fetch(intake, case, JPEG, "police")).status_code == 404


def pieces(number: int) -> Iterator[bytes]:
    yield JPEG
    for _ in range(number):
        yield b"a" * 1_000_000


async def later(number: int) -> AsyncIterator[bytes]:
    for piece in pieces(number):
        yield piece


async def test_a_file_may_be_larger_than_a_text_and_not_larger_than_the_policy_says(intake: Served) -> None:
    large = b"".join(pieces(9))
    case = await reported(intake, large)
    headers = who("office-holder", **{"Content-Type": "application/octet-stream"})
    url = f"/v1/reports/{case}/evidence/{digest(large)}"
    for number, status in ((10, 413), (9, 200)):
        answer = await intake.client.put(url, content=later(number), headers=headers)
        assert (answer.status_code, improper(answer)) == (status, []), number
        assert len(await stored(intake)) == (status == 200)
    assert (await fetch(intake, case, large, "police")).content == large


async def test_a_stranger_may_not_even_send_much(intake: Served) -> None:
    """The larger limit is for who may act on this report."""
    case = await reported(intake, JPEG)
    headers = who("office-holder", "account-2", **{"Content-Type": "application/octet-stream"})
    answer = await intake.client.put(f"/v1/reports/{case}/evidence/{digest(JPEG)}", content=later(3), headers=headers)
    assert answer.status_code == 404


async def test_who_may_see_a_file(intake: Served) -> None:
    """The view's own rules: the victim, police, RCCB and HOvJ; who reported for another sees own evidence only."""
    own, theirs = JPEG, SAMPLES["pdf"]
    case = await reported(intake, own, role="reporter", actor="account-2")
    body = {"sha256": digest(theirs), "medium": "letter", "size_bytes": 1, "source": "Politie."}
    await intake.client.post(f"/v1/reports/{case}/evidence", json=body, headers=who("police", "police-1"))
    assert (await send(intake, case, own, "reporter", "account-2")).status_code == 200
    assert (await send(intake, case, theirs, "reporter", "account-2")).status_code == 404
    assert (await send(intake, case, theirs, "police", "police-1")).status_code == 200
    seen = {
        (role, actor, name): (await fetch(intake, case, content, role, actor)).status_code
        for role, actor in (("reporter", "account-2"), ("reporter", "account-3"), ("police", "police-1"),
                            ("rccb", "rccb-1"), ("hovj", "hovj-1"), ("bzk", "bzk-1"), ("municipality", "m-1"))
        for name, content in (("own", own), ("theirs", theirs))
    }  # fmt: skip
    assert {key: status for key, status in seen.items() if status == 200}.keys() == {
        ("reporter", "account-2", "own"), *((role, f"{role}-1", name) for role in ("police", "rccb", "hovj")
                                            for name in ("own", "theirs")),
    }  # fmt: skip
    assert {seen["bzk", "bzk-1", "own"], seen["municipality", "m-1", "own"]} == {403}
    assert {seen["reporter", "account-3", "own"], seen["reporter", "account-2", "theirs"]} == {404}


async def test_what_was_taken_back_gets_no_more_files(intake: Served) -> None:
    case = await reported(intake, JPEG)
    taken_back = await intake.client.post(
        f"/v1/reports/{case}/withdrawal", json={"reason": "Zomaar."}, headers=who("office-holder")
    )
    assert taken_back.status_code == 200
    assert (await send(intake, case, JPEG)).status_code == 409
    assert await stored(intake) == []


async def test_who_wants_no_file_gets_406(intake: Served) -> None:
    case = await reported(intake, JPEG)
    await send(intake, case, JPEG)
    for accept, status in (("application/json", 406), ("text/html", 406), ("application/octet-stream", 200)):
        assert (await fetch(intake, case, JPEG, "police", Accept=accept)).status_code == status


# At rest


async def test_in_the_database_nothing_of_a_file_can_be_read(intake: Served) -> None:
    case = await reported(intake, JPEG)
    await send(intake, case, JPEG)
    (document,) = await stored(intake)
    raw = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in document.values())
    assert b"kanarie" not in raw and JPEG[:20] not in raw
    assert digest(JPEG).encode() not in raw, "nor whether a known file is there"
    assert b"kanarie" in JPEG, "the search can find it"


class Keys:
    """Keys that can be destroyed."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes | None] = {}

    async def key_of(self, owner: str) -> bytes:
        key = self.keys.setdefault(owner, hashlib.sha256(owner.encode()).digest())
        if key is None:
            raise KeyDestroyed(owner)
        return key


def sealed_by(served: Served, keys: Keys) -> SealedFiles:
    collection = served.app.state.service.database.collection("intake.reporting", "files")
    return SealedFiles(collection, keys, served.cases(REPORTING).id_for)


async def test_a_destroyed_key_takes_the_files_of_that_case_only(intake: Served) -> None:
    keys = Keys()
    files = sealed_by(intake, keys)
    for owner in ("case-1", "case-2"):
        await files.put(owner, JPEG)
        assert await files.get(owner, digest(JPEG)) == JPEG
    keys.keys["case-1"] = None
    with pytest.raises(KeyDestroyed):
        await files.get("case-1", digest(JPEG))
    with pytest.raises(KeyDestroyed):
        await files.put("case-1", SAMPLES["pdf"])
    assert (await files.forget("case-1"), await files.forget("case-1")) == (1, 0)
    assert await files.get("case-1", digest(JPEG)) is None
    assert await files.get("case-2", digest(JPEG)) == JPEG


async def test_what_was_changed_or_moved_does_not_open(intake: Served) -> None:
    files = sealed_by(intake, Keys())
    await files.put("case-1", JPEG)
    await files.put("case-2", SAMPLES["pdf"])
    one, other = sorted(await stored(intake), key=lambda document: document["owner"])
    wrong = [
        {"sealed": other["sealed"], "nonce": other["nonce"]}, {"sealed": one["sealed"][:-1] + b"\x00"}, {"version": 2},
    ]  # fmt: skip
    for change in wrong:
        await files.collection.update_one({"_id": one["_id"]}, {"$set": change})
        with pytest.raises(Exception, match=one["_id"]):
            await files.get("case-1", digest(JPEG))
        await files.collection.update_one({"_id": one["_id"]}, {"$set": one})
    assert await files.get("case-1", digest(JPEG)) == JPEG
