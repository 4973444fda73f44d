"""A partner's address in a test: answers what it is told to, remembers what it got; and a forwarder for it."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

from aiokafka import AIOKafkaProducer

from deploy.local.temporary import Broker, Mongo, settings_for
from deploy.partners import rules
from deploy.partners.forwarder import listing, signing
from deploy.partners.forwarder.listing import Subscriber
from deploy.partners.forwarder.running import Forwarder
from deploy.partners.forwarder.settings import ForwarderSettings
from shared.contracts.envelope import CONTENT_TYPE
from shared.runtime.kafka import ensure_topics

ORIGIN = "veilig.example"
SHORT = (timedelta(milliseconds=100),) * 40
"""A table of tries for tests: as many as anybody needs, and no time."""


@dataclass(frozen=True)
class Says:
    """An answer: status, headers, and whether it hangs until the test is over."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False


@dataclass(frozen=True)
class Got:
    """A request that came in, names of headers in small letters. `at`: seconds on a clock that only goes forward."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> str:
        """Id of the event in it."""
        return str(json.loads(self.body)["id"])


Rule = Callable[[str, int], Says]
"""Event and how often it came (the first is 1) -> what is answered."""


def fine(_: str, __: int) -> Says:
    """Takes everything."""
    return Says()


class Address:
    """A partner's address. `rule`: what it answers to an event; `consent`: to our question."""

    def __init__(self, rule: Rule = fine, tls: ssl.SSLContext | None = None) -> None:
        self.rule, self.got, self.over = rule, list[Got](), Event()
        self.consent: Says = Says(200, {"WebHook-Allowed-Origin": ORIGIN})
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_OPTIONS(self) -> None:
                outer.take(self)
                self.say(outer.consent)

            def do_POST(self) -> None:
                got = outer.take(self)
                self.say(outer.rule(got.event, sum(one.event == got.event for one in outer.posts)))

            def say(self, said: Says) -> None:
                if said.hangs:
                    outer.over.wait(60)
                    return
                self.send_response(said.status)
                for name, value in {"Content-Length": "0", **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}/events"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, handler: BaseHTTPRequestHandler) -> Got:
        """Notes a request."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        got = Got(
            handler.command,
            self.url,
            {name.lower(): value for name, value in handler.headers.items()},
            body,
            time.monotonic(),
        )
        self.got.append(got)
        return got

    @property
    def posts(self) -> list[Got]:
        """Events that came in, repeats too."""
        return [one for one in self.got if one.method == "POST"]

    @property
    def events(self) -> list[str]:
        """Their ids, in the order in which they came."""
        return [one.event for one in self.posts]

    def first(self) -> list[str]:
        """Each event once, in the order in which it came first."""
        return list(dict.fromkeys(self.events))

    def close(self) -> None:
        """Lets whatever hangs go, and listens no more."""
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def address(rule: Rule = fine, tls: ssl.SSLContext | None = None) -> Iterator[Address]:
    """An address for as long as the test runs."""
    made = Address(rule, tls)
    try:
        yield made
    finally:
        made.close()


class Place:
    """A broker, a database and a partner of this test's own, with its topic."""

    def __init__(self, broker: Broker, mongo: Mongo, folder: Path) -> None:
        self.broker, self.mongo, self.folder = broker, mongo, folder
        self.prefix = f"t{uuid.uuid4().hex[:12]}"
        self.partner = f"municipality:{random.randint(1000, 9899)}"
        (self.topic,) = rules.topics_of(self.partner)
        self.key = folder / "signing-key.pem"
        self.key.write_text(signing.new_key())

    def environment(self, **more: object) -> dict[str, str]:
        """What the process is told."""
        told = {
            "kafka_bootstrap_servers": self.broker.bootstrap, "mongo_url": self.mongo.url, "environment": "local",
            "database_prefix": self.prefix, "public_url": f"https://{ORIGIN}", "forward_folder": self.folder / "list",
            "forward_key_file": self.key, "forward_seconds": 0.5, "graceful_seconds": 2.0, "log_level": "ERROR",
        }  # fmt: skip
        named = {f"VEILIG_{name.upper()}": str(value) for name, value in (told | more).items()}
        return self.broker.environment | named

    def settings(self, **more: object) -> ForwarderSettings:
        """The same, in this process."""
        told = {name.removeprefix("VEILIG_").lower(): value for name, value in self.environment(**more).items()}
        known = {name: value for name, value in told.items() if name in ForwarderSettings.model_fields}
        return ForwarderSettings.model_validate(known)

    async def prepare(self) -> None:
        """Makes the topic."""
        await ensure_topics(settings_for(self.broker), (self.topic,))

    def lists(self, url: str) -> None:
        """The partner gets its events at this address."""
        listing.write(self.folder / "list", Subscriber(self.partner, url))

    async def sends(self, *events: tuple[str, str], bodies: Sequence[bytes] = ()) -> list[bytes]:
        """Puts events (case, id) on the topic, as a service does; returns their bytes. `bodies`: raw ones too."""
        made = [(case.encode(), body_of(event, case)) for case, event in events]
        made += [(b"raw", body) for body in bodies]
        async with AIOKafkaProducer(bootstrap_servers=self.broker.bootstrap, acks="all") as producer:
            for key, value in made:
                headers = [("content-type", CONTENT_TYPE.encode())]
                await producer.send_and_wait(self.topic.name, value, key=key, headers=headers)
        return [value for _, value in made]

    @asynccontextmanager
    async def forwarding(self, pauses: Sequence[timedelta] = SHORT, **more: object) -> AsyncIterator[Forwarder]:
        """A forwarder that runs."""
        settings = self.settings(**more)
        forwarder = Forwarder(settings, settings.signer(), pauses=pauses)
        task = asyncio.create_task(forwarder.run())
        try:
            yield forwarder
        finally:
            await forwarder.stop()
            await task


def body_of(event: str, case: str) -> bytes:
    """A CloudEvent, as it stands on a topic."""
    return json.dumps(
        {
            "specversion": "1.0", "id": event, "source": "urn:nld:oin:00000001234567890000:systeem:assessment",
            "type": "nl.veiligbestuur.measures.measures-advised.v1", "time": "2016-03-01T12:00:00Z", "subject": case,
            "datacontenttype": "application/json", "dataschema": "https://x.example/v1.json",
            "data": {"case": case, "word": "geheim-kanarie"},
        },
        separators=(",", ":"),
    ).encode()  # fmt: skip
