"""The sign-in with example people: it works on one machine, and exists nowhere else."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.identity.people import people
from deploy.identity.provider import LocalOnlyError, Provider, build
from deploy.identity.tokens import signing_key
from deploy.local import server
from shared.access.identity import ACCOUNT
from shared.access.roles import Role
from shared.runtime.environment import Keys, Settings
from tests.stack import ROOT

KEYS = Keys(b"r" * 32, b"p" * 32)
OIN = "00000001234567890000"
LOCAL = Settings(environment="local")
CHALLENGE = "c" * 43
GOOD = {
    "client_id": "veilig-bestuur-pages", "response_type": "code", "redirect_uri": "http://127.0.0.1:8080/sign-in/callback",
    "state": "s", "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip


@pytest.fixture
def issuer() -> Iterator[TestClient]:
    with TestClient(build(LOCAL, KEYS), follow_redirects=False) as client:
        yield client


def keys_in(folder: Path) -> Path:
    """A file of keys that are good enough for real data."""
    file = folder / "secrets.json"
    keys = {name: secrets.token_hex(32) for name in ("reference_key", "partner_key")}
    file.write_text(json.dumps(keys | {"wrapping_keys": {"police": {"1": secrets.token_hex(32)}}}))
    return file


def production(tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {"environment": "production", "secrets_file": keys_in(tmp_path), "issuer": "https://issuer.example", "oin": OIN}
    )


def test_it_cannot_be_made_outside_local_mode(tmp_path: Path) -> None:
    for make in (Provider, build):
        with pytest.raises(LocalOnlyError):
            make(production(tmp_path), KEYS)
    with pytest.raises(ValueError, match="local mode only"):
        server.build(production(tmp_path))


def test_nothing_but_the_local_stack_knows_it() -> None:
    users = {
        str(file.relative_to(ROOT))
        for folder in ("services", "shared", "deploy")
        for file in (ROOT / folder).rglob("*.py")
        if "deploy.identity.provider" in file.read_text()
    }
    assert users == {"deploy/local/server.py"}


def test_where_another_issuer_is_given_it_is_not_there() -> None:
    def mounted(settings: Settings) -> set[str]:
        return {getattr(route, "path", "") for route in server.build(settings).routes}

    assert "/identity" in mounted(LOCAL)
    assert "/identity" not in mounted(LOCAL.model_copy(update={"issuer": "https://issuer.example"}))


@pytest.mark.parametrize(
    "wrong",
    [{}, {"VEILIG_ISSUER": "https://issuer.example", "VEILIG_JWKS_FILE": "nowhere.json"}],
    ids=str,
)  # fmt: skip
def test_a_service_does_not_start_outside_local_mode_without_an_issuer_of_its_own(
    wrong: dict[str, str], tmp_path: Path
) -> None:
    real = {"VEILIG_ENVIRONMENT": "production", "VEILIG_SECRETS_FILE": str(keys_in(tmp_path)), "VEILIG_OIN": OIN}
    real |= {"VEILIG_OFFICER_MAIL": "fg@politie.example", "VEILIG_SMTP_HOST": "mail.example"}
    env = os.environ | real | wrong
    ended = subprocess.run(
        [sys.executable, "-m", "services.intake"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    named = "VEILIG_JWKS_FILE" if "VEILIG_JWKS_FILE" in wrong else "VEILIG_ISSUER"
    assert ended.returncode == 2 and named in ended.stderr and "Traceback" not in ended.stderr


def test_every_role_has_an_example_person_and_each_is_plainly_invented() -> None:
    assert {one.who.role for one in people()} == set(Role)
    assert len({one.account for one in people()}) == len(people())
    for one in people():
        assert ACCOUNT.fullmatch(one.account) and one.name.split()[-1] in ("Voorbeeld", "Proef") and one.does
        assert bool(one.who.municipality) == (one.who.role in (Role.MUNICIPALITY, Role.CONTROLLER, Role.COUNCIL))


def test_the_page_lists_them_in_plain_html_without_scripts(issuer: TestClient) -> None:
    answer = issuer.get("/authorize", params=GOOD | {"state": '"><script>x</script>'})
    page = answer.text
    assert answer.status_code == 200 and 'lang="nl"' in page and "<h1>" in page and "<title>" in page
    assert all(f">{one.name}</button>" in page and one.does in page for one in people())
    assert "<script" not in page and " on" + "click" not in page and "style=" not in page
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for one in re.findall(r'aria-describedby="([^"]+)"', page):
        assert f'id="{one}"' in page


@pytest.mark.parametrize(
    "wrong",
    [{"client_id": "another"}, {"response_type": "token"}, {"redirect_uri": "https://stranger.example/x"},
     {"state": ""}, {"redirect_uri": "http://127.0.0.1:8080@stranger.example/"}, {"redirect_uri": ""},
     {"code_challenge": ""}, {"code_challenge_method": "plain"}, {"code_challenge_method": ""},
     {"code_challenge": "c" * 42}],
    ids=str,
)  # fmt: skip
def test_a_question_that_is_not_our_pages_goes_nowhere(issuer: TestClient, wrong: dict[str, str]) -> None:
    asked = GOOD | wrong
    for answer in (
        issuer.get("/authorize", params=asked),
        issuer.post("/authorize", data=asked | {"account": "rccb-1"}),
    ):
        assert answer.status_code == 400 and "location" not in answer.headers


def test_only_people_of_the_page_can_be_chosen(issuer: TestClient) -> None:
    assert issuer.post("/authorize", data=GOOD | {"account": "nobody-1"}).status_code == 400


def redeem(issuer: TestClient, **other: str) -> Any:
    """A code for the right verifier, redeemed with these; returns the answer and what was sent."""
    verifier = "v" * 43
    asked = GOOD | {"code_challenge": create_s256_code_challenge(verifier), "account": "rccb-1"}
    code = re.findall(r"code=([^&]+)", issuer.post("/authorize", data=asked).headers["location"])[0]
    sent = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
    sent |= {"client_id": GOOD["client_id"], "redirect_uri": GOOD["redirect_uri"]} | other
    return issuer.post("/token", data=sent), sent


def test_a_code_is_worth_something_once(issuer: TestClient) -> None:
    answer, sent = redeem(issuer)
    assert answer.status_code == 200 and {"access_token", "id_token", "expires_in"} <= set(answer.json())
    assert issuer.post("/token", data=sent).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize("wrong", ["code_verifier", "redirect_uri", "client_id", "code"])
def test_a_code_in_other_hands_is_worth_nothing_and_is_used_up(issuer: TestClient, wrong: str) -> None:
    answer, sent = redeem(issuer, **{wrong: "x" * 43})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
    if wrong != "code":
        right = {"code_verifier": "v" * 43} | GOOD
        assert issuer.post("/token", data=sent | {wrong: right[wrong]}).status_code == 400


def test_a_machine_gets_a_token_for_whom_it_asks(issuer: TestClient) -> None:
    asked = {"grant_type": "client_credentials", "role": "municipality", "account": "agent-12", "municipality": "9901"}
    token = issuer.post("/token", data=asked | {"unit": "team-1", "level": "high"}).json()["access_token"]
    said = jwt.decode(token, KeySet.import_key_set(issuer.get("/jwks").json()), algorithms=["ES256"]).claims
    assert (said["role"], said["account"], said["municipality"], said["unit"]) == (
        "municipality", "agent-12", "9901", "team-1",
    )  # fmt: skip
    assert said["acr"].endswith("/high") and said["iss"] == "http://127.0.0.1:8080/identity" and said["jti"]


@pytest.mark.parametrize(
    "wrong",
    [{"role": "mayor"}, {"role": ""}, {"account": "A. Voorbeeld"}, {"account": ""}, {"municipality": "99"},
     {"unit": "Team Noord"}, {"level": "very-high"}, {"grant_type": "password"}, {"grant_type": ""}],
    ids=str,
)  # fmt: skip
def test_nobody_can_be_what_does_not_exist(issuer: TestClient, wrong: dict[str, str]) -> None:
    asked = {"grant_type": "client_credentials", "role": "police", "account": "agent-12"} | wrong
    answer = issuer.post("/token", data=asked)
    assert answer.status_code == 400 and answer.json()["error"] in ("invalid_request", "unsupported_grant_type")


def test_its_key_is_the_same_after_a_restart_and_its_own_per_stack(issuer: TestClient) -> None:
    assert signing_key(b"a" * 32).kid == signing_key(b"a" * 32).kid != signing_key(b"b" * 32).kid
    [told] = issuer.get("/jwks").json()["keys"]
    assert told["kty"] == "EC" and "d" not in told
