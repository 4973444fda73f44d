"""What the local issuer signs: access tokens and proofs of sign-in (id tokens)."""

from __future__ import annotations

import secrets
import time
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.identity.people import Who
from shared.access.identity import EIDAS

ALGORITHM = "ES256"
LIFETIME_SECONDS = 600
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256: a private key is a number below it."""


def signing_key(secret: bytes) -> ECKey:
    """The local issuer's key, the same for the same secret: tokens outlive a restart of the services."""
    # 16 bytes more than the order has, so that no remainder is likelier than another (FIPS 186-5, A.2.1).
    number = int.from_bytes(HKDF(SHA256(), 48, None, b"local issuer").derive(secret), "big")
    key = ECKey.import_key(_pem(number % (ORDER - 1) + 1))
    key.ensure_kid()
    return key


def _pem(number: int) -> bytes:
    return ec.derive_private_key(number, ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Signer:
    """Signs for one issuer."""

    def __init__(self, issuer: str, key: ECKey) -> None:
        self.issuer = issuer
        self._key = key

    def keys(self) -> Any:
        """The public key, as a JWKS."""
        return KeySet([self._key]).as_dict(private=False)

    def access_token(self, who: Who, audience: str) -> str:
        """A token that the services take, for ten minutes of real time."""
        return self._sign("at+jwt", who, {"aud": audience, "jti": secrets.token_hex(16)})

    def id_token(self, who: Who, client_id: str, nonce: str) -> str:
        """A proof of sign-in for the pages that asked for it with this nonce."""
        return self._sign("JWT", who, {"aud": client_id, "nonce": nonce})

    def _sign(self, kind: str, who: Who, more: dict[str, str]) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {"iss": self.issuer, "sub": who.account, "iat": now, "exp": now + LIFETIME_SECONDS}
        claims |= {"acr": EIDAS + who.level, "role": who.role, "account": who.account} | more
        claims |= {name: getattr(who, name) for name in ("municipality", "unit") if getattr(who, name)}
        head = {"alg": ALGORITHM, "kid": self._key.kid, "typ": kind}
        return jwt.encode(head, claims, self._key, algorithms=[ALGORITHM], default_type=None)
