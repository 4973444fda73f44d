"""CE-7: each type has a page, its `dataschema` resolves over HTTP, and a stranger can write a consumer from a page."""

from __future__ import annotations

import asyncio
import html
import json
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI

from deploy.contracts import examples
from deploy.contracts.compatibility import misfits
from deploy.contracts.published import samples
from deploy.contracts.subscriptions import BUILDERS
from deploy.local.temporary import settings_for
from shared.contracts import aftercare
from shared.contracts.audiences import GRANTS, KINDS
from shared.contracts.envelope import partner_dataschema
from shared.contracts.promises import PARTNER_PROMISES, PROMISES
from shared.contracts.topics import EVENTS, IVP_CALLBACKS
from shared.privacy.references import PartnerCopies, References
from shared.runtime.environment import Settings
from shared.runtime.kafka import ensure_topics
from shared.web.catalogue import DETAILS, TEMPLATES, catalogue_routes
from tests import backends

BASE = "http://127.0.0.1:8080"
SETTINGS = Settings.model_validate(
    {"environment": "local", "schema_url": f"{BASE}/schemas", "kafka_bootstrap_servers": "127.0.0.1:19092"}
)
ENGLISH = ["/events", *(f"/events/{name}" for name in EVENTS), *(f"/partners/{kind}" for kind in KINDS)]
PAGES = [*ENGLISH, *(f"/nl{page}" for page in ENGLISH)]
every_page = pytest.mark.parametrize("page", PAGES)


def app(settings: Settings = SETTINGS) -> FastAPI:
    made = FastAPI(redirect_slashes=False)
    made.include_router(catalogue_routes(settings))
    return made


def client_of(asked: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(asked), base_url=BASE)


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app()) as made:
        yield made


# CE-7


@pytest.mark.parametrize("path", samples())
async def test_ce_7_catalogue_the_dataschema_of_each_message_resolves_and_fits(path, client):
    """Followed as a stranger would: the address in the message, over HTTP."""
    body = samples_here()[path]
    assert body["dataschema"].startswith(f"{BASE}/schemas/")
    answer = await client.get(body["dataschema"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    assert schema["$id"] == body["dataschema"]
    assert misfits(schema, body["data"]) == []


def samples_here():
    """The samples as a service with this `schema_url` sends them."""
    return json.loads(json.dumps(samples()).replace(examples.SCHEMAS, SETTINGS.schema_url))


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.__name__)
async def test_ce_7_catalogue_each_type_has_a_page(event, client):
    answer = await client.get(f"/events/{event.type_name()}")
    assert answer.status_code == 200
    shown = html.unescape(answer.text)
    assert event.type_name() in shown
    for field in event.model_fields:
        assert f"<code>{field}</code>" in shown
    for sample in (examples.sample(event, "complete"), examples.sample(event, "only-required")):
        assert json.dumps(sample["data"], indent=2) in re.sub(r"^  ", "", shown, flags=re.MULTILINE)


@pytest.mark.parametrize("kind", KINDS)
async def test_ce_7_catalogue_a_partner_s_page_has_all_of_its_messages_and_promises(kind, client):
    shown = html.unescape((await client.get(f"/partners/{kind}")).text)
    granted = {event for event, grants in GRANTS.items() for grant in grants if grant.partner == kind}
    assert set(re.findall(r"<h3 id=\"(\w+)\"", shown)) == {event.__name__ for event in granted}
    for event in granted:
        assert event.type_name() in shown
        assert partner_dataschema(f"{BASE}/schemas/{path(event)}", kind) in shown
    for _, text in (*PROMISES, *PARTNER_PROMISES):
        assert text in shown
    assert "127.0.0.1:19092" in shown
    for other in set(KINDS) - {kind}:
        assert f"partner.{other}." not in shown


def path(event):
    name, version = event.type_name().split(".", 2)[2].rsplit(".", 1)
    return f"{name}/{version}.json"


async def test_the_asyncapi_documents_and_the_index_are_there(client):
    for name in (*BUILDERS, *KINDS):
        document = (await client.get(f"/asyncapi/{name}.json")).json()
        assert document["asyncapi"] == "3.0.0"
        assert examples.SCHEMAS not in json.dumps(document)
    index = (await client.get("/schemas/index.json")).json()
    assert {event["type"] for event in index["events"]} == set(EVENTS)
    for event in index["events"]:
        assert (await client.get(f"/schemas/{event['schema']}")).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/schemas/nothing/v1.json",
        "/schemas/../index.json",
        "/schemas/..%2f..%2fenvelope.py",
        "/schemas/samples/x.json",
        "/schemas/",
        "/asyncapi/nobody.json",
        "/asyncapi/..%2findex.json",
        "/events/nl.veiligbestuur.nothing.v1",
        "/events/<script>",
        "/partners/press",
        "/events/",
        "/nl/events/nl.veiligbestuur.nothing.v1",
        "/nl/partners/press",
        "/nl/schemas/index.json",
        "/nl/catalogue.css",
        "/en/events",
    ],
)
async def test_what_is_not_published_is_not_found(address, client):
    answer = await client.get(address)
    assert answer.status_code == 404
    assert "<script>" not in answer.text


async def test_the_pages_of_production_name_no_broker():
    settings = SETTINGS.model_copy(update={"environment": "production"})
    async with client_of(app(settings)) as asked:
        shown = (await asked.get("/partners/bzk")).text
    assert "You get it with your account when you join." in shown
    assert "<dd><code>127.0.0.1:19092</code>" not in shown


@pytest.mark.parametrize("kind", KINDS)
async def test_the_details_that_a_page_points_at_exist(kind):
    """In the HTTP of the services as they are."""
    for service, where, _ in DETAILS[kind]:
        document = BUILDERS[service](SETTINGS).openapi()
        paths = {re.sub(r"\{\w+\}", "{case}", path.removeprefix("/v1")) for path in document["paths"]}
        assert where in paths


# The pages as HTML.

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Reader(HTMLParser):
    """Reads a page strictly: every element closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if len(dict(attrs)) < len(attrs):
            self.faults.append(f"{tag} has an attribute twice")
        if tag == "p" and "p" in self.open:
            self.faults.append("a paragraph in a paragraph")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


async def read(client: httpx2.AsyncClient, page: str) -> Reader:
    answer = await client.get(page)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "script" not in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.text.startswith("<!doctype html>")
    reader = Reader()
    reader.feed(answer.text)
    reader.close()
    return reader


@every_page
async def test_a_page_is_whole_and_accessible_html(page, client):
    reader = await read(client, page)
    assert (reader.faults, reader.open) == ([], [])
    assert [one["lang"] for one in reader.all("html")] == ["nl" if page.startswith("/nl/") else "en"]
    assert len(reader.all("h1")) == len(reader.all("title")) == len(reader.all("main")) == 1
    levels = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert all(below - above <= 1 for above, below in pairwise(levels))
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(one.get("scope") in ("col", "row") for one in reader.all("th"))
    assert len(reader.all("table")) == len(reader.all("caption"))
    for one in reader.all("pre"):
        assert one["tabindex"] == "0" and one["aria-label"]


@every_page
async def test_a_page_has_no_script_no_style_of_its_own_and_no_other_host(page, client):
    reader = await read(client, page)
    assert not reader.all("script", "style", "iframe", "form", "object")
    for tag, attributes in reader.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        for name in ("src", "href"):
            if name in attributes:
                assert urlsplit(urljoin(BASE + page, attributes[name])).netloc == urlsplit(BASE).netloc


@pytest.mark.parametrize("prefix", ["", "/intake"])
async def test_every_link_leads_somewhere_also_below_a_prefix(prefix):
    """A service behind a proxy, or mounted in the local server."""
    root = app()
    if prefix:
        root, inner = FastAPI(redirect_slashes=False), root
        root.mount(prefix, inner)
    seen, todo = set(), {f"{prefix}/events"}
    async with client_of(root) as asked:
        while todo:
            page = todo.pop()
            seen.add(page)
            answer = await asked.get(page)
            assert answer.status_code == 200, page
            if not answer.headers["content-type"].startswith("text/html"):
                continue
            ids = set(re.findall(r' id="([^"]+)"', answer.text))
            for link in re.findall(r'href="([^"]+)"', answer.text):
                if link.startswith("#"):
                    assert link[1:] in ids
                    continue
                found = urlsplit(urljoin(f"{BASE}{page}", html.unescape(link)))
                todo |= {found.path} - seen
    assert {f"{prefix}{page}" for page in PAGES} <= seen
    assert f"{prefix}/catalogue.css" in seen


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_enough_in_both_themes(theme):
    """WCAG 1.4.3 and 1.4.11."""
    first, _, second = (TEMPLATES / "catalogue.css").read_text().partition("prefers-color-scheme: dark")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", first if theme == "light" else second))

    def contrast(one: str, other: str) -> float:
        low, high = sorted((luminance(colours[one]), luminance(colours[other])))
        return (high + 0.05) / (low + 0.05)

    for ink in ("ink", "link"):
        for paper in ("paper", "shade"):
            assert contrast(ink, paper) >= 4.5
    assert contrast("line", "paper") >= 3


# The consumer on the page, run as it stands there.


def shown_code(page: str, label: str) -> str:
    found = re.search(rf'aria-label="{label}"><code>(.*?)</code></pre>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


async def send(bootstrap: str, topic: str, records: list[tuple[bytes, bytes | None]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        for key, value in records:
            await producer.send_and_wait(topic, value, key=key)
    finally:
        await producer.stop()


def real_copy(case: str, event_id: str) -> tuple[bytes, bytes]:
    """Key and value of what the service would send to the IVP."""
    one = examples.example(aftercare.IvpCallbackDue, complete=True).model_copy(update={"case": case})
    envelope = examples.envelope(one).model_copy(update={"id": event_id})
    (record,) = PartnerCopies(References(bytes(32)), (), f"{BASE}/aftercare/v1")(envelope, one)
    return record.key.encode(), record.body.encode()


async def lines_of(snippet: Path, environment: dict[str, str], last: str) -> list[str]:
    """What the consumer prints, up to and including a line with this text; then it is stopped."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(snippet), env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    lines: list[str] = []
    try:
        async with asyncio.timeout(60):
            while not lines or last not in lines[-1]:
                line = (await process.stdout.readline()).decode()
                assert line, "\n".join(lines)
                lines.append(line.rstrip())
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
    return lines


async def test_the_consumer_on_the_page_reads_real_records_once(broker, client, tmp_path):
    """With a repeat, an unknown type, an unknown field, a record without a value and one that is no JSON between."""
    snippet = tmp_path / "consumer.py"
    snippet.write_text(shown_code((await client.get("/partners/ivp")).text, "A consumer in Python"))
    await ensure_topics(settings_for(broker), (IVP_CALLBACKS,))
    case = uuid.uuid4().hex
    key, first = real_copy(case, f"{case}-1")
    later, last = real_copy(case, f"{case}-2")[1], real_copy(case, f"{case}-3")[1]
    body = json.loads(first)
    unknown = body | {"id": "another", "type": "nl.veiligbestuur.care-cases.never-seen.v1"}
    newer = json.loads(later) | {"ofalaterversion": 1}
    newer["data"]["of_a_later_version"] = "later"
    marked = json.loads(last)
    marked["data"]["of_a_later_version"] = "last"
    values = [first, first, as_bytes(unknown), None, b"no json", first, as_bytes(newer), as_bytes(marked)]
    await send(broker.bootstrap, IVP_CALLBACKS.name, [(key, value) for value in values])
    environment = {"KAFKA_ADDRESS": broker.bootstrap, "KAFKA_GROUP": f"ivp.{case}"}
    lines = await lines_of(snippet, environment, '"of_a_later_version": "last"')
    mine = [line.partition(" ") for line in lines if body["data"]["case"] in line]
    assert [name for name, _, _ in mine] == [aftercare.IvpCallbackDue.type_name()] * 3
    assert [json.loads(data) for _, _, data in mine] == [body["data"], newer["data"], marked["data"]]
    assert any(line.startswith("set aside, please tell us: partner.ivp.callbacks 0 ") for line in lines)


def as_bytes(body) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize("kind", KINDS)
async def test_the_consumer_on_the_page_runs_as_it_stands_on_this_stack_and_asks_for_an_address_elsewhere(kind):
    """Found by a stranger whose stack had another port."""
    here = SETTINGS.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:29092"})
    async with client_of(app(here)) as client:
        page = (await client.get(f"/partners/{kind}")).text
    code = shown_code(page, "A consumer in Python")
    assert 'os.environ.get("KAFKA_ADDRESS", "127.0.0.1:29092")' in code and "19092" not in code
    assert "<code>make story</code>" in page
    production = SETTINGS.model_copy(update={"environment": "production"})
    async with client_of(app(production)) as client:
        page = (await client.get(f"/partners/{kind}")).text
    assert 'ADDRESS = os.environ["KAFKA_ADDRESS"]' in shown_code(page, "A consumer in Python")
    assert "make story" not in page


async def test_the_kcat_command_on_the_page_shows_a_record(real_kafka, client, tmp_path):
    """Without the options for an account, as the page says of a local stack."""
    if shutil.which("kcat") is None:
        backends.missing("no kcat here (Debian, Ubuntu: `apt install kcat`)")
    command = shown_code((await client.get("/partners/ivp")).text, "A kcat command")
    local = re.sub(r"-X \S+ ?", "", command.replace("\\\n", ""))
    await ensure_topics(settings_for(real_kafka), (IVP_CALLBACKS,))
    key, value = real_copy(uuid.uuid4().hex, "kcat-1")
    await send(real_kafka.bootstrap, IVP_CALLBACKS.name, [(key, value)])
    environment = {"KAFKA_ADDRESS": real_kafka.bootstrap, "PATH": "/usr/bin:/bin"}
    ran = await asyncio.to_thread(
        subprocess.run, ["sh", "-c", local], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert value.decode() in ran.stdout.splitlines()
    assert any(
        line.startswith(f"key {key.decode()} ") or line.startswith(key.decode()) for line in ran.stdout.splitlines()
    )
