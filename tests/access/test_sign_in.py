"""Signing in on our pages, over HTTP with the local issuer (AA-3, AA-4)."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.temporary import Mongo
from shared.access.client import client_of, credentials_of
from shared.access.gate import cookie_name, issuer_of
from shared.access.roles import Caller, Role
from shared.access.sessions import SEEN_AGAIN, SIGN_IN_TAKES, Attempt, Attempts, Sessions, csrf_token, digest
from shared.access.sign_in import same_origin
from shared.runtime.environment import Settings, UnfitSetting
from tests.access.place import Place, choose, place, sign_in, to_the_issuer
from tests.access.signing import ISSUER, KEY, jwks_file

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
async def here(mongo: Mongo) -> AsyncIterator[Place]:
    async with place(mongo) as running:
        yield running


@pytest.fixture
async def browser(here: Place) -> AsyncIterator[httpx2.AsyncClient]:
    async with here.browser() as opened:
        yield opened


def cookies(answer: httpx2.Response) -> dict[str, Any]:
    found = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        found.load(line)
    return dict(found)


async def test_one_signs_in_and_is_known_until_one_signs_out(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/me")).status_code == 401
    done = await sign_in(browser, return_to="/me?x=1")
    assert (done.status_code, done.headers["location"]) == (303, "/me?x=1")
    me = (await browser.get("/me")).json()
    assert me == {
        "role": "municipality", "actor": "secretaris-1", "municipality": "9901", "unit": "", "level": "substantial",
    }  # fmt: skip
    left = await browser.post("/sign-out", headers={"X-CSRF-Token": csrf_token(browser.cookies["session"])})
    assert (left.status_code, left.headers["location"]) == (303, "/")
    assert "session" not in browser.cookies and (await browser.get("/me")).status_code == 401


async def test_a_session_that_was_signed_out_is_gone_also_for_who_copied_it(browser: httpx2.AsyncClient) -> None:
    await sign_in(browser)
    copied = browser.cookies["session"]
    await browser.post("/sign-out", headers={"X-CSRF-Token": csrf_token(copied)})
    assert (await browser.get("/me", headers={"Cookie": f"session={copied}"})).status_code == 401


async def test_the_browser_is_sent_with_pkce_state_and_nonce_and_never_with_the_secret(
    here: Place, browser: httpx2.AsyncClient
) -> None:
    answer = await to_the_issuer(browser)
    asked = {name: one for name, [one] in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert answer.status_code == 303 and answer.headers["location"].startswith(f"{here.url}/identity/authorize?")
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert (asked["response_type"], asked["scope"], asked["acr_values"]) == ("code", "openid", "substantial")
    assert asked["redirect_uri"] == f"{here.url}/sign-in/callback"
    assert len(asked["state"]) == len(asked["nonce"]) == 43 and asked["state"] != asked["nonce"]
    [kept] = [one for one in await here.documents("sign_ins") if one["nonce"] == asked["nonce"]]
    assert kept["verifier"] not in answer.text + str(answer.headers) and asked["state"] not in str(kept)
    again = await to_the_issuer(browser)
    assert asked["state"] not in again.headers["location"] and asked["nonce"] not in again.headers["location"]


async def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(browser: httpx2.AsyncClient) -> None:
    away = await to_the_issuer(browser)
    assert (cookies(away)["sign-in"]["httponly"], cookies(away)["sign-in"]["samesite"]) == (True, "lax")
    kept = cookies(await browser.get(await choose(browser, away.headers["location"], "rccb-1")))["session"]
    assert (kept["httponly"], kept["samesite"], kept["path"], kept["domain"]) == (True, "lax", "/", "")
    assert kept["max-age"] == "" and len(kept.value) == 43


async def test_over_https_the_cookies_are_for_this_host_only(mongo: Mongo, tmp_path: Path) -> None:
    assert cookie_name(Settings(environment="local", public_url="https://veilig.example")) == "__Host-session"
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({name: secrets.token_hex(32) for name in ("reference_key", "partner_key")}))
    real = {"environment": "production", "secrets_file": file, "oin": "00000001234567890000"}
    settings = Settings.model_validate(real | {"issuer": ISSUER, "jwks_file": jwks_file()})
    assert cookie_name(settings) == "__Host-session"
    async with place(mongo, public_url="https://veilig.example", issuer="") as running:
        metadata = {name: f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        answer = httpx2.Response(200, json=metadata | {"issuer": running.settings.issuer_url})
        monkey = pytest.MonkeyPatch()
        monkey.setattr("shared.access.issuer.Issuer._ask", lambda *_: _soon(answer.json()))
        async with running.browser() as opened:
            set_cookie = (await to_the_issuer(opened)).headers["set-cookie"]
        monkey.undo()
    assert set_cookie.startswith("__Host-sign-in=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(
        set_cookie.split("; ")
    ) and "Domain" not in set_cookie


async def _soon(value: Any) -> Any:
    return value


async def test_only_digests_of_sessions_are_kept(here: Place, browser: httpx2.AsyncClient) -> None:
    await sign_in(browser)
    session_id, kept = browser.cookies["session"], await here.documents("sessions")
    assert hashlib.sha256(session_id.encode()).hexdigest() in {one["_id"] for one in kept}
    assert session_id not in str(kept) and csrf_token(session_id) not in str(kept)


async def test_a_callback_works_once(browser: httpx2.AsyncClient) -> None:
    back = await choose(browser, (await to_the_issuer(browser)).headers["location"], "bzk-1")
    secret = dict(browser.cookies)
    first = await browser.get(back)
    again = await browser.get(back, headers={"Cookie": f"sign-in={secret['sign-in']}"})
    assert (first.status_code, again.status_code) == (303, 400)
    assert "session" not in cookies(again)
    assert again.headers["content-type"] == "application/problem+json"


async def test_a_callback_of_another_browser_signs_nobody_in(here: Place, browser: httpx2.AsyncClient) -> None:
    """Else somebody could make a person work in a session of theirs."""
    back = await choose(browser, (await to_the_issuer(browser)).headers["location"], "bzk-1")
    async with here.browser() as other:
        assert (await other.get(back)).status_code == 400
        await to_the_issuer(other)
        assert (await other.get(back)).status_code == 400
        assert (await other.get("/me")).status_code == 401
    assert (await browser.get(back)).status_code == 400, "and whoever tried used it up"


@pytest.mark.parametrize("spoil", ["state", "code", "iss", "no state", "no code", "error"])
async def test_an_answer_that_is_not_the_issuers_is_refused(browser: httpx2.AsyncClient, spoil: str) -> None:
    back = await choose(browser, (await to_the_issuer(browser)).headers["location"], "bzk-1")
    given_back = {name: one for name, [one] in parse_qs(urlsplit(back).query).items()}
    if spoil == "error":
        given_back = {"error": "access_denied", "state": given_back["state"]}
    elif spoil.startswith("no "):
        del given_back[spoil.removeprefix("no ")]
    else:
        given_back[spoil] = given_back[spoil][:-1] + ("A" if given_back[spoil][-1] != "A" else "B")
    answer = await browser.get("/sign-in/callback", params=given_back)
    assert answer.status_code == 400 and "session" not in cookies(answer)


async def test_a_code_of_another_sign_in_is_refused(browser: httpx2.AsyncClient, here: Place) -> None:
    """PKCE: a stolen code is worth nothing in the thief's own sign-in."""
    stolen = parse_qs(
        urlsplit(await choose(browser, (await to_the_issuer(browser)).headers["location"], "bzk-1")).query
    )
    async with here.browser() as thief:
        own = parse_qs(urlsplit((await to_the_issuer(thief)).headers["location"]).query)
        sent = {"code": stolen["code"][0], "state": own["state"][0]}
        assert (await thief.get("/sign-in/callback", params=sent)).status_code == 400


async def test_a_session_is_new_at_each_sign_in_and_the_old_one_ends(browser: httpx2.AsyncClient) -> None:
    """No session can be planted beforehand."""
    planted = "A" * 43
    browser.cookies.set("session", planted, domain="127.0.0.1", path="/")
    await sign_in(browser)
    first = browser.cookies["session"]
    assert first != planted
    await sign_in(browser, "rccb-1")
    assert browser.cookies["session"] != first
    assert (await browser.get("/me")).json()["role"] == "rccb"
    assert (await browser.get("/me", headers={"Cookie": f"session={first}"})).status_code == 401


async def test_a_write_in_a_session_carries_its_own_token(here: Place, browser: httpx2.AsyncClient) -> None:
    await sign_in(browser)
    good = csrf_token(browser.cookies["session"])
    async with here.browser() as other:
        await sign_in(other, "rccb-1")
        of_another = csrf_token(other.cookies["session"])
    for wrong in ("", "x", of_another, good[:-1], "é"):
        assert (await browser.post("/act", headers={"X-CSRF-Token": wrong.encode()})).status_code == 403
        sent = {"word": "a", "csrf_token": wrong}
        assert (await browser.post("/form", data=sent)).status_code == 403
    assert (await browser.post("/act")).status_code == 403
    assert (await browser.post("/act", json={"csrf_token": good})).status_code == 403, "only the header or a form"
    assert (await browser.post("/act", headers={"X-CSRF-Token": good})).json() == "secretaris-1"
    assert (await browser.post("/form", data={"word": "a", "csrf_token": good})).json() == "a"
    assert (await browser.post("/act", data={"csrf_token": good})).json() == "secretaris-1"


async def test_nobody_elses_page_signs_a_person_out(browser: httpx2.AsyncClient) -> None:
    await sign_in(browser)
    assert (await browser.post("/sign-out")).status_code == 403
    assert (await browser.get("/sign-out")).status_code == 405
    assert (await browser.get("/me")).status_code == 200


async def test_a_token_needs_no_csrf_token_and_goes_before_a_session(here: Place, browser: httpx2.AsyncClient) -> None:
    asked = {"grant_type": "client_credentials", "role": "ivp", "account": "ivp-9"}
    token = (await browser.post("/identity/token", data=asked)).json()["access_token"]
    await sign_in(browser)
    answer = await browser.post("/act", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()) == (200, "ivp-9")
    assert (await browser.get("/me", headers={"Authorization": "Bearer x"})).status_code == 401, "not the session then"


async def test_a_proof_of_sign_in_is_no_token(here: Place, browser: httpx2.AsyncClient) -> None:
    provider = next(route.app.state.provider for route in here.app.routes if getattr(route, "path", "") == "/identity")
    who = provider.people["rccb-1"].who
    proof = provider.signer.id_token(who, here.settings.client_id, "nonce")
    assert (await browser.get("/me", headers={"Authorization": f"Bearer {proof}"})).status_code == 401
    token = provider.signer.access_token(who, here.settings.audience)
    assert (await browser.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["//stranger.example", "/\\stranger.example", "https://stranger.example", "\\\\stranger.example", "javascript:x",
     "/\t/stranger.example", "/a\r\nSet-Cookie: x=y", "stranger.example", "", "/a b", "///stranger.example", "/x\\y",
     "http:/stranger.example", "//", "\t//stranger.example"],
)  # fmt: skip
async def test_after_sign_in_one_stays_here(browser: httpx2.AsyncClient, path: str) -> None:
    assert (await sign_in(browser, return_to=path)).headers["location"] == "/"


@given(st.text(alphabet="/\\:.ahtps \t\n@?#%x"))
def test_wherever_one_is_sent_it_is_this_origin(path: str) -> None:
    found = same_origin(path)
    parts = urlsplit(found)
    assert found.startswith("/") and not found.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme


def test_a_path_of_ours_is_kept() -> None:
    for path in ("/", "/intake/v1/reports?page=2", "/a/b#c", "/a//b", "/%2f%2fx"):
        assert same_origin(path) == path


# The issuer away, and how we show who we are


async def test_while_the_issuer_is_away_one_is_told_so_and_nothing_is_kept(mongo: Mongo) -> None:
    async with place(mongo, issuer="http://127.0.0.1:1/identity") as running, running.browser() as opened:
        answer = await opened.get("/sign-in")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "set-cookie" not in answer.headers and await running.documents("sign_ins") == []
        assert (await opened.get("/me", headers={"Authorization": "Bearer x"})).status_code == 401


@pytest.mark.parametrize("kind", ["secret", "key"])
async def test_our_pages_show_the_issuer_who_they_are(tmp_path: Path, kind: str) -> None:
    file = tmp_path / kind
    file.write_text("a-secret\n" if kind == "secret" else KEY.as_pem(private=True).decode())
    settings = Settings.model_validate({"environment": "local", "issuer": ISSUER, f"client_{kind}_file": file})
    client, seen = client_of(settings, issuer_of(settings)), []
    metadata = {name: f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    monkey = pytest.MonkeyPatch()
    monkey.setattr("shared.access.issuer.Issuer._ask", lambda *_: _soon(metadata | {"issuer": ISSUER}))

    async def send(_: Any, request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        body = {"access_token": "a", "token_type": "Bearer", "id_token": "proof"}
        return httpx2.Response(200, json=body, request=request)

    monkey.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", send)
    assert await client.redeem("code", "v" * 43) == "proof"
    monkey.undo()
    body = parse_qs(seen[0].content.decode())
    assert body["code_verifier"] == ["v" * 43]
    if kind == "secret":
        assert seen[0].headers["authorization"].startswith("Basic ") and "client_secret" not in body
    else:
        assert body["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
        assert body["client_assertion"][0].count(".") == 2


@pytest.mark.parametrize("kind", ["secret", "key"])
def test_a_file_that_cannot_be_used_is_said_at_once(tmp_path: Path, kind: str) -> None:
    for text in (None, "", json.dumps(KEY.as_dict(private=False)) if kind == "key" else " \n"):
        file = tmp_path / "file"
        if text is not None:
            file.write_text(text)
        with pytest.raises(UnfitSetting, match=f"VEILIG_CLIENT_{kind.upper()}_FILE"):
            credentials_of(Settings.model_validate({"environment": "local", f"client_{kind}_file": file}))


# Sessions and attempts by the clock


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=10)
CALLER = Caller(Role.POLICE, "agent-12", "", "eenheid-oost", "high")


async def test_a_session_ends_when_it_is_not_used_and_at_last_in_any_case(here: Place) -> None:
    clock = Clock()
    kept = Sessions(here.database.collection("access", "sessions"), idle=IDLE, longest=LONGEST, now=clock)
    left_alone, used = await kept.start(CALLER), await kept.start(CALLER)
    began = clock.now
    clock.now = began + IDLE - SECOND
    assert await kept.find(used) == CALLER
    clock.now = began + IDLE
    assert await kept.find(left_alone) is None and await kept.find(used) == CALLER
    while clock.now < began + LONGEST - IDLE:
        clock.now += IDLE - SEEN_AGAIN
        assert await kept.find(used) == CALLER
    clock.now = began + LONGEST - SECOND
    assert await kept.find(used) == CALLER
    clock.now = began + LONGEST
    assert await kept.find(used) is None
    assert {digest(left_alone), digest(used)}.isdisjoint(one["_id"] for one in await here.documents("sessions"))


async def test_a_sign_in_that_takes_too_long_begins_again(here: Place) -> None:
    clock, attempt = Clock(), Attempt("b", "v", "n", "/")
    attempts = Attempts(here.database.collection("access", "sign_ins"), now=clock)
    in_time, late = await attempts.begin(attempt), await attempts.begin(attempt)
    assert await attempts.take("unknown") is None
    clock.now += SIGN_IN_TAKES - SECOND
    assert await attempts.take(in_time) == attempt and await attempts.take(in_time) is None
    clock.now += SECOND
    assert await attempts.take(late) is None
