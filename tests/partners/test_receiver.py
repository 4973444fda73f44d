"""The receiver in a partner's folder: it agrees, takes what we signed and nothing else, and handles each event once.

Its folder is written by the command that an operator gives.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import shutil
import stat
import subprocess
import sys
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from types import ModuleType

import httpx2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc.jwk import ECKey

from deploy.local.temporary import Broker, Mongo, free_port
from deploy.partners import rules
from deploy.partners.forwarder import listing, signing
from deploy.partners.forwarder.domain import State
from deploy.partners.forwarder.signing import COUNTS_FOR, Signer
from shared.contracts.envelope import CONTENT_TYPE
from shared.runtime.environment import utc_now
from tests.deploy.commands import Ended, veilig
from tests.partners.receiving import ORIGIN, Place, body_of
from tests.partners.test_forwarding import until
from tests.wire.subscribing import eventually


@pytest.fixture
async def place(embedded_broker: Broker, mongo: Mongo, tmp_path: Path) -> AsyncIterator[Place]:
    made = Place(embedded_broker, mongo, tmp_path)
    await made.prepare()
    yield made


async def http(place: Place, *words: str) -> Ended:
    """`veilig partner http`, as the operator gives it."""
    jwks = place.folder / "jwks.json"
    jwks.write_text(signing.public_keys(place.key.read_text()))
    where = ["--folder", str(place.folder / "partners"), "--forwarding", str(place.folder / "list")]
    more = ["--signing", str(jwks), "--public-url", f"https://{ORIGIN}"]
    return await veilig("partner", "http", place.partner, *words, *where, *more)


async def a_folder(place: Place, url: str) -> Path:
    """The partner's folder, carried elsewhere."""
    ended = await http(place, url)
    assert ended.status == 0, ended.err
    there = place.folder / "elsewhere"
    shutil.copytree(place.folder / "partners" / f"{rules.partner_principal(place.partner)}-http", there)
    return there


@contextmanager
def receiving(folder: Path, port: int) -> Iterator[ModuleType]:
    """The receiver of this folder, listening."""
    spec = importlib.util.spec_from_file_location("receiver_of_a_partner", folder / "receiver.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.handled = []
    module.handle = lambda event: module.handled.append(event["id"])
    server = module.server("127.0.0.1", port)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield module
    finally:
        server.shutdown()
        server.server_close()


async def test_given_only_the_folder_then_the_receiver_agrees_and_handles_each_event_once(place: Place) -> None:
    url = f"http://127.0.0.1:{free_port()}/events"
    with receiving(await a_folder(place, url), int(httpx2.URL(url).port or 0)) as receiver:
        async with place.forwarding():
            await place.sends(("a", "e1"), ("a", "e2"), ("a", "e1"), ("b", "e3"))
            await until(place, "e3", State.DELIVERED)
            await eventually("all came", lambda: len(receiver.handled) == 3)
        assert sorted(receiver.handled) == ["e1", "e2", "e3"]


def posted(url: str, body: bytes, key: str, *, earlier: timedelta = timedelta(0)) -> httpx2.Request:
    """A request as the forwarder makes it."""
    request = httpx2.Request("POST", url, content=body, headers={"Content-Type": CONTENT_TYPE})
    Signer(key.encode()).sign(request, body, utc_now() - earlier)
    return request


BODY = body_of("e1", "case")


async def refusal(url: str, spoil: Callable[[httpx2.Request], None] | None, request: httpx2.Request) -> int:
    if spoil is not None:
        spoil(request)
    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.send(request)).status_code


def content(request: httpx2.Request) -> None:
    request.stream = httpx2.ByteStream(BODY.replace(b"e1", b"e2"))


def digest(request: httpx2.Request) -> None:
    content(request)  # and the digest with it, but not the signature over the digest
    other = posted(str(request.url), BODY.replace(b"e1", b"e2"), signing.new_key())
    request.headers["content-digest"] = other.headers["content-digest"]


def unsigned(request: httpx2.Request) -> None:
    del request.headers["signature"], request.headers["signature-input"]


def another_type(request: httpx2.Request) -> None:
    request.headers["content-type"] = "application/json"


def other_purpose(request: httpx2.Request) -> None:
    request.headers["signature-input"] = request.headers["signature-input"].replace(signing.TAG, "something-else")


async def test_given_a_wrong_signature_then_the_receiver_takes_nothing(place: Place) -> None:
    port = free_port()
    url, key = f"http://127.0.0.1:{port}/events", place.key.read_text()
    with receiving(await a_folder(place, url), port) as receiver:
        for spoil in (content, digest, unsigned, another_type, other_purpose):
            assert await refusal(url, spoil, posted(url, BODY, key)) == 401, spoil.__name__
        stranger = posted(url, BODY, signing.new_key())
        assert await refusal(url, None, stranger) == 401, "signed by somebody else"
        elsewhere = posted("http://127.0.0.1:9/events", BODY, key)
        elsewhere.url = httpx2.URL(url)
        assert await refusal(url, None, elsewhere) == 401, "signed for another address"
        old = posted(url, BODY, key, earlier=COUNTS_FOR + timedelta(minutes=1))
        assert await refusal(url, None, old) == 401, "kept, and sent again later"
        assert receiver.handled == []
        assert await refusal(url, None, posted(url, BODY, key)) == 204
        assert await refusal(url, None, posted(url, BODY, key)) == 204
        assert receiver.handled == ["e1"], "a repeat is known"


async def test_the_receiver_agrees_with_us_alone_and_takes_nothing_too_large(place: Place) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/events"
    with receiving(await a_folder(place, url), port):
        async with httpx2.AsyncClient(trust_env=False) as client:
            ours = await client.options(url, headers={"WebHook-Request-Origin": ORIGIN})
            assert ours.headers["WebHook-Allowed-Origin"] == ORIGIN
            assert (await client.options(url, headers={"WebHook-Request-Origin": "other.example"})).status_code == 403
            assert (await client.post(url, content=b"x" * 70_000)).status_code == 413


def test_the_signature_is_what_the_standard_says_checked_by_hand() -> None:
    """Not with the library that signed: the signature base of RFC 9421 section 2.5, written out."""
    pem = signing.new_key()
    request = posted("https://gemeente.example/events?part=1", BODY, pem)
    inputs = request.headers["signature-input"].removeprefix("event=")
    base = "\n".join(
        (
            '"@method": POST',
            '"@target-uri": https://gemeente.example/events?part=1',
            f'"content-type": {CONTENT_TYPE}',
            f'"content-digest": {request.headers["content-digest"]}',
            f'"@signature-params": {inputs}',
        )
    )
    digest = hashes.Hash(hashes.SHA256())
    digest.update(BODY)
    assert b64decode(request.headers["content-digest"].removeprefix("sha-256=:").removesuffix(":")) == digest.finalize()
    raw = b64decode(request.headers["signature"].removeprefix("event=:").removesuffix(":"))
    signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    (told,) = json.loads(signing.public_keys(pem))["keys"]
    public = ECKey.import_key(told).public_key
    public.verify(signature, base.encode(), ec.ECDSA(hashes.SHA256()))  # raises when it is not
    assert f'keyid="{told["kid"]}"' in inputs and 'alg="ecdsa-p256-sha256"' in inputs and "expires=" in inputs
    assert "d" not in told, "the public half alone"


async def test_the_folder_holds_nothing_secret_and_no_words_that_were_not_filled_in(place: Place) -> None:
    folder = await a_folder(place, "https://gemeente.example/events")
    readme = (folder / "README.md").read_text()
    assert "{" not in readme and "https://gemeente.example/events" in readme and "15 times in 3 days" in readme
    held = "".join(file.read_text() for file in folder.rglob("*") if file.is_file())
    assert "PRIVATE" not in held and list((folder / "samples").glob("*.json")) and list((folder / "schemas").rglob("*"))
    assert stat.S_IMODE((place.folder / "list").stat().st_mode) == 0o700
    told = await asyncio.to_thread(
        subprocess.run, [sys.executable, "receiver.py", "--help"], cwd=folder, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("http://gemeente.example/",), "https://"),
        (("https://user:word@gemeente.example/",), "no user"),
        ((), "Say which"),
        (("https://gemeente.example/", "--stop"), "Say which"),
        (("--stop",), "Nothing was posted"),
    ],
)
async def test_wrong_input_is_one_sentence_and_changes_nothing(place: Place, words: tuple[str, ...], said: str) -> None:
    ended = await http(place, *words)
    assert ended.status == 2 and said in ended.err and "word@" not in ended.err
    assert listing.read(place.folder / "list") == [] and not (place.folder / "partners").exists()


async def test_a_partner_that_is_removed_gets_nothing_over_http_either(place: Place) -> None:
    await http(place, "https://gemeente.example/events")
    assert [one.partner for one in listing.read(place.folder / "list")] == [place.partner]
    await http(place, "https://gemeente.example/elders")
    assert [one.url for one in listing.read(place.folder / "list")] == ["https://gemeente.example/elders"]
    where = ["--folder", str(place.folder / "partners"), "--forwarding", str(place.folder / "list")]
    ended = await veilig("partner", "remove", place.partner, *where)
    assert ended.status == 0, ended.err
    assert listing.read(place.folder / "list") == [] and not list((place.folder / "partners").iterdir())
