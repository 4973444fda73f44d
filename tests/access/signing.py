"""The test issuer: a key of this test run, tokens signed with it, and the file by which services know it."""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.access.purposes import stating_purpose
from shared.access.roles import Role
from shared.runtime.environment import Settings

ISSUER = "https://issuer.test"
KEY = ECKey.generate_key("P-256", auto_kid=True)
LIFETIME_SECONDS = 3600
ORGANISATIONS = Path(__file__).with_name("organisations.toml")


@lru_cache(maxsize=1)
def jwks_file() -> Path:
    """The issuer's public key, in a file."""
    folder = Path(tempfile.mkdtemp(prefix="issuer-"))
    file = folder / "jwks.json"
    file.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    return file


def claims(
    role: str, actor: str = "account-1", municipality: str = "", unit: str = "", /, **other: Any
) -> dict[str, Any]:
    """What a good token says; `other` replaces or adds, None leaves out."""
    now = int(time.time())
    found = {
        "iss": ISSUER, "aud": "veilig-bestuur", "sub": actor or "nobody", "jti": uuid.uuid4().hex,
        "iat": now, "exp": now + LIFETIME_SECONDS, "acr": "substantial", "role": role, "account": actor,
        "municipality": municipality, "unit": unit,
    } | other  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def sign(said: dict[str, Any], key: Any = KEY, **head: Any) -> str:
    """A token that says this; `head` replaces or adds, None leaves out."""
    top = {"alg": "ES256", "kid": KEY.kid, "typ": "at+jwt"} | head
    top = {name: value for name, value in top.items() if value is not None}
    return jwt.encode(top, said, key, algorithms=[top["alg"]], default_type=None)


@lru_cache(maxsize=2048)
def _token(role: str, actor: str, municipality: str, unit: str, era: int) -> str:
    """One token per half lifetime: a long run of tests never meets one that ran out."""
    return sign(claims(role, actor, municipality, unit))


UNIT = "eenheid-oost"
"""The police unit of municipality 9901 in the example (deploy/local/organisations.toml)."""


def signed(role: str, actor: str = "account-1", municipality: str = "", unit: str = UNIT) -> dict[str, str]:
    """The header of a caller whose token is good."""
    purpose = stating_purpose(Role(role)) if role in {one.value for one in Role} else {}
    era = int(time.monotonic() / (LIFETIME_SECONDS / 2))
    return {"Authorization": f"Bearer {_token(role, actor, municipality, unit, era)}"} | purpose


def local_settings(**other: Any) -> Settings:
    """Settings of a service in local mode that takes the test issuer's tokens."""
    known = {"issuer": ISSUER, "jwks_file": jwks_file(), "organisations_file": ORGANISATIONS}
    return Settings.model_validate({"environment": "local"} | known | other)
