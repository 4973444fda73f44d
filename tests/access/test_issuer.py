"""Asking the issuer: its keys are kept for a while, asked for again with restraint, and its absence is 503."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey, KeySet

from shared.access.gate import Door, issuer_of
from shared.access.identity import Verifier, rules_of
from shared.access.issuer import FRESH_SECONDS, PAUSE_SECONDS, STALE_SECONDS, Issuer, IssuerAway, UnknownKey
from shared.access.roles import Role, calls_as
from shared.runtime.environment import UnfitSetting
from tests.access.signing import ISSUER, KEY, claims, local_settings, sign, signed

OTHER = ECKey.generate_key("P-256", auto_kid=True)


def told(*keys: ECKey) -> dict[str, Any]:
    return dict(KeySet(list(keys)).as_dict(private=False))


class Asked:
    """An issuer at the other end of the line, and the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.questions: list[str] = []
        self.keys: Any = told(KEY)
        self.away = False
        self.more: dict[str, Any] = {}
        self.issuer = Issuer(ISSUER, client=self._client, seconds=lambda: self.now)

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.questions.append(request.url.path)
        if self.away:
            raise httpx2.ConnectError("away")
        if request.url.path == "/jwks":
            return httpx2.Response(200, json=self.keys)
        addresses = {"authorization_endpoint": f"{ISSUER}/a", "token_endpoint": f"{ISSUER}/t"}
        return httpx2.Response(200, json=addresses | {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"} | self.more)

    @property
    def times(self) -> int:
        return self.questions.count("/jwks")


@pytest.fixture
def asked() -> Asked:
    return Asked()


async def test_keys_are_asked_for_once_and_again_after_an_hour(asked: Asked) -> None:
    for _ in range(3):
        assert (await asked.issuer.key(KEY.kid)).kid == KEY.kid
    assert asked.questions == ["/.well-known/openid-configuration", "/jwks"]
    asked.now = FRESH_SECONDS
    await asked.issuer.key(KEY.kid)
    assert asked.times == 2


async def test_an_unknown_key_makes_us_ask_again_but_not_each_time(asked: Asked) -> None:
    await asked.issuer.key(KEY.kid)
    asked.now += PAUSE_SECONDS
    for number in range(50):
        with pytest.raises(UnknownKey):
            await asked.issuer.key(f"unknown-{number}")
    assert asked.times == 2
    asked.keys, asked.now = told(KEY, OTHER), asked.now + PAUSE_SECONDS
    assert (await asked.issuer.key(OTHER.kid)).kid == OTHER.kid


async def test_a_key_that_was_taken_away_counts_no_longer(asked: Asked) -> None:
    await asked.issuer.key(KEY.kid)
    asked.keys, asked.now = told(OTHER), FRESH_SECONDS
    with pytest.raises(UnknownKey):
        await asked.issuer.key(KEY.kid)


async def test_while_the_issuer_is_away_known_keys_count_for_a_day_and_no_longer(asked: Asked) -> None:
    await asked.issuer.key(KEY.kid)
    asked.away, asked.now = True, STALE_SECONDS - 1
    assert (await asked.issuer.key(KEY.kid)).kid == KEY.kid
    with pytest.raises(IssuerAway):
        await asked.issuer.key("unknown")
    asked.now = STALE_SECONDS + 1
    with pytest.raises(IssuerAway):
        await asked.issuer.key(KEY.kid)
    asked.away, asked.now = False, asked.now + PAUSE_SECONDS
    assert (await asked.issuer.key(KEY.kid)).kid == KEY.kid


async def test_an_issuer_that_was_away_is_not_asked_at_each_request(asked: Asked) -> None:
    asked.away = True
    for _ in range(20):
        with pytest.raises(IssuerAway):
            await asked.issuer.key(KEY.kid)
    assert len(asked.questions) == 1


@pytest.mark.parametrize(
    "more",
    [{"issuer": "https://stranger.example"}, {"jwks_uri": "http://issuer.test/jwks"}, {"jwks_uri": None},
     {"token_endpoint": "http://issuer.test/t"}, {"issuer": ISSUER + "/"}],
    ids=str,
)  # fmt: skip
async def test_what_is_not_this_issuer_or_less_protected_is_not_believed(asked: Asked, more: dict[str, Any]) -> None:
    asked.more = more
    with pytest.raises(IssuerAway):
        await asked.issuer.key(KEY.kid)
    with pytest.raises(IssuerAway):
        await asked.issuer.metadata()


@pytest.mark.parametrize("keys", [{}, [], {"keys": []}, "x"], ids=str)
async def test_an_answer_without_keys_is_no_answer(asked: Asked, keys: Any) -> None:
    asked.keys = keys
    with pytest.raises(IssuerAway):
        await asked.issuer.key(KEY.kid)


def test_a_caller_is_told_to_come_back_when_the_issuer_is_away(asked: Asked) -> None:
    app, settings = FastAPI(), local_settings()
    app.state.gate = Door(Verifier(asked.issuer, rules_of(settings)), None, "session")  # type: ignore[arg-type]

    @app.get("/")
    def read(caller: Any = Depends(calls_as(*Role))) -> str:
        return str(caller.actor)

    client = TestClient(app)
    asked.away = True
    answer = client.get("/", headers=signed("police"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert client.get("/", headers={"Authorization": "Bearer x"}).status_code == 401, "that needs no issuer"
    asked.away, asked.now = False, PAUSE_SECONDS
    assert client.get("/", headers=signed("police")).json() == "account-1"


async def test_keys_in_a_file_can_be_changed_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(told(KEY)))
    now = 0.0
    issuer = Issuer(ISSUER, jwks_file=file, seconds=lambda: now)
    verifier = Verifier(issuer, rules_of(local_settings()))
    assert (await verifier.caller(sign(claims("police")))).role is Role.POLICE
    file.write_text(json.dumps(told(OTHER)))
    now = PAUSE_SECONDS
    assert (await verifier.caller(sign(claims("police"), OTHER, kid=OTHER.kid))).role is Role.POLICE


@pytest.mark.parametrize("text", [None, "", "{}", '{"keys": []}', "[" * 10])
def test_a_file_of_keys_that_cannot_be_used_is_said_at_once(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "jwks.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UnfitSetting, match="VEILIG_JWKS_FILE"):
        issuer_of(local_settings(jwks_file=file))
