"""Receives your events over HTTP, takes only what we signed, and handles each once. Fill in `handle`.

`python receiver.py`: on this machine alone, behind your own server that does the TLS of your address.
`python receiver.py --host ADDRESS --port 443 --certificate server.crt --key server.key`: by itself.
"""

import argparse
import json
import ssl
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

from http_message_signatures import HTTPMessageSignaturesException, HTTPMessageVerifier, MappingKeyResolver
from http_message_signatures.algorithms import ECDSA_P256_SHA256
from joserfc.jwk import ECKey

HERE = Path(__file__).resolve().parent
SETTINGS = dict(
    line.split("=", 1)
    for line in (HERE / "forwarding.properties").read_text().splitlines()
    if "=" in line and not line.startswith("#")
)
LARGEST = 65_536
COVERED = ("@method", "@target-uri", "content-type", "content-digest")

seen: set[tuple[str, str]] = set()
"""Make this a table, written in the same transaction as what you do with the event."""
one_at_a_time = Lock()


def handle(event: dict[str, Any]) -> None:
    """Yours to fill in. Take the fields you need; ignore those you do not know. If it fails, the event comes again."""
    print(event["type"], json.dumps(event["data"], ensure_ascii=False), flush=True)


def once(event: dict[str, Any]) -> bool:
    """Handles an event that was not seen before; tells whether it was new."""
    known = (event["source"], event["id"])
    with one_at_a_time:
        if known in seen:
            return False
        handle(event)
        seen.add(known)
        return True


def keys() -> dict[str, Any]:
    """Our public keys, each by its name; read each time, so that a new one counts at once."""
    listed = json.loads((HERE / "signing-keys.json").read_text())["keys"]
    return {one["kid"]: ECKey.import_key(one).public_key for one in listed}


def verified(method: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """The event, when we signed it for your address within the last five minutes. Raises when not."""
    verifier = HTTPMessageVerifier(
        signature_algorithm=ECDSA_P256_SHA256, key_resolver=MappingKeyResolver(public_keys=keys(), private_keys={})
    )
    # Your address as we know it, not as your own server passes it on: a copy that was made for another one is refused.
    request = SimpleNamespace(method=method, url=SETTINGS["url"], headers=headers)
    verifier.verify(
        request, max_age=timedelta(minutes=5), expect_tag=SETTINGS["tag"], require_components=COVERED, body=body
    )
    return json.loads(body)


class Receiver(BaseHTTPRequestHandler):
    """What your address answers."""

    timeout = 20

    def do_OPTIONS(self) -> None:
        """We ask whether you want our events, before we send the first one."""
        asks = self.headers.get("WebHook-Request-Origin", "")
        if asks.lower() != SETTINGS["origin"].lower():
            self._answer(403)
            return
        self._answer(200, {"WebHook-Allowed-Origin": asks, "WebHook-Allowed-Rate": "*", "Allow": "OPTIONS, POST"})

    def do_POST(self) -> None:
        """An event. 204: handled, or known already. Whatever else you answer, it comes again later."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            self._answer(413)
            return
        body = self.rfile.read(int(length))
        try:
            event = verified("POST", dict(self.headers.items()), body)
        except (HTTPMessageSignaturesException, ValueError):
            self._answer(401)
            return
        once(event)
        self._answer(204)

    def _answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing: what comes in is nobody else's business."""


def server(host: str, port: int, certificate: str = "", key: str = "") -> ThreadingHTTPServer:
    """Listens; with a certificate over TLS."""
    made = ThreadingHTTPServer((host, port), Receiver)
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        made.socket = context.wrap_socket(made.socket, server_side=True)
    return made


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--certificate", default="")
    parser.add_argument("--key", default="")
    given = parser.parse_args()
    running = server(given.host, given.port, given.certificate, given.key)
    print(f"Waits for events on port {running.server_port}.", flush=True)
    running.serve_forever()
