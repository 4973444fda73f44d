"""The local issuer: discovery, keys, a page to choose a person, and tokens. No passwords: it is for trying out."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

import hmac
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from fastapi import FastAPI, Form, HTTPException, Query
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, Field

from deploy.identity.people import Example, Who, people
from deploy.identity.tokens import ALGORITHM, LIFETIME_SECONDS, Signer, signing_key
from shared.access.identity import ACCOUNT, LEVELS, MUNICIPALITY, UNIT
from shared.access.roles import Role
from shared.runtime.environment import Keys, Settings
from shared.web.headers import origin
from shared.web.http import finish
from shared.web.tracing import NO_TELEMETRY

TEMPLATES = Path(__file__).with_name("templates")
CODE_SECONDS = 60.0
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
PAGE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

Text = Annotated[str, Field(max_length=2048)]


class LocalOnlyError(ValueError):
    """Somebody tried to make this issuer outside local mode."""


class Question(BaseModel):
    """What our pages ask when they send somebody here. What else they say is ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    client_id: Text = ""
    response_type: Text = ""
    redirect_uri: Text = ""
    state: Text = ""
    nonce: Text = ""
    code_challenge: Text = ""
    code_challenge_method: Text = ""


class Choice(Question):
    """The same, and who was chosen on the page."""

    account: Text = ""


class TokenRequest(BaseModel):
    """A code to redeem, or whom a machine wants to be. The rules for errors are those of OAuth: a word each."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    grant_type: Text = ""
    client_id: Text = ""
    code: Text = ""
    redirect_uri: Text = ""
    code_verifier: Text = ""
    role: Text = ""
    account: Text = ""
    municipality: Text = ""
    unit: Text = ""
    level: Text = "substantial"

    def who(self) -> Who | None:
        """Whom a machine wants to be, if that is somebody who can be."""
        fits = (
            ACCOUNT.fullmatch(self.account) and MUNICIPALITY.fullmatch(self.municipality) and UNIT.fullmatch(self.unit)
        )
        if not fits or self.role not in {one.value for one in Role} or self.level not in LEVELS:
            return None
        return Who(self.role, self.account, self.municipality, self.unit, self.level)


@dataclass(frozen=True)
class Granted:
    """What a code is worth. `until`: a moment of the monotonic clock, in seconds."""

    who: Who
    redirect_uri: str
    challenge: str
    nonce: str
    until: float


class Provider:
    """The issuer of one local stack. Raises `LocalOnlyError` outside local mode."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        if not settings.local:
            raise LocalOnlyError("the sign-in with example people is for local mode only")
        self.url = settings.built_in_issuer
        self.client_id, self.audience = settings.client_id, settings.audience
        self.signer = Signer(self.url, signing_key(keys.reference))
        self.people: dict[str, Example] = {one.account: one for one in people()}
        self._origin = origin(settings.public_url)
        self._codes: dict[str, Granted] = {}

    def metadata(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "subject_types_supported": ["public"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "acr_values_supported": list(LEVELS),
            "authorization_response_iss_parameter_supported": True,
        }

    def check(self, asked: Question) -> None:
        """Raises 400 for a question that is not one of our own pages'. Nobody is sent on with an error."""
        good = (
            asked.client_id == self.client_id
            and asked.response_type == "code"
            and asked.code_challenge_method == "S256"
            and CHALLENGE.fullmatch(asked.code_challenge)
            and origin(asked.redirect_uri) == self._origin
            and asked.state
        )
        if not good:
            raise HTTPException(400, "Deze vraag om in te loggen klopt niet. Begin opnieuw.")

    def grant(self, choice: Choice) -> str:
        """Gives a code for a person of the page; returns where the browser goes with it. Raises 400."""
        if choice.account not in self.people:
            raise HTTPException(400, "Kies een persoon van de lijst.")
        who, now = self.people[choice.account].who, time.monotonic()
        self._codes = {code: one for code, one in self._codes.items() if one.until > now}
        code, until = secrets.token_urlsafe(32), now + CODE_SECONDS
        self._codes[code] = Granted(who, choice.redirect_uri, choice.code_challenge, choice.nonce, until)
        more = urlencode({"code": code, "state": choice.state, "iss": self.url})
        return f"{choice.redirect_uri}{'&' if '?' in choice.redirect_uri else '?'}{more}"

    def redeem(self, asked: TokenRequest) -> Granted | None:
        """What a code is worth, once: also a wrong try uses it up."""
        granted = self._codes.pop(asked.code, None)
        if granted is None or granted.until <= time.monotonic():
            return None
        if (asked.client_id, asked.redirect_uri) != (self.client_id, granted.redirect_uri):
            return None
        made = create_s256_code_challenge(asked.code_verifier)
        return granted if hmac.compare_digest(made, granted.challenge) else None

    def bearer(self, who: Who, **more: str) -> Response:
        """The answer with an access token."""
        token = self.signer.access_token(who, self.audience)
        body = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS} | more
        return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _no(error: str) -> Response:
    return JSONResponse({"error": error}, 400, headers={"Cache-Control": "no-store"})


def build(settings: Settings, keys: Keys) -> FastAPI:
    """The issuer as an ASGI app, to be mounted at `/identity`. Raises `LocalOnlyError` outside local mode."""
    provider = Provider(settings, keys)
    app = FastAPI(
        title="Local issuer", redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None,
        telemetry=NO_TELEMETRY,
    )  # fmt: skip
    finish(app, settings.public_url)
    app.state.provider = provider
    _add_metadata(app, provider)
    _add_page(app, provider)
    _add_tokens(app, provider)
    return app


def _add_metadata(app: FastAPI, provider: Provider) -> None:
    @app.get("/.well-known/openid-configuration")
    async def configuration() -> dict[str, Any]:
        return provider.metadata()

    @app.get("/jwks")
    async def jwks() -> dict[str, Any]:
        return dict(provider.signer.keys())


def _add_page(app: FastAPI, provider: Provider) -> None:
    page = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined).get_template(
        "authorize.html"
    )

    @app.get("/authorize")
    async def choose(question: Annotated[Question, Query()]) -> Response:
        provider.check(question)
        shown = page.render(
            hidden=question.model_dump(), people=provider.people.values(), action=f"{provider.url}/authorize"
        )
        return HTMLResponse(shown, headers={"Content-Security-Policy": PAGE_POLICY})

    @app.post("/authorize")
    async def chosen(choice: Annotated[Choice, Form()]) -> Response:
        provider.check(choice)
        return RedirectResponse(provider.grant(choice), 303)


def _add_tokens(app: FastAPI, provider: Provider) -> None:
    @app.post("/token")
    async def token(asked: Annotated[TokenRequest, Form()]) -> Response:
        if asked.grant_type == "authorization_code":
            granted = provider.redeem(asked)
            if granted is None:
                return _no("invalid_grant")
            proof = provider.signer.id_token(granted.who, provider.client_id, granted.nonce)
            return provider.bearer(granted.who, id_token=proof)
        if asked.grant_type != "client_credentials":
            return _no("unsupported_grant_type")
        who = asked.who()
        return _no("invalid_request") if who is None else provider.bearer(who)
