"""Settings, each read from the environment, and the clock that everything tells time by."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.runtime.strength import check_keys

NOBODYS_OIN = "0" * 20
"""The organisation number of nobody, for trying out."""


class Settings(BaseSettings):
    """Everything that differs between places. Read from `VEILIG_...`; `docs/settings.md` lists each field."""

    model_config = SettingsConfigDict(env_prefix="VEILIG_", frozen=True, hide_input_in_errors=True)

    environment: Literal["local", "production"] = Field(
        "production", description="`local` allows the movable clock and example keys; anything else refuses both."
    )
    kafka_bootstrap_servers: str = Field("127.0.0.1:19092", description="Kafka addresses, comma separated.")
    kafka_idempotence: bool = Field(True, description="Idempotent producer; the embedded broker has none.")
    kafka_fetch_max_wait_ms: int = Field(
        500, description="Longest wait of a fetch, in milliseconds; 20 on the embedded broker."
    )
    kafka_replication: int = Field(3, ge=1, description="Replicas of a topic; 1 where there is one broker.")
    kafka_create_topics: bool = Field(False, description="Create missing topics at start.")
    instance: str = Field(
        "", description="Name of this process among its equals; with it a restart takes its partitions back at once."
    )
    kafka_session_timeout_ms: int = Field(
        10_000, ge=1_000, description="How long a silent consumer keeps its partitions, in milliseconds."
    )
    broker_forgets: bool = Field(
        False, description="The broker keeps nothing over a restart: publish open cases again when it is empty."
    )
    mongo_url: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:37017/?w=majority&journal=true"), description="MongoDB address."
    )
    mongo_url_file: Path | None = Field(
        None,
        description="File with the MongoDB address instead; outside local mode an address with a password needs it.",
    )
    mongo_driver: Literal["motor", "pymongo"] = Field(
        "motor", description="Driver: `motor`, or its successor `pymongo` (AsyncMongoClient)."
    )
    database_prefix: str = Field("veilig", description="Database names start with this; one database per module.")
    secrets_file: Path | None = Field(
        None, description="JSON file with `reference_key` and `partner_key`, 64 hexadecimal digits each."
    )
    oin: str = Field(NOBODYS_OIN, pattern=r"^\d{20}$", description="Organisation number in the source of each event.")
    public_url: str = Field("http://127.0.0.1:8080", description="Address that partners fetch details from.")
    schema_url: str = Field(
        "https://veiligbestuur.example/schemas", description="Where the JSON Schemas of the events are published."
    )
    municipalities: tuple[str, ...] = Field(
        (), description='CBS codes of municipalities with a topic of their own, as JSON: `["9901"]`.'
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, description="Port to listen on.")
    trusted_proxies: str = Field(
        "",
        description="Addresses of our own reverse proxies, comma separated; only these are believed about who called.",
    )
    rate_limit_factor: float | None = Field(
        None, gt=0, description="Multiplies every limit in `shared/web/limits.toml`. Not set: 1, in local mode 1000."
    )
    lease_seconds: float = Field(30.0, gt=0, description="How long a relay may hold a case's outbox, in seconds.")
    sweep_seconds: float = Field(1.0, gt=0, description="Pause between looks for outboxes left by a crash.")
    clock_tick_seconds: float = Field(0.25, gt=0, description="Pause between looks for deadlines that passed.")
    hold_seconds: float = Field(
        5.0, gt=0, description="Longest pause between tries while database or broker are away, in seconds."
    )
    graceful_seconds: float = Field(15.0, gt=0, description="Time a running handler gets to finish at shutdown.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")

    @model_validator(mode="before")
    @classmethod
    def _address_from_file(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("mongo_url_file"):
            return given | {"mongo_url": _read(Path(given["mongo_url_file"]), "VEILIG_MONGO_URL_FILE")}
        return given

    @model_validator(mode="after")
    def _fit_for_real_data(self) -> Settings:
        if self.local:
            return self
        if self.secrets_file is None:
            raise ValueError("VEILIG_SECRETS_FILE is needed outside local mode: there are no default keys")
        keys = self.keys()
        check_keys({"reference_key": keys.reference, "partner_key": keys.partner})
        if self.oin == NOBODYS_OIN:
            raise ValueError("VEILIG_OIN is needed outside local mode: twenty zeros are nobody's number")
        if self.mongo_url_file is None and urlsplit(self.mongo_url.get_secret_value()).password:
            raise ValueError("a MongoDB address with a password comes from VEILIG_MONGO_URL_FILE outside local mode")
        return self

    @property
    def local(self) -> bool:
        """Whether the local demonstration's freedoms are allowed."""
        return self.environment == "local"

    def keys(self) -> Keys:
        """The keys from the secrets file; in local mode without a file, new ones for this process."""
        if self.secrets_file is None:
            return Keys(secrets.token_bytes(32), secrets.token_bytes(32))
        try:
            found = json.loads(_read(self.secrets_file, "VEILIG_SECRETS_FILE"))
            return Keys(*(bytes.fromhex(found[name]) for name in ("reference_key", "partner_key")))
        except (KeyError, TypeError, json.JSONDecodeError):
            # The text of the error may hold a part of a key.
            raise ValueError("VEILIG_SECRETS_FILE is not JSON with reference_key and partner_key") from None


def _read(file: Path, setting: str) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"the file of {setting} cannot be read") from None


class Keys:
    """`reference`: makes our own document ids. `partner`: root of the partners' keys. Never printed."""

    def __init__(self, reference: bytes, partner: bytes) -> None:
        if len(reference) != 32 or len(partner) != 32:
            raise ValueError("reference_key and partner_key must have 64 hexadecimal digits each")
        self.reference = reference
        self.partner = partner


def utc_now() -> datetime:
    """Now, in UTC. Leases and tokens use this one, which nobody can move."""
    return datetime.now(UTC)


class Clock:
    """The time that rules go by (UTC): real time plus an offset that only local mode may move forward."""

    def __init__(self, *, movable: bool = False, real: Callable[[], datetime] = utc_now) -> None:
        self._movable = movable
        self._real = real
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """Now, with the offset."""
        return self._real() + self.offset

    def set_offset(self, offset: timedelta) -> None:
        """Moves the clock. Raises `PermissionError` outside local mode and when time would go back."""
        if not self._movable:
            raise PermissionError("the clock can only be moved in local mode")
        if offset < self.offset:
            raise PermissionError("the clock cannot go back")
        self.offset = offset
