"""The gate of every service: a bearer token for machines, a session for our own pages, or nobody."""

from __future__ import annotations

import hmac
from contextlib import suppress
from datetime import timedelta
from typing import NoReturn

from fastapi import HTTPException, Request

from shared.access.identity import NotSignedIn, Verifier, rules_of
from shared.access.issuer import Issuer, IssuerAway, client_of_environment, direct_client, read_keys
from shared.access.roles import Caller, WrongRole
from shared.access.sessions import Sessions, csrf_token
from shared.runtime.environment import Settings, UnfitSetting
from shared.runtime.mongo import Database

RETRY_SECONDS = 5
READING = ("GET", "HEAD", "OPTIONS")
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def refuse() -> NoReturn:
    """401, with the same words whatever the reason."""
    raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"}) from None


def issuer_away() -> NoReturn:
    """503: it is not the caller's fault, and another try may help."""
    raise HTTPException(
        503,
        "Wij kunnen nu niet nagaan wie u bent. Er is niets opgeslagen. Probeer het zo nog eens. "
        "Direct gevaar? Bel 112.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    ) from None


class Door:
    """Lets callers in. `cookie`: name of the session's cookie."""

    def __init__(self, verifier: Verifier, sessions: Sessions, cookie: str) -> None:
        self.verifier = verifier
        self.sessions = sessions
        self.cookie = cookie

    async def caller(self, request: Request) -> Caller | None:
        """The caller, or None without credentials. Raises 401, 403 (no CSRF token) and 503 (issuer away).

        A token goes before a session. A session that has ended is no session: a browser keeps sending its cookie, and
        that must not stop anybody from reporting danger.
        """
        found = await self.recognised(request)
        if found is not None and request.method not in READING and not request.headers.getlist("authorization"):
            await check_csrf(request, request.cookies.get(self.cookie, ""))
        return found

    async def recognised(self, request: Request) -> Caller | None:
        """Who sends this, before the token of a form was read: to know how much they may send. Raises 401, 503.

        Nothing may be done or shown on this alone.
        """
        given = request.headers.getlist("authorization")
        if given:
            return await self._by_token(given)
        session_id = request.cookies.get(self.cookie, "")
        return await self.sessions.find(session_id) if session_id else None

    async def _by_token(self, given: list[str]) -> Caller:
        scheme, _, token = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer":
            refuse()
        try:
            return await self.verifier.caller(token.strip())
        except NotSignedIn:
            refuse()
        except WrongRole:
            raise HTTPException(403, "Deze rol mag dit niet.") from None
        except IssuerAway:
            issuer_away()


async def check_csrf(request: Request, session_id: str) -> None:
    """Raises 403 unless the request carries the token of this session, in the header or in its form."""
    given = request.headers.get(CSRF_HEADER, "")
    if not given and request.headers.get("content-type", "").partition(";")[0].strip().lower() in FORMS:
        with suppress(RuntimeError):  # the form was read already
            await request.body()  # first, so that whoever comes after us can read it again
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not hmac.compare_digest(given.encode(), csrf_token(session_id).encode()):
        raise HTTPException(403, "Deze pagina is niet meer geldig. Laad de pagina opnieuw en probeer het nog eens.")


def cookie_name(settings: Settings, name: str = "session") -> str:
    """`__Host-session`; in local mode without https a browser takes no such cookie."""
    return f"__Host-{name}" if secure(settings) else name


def secure(settings: Settings) -> bool:
    """Whether cookies go over https only."""
    return not settings.local or settings.public_url.startswith("https://")


def issuer_of(settings: Settings) -> Issuer:
    """The issuer of this place. Raises `UnfitSetting` for a file of keys that cannot be used."""
    if settings.jwks_file is not None:
        try:
            read_keys(settings.jwks_file)
        except (OSError, ValueError):
            raise UnfitSetting("VEILIG_JWKS_FILE: this is not a file with public keys (JWKS)") from None
    client = direct_client if settings.local else client_of_environment
    return Issuer(settings.issuer_url, jwks_file=settings.jwks_file, client=client)


def sessions_of(settings: Settings, database: Database, module: str = "access") -> Sessions:
    """The sessions, which all services on one database share."""
    return Sessions(
        database.collection(module, "sessions"),
        idle=timedelta(minutes=settings.session_idle_minutes),
        longest=timedelta(hours=settings.session_hours),
    )


def door_of(settings: Settings, database: Database, *, module: str = "access", cookie: str = "session") -> Door:
    """The gate of a service. Who keeps sessions apart from the rest names a module and a cookie of its own.

    Raises `UnfitSetting`.
    """
    verifier = Verifier(issuer_of(settings), rules_of(settings))
    return Door(verifier, sessions_of(settings, database, module), cookie_name(settings, cookie))
