"""Signing in on our pages: OpenID Connect, authorization code with PKCE; the browser gets a session and no token."""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

import hmac
import re
from collections.abc import Collection
from typing import Annotated, Any, NoReturn, Protocol
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from shared.access.client import Client, CodeRefused, client_of
from shared.access.gate import Door, check_csrf, door_of, issuer_away, secure
from shared.access.identity import NotSignedIn
from shared.access.issuer import IssuerAway
from shared.access.roles import Caller, Role, WrongRole
from shared.access.sessions import SIGN_IN_TAKES, Attempt, Attempts, digest, fresh
from shared.privacy.security_log import Act, Result
from shared.runtime.environment import Settings
from shared.runtime.mongo import Database

HOME = "/"
AGAIN = "Het inloggen is niet gelukt. Begin opnieuw met inloggen. Direct gevaar? Bel 112."
NOTHING_HERE = "Met dit account kunt u hier niets doen."
SEE_OTHER = 303

Text = Annotated[str, Query(max_length=2048)]


def same_origin(path: str) -> str:
    """The path, when it can only be one of ours; else the start page."""
    parts = urlsplit(path)
    own = path.startswith("/") and not parts.scheme and not parts.netloc
    # `//other.example` and `/\\other.example` lead to another place; browsers drop tabs and line ends first.
    return path if own and not re.search(r"^/[/\\]|[\\\x00-\x20\x7f]", path) else HOME


def _again() -> NoReturn:
    raise HTTPException(400, AGAIN) from None


class Note(Protocol):
    """Writes a line in the security log; raises when it may not be stored, and then nobody signs in."""

    async def __call__(self, action: Act, object_: str, result: Result, *, actor: str = "", role: str = "") -> None: ...


class Desk:
    """Begins sign-ins, takes them back once, and makes sessions of them.

    `home`: where who signed out goes; `roles`: of the others no session is made, and nothing is kept.
    """

    def __init__(
        self, door: Door, client: Client, attempts: Attempts, note: Note, *, secure: bool, home: str = HOME,
        roles: Collection[Role] = tuple(Role),
    ) -> None:  # fmt: skip
        self.home, self._roles = home, roles
        self.door = door
        self.client = client
        self.attempts = attempts
        self.note = note
        self._secure = secure
        self._cookie = "__Host-sign-in" if secure else "sign-in"

    async def begin(self, return_to: str) -> Response:
        """Sends the browser to the issuer, with a secret of its own that must come back with the answer."""
        browser, verifier, nonce = fresh(), fresh(), fresh()
        try:
            await self.client.issuer.metadata()  # first: an issuer that is away leaves nothing behind
            state = await self.attempts.begin(Attempt(digest(browser), verifier, nonce, same_origin(return_to)))
            answer = RedirectResponse(await self.client.sign_in_url(state, nonce, verifier), SEE_OTHER)
        except IssuerAway:
            issuer_away()
        self._set(answer, self._cookie, browser, max_age=int(SIGN_IN_TAKES.total_seconds()))
        return answer

    async def finish(self, request: Request, code: str, state: str, issuer: str) -> Response:
        """Makes a session of what came back. Raises 400 for anything that is not the answer to this browser's own."""
        attempt = await self.attempts.take(state)
        browser = request.cookies.get(self._cookie, "")
        if attempt is None or not hmac.compare_digest(attempt.browser, digest(browser)):
            _again()
        if not code or (issuer and issuer != self.client.issuer.url):
            _again()
        caller = await self._caller(code, attempt)
        if caller.role not in self._roles:
            raise HTTPException(403, NOTHING_HERE)
        await self.note(Act.SIGN_IN, "pages", "done", actor=caller.actor, role=caller.role)
        await self._end(request)  # who was signed in here is no longer
        answer = RedirectResponse(attempt.return_to, SEE_OTHER)
        self._set(answer, self.door.cookie, await self.door.sessions.start(caller))
        self._drop(answer, self._cookie)
        return answer

    async def _caller(self, code: str, attempt: Attempt) -> Caller:
        try:
            proof = await self.client.redeem(code, attempt.verifier)
            claims = await self.door.verifier.claims(proof, self.client.client_id, nonce=attempt.nonce)
            if claims.get("azp", self.client.client_id) != self.client.client_id:
                _again()
            return self.door.verifier.caller_of(claims)
        except (CodeRefused, NotSignedIn):
            _again()
        except WrongRole:
            raise HTTPException(403, NOTHING_HERE) from None
        except IssuerAway:
            issuer_away()

    async def leave(self, request: Request) -> Response:
        """Ends the session. Raises 403 without the CSRF token: nobody else's page signs a person out."""
        session_id = request.cookies.get(self.door.cookie, "")
        caller = await self.door.sessions.find(session_id) if session_id else None
        if caller is not None:
            await check_csrf(request, session_id)
            await self.note(Act.SIGN_OUT, "pages", "done", actor=caller.actor, role=caller.role)
        await self._end(request)
        answer = RedirectResponse(self.home, SEE_OTHER)
        self._drop(answer, self.door.cookie)
        return answer

    async def _end(self, request: Request) -> None:
        session_id = request.cookies.get(self.door.cookie, "")
        if session_id:
            await self.door.sessions.end(session_id)

    def _set(self, answer: Response, name: str, value: str, **more: Any) -> None:
        answer.set_cookie(name, value, path="/", secure=self._secure, httponly=True, samesite="lax", **more)

    def _drop(self, answer: Response, name: str) -> None:
        answer.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="lax")


def sign_in_routes(settings: Settings, database: Database, note: Note) -> APIRouter:
    """The sign-in of all pages. Raises `UnfitSetting`."""
    return door_routes(settings, door_of(settings, database), Attempts(database.collection("access", "sign_ins")), note)


def door_routes(
    settings: Settings, door: Door, attempts: Attempts, note: Note, under: str = "",
    roles: Collection[Role] = tuple(Role),
) -> APIRouter:  # fmt: skip
    """`/sign-in`, `/sign-in/callback` and `/sign-out` at this door, served `under` a path, for these roles.

    `note`: of the security log. Raises `UnfitSetting`.
    """
    client = client_of(settings, door.verifier.issuer, under)
    desk = Desk(door, client, attempts, note, secure=secure(settings), home=f"{under}/", roles=roles)
    router = APIRouter(tags=["sign-in"])

    @router.get("/sign-in", summary="To the issuer, to sign in")
    async def begin(return_to: Annotated[Text, Query(alias="returnTo")] = HOME) -> Response:
        return await desk.begin(return_to)

    @router.get("/sign-in/callback", summary="Back from the issuer")
    async def finish(request: Request, code: Text = "", state: Text = "", iss: Text = "") -> Response:
        return await desk.finish(request, code, state, iss)

    @router.post("/sign-out", summary="End the session")
    async def leave(request: Request) -> Response:
        return await desk.leave(request)

    return router
