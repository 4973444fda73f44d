"""The door of docker-compose.yml, as a real nginx: where each address goes, what it tells, and what it keeps inside.

Behind it stand servers that answer with what they were asked. Only addresses, ports and folders are other than in the
container.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.docker import secrets
from deploy.local import embedded
from deploy.local.children import Child
from tests import backends
from tests.stack import ROOT, free_port

HOST = "veilig.example"
BEHIND = ("intake", "assessment", "funding", "aftercare", "line", "identity")
TELLING = {"x-forwarded-for", "x-real-ip", "forwarded", "user-agent", "referer", "via"}


@dataclass(frozen=True)
class Door:
    """Where it listens, and where its files are."""

    port: int
    plain: int
    folder: Path

    def ask(self, path: str, **headers: str) -> httpx2.Response:
        """One request by somebody who says more than is asked."""
        said = {"Host": HOST, "X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"} | headers
        trusted = ssl.create_default_context(cafile=str(self.folder / "secrets" / "proxy" / "trusted.pem"))
        with httpx2.Client(verify=trusted, trust_env=False) as client:
            request = client.build_request(
                "GET", f"https://127.0.0.1:{self.port}{path}", headers=said, extensions={"sni_hostname": HOST}
            )
            return client.send(request)


def answering(name: str) -> ThreadingHTTPServer:
    """A server that says who it is and what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {key.lower(): value for key, value in self.headers.items()}
            body = json.dumps({"name": name, "path": self.path, "headers": headers}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    nginx = shutil.which("nginx")
    if nginx is None:
        backends.missing("no nginx here")
    folder = tmp_path_factory.mktemp("door")
    secrets.write(folder / "secrets", secrets.Place(HOST))
    text = (ROOT / "deploy" / "docker" / "nginx.conf").read_text()
    servers = {name: answering(name) for name in BEHIND}
    for name, server in servers.items():
        text, count = re.subn(rf"http://{name}:8080", f"http://127.0.0.1:{server.server_port}", text)
        assert count == 1, name
    made = Door(free_port(), free_port(), folder)
    for found, ours in (
        ("listen 443 ssl", f"listen 127.0.0.1:{made.port} ssl"), ("listen 80 ", f"listen 127.0.0.1:{made.plain} "),
        ("listen 127.0.0.1:8081", f"listen 127.0.0.1:{free_port()}"), ("/tmp/", f"{folder}/"),
        ("/run/secrets", str(folder / "secrets" / "proxy")), ("error_log stderr", f"error_log {folder / 'errors.log'}"),
        ("include mime.types", "include /etc/nginx/mime.types"),
    ):  # fmt: skip
        assert found in text
        text = text.replace(found, ours)
    (folder / "nginx.conf").write_text(text)
    as_who = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    command = [nginx, "-c", str(folder / "nginx.conf"), "-g", as_who, "-e", str(folder / "errors.log")]
    child = Child("nginx", command, log=folder / "nginx.log", env=dict(os.environ), cwd=folder)
    child.start()

    def answers() -> bool:
        try:
            return made.ask("/").status_code == 303
        except httpx2.HTTPError:
            return False

    try:
        assert embedded.wait_for(answers, seconds=15), child.last_line()
        yield made
    finally:
        child.stop(5)
        for server in servers.values():
            server.shutdown()


@pytest.mark.parametrize(
    ("path", "name"),
    [("/intake/melden", "intake"), ("/assessment/v1/advice?page=2", "assessment"), ("/funding/vangnet", "funding"),
     ("/aftercare/hulp", "aftercare"), ("/sign-in?returnTo=/intake/", "intake"), ("/sign-in/callback", "intake"),
     ("/sign-out", "intake"), ("/.well-known/security.txt", "intake"), ("/schemas/index.json", "intake"),
     ("/asyncapi/bzk.json", "intake"), ("/events", "intake"), ("/partners/bzk", "intake"), ("/catalogue.css", "intake"),
     ("/nl/events", "intake"), ("/nl/partners/bzk", "intake"),
     ("/gesprek/", "line"), ("/balie/sign-in", "line"),
     ("/inloggen/realms/veilig/.well-known/openid-configuration", "identity"),
     ("/inloggen/resources/x.css", "identity")],
)  # fmt: skip
def test_each_address_goes_on_as_it_came_to_who_answers_for_it(door: Door, path: str, name: str) -> None:
    told = door.ask(path).json()
    assert (told["name"], told["path"]) == (name, path)
    assert told["headers"]["x-forwarded-proto"] == "https"


@pytest.mark.parametrize(
    "path",
    ["/intake/health/ready", "/aftercare/metrics", "/funding/klok", "/gesprek/health/live", "/balie/metrics", "/klok",
     "/health/ready", "/metrics", "/inloggen/admin/", "/inloggen/realms/master/account", "/inloggen/metrics",
     "/identity/token", "/anything", "/intake/../health/live", "/sign-in/other"],
)  # fmt: skip
def test_what_is_for_whoever_runs_it_is_not_reached_from_outside(door: Door, path: str) -> None:
    assert door.ask(path).status_code == 404


def test_the_services_are_told_the_address_that_really_called_and_nothing_else(door: Door) -> None:
    headers = door.ask("/intake/").json()["headers"]
    assert headers["x-forwarded-for"] == "127.0.0.1" and headers["host"] == HOST
    assert "forwarded" not in headers and "x-real-ip" not in headers


@pytest.mark.parametrize("path", ["/gesprek/", "/balie/"])
def test_the_line_is_told_nothing_of_who_calls_and_nobody_is_written_down(door: Door, path: str) -> None:
    headers = door.ask(path, **{"User-Agent": "a browser", "Referer": "https://elsewhere.example/"}).json()["headers"]
    assert not set(headers) & TELLING
    written = "".join(file.read_text(errors="ignore") for file in door.folder.glob("*.log"))
    assert "203.0.113.9" not in written and path not in written


def test_the_line_counts_callers_here(door: Door) -> None:
    answers = [door.ask("/gesprek/").status_code for _ in range(90)]
    assert 429 in answers and answers[0] in (200, 429)
    assert door.ask("/intake/").status_code == 200, "the others go on"
    assert not (door.folder / "errors.log").read_text(), "and nobody is written down"


def test_plain_http_is_sent_on_to_https(door: Door) -> None:
    with httpx2.Client(trust_env=False) as client:
        answer = client.get(f"http://127.0.0.1:{door.plain}/intake/melden?x=1", headers={"Host": HOST})
    assert answer.status_code == 308 and answer.headers["location"] == f"https://{HOST}/intake/melden?x=1"
