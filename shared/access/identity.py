"""Who a token is about: signature, issuer, audience, times and level are checked, then its claims become a caller.

Times are real time: the local clock, which can be moved, has no say here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, extract_compact
from joserfc.jwt import JWTClaimsRegistry

from shared.access.issuer import Issuer, UnknownKey
from shared.access.roles import Caller, Role, WrongRole
from shared.runtime import logs
from shared.runtime.environment import Settings, utc_now

log = logs.logger(__name__)

LEEWAY_SECONDS = 30
"""How far the issuer's clock may be from ours."""
LONGEST_TOKEN = 8192
ACCOUNT = re.compile(r"[a-z0-9-]{1,40}")
MUNICIPALITY = re.compile(r"(\d{4})?", re.ASCII)
UNIT = re.compile(r"[a-z0-9-]{0,40}")
TYPES = ("at+jwt", "application/at+jwt", "jwt")
"""What `typ` in the head of a token may say (RFC 9068, and what most issuers still write)."""

LEVELS = ("low", "substantial", "high")
EIDAS = "http://eidas.europa.eu/LoA/"


class NotSignedIn(Exception):
    """A token or session that does not count. Says no more: the reason is nobody's business but the log's."""


@dataclass(frozen=True)
class Rules:
    """What a token must be. The last four: names of claims."""

    audience: str
    algorithms: tuple[str, ...]
    least_level: str
    role: str = "role"
    account: str = "account"
    municipality: str = "municipality"
    unit: str = "unit"


def rules_of(settings: Settings) -> Rules:
    """The rules of this place."""
    return Rules(
        settings.audience,
        settings.token_algorithms,
        settings.least_level,
        settings.claim_role,
        settings.claim_account,
        settings.claim_municipality,
        settings.claim_unit,
    )


class Verifier:
    """Checks tokens of one issuer. `now`: real time (UTC)."""

    def __init__(self, issuer: Issuer, rules: Rules, *, now: Callable[[], datetime] = utc_now) -> None:
        self.issuer = issuer
        self.rules = rules
        self._now = now
        self._registry = JWSRegistry(algorithms=list(rules.algorithms), strict_check_header=False)

    async def caller(self, token: str) -> Caller:
        """Who an access token is about. Raises `NotSignedIn`, `WrongRole` for a role we do not know, `IssuerAway`."""
        claims = await self.claims(token, self.rules.audience, "jti")
        return self.caller_of(claims)

    async def claims(self, token: str, audience: str, *needed: str, nonce: str | None = None) -> Mapping[str, Any]:
        """What a signed token says, when it counts and is for this audience. Raises `NotSignedIn`, `IssuerAway`."""
        try:
            if len(token) > LONGEST_TOKEN:
                raise ValueError("too long")
            key = await self.issuer.key(self._kid(token))
            claims = jwt.decode(token, key, registry=self._registry).claims
            self._check(claims, audience, needed, nonce)
        # A token is whatever somebody sent: no error in reading it may be a fault of ours.
        except (JoseError, UnknownKey, ValueError, TypeError, KeyError, RecursionError) as error:
            log.warning("token_rejected", error=type(error).__name__)
            raise NotSignedIn from None
        return claims

    def _kid(self, token: str) -> str:
        # Not checked yet: it only chooses the key, and only after everything else in the head is as it must be.
        head = extract_compact(token.encode("ascii")).headers()
        kid, kind = head.get("kid"), head.get("typ", "jwt")
        if head.get("alg") not in self.rules.algorithms or not isinstance(kid, str):
            raise ValueError("alg or kid")
        if not isinstance(kind, str) or kind.lower() not in TYPES:
            raise ValueError("typ")
        return kid

    def _check(self, claims: dict[str, Any], audience: str, needed: tuple[str, ...], nonce: str | None) -> None:
        def moment() -> int:
            return int(self._now().timestamp())

        essential: dict[str, Any] = {name: {"essential": True} for name in ("exp", "iat", "sub", *needed)}
        essential |= {
            "iss": {"essential": True, "value": self.issuer.url},
            "aud": {"essential": True, "value": audience},
        }
        if nonce is not None:
            essential["nonce"] = {"essential": True, "value": nonce}
        JWTClaimsRegistry(now=moment, leeway=LEEWAY_SECONDS, **essential).validate(claims)
        if LEVELS.index(level_of(claims)) < LEVELS.index(self.rules.least_level):
            raise ValueError("acr")

    def caller_of(self, claims: Mapping[str, Any]) -> Caller:
        """The caller in claims that were checked. Raises `NotSignedIn`, and `WrongRole` for a role we do not know."""
        rules, role = self.rules, claims.get(self.rules.role)
        account = _text(claims, rules.account, ACCOUNT)
        municipality, unit = _text(claims, rules.municipality, MUNICIPALITY), _text(claims, rules.unit, UNIT)
        if not isinstance(role, str) or role not in {known.value for known in Role}:
            log.warning("token_rejected", error="unknown_role")
            raise WrongRole
        return Caller(Role(role), account, municipality, unit, level_of(claims))


def level_of(claims: Mapping[str, Any]) -> str:
    """The level of assurance in claims, as one of `LEVELS`. Raises `ValueError`."""
    level = str(claims.get("acr", "")).removeprefix(EIDAS)
    if level not in LEVELS:
        raise ValueError("acr")
    return level


def _text(claims: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str) or not pattern.fullmatch(value):
        log.warning("token_rejected", error="unfit_claim")
        raise NotSignedIn
    return value
