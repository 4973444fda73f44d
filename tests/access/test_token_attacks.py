"""Tokens that must not count, sent to a service: 401 in the same words, and nobody named in the log (AA-2)."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from structlog.testing import capture_logs

from deploy.local.temporary import Mongo
from services.intake.app import build
from shared.access.issuer import keys_of
from tests.access.signing import KEY, claims, sign
from tests.services.serving import Served, serve
from tests.web.proper import improper

NOW = int(time.time())
STRANGER = ECKey.generate_key("P-256", auto_kid=True)
CANARY = "kanarie-account"
GOOD = claims("police", CANARY)
PUBLIC_PEM = KEY.as_pem(private=False)


def part(thing: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(thing).encode()).rstrip(b"=").decode()


def spoilt(token: str, which: int) -> str:
    """One character of a part changed into another."""
    parts = token.split(".")
    middle = len(parts[which]) // 2
    changed = "A" if parts[which][middle] != "A" else "B"
    parts[which] = parts[which][:middle] + changed + parts[which][middle + 1 :]
    return ".".join(parts)


def said_otherwise() -> str:
    """Another role under a signature that was made for this one."""
    head, _, signature = sign(GOOD).split(".")
    return ".".join((head, part(GOOD | {"role": "hovj"}), signature))


def unsigned(algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'kid': KEY.kid, 'typ': 'at+jwt'})}.{part(GOOD)}."


def by_public_key(secret: bytes) -> str:
    """HS256 with what everybody knows as the secret; by hand, for the library refuses to."""
    first = f"{part({'alg': 'HS256', 'kid': KEY.kid, 'typ': 'at+jwt'})}.{part(GOOD)}"
    made = hmac.digest(secret, first.encode(), "sha256")
    return f"{first}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def without(name: str) -> str:
    return sign({key: value for key, value in GOOD.items() if key != name})


ATTACKS: dict[str, str] = {
    "nothing": "",
    "not a token": "x",
    "dots": "..",
    "algorithm none": unsigned("none"),
    "algorithm None": unsigned("None"),
    "algorithm ES256 without a signature": unsigned("ES256"),
    "HS256 with the public key (PEM)": by_public_key(PUBLIC_PEM),
    "HS256 with the public key (JWK)": by_public_key(json.dumps(KEY.as_dict(private=False)).encode()),
    "another algorithm": sign(GOOD, ECKey.generate_key("P-384"), alg="ES384"),
    "an RSA algorithm on our EC key": sign(GOOD, RSAKey.generate_key(2048), alg="RS256"),
    "signed by a stranger": sign(GOOD, STRANGER, kid=STRANGER.kid),
    "signed by a stranger under our key's name": sign(GOOD, STRANGER),
    "the key in the token itself": sign(GOOD, STRANGER, kid=None, jwk=STRANGER.as_dict(private=False)),
    "our key's name and the stranger's key": sign(GOOD, STRANGER, jwk=STRANGER.as_dict(private=False)),
    "keys from an address in the token": sign(GOOD, STRANGER, jku="https://stranger.example/jwks"),
    "no key's name": sign(GOOD, kid=None),
    "a key's name that is a path": sign(GOOD, kid="../../../dev/null"),
    "a key's name that is no text": f"{part({'alg': 'ES256', 'kid': ['a']})}.{part(GOOD)}.x",
    "something critical we do not know":
        f"{part({'alg': 'ES256', 'kid': KEY.kid, 'crit': ['x'], 'x': 1})}.{part(GOOD)}.x",
    "signature changed": spoilt(sign(GOOD), 2),
    "claims changed": spoilt(sign(GOOD), 1),
    "head changed": spoilt(sign(GOOD), 0),
    "another role under the same signature": said_otherwise(),
    "wrong audience": sign(GOOD | {"aud": "another-service"}),
    "audience that begins like ours": sign(GOOD | {"aud": "veilig-bestuur-pages"}),
    "no audience": without("aud"),
    "audience of another kind": sign(GOOD | {"aud": {"veilig-bestuur": True}}),
    "wrong issuer": sign(GOOD | {"iss": "https://stranger.example"}),
    "issuer with a slash": sign(GOOD | {"iss": "https://issuer.test/"}),
    "issuer in a list": sign(GOOD | {"iss": ["https://issuer.test"]}),
    "no issuer": without("iss"),
    "expired": sign(GOOD | {"iat": NOW - 7200, "exp": NOW - 3600}),
    "no end": without("exp"),
    "an end that is text": sign(GOOD | {"exp": str(NOW + 3600)}),
    "an end that is no number": sign(GOOD | {"exp": float("nan")}),
    "not yet": sign(GOOD | {"nbf": NOW + 3600}),
    "made in the future": sign(GOOD | {"iat": NOW + 3600}),
    "no moment of making": without("iat"),
    "no subject": without("sub"),
    "no id": without("jti"),
    "no account": without("account"),
    "no level": without("acr"),
    "too low a level": sign(GOOD | {"acr": "low"}),
    "a level of their own": sign(GOOD | {"acr": "very-high"}),
    "a level that is no text": sign(GOOD | {"acr": 4}),
    "a token of another kind": sign(GOOD, typ="logout+jwt"),
    "claims that are a list": f"{part({'alg': 'ES256', 'kid': KEY.kid})}.{part([1])}.x",
    "deep": f"{base64.urlsafe_b64encode(b'[' * 5000).decode()}.{part(GOOD)}.x",
    "long": sign(GOOD | {"more": "x" * 9000}),
    "not ASCII": "é.é.é",
}  # fmt: skip


@pytest.fixture(scope="module")
async def intake(mongo: Mongo) -> AsyncIterator[Served]:
    async with serve(build, mongo) as served:
        yield served


async def ask(served: Served, *headers: tuple[str, str], query: str = "") -> httpx2.Response:
    raw = [(name, value.encode()) for name, value in headers]
    return await served.client.get(f"/v1/reports{query}", headers=raw)


async def bearing(served: Served, token: str) -> httpx2.Response:
    return await ask(served, ("Authorization", f"Bearer {token}"))


async def test_a_good_token_counts_or_none_of_this_says_anything(intake: Served) -> None:
    just_over = {"exp": int(time.time()) - 5, "iat": NOW - 900}
    for good in (
        sign(GOOD), sign(GOOD, typ="JWT"), sign(GOOD, typ=None), sign(GOOD | {"aud": ["other", "veilig-bestuur"]}),
        sign(GOOD | {"acr": "http://eidas.europa.eu/LoA/high"}), sign(GOOD | just_over),
        sign(GOOD, x5t="abc"),
    ):  # fmt: skip
        assert (await bearing(intake, good)).status_code == 200


@pytest.mark.parametrize("name", ATTACKS)
async def test_what_is_wrong_with_a_token_is_401_and_nobodys_business(intake: Served, name: str) -> None:
    nobody = await ask(intake)
    with capture_logs() as lines:
        answer = await bearing(intake, ATTACKS[name])
    assert (answer.status_code, answer.content, improper(answer)) == (401, nobody.content, [])
    assert answer.headers["www-authenticate"] == "Bearer"
    assert CANARY not in str(lines) and all(set(line) <= {"event", "log_level", "origin", "error"} for line in lines)
    assert [line["event"] for line in lines] == ["token_rejected"]


async def test_a_token_anywhere_but_in_its_own_header_says_nothing(intake: Served) -> None:
    token = sign(GOOD)
    basic = base64.b64encode(f"x:{token}".encode()).decode()
    for headers in (
        (("Authorization", f"Basic {basic}"),), (("Authorization", token),), (("Authorization", "Bearer"),),
        (("Authorization", f"Bearer {token}, Bearer {token}"),), (("Cookie", f"session={token}"),),
        (("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")),
        (("X-Authorization", f"Bearer {token}"),),
    ):  # fmt: skip
        assert (await ask(intake, *headers)).status_code == 401, headers[0][0]
    assert (await ask(intake, query=f"?access_token={token}")).status_code == 401


@given(sent=st.one_of(st.text(), st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode())))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
async def test_whatever_is_sent_as_a_token_is_no_fault_of_ours(intake: Served, sent: str) -> None:
    try:
        raw = sent.encode("latin-1").replace(b"\n", b"").replace(b"\r", b"").replace(b"\x00", b"")
    except UnicodeEncodeError:
        raw = sent.encode(errors="ignore").replace(b"\n", b"").replace(b"\r", b"").replace(b"\x00", b"")
    answer = await intake.client.get("/v1/reports", headers=[("Authorization", b"Bearer " + raw)])
    assert answer.status_code == 401


def test_only_keys_that_may_sign_are_taken_from_the_issuer() -> None:
    weak = RSAKey.import_key(
        rsa.generate_private_key(65537, 1024).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    shared = OctKey.generate_key(256, auto_kid=True)
    for_hiding = ECKey.generate_key("P-256", {"use": "enc"}, auto_kid=True)
    weak.ensure_kid()
    found: Any = KeySet([weak, shared, for_hiding, KEY]).as_dict(private=True)
    assert list(keys_of(found)) == [KEY.kid]
    for bad in ({}, [], None, {"keys": []}, {"keys": [{"kty": "RSA"}]}, {"keys": 4}, {"keys": ["x"]}):
        with pytest.raises(ValueError, match=r"key"):
            keys_of(bad)
