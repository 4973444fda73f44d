"""Settings of the line alone, read from `VEILIG_LINE_...`: its own database, its own keys, its own number.

No other service reads these, and the line uses none of the keys of the chain (INV-8).
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.aftercare.confidential_line.codes import COST
from shared.runtime.environment import Keys, Settings


class LineSettings(BaseSettings):
    """What differs between places; `docs/settings.md` lists each field."""

    model_config = SettingsConfigDict(env_prefix="VEILIG_LINE_", frozen=True, hide_input_in_errors=True)

    mongo_url: SecretStr | None = Field(None, description="MongoDB address of the line; without: `VEILIG_MONGO_URL`.")
    secrets_file: Path | None = Field(
        None, description="JSON file with the line's own `wrapping_keys` (version to key) and `mark_key`."
    )
    number: str = Field(
        "", pattern=r"^[0-9 ()+-]{0,30}$", description="Telephone number of the line; without one none is shown."
    )
    path: str = Field(
        "/gesprek", pattern=r"^(/[a-z0-9-]+)*$", description="Path the line is served under; it should tell nothing."
    )
    desk_path: str = Field(
        "/balie", pattern=r"^/[a-z0-9-]+$", description="Path the confidants' pages are served under; not below `path`."
    )
    code_cost: int = Field(COST, ge=2, description="Work of the hash of a return code (scrypt `n`, a power of two).")

    def keys(self, *, local: bool) -> LineKeys:
        """The line's keys; in local mode without a file, new ones. Raises `ValueError` elsewhere without a file."""
        if self.secrets_file is not None:
            return LineKeys.read(self.secrets_file)
        if not local:
            raise ValueError("VEILIG_LINE_SECRETS_FILE is needed outside local mode: there are no default keys")
        return LineKeys({1: secrets.token_bytes(32)}, secrets.token_bytes(32))

    def of_service(self, settings: Settings) -> Settings:
        """The settings that the line's process runs on: those of the place, with its own database and without traces:

        that somebody talked, and when, is nobody's to see.
        """
        own = {} if self.mongo_url is None else {"mongo_url": self.mongo_url}
        return settings.model_copy(update={"traces_url": ""} | own)


@dataclass(frozen=True, repr=False)
class LineKeys:
    """`wrapping`: version -> key that wraps contacts' keys. `mark`: root of everything that is looked up by."""

    wrapping: dict[int, bytes]
    mark: bytes

    def __post_init__(self) -> None:
        if not self.wrapping or {len(key) for key in (*self.wrapping.values(), self.mark)} != {32}:
            raise ValueError("wrapping_keys (at least one) and mark_key must have 64 hexadecimal digits each")

    @classmethod
    def read(cls, file: Path) -> Self:
        """From a file such as `{"wrapping_keys": {"1": "..."}, "mark_key": "..."}`."""
        found = json.loads(file.read_text())
        wrapping = {int(version): bytes.fromhex(key) for version, key in found["wrapping_keys"].items()}
        return cls(wrapping, bytes.fromhex(found["mark_key"]))

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose: codes, desks or weeks."""
        return HKDF(SHA256(), 32, salt=None, info=f"confidential-line {purpose}".encode()).derive(self.mark)

    def of_service(self) -> Keys:
        """What the runtime wants: ids of weeks are made with the first; there are no partners here."""
        return Keys(self.derived("weeks"), self.derived("partners"))
