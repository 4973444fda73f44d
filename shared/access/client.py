"""Our pages as a client of the issuer: the address where a person signs in, and what the code is worth (authlib)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
from authlib.oauth2.rfc7523 import PrivateKeyJWT  # type: ignore[import-untyped]
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from shared.access.issuer import ANSWER_SECONDS, Issuer, IssuerAway
from shared.runtime.environment import Settings, UnfitSetting


class CodeRefused(Exception):
    """The issuer gives nothing for this code."""


@dataclass(frozen=True)
class Credentials:
    """How our pages show the issuer who they are: by a key, a secret, or not at all (then PKCE alone protects)."""

    client_id: str
    secret: str = ""
    key: RSAKey | ECKey | None = None


def credentials_of(settings: Settings) -> Credentials:
    """Those of this place. Raises `UnfitSetting` for a file that cannot be used."""
    if settings.client_key_file is not None:
        return Credentials(settings.client_id, key=_key(settings.client_key_file))
    if settings.client_secret_file is not None:
        return Credentials(settings.client_id, secret=_secret(settings.client_secret_file))
    return Credentials(settings.client_id)


def _key(file: Path) -> RSAKey | ECKey:
    for kind in (RSAKey, ECKey):
        with suppress(OSError, ValueError, JoseError):
            key: RSAKey | ECKey = kind.import_key(file.read_text())
            if key.is_private:
                return key
    raise UnfitSetting("VEILIG_CLIENT_KEY_FILE: this is not a file with a private key, RSA or EC (PEM)")


def _secret(file: Path) -> str:
    try:
        secret = file.read_text().strip()
    except (OSError, ValueError):
        secret = ""
    if not secret:
        raise UnfitSetting("VEILIG_CLIENT_SECRET_FILE: there is no secret to read")
    return secret


class Client:
    """Our pages. `redirect_uri`: where the issuer sends people back to; `level`: the least that is asked (`acr`)."""

    def __init__(
        self, issuer: Issuer, credentials: Credentials, redirect_uri: str, *, level: str, proxied: bool = True
    ) -> None:
        self.issuer = issuer
        self.client_id = credentials.client_id
        self._credentials = credentials
        self._redirect_uri = redirect_uri
        self._level = level
        self._proxied = proxied

    def _open(self, token_endpoint: str) -> Any:
        known, method = self._credentials, "none"
        if known.key is not None:
            method = PrivateKeyJWT(token_endpoint, alg="ES256" if isinstance(known.key, ECKey) else "RS256")
        elif known.secret:
            method = "client_secret_basic"
        return AsyncOAuth2Client(
            known.client_id,
            known.key or known.secret or None,
            token_endpoint_auth_method=method,
            redirect_uri=self._redirect_uri,
            scope="openid",
            code_challenge_method="S256",
            timeout=ANSWER_SECONDS,
            trust_env=self._proxied,
        )

    async def sign_in_url(self, state: str, nonce: str, verifier: str) -> str:
        """Where a person signs in; only a digest of `verifier` goes along (PKCE). Raises `IssuerAway`."""
        told = await self.issuer.metadata()
        async with self._open(told.token_endpoint) as client:
            url, _ = client.create_authorization_url(
                told.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier, acr_values=self._level
            )
        return str(url)

    async def redeem(self, code: str, verifier: str) -> str:
        """The proof of sign-in (id token, not checked yet) for a code. Raises `CodeRefused`, `IssuerAway`."""
        told = await self.issuer.metadata()
        try:
            async with self._open(told.token_endpoint) as client:
                got = await client.fetch_token(
                    told.token_endpoint, grant_type="authorization_code", code=code, code_verifier=verifier
                )
        except OAuthError as error:
            raise CodeRefused from error
        except (httpx2.HTTPError, ValueError) as error:
            raise IssuerAway from error
        proof = got.get("id_token")
        if not isinstance(proof, str):
            raise CodeRefused
        return proof


def client_of(settings: Settings, issuer: Issuer, under: str = "") -> Client:
    """Our pages at this place; `under`: the path that their sign-in stands under. Raises `UnfitSetting`."""
    return Client(
        issuer,
        credentials_of(settings),
        f"{settings.public_url.rstrip('/')}{under}/sign-in/callback",
        level=settings.least_level,
        proxied=not settings.local,
    )
