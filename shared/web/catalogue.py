"""The published contracts over HTTP: JSON Schemas where `dataschema` points, AsyncAPI, and pages for a stranger.

The pages are plain HTML without scripts, in English and under `/nl` in Dutch: enough to write a consumer without
reading our code.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared import contracts
from shared.contracts.audiences import KINDS
from shared.contracts.promises import PARTNER_PROMISES, PROMISES
from shared.runtime.environment import Settings
from shared.web.languages import Language, languages

Json = dict[str, Any]

PUBLISHED = Path(contracts.__file__).with_name("published")
TEMPLATES = Path(__file__).with_name("templates") / "catalogue"
CONSUMER = Path(__file__).with_name("consumer.py")
PUBLISHED_AT = "https://veiligbestuur.example/schemas"
"""The address that stands in the committed files; each place puts its own `schema_url` there."""

ENGLISH = "en"
NAMES = {"municipality": "a municipality", "bzk": "the ministry (BZK)", "ivp": "the care provider (IVP)"}

DETAILS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "municipality": (
        ("assessment", "/advice", "what was advised to you"),
        ("funding", "/requests/{case}", "your request to the safety net"),
    ),
    "bzk": (
        ("funding", "/requests", "your work list"),
        ("funding", "/requests/{case}", "one request"),
    ),
    "ivp": (("aftercare", "/callbacks", "who waits for a call, with name and number"),),
}
"""Per kind of partner: service, path below `/v1`, and what is there."""

WORDS = (
    ("aangifte", "A formal complaint to the police that a crime was committed; only the police make one."),
    ("BZK", "The Ministry of the Interior and Kingdom Relations."),
    ("HOvJ", "The chief public prosecutor, who decides on the protection of persons."),
    ("IVP", "The institute that gives psychosocial care after an incident."),
    ("melding", "A report of an incident, without asking for prosecution."),
    ("mutatie", "The entry of a report in the police's own register."),
    ("OM", "The public prosecution service."),
    ("PKVW", "The police's quality mark for safe living: a basic level of locks and light."),
    ("RCCB", "The regional police office that weighs threats first."),
    ("vangnet", "The safety net: a contribution of the ministry to what protection costs a municipality."),
)

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
ANYBODY = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class Row:
    """One line of a table of fields."""

    name: str
    type: str
    required: bool
    meaning: str


class Catalogue:
    """The published files with this place's addresses in them, and what the pages show of them in one language.

    `other`: the language that each page links to.
    """

    def __init__(self, settings: Settings, language: Language, other: Language) -> None:
        self.settings, self.language, self.other = settings, language, other
        address = settings.schema_url.rstrip("/")
        self.texts = texts(address)
        self.address = address
        self.index = self.json("index.json")
        self.events: dict[str, Json] = {event["type"]: self._described(event) for event in self.index["events"]}
        self._pages = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        # `_` is for what a template says, with its own HTML; `tell` for what the contracts say, which is escaped.
        self._pages.globals["tell"] = language.say
        self._pages.install_gettext_callables(  # type: ignore[attr-defined]
            language.say, language.count, newstyle=True
        )

    def json(self, path: str) -> Json:
        """A published file."""
        found: Json = json.loads(self.texts[path])
        return found

    def _described(self, event: Json) -> Json:
        schema = self.json(f"schemas/{event['schema']}")
        about = {"description": schema["description"], "requirements": schema.get("x-requirements", [])}
        return event | about

    def _page(self, template: str, page: str, **values: Any) -> str:
        """`page`: its address below that of the language. Links are relative, for a service may stand below a path."""
        up = "../" * page.count("/")
        root = up if self.language.code == ENGLISH else f"{up}../"
        there = "" if self.other.code == ENGLISH else f"{self.other.code}/"
        common = {
            "up": up, "root": root, "lang": self.language.code, "other": self.other.code,
            "other_name": self.other.name, "here_in_other": f"{root}{there}{page}", "release": self.index["release"],
            "kinds": KINDS, "names": NAMES, "words": WORDS, "address": self.address,
            "envelope": self._rows("envelope/v1.json"),
        }  # fmt: skip
        return self._pages.get_template(template).render(common | values)

    def index_page(self) -> str:
        """All events, by topic."""
        by_topic: dict[str, list[Json]] = {}
        for event in self.events.values():
            by_topic.setdefault(event["topic"], []).append(event)
        audiences = [path.split("/")[1][:-5] for path in self.texts if path.startswith("asyncapi/")]
        return self._page(
            "index.html",
            "events",
            by_topic=by_topic,
            topics=self.index["topics"],
            audiences=audiences,
            promises=PROMISES,
        )

    def event_page(self, type_name: str) -> str:
        """One event, as it is on its internal topic."""
        event = self.events[type_name]
        shown = self._rows(event["schema"])
        samples = self._samples(f"samples/{type_name}")
        return self._page(
            "event.html", f"events/{type_name}", event=event, rows=shown, samples=samples, promises=PROMISES
        )

    def partner_page(self, kind: str) -> str:
        """All that one kind of partner gets."""
        events = [self._copy(event, one) for event in self.events.values() for one in event["partners"] if
                  one["kind"] == kind]  # fmt: skip
        topics = list(dict.fromkeys(event["topic"] for event in events))
        kafka = self.settings.kafka_bootstrap_servers if self.settings.local else ""
        return self._page(
            "partner.html",
            f"partners/{kind}",
            kind=kind,
            events=events,
            topics=topics,
            facts=self.index["topics"],
            kafka=kafka,
            snippet=consumer(topics[0], [event["type"] for event in events if event["topic"] == topics[0]], kafka),
            promises=(*PARTNER_PROMISES, *PROMISES),
            details=DETAILS[kind],
            public_url=self.settings.public_url,
        )

    def _copy(self, event: Json, partner: Json) -> Json:
        samples = self._samples(f"samples/partners/{partner['kind']}/{event['type']}")
        return event | partner | {"rows": self._rows(partner["schema"]), "samples": samples}

    def _rows(self, schema: str) -> list[Row]:
        return rows(self.json(f"schemas/{schema}"), self.language)

    def _samples(self, path: str) -> dict[str, str]:
        return {part: self.texts[f"{path}.{part}.json"].rstrip() for part in ("complete", "only-required")}


@cache
def texts(address: str) -> Mapping[str, str]:
    """The published files by their path, with the address of the schemas in them."""
    return {
        path.relative_to(PUBLISHED).as_posix(): path.read_text().replace(PUBLISHED_AT, address)
        for path in sorted(PUBLISHED.rglob("*.json"))
    }


def consumer(topic: str, types: list[str], kafka: str = "") -> str:
    """The example consumer, for this topic and these types; runs as it stands on the local stack at `kafka`."""
    text = CONSUMER.read_text()
    address = f'os.environ.get("KAFKA_ADDRESS", "{kafka}")' if kafka else 'os.environ["KAFKA_ADDRESS"]'
    text = re.sub(r"^ADDRESS = .*$", lambda _: f"ADDRESS = {address}", text, flags=re.MULTILINE)
    listed = "{\n" + "".join(f'    "{one}",\n' for one in types) + "}"
    text = re.sub(r"^TOPIC = .*$", lambda _: f'TOPIC = "{topic}"', text, flags=re.MULTILINE)
    return re.sub(r"^TYPES = .*$", lambda _: f"TYPES = {listed}", text, flags=re.MULTILINE).rstrip()


def rows(schema: Json, language: Language, at: str = "") -> list[Row]:
    """The fields of a schema with those of its lines, as lines of a table. Raises `Untranslated`."""
    found = []
    for name, one in schema["properties"].items():
        required = name in schema.get("required", ())
        found.append(Row(at + name, kind_of(one, language), required, language.say(one["description"])))
        if "properties" in one.get("items", {}):
            found += rows(one["items"], language, f"{at}{name}[].")
    return found


def kind_of(schema: Json, language: Language) -> str:
    """The type of a field in words. Raises `Untranslated`."""
    say = language.say
    if "const" in schema:
        return f"{say('always')} {schema['const']}"
    if "enum" in schema:
        return f"{say('one of')}: {language.words(schema['enum'])}"
    if "x-known-words" in schema:
        return f"{say('a word, now one of')}: {language.words(schema['x-known-words'])}"
    if schema["type"] == "array":
        items = schema["items"]
        if items["type"] == "object":
            return say("list of at most %(most)s objects") % {"most": schema["maxItems"]}
        sizes = {"most": schema["maxItems"], "longest": items["maxLength"]}
        return say("list of at most %(most)s texts of at most %(longest)s characters") % sizes
    if schema["type"] == "string" and "format" not in schema:
        return say("text, at most %(longest)s characters") % {"longest": schema["maxLength"]}
    plain = {"integer": "whole number", "boolean": "true or false", "object": "object"}
    formats = {"date-time": "moment, UTC", "date": "day", "uri": "address"}
    return say(plain.get(schema["type"]) or formats[schema["format"]])


def catalogue_routes(settings: Settings) -> APIRouter:
    """`/schemas/...`, `/asyncapi/...`, `/events`, `/events/{type}` and `/partners/{kind}`; anybody may read them.

    The pages are in Dutch under `/nl`.
    """
    english, dutch = languages()
    catalogue = Catalogue(settings, english, dutch)
    router = APIRouter(include_in_schema=False)
    _add_documents(router, catalogue)
    _add_pages(router, catalogue, "")
    _add_pages(router, Catalogue(settings, dutch, english), f"/{dutch.code}")
    return router


def _add_documents(router: APIRouter, catalogue: Catalogue) -> None:
    def file(path: str, media_type: str) -> Response:
        if path not in catalogue.texts:
            raise HTTPException(404, "Dit document bestaat niet.")
        return Response(catalogue.texts[path], media_type=media_type, headers=ANYBODY)

    @router.get("/schemas/index.json")
    async def index() -> Response:
        return file("index.json", "application/json")

    @router.get("/schemas/{path:path}")
    async def schema(path: str) -> Response:
        return file(f"schemas/{path}", "application/schema+json")

    @router.get("/asyncapi/{audience}.json")
    async def asyncapi(audience: str) -> Response:
        return file(f"asyncapi/{audience}.json", "application/json")

    @router.get("/catalogue.css")
    async def style() -> Response:
        return Response((TEMPLATES / "catalogue.css").read_text(), media_type="text/css", headers=ANYBODY)


def _add_pages(router: APIRouter, catalogue: Catalogue, below: str) -> None:
    headers = SECURITY | {"Content-Language": catalogue.language.code}

    def page(known: bool, make: Callable[[], str]) -> Response:
        if not known:
            raise HTTPException(404, "Deze pagina bestaat niet.")
        return Response(make(), media_type="text/html; charset=utf-8", headers=headers)

    @router.get(f"{below}/events")
    async def events() -> Response:
        return page(True, catalogue.index_page)

    @router.get(f"{below}/events/{{event_type}}")
    async def event(event_type: str) -> Response:
        return page(event_type in catalogue.events, lambda: catalogue.event_page(event_type))

    @router.get(f"{below}/partners/{{kind}}")
    async def partner(kind: str) -> Response:
        return page(kind in KINDS, lambda: catalogue.partner_page(kind))
