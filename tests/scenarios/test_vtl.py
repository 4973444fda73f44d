"""The confidential line: whoever calls is helped, and nobody else hears of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from deploy.stories.stage import Answer, expect
from services.aftercare.confidential_line.policy import week_of
from shared.runtime.mongo import connect
from tests.scenarios.scene import OTHER_TOWN, TOWN, Scene, report

LINE = "/gesprek/v1"
SATURDAY = 5
PEER = {"name": "Een wethouder", "municipality": OTHER_TOWN, "group": "Partij B"}


async def asks(scene: Scene, path: str, code: str = "", body: Any = None) -> Answer:
    """Somebody without an account; without a body they read."""
    headers = {"Return-Code": code} | ({} if body is None else {"Idempotency-Key": uuid.uuid4().hex})
    return await scene.stage.call("GET" if body is None else "POST", f"{LINE}/{path}", headers=headers, json=body)


async def does(scene: Scene, path: str, code: str = "", body: Any = None) -> Any:
    """The same, and it is accepted; returns the body."""
    answer = await asks(scene, path, code, {} if body is None else body)
    expect(answer.status in (200, 201), f"a caller may do POST {path}", answer.body)
    return answer.body


async def opens(scene: Scene, *texts: str) -> str:
    """A contact with these messages; returns the code."""
    code: str = (await does(scene, "contact"))["return_code"]
    for text in texts:
        await does(scene, "contact/messages", code, {"text": text})
    return code


async def takes(scene: Scene, confidant: Any, text: str) -> str:
    """A confidant takes the contact that has waited shortest and holds this text; returns its reference."""
    waiting = await confidant.sees(f"{LINE}/contacts/waiting?pageSize=100")
    contact: str = waiting[-1]["contact"]
    taken = await confidant.does(f"{LINE}/contacts/{contact}/assignment")
    assert taken["messages"][0]["text"] == text
    return contact


async def at(scene: Scene, hour: int, minute: int, day: int | None = None) -> datetime:
    """Moves the clock on to the next time it is so late in Amsterdam, on that day of the week."""
    now = await scene.now()
    moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    while moment <= now or (day is not None and moment.weekday() != day):
        moment += timedelta(days=1)
    await scene.stage.until(moment)
    return moment


async def test_s_vtl_01_on_saturday_at_eleven_the_line_is_open(scene: Scene) -> None:
    await at(scene, 11, 0, SATURDAY)
    page = (await asks(scene, "line")).body
    assert (page["status"], page["ways"][0]["way"]) == ("open", "line")


async def test_s_vtl_03_at_night_112_and_the_ivp_first_the_opening_second(scene: Scene) -> None:
    await at(scene, 22, 30)
    page = (await asks(scene, "line")).body
    emergency, ivp, own, box = page["acute"]
    assert page["status"] == "closed"
    assert (emergency["phone"], ivp["phone"]) == ("112", "0418-683444")
    for words in ("vraagt wel uw naam", "rekening zonder naam", "familie? Vraag het IVP"):
        assert words in ivp["text"]
    assert "morgen om 10.00 uur" in own["text"]
    assert "wordt pas om 10.00 uur gelezen" in box["text"], "E2E-4: not a dead end"


async def test_s_vtl_04_an_anonymous_contact_has_no_identifying_field_and_a_name_is_optional(scene: Scene) -> None:
    code = await opens(scene, "Ik weet niet of dit erg genoeg is.")
    contact = (await asks(scene, "contact", code)).body
    assert contact["about"] == {
        "name": "", "municipality": "", "group": "", "audience": None, "near_is_fine": False,
    }  # fmt: skip
    assert contact["about_is_optional"].startswith("Dit hoeft niet")
    assert contact["callback"] is None


async def test_s_vtl_08_the_partner_of_a_councillor_gets_everything_and_nobody_is_told(scene: Scene) -> None:
    said = f"Mijn partner zit in de raad. {uuid.uuid4().hex}"
    councillor, confidant = scene.person("office-holder"), scene.person("confidant")
    own = f"/intake/v1/reports/{await report(scene, councillor)}"
    before = await scene.eventually(councillor, own, lambda body: body["rccb_notified_at"], "RCCB was notified")
    heard = len(scene.witness.once())
    code = await opens(scene, said)
    await does(scene, "contact/about", code, {"audience": "family"})
    contact = await takes(scene, confidant, said)
    await confidant.does(f"{LINE}/contacts/{contact}/advice", {"text": "Schrijf op wanneer er gebeld wordt."})
    assert (await asks(scene, "contact", code)).body["status"] == "advised"
    assert await councillor.sees(own) == before
    assert not [one for one in scene.witness.once()[heard:] if said in one.raw.decode()]


SCREENS = ("/assessment/v1/advice", "/aftercare/v1/invoices", "/funding/v1/requests", "/funding/v1/questions")
SHUT = ("contacts", "contacts/waiting", "contacts/figures?year=2016")


async def test_s_vtl_10_asked_whether_their_alderman_called_nothing_says_yes_or_no(scene: Scene) -> None:
    handler = scene.person("municipality")

    async def seen() -> list[tuple[int, Any]]:
        answers = [await handler.looks(path) for path in (*SCREENS, *(f"{LINE}/{path}" for path in SHUT))]
        return [(one.status, one.body) for one in answers]

    before = await seen()
    code = await opens(scene, "Ik ben wethouder en ik word bedreigd.")
    await does(scene, "contact/about", code, {"name": "A. Voorbeeld", "municipality": TOWN})
    assert await seen() == before
    assert [status for status, _ in before] == [200] * len(SCREENS) + [403] * len(SHUT)


def holding(scene: Scene, words: Iterable[str]) -> set[str]:
    """Which of these stand readably in any file that the stack keeps: database, logs, keys."""
    found = set()
    for file in (one for one in scene.data.rglob("*") if one.is_file()):
        whole = file.read_bytes()
        found |= {word for word in words if word.encode() in whole or word.encode("utf-16-le") in whole}
    return found


async def test_s_vtl_11_whoever_has_the_database_reads_nothing(scene: Scene) -> None:
    canary, planted = f"kanarie-{uuid.uuid4().hex}", f"geplant-{uuid.uuid4().hex}"
    number = f"06{uuid.uuid4().int % 10**12:012}"
    code = await opens(scene, canary)
    await does(scene, "contact/about", code, {"name": f"Naam {canary}", "group": f"Partij {canary}"})
    confidant = scene.person("confidant")
    await takes(scene, confidant, canary)
    opening = await at(scene, 10, 30)
    body = {"phone": number, "begins": opening.isoformat(), "ends": (opening + timedelta(hours=1)).isoformat()}
    await does(scene, "contact/callback", code, body)
    database = connect(scene.mongo, prefix="planted")
    try:
        await database.collection("search").insert_one({"words": planted})
        # Which confidant looked stands in the line's own log, as the law asks; never for whom.
        words = (canary, number, planted, code, code.replace(" ", ""))

        async def look() -> set[str]:
            return holding(scene, words)

        found = await scene.stage.eventually("the search finds what was planted", look, lambda seen: planted in seen)
    finally:
        await database.close()
    assert found == {planted}
    for event in scene.witness.once():
        whole = event.raw.decode(errors="replace") + event.key + str(event.headers)
        assert not [word for word in words if word in whole], event.topic


async def test_s_vtl_12_a_peer_is_not_of_the_same_municipality_or_council_group(scene: Scene) -> None:
    said = f"Ik wil met een vakgenoot praten. {uuid.uuid4().hex}"
    code, confidant = await opens(scene, said), scene.person("confidant")
    contact = await takes(scene, confidant, said)
    await does(scene, "contact/about", code, {"municipality": TOWN, "group": "Partij A"})
    path = f"{LINE}/contacts/{contact}/peer"
    await confidant.is_refused(path, PEER | {"municipality": TOWN})
    await confidant.is_refused(path, PEER | {"group": "Partij A"})
    await confidant.does(path, PEER)
    assert (await asks(scene, "contact", code)).body["peers"] == []
    assert (await does(scene, "contact/answer", code, {"agreed": True}))["peers"] == [PEER]


async def test_the_week_is_told_once_and_nothing_else(scene: Scene) -> None:
    """INV-8: on the topic of the line there is nothing but weeks, each once."""
    await opens(scene, "Hallo.")
    week = week_of(await scene.now())
    await at(scene, 6, 1, day=0)

    def weeks() -> list[str]:
        mine = [one for one in scene.witness.once() if one.topic == "aftercare.confidential-line"]
        assert {one.name for one in mine} <= {"confidential-contact-counted"}
        assert all(set(one.data) == {"case", "week", "bucket"} for one in mine)
        return [one.data["week"] for one in mine]

    async def told() -> list[str]:
        return weeks()

    seen = await scene.stage.eventually("the week is told", told, lambda seen: week in seen)
    assert len(seen) == len(set(seen))
