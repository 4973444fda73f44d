"""Marked names, addresses, words and files go in through every input of a running stack, and come out nowhere else.

Searched afterwards: every topic (key, headers, value; dead letters too), the logs, health, headers of answers, and all
files of the data folder, also as UTF-16, base64 and hexadecimal digits. They are found only where somebody who is
entitled reads them. The search itself is proved by planting.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.server import MUNICIPALITIES
from deploy.stories.stage import Person, Stage
from deploy.stories.witness import Witness
from shared.contracts.topics import DEAD_LETTERS_HANDLED
from shared.runtime.mongo import connect
from tests.scenarios.scene import REPORT, Scene, advise, line, weighing_of
from tests.scenarios.test_vtl import at, does, opens, takes
from tests.stack import Stack

STEM = "ZQKANARIE"
"""In every marked value, so that one search finds them all."""
BIG = "98765432109"
"""Registration number of a care worker: eleven digits and no stem."""
PLANTED = "ZQGEPLANT"


def mark(what: str) -> str:
    """A marked value."""
    return f"{STEM}-{what}"


def spellings(text: str) -> set[bytes]:
    """How a text may stand in a file: as it is, in UTF-16, in base64 at each of three places, in hexadecimal digits."""
    raw = text.encode()
    found = {raw, text.lower().encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), raw.hex().encode()}
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw + b"\0\0\0")
        start, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        found |= {coded[start:end], base64.urlsafe_b64encode(b"\0" * before + raw + b"\0\0\0")[start:end]}
    return found


@pytest.mark.parametrize("before", range(4))
def test_the_search_knows_each_spelling(before: int) -> None:
    """Whatever stands before it, which moves the letters of base64."""
    whole = b"x" * before + f"<{PLANTED}>".encode()
    for written in (whole, whole.decode().encode("utf-16-le"), base64.b64encode(whole), whole.hex().encode()):
        assert any(one in written for one in spellings(PLANTED))
    assert not any(one in b"nothing of it" for one in spellings(PLANTED))


@dataclass
class Talk:
    """Everything that was asked of the stack outside the stories' callers, and what came back."""

    client: httpx2.AsyncClient
    stage: Stage
    headers: list[str] = field(default_factory=list)
    """Of every answer."""
    refusals: list[str] = field(default_factory=list)
    """What was said to wrong input."""

    async def send(self, method: str, path: str, who: Person | None = None, **more: Any) -> httpx2.Response:
        """One request; its headers and refusal are kept."""
        signed = await self.stage._signed(who._who) if who else {}
        headers = signed | {"Idempotency-Key": uuid.uuid4().hex} | more.pop("headers", {})
        answer = await self.client.request(method, path, headers=headers, **more)
        self.headers.append(f"{answer.url.path if answer.status_code < 400 else ''} {answer.headers.raw!r}")
        if answer.status_code >= 400:
            self.refusals.append(answer.text)
        return answer


@dataclass
class Walk:
    """A stack through which marked values went. `read`: what the entitled read, by who it was."""

    stack: Stack
    scene: Scene
    talk: Talk
    read: dict[str, str]


LEAST_RECORDS = 30
PERSON = {"name": mark("naam"), "phone": mark("telefoon"), "address": mark("adres")}
FULL = REPORT | {
    "narrative": mark("verhaal"), "victim": PERSON, "medium": "letter", "witnesses": [mark("getuige")],
    "facts": {"who": mark("wie"), "where": mark("waar"), "why": mark("waarom")}, "effects": {"words": mark("gevolg")},
}  # fmt: skip
FILE = f"Een brief: {mark('bestand')}\n".encode()
HASH = hashlib.sha256(FILE).hexdigest()


async def reports(scene: Scene, talk: Talk, read: dict[str, str]) -> str:
    """Everything of intake; returns the case of the person's own melding."""
    owner, police = scene.person("office-holder"), scene.person("police")
    case: str = (await owner.does("/intake/v1/reports", FULL))["case"]
    own, path = f"/intake/v1/reports/{case}", f"/intake/v1/reports/{case}/evidence/{HASH}"
    reporter = {**PERSON, "relation": mark("band")}
    await scene.person("reporter").does("/intake/v1/reports", FULL | {"reporter": reporter})
    signal = (await owner.does("/intake/v1/reports", FULL | {"signal_only": True}))["case"]
    judged = {"outcome": "let-rest", "reason": mark("oordeel"), "company": "alone"}
    await owner.does(f"/intake/v1/reports/{signal}/judgements", judged)
    evidence = {"sha256": HASH, "medium": "letter", "size_bytes": len(FILE), "source": mark("bron")}
    await owner.does(f"{own}/evidence", evidence)
    stored = await talk.send("PUT", path, owner, content=FILE, headers={"Content-Type": "application/octet-stream"})
    assert stored.status_code == 200, stored.text
    await police.does(f"{own}/custody", {"sha256": HASH, "words": mark("bewaring")})
    await owner.does(f"{own}/talks", {"doubts": True, "doubt_words": mark("twijfel")})
    await police.does(f"{own}/consultations", {})
    await police.does(f"{own}/filing-advice", {"advice": "file", "words": mark("advies")})
    day = (await scene.now()).date().isoformat()
    await police.does(f"{own}/mutaties", {"reference": mark("mutatie"), "registered_on": day})
    await police.does(f"{own}/aangifte", {"reference": mark("aangifte"), "filed_on": day})
    read["halfway"] = await saves_halfway(talk, owner)
    read["owner"] = str(await owner.sees(own))
    read["police"] = str(await police.sees(own))
    read["file"] = (await talk.send("GET", path, police)).text
    return case


async def saves_halfway(talk: Talk, owner: Person) -> str:
    """A report that is saved and not sent; returns what its writer sees who goes on."""
    answers = {
        "narrative": mark("concept"),
        "victim.name": mark("concept-naam"),
        "doubt_words": mark("concept-twijfel"),
    }
    fields = {"once": uuid.uuid4().hex, "step": "story", "go": "save"} | answers
    page = {"Accept": "text/html"}
    saved = await talk.send("POST", "/intake/melden", owner, data=fields, headers=page)
    assert saved.status_code == 303, saved.text
    return (await talk.send("GET", "/intake/melden/verder", owner, headers=page)).text


async def weighs(scene: Scene, read: dict[str, str], case: str) -> None:
    """Everything of assessment."""
    weighing, rccb, hovj = await weighing_of(scene, case), scene.person("rccb"), scene.person("hovj")
    path, town = f"/assessment/v1/weighings/{weighing}", scene.handler()
    words = {name: mark(f"weging-{name}") for name in ("reason", "threat", "risk")}
    await rccb.does(f"{path}/first-weighing", {"qualifies": True, "target": "person"} | words)
    await hovj.does(f"{path}/interpretations", {"reason": mark("duiding")})
    product = {"kind": "threat-analysis", "reference": mark("product"), "dated_on": "2016-03-01"}
    await rccb.does(f"{path}/threat-products", product)
    await hovj.does(f"{path}/decision", {"measures_needed": True, "level": "high", "reason": mark("beslissing")})
    await advise(scene, case, line("alarm"), line("reinforced-glass"))
    taken = {"type": "camera", "place": "home", "reason": mark("staat"), "lighter_insufficient": mark("lichter")}
    await rccb.does(f"/assessment/v1/measures/{case}/state-measures", {"measures": [taken], "acute": True})
    rows = await scene.eventually(town, "/assessment/v1/advice", lambda rows: len(rows) >= 2, "the town has advice")
    one = {name: rows[0][name] for name in ("case", "measure")}
    await town.does("/assessment/v1/advice/declined", one | {"reason": mark("weigering")})
    read["rccb"] = str(await rccb.sees(path)) + str(await rccb.sees(f"/assessment/v1/measures/{case}"))


async def pays(scene: Scene, read: dict[str, str], case: str) -> None:
    """Everything of funding."""
    town, deputy, bzk = scene.handler(), scene.handler(deputy=True), scene.person("bzk")
    rows = await town.sees("/assessment/v1/advice")
    ours, measure = rows[0]["case"], next(row["measure"] for row in rows if row["type"] == "alarm")
    await scene.eventually(
        town, f"/funding/v1/costs/{ours}", lambda seen: len(seen["measures"]) == 2, "advice is known"
    )
    bill = {"case": ours, "measure": measure, "above_pkvw_cents": 100_000, "invoice": mark("nota")}
    cost = (await town.does("/funding/v1/costs", bill))["lines"][0]["line"]
    await town.does(f"/funding/v1/costs/{ours}/disputes", {"line": cost, "reason": mark("geschil")})
    judged = {"line": cost, "payer": "municipality", "eligible": True, "reason": mark("betaler")}
    await deputy.does(f"/funding/v1/costs/{ours}/classifications", judged)
    await scene.eventually(
        town, f"/funding/v1/requests/{ours}/checks", lambda seen: seen["eligible_cents"] == 100_000, "it can be asked"
    )
    asked = {"case": ours, "motivation": mark("motivering"), "words": mark("budget")}
    await town.does("/funding/v1/requests", asked)
    (row,) = await bzk.sees("/funding/v1/requests?pageSize=100")
    path = f"/funding/v1/requests/{row['case']}"
    await bzk.does(f"{path}/supplement-questions", {"text": mark("vraag-om-meer")})
    await bzk.does(f"{path}/assessments", {"reason": mark("weegt")})
    granted = {"amount_cents": 50_000, "reason": mark("toekenning"), "conditions": mark("voorwaarde")}
    await bzk.does(f"{path}/grant", granted)
    await town.does(f"/funding/v1/requests/{ours}/objections", {"reason": mark("bezwaar")})
    question = (await town.does("/funding/v1/questions", {"text": mark("vraag")}))["question"]
    theirs = next(one["question"] for one in await bzk.sees("/funding/v1/questions"))
    await bzk.does(f"/funding/v1/questions/{theirs}/answers", {"text": mark("antwoord")})
    read["bzk"] = str(await bzk.sees(path))
    read["town"] = str(await town.sees(f"/funding/v1/questions/{question}"))
    assert case


async def cares(scene: Scene, read: dict[str, str], case: str) -> None:
    """Everything of aftercare."""
    ivp = scene.person("ivp")
    caller = {**PERSON, "function": mark("functie")}
    row = await ivp.does("/aftercare/v1/callbacks", caller | {"caller": caller, "case": case})
    path = f"/aftercare/v1/callbacks/{row['case']}"
    await ivp.does(f"{path}/details", {"victim": {"phone": mark("nieuw-nummer")}})
    await ivp.does(f"{path}/worker", {"big": BIG})
    await ivp.does(f"{path}/contact", {"made_with": "victim"})
    await ivp.does(f"{path}/support", {"form": "phone"})
    read["ivp"] = str(await ivp.sees("/aftercare/v1/clients"))


async def confides(scene: Scene, read: dict[str, str]) -> None:
    """A contact with the confidential line."""
    await at(scene, 10, 0)
    code, confidant = await opens(scene, mark("vertrouwelijk")), scene.person("confidant")
    about = {"name": mark("roepnaam"), "municipality": "9901", "group": mark("fractie")}
    await does(scene, "contact/about", code, about)
    contact = await takes(scene, confidant, mark("vertrouwelijk"))
    await confidant.does(f"/gesprek/v1/contacts/{contact}/messages", {"text": mark("vertrouwd-antwoord")})
    await confidant.does(f"/gesprek/v1/contacts/{contact}/advice", {"text": mark("vertrouwd-advies")})
    read["confidant"] = str(await confidant.sees(f"/gesprek/v1/contacts/{contact}"))


async def goes_wrong(scene: Scene, talk: Talk, case: str) -> None:
    """Marked values where none belong: in bodies that do not fit, paths, queries and headers."""
    owner, police = scene.person("office-holder"), scene.person("police")
    word = mark("fout")
    for path in ("/intake/v1/reports", "/aftercare/v1/callbacks", "/funding/v1/costs", "/gesprek/v1/contact/messages"):
        await talk.send("POST", path, owner, json={"veld": word, "kind": word})
        await talk.send(
            "POST", path, owner, content=f'{{"{word}"'.encode(), headers={"Content-Type": "application/json"}
        )
        await talk.send("POST", path, owner, content=word.encode(), headers={"Content-Type": f"text/{word}"})
    for service in ("intake", "assessment", "funding", "aftercare", "gesprek"):
        for path in (f"reports/{word}", f"weighings/{word}", f"requests/{word}", f"timelines/{word}", word):
            await talk.send("GET", f"/{service}/v1/{path}?{word}={word}&year={word}&pageSize={word}", police)
    marked = {
        "Purpose": word, "traceparent": word, "User-Agent": word, "Referer": f"https://{word}", "Cookie": f"a={word}",
        "X-Forwarded-For": word, "Accept": word, "If-None-Match": word, "Return-Code": word,
    }  # fmt: skip
    for name, value in marked.items():
        await talk.send("GET", f"/intake/v1/reports/{case}", police, headers={name: value})
        await talk.send("GET", "/gesprek/v1/contact", headers={name: value})
    await talk.send("POST", "/intake/v1/reports", owner, json=FULL, headers={"Idempotency-Key": f"{word}!"})
    await talk.send("POST", "/intake/v1/reports", headers={"Authorization": f"Bearer {word}"}, json=FULL)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    for narrative in (mark("eerst"), mark("anders")):
        await talk.send("POST", "/intake/v1/reports", owner, json=FULL | {"narrative": narrative}, headers=key)
    await talk.send("GET", f"/identity/authorize?client_id={word}&redirect_uri={word}&state={word}")
    await talk.send("POST", "/identity/token", data={"grant_type": word, "role": word, "account": word})


@pytest.fixture(scope="module")
async def walk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Walk]:
    """A stack through which everything went."""
    stack = Stack(tmp_path_factory.mktemp("canary"), "--kafka", "embedded")
    try:
        stack.start()
        url, state = f"http://127.0.0.1:{stack.ports['--port']}", stack.state()
        async with (
            Stage(url, patience=60.0) as stage,
            Witness(state["kafka"], MUNICIPALITIES) as witness,
            httpx2.AsyncClient(base_url=url, timeout=30.0, trust_env=False) as client,
        ):
            scene, read = Scene("embedded", stage, witness, stack.data, state["mongo"]), dict[str, str]()
            talk = Talk(client, stage)
            case = await reports(scene, talk, read)
            await weighs(scene, read, case)
            await pays(scene, read, case)
            await cares(scene, read, case)
            await confides(scene, read)
            await goes_wrong(scene, talk, case)
            yield Walk(stack, scene, talk, read)
    finally:
        stack.clean()


@pytest.mark.slow
def test_who_is_entitled_reads_it(walk: Walk) -> None:
    """The other side: what went in is there, opened, for those who may read it."""
    assert {who: STEM in text for who, text in walk.read.items()} == dict.fromkeys(walk.read, True)
    assert BIG in walk.read["ivp"]


@pytest.mark.slow
def test_no_refusal_and_no_header_repeats_what_was_sent(walk: Walk) -> None:
    """Not in the words of an error, nor in `Link`, `Location` or any other header."""
    assert len(walk.talk.refusals) > 30
    assert [text for text in walk.talk.refusals if found_in(text.encode(), STEM, BIG)] == []
    assert [text for text in walk.talk.headers if found_in(text.encode(), STEM, BIG)] == []


@pytest.mark.slow
async def test_no_topic_holds_it(walk: Walk) -> None:
    """Internal topics, partners', replays, dead letters: key, headers and value."""
    records = await all_records(walk)
    assert len(records) >= LEAST_RECORDS
    assert sorted({topic for topic, raw in records if found_in(raw, STEM, BIG)}) == []


@pytest.mark.slow
async def test_no_log_and_no_health_holds_it(walk: Walk) -> None:
    logs = list((walk.stack.data / "logs").rglob("*"))
    assert any(log.stat().st_size for log in logs if log.is_file())
    assert [log.name for log in logs if log.is_file() and found_in(log.read_bytes(), STEM, BIG)] == []
    assert not found_in(walk.stack.output.read_bytes(), STEM, BIG)
    for path in ("/", "/health/live", "/health/ready", "/klok", "/intake/v1/openapi.json"):
        answer = await walk.talk.client.get(path)
        assert not found_in(answer.content, STEM, BIG), path


@pytest.mark.slow
async def test_no_file_of_the_data_folder_holds_it_and_what_is_planted_is_found(walk: Walk) -> None:
    """While it runs, and after it stopped and everything was written. What is planted is found in all three places."""
    await plant(walk)
    assert await topics_with(walk, PLANTED) == {DEAD_LETTERS_HANDLED.name}
    assert [path.name for path in files_with(walk.stack.data / "logs", PLANTED)] == ["planted.log"]
    assert files_with(walk.stack.data, STEM, BIG) == []
    assert walk.stack.stop() == 0, walk.stack.said()
    for number, spelled in enumerate(("plain", "base64", "utf-16")):
        assert files_with(walk.stack.data / "database", f"{PLANTED}{number}"), spelled
    assert files_with(walk.stack.data, STEM, BIG) == []


async def topics_with(walk: Walk, text: str) -> set[str]:
    """The topics with this text. Looks again until there is one, for a minute: a busy broker may show a record later
    than it says that it has it."""
    async with asyncio.timeout(60):
        while not (found := {topic for topic, raw in await all_records(walk) if found_in(raw, text)}):
            continue
    return found


async def plant(walk: Walk) -> None:
    """One canary in a topic, one in a log file, and three in a raw collection: plain, as base64, as UTF-16."""
    producer = AIOKafkaProducer(bootstrap_servers=walk.stack.state()["kafka"])
    await producer.start()
    try:
        await producer.send_and_wait(DEAD_LETTERS_HANDLED.name, b"{}", key=b"k", headers=[("h", PLANTED.encode())])
    finally:
        await producer.stop()
    (walk.stack.data / "logs" / "planted.log").write_text(f"a line with {PLANTED}\n")
    database = connect(walk.scene.mongo, driver="pymongo", prefix="planted")
    texts = (f"<{PLANTED}0>", base64.b64encode(f"<{PLANTED}1>".encode()).decode(), f"<{PLANTED}2>".encode("utf-16-le"))
    for number, text in enumerate(texts):
        await database.collection("planted", "raw").insert_one({"_id": str(number), "text": text})
    await database.close()


def found_in(raw: bytes, *texts: str) -> bool:
    """Whether one of these texts stands there, however it is spelled."""
    return any(spelling in raw for text in texts for spelling in spellings(text))


def files_with(folder: Path, *texts: str) -> list[Path]:
    """The files in a folder that hold one of these texts."""
    return [path for path in every_file(folder) if found_in(path.read_bytes(), *texts)]


def every_file(folder: Path) -> Iterator[Path]:
    """All of them; there must be some."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert found
    yield from found


async def all_partitions(broker: str) -> list[TopicPartition]:
    """Each partition of each topic that the broker has, asked of the broker: a client may not know them all yet."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    try:
        found = await admin.describe_topics(await admin.list_topics())
        return [TopicPartition(one["topic"], part["partition"]) for one in found for part in one["partitions"]]
    finally:
        await admin.close()


async def all_records(walk: Walk) -> list[tuple[str, bytes]]:
    """Each record of each topic that the broker has, from offset 0: topic, and key, headers and value together."""
    broker = walk.stack.state()["kafka"]
    parts = await all_partitions(broker)
    assert len({part.topic for part in parts}) > 20, "a search in nothing finds nothing"
    consumer = AIOKafkaConsumer(bootstrap_servers=broker, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(parts)
        ends = await ends_of(consumer, parts)
        for part in parts:  # not to what a busy broker calls the beginning: for a moment that is the end
            consumer.seek(part, 0)
        records: list[tuple[str, bytes]] = []
        while [part for part in parts if await consumer.position(part) < ends[part]]:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                records += [(one.topic, b"\n".join(_pieces(one))) for one in batch]
        return records
    finally:
        await consumer.stop()


async def ends_of(consumer: AIOKafkaConsumer, parts: list[TopicPartition]) -> dict[TopicPartition, int]:
    """Where each partition ends. A busy broker may say for a moment that all are empty, which they are not."""
    async with asyncio.timeout(60):
        while sum((ends := await consumer.end_offsets(parts)).values()) < LEAST_RECORDS:
            continue
    found: dict[TopicPartition, int] = ends
    return found


def _pieces(record: Any) -> list[bytes]:
    headers = [piece for name, value in record.headers for piece in (name.encode(), value or b"")]
    return [record.key or b"", record.value or b"", *headers]
